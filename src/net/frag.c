/* frag.c - see frag.h. RFC 791 3.2, RFC 8200 4.5, RFC 5722 in its spirit: overlapping bytes
 * never replace what was there. */
#include "net/frag.h"

#include "base/pool.h"

#include <stdlib.h>
#include <string.h>

#define TIMEOUT_NS 30000000000U
#define COPY_NS 50000000U               /* how long copies of a whole datagram's fragments are known */
#define DATAGRAM_MAX 65535U
#define HEADER_ROOM 64U                 /* the IP header ends where the payload begins */
#define GIVEN_MAX 8U                    /* fragments inside fragments: a tunnel's, and what it carries */
#define UNITS (65536U / 8U)             /* offsets count in eights */

struct body {
	uint8_t bytes[HEADER_ROOM + 65536];
	uint64_t have[UNITS / 64];      /* a bit for every eight bytes of payload */
};

struct datagram {
	struct ip_addr src, dst;
	uint32_t id;
	uint8_t proto;                  /* of the key: 0 for IPv6 */
	uint8_t first_proto;            /* what the payload is */
	uint8_t header_len;             /* 0: the first fragment has not come */
	bool used;
	struct body *body;              /* NULL: it is whole, copies are to be dropped */
	uint64_t first_ns;
	uint64_t age;                   /* smaller is older */
	uint32_t units;                 /* eights that are there */
	uint32_t total;                 /* bytes; 0: the last fragment has not come */
	uint32_t end;                   /* bytes: the farthest seen */
};

struct frag_table {
	struct datagram *v;
	uint64_t *keys;                 /* hash of v[i]'s key, for a quick look through */
	uint32_t n;
	struct pool *bodies;
	struct body *given[GIVEN_MAX];  /* handed out for the packet being decoded */
	uint32_t given_n;
	uint64_t clock;
	struct decode_stats *stats;
};

struct frag_table *frag_table_new(uint32_t datagrams, struct decode_stats *stats)
{
	struct frag_table *t = calloc(1, sizeof(*t));

	if (!t)
		return NULL;
	t->n = datagrams;
	t->stats = stats;
	t->v = calloc(datagrams, sizeof(*t->v));
	t->keys = calloc(datagrams, sizeof(*t->keys));
	/* some more: those that the caller still looks at */
	t->bodies = pool_new("fragments", sizeof(struct body), datagrams + GIVEN_MAX);
	if (!t->v || !t->keys || !t->bodies) {
		frag_table_free(t);
		return NULL;
	}
	return t;
}

void frag_table_free(struct frag_table *t)
{
	if (!t)
		return;
	pool_free(t->bodies);
	free(t->keys);
	free(t->v);
	free(t);
}

static uint64_t key_hash(const struct frag_piece *k)
{
	uint64_t h = k->id * 0x9e3779b97f4a7c15U;

	h = (h ^ k->src->q[0] ^ k->src->q[1]) * 0xff51afd7ed558ccdU;
	h = (h ^ (h >> 32) ^ k->dst->q[0] ^ k->dst->q[1]) * 0xc4ceb9fe1a85ec53U;
	return h ^ (h >> 29);
}

static void release(struct frag_table *t, struct datagram *g)
{
	pool_put(t->bodies, g->body);
	g->body = NULL;
	g->used = false;
}

/* Packet time may run backwards; then nothing is too old. */
static bool expired(const struct datagram *g, uint64_t now)
{
	return now > g->first_ns && now - g->first_ns > (g->body ? TIMEOUT_NS : COPY_NS);
}

static struct datagram *lookup(struct frag_table *t, const struct frag_piece *k, uint64_t key, uint64_t now)
{
	for (uint32_t i = 0; i < t->n; i++) {
		struct datagram *g = &t->v[i];

		if (t->keys[i] != key || !g->used || g->id != k->id || g->proto != (k->v6 ? 0 : k->proto) ||
		    !addr_eq(&g->src, k->src) || !addr_eq(&g->dst, k->dst))
			continue;
		if (!expired(g, now))
			return g;
		if (g->body)
			t->stats->datagrams_timed_out++;
		release(t, g);
	}
	return NULL;
}

/* A free place: unused, or timed out, or the oldest. */
static struct datagram *claim(struct frag_table *t, uint64_t now)
{
	struct datagram *oldest = NULL;

