#include "alert/store_retain.h"

#include "alert/store_db.h"

#include <stdio.h>

#define ALERTS_SLICE 100
#define ASSETS_SLICE 100        /* each with what it said */
#define ROWS_SLICE 500
#define RUNS_SLICE 8
#define SLICE_BYTES (512u << 10)        /* of JSON: a step must not fill the WAL */
#define LIVE_RUNS "(SELECT id FROM runs WHERE live)"

struct slice {
	int64_t id[ROWS_SLICE];
	unsigned n;
	bool more;                      /* there may be more of them */
};

/* The ids that a query names, at most as many as it has parameter ?3; its second column is their size. */
static int choose(struct db *c, struct diag *d, struct slice *s, const char *sql, int64_t a, int64_t b, unsigned most)
{
	sqlite3_stmt *st;
	int64_t bytes = 0;
	int rc = SQLITE_DONE, err = db_query(c, d, &st, sql, "uuu", (uint64_t)a, (uint64_t)b, (uint64_t)most);

	s->n = 0;
	if (err)
		return err;
	while (s->n < most && bytes < SLICE_BYTES && (rc = sqlite3_step(st)) == SQLITE_ROW) {
		s->id[s->n++] = sqlite3_column_int64(st, 0);
		bytes += sqlite3_column_int64(st, 1);
	}
	s->more = s->n == most || bytes >= SLICE_BYTES;
	return db_query_end(c, d, st, rc);
}

/* Statements over each id, in turn. removed[i]: rows that statement i took, may be NULL. */
static int for_each(struct db *c, struct diag *d, const struct slice *s, const char *const *sql, uint64_t *const *removed)
{
	int err = ZT_OK;

	for (unsigned q = 0; !err && sql[q]; q++) {
		sqlite3_stmt *st = NULL;

		err = db_prepare(c, d, sql[q], &st);
		for (unsigned i = 0; !err && i < s->n; i++) {
			err = db_step(c, d, st, "u", (uint64_t)s->id[i]);
			if (!err && removed && removed[q])
				*removed[q] += (uint64_t)sqlite3_changes(c->h);
		}
		sqlite3_finalize(st);
	}
	return err;
}

static int end(struct db *c, struct diag *d, int err)
{
	err = err ? err : db_run(c, d, "COMMIT");
	if (err && !sqlite3_get_autocommit(c->h))
		sqlite3_exec(c->h, "ROLLBACK", NULL, NULL, NULL);
	return err;
}

static int begin(struct db *c, struct diag *d)
{
	return db_run(c, d, "BEGIN IMMEDIATE");
}

/* --- one slice of each kind; what: the query that chooses it ------------------------------------- */

static int remove_alerts(struct db *c, struct diag *d, struct slice *s, const char *what, unsigned level, int64_t before,
			 struct store_removed *out)
{
	static const char *const sql[] = {
		"UPDATE runs SET trimmed = 1 WHERE NOT trimmed AND id = (SELECT run FROM alerts WHERE rowid = ?1)",
		"DELETE FROM outbox WHERE uid = (SELECT uid FROM alerts WHERE rowid = ?1)"
		" AND run = (SELECT run FROM alerts WHERE rowid = ?1)",
		"DELETE FROM alerts WHERE rowid = ?1",
		NULL
	};
	uint64_t *const removed[] = { NULL, &out->revisions, &out->alerts[level] };
	int err = choose(c, d, s, what, level, before, ALERTS_SLICE);

	return err ? err : for_each(c, d, s, sql, removed);
}

static int remove_assets(struct db *c, struct diag *d, struct slice *s, const char *what, int64_t before,
			 struct store_removed *out)
{
#define OF_ASSET(column) column " = (SELECT " column " FROM assets WHERE rowid = ?1)"
	static const char *const sql[] = {
		"UPDATE runs SET trimmed = 1 WHERE NOT trimmed AND id = (SELECT run FROM assets WHERE rowid = ?1)",
		"DELETE FROM asset_identity WHERE " OF_ASSET("run") " AND " OF_ASSET("segment") " AND " OF_ASSET("ip"),
		"DELETE FROM assets WHERE rowid = ?1",
		NULL
	};
	uint64_t *const removed[] = { NULL, NULL, &out->assets };
	int err = choose(c, d, s, what, 0, before, ASSETS_SLICE);

	return err ? err : for_each(c, d, s, sql, removed);
}

