/* The only file that knows SQLite.
 *
 * The spool is in the connection's temporary database, which SQLite keeps in a file of its own when it
 * grows, so memory stays bounded and the real file is locked only while a finished run is moved into it.
 * Its tables are those of the file without the run, which has no name yet, and without keys; the JSON of a
 * revision is in it once, and what was not known when it was written is filled in when it is read. */
#include "alert/store.h"

#include "base/sbuf.h"

#include <errno.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define APPLICATION_ID 0x7a746170       /* "ztap": the file's own mark */
#define BUSY_MS 5000
#define PAGE_BYTES 8192         /* of a new file and of the spool: a revision's JSON is one to two thousand bytes */
#define FILLED_MAX (1u << 20)   /* bytes of a revision's JSON */

/* Schema 1. */
static const char *const schema_1[] = {
	"CREATE TABLE alerts (run TEXT, serial INTEGER NOT NULL, uid TEXT NOT NULL, rev INTEGER NOT NULL,"
	" rule TEXT NOT NULL, title TEXT, class TEXT, severity TEXT, level INTEGER, client TEXT, server TEXT,"
	" client_ip TEXT, server_ip TEXT, client_asset TEXT, server_asset TEXT, proto TEXT, op TEXT, act TEXT,"
	" outcome TEXT, text TEXT, count INTEGER, first_ns INTEGER, last_ns INTEGER, ended INTEGER, json TEXT NOT NULL,"
	" PRIMARY KEY (run, serial))",
	"CREATE TABLE outbox (id INTEGER PRIMARY KEY AUTOINCREMENT, run TEXT, uid TEXT NOT NULL, rev INTEGER NOT NULL,"
	" ts_ns INTEGER NOT NULL, json TEXT NOT NULL)",
	"CREATE TABLE rules (run TEXT, id TEXT NOT NULL, title TEXT, description TEXT, why TEXT, advice TEXT,"
	" PRIMARY KEY (run, id))",
	"CREATE TABLE assets (run TEXT, segment TEXT NOT NULL, ip TEXT NOT NULL, sort TEXT, name TEXT, role TEXT, zone TEXT,"
	" mac TEXT, roles TEXT, first_ns INTEGER, last_ns INTEGER, first_capture TEXT, first_frame INTEGER,"
	" PRIMARY KEY (run, segment, ip))",
	"CREATE TABLE asset_identity (run TEXT, segment TEXT NOT NULL, ip TEXT NOT NULL, part TEXT NOT NULL,"
	" field TEXT NOT NULL, value TEXT NOT NULL, proto TEXT, capture TEXT, frame INTEGER, count INTEGER,"
	" first_ns INTEGER, last_ns INTEGER, contradicted INTEGER, PRIMARY KEY (run, segment, ip, part, field, value))",
	"CREATE TABLE conversations (run TEXT, segment TEXT NOT NULL, client TEXT NOT NULL, server TEXT NOT NULL,"
	" proto TEXT, op TEXT, func INTEGER, sub INTEGER, func_name TEXT, unit INTEGER, space TEXT, block INTEGER,"
	" granule TEXT, tag TEXT, first_addr INTEGER, last_addr INTEGER, count INTEGER, first_ns INTEGER,"
	" last_ns INTEGER, capture TEXT, frame INTEGER)",
	"CREATE TABLE captures (run TEXT, name TEXT NOT NULL, sha256 TEXT, bytes INTEGER, packets INTEGER,"
	" first_ns INTEGER, last_ns INTEGER, error TEXT)",
	"CREATE TABLE runs (id TEXT PRIMARY KEY, captures_hash TEXT NOT NULL, site TEXT, policy_hash TEXT NOT NULL,"
	" program TEXT NOT NULL, packets INTEGER, events INTEGER, first_ns INTEGER, last_ns INTEGER,"
	" stored TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP)",
	"CREATE INDEX runs_captures ON runs (captures_hash)",
	"CREATE INDEX alerts_uid ON alerts (uid)",
	"CREATE INDEX conversations_client ON conversations (run, client)",
	"CREATE INDEX conversations_server ON conversations (run, server)",
	NULL
};

