/* writer.h - the one thread that owns history: first seen, counts, thresholds, alerts, the store.
 *
 * Everything arrives in the order of packets (writer_count excepted: it only adds) and time is packet
 * time, so the same packets give the same alerts whatever the number of workers. It keeps no pointer
 * that it is given, but for the policy and the store, which must outlive it. */
#ifndef ZT_ENGINE_WRITER_H
#define ZT_ENGINE_WRITER_H

#include "base/err.h"
#include "ot/event.h"
#include "policy/policy.h"

#include <stdbool.h>
#include <stdint.h>

struct writer;
struct store;

struct writer_limits {                  /* 0: the default */
	uint32_t alerts;                /* open at once */
	uint32_t waiting;               /* operations that wait for their answer */
	uint32_t thresholds;            /* counters of rules with a threshold */
	uint32_t assets, conversations, pairs, services;
};
#define WRITER_ALERTS 4096              /* the defaults */
#define WRITER_WAITING 32768
#define WRITER_THRESHOLDS 8192
#define WRITER_ASSETS 16384
#define WRITER_CONVERSATIONS 65536
#define WRITER_PAIRS 32768

/* store: where alerts go (store_open(NULL) when nothing shall be kept); limits may be NULL. NULL is
 * returned with one sentence in d. */
struct writer *writer_new(const struct policy *policy, struct store *store, const struct writer_limits *limits,
			  struct diag *d);
void writer_free(struct writer *w);

/* Capture number `capture`, before its first packet; `sha256` (64 hex digits) may be NULL until the capture
 * has been read and writer_capture_done() brings it. */
int writer_capture(struct writer *w, uint16_t capture, const char *name, const char *sha256, struct diag *d);
struct writer_capture_end {
	const char *sha256;             /* NULL: as given before */
	uint64_t bytes, packets, first_ns, last_ns;
	const char *error;              /* NULL: read to its end */
};
void writer_capture_done(struct writer *w, uint16_t capture, const struct writer_capture_end *end);

/* The first packet of a flow of any protocol. Makes assets of both addresses and judges the flow stage. */
void writer_flow(struct writer *w, const struct ot_head *first, const struct flow_facts *flow);

/* An event that carries matches, answers a request that did (HAS_REQUEST), has an identity, opens or closes
 * a connection, or is the first of its fingerprint. */
void writer_event(struct writer *w, const struct ot_event *ev);

/* n repeats of an event of which writer_event() has had the first: conversation counts only. */
void writer_count(struct writer *w, const struct ot_event *representative, uint64_t n, uint64_t first_ns,
		  uint64_t last_ns);

/* No answer came to that request within the response time (now_ns: packet time at which that was known). */
void writer_no_answer(struct writer *w, uint16_t req_capture, uint32_t req_frame, uint16_t req_pdu, uint64_t now_ns,
		      bool other_side_seen);

struct writer_totals {
	uint64_t packets, events;       /* events: as `zonetap events` would print */
};

/* End of input: open alerts end, what still waits becomes unknown, everything goes into the store in one
 * transaction. *known: the database had this run already and did not change. */
int writer_finish(struct writer *w, const struct writer_totals *totals, bool *known, struct diag *d);

struct writer_summary {
	char run[65];                   /* hex, after writer_finish() */
	uint64_t alerts, by_severity[SEV_COUNT], hits;
	uint32_t assets, conversations;
	/* limits that were reached: what was given up, and how often */
	uint64_t alerts_evicted, waiting_evicted, thresholds_evicted, targets_dropped, assets_refused,
		 conversations_refused, services_refused;
};
void writer_summary(const struct writer *w, struct writer_summary *out);

#endif
