/* reload.h - the policy that a sensor works by, and its successor. Main thread.
 *
 * A site or rules with a mistake change nothing. One without is published; the policy before it is freed when every
 * thread has gone over, and until then no other is published. */
#ifndef ZT_SENSOR_RELOAD_H
#define ZT_SENSOR_RELOAD_H

#include "policy/complain.h"
#include "sensor/config.h"
#include "sensor/crew.h"
#include "sensor/publish.h"

struct reload {
	const struct sensor_config *config;
	struct publication published;
	struct policy *now, *old;       /* old: until everybody has left it */
	struct policy_map *map;
	struct geo *geo;                /* NULL: public addresses are not looked up */
	uint64_t loaded_ns;             /* running time */
};

void reload_init(struct reload *r, const struct sensor_config *c, struct policy *first);       /* takes it over */
void reload_fini(struct reload *r);             /* when no thread is left */

enum reload_result { RELOAD_DONE, RELOAD_WRONG, RELOAD_BUSY };  /* busy: the one before is still being taken over */
enum reload_result reload_now(struct reload *r, struct complaints *errs);

/* Frees what nobody uses any more, and takes up geographical databases that were replaced; now and then. */
void reload_settle(struct reload *r, const struct crew *c);

#endif
