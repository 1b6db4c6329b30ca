/* A run that is spooled and moved into the file at its end.
 *
 * The spool is in the connection's temporary database, which SQLite keeps in a file of its own when it
 * grows, so memory stays bounded and the real file is locked only while a finished run is moved into it.
 * Its tables are those of the file without the run, which has no name yet, and without keys; the JSON of a
 * revision is in it once, and what was not known when it was written is filled in when it is read. */
#include "alert/store_db.h"

#include "base/sbuf.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define FILLED_MAX (1u << 20)   /* bytes of a revision's JSON */
#define JOURNAL "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL"

/* The spool: columns of the tables above in the same order. */
static const char *const spool_schema[] = {
	"CREATE TABLE temp.outbox (id INTEGER PRIMARY KEY, uid, rev, ts_ns, level, json)",
	"CREATE TABLE temp.last (serial INTEGER PRIMARY KEY, revision, uid, rev, rule, title, class, severity, level, client,"
	" server, client_ip, server_ip, client_asset, server_asset, proto, op, act, outcome, text, count, first_ns, last_ns, ended)",
	"CREATE TEMP VIEW alerts AS SELECT run_name() AS run, serial, l.uid, l.rev, rule, title, class, severity, l.level, client,"
	" server, client_ip, server_ip, client_asset, server_asset, proto, op, act, outcome, text, count, first_ns, last_ns, ended,"
	" filled_in(json) AS json, moved_to(revision) AS last_id FROM temp.last l JOIN temp.outbox o ON o.id = l.revision",
	"CREATE TABLE temp.rules (id, title, description, why, advice)",
	"CREATE TABLE temp.assets (segment, ip, sort, name, role, zone, mac, roles, first_ns, last_ns, first_capture, first_frame)",
	"CREATE TABLE temp.asset_identity (segment, ip, part, field, value, proto, capture, frame, count, first_ns, last_ns,"
	" contradicted)",
	"CREATE TABLE temp.conversations (segment, client, server, proto, op, func, sub, func_name, unit, space, block, granule,"
	" tag, first_addr, last_addr, count, first_ns, last_ns, capture, frame)",
	"CREATE TABLE temp.captures (name, sha256, bytes, packets, first_ns, last_ns, error)",
	NULL
};
/* And how it is moved, after the outbox. A conversation's number matters to live runs alone. */
static const char *const moves[] = {
	"INSERT INTO main.alerts SELECT * FROM temp.alerts ORDER BY serial",
	"INSERT INTO main.rules SELECT run_name(), * FROM temp.rules ORDER BY rowid",
	"INSERT OR IGNORE INTO main.assets SELECT run_name(), * FROM temp.assets ORDER BY rowid",
	"INSERT OR IGNORE INTO main.asset_identity SELECT run_name(), * FROM temp.asset_identity ORDER BY rowid",
	"INSERT INTO main.conversations (run, segment, client, server, proto, op, func, sub, func_name, unit, space, block,"
	" granule, tag, first_addr, last_addr, count, first_ns, last_ns, capture, frame)"
	" SELECT run_name(), * FROM temp.conversations ORDER BY rowid",
	"INSERT INTO main.captures SELECT run_name(), * FROM temp.captures ORDER BY rowid",
	NULL
};

enum statement { ST_OUTBOX, ST_LAST, ST_RULE, ST_ASSET, ST_SAYING, ST_CONVERSATION, ST_CAPTURE, ST_COUNT };
static const char *const statement_sql[ST_COUNT] = {
	[ST_OUTBOX] = "INSERT INTO temp.outbox (uid, rev, ts_ns, level, json) VALUES (?,?,?,?,?)",
	[ST_LAST] = "INSERT OR REPLACE INTO temp.last VALUES (?,last_insert_rowid(),?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
	[ST_RULE] = "INSERT INTO temp.rules VALUES (?,?,?,?,?)",
	[ST_ASSET] = "INSERT INTO temp.assets VALUES (?,?,?,?,?,?,?,?,?,?,?,?)",
	[ST_SAYING] = "INSERT INTO temp.asset_identity VALUES (?,?,?,?,?,?,?,?,?,?,?,?)",
	[ST_CONVERSATION] = "INSERT INTO temp.conversations VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
	[ST_CAPTURE] = "INSERT INTO temp.captures VALUES (?,?,?,?,?,?,?)",
};

