#include "classify/heap.h"

#include <assert.h>
#include <stdlib.h>
#include <sys/mman.h>

#define SMALLEST 64u            /* bytes; each size is twice the one before */
#define SIZES 8u

struct block {                  /* the header; what the library gets begins behind it */
	uint32_t size;          /* which of the sizes */
	uint32_t pad;
	struct block *next;     /* while it is spare */
};

struct heap {
	uint8_t *bytes;
	size_t room, used;      /* used: from the beginning; what lies behind was never handed out */
	struct block *spare[SIZES];
	uint64_t spent;
};

static_assert(sizeof(struct block) == 16 && SMALLEST << (SIZES - 1) == HEAP_BLOCK_MAX, "header and sizes");

struct heap *heap_new(size_t bytes)
{
	struct heap *h = calloc(1, sizeof *h);

	if (!h)
		return NULL;
	h->room = bytes;
	h->bytes = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (h->bytes == MAP_FAILED) {
		free(h);
		return NULL;
	}
	return h;
}

void heap_free(struct heap *h)
{
	if (h)
		munmap(h->bytes, h->room);
	free(h);
}

void *heap_get(struct heap *h, size_t n)
{
	uint32_t size = 0;
	struct block *b;

	while (size < SIZES && (SMALLEST << size) - sizeof *b < n)
		size++;
	if (size == SIZES)
		return NULL;
	b = h->spare[size];
	if (b) {
		h->spare[size] = b->next;
	} else if (h->room - h->used >= SMALLEST << size) {
		b = (struct block *)(void *)(h->bytes + h->used);
		h->used += SMALLEST << size;
		b->size = size;
	} else {
		h->spent++;
		return NULL;
	}
	return b + 1;
}

bool heap_has(const struct heap *h, const void *block)
{
	const uint8_t *p = block;

	return p >= h->bytes && p < h->bytes + h->room;
}

size_t heap_room(const void *block)
{
	const struct block *b = (const struct block *)block - 1;

	return (SMALLEST << b->size) - sizeof *b;
}

void heap_put(struct heap *h, void *block)
{
	struct block *b = (struct block *)block - 1;

	b->next = h->spare[b->size];
	h->spare[b->size] = b;
}

uint64_t heap_spent(const struct heap *h)
{
	return h->spent;
}
