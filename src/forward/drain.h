/* drain.h - which batches have left a queue of the kernel that only says how many bytes it still holds (a socket's, a
 * pipe's). Pure but for the monotonic clock of the caller. One owner. */
#ifndef ZT_FORWARD_DRAIN_H
#define ZT_FORWARD_DRAIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DRAIN_WINDOW 16                 /* batches that may be under way */

struct drain {
	struct { uint64_t number, end; } batch[DRAIN_WINDOW];   /* end: what of the stream lies before its last byte */
	uint32_t first, count;          /* of the ring */
	uint64_t put;                   /* bytes since drain_reset() */
	uint64_t confirmed;             /* number of the last batch that is out, 0 none */
	uint64_t held, moved_ns;        /* what the queue held last, and when that became less */
};

/* A new connection: what was under way is not any more. The confirmed number stays. */
void drain_reset(struct drain *d, uint64_t now_ns);
/* The batch with this number, the next one, was put into the queue. At most DRAIN_WINDOW at a time. */
void drain_put(struct drain *d, uint64_t number, size_t bytes, uint64_t now_ns);
/* The queue holds so many bytes, at least as many as those of ours that have not left it (with TLS it holds more than
 * we put in). Returns the number of the last batch that is wholly out. */
uint64_t drain_held(struct drain *d, uint64_t held, uint64_t now_ns);
/* Something is under way and nothing has left for so long. */
bool drain_stuck(const struct drain *d, uint64_t max_ns, uint64_t now_ns);

#endif
