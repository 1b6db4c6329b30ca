#include "sensor/gather.h"

static const struct finding *head(struct gather *g, unsigned i, uint64_t mono_ns)
{
	struct gather_source *s = &g->source[i];
	uint32_t n;
	const struct finding *f = ring_peek(s->ring, &n);

	if (f)
		s->heard_ns = mono_ns;
	return f;
}

/* Might this source still have something that comes before `at`? */
static bool may_precede(const struct gather_source *s, struct order at, uint64_t mono_ns)
{
	return !s->ended && order_before(s->told, at) && mono_ns - s->heard_ns < GATHER_HOLD_NS;
}

struct finding *gather_next(struct gather *g, uint64_t mono_ns, unsigned *source)
{
	const struct finding *best = NULL;
	bool urgent = false;

	*source = 0;

	for (unsigned i = 0; i < g->n; i++) {
		const struct finding *f = head(g, i, mono_ns);

		if (!f)
			continue;
		urgent = urgent || ring_used(g->source[i].ring) > g->source[i].ring->size / 2;
		if (!best || order_before(f->order, best->order)) {
			best = f;
			*source = i;
		}
	}
	for (unsigned i = 0; best && !urgent && i < g->n; i++) {
		uint32_t n;

		if (i != *source && !ring_peek(g->source[i].ring, &n) && may_precede(&g->source[i], best->order, mono_ns))
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
