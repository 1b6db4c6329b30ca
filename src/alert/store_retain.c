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

/* --- one slice of each kind; what: the query that chooses it ------------------------------------- */

#define OF_ALERT "uid = (SELECT uid FROM alerts WHERE rowid = ?1) AND run = (SELECT run FROM alerts WHERE rowid = ?1)"

/* lost: what some sink may not have; NULL: each of them is delivered. */
static int remove_alerts(struct db *c, struct diag *d, struct slice *s, const char *what, unsigned level, int64_t before,
			 struct store_removed *out, struct store_backlog *lost)
{
	static const char *const sql[] = {
		"UPDATE runs SET trimmed = 1 WHERE NOT trimmed AND id = (SELECT run FROM alerts WHERE rowid = ?1)",
		"DELETE FROM outbox WHERE " OF_ALERT,
		"DELETE FROM alerts WHERE rowid = ?1",
		NULL
	};
	uint64_t *const removed[] = { NULL, &out->revisions, &out->alerts[level] };
	int err = choose(c, d, s, what, level, before, ALERTS_SLICE);

	if (!err && lost && s->n)
		err = store_backlog_lose(lost, c, OF_ALERT, s->id, s->n, d);
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

static int remove_letters(struct db *c, struct diag *d, struct slice *s, const char *what, unsigned level, int64_t before,
			  struct store_removed *out)
{
	static const char *const sql[] = { "DELETE FROM dead_letters WHERE n = ?1", NULL };
	uint64_t *const removed[] = { &out->letters };
	int err = choose(c, d, s, what, level, before, ALERTS_SLICE);

	return err ? err : for_each(c, d, s, sql, removed);
}

/* Revisions that a newer one of the same, still open alert replaces; those that come first are delivered first. */
static int remove_revisions(struct db *c, struct diag *d, struct slice *s, struct store_removed *out, struct store_backlog *b)
{
	static const char *const sql[] = { "DELETE FROM outbox WHERE id = ?1", NULL };
	uint64_t *const removed[] = { &out->revisions };
	int err = choose(c, d, s, "SELECT o.id, length(CAST(o.json AS BLOB)) FROM outbox o WHERE ?1 = ?2 AND EXISTS (SELECT 1"
			 " FROM alerts a WHERE a.uid = o.uid AND a.run = o.run AND a.rev > o.rev) ORDER BY o.id LIMIT ?3",
			 0, 0, ALERTS_SLICE);

	if (!err && s->n && s->id[s->n - 1] > b->floor)
		err = store_backlog_lose(b, c, "id = ?1", s->id, s->n, d);
	return err ? err : for_each(c, d, s, sql, removed);
}

#define OLD_ALERTS "SELECT rowid, length(CAST(json AS BLOB)) FROM alerts WHERE ended = 1 AND level = ?1 AND last_ns <= ?2"
#define OLD_LETTERS "SELECT n, length(CAST(json AS BLOB)) FROM dead_letters WHERE level = ?1 AND dead_ns <= ?2"

/* --- for size ----------------------------------------------------------------------------------- */

enum victim { NOBODY, AN_ALERT, AN_ASSET, A_CONVERSATION, A_LETTER, AN_UNDELIVERED };

/* *who becomes the kind when the oldest row of it is older than *oldest. */
static int consider(struct db *c, struct diag *d, enum victim kind, const char *when, const char *from, int64_t *oldest,
		    enum victim *who)
{
	char sql[256];
	int64_t ns = INT64_MAX;
	int err;

