#include "alert/waiting.h"

#include "policy/map.h"

#include <stdlib.h>

struct waitings {
	struct waiting *v;
	uint32_t *bucket;               /* index + 1 */
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

static void forget(struct waitings *w, uint32_t i)
{
	struct waiting *e = &w->v[i];
	uint32_t *link = &w->bucket[bucket_of(w, e->capture, e->frame, e->pdu)];

	while (*link != i + 1)
		link = &w->v[*link - 1].hash_next;
	*link = e->hash_next;
}

struct waiting *waitings_add(struct waitings *w, const struct ot_event *request, struct waiting *gone)
{
	uint32_t i = (uint32_t)(w->added++ % w->max);
	uint32_t at = bucket_of(w, request->head.capture, request->head.frame, request->head.pdu);
	struct waiting *e = &w->v[i];

	*gone = *e;
	if (e->used)
		forget(w, i);
	*e = (struct waiting){
		.frame = request->head.frame, .capture = request->head.capture, .pdu = request->head.pdu,
		.part = request->part, .alert = WAITING_NONE, .used = true, .matches = request->matches,
		.hash_next = w->bucket[at],
	};
	for (unsigned m = 0; m < request->matches; m++)
		e->match[m] = request->match[m];
	w->bucket[at] = i + 1;
	return e;
}

static struct waiting *same_pdu(struct waitings *w, uint32_t i, uint16_t capture, uint32_t frame, uint16_t pdu)
{
	for (; i; i = w->v[i - 1].hash_next) {
		struct waiting *e = &w->v[i - 1];

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
	return same_pdu(w, e->hash_next, e->capture, e->frame, e->pdu);
}

struct waiting *waitings_at(struct waitings *w, uint32_t i)
{
	uint64_t n = w->added < w->max ? w->added : w->max;

	return i < n ? &w->v[(w->added - n + i) % w->max] : NULL;
}

void waitings_policy(struct waitings *w, const struct policy_map *map)
{
	struct waiting *e;

	for (uint32_t i = 0; (e = waitings_at(w, i)); i++) {
		unsigned left = 0;

		for (unsigned m = 0; m < e->matches; m++) {
			uint16_t rule = policy_map_rule(map, e->match[m]);

			if (rule)
				e->match[left++] = rule;
		}
		e->matches = (uint8_t)left;
	}
}
