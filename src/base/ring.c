#include "base/ring.h"

#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define HEADER 16u              /* bytes before each record: its length, and whether it only fills the end */
#define FILLER UINT32_MAX

static uint64_t padded(uint32_t n)
{
	return (HEADER + (uint64_t)n + 15) & ~(uint64_t)15;
}

bool ring_init(struct ring *r, uint32_t size)
{
	memset(r, 0, sizeof *r);
	r->size = size;
	r->mem = aligned_alloc(64, size);
	return r->mem != NULL;
}

void ring_fini(struct ring *r)
{
	free(r->mem);
	r->mem = NULL;
}

void ring_touch(struct ring *r)
{
	memset(r->mem, 0, r->size);
}

static bool has_room(struct ring *r, uint64_t from, uint64_t n)
{
	if (from + n - r->tail_seen <= r->size)
		return true;
	r->tail_seen = atomic_load_explicit(&r->tail, memory_order_acquire);
	return from + n - r->tail_seen <= r->size;
}

static void put_length(struct ring *r, uint64_t at, uint32_t n)
{
	memcpy(r->mem + (at & (r->size - 1)), &n, sizeof n);
}

void *ring_reserve_sparing(struct ring *r, uint32_t n, uint32_t spare)
{
	uint64_t head = atomic_load_explicit(&r->head, memory_order_relaxed), need = padded(n);
	uint64_t to_end = r->size - (head & (r->size - 1));

	if (need > to_end) {
		if (!has_room(r, head, to_end + need + spare))
			return NULL;
		put_length(r, head, FILLER);
		head += to_end;
	} else if (!has_room(r, head, need + spare)) {
		return NULL;
	}
	put_length(r, head, n);
	r->reserved = head + need;
	return r->mem + (head & (r->size - 1)) + HEADER;
}

void *ring_reserve(struct ring *r, uint32_t n)
{
	return ring_reserve_sparing(r, n, 0);
}

uint64_t ring_used(const struct ring *r)
{
	return atomic_load_explicit(&r->head, memory_order_relaxed) - atomic_load_explicit(&r->tail, memory_order_relaxed);
}

void ring_publish(struct ring *r)
{
	atomic_store_explicit(&r->head, r->reserved, memory_order_release);
}

const void *ring_peek(struct ring *r, uint32_t *n)
{
	uint64_t tail = atomic_load_explicit(&r->tail, memory_order_relaxed);
	uint32_t len;

	if (tail == r->head_seen) {
		r->head_seen = atomic_load_explicit(&r->head, memory_order_acquire);
		if (tail == r->head_seen)
			return NULL;
	}
	memcpy(&len, r->mem + (tail & (r->size - 1)), sizeof len);
	if (len == FILLER) {
		tail += r->size - (tail & (r->size - 1));
		atomic_store_explicit(&r->tail, tail, memory_order_release);
		memcpy(&len, r->mem + (tail & (r->size - 1)), sizeof len);
	}
	*n = len;
	return r->mem + (tail & (r->size - 1)) + HEADER;
}

void ring_release(struct ring *r)
{
	uint64_t tail = atomic_load_explicit(&r->tail, memory_order_relaxed);
	uint32_t len;

	memcpy(&len, r->mem + (tail & (r->size - 1)), sizeof len);
	atomic_store_explicit(&r->tail, tail + padded(len), memory_order_release);
}

void ring_wait(unsigned *step)
{
	if (++*step < 64) {
		sched_yield();
	} else {
		struct timespec t = { .tv_nsec = 50000 };

		nanosleep(&t, NULL);
	}
}
