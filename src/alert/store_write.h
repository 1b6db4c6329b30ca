/* store_write.h - rows of a live store as statements: written again and again, each in its place. The store's thread,
 * inside a transaction of the caller. */
#ifndef ZT_ALERT_STORE_WRITE_H
#define ZT_ALERT_STORE_WRITE_H

#include "alert/store_row.h"

#include <stdint.h>

struct db;
struct sqlite3_stmt;

#define STORE_WRITES 10
struct store_writes { struct sqlite3_stmt *st[STORE_WRITES]; };

int store_writes_init(struct store_writes *w, struct db *c, struct diag *d);
void store_writes_fini(struct store_writes *w);        /* also one that was never made */

int store_writes_run(struct store_writes *w, struct db *c, const struct store_run *r, struct diag *d);
/* wall_ns: when a revision is stored. *outbox_id: of the revision's row; unchanged for other rows and for a revision that is there already. */
int store_writes_row(struct store_writes *w, struct db *c, const char *run, const struct store_row *r, uint64_t wall_ns,
		     int64_t *outbox_id, struct diag *d);

#endif
