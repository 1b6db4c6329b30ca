/* hash.h - the one hash, over libxxhash. hash_seed() is random for each process, so that nobody
 * on the wire can aim for a bucket; nothing that is printed or stored may depend on it. */
#ifndef ZT_BASE_HASH_H
#define ZT_BASE_HASH_H

#include <stddef.h>
#include <stdint.h>

void hash_init(void);                                   /* once, before any thread starts */
uint64_t hash_mem(const void *p, size_t n);             /* keyed with the process's seed */
uint64_t hash_more(uint64_t h, const void *p, size_t n);/* continues from h */
uint64_t hash_stable(const void *p, size_t n);          /* the same in every process: for ids that are kept */

#define HASH_KEYS 12

/* Both halves of a product: the step of a fast keyed hash over a few words. */
static inline uint64_t hash_fold(uint64_t a, uint64_t b)
{
	unsigned __int128 m = (unsigned __int128)a * b;

	return (uint64_t)m ^ (uint64_t)(m >> 64);
}
extern uint64_t hash_keys[HASH_KEYS];                          /* random after hash_init() */

#endif
