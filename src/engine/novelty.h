/* novelty.h - OT traffic repeats itself: the first of a kind goes through, the rest is counted.
 *
 * A kind is what the event's fingerprint says (protocol, direction, function, unit, target,
 * outcome, names) between the same two addresses, zones and assets, over the same transport to the same port of
 * the server. What else two messages may differ in is FIELD_VOLATILE in src/expr. Counts leave when the entry is pushed out and at
 * the end; they only ever add up, so their order does not matter. Owned by one worker. */
#ifndef ZT_ENGINE_NOVELTY_H
#define ZT_ENGINE_NOVELTY_H

#include "ot/event.h"

#include <stdbool.h>
#include <stdint.h>

#define NOVELTY_ENTRIES 32768           /* kinds remembered at once by one worker */

#define NOVELTY_TAG 64

struct novelty;

/* n repeats between first_ns and last_ns of the kind that `representative` shows. It has no value, path, route or
 * identity, and of the tag the first NOVELTY_TAG bytes. */
typedef void novelty_fn(void *arg, const struct ot_event *representative, uint64_t n, uint64_t first_ns, uint64_t last_ns);

struct novel {                          /* what is remembered of a kind; the caller's part is the verdict */
	uint64_t key;                   /* 0: free */
	uint64_t n, first_ns, last_ns;  /* repeats not yet told */
	uint8_t  verdict, matches;
	uint8_t  by_value;              /* EV_BY_VALUE: the verdict is not to be remembered */
	uint16_t match[OT_MATCH_MAX];
} __attribute__((aligned(64)));         /* a cache line each */

struct novelty *novelty_new(novelty_fn *fn, void *arg);         /* NULL: no memory */
void novelty_free(struct novelty *n);
/* The entry of ev's kind, which is written into ev; *is_new when it was made now. pair: a hash of segment and both addresses. */
struct novel *novelty_of(struct novelty *n, struct ot_event *ev, uint64_t pair, bool *is_new);
void novelty_verdict(struct novelty *n, struct novel *e, const struct ot_event *ev);    /* as judged, of a new kind */
void novelty_count(struct novel *e, uint64_t ts_ns);
void novelty_flush(struct novelty *n);  /* tells all counts */

#endif
