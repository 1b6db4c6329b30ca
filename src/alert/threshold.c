#include "alert/threshold.h"

#include "policy/map.h"

#include <stdlib.h>

#define NONE UINT32_MAX

struct counter {
	struct policy_key key;
	uint64_t last_ns, within_ns;
	uint32_t hash_next, older, newer;
	uint32_t first, last, n;        /* its hits */
	uint16_t rule;
	bool used, met;                 /* met: and not yet quiet for the rule's time */
};

struct thresholds {
	struct counter *v;
	struct hit *hit;
	uint32_t *bucket;               /* index + 1 */
	uint32_t max, buckets, used;
	uint32_t hits, fresh, spare;    /* spare: list of returned hits */
	uint32_t oldest, newest;
	uint32_t taken;                 /* counter whose hits are on loan, NONE */
	uint64_t evicted;
};

struct thresholds *thresholds_new(uint32_t counters, uint32_t hits)
{
	struct thresholds *t = calloc(1, sizeof *t);

	if (!t)
		return NULL;
	t->max = counters;
	t->hits = hits;
	t->spare = t->oldest = t->newest = t->taken = NONE;
	for (t->buckets = 16; t->buckets < counters; t->buckets *= 2)
		;
	t->v = calloc(t->max, sizeof *t->v);
	t->hit = calloc(t->hits, sizeof *t->hit);
	t->bucket = calloc(t->buckets, sizeof *t->bucket);
	if (!t->v || !t->hit || !t->bucket) {
		thresholds_free(t);
		return NULL;
	}
	return t;
}

void thresholds_free(struct thresholds *t)
{
	if (!t)
		return;
	free(t->v);
	free(t->hit);
	free(t->bucket);
	free(t);
}

static uint32_t bucket_of(const struct thresholds *t, uint16_t rule, const struct policy_key *k)
{
	uint64_t h = (k->a ^ (uint64_t)rule * 0x9e3779b97f4a7c15u) + k->b;

	return (uint32_t)(h ^ h >> 32) & (t->buckets - 1);
}

static void unlink_age(struct thresholds *t, uint32_t i)
{
	struct counter *c = &t->v[i];

	*(c->older == NONE ? &t->oldest : &t->v[c->older].newer) = c->newer;
	*(c->newer == NONE ? &t->newest : &t->v[c->newer].older) = c->older;
}

static void link_newest(struct thresholds *t, uint32_t i)
{
	struct counter *c = &t->v[i];

	c->older = t->newest;
	c->newer = NONE;
	*(t->newest == NONE ? &t->oldest : &t->v[t->newest].newer) = i;
	t->newest = i;
}

static void drop_first(struct thresholds *t, struct counter *c)
{
	uint32_t h = c->first;

	c->first = t->hit[h].next;
	if (--c->n == 0)
		c->first = c->last = NONE;
	t->hit[h].next = t->spare;
	t->spare = h;
}

static void drop_all(struct thresholds *t, struct counter *c)
{
	while (c->n)
		drop_first(t, c);
}

static bool quiet(uint64_t now, uint64_t then, uint64_t within)
{
	return now > then && now - then > within;
}

/* Its window is over: nobody misses it. */
static bool is_over(const struct counter *c, uint64_t now)
{
	return c->within_ns && quiet(now, c->last_ns, c->within_ns);
}

/* Forgets the counter hit longest ago; returns its place. */
static uint32_t evict(struct thresholds *t, uint64_t now)
{
	uint32_t i = t->oldest;
	struct counter *c = &t->v[i];
	uint32_t *link = &t->bucket[bucket_of(t, c->rule, &c->key)];

	while (*link != i + 1)
		link = &t->v[*link - 1].hash_next;
	*link = c->hash_next;
	unlink_age(t, i);
	drop_all(t, c);
	c->used = false;
	t->evicted += !is_over(c, now);
	return i;
}

static struct counter *counter_of(struct thresholds *t, uint16_t rule, const struct policy_key *key, uint64_t now)
{
	uint32_t at = bucket_of(t, rule, key), i;

