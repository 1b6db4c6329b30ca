#include "base/pool.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>

#ifndef PR_SET_VMA
#define PR_SET_VMA 0x53564d41
#define PR_SET_VMA_ANON_NAME 0
#endif

#if defined(__SANITIZE_ADDRESS__)
#define POOL_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define POOL_ASAN 1
#endif
#endif
#ifdef POOL_ASAN
#include <sanitizer/asan_interface.h>
#define POISON(p, n) ASAN_POISON_MEMORY_REGION(p, n)
#define UNPOISON(p, n) ASAN_UNPOISON_MEMORY_REGION(p, n)
#else
#define POISON(p, n) ((void)(p), (void)(n))
#define UNPOISON(p, n) ((void)(p), (void)(n))
#endif

#define CACHE_LINE 64           /* bytes: larger objects begin with one, so that their first members share it */

struct pool {
	uint8_t *mem;
	size_t size;            /* bytes of one object, rounded up */
	size_t mapped;
	uint32_t count;
	uint32_t fresh;         /* objects never handed out start here */
	uint32_t in_use, high;
	void *spare;            /* returned objects, linked through their first bytes */
};

struct pool *pool_new(const char *name, size_t object_size, uint32_t count)
{
	struct pool *p = calloc(1, sizeof *p);
	size_t least = object_size < sizeof(void *) ? sizeof(void *) : object_size;
	size_t line = least < CACHE_LINE ? 16 : CACHE_LINE, size = (least + line - 1) & ~(line - 1);

	if (!p)
		return NULL;
	p->size = size;
	p->count = count;
	if (__builtin_mul_overflow(size, (size_t)count, &p->mapped))
		goto fail;
	p->mem = mmap(NULL, p->mapped ? p->mapped : 1, PROT_READ | PROT_WRITE,
		      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (p->mem == MAP_FAILED)
		goto fail;
	(void)madvise(p->mem, p->mapped, MADV_HUGEPAGE);        /* fewer of them for the processor to remember */
	/* Linux 5.17: the pool is known by its name in /proc/PID/smaps. Older kernels refuse; nothing is lost. */
	(void)prctl(PR_SET_VMA, PR_SET_VMA_ANON_NAME, p->mem, p->mapped, name);
	POISON(p->mem, p->mapped);
	return p;
fail:
	free(p);
	return NULL;
}

void pool_free(struct pool *p)
{
	if (!p)
		return;
	UNPOISON(p->mem, p->mapped);
	munmap(p->mem, p->mapped ? p->mapped : 1);
	free(p);
}

void *pool_get(struct pool *p)
{
	void *o = p->spare;

	if (o) {
		UNPOISON(o, p->size);
		memcpy(&p->spare, o, sizeof p->spare);
	} else if (p->fresh < p->count) {
		o = p->mem + (size_t)p->fresh++ * p->size;
		UNPOISON(o, p->size);
	} else {
		return NULL;
	}
	if (++p->in_use > p->high)
		p->high = p->in_use;
	return o;
}

void pool_put(struct pool *p, void *object)
{
	if (!object)
		return;
	memcpy(object, &p->spare, sizeof p->spare);
	p->spare = object;
	p->in_use--;
	POISON(object, p->size);
}

uint32_t pool_in_use(const struct pool *p)
{
	return p->in_use;
}

uint32_t pool_high_water(const struct pool *p)
{
	return p->high;
}
