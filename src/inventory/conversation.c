#include "inventory/conversation.h"

#include "base/hash.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

static_assert(PROTO_COUNT * OP_COUNT <= 64, "one bit for each protocol and operation");

struct pair {                           /* a client and a server of one segment */
	struct ip_addr client, server;
	uint64_t asked;                 /* bit proto * OP_COUNT + op */
	uint32_t hash_next;
	uint16_t segment, rows;
};

struct conversations {
	struct conversation *v;
	struct pair *pair;
	uint32_t *bucket, *pair_bucket;         /* index + 1; 0 ends a chain */
	uint32_t n, max, buckets;
	uint32_t pairs, max_pairs, pair_buckets;
	uint32_t last_pair;                     /* index + 1 of the pair seen last: traffic comes in runs */
	uint64_t refused;
};

static uint32_t power_of_two(uint32_t n)
{
	uint32_t p = 16;

	while (p < n && p < 1u << 30)
		p *= 2;
	return p;
}

struct conversations *conversations_new(uint32_t rows, uint32_t pairs)
{
	struct conversations *c = calloc(1, sizeof *c);

	if (!c)
		return NULL;
	c->max = rows;
	c->buckets = power_of_two(rows);
	c->max_pairs = pairs;
	c->pair_buckets = power_of_two(pairs);
	c->v = calloc(c->max, sizeof *c->v);
	c->pair = calloc(c->max_pairs, sizeof *c->pair);
	c->bucket = calloc(c->buckets, sizeof *c->bucket);
	c->pair_bucket = calloc(c->pair_buckets, sizeof *c->pair_bucket);
	if (!c->v || !c->pair || !c->bucket || !c->pair_bucket) {
		conversations_free(c);
		return NULL;
	}
	return c;
}

void conversations_free(struct conversations *c)
{
	if (!c)
		return;
	free(c->v);
	free(c->pair);
	free(c->bucket);
	free(c->pair_bucket);
	free(c);
}

static bool pair_is(const struct pair *p, const struct ot_event *ev)
{
	return p->segment == ev->head.segment && addr_eq(&p->client, &ot_client(ev)->ip) &&
	       addr_eq(&p->server, &ot_server(ev)->ip);
}

static struct pair *pair_of(struct conversations *c, const struct ot_event *ev, bool *is_new)
{
	struct { struct ip_addr client, server; } key = { ot_client(ev)->ip, ot_server(ev)->ip };
	uint32_t at, i;

	*is_new = false;
	if (c->last_pair && pair_is(&c->pair[c->last_pair - 1], ev))
		return &c->pair[c->last_pair - 1];
	at = (uint32_t)hash_more(ev->head.segment, &key, sizeof key) & (c->pair_buckets - 1);
	for (i = c->pair_bucket[at]; i; i = c->pair[i - 1].hash_next) {
		if (pair_is(&c->pair[i - 1], ev)) {
			c->last_pair = i;
			return &c->pair[i - 1];
		}
	}
	if (c->pairs == c->max_pairs) {
		c->refused++;
		return NULL;
	}
	struct pair *p = &c->pair[c->pairs++];

	p->client = key.client;
	p->server = key.server;
	p->segment = ev->head.segment;
	p->hash_next = c->pair_bucket[at];
	c->pair_bucket[at] = c->last_pair = c->pairs;
	*is_new = true;
	return p;
}

/* CIP connection ids and ENIP sessions are made up anew each time; the others are addresses. */
static bool unit_is_address(unsigned proto)
{
	return proto != PROTO_ENIP && proto != PROTO_CIP;
}

/* What makes two events one row. `together` leaves the target out. */
static void row_key(struct conversation *k, const struct ot_event *ev, bool together)
{
	memset(k, 0, sizeof *k);
	k->client = ot_client(ev)->ip;
	k->server = ot_server(ev)->ip;
	k->segment = ev->head.segment;
	k->proto = ev->proto;
	k->op = ev->op;
	k->act = ev->act;
	k->has = ev->has & (HAS_FUNC | HAS_SUB);
	k->func = ev->has & HAS_FUNC ? ev->func : 0;
	k->sub = ev->has & HAS_SUB ? ev->sub : 0;
	k->func_name = ev->func_name;
	k->together = together;
	if (ev->has & HAS_UNIT && unit_is_address(ev->proto)) {
		k->has |= HAS_UNIT;
		k->unit = ev->unit;
	}
	if (together)
		return;
	k->space = ev->space;
	k->granule = ev->granule;
	k->has |= ev->has & (HAS_CLASS | HAS_BLOCK);
	k->cls = ev->has & HAS_CLASS ? ev->cls : 0;
	k->block = ev->has & HAS_BLOCK ? ev->block : 0;
	k->tag_len = ev->tag_len < sizeof k->tag ? ev->tag_len : (uint16_t)sizeof k->tag;
	memcpy(k->tag, ev->tag, k->tag_len);
}

