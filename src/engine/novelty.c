#include "engine/novelty.h"

#include "base/hash.h"
#include "base/pool.h"

#include <assert.h>
#include <string.h>

#define WAYS 4

struct novelty {
	uint64_t key[NOVELTY_ENTRIES];  /* 0: free; apart from the entries, so that a set is half a cache line */
	struct novel e[NOVELTY_ENTRIES];
	struct pool *likes, *memory;    /* memory: this struct itself */
	novelty_fn *fn;
	void *arg;
};

struct novelty *novelty_new(novelty_fn *fn, void *arg)
{
	struct pool *one = pool_new("novelty", sizeof(struct novelty), 1);      /* large pages */
	struct novelty *n = one ? pool_get(one) : NULL;

	if (!n) {
		pool_free(one);
		return NULL;
	}
	n->memory = one;
	n->fn = fn;
	n->arg = arg;
	n->likes = pool_new("kinds", sizeof(struct ot_event), NOVELTY_ENTRIES);
	if (!n->likes) {
		novelty_free(n);
		return NULL;
	}
	return n;
}

void novelty_free(struct novelty *n)
{
	if (!n)
		return;
	pool_free(n->likes);
	pool_free(n->memory);
}

static void tell(struct novelty *n, struct novel *e)
{
	if (e->n)
		n->fn(n->arg, e->like, e->n, e->first_ns, e->last_ns);
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

struct novel *novelty_of(struct novelty *n, struct ot_event *ev, uint64_t pair, bool *is_new)
{
	uint64_t key = ev->kind = key_of(ev, pair);
	size_t set = key % (NOVELTY_ENTRIES / WAYS) * WAYS;
	struct novel *e = NULL;

	for (size_t i = set; i < set + WAYS; i++) {
		if (n->key[i] == key) {
			*is_new = false;
			return &n->e[i];
		}
	}
	for (size_t i = set; i < set + WAYS; i++)
		if (!e || !n->key[i] || (e->used && n->e[i].last_ns < e->last_ns))
			e = &n->e[i];
	if (e->used)
		tell(n, e);
	else
		e->like = pool_get(n->likes);
	e->used = 1;
	n->key[e - n->e] = key;
	e->n = 0;
	e->first_ns = e->last_ns = ev->head.ts_ns;
	e->matches = 0;
	ot_event_copy(e->like, ev);
	*is_new = true;
	return e;
}

void novelty_count(struct novel *e, uint64_t ts_ns)
{
	if (e->n++ == 0)
		e->first_ns = ts_ns;
	if (ts_ns > e->last_ns)
		e->last_ns = ts_ns;
}

void novelty_flush(struct novelty *n)
{
	for (size_t i = 0; i < NOVELTY_ENTRIES; i++)
		if (n->e[i].used)
			tell(n, &n->e[i]);
}
