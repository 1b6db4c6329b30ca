#include "sensor/gather.h"

/* May this source, which has nothing to tell now, still have something that comes before `at`? */
static bool may_precede(const struct gather_source *s, struct order at, uint64_t mono_ns)
{
	return !s->ended && order_before(s->told, at) && mono_ns - s->heard_ns < GATHER_HOLD_NS;
}

/* Each ring is looked at once: what arrives meanwhile may be earlier than what was seen, and must not be overtaken. */
struct finding *gather_next(struct gather *g, uint64_t mono_ns, unsigned *source)
{
	const struct finding *best = NULL;
	bool urgent = false;

	*source = 0;
	for (unsigned i = 0; i < g->n; i++) {
		struct gather_source *s = &g->source[i];
		uint32_t n;
		const struct finding *f = ring_peek(s->ring, &n);

		s->silent = !f;
		if (!f)
			continue;
		s->heard_ns = mono_ns;
		urgent = urgent || ring_used(s->ring) > s->ring->size / 2;
		if (!best || order_before(f->order, best->order)) {
			best = f;
			*source = i;
		}
	}
	for (unsigned i = 0; best && !urgent && i < g->n; i++) {
		if (g->source[i].silent && may_precede(&g->source[i], best->order, mono_ns))
			return NULL;
	}
	return (struct finding *)best;          /* the ring's memory is the consumer's until it is released */
}

void gather_done(struct gather *g, unsigned source)
{
	struct gather_source *s = &g->source[source];
	uint32_t n;
	const struct finding *f = ring_peek(s->ring, &n);

	if (order_before(s->told, f->order))
		s->told = f->order;
	ring_release(s->ring);
}