	for (i = t->bucket[at]; i; i = t->v[i - 1].hash_next) {
		struct counter *c = &t->v[i - 1];

		if (c->rule == rule && c->key.a == key->a && c->key.b == key->b) {
			unlink_age(t, i - 1);
			link_newest(t, i - 1);
			return c;
		}
	}
	i = t->used < t->max ? t->used++ : evict(t, now);
	t->v[i] = (struct counter){ .key = *key, .rule = rule, .used = true, .first = NONE, .last = NONE,
				    .hash_next = t->bucket[at] };
	t->bucket[at] = i + 1;
	link_newest(t, i);
	return &t->v[i];
}

/* A place for one hit of c, taken from the counters hit longest ago when there is none. */
static uint32_t hit_get(struct thresholds *t, struct counter *c, uint64_t now)
{
	while (t->spare == NONE && t->fresh == t->hits) {
		uint32_t i = t->oldest;

		if (&t->v[i] == c) {
			drop_first(t, c);               /* it alone has them all */
			t->evicted++;
			continue;
		}
		drop_all(t, &t->v[i]);
		t->evicted += !is_over(&t->v[i], now);
		unlink_age(t, i);                       /* empty: let the next oldest give */
		link_newest(t, i);
	}
	if (t->spare == NONE)
		return t->fresh++;
	uint32_t h = t->spare;

	t->spare = t->hit[h].next;
	return h;
}

static void push(struct thresholds *t, struct counter *c, const struct hit *hit)
{
	uint32_t h = hit_get(t, c, hit->ts_ns);

	t->hit[h] = *hit;
	t->hit[h].next = NONE;
	*(c->n ? &t->hit[c->last].next : &c->first) = h;
	c->last = h;
	c->n++;
}

/* Forgets the hit that says the same as `hit`, so that the newer one counts instead. At most as many
 * hits as the threshold wants are looked at. */
static void drop_same(struct thresholds *t, struct counter *c, const struct hit *hit)
{
	uint32_t before = NONE;

	for (uint32_t h = c->first; c->n && h != NONE; before = h, h = t->hit[h].next) {
		if (t->hit[h].what.a != hit->what.a || t->hit[h].what.b != hit->what.b)
			continue;
		if (before == NONE) {
			drop_first(t, c);
			return;
		}
		t->hit[before].next = t->hit[h].next;
		if (c->last == h)
			c->last = before;
		c->n--;
		t->hit[h].next = t->spare;
		t->spare = h;
		return;
	}
}

bool thresholds_hit(struct thresholds *t, uint16_t rule, const struct threshold *limit, struct policy_key key,
		    const struct hit *hit, uint32_t *first)
{
	struct counter *c;

	thresholds_taken(t);
	*first = HIT_NONE;
	if (limit->count <= 1)
		return true;
	c = counter_of(t, rule, &key, hit->ts_ns);
	c->within_ns = limit->within_ns;
	if (c->met && !quiet(hit->ts_ns, c->last_ns, limit->within_ns)) {
		c->last_ns = hit->ts_ns;
		return true;
	}
	c->met = false;
	c->last_ns = hit->ts_ns;
	while (c->n && limit->within_ns && quiet(hit->ts_ns, t->hit[c->first].ts_ns, limit->within_ns))
		drop_first(t, c);
	if (limit->distinct)
		drop_same(t, c, hit);
	push(t, c, hit);
	if (c->n < limit->count)
		return false;
	c->met = true;
	*first = c->first;
	t->taken = (uint32_t)(c - t->v);
	return true;
}

const struct hit *thresholds_at(const struct thresholds *t, uint32_t hit)
{
	return &t->hit[hit];
}

void thresholds_taken(struct thresholds *t)
{
	if (t->taken != NONE)
		drop_all(t, &t->v[t->taken]);
	t->taken = NONE;
}

void thresholds_policy(struct thresholds *t, const struct policy_map *map)
{
	thresholds_taken(t);
	for (uint32_t i = 0; i < t->buckets; i++)
		t->bucket[i] = 0;
	for (uint32_t i = 0; i < t->used; i++) {
		struct counter *c = &t->v[i];
		uint32_t at;

		c->rule = policy_map_rule(map, c->rule);
		if (!c->rule)
			drop_all(t, c);         /* nobody asks for it any more: its place is taken in its turn */
		at = bucket_of(t, c->rule, &c->key);
		c->hash_next = t->bucket[at];
		t->bucket[at] = i + 1;
	}
}

uint64_t thresholds_evicted(const struct thresholds *t)
{
	return t->evicted;
}
