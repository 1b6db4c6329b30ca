#include "alert/waiting.h"

#include <stdlib.h>

/* Entries are numbered as they come, from 1. A chain leads from the newest to older ones; it ends at the first
 * that the ring has overwritten since, so that nothing has to be taken out of a chain. */
struct waitings {
	struct waiting *v;              /* number n is at (n - 1) % max */
	uint64_t *bucket;               /* number of its newest entry; 0 none */
	uint32_t max, buckets;
	uint64_t added;
};

struct waitings *waitings_new(uint32_t max)
{
	struct waitings *w = calloc(1, sizeof *w);

	if (!w)
		return NULL;
	w->max = max;
	for (w->buckets = 16; w->buckets < max; w->buckets *= 2)
		;
	w->v = calloc(w->max, sizeof *w->v);
	w->bucket = calloc(w->buckets, sizeof *w->bucket);
	if (!w->v || !w->bucket) {
		waitings_free(w);
		return NULL;
	}
	return w;
}

void waitings_free(struct waitings *w)
{
	if (!w)
		return;
	free(w->v);
	free(w->bucket);
	free(w);
}

static uint32_t bucket_of(const struct waitings *w, uint16_t capture, uint32_t frame, uint16_t pdu)
{
	uint64_t h = ((uint64_t)capture << 48 | (uint64_t)frame << 16 | pdu) * 0x9e3779b97f4a7c15u;

	return (uint32_t)(h >> 32) & (w->buckets - 1);
}

static struct waiting *numbered(const struct waitings *w, uint64_t n)
{
	return n && w->added - n < w->max ? &w->v[(n - 1) % w->max] : NULL;
}

struct waiting *waitings_add(struct waitings *w, const struct ot_event *request, struct waiting *gone)
{
	uint32_t at = bucket_of(w, request->head.capture, request->head.frame, request->head.pdu);
	struct waiting *e = numbered(w, ++w->added);

	*gone = *e;
	*e = (struct waiting){
		.frame = request->head.frame, .capture = request->head.capture, .pdu = request->head.pdu,
		.part = request->part, .alert = WAITING_NONE, .used = true, .matches = request->matches,
		.before = w->bucket[at],
	};
	for (unsigned m = 0; m < request->matches; m++)
		e->match[m] = request->match[m];
	w->bucket[at] = w->added;
	return e;
}

static struct waiting *same_pdu(const struct waitings *w, uint64_t n, uint16_t capture, uint32_t frame, uint16_t pdu)
{
	for (struct waiting *e = numbered(w, n); e; e = numbered(w, e->before)) {
		if (e->frame == frame && e->pdu == pdu && e->capture == capture)
			return e;
	}
	return NULL;
}

struct waiting *waitings_first(struct waitings *w, uint16_t capture, uint32_t frame, uint16_t pdu)
{
	return same_pdu(w, w->bucket[bucket_of(w, capture, frame, pdu)], capture, frame, pdu);
}

struct waiting *waitings_next(struct waitings *w, struct waiting *e)
{
	return same_pdu(w, e->before, e->capture, e->frame, e->pdu);
}