	snprintf(sql, sizeof sql, "SELECT ifnull(min(%s), %lld) FROM %s", when, (long long)INT64_MAX, from);
	err = db_int(c, d, sql, &ns);
	if (!err && ns < *oldest) {
		*oldest = ns;
		*who = kind;
	}
	return err;
}

static int find_in(struct db *c, struct diag *d, unsigned level, int64_t floor, enum victim *who)
{
	int64_t oldest = INT64_MAX;
	char from[128];
	int err;

	snprintf(from, sizeof from, "alerts WHERE ended = 1 AND level = %u AND last_id <= %lld", level, (long long)floor);
	err = consider(c, d, AN_ALERT, "last_ns", from, &oldest, who);
	if (!err && level == SEV_MEDIUM)
		err = consider(c, d, AN_ASSET, "last_ns", "assets", &oldest, who);
	if (!err && level == SEV_INFO)
		err = consider(c, d, A_CONVERSATION, "last_ns", "conversations", &oldest, who);
	snprintf(from, sizeof from, "dead_letters WHERE level = %u", level);
	err = err ? err : consider(c, d, A_LETTER, "dead_ns", from, &oldest, who);
	snprintf(from, sizeof from, "alerts WHERE ended = 1 AND level = %u", level);
	if (!err && *who == NOBODY)
		err = consider(c, d, AN_UNDELIVERED, "last_ns", from, &oldest, who);
	return err;
}

/* Among what is worth least, that which was seen longest ago; alerts that a sink waits for come after all else. */
static int find_victim(struct db *c, struct diag *d, int64_t floor, enum victim *who, unsigned *level)
{
	int err = ZT_OK;

	*who = NOBODY;
	for (*level = 0; *level < SEV_COUNT; (*level)++) {
		err = find_in(c, d, *level, floor, who);
		if (err || *who != NOBODY)
			break;
	}
	return err;
}

static int remove_victims(struct db *c, struct diag *d, enum victim who, unsigned level, struct slice *s, struct store_removed *out,
			  struct store_backlog *b)
{
	char sql[200];

