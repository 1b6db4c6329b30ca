/* dup.c - see dup.h. The hash is keyed with random bytes of this process, so that nobody on
 * the wire can make one packet look like a copy of another. */
#include "net/dup.h"

#include "base/rd.h"

#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#define XXH_INLINE_ALL
#include <xxhash.h>

#define WAYS 4U
#define BUCKETS 4096U                   /* a power of two */
#define IPV4_HEADER 20U
#define IPV6_HEADER 40U

struct entry {
	uint64_t hash;                  /* 0: empty */
	uint64_t ts_ns;
};

struct bucket {
	struct entry way[WAYS];         /* one cache line */
};

struct dup {
	struct bucket *buckets;
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
	if (!d->buckets || !fill_random(d->secret, sizeof(d->secret))) {
		dup_free(d);
		return NULL;
	}
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

/* The header without what routers change, and a hash of everything behind it. */
static uint64_t packet_hash(const struct dup *d, const struct packet *p)
{
	struct rd r = rd_init(p->ip, p->ip_len);
	bool v6 = rd_peek(&r, 0) >> 4 == 6;
	uint32_t n = v6 ? IPV6_HEADER : IPV4_HEADER;
	uint8_t key[IPV6_HEADER + 8];
	const uint8_t *header = rd_take(&r, n);
	uint64_t rest;

	if (!header)
		return 0;
	memcpy(key, header, n);
	if (v6) {
		/* RFC 8200 3: version and traffic class, hop limit */
		key[0] = 0;
		key[1] &= 0x0f;
		key[7] = 0;
	} else {
		/* RFC 791 3.1: type of service, time to live, checksum */
		key[1] = key[8] = key[10] = key[11] = 0;
	}
	rest = XXH3_64bits_withSecret(r.p, r.left, d->secret, sizeof(d->secret));
	memcpy(key + n, &rest, sizeof(rest));
	rest = XXH3_64bits_withSecret(key, n + sizeof(rest), d->secret, sizeof(d->secret));
	return rest ? rest : 1;
}

/* Stamps may run backwards: near is near on either side. */
static bool near(uint64_t a, uint64_t b)
{
	return (a > b ? a - b : b - a) <= DUP_WINDOW_NS;
}

bool dup_seen(struct dup *d, const struct packet *p)
{
	uint64_t hash = packet_hash(d, p);
	struct bucket *b = &d->buckets[hash & (BUCKETS - 1)];
	struct entry *e = &b->way[0];

	if (!hash)
		return false;
	for (uint32_t i = 0; i < WAYS; i++) {
		if (b->way[i].hash == hash) {
			if (near(b->way[i].ts_ns, p->ts_ns))
				return true;
			/* the same bytes long after: the first of new copies */
			e = &b->way[i];
			break;
		}
		if (b->way[i].ts_ns < e->ts_ns)
			e = &b->way[i];
	}
	e->hash = hash;
	e->ts_ns = p->ts_ns;
	return false;
}
