/* What sinks write: where they are, what they have told, and what no receiver would take. */
#include "alert/store_outbox.h"

#include "alert/store_outbox_inside.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

static uint64_t wall_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

/* --- cursors ---------------------------------------------------------------------------------------------- */

static int read_cursor(struct outbox *o, const char *sink, struct outbox_cursor *out, bool *there, bool *active, struct diag *d)
{
	sqlite3_stmt *st = o->st[OUTBOX_CURSOR];
	int rc;

	*out = (struct outbox_cursor){ 0 };
	sqlite3_bind_text(st, 1, sink, -1, SQLITE_STATIC);
	rc = sqlite3_step(st);
	*there = rc == SQLITE_ROW;
	if (*there) {
		out->confirmed = sqlite3_column_int64(st, 0);
		out->settled = sqlite3_column_int64(st, 1);
		*active = sqlite3_column_int(st, 2) != 0;
	}
	sqlite3_reset(st);
	if (rc != SQLITE_ROW && rc != SQLITE_DONE)
		return db_fail(&o->db, d, rc, "reading");
	st = o->st[OUTBOX_DROPS];
	sqlite3_bind_text(st, 1, sink, -1, SQLITE_STATIC);
	while ((rc = sqlite3_step(st)) == SQLITE_ROW) {
		if (db_uint(st, 0) < SEV_COUNT)
			out->dropped[db_uint(st, 0)] = db_uint(st, 1);
	}
	sqlite3_reset(st);
	return rc == SQLITE_DONE ? ZT_OK : db_fail(&o->db, d, rc, "reading");
}

int outbox_cursor(struct outbox *o, const char *sink, int64_t start, struct outbox_cursor *out, struct diag *d)
{
	bool there = false, active = false;
	int err = read_cursor(o, sink, out, &there, &active, d);

	if (err || (there && active))
		return err;
	err = db_begin(&o->db, d);
	if (err)
		return err;
	err = db_run_with(&o->db, d, "INSERT INTO sinks (name, confirmed, settled) VALUES (?1, ?2, ?2)"
			  " ON CONFLICT (name) DO UPDATE SET active = 1", NULL, "su", sink, (uint64_t)start);
	err = outbox_written(o, err, d);
	return err ? err : read_cursor(o, sink, out, &there, &active, d);
}

int outbox_peek(struct outbox *o, const char *sink, struct outbox_cursor *out, struct diag *d)
{
	bool there = false, active = false;
	int err = read_cursor(o, sink, out, &there, &active, d);

	return err || there ? err : diag_fail(d, ZT_ENOENT, "%s: knows no sink %s", db_name(&o->db), sink);
}

int outbox_move(struct outbox *o, const char *sink, int64_t confirmed, int64_t settled, struct diag *d)
{
	int err = db_begin(&o->db, d);

	if (err)
		return err;
	err = db_step(&o->db, d, o->st[OUTBOX_MOVE], "suu", sink, (uint64_t)confirmed, (uint64_t)settled);
	if (!err && sqlite3_changes(o->db.h) == 0)
		err = diag_fail(d, ZT_ENOENT, "%s: knows no sink %s", db_name(&o->db), sink);
	return outbox_written(o, err, d);
}

int outbox_told(struct outbox *o, const char *sink, const uint64_t dropped[SEV_COUNT], struct diag *d)
{
	int err = db_begin(&o->db, d);

	if (err)
		return err;
	for (unsigned level = 0; !err && level < SEV_COUNT; level++) {
		if (dropped[level])
			err = db_run_with(&o->db, d, "UPDATE sink_drops SET count = max(0, count - ?3) WHERE sink = ?1 AND level = ?2",
					  NULL, "suu", sink, (uint64_t)level, dropped[level]);
	}
	err = err ? err : db_run_with(&o->db, d, "DELETE FROM sink_drops WHERE sink = ? AND count = 0", NULL, "s", sink);
	return outbox_written(o, err, d);
}

int outbox_sinks(struct outbox *o, const char *const *sink, uint32_t n, struct diag *d)
{
	int err = db_begin(&o->db, d);

	if (err)
		return err;
	err = db_run(&o->db, d, "UPDATE sinks SET active = 0");
	for (uint32_t i = 0; !err && i < n; i++)
		err = db_run_with(&o->db, d, "UPDATE sinks SET active = 1 WHERE name = ?", NULL, "s", sink[i]);
	return outbox_written(o, err, d);
}

/* --- dead letters ------------------------------------------------------------------------------------------- */

