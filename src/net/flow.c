#include "net/flow.h"

#include "base/hash.h"

#include <assert.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

struct flow_table {
	struct flow *flows;
	uint32_t *buckets;              /* index + 1 */
	size_t flows_bytes, buckets_bytes;
	uint32_t max, fresh, count, mask;
	uint32_t spare;                 /* ended flows, linked through next */
	struct { uint32_t oldest, newest; } age[2];     /* open, closed: index + 1 */
	uint64_t evicted;
	flow_end_fn *end;
	void *arg;
};

static_assert(sizeof(struct flow_side) == 64 && sizeof(struct flow) == 256, "four cache lines");

static void *lazy_memory(size_t n)
{
	void *p = mmap(NULL, n, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (p == MAP_FAILED)
		return NULL;
	(void)madvise(p, n, MADV_HUGEPAGE);     /* fewer of them for the processor to remember */
	return p;
}

struct flow_table *flow_table_new(uint32_t max, flow_end_fn *end, void *arg)
{
	struct flow_table *t = calloc(1, sizeof *t);
	uint32_t buckets = 1;

	if (!t)
		return NULL;
	while (buckets < max)
		buckets *= 2;
	t->max = max;
	t->mask = buckets - 1;
	t->end = end;
	t->arg = arg;
	t->flows_bytes = (size_t)max * sizeof *t->flows;
	t->buckets_bytes = (size_t)buckets * sizeof *t->buckets;
	t->flows = lazy_memory(t->flows_bytes);
	t->buckets = lazy_memory(t->buckets_bytes);
	if (!t->flows || !t->buckets) {
		flow_table_free(t);
		return NULL;
	}
	return t;
}

void flow_table_free(struct flow_table *t)
{
	if (!t)
		return;
	if (t->flows)
		munmap(t->flows, t->flows_bytes);
	if (t->buckets)
		munmap(t->buckets, t->buckets_bytes);
	free(t);
}

static void list_take(struct flow_table *t, struct flow *f)
{
	if (f->older)
		t->flows[f->older - 1].newer = f->newer;
	else
		t->age[f->closed].oldest = f->newer;
	if (f->newer)
		t->flows[f->newer - 1].older = f->older;
	else
		t->age[f->closed].newest = f->older;
}

static void list_put(struct flow_table *t, struct flow *f)
{
	uint32_t i = (uint32_t)(f - t->flows) + 1;

	f->newer = 0;
	f->older = t->age[f->closed].newest;
	if (f->older)
		t->flows[f->older - 1].newer = i;
	else
		t->age[f->closed].oldest = i;
	t->age[f->closed].newest = i;
}

void flow_closed(struct flow_table *t, struct flow *f)
{
	if (f->closed)
		return;
	list_take(t, f);
	f->closed = 1;
	list_put(t, f);
}

static void flow_end(struct flow_table *t, struct flow *f)
{
	uint32_t i = (uint32_t)(f - t->flows) + 1;
	uint32_t *link = &t->buckets[f->hash & t->mask];

	t->end(t->arg, f);
	while (*link != i)
		link = &t->flows[*link - 1].next;
	*link = f->next;
	list_take(t, f);
	f->next = t->spare;
	f->id = 0;
	t->spare = i;
	t->count--;
}

static uint64_t idle_limit(const struct flow *f)
{
	if (f->key.ip_proto != 6)
		return FLOW_IDLE_UDP_NS;
	return f->fin == 3 ? FLOW_IDLE_CLOSED_NS : FLOW_IDLE_NS;
}

static struct flow *oldest(const struct flow_table *t, unsigned closed)
{
	return t->age[closed].oldest ? &t->flows[t->age[closed].oldest - 1] : NULL;
}

/* A place for a new flow: of one that ended, of one that is closed and still (so that the memory in use stays
 * small and warm), a fresh one, or that of the flow that has been silent longest. */
static struct flow *flow_take(struct flow_table *t, uint64_t now)
{
	struct flow *f = oldest(t, 1);

	if (!t->spare && f && (now > f->last_ns + FLOW_RECYCLE_NS || t->fresh == t->max)) {
		flow_end(t, f);
	} else if (!t->spare && t->fresh == t->max) {
		f = oldest(t, 0);
		if (now < f->last_ns + idle_limit(f))
			t->evicted++;
		flow_end(t, f);
	}
	if (t->spare) {
		f = &t->flows[t->spare - 1];
		t->spare = f->next;
	} else {
		f = &t->flows[t->fresh++];
	}
	memset(f, 0, sizeof *f);
	t->count++;
	return f;
}

/* Word by word as they were written: wider loads would have to wait for the stores. */
static bool key_eq(const struct flow_key *a, const struct flow_key *b)
{
	return ((a->lo.q[0] ^ b->lo.q[0]) | (a->lo.q[1] ^ b->lo.q[1]) | (a->hi.q[0] ^ b->hi.q[0]) | (a->hi.q[1] ^ b->hi.q[1]) |
		(uint64_t)(a->lo_port ^ b->lo_port) | (uint64_t)(a->hi_port ^ b->hi_port) |
		(uint64_t)(a->segment ^ b->segment) | (uint64_t)(a->ip_proto ^ b->ip_proto)) == 0;
}

/* Keyed, so that nobody on the wire can aim for a bucket; the same for both directions. */
void flow_locate(const struct flow_table *t, const struct packet *p, uint16_t segment, struct flow_at *at)
{
	int c = addr_cmp(&p->src, &p->dst);
	bool swap = c > 0 || (c == 0 && p->sport > p->dport);
	struct flow_key *k = &at->key;
	uint64_t ports;

	k->lo = swap ? p->dst : p->src;
	k->hi = swap ? p->src : p->dst;
	k->lo_port = swap ? p->dport : p->sport;
	k->hi_port = swap ? p->sport : p->dport;
	k->segment = segment;
	k->ip_proto = p->ip_proto;
	k->pad = 0;
	ports = (uint64_t)k->lo_port << 48 | (uint64_t)k->hi_port << 32 | k->ip_proto;
	at->direction = swap;
	at->pair_hash = hash_fold(k->lo.q[1] ^ hash_keys[0], k->hi.q[1] ^ hash_keys[1]) +
			hash_fold(k->lo.q[0] ^ hash_keys[2], k->hi.q[0] ^ hash_keys[3]) + segment * hash_keys[6];
	at->hash = (uint32_t)hash_fold(at->pair_hash ^ hash_keys[4], ports ^ hash_keys[5]);
	__builtin_prefetch(&t->buckets[at->hash & t->mask]);
}

void flow_expect(const struct flow_table *t, const struct flow_at *at)
{
	uint32_t i = t->buckets[at->hash & t->mask];
	const struct flow *f = &t->flows[i ? i - 1 : 0];

	__builtin_prefetch(&f->key);
	__builtin_prefetch(&f->side[0]);
	__builtin_prefetch(&f->side[1]);
	__builtin_prefetch(&f->id);
}

/* A packet that cannot belong to the flow that has its key: after a long silence, or a new opening. */
static bool begins_anew(const struct flow *f, const struct packet *p)
{
	if (p->ts_ns > f->last_ns + idle_limit(f))
		return true;
	return f->fin && p->ip_proto == 6 && (p->tcp_flags & (TCP_SYN | TCP_ACK | TCP_RST)) == TCP_SYN;
}

struct flow *flow_get(struct flow_table *t, const struct packet *p, const struct flow_at *at, bool *is_new)
{
	uint32_t hash = at->hash, i;
	struct flow *f;

	for (i = t->buckets[hash & t->mask]; i; i = f->next) {
		f = &t->flows[i - 1];
		if (f->hash != hash || !key_eq(&f->key, &at->key))
			continue;
		if (begins_anew(f, p)) {
			flow_end(t, f);
			break;
		}
		if (p->ts_ns > f->listed_ns + FLOW_LIST_NS) {
			list_take(t, f);
			list_put(t, f);
			f->listed_ns = p->ts_ns;
			f->listed_seq = p->seq;
		}
		if (p->ts_ns > f->last_ns)
			f->last_ns = p->ts_ns;
		f->side[at->direction].packets++;
		*is_new = false;
		return f;
	}
	f = flow_take(t, p->ts_ns);
	f->key = at->key;
	f->hash = hash;
	f->id = f->listed_seq = p->seq;
	f->last_ns = f->listed_ns = p->ts_ns;
	f->side[at->direction].packets = 1;
	f->side[at->direction].first = 1;
	f->pair_hash = at->pair_hash;
	f->next = t->buckets[hash & t->mask];
	t->buckets[hash & t->mask] = (uint32_t)(f - t->flows) + 1;
	list_put(t, f);
	*is_new = true;
	return f;
}

void flow_tick(struct flow_table *t, uint64_t now_ns)
{
	struct flow *f;

	for (unsigned closed = 0; closed < 2; closed++)
		while ((f = oldest(t, closed)) && now_ns > f->last_ns + idle_limit(f))
			flow_end(t, f);
}

static int by_age(const void *a, const void *b)
{
	const struct flow *x = *(struct flow *const *)a, *y = *(struct flow *const *)b;

	return (x->id > y->id) - (x->id < y->id);
}

void flow_each(struct flow_table *t, flow_end_fn *fn, void *arg)
{
	struct flow **live = malloc((t->count + 1) * sizeof(struct flow *));
	uint32_t n = 0;

	for (unsigned closed = 0; closed < 2 && live; closed++)
		for (uint32_t i = t->age[closed].oldest; i; i = t->flows[i - 1].newer)
			live[n++] = &t->flows[i - 1];
	if (live)
		qsort(live, n, sizeof *live, by_age);
	for (uint32_t i = 0; i < n; i++)
		fn(arg, live[i]);
	free(live);
}

static void end_one(void *arg, struct flow *f)
{
	flow_end(arg, f);
}

void flow_end_all(struct flow_table *t)
{
	flow_each(t, end_one, t);
	for (unsigned closed = 0; closed < 2; closed++)
		while (t->age[closed].oldest)
			flow_end(t, oldest(t, closed));
}

uint32_t flow_count(const struct flow_table *t)
{
	return t->count;
}

uint64_t flow_evicted(const struct flow_table *t)
{
	return t->evicted;
}
