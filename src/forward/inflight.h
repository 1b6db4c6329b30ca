/* inflight.h - batches that were sent and are not confirmed yet, in order. One owner. */
#ifndef ZT_FORWARD_INFLIGHT_H
#define ZT_FORWARD_INFLIGHT_H

#include "policy/policy.h"

#include <stdbool.h>
#include <stdint.h>

#define INFLIGHT_MAX 256

struct flight {
	uint64_t number;                /* of the batch */
	int64_t to;                     /* with it and all before it, every row up to this id is delivered */
	uint64_t records, bytes;
	uint64_t stored_ns;             /* of its first row; 0: none */
	bool telling;                   /* it says what was dropped: */
	uint64_t dropped[SEV_COUNT];
};

struct inflight {
	struct flight flight[INFLIGHT_MAX];
	uint32_t first, count, window;
};

void inflight_init(struct inflight *f, uint32_t window);        /* window: 1..INFLIGHT_MAX, cut to it */
void inflight_clear(struct inflight *f);
bool inflight_full(const struct inflight *f);
void inflight_add(struct inflight *f, const struct flight *one);        /* not when full */
/* The rows up to `to` need nothing beyond the last of the batches. */
void inflight_extend(struct inflight *f, int64_t to);
/* The oldest, when it is confirmed by `number`, in *out. */
bool inflight_take(struct inflight *f, uint64_t number, struct flight *out);
bool inflight_telling(const struct inflight *f);

#endif
