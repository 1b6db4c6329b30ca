/* store_backlog.h - what some sink has not delivered, and its limits. The store's thread.
 *
 * The backlog is the outbox's rows past the cursor of the sink that is furthest behind, of those that are configured.
 * When it is too long, rows of the lowest severity go first, the oldest of them first; rows that are too old go whatever
 * they are. For each sink that had not confirmed such a row it is counted, by severity, in the same transaction; also a
 * row that the sink's filter would have left out, and one that was under way just then. The alert itself stays. */
#ifndef ZT_ALERT_STORE_BACKLOG_H
#define ZT_ALERT_STORE_BACKLOG_H

#include "alert/store_live.h"
#include "base/err.h"
#include "policy/policy.h"

#include <stdbool.h>
#include <stdint.h>

struct db;

struct store_backlog {                  /* zeroed for a file that was just opened, but for `dropped` */
	int64_t floor;                  /* every sink has confirmed up to here; INT64_MAX: there is no sink */
	int64_t end;                    /* newest row of the outbox at the last look */
	uint64_t rows, bytes;           /* between the two; bytes of JSON */
	uint64_t counted_ns;            /* when all was counted (monotonic); 0: never */
	uint64_t dropped[SEV_COUNT];    /* rows removed before every sink had confirmed them */
};

/* Follows cursors and new rows. */
int store_backlog_look(struct store_backlog *b, struct db *c, struct diag *d);

/* Looks, and removes one slice of what is more than the limits allow, of age only with old_ns: what was stored before is
 * too old. *more: another step is due. */
int store_backlog_limit(struct store_backlog *b, struct db *c, const struct store_backlog_limits *limits, uint64_t old_ns,
			bool *more, struct diag *d);

/* Inside a transaction, before rows of the outbox go: each sink that has not confirmed one is told so many. `of`: a
 * condition on the outbox's columns with ?1, an id. */
int store_backlog_lose(struct store_backlog *b, struct db *c, const char *of, const int64_t *id, unsigned n, struct diag *d);

#endif
