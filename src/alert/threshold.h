/* threshold.h - rules that want several matches within a time before they say anything.
 *
 * One counter for each rule and key; it remembers the matches of its window, so that the alert can count
 * them and show the first. Bounded: the counter hit longest ago goes first, and its matches with it.
 * Owned by the writer's thread; time is packet time. */
#ifndef ZT_ALERT_THRESHOLD_H
#define ZT_ALERT_THRESHOLD_H

#include "policy/policy.h"

#include <stdbool.h>
#include <stdint.h>

#define HIT_NONE UINT32_MAX

struct alert_target {                   /* the fixed part of a target; the texts are kept elsewhere */
	const char *space;              /* static */
	uint32_t cls, block, first, count;
	uint32_t has;                   /* of enum ot_has: HAS_CLASS, HAS_BLOCK, HAS_FIRST, HAS_COUNT */
	uint8_t  granule;
};

struct hit {                            /* one match, as far as an alert wants to know it later */
	uint64_t ts_ns;
	uint32_t frame, next;           /* next: of the same counter, newer; HIT_NONE ends */
	uint16_t capture, pdu, part;
	uint8_t  result;                /* enum alert_result when the match tells its outcome itself */
	struct alert_target target;
	struct policy_key what;         /* under a threshold that counts distinct ones: which */
};

struct thresholds;

struct thresholds *thresholds_new(uint32_t counters, uint32_t hits);    /* NULL: no memory */
void thresholds_free(struct thresholds *t);

/* One match of `rule` under `key`. true: the threshold is met. *first is then the oldest match of the
 * window (the newest is this one), HIT_NONE when it has been met before and this one just goes on. The
 * hits stay until thresholds_taken(). */
bool thresholds_hit(struct thresholds *t, uint16_t rule, const struct threshold *limit, struct policy_key key,
		    const struct hit *hit, uint32_t *first);
const struct hit *thresholds_at(const struct thresholds *t, uint32_t hit);
void thresholds_taken(struct thresholds *t);    /* gives back the hits that the last met counter had */

/* Another policy: the counters go on under their rules' new numbers. */
struct policy_map;
void thresholds_policy(struct thresholds *t, const struct policy_map *map);

/* Counters, or windows, that were given up before their time. */
uint64_t thresholds_evicted(const struct thresholds *t);

#endif
