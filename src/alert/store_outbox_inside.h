/* store_outbox_inside.h - a sink's connection: what reads the outbox (store_outbox.c) and what writes positions and dead
 * letters (store_sinks.c) share. Not for others. */
#ifndef ZT_ALERT_STORE_OUTBOX_INSIDE_H
#define ZT_ALERT_STORE_OUTBOX_INSIDE_H

#include "alert/store_db.h"
#include "alert/store_outbox.h"

#include <sys/types.h>

enum outbox_statement {
	OUTBOX_READ, OUTBOX_END, OUTBOX_SINCE, OUTBOX_COUNT, OUTBOX_FIRST, OUTBOX_CURSOR, OUTBOX_DROPS, OUTBOX_MOVE,
	OUTBOX_STATEMENTS
};

struct outbox {
	struct db db;
	sqlite3_stmt *st[OUTBOX_STATEMENTS];
	dev_t dev;
	ino_t ino;
	unsigned writes;                /* of this connection, since it looked after the WAL, */
	int wal_frames;                 /* which was so long after the last of them */
	int64_t counted_after;          /* of the last count, */
	uint64_t counted_rows, counted_ns;      /* its result, and when (monotonic; 0: never) */
};

/* db_end(), and what only a WAL that nobody else looks after needs. */
int outbox_written(struct outbox *o, int err, struct diag *d);

#endif