struct store_spool {
	sqlite3_stmt *st[ST_COUNT];
	int failed;                     /* enum zt_err, sticky */
	struct diag why;
	char run[65];                   /* the run's name, "" until it is known */
	const char *const *replace;     /* what stands in the spool for what was not known, and what it is */
	struct sbuf filled;
	int64_t moved;                  /* added to the id of a spooled revision: that in the file */
};

/* run_name(): of the spooled run. */
static void sql_run_name(sqlite3_context *c, int n, sqlite3_value **v)
{
	const struct store_spool *s = sqlite3_user_data(c);

	(void)n;
	(void)v;
	sqlite3_result_text(c, s->run, -1, SQLITE_STATIC);
}

/* The pair whose first text stands at `at`; NULL: none. */
static const char *const *pair_at(const struct store_spool *s, const char *at)
{
	for (const char *const *p = s->replace; p && *p; p += 2) {
		if (strncmp(at, p[0], strlen(p[0])) == 0)
			return p;
	}
	return NULL;
}

/* The text with what was not known when it was written; it lives until the next one. */
static const char *fill_in(struct store_spool *s, const char *text)
{
	const char *from = text;

	sbuf_reset(&s->filled);
	for (const char *at = text; at && s->replace && s->replace[0] && (at = strchr(at, s->replace[0][0])); at++) {
		const char *const *p = pair_at(s, at);

		if (!p)
			continue;
		sbuf_mem(&s->filled, from, (size_t)(at - from));
		sbuf_str(&s->filled, p[1]);
		from = at + strlen(p[0]);
		at = from - 1;
	}
	if (from == text)
		return text;
	sbuf_str(&s->filled, from);
	return sbuf_text(&s->filled);
}

/* filled_in(text) */
static void sql_filled_in(sqlite3_context *c, int n, sqlite3_value **v)
{
	const char *text = (const char *)sqlite3_value_text(v[0]), *full = fill_in(sqlite3_user_data(c), text);

	(void)n;
	if (full == text)
		sqlite3_result_value(c, v[0]);
	else
		sqlite3_result_text(c, full, -1, SQLITE_TRANSIENT);
}

/* moved_to(id): of a spooled revision, in the file. */
static void sql_moved_to(sqlite3_context *c, int n, sqlite3_value **v)
{
	const struct store_spool *s = sqlite3_user_data(c);

	(void)n;
	sqlite3_result_int64(c, sqlite3_value_int64(v[0]) + s->moved);
}

static int prepare_spool(struct store_spool *s, struct db *c, struct diag *d)
{
	int err = db_run(c, d, "PRAGMA temp_store = FILE; PRAGMA temp.cache_size = -2048; PRAGMA cache_size = -4096;"
			       "PRAGMA temp.journal_mode = OFF");

	if (sqlite3_create_function(c->h, "run_name", 0, SQLITE_UTF8, s, sql_run_name, NULL, NULL) != SQLITE_OK ||
	    sqlite3_create_function(c->h, "filled_in", 1, SQLITE_UTF8, s, sql_filled_in, NULL, NULL) != SQLITE_OK ||
	    sqlite3_create_function(c->h, "moved_to", 1, SQLITE_UTF8, s, sql_moved_to, NULL, NULL) != SQLITE_OK)
		return diag_fail(d, ZT_ENOMEM, "%s: out of memory", db_name(c));
	for (const char *const *q = spool_schema; !err && *q; q++)
		err = db_run(c, d, *q);
	for (int i = 0; !err && i < ST_COUNT; i++)
		err = db_prepare(c, d, statement_sql[i], &s->st[i]);
	return err ? err : db_run(c, d, "BEGIN");
}

