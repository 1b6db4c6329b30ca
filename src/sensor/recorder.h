/* recorder.h - the thread that takes what all listeners find, in the order of packets, and drives the writer.
 *
 * It alone owns history and puts into the store. It waits for no packet and no person: alerts that somebody may
 * want to see go into a ring that main reads; when that is full they are not shown, but stored all the same. */
#ifndef ZT_SENSOR_RECORDER_H
#define ZT_SENSOR_RECORDER_H

#include "engine/recall.h"
#include "engine/writer.h"
#include "sensor/listener.h"
#include "sensor/publish.h"

#include <stdatomic.h>

#define RECORDER_SAID (4u << 20)        /* bytes of alerts that wait to be shown */

struct store;
struct store_alert;
struct recorder;

struct recorder_config {
	struct listener *const *listeners;
	unsigned n;
	const char *const *interfaces;  /* names, by their number */
	unsigned interface_count;
	const struct publication *policies;
	struct store *store;            /* live; NULL: nothing is kept. Used by the recorder alone until it has ended */
	struct writer_limits limits;
	const char *sensor;             /* its name */
	char run[65];                   /* the run's id */
	bool show;                      /* alerts are shown: see recorder_said() */
	uint64_t learn_until_ns;        /* wall clock; 0: nothing is learned */
	bool (*enter)(void *arg);       /* first of all in the thread (its privileges); false: it ends. NULL: nothing */
	void *arg;
};

struct recorder *recorder_new(const struct recorder_config *c, struct diag *d); /* NULL: no memory */
/* What a database knows from before is not new; before the start. The learning that its configuration gives a length
 * begins with the oldest of that. */
void recorder_recall(struct recorder *r, const char *database, uint64_t learn_ns, struct recalled *out);
bool recorder_start(struct recorder *r);
/* After all listeners have been told to stop: takes what they leave, stores it, ends. */
void recorder_join(struct recorder *r);
void recorder_free(struct recorder *r);         /* NULL is allowed */

/* Any thread. The policy up to which everything has been taken over. */
uint32_t recorder_epoch(const struct recorder *r);

/* Learning begins, until told; or it ends. Any thread. */
void recorder_learn(struct recorder *r, bool on);

/* One thread (main): what the sensor says of itself; false: no room, which takes a thousand at once. */
bool recorder_health(struct recorder *r, const struct health_facts *f);

struct recorder_view {                  /* a copy, once a second */
	struct writer_summary summary;
	uint64_t now_ns;                /* running time of the copy */
	uint64_t findings, not_shown;
	uint64_t silent;                /* alerts not made while learning */
	uint64_t last_hour;             /* alerts made in it */
	bool learning;
	uint32_t site_assets;           /* of the site, that were seen */
};
void recorder_view(struct recorder *r, struct recorder_view *out);

/* One thread (main): the next alert to be shown, as fn gets it; false: there is none now. */
bool recorder_said(struct recorder *r, void (*fn)(void *arg, const struct store_alert *a), void *arg);

#endif
