/* store_db.h - a connection to SQLite, for the files of the store (store_*) and nobody else.
 *
 * One connection, one thread. What can fail returns enum zt_err and leaves SQLite's own code in c->rc. */
#ifndef ZT_ALERT_STORE_DB_H
#define ZT_ALERT_STORE_DB_H

#include "alert/store.h"
#include "alert/store_row.h"

#include <sqlite3.h>
#include <stdarg.h>

#define DB_PAGE_BYTES 8192      /* of a new file and of the spool: a revision's JSON is one to two thousand bytes */

struct db {
	sqlite3 *h;
	char *path;                     /* NULL: private */
	int rc;                         /* of the last failure, with its extension */
	bool brief;                     /* what it writes is short and can be tried again: see store_turn.h */
	bool turn;                      /* it has the turn */
};

/* What struct store is: a connection, and for a run its spool; for a sensor its queue and thread, which has a
 * connection of its own. */
struct store {
	struct db db;
	struct store_spool *spool;
	struct store_live *live;
};

const char *db_name(const struct db *c);
int db_open(struct db *c, const char *name, int flags, struct diag *d);        /* closes what was open */
void db_close(struct db *c);            /* rolls back; keeps the path */
int db_fail(struct db *c, struct diag *d, int rc, const char *doing);          /* one sentence for what SQLite said */

/* --- store_schema.c --- */
int db_check(struct db *c, struct diag *d, int64_t *version);  /* is it ours, and of a version that we know? */
int db_migrate(struct db *c, struct diag *d);                  /* to STORE_SCHEMA, in one transaction */

/* A transaction that writes. ZT_EBUSY: another one does. After db_begin() either db_commit() succeeds or db_rollback()
 * follows; it may be called at any time. */
int db_begin(struct db *c, struct diag *d);
int db_commit(struct db *c, struct diag *d);
void db_rollback(struct db *c);
int db_end(struct db *c, int err, struct diag *d);      /* whichever err wants; err, or what committing said */

/* --- statements: parameters by format, one letter each: s text or NULL, u unsigned, i signed with -1 for none,
 * b flag. Text must live until the statement was stepped. --- */
int db_run(struct db *c, struct diag *d, const char *sql);
/* SQL with names and numbers of this program put in; never text from outside. */
int db_runf(struct db *c, struct diag *d, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
/* rows: 1 when a row came back; may be NULL. */
int db_run_with(struct db *c, struct diag *d, const char *sql, int *rows, const char *format, ...);
int db_int(struct db *c, struct diag *d, const char *sql, int64_t *out);       /* 0 when there is no row */
int db_prepare(struct db *c, struct diag *d, const char *sql, sqlite3_stmt **st);      /* to be kept */
void db_bind(sqlite3_stmt *st, const char *format, va_list ap);
int db_step(struct db *c, struct diag *d, sqlite3_stmt *st, const char *format, ...);  /* once, no rows wanted */
int db_vstep(struct db *c, struct diag *d, sqlite3_stmt *st, const char *format, va_list ap);

int db_query(struct db *c, struct diag *d, sqlite3_stmt **st, const char *sql, const char *format, ...);
int db_query_end(struct db *c, struct diag *d, sqlite3_stmt *st, int rc);      /* rc: of the last step */
const char *db_text(sqlite3_stmt *st, int i);
uint64_t db_uint(sqlite3_stmt *st, int i);
int64_t db_sint(sqlite3_stmt *st, int i);       /* NULL: -1 */

/* --- store_read.c, store_run.c, store_live.c --- */
int store_read_open(struct db *c, struct diag *d);
int store_run_open(struct store *s, struct diag *d);
void store_run_close(struct store *s);
int store_live_put(struct store_live *l, enum store_row_kind kind, const void *row);
void store_live_close(struct store *s);

#endif
