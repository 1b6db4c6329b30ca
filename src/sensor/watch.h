/* watch.h - main's look at everything once a second: the figures of every interface, health, metrics, whether every
 * thread still turns. Main thread. */
#ifndef ZT_SENSOR_WATCH_H
#define ZT_SENSOR_WATCH_H

#include "sensor/health.h"
#include "sensor/status.h"

struct watch_config {                   /* all of it outlives the watch */
	const struct sensor_config *config;
	const struct reload *reload;
	const struct crew *crew;
	struct store *store;            /* NULL: none */
	struct sinks *sinks;            /* NULL: none */
	uint64_t started_ns;            /* running time */
};

struct watch;

struct watch *watch_new(const struct watch_config *c);  /* NULL: no memory */
void watch_free(struct watch *w);                       /* NULL is allowed */

/* Looks when a second has passed since the last look, or `now`: whether it did. Writes the metrics when they are due. */
bool watch_look(struct watch *w, bool now);
void watch_status(const struct watch *w, struct status *out);   /* of the last look; valid until the next */
struct health *watch_health(struct watch *w);

/* False when some thread has said nothing for a long time. */
bool watch_everybody_lives(const struct watch *w);

#endif
