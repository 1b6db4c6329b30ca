/* sensor.h - a sensor that listens: its threads, from the start to the end.
 *
 * main: signals, the control socket, reload, health, what is shown. For each interface its listeners; one recorder;
 * the store's own thread. See ARCHITECTURE.md. */
#ifndef ZT_SENSOR_SENSOR_H
#define ZT_SENSOR_SENSOR_H

#include "base/err.h"
#include "policy/policy.h"
#include "sensor/config.h"

struct store_alert;

struct sensor_options {
	const struct sensor_config *config;
	bool keep;                      /* into the database; false: alerts are shown only */
	bool service;                   /* as the configuration says: its user, its socket is a must */
	/* Called in the calling thread with each revision of an alert; NULL: nobody wants to see them. false: they
	 * cannot be shown any more, and the sensor ends. */
	bool (*show)(void *arg, const struct store_alert *a);
	void *arg;
};

/* Runs until SIGTERM, SIGINT or `stop` on the control socket. `policy`, loaded from the configuration's site and
 * rules, is taken over. ZT_OK: it ended as it was told to. Messages of its life go to stderr. */
int sensor_run(const struct sensor_options *o, struct policy *policy, struct diag *d) __attribute__((warn_unused_result));

#endif
