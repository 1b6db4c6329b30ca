/* health.h - is the sensor well? What it says of itself goes to the rules of the health stage.
 * What lasts is said again every HEALTH_REPEAT_NS (fact.h). Main thread; called about once a second. */
#ifndef ZT_SENSOR_HEALTH_H
#define ZT_SENSOR_HEALTH_H

#include "sensor/fact.h"
#include "sensor/figures.h"

#define HEALTH_REPEAT_NS (60 * UINT64_C(1000000000))

struct store;
struct health;

/* say: takes the facts of one moment. NULL: no memory. */
struct health *health_new(const struct sensor_config *c, fact_fn *say, void *arg);
void health_free(struct health *h);

void health_started(struct health *h);
void health_reloaded(struct health *h, bool good, const char *policy_hash);

/* The figures of every interface, by its number, as they are now; store NULL: none. */
void health_look(struct health *h, const struct figures *interfaces, const struct recorder_view *recorder,
		 struct store *store);

#endif
