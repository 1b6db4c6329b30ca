/* publish.h - the policy of the moment, as main publishes it and the other threads take it up.
 *
 * A policy never changes once published. Main publishes the next one and keeps the old one until everybody has
 * said to be through with it (their epoch); then it frees both the old policy and the map between the two. */
#ifndef ZT_SENSOR_PUBLISH_H
#define ZT_SENSOR_PUBLISH_H

#include "policy/map.h"
#include "policy/policy.h"

#include <stdatomic.h>

struct publication {
	const struct policy *policy;    /* read after epoch has been seen to rise */
	const struct policy_map *map;   /* from the one before; NULL for the first */
	_Atomic uint32_t epoch;         /* from 1 */
};

#endif
