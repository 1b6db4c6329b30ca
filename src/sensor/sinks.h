/* sinks.h - the sensor's side of the forwarder: starts and ends it, and keeps what its threads have to say until main
 * looks. */
#ifndef ZT_SENSOR_SINKS_H
#define ZT_SENSOR_SINKS_H

#include "forward/driver.h"
#include "forward/forward.h"
#include "sensor/config.h"

struct sinks;

struct sinks_config {
	const struct sensor_config *config;     /* with at least one sink */
	void (*thread_start)(void *arg);        /* first of all in each sink's thread */
	void *arg;
};

/* What a sink's thread has said so far: counts rise, the rest is as it is now. */
struct sink_told {
	uint64_t downs, pauses, ups;
	uint64_t dead;                  /* records refused for good, those left out that are about sinks themselves */
	uint64_t dropped;               /* records that the limits of the spool took */
	bool down, paused, insecure;
	char why[REPLY_TEXT];           /* of down and paused */
	char dead_why[REPLY_TEXT];      /* of the last one: the receiver's words */
};

struct sink_view {
	struct sink_figures now;
	struct sink_told told;
};

/* Main, before it is sealed and after the store, which makes the database. NULL: see forward_start(). */
struct sinks *sinks_start(const struct sinks_config *c, int *err, struct diag *d);
void sinks_wake(struct sinks *s);       /* something was stored; any thread, never blocks */
void sinks_look(struct sinks *s, struct sink_view *out);        /* of every sink of the configuration; any thread */
/* After the store has written its last: a little time for that, then the end, wherever they are. NULL is allowed. */
void sinks_stop(struct sinks *s, bool drain);

#endif
