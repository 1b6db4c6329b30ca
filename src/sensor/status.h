/* status.h - how the sensor is, for people, as JSON, and as Prometheus wants it. Main thread. */
#ifndef ZT_SENSOR_STATUS_H
#define ZT_SENSOR_STATUS_H

#include "base/sbuf.h"
#include "sensor/figures.h"
#include "sensor/reload.h"
#include "sensor/sinks.h"

struct store;

#define STATUS_PAST 10                  /* looks, a second apart, over which rates are taken */

struct status {                         /* what is known; all of it the caller's */
	const struct sensor_config *config;
	const struct reload *reload;
	const struct figures *now, *past;       /* by interface: of the last look, and of the oldest kept */
	const struct recorder_view *view;
	struct store *store;            /* NULL: none */
	const struct sink_view *sinks;  /* of every sink of the configuration; NULL: nothing is forwarded */
	uint64_t started_ns;            /* running time */
};

void status_text(const struct status *s, struct sbuf *out);
void status_json(const struct status *s, struct sbuf *out);     /* one line */

/* What happens in a second, from two samples. */
struct status_rates { double packets, bits, pdus, lost_share; };
void status_rates(const struct figures *now, const struct figures *past, struct status_rates *out);

void status_text_age(struct sbuf *out, uint64_t s);     /* "3 h 20 min" */

const char *status_port_word(enum port_state state);

#endif
