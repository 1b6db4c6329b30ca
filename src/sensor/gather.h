/* gather.h - from the rings of all listeners, one row of findings in the order of packets.
 *
 * A listener that has nothing to say says how far its time has come (FINDING_MARK). The earliest finding is handed
 * out when no other listener can have an earlier one; but nobody is waited for that has been silent for
 * GATHER_HOLD_NS, and nobody at all once a ring is half full. One thread, the consuming side of every ring. */
#ifndef ZT_SENSOR_GATHER_H
#define ZT_SENSOR_GATHER_H

#include "engine/finding.h"

#define GATHER_HOLD_NS UINT64_C(1000000000)     /* of the monotonic clock */

struct gather_source {
	struct ring *ring;
	struct order told;              /* everything up to here has been handed out, or does not exist */
	uint64_t heard_ns;              /* monotonic time at which it last had something */
	bool silent;                    /* gather_next() found nothing in its ring */
	bool ended;                     /* set by the owner: nothing will be added */
};

struct gather {
	unsigned n;
	struct gather_source *source;   /* the owner's */
};

/* The next finding and whose it is; NULL: none may be handed out yet. It stays valid until gather_done(). */
struct finding *gather_next(struct gather *g, uint64_t mono_ns, unsigned *source);
void gather_done(struct gather *g, unsigned source);

#endif
