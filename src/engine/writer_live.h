/* writer_live.h - the writer in a run that has no end: what it does besides writer.h.
 *
 * Time is running time (base/clock.h). The store is a live one (alert/store_live.h) or none. */
#ifndef ZT_ENGINE_WRITER_LIVE_H
#define ZT_ENGINE_WRITER_LIVE_H

#include "engine/writer.h"
#include "policy/map.h"

struct store_alert;

#define WRITER_KEEP_NS (600 * UINT64_C(1000000000))     /* figures that only grow are stored so often */

struct writer_live {                    /* outlives the writer */
	const char *sensor;             /* its name, in every alert */
	const char *run_json;           /* the run's id in quotes */
	/* Each revision, when it is made; NULL: nobody listens. Text dies when it returns. */
	void (*told)(void *arg, const struct store_alert *a);
	void *arg;
};
int writer_go_live(struct writer *w, const struct writer_live *live, struct diag *d);   /* before anything arrives */

/* What is new is remembered, and alerts of the history stage are not made. */
void writer_learning(struct writer *w, bool on);
uint64_t writer_silent(const struct writer *w); /* alerts that were not made for that */

/* What the sensor says of itself, at running time ts_ns. */
struct health_facts;
void writer_health(struct writer *w, const struct health_facts *facts, uint64_t ts_ns);

/* Running time goes on, whether or not anything arrives: alerts that have been quiet long enough end. */
void writer_clock(struct writer *w, uint64_t now_ns);

/* Now and then: makes room where that costs a look at everything, and puts into the store which assets and conversations are new or have changed, and every WRITER_KEEP_NS those
 * whose counts have. all: every one, and the rules again (the database was replaced). */
void writer_keep(struct writer *w, bool all);

/* Another policy, and the map to it. Nothing is forgotten; the old policy is not looked at any more. */
void writer_policy(struct writer *w, const struct policy *policy, const struct policy_map *map);

/* How many of the site's assets have been seen. */
uint32_t writer_site_assets(const struct writer *w);

/* The end: every alert ends, and what has changed is put into the store. */
void writer_stop(struct writer *w);

#endif
