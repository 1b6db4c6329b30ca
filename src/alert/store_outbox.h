/* store_outbox.h - the outbox as sinks see it: revisions in order, a cursor for each sink, and the dead letters.
 *
 * One connection of its own for each sink's thread, beside the store's writer. Reading takes no lock that a writer waits
 * for (WAL). Cursors are written without waiting for the disk (synchronous=NORMAL): one that is lost in a power cut means
 * that something is sent twice. A database that is not there, locked, read-only or damaged gives ZT_EBUSY or ZT_EIO and
 * is tried again by whoever calls. */
#ifndef ZT_ALERT_STORE_OUTBOX_H
#define ZT_ALERT_STORE_OUTBOX_H

#include "base/err.h"
#include "policy/policy.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct outbox;

/* Opens and closes. The file must be there and of this version (the store makes it): ZT_ENOENT else. */
struct outbox *outbox_open(const char *path, int *err, struct diag *d);
void outbox_close(struct outbox *o);
/* false: the file at that path is not the one that is open any more: open it again, its cursors are its own. */
bool outbox_current(const struct outbox *o);

struct outbox_row {
	int64_t id;
	const char *uid, *json;
	uint32_t rev, severity;
	uint64_t ts_ns;                 /* packet time of the revision */
	uint64_t stored_ns;             /* wall clock of its commit, as far as known; 0 */
	size_t json_len;
};
typedef bool outbox_fn(void *arg, const struct outbox_row *r);          /* false ends it */
/* Rows with id > after, in order, at most `count`. Text lives until fn returns; fn may take its time, since nothing of
 * the database is held meanwhile. Rows that were removed are not there: ids have gaps. */
int outbox_read(struct outbox *o, int64_t after, uint32_t count, outbox_fn *fn, void *arg, struct diag *d);
/* The last id given out (0: none), also when its row is gone. */
int outbox_end(struct outbox *o, int64_t *id, struct diag *d);
/* The id before the first row that was stored at or after wall_ns; for `zonetap forward --since`. */
int outbox_since(struct outbox *o, uint64_t wall_ns, int64_t *id, struct diag *d);
/* How many rows lie behind the cursor, and the stored_ns of the first of them (0: none). */
int outbox_depth(struct outbox *o, int64_t after, uint64_t *rows, uint64_t *oldest_ns, struct diag *d);

struct outbox_cursor {
	int64_t confirmed;              /* every row up to this id is delivered, put aside, filtered or dropped */
	int64_t settled;                /* where a new connection begins again: at most `confirmed` */
	/* By severity, rows past `confirmed` that were removed for the limits of the backlog or of the file, not yet told;
	 * also those that the sink's filter would have left out, and those under way just then. */
	uint64_t dropped[SEV_COUNT];
};
/* A sink that is not known is made with both at `start`. From then on it has a say in what is kept. */
int outbox_cursor(struct outbox *o, const char *sink, int64_t start, struct outbox_cursor *out, struct diag *d);
/* The same, but makes nothing: ZT_ENOENT when it is not known. */
int outbox_peek(struct outbox *o, const char *sink, struct outbox_cursor *out, struct diag *d);
/* Neither goes back, and `settled` not past `confirmed`. ZT_ENOENT: the database does not know the sink. */
int outbox_move(struct outbox *o, const char *sink, int64_t confirmed, int64_t settled, struct diag *d);
/* The sink has told of so many. */
int outbox_told(struct outbox *o, const char *sink, const uint64_t dropped[SEV_COUNT], struct diag *d);
/* Sinks that are not in the list have no say in what is kept any more; outbox_cursor() gives it back. Without any (n 0)
 * the outbox is kept for nobody: a sensor whose last sink was taken out of the configuration must say so. */
int outbox_sinks(struct outbox *o, const char *const *sink, uint32_t n, struct diag *d);

/* To the dead letters, once for each (sink, id). They are bounded: of each sink the newest OUTBOX_LETTERS_MAX are kept. */
#define OUTBOX_LETTERS_MAX 10000
int outbox_dead(struct outbox *o, const char *sink, const struct outbox_row *r, const char *why, struct diag *d);
struct outbox_letter { int64_t id; const char *sink, *uid, *why, *json; uint32_t rev, severity; uint64_t dead_ns; };
typedef bool outbox_letter_fn(void *arg, const struct outbox_letter *l);
int outbox_letters(struct outbox *o, const char *sink, outbox_letter_fn *fn, void *arg, struct diag *d);       /* sink NULL: all */
int outbox_letter_count(struct outbox *o, const char *sink, uint64_t *n, struct diag *d);
int outbox_letter_gone(struct outbox *o, const char *sink, int64_t id, struct diag *d);        /* it was delivered after all */

#endif
