/* finding.h - what a worker finds, as records in a ring: written by the worker's thread, told to hooks by another.
 *
 * A record carries its place (worker_order()), so that who takes from several rings can tell them in order. */
#ifndef ZT_ENGINE_FINDING_H
#define ZT_ENGINE_FINDING_H

#include "base/ring.h"
#include "engine/worker.h"

enum finding_kind {
	FINDING_EVENT, FINDING_FLOW, FINDING_COUNT, FINDING_NO_ANSWER,
	FINDING_MARK,                   /* everything up to here is told */
	FINDING_POLICY,                 /* what comes is judged by the next policy */
	FINDING_END
};

struct finding {                        /* the head of every record */
	struct order order;
	uint32_t kind, pad;             /* enum finding_kind */
};

/* How much it matters that a finding arrives, when the ring is about to be full. */
enum finding_weight { FINDING_LIGHT, FINDING_HEAVY };   /* heavy: it carries an alert, or the outcome of one */

struct findings {                       /* the producing side */
	struct ring *ring;
	const struct worker *worker;    /* whose findings they are; set before the first */
	/* Room for a record of n bytes; NULL: it is dropped (and whoever gave the function counts it). */
	void *(*room)(struct findings *f, uint32_t n, enum finding_kind kind, enum finding_weight weight);
	void *arg;
};

struct worker_hooks findings_hooks(struct findings *f);         /* that write records */
bool findings_mark(struct findings *f, enum finding_kind kind, struct order at);        /* false: no room */

/* A record of the policy before, in the numbers of the one that has followed. The consuming side. */
void finding_map(struct finding *f, const struct policy_map *map);

/* Tells one record to the hooks; those without content are skipped. */
void finding_tell(const struct finding *f, const struct worker_hooks *k);

static inline bool order_before(struct order a, struct order b)
{
	return a.trigger != b.trigger ? a.trigger < b.trigger : a.sub < b.sub;
}

#endif
