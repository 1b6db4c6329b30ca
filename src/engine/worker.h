/* worker.h - the whole path of a packet, one thread, nothing shared: copies, flow, TCP order,
 * PDUs, dissector, judgement, novelty. What it finds goes to the hooks, in the order of packets. */
#ifndef ZT_ENGINE_WORKER_H
#define ZT_ENGINE_WORKER_H

#include "net/packet.h"
#include "ot/talk.h"
#include "policy/policy.h"

struct worker;

struct worker_hooks {
	void *arg;
	/* The first of each kind, and of those that matter for other reasons every one. An event that is flagged
	 * EV_COUNTED is in count() as well. */
	void (*event)(void *arg, const struct ot_event *ev);
	void (*flow)(void *arg, const struct ot_head *first, const struct flow_facts *facts);
	void (*count)(void *arg, const struct ot_event *like, uint64_t n, uint64_t first_ns, uint64_t last_ns);
	void (*no_answer)(void *arg, uint64_t req_seq, uint16_t capture, uint32_t frame, uint16_t pdu, uint64_t now_ns,
			  bool other_side_seen);
};

struct policy_map;

struct worker_config {
	const struct policy *policy;            /* NULL: nothing is judged */
	const char *segment;                    /* all packets are of this one; NULL: the site tells */
	const char *(*source_name)(void *arg, uint16_t capture);        /* for segments; may be NULL */
	void *source_arg;
	bool every_event;                       /* no novelty: each event goes out */
	bool classify;                          /* recognise applications where no dissector claims a flow */
	bool classify_now;                      /* what that takes is set up by worker_new(), not when it is needed */
	uint32_t flows;                         /* 0: WORKER_FLOWS */
};

#define WORKER_LOOK_AT 8
#define WORKER_FLOWS 32768
#define WORKER_TICK_NS 1000000000u              /* packet time between two worker_tick() */

struct worker_counts {
	uint64_t packets, copies, not_ip, tcp, udp, other;
	uint64_t flows, flows_evicted;
	uint64_t tcp_looked_at, tcp_one_way;    /* flows, at their WORKER_LOOK_AT-th packet; none in the other direction */
	uint64_t classified, classify_crowded, classify_spent;  /* flows that were looked at; that had to leave early; no memory */
	struct stream_counts stream;
	struct talk_counts talk;
	uint64_t buffers_spent, segments_high;
};

struct worker *worker_new(const struct worker_config *c, const struct worker_hooks *h);        /* NULL: no memory */
void worker_free(struct worker *w);
void worker_packet(struct worker *w, const struct packet *p);   /* decoded by packet_decode() */
/* Every WORKER_TICK_NS of packet time, at the same place between packets for every worker of a run: behind
 * packet number seq. */
void worker_tick(struct worker *w, uint64_t seq, uint64_t now_ns);
/* Another policy, and the map from the one before to it. What is known of flows, kinds and requests stays: they are
 * placed and judged again with their next packet. The old policy is not looked at any more when it returns. */
void worker_policy(struct worker *w, const struct policy *policy, const struct policy_map *map);
/* For a run without an end: tells part number `part` of `parts` of the counts of repeats. */
void worker_repeats(struct worker *w, unsigned part, unsigned parts);
/* The end: streams are flushed, open requests given up in order, counts told. */
void worker_finish(struct worker *w, uint64_t now_ns);

/* The place of what a hook is being told now: (trigger, sub) rises from call to call, and over all workers of a
 * run it is the order in which one worker alone would tell it. */
struct order { uint64_t trigger, sub; };
#define ORDER_FINISH (UINT64_MAX - 8)           /* triggers from here on belong to worker_finish() */
struct order worker_order(const struct worker *w);

void worker_counts(const struct worker *w, struct worker_counts *out);
void worker_counts_add(struct worker_counts *to, const struct worker_counts *more);     /* every member but segments_high: its maximum */

#endif
