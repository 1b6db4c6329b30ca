/* sink_health.h - are the alerts delivered? What the sensor says of its sinks goes to the rules of the health stage, and
 * from there to the sinks like every alert, also to the one that it is about.
 *
 * That must not go round in circles, each record about a sink making the next one:
 * - a record about sinks that is refused for good is counted and put aside like every other one, but does not come here
 *   (struct sink_told);
 * - what the limits of the spool take is said again when it has doubled: one record cannot double it;
 * - what lasts is one alert that is repeated, and each repetition makes at most one record, whatever becomes of that.
 *
 * Main thread; called about once a second. */
#ifndef ZT_SENSOR_SINK_HEALTH_H
#define ZT_SENSOR_SINK_HEALTH_H

#include "sensor/fact.h"
#include "sensor/sinks.h"

struct sink_health;

/* say: takes the facts of one moment. NULL: no memory. */
struct sink_health *sink_health_new(const struct sensor_config *c, fact_fn *say, void *arg);
void sink_health_free(struct sink_health *h);           /* NULL is allowed */
void sink_health_look(struct sink_health *h, const struct sink_view *views);    /* one of every sink */

#endif
