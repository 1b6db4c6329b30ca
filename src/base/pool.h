/* pool.h - objects of one size, all memory taken at the start, one owning thread.
 *
 * No locks: a pool is never shared between threads. pool_get() is O(1); memory that is
 * never used is never touched, so an idle pool costs address space only. */
#ifndef ZT_BASE_POOL_H
#define ZT_BASE_POOL_H

#include <stddef.h>
#include <stdint.h>

struct pool;

/* NULL: no memory. name: static, shown beside the memory in /proc/PID/smaps. */
struct pool *pool_new(const char *name, size_t object_size, uint32_t count);
void pool_free(struct pool *p);                 /* with every object in it; NULL is allowed */
void *pool_get(struct pool *p);                 /* not zeroed; NULL when spent: count it and degrade */
void pool_put(struct pool *p, void *object);    /* NULL is allowed; poisons the bytes under ASan */
uint32_t pool_in_use(const struct pool *p);
uint32_t pool_high_water(const struct pool *p);

#endif