	for (uint32_t i = 0; i < t->n; i++) {
		struct datagram *g = &t->v[i];

		if (!g->used)
			return g;
		if (expired(g, now)) {
			if (g->body)
				t->stats->datagrams_timed_out++;
			release(t, g);
			return g;
		}
		if (!oldest || g->age < oldest->age)
			oldest = g;
	}
	if (oldest) {
		if (oldest->body)
			t->stats->datagrams_evicted++;
		release(t, oldest);
	}
	return oldest;
}

static struct datagram *begin(struct frag_table *t, const struct frag_piece *k, uint64_t key, uint64_t now)
{
	struct datagram *g = claim(t, now);
	struct body *b = g ? pool_get(t->bodies) : NULL;

	if (!b)
		return NULL;
	memset(b->have, 0, sizeof(b->have));
	*g = (struct datagram){ .src = *k->src, .dst = *k->dst, .id = k->id, .proto = k->v6 ? 0 : k->proto,
		.used = true, .body = b, .first_ns = now, .age = ++t->clock };
	t->keys[g - t->v] = key;
	return g;
}

/* Copy what is new of a piece that fits. */
static void fill(struct frag_table *t, struct datagram *g, const struct frag_piece *k)
{
	struct rd r = k->payload;
	uint32_t unit = k->offset / 8;
	bool overlap = false;

	for (; r.left && unit < UNITS; unit++) {
		struct rd eight = rd_upto(&r, 8);

		if (g->body->have[unit / 64] >> (unit % 64) & 1) {
			overlap = true;
			continue;
		}
		memcpy(g->body->bytes + HEADER_ROOM + unit * 8, eight.p, eight.left);
		g->body->have[unit / 64] |= (uint64_t)1 << (unit % 64);
		g->units++;
	}
	t->stats->fragment_overlaps += overlap;
}

/* May this piece be part of this datagram? */
static bool fits(const struct datagram *g, const struct frag_piece *k)
{
	uint32_t end = k->offset + k->payload.left;

	if (k->payload.left == 0 || end > DATAGRAM_MAX)
		return false;
	if (k->more)
		return k->payload.left % 8 == 0 && (!g->total || end <= g->total);
	return end >= g->end && (!g->total || end == g->total);
}

void frag_release(struct frag_table *t)
{
	while (t->given_n)
		pool_put(t->bodies, t->given[--t->given_n]);
}

/* Put a piece that fits in its place. */
static void place(struct frag_table *t, struct datagram *g, const struct frag_piece *k)
{
	fill(t, g, k);
	if (k->offset + k->payload.left > g->end)
		g->end = k->offset + k->payload.left;
	if (!k->more)
		g->total = g->end;
	if (k->offset == 0 && !g->header_len) {
		g->header_len = (uint8_t)k->header.left;
		g->first_proto = k->proto;
		memcpy(g->body->bytes + HEADER_ROOM - k->header.left, k->header.p, k->header.left);
	}
}

/* Hand the whole datagram out; what stays is a mark that knows copies of its fragments. */
static void hand_out(struct frag_table *t, struct datagram *g, uint64_t now, struct frag_whole *out)
{
	out->ip = g->body->bytes + HEADER_ROOM - g->header_len;
	out->ip_len = g->header_len + g->total;
	out->payload = g->body->bytes + HEADER_ROOM;
	out->payload_len = g->total;
	out->proto = g->first_proto;
	t->given[t->given_n++] = g->body;
	g->body = NULL;
	g->first_ns = now;
	t->stats->datagrams++;
}

bool frag_add(struct frag_table *t, const struct frag_piece *k, uint64_t ts_ns, struct frag_whole *out)
{
	static const struct datagram nothing;
	uint64_t key = key_hash(k);
	struct datagram *g = lookup(t, k, key, ts_ns);

	if (g && !g->body) {
		t->stats->fragment_copies++;
		return false;
	}
	if (k->wire > k->payload.left) {
		t->stats->fragment_cut++;
		return false;
	}
	if (!fits(g ? g : &nothing, k)) {
		t->stats->fragment_bad++;
		return false;
	}
	if (!g && t->given_n < GIVEN_MAX)
		g = begin(t, k, key, ts_ns);
	if (!g || t->given_n == GIVEN_MAX) {
		t->stats->fragment_no_memory++;
		return false;
	}
	place(t, g, k);
	if (!g->total || g->units * 8 < g->total) {
		t->stats->fragment_held++;
		return false;
	}
	hand_out(t, g, ts_ns, out);
	return true;
}