/* The spool: columns of the tables above in the same order. */
static const char *const spool_schema[] = {
	"CREATE TABLE temp.outbox (id INTEGER PRIMARY KEY, uid, rev, ts_ns, json)",
	"CREATE TABLE temp.last (serial INTEGER PRIMARY KEY, revision, uid, rev, rule, title, class, severity, level, client,"
	" server, client_ip, server_ip, client_asset, server_asset, proto, op, act, outcome, text, count, first_ns, last_ns, ended)",
	"CREATE TEMP VIEW alerts AS SELECT run_name() AS run, serial, l.uid, l.rev, rule, title, class, severity, level, client,"
	" server, client_ip, server_ip, client_asset, server_asset, proto, op, act, outcome, text, count, first_ns, last_ns, ended,"
	" filled_in(json) AS json FROM temp.last l JOIN temp.outbox o ON o.id = l.revision",
	"CREATE TABLE temp.rules (id, title, description, why, advice)",
	"CREATE TABLE temp.assets (segment, ip, sort, name, role, zone, mac, roles, first_ns, last_ns, first_capture, first_frame)",
	"CREATE TABLE temp.asset_identity (segment, ip, part, field, value, proto, capture, frame, count, first_ns, last_ns,"
	" contradicted)",
	"CREATE TABLE temp.conversations (segment, client, server, proto, op, func, sub, func_name, unit, space, block, granule,"
	" tag, first_addr, last_addr, count, first_ns, last_ns, capture, frame)",
	"CREATE TABLE temp.captures (name, sha256, bytes, packets, first_ns, last_ns, error)",
	NULL
};
/* And how it is moved. */
static const char *const moves[] = {
	"INSERT INTO main.alerts SELECT * FROM temp.alerts ORDER BY serial",
	"INSERT INTO main.outbox (run, uid, rev, ts_ns, json)"
	" SELECT run_name(), uid, rev, ts_ns, filled_in(json) FROM temp.outbox ORDER BY id",
	"INSERT INTO main.rules SELECT run_name(), * FROM temp.rules ORDER BY rowid",
	"INSERT OR IGNORE INTO main.assets SELECT run_name(), * FROM temp.assets ORDER BY rowid",
	"INSERT OR IGNORE INTO main.asset_identity SELECT run_name(), * FROM temp.asset_identity ORDER BY rowid",
	"INSERT INTO main.conversations SELECT run_name(), * FROM temp.conversations ORDER BY rowid",
	"INSERT INTO main.captures SELECT run_name(), * FROM temp.captures ORDER BY rowid",
	NULL
};

enum statement { ST_OUTBOX, ST_LAST, ST_RULE, ST_ASSET, ST_SAYING, ST_CONVERSATION, ST_CAPTURE, ST_COUNT };
static const char *const statement_sql[ST_COUNT] = {
	[ST_OUTBOX] = "INSERT INTO temp.outbox (uid, rev, ts_ns, json) VALUES (?,?,?,?)",
	[ST_LAST] = "INSERT OR REPLACE INTO temp.last VALUES (?,last_insert_rowid(),?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
	[ST_RULE] = "INSERT INTO temp.rules VALUES (?,?,?,?,?)",
	[ST_ASSET] = "INSERT INTO temp.assets VALUES (?,?,?,?,?,?,?,?,?,?,?,?)",
	[ST_SAYING] = "INSERT INTO temp.asset_identity VALUES (?,?,?,?,?,?,?,?,?,?,?,?)",
	[ST_CONVERSATION] = "INSERT INTO temp.conversations VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
	[ST_CAPTURE] = "INSERT INTO temp.captures VALUES (?,?,?,?,?,?,?)",
};

struct store {
	sqlite3 *db;
	char *path;                     /* NULL: private */
	sqlite3_stmt *st[ST_COUNT];
	int failed;                     /* enum zt_err, sticky */
	struct diag why;
	char run[65];                   /* the run's name, "" until it is known */
	const char *const *replace;     /* what stands in the spool for what was not known, and what it is */
	struct sbuf filled;
};

static const char *name_of_store(const struct store *s)
{
	return s->path ? s->path : "the temporary database";
}

/* One sentence for what SQLite said. */
static int fail(struct store *s, struct diag *d, int rc, const char *doing)
{
	const char *p = name_of_store(s);

	switch (rc & 0xff) {
	case SQLITE_NOTADB:
		return diag_fail(d, ZT_EIO, "%s: not a database", p);
	case SQLITE_CORRUPT:
		return diag_fail(d, ZT_EIO, "%s: the database is damaged (%s)", p, sqlite3_errmsg(s->db));
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return diag_fail(d, ZT_EBUSY, "%s: another program is writing to the database", p);
	case SQLITE_READONLY:
	case SQLITE_PERM:
		return diag_fail(d, ZT_EPERM, "%s: the database cannot be written (read-only)", p);
	case SQLITE_CANTOPEN:
		return diag_fail(d, ZT_EIO, "%s: cannot open the database (%s)", p,
				 sqlite3_system_errno(s->db) ? strerror(sqlite3_system_errno(s->db)) : "not a file that can be opened");
	case SQLITE_FULL:
		return diag_fail(d, ZT_EFULL, "%s: no space left for the database", p);
	case SQLITE_NOMEM:
		return diag_fail(d, ZT_ENOMEM, "%s: out of memory", p);
	default:
		return diag_fail(d, ZT_EIO, "%s: %s failed (%s)", p, doing, sqlite3_errmsg(s->db));
	}
}

