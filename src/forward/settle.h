/* settle.h - what was confirmed long enough ago: where a new connection of a transport without answers begins again.
 *
 * A socket that has drained says that the other machine's kernel has the bytes, not that its program wrote them down.
 * So what was confirmed less than the overlap ago is not settled yet. Positions only rise. One owner. */
#ifndef ZT_FORWARD_SETTLE_H
#define ZT_FORWARD_SETTLE_H

#include <stdint.h>

#define SETTLE_MARKS 34

struct settle {
	uint64_t overlap;               /* ns; 0: what is confirmed is settled */
	struct { uint64_t first_ns, last_ns; int64_t id; } mark[SETTLE_MARKS];  /* confirmed up to id at last_ns, oldest first */
	uint32_t marks;
	int64_t id;                     /* settled */
};

void settle_init(struct settle *s, uint64_t overlap, int64_t id);
void settle_confirmed(struct settle *s, uint64_t now_ns, int64_t id);
int64_t settle_at(struct settle *s, uint64_t now_ns);

#endif
