#include "engine/novelty.h"

#include "base/hash.h"
#include "base/pool.h"
#include "policy/map.h"

#include <assert.h>
#include <string.h>

#define WAYS 4
#define LIKE_BYTES ((offsetof(struct ot_event, tag) + NOVELTY_TAG + 63) & ~(size_t)63)

struct novelty {
	struct novel e[NOVELTY_ENTRIES];
	uint8_t *likes;                 /* the representative of each, LIKE_BYTES apart */
	struct pool *memory, *like_memory;
	novelty_fn *fn;
	void *arg;
};

static_assert(sizeof(struct novel) == 64, "a cache line");

struct novelty *novelty_new(novelty_fn *fn, void *arg)
{
	/* pools of one: large pages, and no page before it is used */
	struct pool *one = pool_new("novelty", sizeof(struct novelty), 1);
	struct novelty *n = one ? pool_get(one) : NULL;

	if (!n) {
		pool_free(one);
		return NULL;
	}
	n->memory = one;
	n->fn = fn;
	n->arg = arg;
	n->like_memory = pool_new("kinds", LIKE_BYTES * NOVELTY_ENTRIES, 1);
	if (!n->like_memory) {
		novelty_free(n);
		return NULL;
	}
	n->likes = pool_get(n->like_memory);
	return n;
}

void novelty_free(struct novelty *n)
{
	if (!n)
		return;
	pool_free(n->like_memory);
	pool_free(n->memory);
}

static struct ot_event *like_of(const struct novelty *n, const struct novel *e)
{
	return (struct ot_event *)(void *)(n->likes + (size_t)(e - n->e) * LIKE_BYTES);
}

/* What a representative keeps: no more than a conversation asks for, since there are many. */
static void keep(struct ot_event *like, const struct ot_event *ev)
{
	memcpy(like, ev, OT_BODY_END);
	like->has &= ~(uint32_t)(HAS_IDENTITY | HAS_VALUE);
	like->value_len = 0;
	like->path_len = like->route_len = 0;
	like->tag_len = ev->tag_len < NOVELTY_TAG ? ev->tag_len : NOVELTY_TAG;
	memcpy(like->tag, ev->tag, like->tag_len);
}

static void tell(struct novelty *n, struct novel *e)
{
	if (e->n)
		n->fn(n->arg, like_of(n, e), e->n, e->first_ns, e->last_ns);
	e->n = 0;
}

/* The fingerprint. Each member is read as it was written a moment ago: wider loads would wait for the stores.
 * The products do not depend on one another. */
static uint64_t fingerprint(const struct ot_event *ev, uint64_t h)
{
	const uint64_t *k = hash_keys;

	static_assert(OT_FINGERPRINT_END - OT_BODY_START == 72, "every member has its place below");
	h += hash_fold((ev->has | (uint64_t)ev->proto << 32 | (uint64_t)ev->dir << 40 | (uint64_t)ev->op << 48 |
			(uint64_t)ev->act << 56) ^ k[0],
		       (ev->granule | (uint64_t)ev->outcome << 8 | (uint64_t)ev->flags << 16 | (uint64_t)ev->rosctr << 24 |
			(uint64_t)ev->opcode << 32) ^ k[1]);
	h += hash_fold((ev->func | (uint64_t)ev->sub << 32) ^ k[2], (ev->unit | (uint64_t)ev->cls << 32) ^ k[3]);
	h += hash_fold((ev->block | (uint64_t)ev->first << 32) ^ k[4], (ev->count | (uint64_t)ev->status << 32) ^ k[5]);
	h += hash_fold((uint64_t)(uintptr_t)ev->func_name ^ k[6], (uint64_t)(uintptr_t)ev->space ^ k[7]);
	h += hash_fold(ev->anomalies ^ k[8], k[9]);
	return hash_fold(h ^ k[10], k[11]);
}

/* Who answered whom is part of the kind; the client's port and ids are not. */
static uint64_t key_of(const struct ot_event *ev, uint64_t pair)
{
	const struct ot_side *src = &ev->head.src, *dst = &ev->head.dst;
	uint64_t h = pair ^ (uint64_t)(addr_cmp(&src->ip, &dst->ip) > 0) << 8;

	h += hash_fold((src->zone | (uint64_t)dst->zone << 16 | (uint64_t)ot_server(ev)->port << 32 |
			(uint64_t)ev->head.ip_proto << 48) ^ hash_keys[1],
		       (src->asset | (uint64_t)dst->asset << 32) ^ hash_keys[0]);
	h = fingerprint(ev, h);
	if (ev->tag_len)
		h = hash_more(h, ev->tag, ev->tag_len);
	if (ev->path_len)
		h = hash_more(h, ev->path, ev->path_len);
	return h ? h : 1;
}

/* A kind stands at its own place of its set when that is free, so that one look finds nearly all. */
struct novel *novelty_of(struct novelty *n, struct ot_event *ev, uint64_t pair, bool *is_new)
{
	uint64_t key = ev->kind = key_of(ev, pair);
	struct novel *set = &n->e[key % (NOVELTY_ENTRIES / WAYS) * WAYS], *e = &set[key >> 62];

	*is_new = false;
	if (e->key == key)
		return e;
	for (unsigned i = 0; i < WAYS; i++) {
		if (set[i].key == key)
			return &set[i];
	}
	for (unsigned i = 0; i < WAYS && e->key; i++) {
		if (!set[i].key || set[i].last_ns < e->last_ns)
			e = &set[i];
	}
	if (e->key)
		tell(n, e);
	*e = (struct novel){ .key = key, .first_ns = ev->head.ts_ns, .last_ns = ev->head.ts_ns };
	keep(like_of(n, e), ev);
	*is_new = true;
	return e;
}

void novelty_verdict(struct novelty *n, struct novel *e, const struct ot_event *ev)
{
	e->verdict = ev->verdict;
	e->matches = ev->matches;
	e->by_value = (ev->flags & EV_BY_VALUE) != 0;
	memcpy(e->match, ev->match, sizeof e->match);
	like_of(n, e)->verdict = ev->verdict;
}

void novelty_count(struct novel *e, uint64_t ts_ns)
{
	if (e->n++ == 0)
		e->first_ns = ts_ns;
	if (ts_ns > e->last_ns)
		e->last_ns = ts_ns;
}

void novelty_flush_part(struct novelty *n, unsigned part, unsigned parts)
{
	for (size_t i = (size_t)NOVELTY_ENTRIES * part / parts; i < (size_t)NOVELTY_ENTRIES * (part + 1) / parts; i++)
		if (n->e[i].key)
			tell(n, &n->e[i]);
}

void novelty_flush(struct novelty *n)
{
	novelty_flush_part(n, 0, 1);
}

void novelty_policy(struct novelty *n, const struct policy_map *map)
{
	for (size_t i = 0; i < NOVELTY_ENTRIES; i++) {
		if (!n->e[i].key)
			continue;
		n->e[i].by_value = 1;           /* judged again, and then it is seen whether that stays so */
		policy_map_event(map, like_of(n, &n->e[i]));
	}
}