static int run_sql(struct store *s, struct diag *d, const char *sql)
{
	int rc = sqlite3_exec(s->db, sql, NULL, NULL, NULL);

	return rc == SQLITE_OK ? ZT_OK : fail(s, d, rc, "writing");
}

/* SQL with names of schemas and tables from this file put in; never text from outside. */
static int run_sqlf(struct store *s, struct diag *d, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
static int run_sqlf(struct store *s, struct diag *d, const char *fmt, ...)
{
	char sql[1600];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(sql, sizeof sql, fmt, ap);
	va_end(ap);
	return run_sql(s, d, sql);
}

static int pragma_int(struct store *s, struct diag *d, const char *sql, int64_t *out)
{
	sqlite3_stmt *st = NULL;
	int rc = sqlite3_prepare_v2(s->db, sql, -1, &st, NULL);

	if (rc == SQLITE_OK) {
		rc = sqlite3_step(st);
		if (rc == SQLITE_ROW) {
			*out = sqlite3_column_int64(st, 0);
			rc = SQLITE_OK;
		} else if (rc == SQLITE_DONE) {
			*out = 0;
			rc = SQLITE_OK;
		}
	}
	sqlite3_finalize(st);
	return rc == SQLITE_OK ? ZT_OK : fail(s, d, rc, "reading");
}

static int migrate_to_1(struct store *s, struct diag *d)
{
	int err = ZT_OK;

	for (const char *const *q = schema_1; !err && *q; q++)
		err = run_sql(s, d, *q);
	return err ? err : run_sqlf(s, d, "PRAGMA application_id = %d", APPLICATION_ID);
}

/* Row i takes a file from version i to i + 1. */
static int (*const migrations[STORE_SCHEMA])(struct store *, struct diag *) = { migrate_to_1 };

/* Is this file ours, and of a version that we know? */
static int check_file(struct store *s, struct diag *d, int64_t *version)
{
	int64_t app = 0, objects = 0;
	int err = pragma_int(s, d, "PRAGMA user_version", version);

	err = err ? err : pragma_int(s, d, "PRAGMA application_id", &app);
	err = err ? err : pragma_int(s, d, "SELECT count(*) FROM sqlite_master", &objects);
	if (err)
		return err;
	if (app != APPLICATION_ID && (objects || *version))
		return diag_fail(d, ZT_EINVAL, "%s: a database of another program", name_of_store(s));
	if (*version > STORE_SCHEMA)
		return diag_fail(d, ZT_EINVAL, "%s: written by a newer zonetap (schema %lld, this one knows %d)",
				 name_of_store(s), (long long)*version, STORE_SCHEMA);
	return ZT_OK;
}

static int migrate(struct store *s, struct diag *d)
{
	int64_t version = 0;
	int err = check_file(s, d, &version);

	if (err || version == STORE_SCHEMA)
		return err;
	err = run_sql(s, d, "BEGIN IMMEDIATE");
	if (err)
		return err;
	err = check_file(s, d, &version);       /* somebody else may have been first */
	for (; !err && version < STORE_SCHEMA; version++)
		err = migrations[version](s, d);
	err = err ? err : run_sqlf(s, d, "PRAGMA user_version = %d", STORE_SCHEMA);
	err = err ? err : run_sql(s, d, "COMMIT");
	if (err)
		sqlite3_exec(s->db, "ROLLBACK", NULL, NULL, NULL);
	return err;
}

static int open_db(struct store *s, const char *name, int flags, struct diag *d)
{
	int rc;

	sqlite3_close(s->db);
	s->db = NULL;
	rc = sqlite3_open_v2(name, &s->db, flags | SQLITE_OPEN_NOMUTEX, NULL);
	if (!s->db)
		return diag_fail(d, ZT_ENOMEM, "%s: out of memory", name_of_store(s));
	sqlite3_extended_result_codes(s->db, 1);
	sqlite3_busy_timeout(s->db, BUSY_MS);
	return rc == SQLITE_OK ? ZT_OK : fail(s, d, rc, "opening");
}

/* run_name(): of the spooled run. */
static void sql_run_name(sqlite3_context *c, int n, sqlite3_value **v)
{
	const struct store *s = sqlite3_user_data(c);

	(void)n;
	(void)v;
	sqlite3_result_text(c, s->run, -1, SQLITE_STATIC);
}

/* The pair whose first text stands at `at`; NULL: none. */
static const char *const *pair_at(const struct store *s, const char *at)
{
	for (const char *const *p = s->replace; p && *p; p += 2) {
		if (strncmp(at, p[0], strlen(p[0])) == 0)
			return p;
	}
	return NULL;
}

/* filled_in(text): with what was not known when it was written. */
static void sql_filled_in(sqlite3_context *c, int n, sqlite3_value **v)
{
	struct store *s = sqlite3_user_data(c);
	const char *text = (const char *)sqlite3_value_text(v[0]), *from = text;

	(void)n;
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
	if (from == text) {
		sqlite3_result_value(c, v[0]);
		return;
	}
	sbuf_str(&s->filled, from);
	sqlite3_result_text(c, sbuf_text(&s->filled), (int)s->filled.len, SQLITE_TRANSIENT);
}

static int prepare_spool(struct store *s, struct diag *d)
{
	int err = run_sql(s, d, "PRAGMA temp_store = FILE; PRAGMA temp.cache_size = -2048; PRAGMA cache_size = -4096;"
				"PRAGMA temp.journal_mode = OFF");

	if (sqlite3_create_function(s->db, "run_name", 0, SQLITE_UTF8, s, sql_run_name, NULL, NULL) != SQLITE_OK ||
	    sqlite3_create_function(s->db, "filled_in", 1, SQLITE_UTF8, s, sql_filled_in, NULL, NULL) != SQLITE_OK)
		return diag_fail(d, ZT_ENOMEM, "%s: out of memory", name_of_store(s));
	for (const char *const *q = spool_schema; !err && *q; q++)
		err = run_sql(s, d, *q);
	for (int i = 0; !err && i < ST_COUNT; i++) {
		int rc = sqlite3_prepare_v3(s->db, statement_sql[i], -1, SQLITE_PREPARE_PERSISTENT, &s->st[i], NULL);

		if (rc != SQLITE_OK)
			err = fail(s, d, rc, "preparing");
	}
	return err ? err : run_sql(s, d, "BEGIN");
}

static int open_run(struct store *s, struct diag *d)
{
	int err = open_db(s, s->path ? s->path : "", SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, d);
	int64_t version = 0;

	err = err ? err : run_sqlf(s, d, "PRAGMA page_size = %d", PAGE_BYTES);
	if (!err && s->path) {
		err = check_file(s, d, &version);
		if (!err && sqlite3_db_readonly(s->db, "main") == 1)
			err = fail(s, d, SQLITE_READONLY, "opening");
		err = err ? err : run_sql(s, d, "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL");
		err = err ? err : migrate(s, d);
	}
	return err ? err : prepare_spool(s, d);
}

/* A file on a medium that cannot be written is read as it is, without the files that WAL wants beside it. */
static int open_unwritable(struct store *s, struct diag *d)
{
	struct sbuf uri;
	int err;

	sbuf_init(&uri, 16384);
	sbuf_str(&uri, "file:");
	for (const char *c = s->path; *c; c++) {
		if (*c == '?' || *c == '#' || *c == '%')
			sbuf_fmt(&uri, "%%%02x", (unsigned char)*c);
		else
			sbuf_char(&uri, *c);
	}
	sbuf_str(&uri, "?immutable=1");
	err = open_db(s, sbuf_text(&uri), SQLITE_OPEN_READONLY | SQLITE_OPEN_URI, d);
	sbuf_fini(&uri);
	return err;
}

static int open_read(struct store *s, struct diag *d)
{
	int64_t version = 0, rows;
	int err;

	if (access(s->path, F_OK) != 0)
		return diag_fail(d, ZT_ENOENT, "%s: %s; `zonetap replay --db %s CAPTURE...` makes one", s->path,
				 strerror(errno), s->path);
	err = open_db(s, s->path, SQLITE_OPEN_READONLY, d);
	err = err ? err : pragma_int(s, d, "SELECT count(*) FROM sqlite_master", &rows);
	if (err && err != ZT_EBUSY && access(s->path, R_OK) == 0)
		err = open_unwritable(s, d);
	err = err ? err : check_file(s, d, &version);
	if (!err && version != STORE_SCHEMA)
		err = diag_fail(d, ZT_EINVAL, "%s: holds no runs yet", s->path);
	return err;
}

struct store *store_open(const char *path, enum store_mode mode, struct diag *d)
{
	struct store *s = calloc(1, sizeof *s);

	if (s)
		sbuf_init(&s->filled, FILLED_MAX);
	if (s && path)
		s->path = strdup(path);
	if (!s || (path && !s->path)) {
		diag_fail(d, ZT_ENOMEM, "out of memory");
		free(s);
		return NULL;
	}
	if ((mode == STORE_RUN ? open_run(s, d) : open_read(s, d)) != ZT_OK) {
		store_close(s);
		return NULL;
	}
	return s;
}

void store_close(struct store *s)
{
	if (!s)
		return;
	for (int i = 0; i < ST_COUNT; i++)
		sqlite3_finalize(s->st[i]);
	if (s->db && !sqlite3_get_autocommit(s->db))
		sqlite3_exec(s->db, "ROLLBACK", NULL, NULL, NULL);
	sqlite3_close(s->db);
	sbuf_fini(&s->filled);
	free(s->path);
	free(s);
}

/* --- spooling -------------------------------------------------------------------------- */

/* Binds by format, one letter a parameter: s text or NULL, u unsigned, i signed with -1 for none, b flag. */
static void bind(sqlite3_stmt *st, const char *format, va_list ap)
{
	for (int i = 1; *format; format++, i++) {
		if (*format == 's') {
			const char *text = va_arg(ap, const char *);

			sqlite3_bind_text(st, i, text, -1, SQLITE_STATIC);      /* NULL binds NULL */
		} else if (*format == 'u') {
			sqlite3_bind_int64(st, i, (int64_t)va_arg(ap, uint64_t));
		} else if (*format == 'i') {
			int64_t v = va_arg(ap, int64_t);

			if (v < 0)
				sqlite3_bind_null(st, i);
			else
				sqlite3_bind_int64(st, i, v);
		} else {
			sqlite3_bind_int(st, i, va_arg(ap, int));
		}
	}
}

static int spool(struct store *s, struct diag *d, enum statement which, const char *format, ...)
{
	va_list ap;
	int rc;

	if (s->failed)
		return diag_fail(d, s->failed, "%s", s->why.text);
	va_start(ap, format);
	bind(s->st[which], format, ap);
	va_end(ap);
	rc = sqlite3_step(s->st[which]);
	if (rc != SQLITE_DONE) {
		s->failed = fail(s, &s->why, rc, "spooling");
		sqlite3_reset(s->st[which]);
		return diag_fail(d, s->failed, "%s", s->why.text);
	}
	sqlite3_reset(s->st[which]);
	sqlite3_clear_bindings(s->st[which]);
	return ZT_OK;
}

int store_alert(struct store *s, const struct store_alert *a, struct diag *d)
{
	int err = spool(s, d, ST_OUTBOX, "suus", a->uid, (uint64_t)a->rev, a->ts_ns, a->json);

	return err ? err : spool(s, d, ST_LAST, "usussssusssssssssssuuub", a->serial, a->uid, (uint64_t)a->rev, a->rule,
				 a->title, a->class_word, a->severity, (uint64_t)a->severity_level, a->client,
				 a->server, a->client_ip, a->server_ip, a->client_asset, a->server_asset, a->proto,
				 a->op, a->act, a->outcome, a->text, a->count, a->first_ns, a->last_ns, (int)a->ended);
}

int store_rule(struct store *s, const struct store_rule *r, struct diag *d)
{
	return spool(s, d, ST_RULE, "sssss", r->id, r->title, r->description, r->why, r->advice);
}

int store_asset(struct store *s, const struct store_asset *a, struct diag *d)
{
	return spool(s, d, ST_ASSET, "ssssssssuusu", a->segment, a->ip, a->sort, a->name, a->role, a->zone, a->mac, a->roles,
		     a->first_ns, a->last_ns, a->first_capture, (uint64_t)a->first_frame);
}

int store_saying(struct store *s, const struct store_saying *a, struct diag *d)
{
	return spool(s, d, ST_SAYING, "sssssssuuuub", a->segment, a->ip, a->part, a->field, a->value, a->proto,
		     a->capture, (uint64_t)a->frame, a->count, a->first_ns, a->last_ns, (int)a->contradicted);
}

int store_conversation(struct store *s, const struct store_conversation *c, struct diag *d)
{
	return spool(s, d, ST_CONVERSATION, "sssssiisisissiiuuusu", c->segment, c->client, c->server, c->proto, c->op,
		     c->func, c->sub, c->func_name, c->unit, c->space, c->block, c->granule, c->tag, c->from, c->to,
		     c->count, c->first_ns, c->last_ns, c->capture, (uint64_t)c->frame);
}

int store_capture(struct store *s, const struct store_capture *c, struct diag *d)
{
	return spool(s, d, ST_CAPTURE, "ssuuuus", c->name, c->sha256, c->bytes, c->packets, c->first_ns, c->last_ns,
		     c->error);
}

/* --- the end of a run -------------------------------------------------------------------- */

/* One statement with text parameters. rows: how many came back or were changed, may be NULL. */
static int run_with(struct store *s, struct diag *d, const char *sql, int *rows, const char *format, ...)
{
	sqlite3_stmt *st = NULL;
	int rc = sqlite3_prepare_v2(s->db, sql, -1, &st, NULL);
	va_list ap;

	if (rc == SQLITE_OK) {
		va_start(ap, format);
		bind(st, format, ap);
		va_end(ap);
		rc = sqlite3_step(st);
		if (rows)
			*rows = rc == SQLITE_ROW;
		if (rc == SQLITE_ROW || rc == SQLITE_DONE)
			rc = SQLITE_OK;
	}
	sqlite3_finalize(st);
	return rc == SQLITE_OK ? ZT_OK : fail(s, d, rc, "writing");
}

static int move_spool(struct store *s, const struct store_run *r, struct diag *d)
{
	int err = run_with(s, d, "INSERT INTO main.runs (id,captures_hash,site,policy_hash,program,packets,events,"
			   "first_ns,last_ns) VALUES (?,?,?,?,?,?,?,?,?)", NULL, "sssssuuuu", r->id, r->captures_hash,
			   r->site, r->policy_hash, r->program, r->packets, r->events, r->first_ns, r->last_ns);

	for (const char *const *q = moves; !err && *q; q++)
		err = run_sql(s, d, *q);
	return err ? err : run_sql(s, d, "COMMIT");
}

int store_commit(struct store *s, const struct store_run *r, bool *known, struct diag *d)
{
	int there = 0, err;

	*known = false;
	if (s->failed)
		return diag_fail(d, s->failed, "%s", s->why.text);
	snprintf(s->run, sizeof s->run, "%s", r->id);
	s->replace = r->replace;
	err = run_sql(s, d, "COMMIT");
	if (err || !s->path)
		return err;
	err = run_sql(s, d, "BEGIN IMMEDIATE");
	if (err)
		return err;
	err = run_with(s, d, "SELECT 1 FROM main.runs WHERE id = ?", &there, "s", r->id);
	if (!err && !there)
		err = move_spool(s, r, d);
	if (err || there)
		sqlite3_exec(s->db, "ROLLBACK", NULL, NULL, NULL);
	*known = there;
	return err;
}

/* --- reading ------------------------------------------------------------------------------ */

/* Runs that count when none is asked for: of runs over the same captures the one stored last. */
#define CURRENT_RUNS "(SELECT id FROM main.runs r WHERE r.rowid ="						\
	" (SELECT max(rowid) FROM main.runs x WHERE x.captures_hash = r.captures_hash))"

/* Rows of one table that the filter wants: ?1 is the run, a prefix of its name, or NULL. */
static const char *which_runs(const struct store_filter *f)
{
	if (f->spool)
		return "?1 IS ?1";
	return f->run ? "substr(t.run, 1, length(?1)) = ?1" : "?1 IS NULL AND t.run IN " CURRENT_RUNS;
}

static const char *text_at(sqlite3_stmt *st, int i)
{
	return (const char *)sqlite3_column_text(st, i);
}

static uint64_t uint_at(sqlite3_stmt *st, int i)
{
	return (uint64_t)sqlite3_column_int64(st, i);
}

static int64_t int_at(sqlite3_stmt *st, int i)
{
	return sqlite3_column_type(st, i) == SQLITE_NULL ? -1 : sqlite3_column_int64(st, i);
}

/* Prepares and binds; every query's rows are then taken by its own loop. */
static int query(struct store *s, struct diag *d, sqlite3_stmt **st, const char *sql, const char *format, ...)
{
	int rc = sqlite3_prepare_v2(s->db, sql, -1, st, NULL);
	va_list ap;

	if (rc != SQLITE_OK)
		return fail(s, d, rc, "reading");
	va_start(ap, format);
	bind(*st, format, ap);
	va_end(ap);
	return ZT_OK;
}

static int query_end(struct store *s, struct diag *d, sqlite3_stmt *st, int rc)
{
	int err = rc == SQLITE_ROW || rc == SQLITE_DONE ? ZT_OK : fail(s, d, rc, "reading");

	sqlite3_finalize(st);
	return err;
}

int store_alerts(struct store *s, const struct store_filter *f, store_alert_fn *fn, void *arg, struct diag *d)
{
	sqlite3_stmt *st;
	char sql[1600];
	int err, rc;

	snprintf(sql, sizeof sql, "SELECT t.serial,t.rev,t.uid,t.rule,t.title,t.class,t.severity,t.level,t.client,t.server,"
		 "t.client_ip,t.server_ip,t.client_asset,t.server_asset,t.proto,t.op,t.act,t.outcome,t.text,t.count,"
		 "t.first_ns,t.last_ns,t.ended,t.json,t.run FROM %s.alerts t WHERE %s AND t.level >= ?2"
		 " AND (?3 IS NULL OR t.rule = ?3)"
		 " AND (?4 IS NULL OR ?4 IN (t.client_ip, t.server_ip, t.client_asset, t.server_asset))"
		 " AND (?5 IS NULL OR substr(t.uid, 1, length(?5)) = ?5) ORDER BY %s t.first_ns, t.serial",
		 f->spool ? "temp" : "main", which_runs(f),
		 f->spool ? "" : "(SELECT rowid FROM main.runs WHERE id = t.run),");
	err = query(s, d, &st, sql, "susss", f->run, (uint64_t)f->least_severity, f->rule, f->address, f->uid);
	if (err)
		return err;
	while ((rc = sqlite3_step(st)) == SQLITE_ROW) {
		const struct store_alert a = {
			.serial = uint_at(st, 0), .rev = (uint32_t)uint_at(st, 1), .uid = text_at(st, 2),
			.rule = text_at(st, 3), .title = text_at(st, 4), .class_word = text_at(st, 5),
			.severity = text_at(st, 6), .severity_level = (unsigned)uint_at(st, 7), .client = text_at(st, 8),
			.server = text_at(st, 9), .client_ip = text_at(st, 10), .server_ip = text_at(st, 11),
			.client_asset = text_at(st, 12), .server_asset = text_at(st, 13), .proto = text_at(st, 14),
			.op = text_at(st, 15), .act = text_at(st, 16), .outcome = text_at(st, 17), .text = text_at(st, 18),
			.count = uint_at(st, 19), .first_ns = uint_at(st, 20), .last_ns = uint_at(st, 21),
			.ended = uint_at(st, 22) != 0, .json = text_at(st, 23),
		};

		if (!fn(arg, &a, text_at(st, 24)))
			break;
	}
	return query_end(s, d, st, rc);
}

#define LIST_OF(path, what) "(SELECT group_concat(" what ", ', ') FROM json_each(t.json, '" path "'))"
#define MEMBER(path) "json_extract(t.json, '" path "')"

int store_explain(struct store *s, const struct store_filter *f, const char *run, const char *uid,
		  store_explain_fn *fn, void *arg, struct diag *d)
{
	static const char select[] = "SELECT r.description, r.why, r.advice,"
		LIST_OF("$.attack", "json_extract(value, '$.id') || ' ' || json_extract(value, '$.name')") ","
		LIST_OF("$.iec62443", "value") ","
		MEMBER("$.evidence.capture") "," MEMBER("$.evidence.sha256") "," LIST_OF("$.evidence.frames", "value") ","
		MEMBER("$.evidence.first_frame") "," MEMBER("$.evidence.last_frame") ","
		LIST_OF("$.also", "value") "," MEMBER("$.status") "," MEMBER("$.func.name") "," MEMBER("$.target") ","
		MEMBER("$.value.bytes") "," MEMBER("$.site") "," MEMBER("$.client.zone") "," MEMBER("$.server.zone") "," MEMBER("$.server.port")
		" FROM @.alerts t LEFT JOIN @.rules r ON r.run = t.run AND r.id = t.rule"
		" WHERE t.run = ?1 AND t.uid = ?2";
	sqlite3_stmt *st;
	struct sbuf b;
	int err, rc;

	sbuf_init(&b, 4096);
	for (const char *c = select; *c; c++) {
		if (*c == '@')
			sbuf_str(&b, f->spool ? "temp" : "main");
		else
			sbuf_char(&b, *c);
	}
	err = query(s, d, &st, sbuf_text(&b), "ss", run, uid);
	sbuf_fini(&b);
	if (err)
		return err;
	rc = sqlite3_step(st);
	if (rc == SQLITE_ROW) {
		const struct store_explain e = {
			.description = text_at(st, 0), .why = text_at(st, 1), .advice = text_at(st, 2),
			.attack = text_at(st, 3), .iec62443 = text_at(st, 4), .capture = text_at(st, 5),
			.sha256 = text_at(st, 6), .frames = text_at(st, 7), .first_frame = (uint32_t)uint_at(st, 8),
			.last_frame = (uint32_t)uint_at(st, 9), .also = text_at(st, 10), .status = text_at(st, 11),
			.func = text_at(st, 12), .target = text_at(st, 13), .value = text_at(st, 14),
			.site = text_at(st, 15), .client_zone = text_at(st, 16), .server_zone = text_at(st, 17),
			.server_port = text_at(st, 18),
		};

		fn(arg, &e);
	}
	return query_end(s, d, st, rc);
}

/* Several runs may know one asset: it was first seen by the earliest of them and last by the latest. */
int store_assets(struct store *s, const struct store_filter *f, store_asset_fn *fn, void *arg, struct diag *d)
{
	sqlite3_stmt *st;
	char sql[1600];
	int err, rc;

	snprintf(sql, sizeof sql, "SELECT segment,ip,sort,name,role,zone,mac,all_roles,first_ns,latest,first_capture,"
		 "first_frame FROM (SELECT t.*, max(last_ns) OVER same AS latest, group_concat(roles, ', ') OVER same"
		 " AS all_roles, row_number() OVER (PARTITION BY segment, ip ORDER BY first_ns, rowid) AS place"
		 " FROM %s.assets t WHERE %s AND (?2 IS NULL OR ?2 IN (t.ip, t.name))"
		 " WINDOW same AS (PARTITION BY segment, ip)) WHERE place = 1 ORDER BY segment, sort",
		 f->spool ? "temp" : "main", which_runs(f));
	err = query(s, d, &st, sql, "ss", f->run, f->address);
	if (err)
		return err;
	while ((rc = sqlite3_step(st)) == SQLITE_ROW) {
		const struct store_asset a = {
			.segment = text_at(st, 0), .ip = text_at(st, 1), .sort = text_at(st, 2), .name = text_at(st, 3),
			.role = text_at(st, 4), .zone = text_at(st, 5), .mac = text_at(st, 6), .roles = text_at(st, 7),
			.first_ns = uint_at(st, 8), .last_ns = uint_at(st, 9), .first_capture = text_at(st, 10),
			.first_frame = (uint32_t)uint_at(st, 11),
		};

		if (!fn(arg, &a))
			break;
	}
	return query_end(s, d, st, rc);
}

int store_sayings(struct store *s, const struct store_filter *f, const char *segment, const char *ip,
		  store_saying_fn *fn, void *arg, struct diag *d)
{
	sqlite3_stmt *st;
	char sql[1024];
	int err, rc;

	snprintf(sql, sizeof sql, "SELECT segment,ip,part,field,value,proto,capture,frame,count,first_ns,last_ns,"
		 "contradicted FROM %s.asset_identity t WHERE %s AND t.segment = ?2 AND t.ip = ?3"
		 " ORDER BY part, (SELECT min(rowid) FROM %s.asset_identity x WHERE x.field = t.field AND x.ip = t.ip),"
		 " first_ns, rowid", f->spool ? "temp" : "main", which_runs(f), f->spool ? "temp" : "main");
	err = query(s, d, &st, sql, "sss", f->run, segment, ip);
	if (err)
		return err;
	while ((rc = sqlite3_step(st)) == SQLITE_ROW) {
		const struct store_saying a = {
			.segment = text_at(st, 0), .ip = text_at(st, 1), .part = text_at(st, 2), .field = text_at(st, 3),
			.value = text_at(st, 4), .proto = text_at(st, 5), .capture = text_at(st, 6),
			.frame = (uint32_t)uint_at(st, 7), .count = uint_at(st, 8), .first_ns = uint_at(st, 9),
			.last_ns = uint_at(st, 10), .contradicted = uint_at(st, 11) != 0,
		};

		if (!fn(arg, &a))
			break;
	}
	return query_end(s, d, st, rc);
}

int store_conversations(struct store *s, const struct store_filter *f, const char *ip,
			store_conversation_fn *fn, void *arg, struct diag *d)
{
	sqlite3_stmt *st;
	char sql[1024];
	int err, rc;

	snprintf(sql, sizeof sql, "SELECT segment,client,server,proto,op,func,sub,func_name,unit,space,block,granule,tag,"
		 "first_addr,last_addr,count,first_ns,last_ns,capture,frame FROM %s.conversations t WHERE %s"
		 " AND (?2 IS NULL OR ?2 IN (t.client, t.server)) ORDER BY first_ns, rowid",
		 f->spool ? "temp" : "main", which_runs(f));
	err = query(s, d, &st, sql, "ss", f->run, ip);
	if (err)
		return err;
	while ((rc = sqlite3_step(st)) == SQLITE_ROW) {
		const struct store_conversation c = {
			.segment = text_at(st, 0), .client = text_at(st, 1), .server = text_at(st, 2), .proto = text_at(st, 3),
			.op = text_at(st, 4), .func = int_at(st, 5), .sub = int_at(st, 6), .func_name = text_at(st, 7),
			.unit = int_at(st, 8), .space = text_at(st, 9), .block = int_at(st, 10), .granule = text_at(st, 11),
			.tag = text_at(st, 12), .from = int_at(st, 13), .to = int_at(st, 14), .count = uint_at(st, 15),
			.first_ns = uint_at(st, 16), .last_ns = uint_at(st, 17), .capture = text_at(st, 18),
			.frame = (uint32_t)uint_at(st, 19),
		};

		if (!fn(arg, &c))
			break;
	}
	return query_end(s, d, st, rc);
}

const char *store_library_version(void)
{
	return sqlite3_libversion();
}
