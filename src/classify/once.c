#include "classify/once.h"

#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>

#define ALIGNED 16u             /* bytes; each block has its size in as many before it */

struct once {
	uint8_t *bytes;
	size_t room, used;
};

struct once *once_new(size_t bytes)
{
	struct once *o = calloc(1, sizeof *o);

	if (!o)
		return NULL;
	o->room = bytes;
	o->bytes = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (o->bytes == MAP_FAILED) {
		free(o);
		return NULL;
	}
	(void)madvise(o->bytes, bytes, MADV_HUGEPAGE);          /* fewer of them to fault in, and to remember */
	return o;
}

void once_free(struct once *o)
{
	if (o)
		munmap(o->bytes, o->room);
	free(o);
}

void *once_get(struct once *o, size_t n)
{
	size_t all;
	uint8_t *p;

	if (__builtin_add_overflow(n, 2 * ALIGNED - 1, &all))
		return NULL;
	all -= all % ALIGNED;
	if (all > o->room - o->used)
		return NULL;
	p = o->bytes + o->used;
	o->used += all;
	*(size_t *)(void *)p = n;
	return p + ALIGNED;
}

bool once_has(const struct once *o, const void *block)
{
	const uint8_t *p = block;

	return p >= o->bytes && p < o->bytes + o->room;
}

size_t once_room(const void *block)
{
	return *(const size_t *)(const void *)((const uint8_t *)block - ALIGNED);
}
