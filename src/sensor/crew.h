/* crew.h - the sensor's interfaces with their listeners, and the recorder: made together, stopped in order. */
#ifndef ZT_SENSOR_CREW_H
#define ZT_SENSOR_CREW_H

#include "sensor/config.h"
#include "sensor/listener.h"
#include "sensor/recorder.h"

struct crew {
	const struct sensor_config *config;
	struct port *ports;             /* by interface */
	struct listener **listeners;    /* interface after interface */
	const char **names;             /* of the interfaces */
	unsigned n;                     /* listeners */
	struct recorder *recorder;
	_Atomic bool stop;
};

struct crew_config {
	const struct sensor_config *config;
	const struct publication *policies;
	struct store *store;            /* NULL: nothing is kept */
	const char *run;                /* its id */
	bool show;
	bool (*enter_listener)(void *arg), (*enter_recorder)(void *arg);        /* NULL: nothing */
	void *arg;
};

int crew_make(struct crew *c, const struct crew_config *o, struct diag *d);
int crew_start(struct crew *c, struct diag *d);         /* all threads, or none */
/* Listeners read what is there and end, the recorder takes it and ends. */
void crew_stop(struct crew *c);
void crew_free(struct crew *c);         /* after crew_stop(), or when it was not started */

/* Has everybody taken over the policy of that number? */
bool crew_follows(const struct crew *c, uint32_t epoch);

/* The listeners of an interface. */
struct listener **crew_listeners(const struct crew *c, unsigned interface, unsigned *n);

#endif
