/* heap.h - memory for a library that calls malloc() for each flow: blocks of a few sizes out of one piece that
 * is taken at the start. When it is spent the library is refused, and has to do without. One owning thread. */
#ifndef ZT_CLASSIFY_HEAP_H
#define ZT_CLASSIFY_HEAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HEAP_BLOCK_MAX 8192     /* bytes of the largest block, its header included */

struct heap;

struct heap *heap_new(size_t bytes);            /* NULL: no memory */
void heap_free(struct heap *h);                 /* with all its blocks; NULL is allowed */
void *heap_get(struct heap *h, size_t n);       /* aligned for anything, not zeroed; NULL: too large, or spent */
bool heap_has(const struct heap *h, const void *block);         /* it came from heap_get(h) */
size_t heap_room(const void *block);            /* bytes that the block may hold */
void heap_put(struct heap *h, void *block);
uint64_t heap_spent(const struct heap *h);      /* times that there was no room */

#endif
