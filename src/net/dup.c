/* dup.c - see dup.h. The hash is keyed with random bytes of this process, so that nobody on
 * the wire can make one packet look like a copy of another. */
#include "net/dup.h"

#include "base/hash.h"
#include "base/rd.h"

#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#define XXH_INLINE_ALL
#include <xxhash.h>

#define WAYS 8U
#define BUCKETS 1024U                   /* a power of two; with WAYS 8192 packets, 64 KiB: it stays in the cache */
#define IPV4_HEADER 20U
#define IPV6_HEADER 40U

/* An entry is one word: the upper 44 bits of the hash (the bucket is ten more), then the time stamp in
 * units of 2^16 ns, modulo 2^20 (69 s): enough to tell 10 ms from longer. 0: empty. */
#define STAMP_BITS 20
#define STAMP_MASK ((1u << STAMP_BITS) - 1)
#define STAMP_OF(ts_ns) ((uint32_t)((ts_ns) >> 16) & STAMP_MASK)
#define WINDOW ((DUP_WINDOW_NS >> 16) + 1)      /* rounded up: at most 10.06 ms */

/* Of a TCP payload the beginning and the end are hashed: a segment with the same id, sequence number and
 * length is a copy or says nothing new, since the first copy of a byte wins. Datagrams are hashed whole. */
#define TCP_WHOLE 160U                  /* bytes up to which a TCP segment is hashed whole, its header included */
#define TCP_HEAD 128U
#define TCP_TAIL 32U

struct bucket {
	uint64_t way[WAYS];             /* one cache line */
};

struct dup {
	struct bucket *buckets;
	uint8_t oldest[BUCKETS];        /* the way that is written next, modulo WAYS */
	uint64_t key[8];
	uint8_t secret[XXH3_SECRET_SIZE_MIN + 56];
};

static bool fill_random(uint8_t *p, size_t n)
{
	while (n) {
		ssize_t got = getrandom(p, n, 0);

		if (got <= 0)
			return false;
		p += got;
		n -= (size_t)got;
	}
	return true;
}

struct dup *dup_new(void)
{
	struct dup *d = calloc(1, sizeof(*d));

	if (!d)
		return NULL;
	d->buckets = aligned_alloc(sizeof(struct bucket), BUCKETS * sizeof(struct bucket));
	if (!d->buckets || !fill_random(d->secret, sizeof(d->secret)) ||
	    !fill_random((uint8_t *)d->key, sizeof(d->key))) {
		dup_free(d);
		return NULL;
	}
	d->key[3] |= 1;
	d->key[5] |= 1;
	d->key[7] |= 1;
	memset(d->buckets, 0, BUCKETS * sizeof(struct bucket));
	return d;
}

void dup_free(struct dup *d)
{
	if (!d)
		return;
	free(d->buckets);
	free(d);
}

static uint64_t load64(const uint8_t *p)
{
	uint64_t v;

	memcpy(&v, p, sizeof(v));
	return v;
}

/* The bytes of a word that count, in the order of memory. */
static uint64_t word(const uint8_t *p, const uint8_t mask[8])
{
	return load64(p) & load64(mask);
}

/* The header without what routers change, keyed: 20 bytes of IPv4, 40 of IPv6. */
static uint64_t header_hash(const struct dup *d, const uint8_t *h, bool v6)
{
	/* RFC 791 3.1: type of service; time to live, checksum. RFC 8200 3: traffic class; hop limit. */
	static const uint8_t v4_mask[2][8] = { { 255, 0, 255, 255, 255, 255, 255, 255 }, { 0, 255, 0, 0, 255, 255, 255, 255 } };
	static const uint8_t v6_mask[8] = { 0xf0, 0x0f, 255, 255, 255, 255, 255, 0 };
	const uint64_t *k = d->key;
	uint32_t last;

	if (v6)
		return hash_fold(word(h, v6_mask) ^ k[0], load64(h + 8) ^ k[1]) + hash_fold(load64(h + 16) ^ k[2], load64(h + 24) ^ k[3]) +
		       hash_fold(load64(h + 32) ^ k[4], k[5]);
	memcpy(&last, h + 16, sizeof(last));
	return hash_fold(word(h, v4_mask[0]) ^ k[0], word(h + 8, v4_mask[1]) ^ k[1]) + hash_fold(last ^ k[2], k[3]);
}

static uint64_t packet_hash(const struct dup *d, const struct packet *p)
{
	struct rd r = rd_init(p->ip, p->ip_len);
	bool v6 = rd_peek(&r, 0) >> 4 == 6;
	const uint8_t *header = rd_take(&r, v6 ? IPV6_HEADER : IPV4_HEADER);
	uint64_t h;

	if (!header)
		return 0;
	h = header_hash(d, header, v6);
	if (p->ip_proto == 6 && r.left > TCP_WHOLE) {
		h += XXH3_64bits_withSecret(r.p + (r.left - TCP_TAIL), TCP_TAIL, d->secret, sizeof(d->secret));
		h = hash_fold(h ^ d->key[6], d->key[7]);
		h += XXH3_64bits_withSecret(r.p, TCP_HEAD, d->secret, sizeof(d->secret));
	} else {
		h += XXH3_64bits_withSecret(r.p, r.left, d->secret, sizeof(d->secret));
	}
	h = hash_fold(h ^ d->key[6], d->key[7]);
	return h ? h : 1;
}

uint64_t dup_hash(struct dup *d, const struct packet *p)
{
	uint64_t hash = packet_hash(d, p);

	__builtin_prefetch(&d->buckets[hash & (BUCKETS - 1)], 1);
	return hash;
}

bool dup_seen(struct dup *d, const struct packet *p)
{
	return dup_check(d, packet_hash(d, p), p->ts_ns);
}

/* Does a way hold these 44 bits? Nearly never: asked of all of them without a jump. */
static bool holds(const struct bucket *b, uint64_t tag)
{
	uint32_t found = 0;

	for (uint32_t i = 0; i < WAYS; i++)
		found |= (b->way[i] ^ tag) <= STAMP_MASK;
	return found;
}

/* Stamps may run backwards: near is near on either side. */
static bool near(uint64_t way, uint32_t now)
{
	uint32_t age = (now - (uint32_t)way) & STAMP_MASK;

	return way && (age <= WINDOW || age >= STAMP_MASK + 1 - WINDOW);
}

/* Is it a copy of one that was there a moment ago? The same bytes long after are the first of new copies. */
static bool is_copy(struct bucket *b, uint64_t tag, uint32_t now)
{
	for (uint32_t i = 0; i < WAYS; i++) {
		if ((b->way[i] ^ tag) > STAMP_MASK)
			continue;
		if (near(b->way[i], now))
			return true;
		b->way[i] = 0;
	}
	return false;
}

bool dup_check(struct dup *d, uint64_t hash, uint64_t ts_ns)
{
	uint64_t tag = hash & ~(uint64_t)STAMP_MASK, at = hash & (BUCKETS - 1);
	struct bucket *b = &d->buckets[at];
	uint32_t now = STAMP_OF(ts_ns);

	if (!hash)
		return false;
	if (holds(b, tag) && is_copy(b, tag, now))
		return true;
	/* When even the oldest may still be copied one of them goes, but not always the oldest: that would lose them all. */
	uint32_t to = d->oldest[at] % WAYS;

	if (near(b->way[to], now))
		to = (uint32_t)(hash >> 10) % WAYS;
	else
		d->oldest[at]++;
	b->way[to] = tag | now;
	return false;
}
