#include "base/hash.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <sys/random.h>

static uint64_t seed = 0x9e3779b97f4a7c15u;

void hash_init(void)
{
	uint64_t s;

	if (getrandom(&s, sizeof s, GRND_NONBLOCK) == sizeof s)
		seed = s;
}

uint64_t hash_mem(const void *p, size_t n)
{
	return XXH3_64bits_withSeed(p, n, seed);
}

uint64_t hash_more(uint64_t h, const void *p, size_t n)
{
	return XXH3_64bits_withSeed(p, n, h ^ seed);
}

uint64_t hash_stable(const void *p, size_t n)
{
	return XXH3_64bits(p, n);
}
