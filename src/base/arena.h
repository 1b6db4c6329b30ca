/* arena.h - many small things that die together: an expression, a policy. One owner while it
 * grows; what it handed out may be read by any thread until arena_free(). */
#ifndef ZT_BASE_ARENA_H
#define ZT_BASE_ARENA_H

#include <stddef.h>

struct arena;

struct arena *arena_new(size_t max);                    /* bytes it may hand out; NULL: no memory */
void arena_free(struct arena *a);                       /* NULL is allowed */
void *arena_get(struct arena *a, size_t n);             /* aligned, zeroed; NULL past max or without memory */
void *arena_array(struct arena *a, size_t n, size_t size);      /* n objects, overflow checked */
char *arena_text(struct arena *a, const char *s, size_t n);     /* a terminated copy */

#endif
