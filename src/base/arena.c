#include "base/arena.h"

#include <stdalign.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK 4096              /* bytes; what is larger gets a block of its own */

struct block {
	struct block *next;
	size_t used, size;
	alignas(max_align_t) unsigned char bytes[];
};

struct arena {
	struct block *head;
	size_t left;            /* bytes that may still be handed out */
};

struct arena *arena_new(size_t max)
{
	struct arena *a = calloc(1, sizeof *a);

	if (a)
		a->left = max;
	return a;
}

void arena_free(struct arena *a)
{
	struct block *next;

	if (!a)
		return;
	for (struct block *b = a->head; b; b = next) {
		next = b->next;
		free(b);
	}
	free(a);
}

void *arena_get(struct arena *a, size_t n)
{
	struct block *b = a->head;
	void *p;

	if (n > SIZE_MAX / 2)
		return NULL;
	n = (n + alignof(max_align_t) - 1) & ~(alignof(max_align_t) - 1);
	if (n > a->left)
		return NULL;
	if (!b || n > b->size - b->used) {
		size_t size = n > BLOCK ? n : BLOCK;

		b = calloc(1, sizeof *b + size);
		if (!b)
			return NULL;
		b->size = size;
		b->next = a->head;
		a->head = b;
	}
	p = b->bytes + b->used;
	b->used += n;
	a->left -= n;
	return p;
}

void *arena_array(struct arena *a, size_t n, size_t size)
{
	size_t bytes;

	if (__builtin_mul_overflow(n, size, &bytes))
		return NULL;
	return arena_get(a, bytes);
}

char *arena_text(struct arena *a, const char *s, size_t n)
{
	char *copy = arena_get(a, n + 1);

	if (copy && n)
		memcpy(copy, s, n);
	return copy;
}
