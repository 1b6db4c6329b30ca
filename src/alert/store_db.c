#include "alert/store_db.h"

#include "alert/store_turn.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define BUSY_MS 5000

const char *db_name(const struct db *c)
{
	return c->path ? c->path : "the temporary database";
}

int db_fail(struct db *c, struct diag *d, int rc, const char *doing)
{
	const char *p = db_name(c);

	c->rc = rc;
	switch (rc & 0xff) {
	case SQLITE_NOTADB:
		return diag_fail(d, ZT_EIO, "%s: not a database", p);
	case SQLITE_CORRUPT:
		return diag_fail(d, ZT_EIO, "%s: the database is damaged (%s)", p, sqlite3_errmsg(c->h));
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return diag_fail(d, ZT_EBUSY, "%s: another program is writing to the database", p);
	case SQLITE_READONLY:
	case SQLITE_PERM:
		return diag_fail(d, ZT_EPERM, "%s: the database cannot be written (read-only)", p);
	case SQLITE_CANTOPEN:
		return diag_fail(d, ZT_EIO, "%s: cannot open the database (%s)", p,
				 sqlite3_system_errno(c->h) ? strerror(sqlite3_system_errno(c->h)) : "not a file that can be opened");
	case SQLITE_FULL:
		return diag_fail(d, ZT_EFULL, "%s: no space left for the database", p);
	case SQLITE_NOMEM:
		return diag_fail(d, ZT_ENOMEM, "%s: out of memory", p);
	default:
		return diag_fail(d, ZT_EIO, "%s: %s failed (%s)", p, doing, sqlite3_errmsg(c->h));
	}
}

static void end_turn(struct db *c)
{
	if (c->turn)
		store_turn_give();
	c->turn = false;
}

int db_run(struct db *c, struct diag *d, const char *sql)
{
	int rc = sqlite3_exec(c->h, sql, NULL, NULL, NULL);

	return rc == SQLITE_OK ? ZT_OK : db_fail(c, d, rc, "writing");
}

/* The turn is a courtesy: who is not brief goes on without it, and SQLite decides. */
int db_begin(struct db *c, struct diag *d)
{
	int err;

	c->turn = store_turn_take(c->brief);
	if (c->brief && !c->turn)
		return db_fail(c, d, SQLITE_BUSY, "writing");
	err = db_run(c, d, "BEGIN IMMEDIATE");
	if (err)
		end_turn(c);
	return err;
}

int db_commit(struct db *c, struct diag *d)
{
	int err = db_run(c, d, "COMMIT");

	if (!err)
		end_turn(c);
	return err;
}

void db_rollback(struct db *c)
{
	if (c->h && !sqlite3_get_autocommit(c->h))
		sqlite3_exec(c->h, "ROLLBACK", NULL, NULL, NULL);
	end_turn(c);
}

int db_end(struct db *c, int err, struct diag *d)
{
	err = err ? err : db_commit(c, d);
	if (err)
		db_rollback(c);
	return err;
}

int db_runf(struct db *c, struct diag *d, const char *fmt, ...)
{
	char sql[1600];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(sql, sizeof sql, fmt, ap);
	va_end(ap);
	return db_run(c, d, sql);
}

int db_int(struct db *c, struct diag *d, const char *sql, int64_t *out)
{
	sqlite3_stmt *st = NULL;
	int rc = sqlite3_prepare_v2(c->h, sql, -1, &st, NULL);

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
	return rc == SQLITE_OK ? ZT_OK : db_fail(c, d, rc, "reading");
}

void db_bind(sqlite3_stmt *st, const char *format, va_list ap)
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

int db_run_with(struct db *c, struct diag *d, const char *sql, int *rows, const char *format, ...)
{
	sqlite3_stmt *st = NULL;
	int rc = sqlite3_prepare_v2(c->h, sql, -1, &st, NULL);
	va_list ap;

	if (rc == SQLITE_OK) {
		va_start(ap, format);
		db_bind(st, format, ap);
		va_end(ap);
		rc = sqlite3_step(st);
		if (rows)
			*rows = rc == SQLITE_ROW;
		if (rc == SQLITE_ROW || rc == SQLITE_DONE)
			rc = SQLITE_OK;
	}
	sqlite3_finalize(st);
	return rc == SQLITE_OK ? ZT_OK : db_fail(c, d, rc, "writing");
}