static int remove_conversations(struct db *c, struct diag *d, struct slice *s, const char *what, int64_t before,
				struct store_removed *out)
{
	static const char *const sql[] = {
		"UPDATE runs SET trimmed = 1 WHERE NOT trimmed AND id = (SELECT run FROM conversations WHERE rowid = ?1)",
		"DELETE FROM conversations WHERE rowid = ?1",
		NULL
	};
	uint64_t *const removed[] = { NULL, &out->conversations };
	int err = choose(c, d, s, what, 0, before, ROWS_SLICE);

	return err ? err : for_each(c, d, s, sql, removed);
}

/* Revisions that a newer one of the same, still open alert replaces. */
static int remove_revisions(struct db *c, struct diag *d, struct slice *s, struct store_removed *out)
{
	static const char *const sql[] = { "DELETE FROM outbox WHERE id = ?1", NULL };
	uint64_t *const removed[] = { &out->revisions };
	int err = choose(c, d, s, "SELECT o.id, length(CAST(o.json AS BLOB)) FROM outbox o WHERE ?1 = ?2 AND EXISTS (SELECT 1"
			 " FROM alerts a WHERE a.uid = o.uid AND a.run = o.run AND a.rev > o.rev) ORDER BY o.id LIMIT ?3",
			 0, 0, ALERTS_SLICE);

	return err ? err : for_each(c, d, s, sql, removed);
}

#define OLD_ALERTS "SELECT rowid, length(CAST(json AS BLOB)) FROM alerts WHERE ended = 1 AND level = ?1 AND last_ns <= ?2"

/* --- for size ----------------------------------------------------------------------------------- */

enum victim { NOBODY, AN_ALERT, AN_ASSET, A_CONVERSATION };

/* Among what is worth least, that which was seen longest ago. */
static int find_victim(struct db *c, struct diag *d, enum victim *who, unsigned *level)
{
	int64_t alert, other;
	char sql[160];
	int err = ZT_OK;

	*who = NOBODY;
	for (*level = 0; !err && *level < SEV_COUNT; (*level)++) {
		bool asset = *level == SEV_MEDIUM, conversation = *level == SEV_INFO;

		alert = other = INT64_MAX;
		snprintf(sql, sizeof sql, "SELECT ifnull(min(last_ns), %lld) FROM alerts WHERE ended = 1 AND level = %u",
			 (long long)INT64_MAX, *level);
		err = db_int(c, d, sql, &alert);
		snprintf(sql, sizeof sql, "SELECT ifnull(min(last_ns), %lld) FROM %s", (long long)INT64_MAX,
			 asset ? "assets" : "conversations");
		if (!err && (asset || conversation))
			err = db_int(c, d, sql, &other);
		if (alert == INT64_MAX && other == INT64_MAX)
			continue;
		*who = alert <= other ? AN_ALERT : asset ? AN_ASSET : A_CONVERSATION;
		break;
	}
	return err;
}

int store_retain_least(struct db *c, struct store_removed *out, bool *nothing, struct diag *d)
{
	struct store_removed removed = *out;
	struct slice s = { .n = 0 };
	enum victim who;
	unsigned level;
	int err = begin(c, d);

	*nothing = false;
	if (err)
		return err;
	err = find_victim(c, d, &who, &level);
	if (!err && who == AN_ALERT)
		err = remove_alerts(c, d, &s, OLD_ALERTS " ORDER BY last_ns LIMIT ?3", level, INT64_MAX, &removed);
	else if (!err && who == AN_ASSET)
		err = remove_assets(c, d, &s, "SELECT rowid, 0 FROM assets WHERE ?1 = 0 AND last_ns <= ?2 ORDER BY last_ns LIMIT ?3",
				    INT64_MAX, &removed);
	else if (!err && who == A_CONVERSATION)
		err = remove_conversations(c, d, &s, "SELECT rowid, 0 FROM conversations WHERE ?1 = 0 AND last_ns <= ?2"
					   " ORDER BY last_ns LIMIT ?3", INT64_MAX, &removed);
	else if (!err)
		err = remove_revisions(c, d, &s, &removed);
	*nothing = !err && s.n == 0;
	err = end(c, d, err);
	if (!err)
		*out = removed;
	return err;
}

/* --- for age -------------------------------------------------------------------------------------- */

