/* store_queue.h - rows that wait in memory for the disk, within a number of bytes.
 *
 * Two lanes, alerts before inventory, each in the order of puts. When a row does not fit, inventory goes
 * first, the oldest first, then revisions of the lowest severity, the oldest first; a row that is worth less
 * than all that is there goes itself. No lock of its own: the owner has one. */
#ifndef ZT_ALERT_STORE_QUEUE_H
#define ZT_ALERT_STORE_QUEUE_H

#include "alert/store_row.h"
#include "policy/policy.h"

#include <stdbool.h>
#include <stdint.h>

struct store_lane { struct store_row *first, *last; };

struct store_queue {
	struct store_lane alerts, inventory;
	struct store_lane severity[SEV_COUNT];  /* linked by next_equal */
	uint64_t bytes, max_bytes;              /* with what was taken and not given back */
	uint64_t rows, alert_rows;              /* waiting */
	uint64_t lost[SEV_COUNT], lost_inventory;
};

void store_queue_init(struct store_queue *q, uint64_t max_bytes);
void store_queue_fini(struct store_queue *q);

/* r, from store_row_new(), belongs to the queue now, and may be lost at once. */
void store_queue_put(struct store_queue *q, struct store_row *r);
/* A revision or row that there was no memory for. */
void store_queue_lost(struct store_queue *q, enum store_row_kind kind, unsigned severity);

/* Takes rows off, alerts first, with inventory when that is wanted: at most max_rows (at least one, if there is one)
 * and max_bytes. They are a list by `next` that the caller owns, and still count as bytes until ... */
struct store_row *store_queue_take(struct store_queue *q, uint32_t max_rows, uint64_t max_bytes, bool inventory);
/* ... the list, or what is left of it, is given back: to be tried again, in its place before all others. */
void store_queue_back(struct store_queue *q, struct store_row *list);
/* ... or one row is done with: it is freed. */
void store_queue_done(struct store_queue *q, struct store_row *r);

#endif