int store_run_open(struct store *s, struct diag *d)
{
	struct db *c = &s->db;
	int64_t version = 0;
	int err;

	s->spool = calloc(1, sizeof *s->spool);
	if (!s->spool)
		return diag_fail(d, ZT_ENOMEM, "out of memory");
	sbuf_init(&s->spool->filled, FILLED_MAX);
	err = db_open(c, c->path ? c->path : "", SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, d);
	err = err ? err : db_runf(c, d, "PRAGMA page_size = %d", DB_PAGE_BYTES);
	if (!err && c->path) {
		err = db_check(c, d, &version);
		if (!err && sqlite3_db_readonly(c->h, "main") == 1)
			err = db_fail(c, d, SQLITE_READONLY, "opening");
		/* A new file's first run is only appended: without a log it is written once, not twice. */
		err = err ? err : db_run(c, d, version ? JOURNAL : "PRAGMA synchronous = NORMAL");
		err = err ? err : db_migrate(c, d);
	}
	return err ? err : prepare_spool(s->spool, c, d);
}

void store_run_close(struct store *s)
{
	if (!s->spool)
		return;
	for (int i = 0; i < ST_COUNT; i++)
		sqlite3_finalize(s->spool->st[i]);
	sbuf_fini(&s->spool->filled);
	free(s->spool);
}

/* --- spooling -------------------------------------------------------------------------- */

static int spool(struct store *s, struct diag *d, enum statement which, const char *format, ...)
{
	struct store_spool *p = s->spool;
	va_list ap;

	if (!p->failed) {
		va_start(ap, format);
		p->failed = db_vstep(&s->db, &p->why, p->st[which], format, ap);
		va_end(ap);
	}
	return p->failed ? diag_fail(d, p->failed, "%s", p->why.text) : ZT_OK;
}

int store_alert(struct store *s, const struct store_alert *a, struct diag *d)
{
	int err;

	if (s->live)
		return store_live_put(s->live, ROW_ALERT, a);
	err = spool(s, d, ST_OUTBOX, "suuus", a->uid, (uint64_t)a->rev, a->ts_ns, (uint64_t)a->severity_level, a->json);
	return err ? err : spool(s, d, ST_LAST, "usussssusssssssssssuuub", a->serial, a->uid, (uint64_t)a->rev, a->rule,
				 a->title, a->class_word, a->severity, (uint64_t)a->severity_level, a->client,
				 a->server, a->client_ip, a->server_ip, a->client_asset, a->server_asset, a->proto,
				 a->op, a->act, a->outcome, a->text, a->count, a->first_ns, a->last_ns, (int)a->ended);
}

int store_rule(struct store *s, const struct store_rule *r, struct diag *d)
{
	if (s->live)
		return store_live_put(s->live, ROW_RULE, r);
	return spool(s, d, ST_RULE, "sssss", r->id, r->title, r->description, r->why, r->advice);
}

int store_asset(struct store *s, const struct store_asset *a, struct diag *d)
{
	if (s->live)
		return store_live_put(s->live, ROW_ASSET, a);
	return spool(s, d, ST_ASSET, "ssssssssuusu", a->segment, a->ip, a->sort, a->name, a->role, a->zone, a->mac, a->roles,
		     a->first_ns, a->last_ns, a->first_capture, (uint64_t)a->first_frame);
}

int store_saying(struct store *s, const struct store_saying *a, struct diag *d)
{
	if (s->live)
		return store_live_put(s->live, ROW_SAYING, a);
	return spool(s, d, ST_SAYING, "sssssssuuuub", a->segment, a->ip, a->part, a->field, a->value, a->proto,
		     a->capture, (uint64_t)a->frame, a->count, a->first_ns, a->last_ns, (int)a->contradicted);
}

int store_conversation(struct store *s, const struct store_conversation *c, struct diag *d)
{
	if (s->live)
		return store_live_put(s->live, ROW_CONVERSATION, c);
	return spool(s, d, ST_CONVERSATION, "sssssiisisissiiuuusu", c->segment, c->client, c->server, c->proto, c->op,
		     c->func, c->sub, c->func_name, c->unit, c->space, c->block, c->granule, c->tag, c->from, c->to,
		     c->count, c->first_ns, c->last_ns, c->capture, (uint64_t)c->frame);
}