int outbox_dead(struct outbox *o, const char *sink, const struct outbox_row *r, const char *why, struct diag *d)
{
	int err = db_begin(&o->db, d);

	if (err)
		return err;
	err = db_run_with(&o->db, d, "INSERT OR IGNORE INTO dead_letters (sink, id, uid, rev, level, why, json, dead_ns)"
			  " VALUES (?,?,?,?,?,?,?,?)", NULL, "susuussu", sink, (uint64_t)r->id, r->uid, (uint64_t)r->rev,
			  (uint64_t)r->severity, why, r->json, wall_ns());
	err = err ? err : db_run_with(&o->db, d, "DELETE FROM dead_letters WHERE sink = ?1 AND id <= (SELECT id FROM dead_letters"
				      " WHERE sink = ?1 ORDER BY id DESC LIMIT 1 OFFSET ?2)", NULL, "su", sink,
				      (uint64_t)OUTBOX_LETTERS_MAX);
	return outbox_written(o, err, d);
}

/* The next letter after *n, with its texts copied; NULL: there is none, or no memory. */
static struct outbox_letter *next_letter(sqlite3_stmt *st, const char *sink, int64_t *n, int *rc)
{
	struct outbox_letter *l = NULL;
	size_t size = sizeof *l;
	char *to;

	sqlite3_bind_text(st, 1, sink, -1, SQLITE_STATIC);
	sqlite3_bind_int64(st, 2, *n);
	*rc = sqlite3_step(st);
	if (*rc == SQLITE_ROW) {
		for (int i = 5; i < 9; i++)
			size += (size_t)sqlite3_column_bytes(st, i) + 1;
		l = malloc(size);
		*rc = l ? SQLITE_ROW : SQLITE_NOMEM;
	}
	if (l) {
		const char *text[4];

		to = (char *)(l + 1);
		for (int i = 0; i < 4; i++) {
			size_t len = (size_t)sqlite3_column_bytes(st, 5 + i);

			memcpy(to, db_text(st, 5 + i), len);
			to[len] = '\0';
			text[i] = to;
			to += len + 1;
		}
		*n = sqlite3_column_int64(st, 0);
		*l = (struct outbox_letter){
			.id = sqlite3_column_int64(st, 1), .rev = (uint32_t)db_uint(st, 2), .severity = (uint32_t)db_uint(st, 3),
			.dead_ns = db_uint(st, 4), .sink = text[0], .uid = text[1], .why = text[2], .json = text[3],
		};
	}
	sqlite3_reset(st);
	return l;
}

int outbox_letters(struct outbox *o, const char *sink, outbox_letter_fn *fn, void *arg, struct diag *d)
{
	struct outbox_letter *l = NULL;
	sqlite3_stmt *st = NULL;
	bool go_on = true;
	int64_t n = 0;
	int rc = SQLITE_DONE;
	int err = db_prepare(&o->db, d, "SELECT n, id, rev, level, dead_ns, sink, uid, why, json FROM dead_letters"
			     " WHERE (?1 IS NULL OR sink = ?1) AND n > ?2 ORDER BY n LIMIT 1", &st);

	while (!err && go_on && (l = next_letter(st, sink, &n, &rc)) != NULL) {
		go_on = fn(arg, l);
		free(l);
	}
	if (!err && rc != SQLITE_ROW && rc != SQLITE_DONE)
		err = db_fail(&o->db, d, rc, "reading");
	sqlite3_finalize(st);
	return err;
}

int outbox_letter_count(struct outbox *o, const char *sink, uint64_t *n, struct diag *d)
{
	sqlite3_stmt *st = NULL;
	int err = db_prepare(&o->db, d, "SELECT count(*) FROM dead_letters WHERE sink = ?1", &st);
	int rc;

	*n = 0;
	if (err)
		return err;
	sqlite3_bind_text(st, 1, sink, -1, SQLITE_STATIC);
	rc = sqlite3_step(st);
	if (rc == SQLITE_ROW)
		*n = db_uint(st, 0);
	else
		err = db_fail(&o->db, d, rc, "reading");
	sqlite3_finalize(st);
	return err;
}

int outbox_letter_gone(struct outbox *o, const char *sink, int64_t id, struct diag *d)
{
	int err = db_begin(&o->db, d);

	if (err)
		return err;
	err = db_run_with(&o->db, d, "DELETE FROM dead_letters WHERE sink = ? AND id = ?", NULL, "su", sink, (uint64_t)id);
	return outbox_written(o, err, d);
}
