/* backoff.h - how long to wait after a failure: twice as long each time, a random part of it, so that many senders do
 * not come back at one moment. One owner. */
#ifndef ZT_FORWARD_BACKOFF_H
#define ZT_FORWARD_BACKOFF_H

#include <stdint.h>

#define BACKOFF_ASKED_MAX UINT64_C(3600000000000)       /* ns: longer than this nobody may send us away */

struct backoff {
	uint64_t least, most;           /* ns */
	uint64_t next;                  /* ns, before chance */
	uint64_t state;                 /* of the chance */
};

void backoff_init(struct backoff *b, uint64_t least, uint64_t most, uint64_t seed);
/* After another failure. asked_ns: what the receiver asked for (Retry-After), 0: it did not. */
uint64_t backoff_after(struct backoff *b, uint64_t asked_ns);
void backoff_over(struct backoff *b);   /* it worked: the next failure is a first one */

#endif
