#include "base/hash.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <sys/random.h>

/* Fixed until hash_init(): tests that never call it still hash well. */
uint64_t hash_keys[HASH_KEYS] = {
	0x9e3779b97f4a7c15u, 0xbf58476d1ce4e5b9u, 0x94d049bb133111ebu, 0xd6e8feb86659fd93u,
	0xa0761d6478bd642fu, 0xe7037ed1a0b428dbu, 0x8ebc6af09c88c6e3u, 0x589965cc75374cc3u,
	0x1d8e4e27c47d124fu, 0xeb44accab455d165u, 0xff51afd7ed558ccdu, 0xc4ceb9fe1a85ec53u,
};
static uint64_t seed = 0x9e3779b97f4a7c15u;

void hash_init(void)
{
	uint64_t k[HASH_KEYS + 1];

	if (getrandom(k, sizeof k, GRND_NONBLOCK) != sizeof k)
		return;
	seed = k[HASH_KEYS];
	for (int i = 0; i < HASH_KEYS; i++)
		hash_keys[i] = k[i] | 1;
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