int db_prepare(struct db *c, struct diag *d, const char *sql, sqlite3_stmt **st)
{
	int rc = sqlite3_prepare_v3(c->h, sql, -1, SQLITE_PREPARE_PERSISTENT, st, NULL);

	return rc == SQLITE_OK ? ZT_OK : db_fail(c, d, rc, "preparing");
}

int db_vstep(struct db *c, struct diag *d, sqlite3_stmt *st, const char *format, va_list ap)
{
	int rc, err = ZT_OK;

	db_bind(st, format, ap);
	rc = sqlite3_step(st);
	if (rc != SQLITE_DONE && rc != SQLITE_ROW)
		err = db_fail(c, d, rc, "writing");
	sqlite3_reset(st);
	sqlite3_clear_bindings(st);
	return err;
}

int db_step(struct db *c, struct diag *d, sqlite3_stmt *st, const char *format, ...)
{
	va_list ap;
	int err;

	va_start(ap, format);
	err = db_vstep(c, d, st, format, ap);
	va_end(ap);
	return err;
}

int db_query(struct db *c, struct diag *d, sqlite3_stmt **st, const char *sql, const char *format, ...)
{
	int rc = sqlite3_prepare_v2(c->h, sql, -1, st, NULL);
	va_list ap;

	if (rc != SQLITE_OK)
		return db_fail(c, d, rc, "reading");
	va_start(ap, format);
	db_bind(*st, format, ap);
	va_end(ap);
	return ZT_OK;
}

int db_query_end(struct db *c, struct diag *d, sqlite3_stmt *st, int rc)
{
	int err = rc == SQLITE_ROW || rc == SQLITE_DONE ? ZT_OK : db_fail(c, d, rc, "reading");

	sqlite3_finalize(st);
	return err;
}

const char *db_text(sqlite3_stmt *st, int i)
{
	return (const char *)sqlite3_column_text(st, i);
}

uint64_t db_uint(sqlite3_stmt *st, int i)
{
	return (uint64_t)sqlite3_column_int64(st, i);
}

int64_t db_sint(sqlite3_stmt *st, int i)
{
	return sqlite3_column_type(st, i) == SQLITE_NULL ? -1 : sqlite3_column_int64(st, i);
}

void db_close(struct db *c)
{
	db_rollback(c);
	sqlite3_close(c->h);
	c->h = NULL;
}

int db_open(struct db *c, const char *name, int flags, struct diag *d)
{
	int rc;

	db_close(c);
	rc = sqlite3_open_v2(name, &c->h, flags | SQLITE_OPEN_NOMUTEX, NULL);
	if (!c->h)
		return diag_fail(d, ZT_ENOMEM, "%s: out of memory", db_name(c));
	sqlite3_extended_result_codes(c->h, 1);
	sqlite3_busy_timeout(c->h, BUSY_MS);
	return rc == SQLITE_OK ? ZT_OK : db_fail(c, d, rc, "opening");
}

struct store *store_open(const char *path, enum store_mode mode, struct diag *d)
{
	struct store *s = calloc(1, sizeof *s);

	if (s && path)
		s->db.path = strdup(path);
	if (!s || (path && !s->db.path)) {
		diag_fail(d, ZT_ENOMEM, "out of memory");
		free(s);
		return NULL;
	}
	if ((mode == STORE_RUN ? store_run_open(s, d) : store_read_open(&s->db, d)) != ZT_OK) {
		store_close(s);
		return NULL;
	}
	return s;
}

void store_close(struct store *s)
{
	if (!s)
		return;
	store_live_close(s);
	store_run_close(s);
	db_close(&s->db);
	free(s->db.path);
	free(s);
}

const char *store_library_version(void)
{
	return sqlite3_libversion();
}
