/* talkers.h - who sends most, approximately: the heavy hitters of a stream of addresses in a fixed table.
 *
 * Space-saving: when the table is full the smallest gives its place and its count to the new one, so what is large
 * is certainly there and may be counted too high by at most the smallest. One owner. */
#ifndef ZT_SENSOR_TALKERS_H
#define ZT_SENSOR_TALKERS_H

#include "base/addr.h"

#include <stdint.h>

#define TALKERS 32

struct talker { struct ip_addr ip; uint64_t bytes; };
struct talkers { struct talker v[TALKERS]; unsigned n; };

void talkers_add(struct talkers *t, const struct ip_addr *ip, uint64_t bytes);
void talkers_fade(struct talkers *t);           /* halves all: the past counts less */
/* The largest first; `to` may be one of several that are put together. */
void talkers_merge(struct talkers *to, const struct talkers *from);
void talkers_sort(struct talkers *t);

#endif
