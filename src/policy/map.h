/* map.h - from the numbers of one policy to those of the next: zones, assets and rules by name.
 *
 * What was remembered under the old policy is carried over with it. Segments need no map: policy_load_next() leaves
 * their numbers as they were. Read by any thread once it is made. */
#ifndef ZT_POLICY_MAP_H
#define ZT_POLICY_MAP_H

#include "policy/policy.h"

struct policy_map;

struct policy_map *policy_map_new(const struct policy *from, const struct policy *to);  /* NULL: no memory */
void policy_map_free(struct policy_map *m);             /* NULL is allowed */

/* 0: there is none of that name any more. */
uint16_t policy_map_zone(const struct policy_map *m, uint16_t zone);
uint32_t policy_map_asset(const struct policy_map *m, uint32_t asset);
uint16_t policy_map_rule(const struct policy_map *m, uint16_t rule);

void policy_map_side(const struct policy_map *m, struct ot_side *s);
/* Both sides, and the rules that it met; those that are gone leave the list. */
void policy_map_event(const struct policy_map *m, struct ot_event *ev);

#endif
