/* alert.h - from matches to alerts: one event makes at most one, repeats are one with a count.
 *
 * Whoever owns the table is told of each revision that is worth storing (alert_tell_fn). Owned by the
 * writer's thread; time is packet time; everything is bounded: when too many alerts are open the one
 * that was hit longest ago ends. */
#ifndef ZT_ALERT_ALERT_H
#define ZT_ALERT_ALERT_H

#include "alert/threshold.h"
#include "ot/event.h"
#include "policy/policy.h"

#include <stdbool.h>
#include <stdint.h>

#define ALERT_TARGETS_MAX 32            /* distinct targets named in one alert */
#define ALERT_FRAMES_MAX 16             /* frames named between the first and the last */
#define ALERT_QUIET_NS (600 * UINT64_C(1000000000))     /* without a hit for so long, an alert has ended */

enum alert_result {                     /* what became of one hit */
	RESULT_WAITING, RESULT_ACCEPTED, RESULT_REFUSED, RESULT_PENDING, RESULT_NO_RESPONSE, RESULT_UNKNOWN,
	RESULT_COUNT
};

enum alert_outcome {                    /* what became of all of them */
	ALERT_NO_OUTCOME,               /* nothing was asked: a new asset, a flow, a notification */
	ALERT_ACCEPTED, ALERT_REFUSED, ALERT_PENDING, ALERT_NO_RESPONSE, ALERT_UNKNOWN, ALERT_MIXED
};
const char *alert_outcome_word(unsigned outcome);

/* Rules of some classes are about a message itself, not about what it asks for. */
bool alert_about_bytes(const struct rule *r);

struct alert_target_node {              /* a target with its texts (wire text, not escaped) */
	struct alert_target_node *next;
	struct alert_target t;
	uint16_t tag_len, path_len, route_len;
	char tag[OT_TAG_MAX], path[OT_PATH_MAX], route[OT_ROUTE_MAX];
};

struct alert_place {                    /* of a packet */
	uint32_t frame;
	uint16_t capture;
};

struct alert {
	struct policy_key group;
	uint64_t serial;                /* order of first hits in the run, from 1 */
	uint64_t count, first_ns, last_ns;
	uint64_t told_ns, told_count;   /* at the last revision */
	uint64_t result[RESULT_COUNT];
	uint32_t rev;
	uint32_t hash_next, older, newer;
	uint16_t rule;
	uint8_t  stage;                 /* enum stage */
	uint8_t  severity, outcome;     /* as last told */
	uint8_t  used, ended, asked;    /* asked: hits are operations that have an outcome */
	uint8_t  alsos, frames, targets;
	uint8_t  has_status, status_exts;
	uint8_t  acts_differ, funcs_differ;     /* hits are not all of the first one's act, of its function */
	uint8_t  about_bytes;           /* alert_about_bytes() of its rule */
	uint8_t  subject_is_server;     /* of a new asset */
	uint32_t status, status_ext[OT_STATUS_EXT_MAX];
	const char *status_name;        /* static, may be NULL; of the first refusal */
	uint16_t also[OT_MATCH_MAX];
	uint64_t target_hash[ALERT_TARGETS_MAX];
	uint64_t targets_more;          /* distinct ones past the list */
	struct alert_target_node *target, *target_last;
	struct alert_place first_at, last_at, answer_at;        /* answer_at.frame 0: none seen */
	uint16_t first_pdu, first_part;
	uint32_t frame[ALERT_FRAMES_MAX];       /* between, in first_at's capture */
	struct flow_facts flow;                 /* with stage flow */
	struct history_facts history;           /* with stage history; its subject is not kept */
	struct health_facts health;             /* with stage health */
	struct ot_event first;                  /* the event that made the alert */
};

struct alerts;

/* A revision of *a (a->rev is its number). now_ns: packet time. */
typedef void alert_tell_fn(void *arg, const struct alert *a, uint64_t now_ns);

struct alerts_config {
	uint32_t open, waiting, counters, hits;         /* limits */
	alert_tell_fn *tell;
	void *arg;
};
struct alerts *alerts_new(const struct policy *p, const struct alerts_config *c);       /* NULL: no memory */
void alerts_free(struct alerts *t);

/* Rules (most severe first) that one event of the event stage met. Answers go here too: they fill the
 * outcome of their request's hit, and what they alone match is a hit of its own. */
void alerts_event(struct alerts *t, const struct ot_event *ev);

/* Rules of a later stage that were met. */
void alerts_judged(struct alerts *t, enum stage stage, const struct judged *j, const uint16_t *match, unsigned n);

void alerts_no_answer(struct alerts *t, uint16_t capture, uint32_t frame, uint16_t pdu, uint64_t now_ns,
		      bool other_side_seen);

/* Another policy, and the map to it: open alerts, half-full thresholds and operations that wait for their answer go
 * on. An alert whose rule is no more ends, told by the old policy, which is not looked at any more afterwards. */
struct policy_map;
void alerts_policy(struct alerts *t, const struct policy *p, const struct policy_map *map);

/* Packet time goes on: alerts that have been quiet long enough end. */
void alerts_clock(struct alerts *t, uint64_t now_ns);

/* End of input: what still waits is unknown, everything ends, in the order of first hits. */
void alerts_finish(struct alerts *t);

struct alerts_counts {
	uint64_t made, by_severity[SEV_COUNT], hits;
	uint64_t open_evicted, waiting_evicted, counters_evicted, targets_dropped;
};
void alerts_counts(const struct alerts *t, struct alerts_counts *out);

#endif
