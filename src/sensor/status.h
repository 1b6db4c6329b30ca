/* status.h - how the sensor is, for people, as JSON, and as Prometheus wants it. Main thread. */
#ifndef ZT_SENSOR_STATUS_H
#define ZT_SENSOR_STATUS_H

#include "base/sbuf.h"
#include "sensor/figures.h"
#include "sensor/reload.h"

struct store;

#define STATUS_PAST 10                  /* looks, a second apart, over which rates are taken */

struct status {                         /* what is known; all of it the caller's */
	const struct sensor_config *config;
	const struct reload *reload;
	const struct figures *now, *past;       /* by interface: of the last look, and of the oldest kept */
	const struct recorder_view *view;
	struct store *store;            /* NULL: none */
	uint64_t started_ns;            /* running time */
};

void status_text(const struct status *s, struct sbuf *out);
void status_json(const struct status *s, struct sbuf *out);     /* one line */

/* What happens in a second, from two samples. */
struct status_rates { double packets, bits, pdus, lost_share; };
void status_rates(const struct figures *now, const struct figures *past, struct status_rates *out);

const char *status_port_word(enum port_state state);

#endif
