#include "classify/classify.h"

#include "classify/engine.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

struct place {
	struct flow *owner;             /* NULL: spare */
	struct mark last;
	uint64_t first_ns, first_seq;
	uint16_t older, newer;          /* by age; spare ones are linked through newer */
	uint8_t packets, direction;
};

struct classify {
	struct engine *engine;          /* NULL: not needed yet */
	bool no_engine;                 /* it could not be set up: nothing is recognised */
	struct place *place;            /* entry 0 unused */
	uint8_t *state;                 /* of the engine, state_bytes each */
	size_t state_bytes;
	uint32_t places, fresh;         /* fresh: the first that was never taken */
	uint16_t spare, oldest, newest;
	struct classify_counts counts;
};

const char *classify_version(void)
{
	return engine_version();
}

/* By one thread at a time, as engines want it. */
static bool start(struct classify *c)
{
	static pthread_mutex_t one = PTHREAD_MUTEX_INITIALIZER;

	if (c->engine || c->no_engine)
		return c->engine;
	pthread_mutex_lock(&one);
	c->engine = engine_new();
	pthread_mutex_unlock(&one);
	c->no_engine = !c->engine;
	return c->engine;
}

struct classify *classify_new(uint32_t places, bool now)
{
	struct classify *c = engine_flow_bytes() ? calloc(1, sizeof *c) : NULL;

	if (!c)
		return NULL;
	c->places = (places < UINT16_MAX - 1u ? places : UINT16_MAX - 1u) + 1;
	c->fresh = 1;
	c->state_bytes = (engine_flow_bytes() + 63u) & ~(size_t)63;
	c->place = calloc(c->places, sizeof *c->place);
	c->state = aligned_alloc(64, c->places * c->state_bytes);
	if (!c->place || !c->state || (now && !start(c))) {
		classify_free(c);
		return NULL;
	}
	return c;
}

static void *state_of(const struct classify *c, uint16_t i)
{
	return c->state + i * c->state_bytes;
}

void classify_free(struct classify *c)
{
	if (!c)
		return;
	for (uint16_t i = c->oldest; i; i = c->place[i].newer)
		engine_flow_end(c->engine, state_of(c, i));
	engine_free(c->engine);
	free(c->state);
	free(c->place);
	free(c);
}

/* --- places ------------------------------------------------------------------------------------ */

static uint16_t take(struct classify *c, struct flow *f, const struct packet *p)
{
	uint16_t i = c->spare;
	struct place *x;

	if (i)
		c->spare = c->place[i].newer;
	else
		i = (uint16_t)c->fresh++;
	x = &c->place[i];
	*x = (struct place){ .owner = f, .first_ns = p->ts_ns, .first_seq = p->seq, .older = c->newest };
	*(c->newest ? &c->place[c->newest].newer : &c->oldest) = i;
	c->newest = i;
	engine_flow_begin(state_of(c, i));
	c->counts.flows++;
	return i;
}

static void give_back(struct classify *c, uint16_t *place)
{
	struct place *x = &c->place[*place];

	engine_flow_end(c->engine, state_of(c, *place));
	*(x->older ? &c->place[x->older].newer : &c->oldest) = x->newer;
	*(x->newer ? &c->place[x->newer].older : &c->newest) = x->older;
	x->owner = NULL;
	x->newer = c->spare;
	c->spare = *place;
	*place = 0;
}

struct flow *classify_crowded(const struct classify *c)
{
	return c->spare || c->fresh < c->places ? NULL : c->place[c->oldest].owner;
}

struct flow *classify_overdue(const struct classify *c, uint64_t now_ns)
{
	const struct place *x = &c->place[c->oldest];

	return c->oldest && now_ns > x->first_ns + CLASSIFY_WAIT_NS ? x->owner : NULL;
}

uint64_t classify_since(const struct classify *c, uint16_t place)
{
	return c->place[place].first_seq;
}

/* --- verdicts ------------------------------------------------------------------------------------ */

bool classify_packet(struct classify *c, struct flow *f, uint16_t *place, unsigned direction, const struct packet *p,
		     struct app_label *label)
{
	struct place *x;
	bool enough;

	*label = (struct app_label){ 0 };
	if (!start(c))
		return true;
	if (!*place)
		*place = take(c, f, p);
	x = &c->place[*place];
	mark_of(&x->last, p);
	x->direction = (uint8_t)direction;
	enough = engine_packet(c->engine, state_of(c, *place), p, label);
	if (!enough && ++x->packets >= CLASSIFY_PACKETS) {
		struct app_label last;

		engine_give_up(c->engine, state_of(c, *place), &last);
		if (last.app != APP_NONE)
			*label = last;
		enough = true;
	}
	if (enough)
		give_back(c, place);
	return enough;
}

void classify_end(struct classify *c, uint16_t *place, struct classify_last *last, struct app_label *label)
{
	const struct place *x = &c->place[*place];

	*last = (struct classify_last){ x->last, x->first_seq, x->direction };
	engine_give_up(c->engine, state_of(c, *place), label);
	give_back(c, place);
}

void classify_drop(struct classify *c, uint16_t *place)
{
	give_back(c, place);
}

void classify_counts(const struct classify *c, struct classify_counts *out)
{
	*out = c->counts;
	out->spent = c->engine ? engine_spent(c->engine) : 0;
}