int store_retain_older(struct db *c, uint64_t before_ns, struct store_removed *out, bool *more, struct diag *d)
{
	int64_t before = (int64_t)(before_ns < INT64_MAX ? before_ns : INT64_MAX);
	struct store_removed removed = *out;
	struct slice s;
	int err = begin(c, d);

	*more = false;
	if (err)
		return err;
	for (unsigned level = 0; !err && !*more && level < SEV_COUNT; level++) {
		err = remove_alerts(c, d, &s, OLD_ALERTS " AND run IN " LIVE_RUNS " ORDER BY last_ns LIMIT ?3", level, before,
				    &removed);
		*more |= s.more;
	}
	if (!err && !*more) {
		err = remove_conversations(c, d, &s, "SELECT rowid, 0 FROM conversations WHERE ?1 = 0 AND last_ns <= ?2 AND run IN "
					   LIVE_RUNS " LIMIT ?3", before, &removed);
		*more |= s.more;
	}
	if (!err && !*more) {
		err = remove_assets(c, d, &s, "SELECT rowid, 0 FROM assets WHERE ?1 = 0 AND last_ns <= ?2 AND run IN "
				    LIVE_RUNS " LIMIT ?3", before, &removed);
		*more |= s.more;
	}
	err = end(c, d, err);
	if (!err)
		*out = removed;
	return err;
}

/* --- what is over ----------------------------------------------------------------------------------- */

int store_retain_orphans(struct db *c, const char *run, bool *more, struct diag *d)
{
	static const char *const sql[] = {
		"INSERT INTO outbox (run, uid, rev, ts_ns, level, json) SELECT run, uid, rev + 1, last_ns, level, CASE WHEN json_valid(json)"
		" THEN json_set(json, '$.rev', rev + 1, '$.ended', json('true')) ELSE json END FROM alerts WHERE rowid = ?1",
		"UPDATE alerts SET rev = rev + 1, ended = 1, json = CASE WHEN json_valid(json)"
		" THEN json_set(json, '$.rev', rev + 1, '$.ended', json('true')) ELSE json END WHERE rowid = ?1",
		NULL
	};
	struct slice s = { .n = 0 };
	sqlite3_stmt *st;
	int err = begin(c, d), rc = SQLITE_DONE;

	*more = false;
	if (err)
		return err;
	err = db_query(c, d, &st, "SELECT rowid FROM alerts WHERE ended = 0 AND run IN (SELECT id FROM runs WHERE live"
		       " AND id <> ?1) LIMIT 100", "s", run);
	if (!err) {
		while (s.n < ALERTS_SLICE && (rc = sqlite3_step(st)) == SQLITE_ROW)
			s.id[s.n++] = sqlite3_column_int64(st, 0);
		err = db_query_end(c, d, st, rc);
	}
	err = err ? err : for_each(c, d, &s, sql, NULL);
	*more = s.n == ALERTS_SLICE;
	return end(c, d, err);
}

int store_retain_runs(struct db *c, const char *run, bool *more, struct diag *d)
{
#define OF_RUN " WHERE run = (SELECT id FROM runs WHERE rowid = ?1)"
	static const char *const sql[] = {
		"DELETE FROM rules" OF_RUN, "DELETE FROM captures" OF_RUN, "DELETE FROM asset_identity" OF_RUN,
		"DELETE FROM runs WHERE rowid = ?1",
		NULL
	};
	struct slice s = { .n = 0 };
	sqlite3_stmt *st;
	int err = begin(c, d), rc = SQLITE_DONE;

	*more = false;
	if (err)
		return err;
	err = db_query(c, d, &st, "SELECT rowid FROM runs r WHERE (live OR trimmed) AND id <> ?1"
		       " AND NOT EXISTS (SELECT 1 FROM alerts WHERE run = r.id) AND NOT EXISTS (SELECT 1 FROM assets"
		       " WHERE run = r.id) AND NOT EXISTS (SELECT 1 FROM conversations WHERE run = r.id)", "s", run);
	if (!err) {
		while (s.n < RUNS_SLICE && (rc = sqlite3_step(st)) == SQLITE_ROW)
			s.id[s.n++] = sqlite3_column_int64(st, 0);
		err = db_query_end(c, d, st, rc);
	}
	err = err ? err : for_each(c, d, &s, sql, NULL);
	*more = s.n == RUNS_SLICE;
	return end(c, d, err);
}
