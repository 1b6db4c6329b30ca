/* once.h - memory for what a library loads at its start and keeps: tens of thousands of small blocks one behind
 * the other, none of which is used again before all of them go at once. One owning thread. */
#ifndef ZT_CLASSIFY_ONCE_H
#define ZT_CLASSIFY_ONCE_H

#include <stdbool.h>
#include <stddef.h>

struct once;

struct once *once_new(size_t bytes);            /* address space; memory is what is handed out of it. NULL: no memory */
void once_free(struct once *o);                 /* with all its blocks; NULL is allowed */
void *once_get(struct once *o, size_t n);       /* aligned for anything, zeroed; NULL: spent */
bool once_has(const struct once *o, const void *block);         /* it came from once_get(o) */
size_t once_room(const void *block);            /* bytes that were asked for */

#endif
