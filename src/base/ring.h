/* ring.h - records of any length from one thread to another, in order, without locks.
 *
 * One producer, one consumer. A record is filled in place: ring_reserve(), write, ring_publish(). */
#ifndef ZT_BASE_RING_H
#define ZT_BASE_RING_H

#include <stdalign.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

struct ring {   /* producer's line, consumer's line, what neither writes */
	alignas(64) _Atomic uint64_t head;      /* bytes ever published */
	uint64_t tail_seen, reserved;
	alignas(64) _Atomic uint64_t tail;      /* bytes ever released */
	uint64_t head_seen;
	alignas(64) uint8_t *mem;
	uint64_t size;                          /* bytes, a power of two */
};

bool ring_init(struct ring *r, uint32_t size);  /* size: a power of two; a record may take a quarter of it */
void ring_fini(struct ring *r);
void ring_touch(struct ring *r);                /* its pages are there from now on, not when first used; producer, before
						   the first record */

void *ring_reserve(struct ring *r, uint32_t n); /* n bytes, aligned to 16; NULL when there is no room now */
/* The same, but NULL as well when fewer than `spare` bytes of the ring would be left. */
void *ring_reserve_sparing(struct ring *r, uint32_t n, uint32_t spare);
void ring_publish(struct ring *r);
const void *ring_peek(struct ring *r, uint32_t *n);     /* the oldest record; NULL when there is none */
void ring_release(struct ring *r);              /* of the record peeked at */
uint64_t ring_used(const struct ring *r);       /* bytes; the consumer's, approximate for others */

/* One step of waiting for the other side: yields first, sleeps a little after a while. */
void ring_wait(unsigned *step);

#endif