	switch (who) {
	case AN_ALERT:
		snprintf(sql, sizeof sql, OLD_ALERTS " AND last_id <= %lld ORDER BY last_ns LIMIT ?3", (long long)b->floor);
		return remove_alerts(c, d, s, sql, level, INT64_MAX, out, NULL);
	case AN_UNDELIVERED:
		return remove_alerts(c, d, s, OLD_ALERTS " ORDER BY last_ns LIMIT ?3", level, INT64_MAX, out, b);
	case AN_ASSET:
		return remove_assets(c, d, s, "SELECT rowid, 0 FROM assets WHERE ?1 = 0 AND last_ns <= ?2 ORDER BY last_ns LIMIT ?3",
				     INT64_MAX, out);
	case A_CONVERSATION:
		return remove_conversations(c, d, s, "SELECT rowid, 0 FROM conversations WHERE ?1 = 0 AND last_ns <= ?2"
					    " ORDER BY last_ns LIMIT ?3", INT64_MAX, out);
	case A_LETTER:
		return remove_letters(c, d, s, OLD_LETTERS " ORDER BY dead_ns LIMIT ?3", level, INT64_MAX, out);
	case NOBODY:
		break;
	}
	return remove_revisions(c, d, s, out, b);
}

int store_retain_least(struct db *c, struct store_removed *out, struct store_backlog *backlog, bool *nothing, struct diag *d)
{
	struct store_removed removed = *out;
	struct store_backlog b = *backlog;
	struct slice s = { .n = 0 };
	enum victim who;
	unsigned level;
	int err = db_begin(c, d);

	*nothing = false;
	if (err)
		return err;
	err = find_victim(c, d, b.floor, &who, &level);
	err = err ? err : remove_victims(c, d, who, level, &s, &removed, &b);
	*nothing = !err && s.n == 0;
	err = db_end(c, err, d);
	if (!err) {
		*out = removed;
		*backlog = b;
	}
	return err;
}

/* --- for age -------------------------------------------------------------------------------------- */

int store_retain_older(struct db *c, uint64_t before_ns, int64_t floor, struct store_removed *out, bool *more, struct diag *d)
{
	int64_t before = (int64_t)(before_ns < INT64_MAX ? before_ns : INT64_MAX);
	struct store_removed removed = *out;
	char old_alerts[256];
	struct slice s;
	int err = db_begin(c, d);

	*more = false;
	if (err)
		return err;
	snprintf(old_alerts, sizeof old_alerts, OLD_ALERTS " AND last_id <= %lld AND run IN " LIVE_RUNS " ORDER BY last_ns LIMIT ?3",
		 (long long)floor);
	for (unsigned level = 0; !err && !*more && level < SEV_COUNT; level++) {
		err = remove_alerts(c, d, &s, old_alerts, level, before, &removed, NULL);
		*more |= s.more;
		if (err || *more)
			break;
		err = remove_letters(c, d, &s, OLD_LETTERS " ORDER BY dead_ns LIMIT ?3", level, before, &removed);
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
	err = db_end(c, err, d);
	if (!err)
		*out = removed;
	return err;
}

/* --- what is over ----------------------------------------------------------------------------------- */

/* Statements over the first rows that a query names, whose only parameter is the run. */
static int each_beside(struct db *c, const char *run, const char *what, unsigned most, const char *const *sql, bool *more,
		       struct diag *d)
{
	struct slice s = { .n = 0 };
	sqlite3_stmt *st;
	int err = db_begin(c, d), rc = SQLITE_DONE;

	*more = false;
	if (err)
		return err;
	err = db_query(c, d, &st, what, "s", run);
	if (!err) {
		while (s.n < most && (rc = sqlite3_step(st)) == SQLITE_ROW)
			s.id[s.n++] = sqlite3_column_int64(st, 0);
		err = db_query_end(c, d, st, rc);
	}
	err = err ? err : for_each(c, d, &s, sql, NULL);
	*more = s.n == most;
	return db_end(c, err, d);
}

int store_retain_orphans(struct db *c, const char *run, uint64_t wall_ns, bool *more, struct diag *d)
{
	char revision[300];
	const char *const sql[] = {
		"UPDATE alerts SET rev = rev + 1, ended = 1, json = CASE WHEN json_valid(json)"
		" THEN json_set(json, '$.rev', rev + 1, '$.ended', json('true')) ELSE json END WHERE rowid = ?1",
		revision,
		"UPDATE alerts SET last_id = (SELECT max(id) FROM outbox o WHERE o.uid = alerts.uid) WHERE rowid = ?1",
		NULL
	};

	snprintf(revision, sizeof revision, "INSERT INTO outbox (run, uid, rev, ts_ns, json, level, bytes, stored_ns) SELECT run, uid,"
		 " rev, last_ns, json, level, length(CAST(json AS BLOB)), %llu FROM alerts WHERE rowid = ?1",
		 (unsigned long long)wall_ns);
	return each_beside(c, run, "SELECT rowid FROM alerts WHERE ended = 0 AND run IN (SELECT id FROM runs WHERE live AND id <> ?1)",
			   ALERTS_SLICE, sql, more, d);
}

int store_retain_runs(struct db *c, const char *run, bool *more, struct diag *d)
{
#define OF_RUN " WHERE run = (SELECT id FROM runs WHERE rowid = ?1)"
	static const char *const sql[] = {
		"DELETE FROM rules" OF_RUN, "DELETE FROM captures" OF_RUN, "DELETE FROM asset_identity" OF_RUN,
		"DELETE FROM runs WHERE rowid = ?1",
		NULL
	};

	return each_beside(c, run, "SELECT rowid FROM runs r WHERE (live OR trimmed) AND id <> ?1"
			   " AND NOT EXISTS (SELECT 1 FROM alerts WHERE run = r.id) AND NOT EXISTS (SELECT 1 FROM assets"
			   " WHERE run = r.id) AND NOT EXISTS (SELECT 1 FROM conversations WHERE run = r.id)",
			   RUNS_SLICE, sql, more, d);
}