static bool row_is(const struct conversation *a, const struct conversation *k)
{
	return addr_eq(&a->client, &k->client) && addr_eq(&a->server, &k->server) && a->segment == k->segment &&
	       a->proto == k->proto && a->op == k->op && a->act == k->act && a->func == k->func && a->sub == k->sub &&
	       a->unit == k->unit && a->space == k->space && a->cls == k->cls && a->block == k->block &&
	       a->together == k->together && a->tag_len == k->tag_len && memcmp(a->tag, k->tag, k->tag_len) == 0;
}

static uint32_t row_hash(const struct conversation *k)
{
	struct {
		struct ip_addr client, server;
		uint64_t words[6];
	} h = {
		k->client, k->server,
		{ (uint64_t)k->proto << 24 | (uint64_t)k->op << 16 | (uint64_t)k->act << 8 | k->together,
		  (uint64_t)k->func << 32 | k->sub, (uint64_t)k->unit << 32 | k->cls, k->block,
		  (uint64_t)(uintptr_t)k->space,
		  k->tag_len ? hash_mem(k->tag, k->tag_len) : 0 },
	};
	return (uint32_t)hash_more(k->segment, &h, sizeof h);
}

static struct conversation *row_find(struct conversations *c, const struct conversation *k, uint32_t at)
{
	for (uint32_t i = c->bucket[at]; i; i = c->v[i - 1].hash_next) {
		if (row_is(&c->v[i - 1], k))
			return &c->v[i - 1];
	}
	return NULL;
}

/* The event's row: its own, or past the pair's limit the one without a target. */
static struct conversation *row_of(struct conversations *c, struct pair *p, const struct ot_event *ev, bool make)
{
	struct conversation k;

	for (unsigned together = 0; together < 2; together++) {
		row_key(&k, ev, together);
		uint32_t at = row_hash(&k) & (c->buckets - 1);
		struct conversation *r = row_find(c, &k, at);

		if (r)
			return r;
		if (!make || (!together && p->rows >= CONVERSATION_ROWS))
			continue;
		if (c->n == c->max) {
			c->refused++;
			return NULL;
		}
		r = &c->v[c->n++];
		*r = k;
		r->frame = ev->head.frame;
		r->capture = ev->head.capture;
		r->first_ns = r->last_ns = ev->head.ts_ns;
		r->hash_next = c->bucket[at];
		c->bucket[at] = c->n;
		if (!together)
			p->rows++;
		return r;
	}
	return NULL;
}

static void add(struct conversation *r, const struct ot_event *ev, uint64_t n, uint64_t first_ns, uint64_t last_ns)
{
	r->count += n;
	if (first_ns < r->first_ns)
		r->first_ns = first_ns;
	if (last_ns > r->last_ns)
		r->last_ns = last_ns;
	if (!(ev->has & HAS_FIRST) || r->together)
		return;
	uint64_t to = (uint64_t)ev->first + (ev->has & HAS_COUNT && ev->count ? ev->count : 1);

	if (!(r->has & HAS_FIRST)) {
		r->has |= HAS_FIRST;
		r->from = ev->first;
		r->to = to;
	}
	if (ev->first < r->from)
		r->from = ev->first;
	if (to > r->to)
		r->to = to;
}

struct conversation_news conversations_see(struct conversations *c, const struct ot_event *ev)
{
	struct conversation_news news = { false, false };
	struct pair *p = pair_of(c, ev, &news.new_client);

	if (!p)
		return news;
	uint64_t bit = UINT64_C(1) << (ev->proto * OP_COUNT + ev->op);

	news.new_conversation = !(p->asked & bit);
	p->asked |= bit;
	struct conversation *r = row_of(c, p, ev, true);

	if (r)
		add(r, ev, 1, ev->head.ts_ns, ev->head.ts_ns);
	return news;
}

void conversations_count(struct conversations *c, const struct ot_event *ev, uint64_t n, uint64_t first_ns,
			 uint64_t last_ns)
{
	bool is_new;
	struct pair *p = pair_of(c, ev, &is_new);
	struct conversation *r = p ? row_of(c, p, ev, false) : NULL;

	if (r)
		add(r, ev, n, first_ns, last_ns);
}

uint32_t conversations_rows(const struct conversations *c)
{
	return c->n;
}

uint64_t conversations_refused(const struct conversations *c)
{
	return c->refused;
}

const struct conversation *conversations_at(const struct conversations *c, uint32_t i)
{
	return i < c->n ? &c->v[i] : NULL;
}