int store_capture(struct store *s, const struct store_capture *c, struct diag *d)
{
	if (s->live)
		return store_live_put(s->live, ROW_CAPTURE, c);
	return spool(s, d, ST_CAPTURE, "ssuuuus", c->name, c->sha256, c->bytes, c->packets, c->first_ns, c->last_ns,
		     c->error);
}

/* --- the end of a run -------------------------------------------------------------------- */

static uint64_t wall_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

/* Ids in the file follow each other like those in the spool: nobody else writes, and SQLite counts on. */
static int move_outbox(struct store_spool *p, struct db *c, struct diag *d)
{
	sqlite3_stmt *from = NULL, *to = NULL;
	uint64_t now = wall_ns();
	int rc = SQLITE_DONE, err = db_query(c, d, &from, "SELECT uid, rev, ts_ns, level, json, id FROM temp.outbox ORDER BY id", "");

	if (err)
		return err;
	err = db_prepare(c, d, "INSERT INTO main.outbox (run, uid, rev, ts_ns, level, json, bytes, stored_ns)"
			 " VALUES (?,?,?,?,?,?,?,?)", &to);
	while (!err && (rc = sqlite3_step(from)) == SQLITE_ROW) {
		const char *json = fill_in(p, db_text(from, 4));

		err = db_step(c, d, to, "ssuuusuu", p->run, db_text(from, 0), db_uint(from, 1), db_uint(from, 2), db_uint(from, 3),
			      json, (uint64_t)strlen(json), now);
		p->moved = sqlite3_last_insert_rowid(c->h) - db_sint(from, 5);
	}
	sqlite3_finalize(to);
	if (err) {
		sqlite3_finalize(from);
		return err;
	}
	return db_query_end(c, d, from, rc);
}

static int move_spool(struct store_spool *p, struct db *c, const struct store_run *r, struct diag *d)
{
	int err = db_run_with(c, d, "INSERT INTO main.runs (id,captures_hash,site,policy_hash,program,packets,events,"
			      "first_ns,last_ns) VALUES (?,?,?,?,?,?,?,?,?)", NULL, "sssssuuuu", r->id, r->captures_hash,
			      r->site, r->policy_hash, r->program, r->packets, r->events, r->first_ns, r->last_ns);

	err = err ? err : move_outbox(p, c, d);
	for (const char *const *q = moves; !err && *q; q++)
		err = db_run(c, d, *q);
	return err;
}

/* A run of which something was removed to make room is not there any more: what is left goes. */
static int remove_trimmed(struct db *c, const char *run, struct diag *d)
{
	static const char *const from[] = {
		"alerts", "outbox", "rules", "assets", "asset_identity", "conversations", "captures", NULL
	};
	char sql[80];
	int trimmed = 0;
	int err = db_run_with(c, d, "SELECT 1 FROM main.runs WHERE id = ? AND trimmed", &trimmed, "s", run);

	for (const char *const *t = from; !err && trimmed && *t; t++) {
		snprintf(sql, sizeof sql, "DELETE FROM main.%s WHERE run = ?", *t);
		err = db_run_with(c, d, sql, NULL, "s", run);
	}
	if (!err && trimmed)
		err = db_run_with(c, d, "DELETE FROM main.runs WHERE id = ?", NULL, "s", run);
	return err;
}

int store_commit(struct store *s, const struct store_run *r, bool *known, struct diag *d)
{
	struct store_spool *p = s->spool;
	struct db *c = &s->db;
	int there = 0, err;

	*known = false;
	if (p->failed)
		return diag_fail(d, p->failed, "%s", p->why.text);
	snprintf(p->run, sizeof p->run, "%s", r->id);
	p->replace = r->replace;
	err = db_run(c, d, "COMMIT");
	if (err || !c->path)
		return err;
	err = db_begin(c, d);
	if (err)
		return err;
	err = remove_trimmed(c, r->id, d);
	err = err ? err : db_run_with(c, d, "SELECT 1 FROM main.runs WHERE id = ?", &there, "s", r->id);
	if (!err && !there)
		err = move_spool(p, c, r, d);
	err = db_end(c, err, d);
	*known = there;
	/* When somebody reads just now, the next who opens it does this. */
	(void)sqlite3_exec(c->h, JOURNAL, NULL, NULL, NULL);
	return err;
}
