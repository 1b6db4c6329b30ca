/* flow.h - conversations of one worker: both directions under one key.
 *
 * A table belongs to one worker; no other thread sees it. All memory is taken when it is made;
 * when it is full the flow that has been silent longest goes. */
#ifndef ZT_NET_FLOW_H
#define ZT_NET_FLOW_H

#include "net/packet.h"
#include "net/stream.h"

#include <stdbool.h>
#include <stdint.h>

#define FLOW_IDLE_NS 3600000000000u     /* TCP: after an hour without a packet the next one begins a new flow */
#define FLOW_IDLE_CLOSED_NS 120000000000u       /* TCP after both FINs or a reset: two minutes */
#define FLOW_RECYCLE_NS 15000000000u    /* and after 15 s its place may be taken by a new flow */
#define FLOW_LIST_NS 1000000000u        /* a flow is moved in the list of ages once a second, not at each packet */
#define FLOW_IDLE_UDP_NS 300000000000u  /* others: five minutes */

struct flow_key {                       /* lo <= hi, so that both directions give one key */
	struct ip_addr lo, hi;
	uint16_t lo_port, hi_port;
	uint16_t segment;
	uint8_t  ip_proto, pad;
};

struct flow_side {                      /* one direction; a cache line */
	struct stream stream;           /* TCP only */
	uint32_t packets;
	uint32_t asset;                 /* of the address that sends in this direction */
	uint16_t zone;
	uint16_t label;                 /* the owner's, of what is known of the application; 0 at first */
	uint8_t  app;                   /* the same */
	uint8_t  first;                 /* this direction sent the packet that began the flow */
	uint8_t  pad[2];
};

struct flow {                           /* four cache lines: found by, from lo to hi, from hi to lo, the rest */
	struct flow_key key;
	uint32_t hash, next;            /* bucket chain: index + 1, 0 ends */
	uint64_t last_ns;
	void *upper;                    /* the layer above: its own, NULL until it wants one */
	struct flow_side side[2];       /* [0] lo sends, [1] hi sends */
	uint64_t id;                    /* number in the run of the packet that began it */
	uint64_t listed_ns, listed_seq; /* packet at which it was last moved to the young end of the list */
	uint64_t pair_hash;             /* of segment and the two addresses */
	uint32_t older, newer;          /* by listed_ns: index + 1 */
	uint16_t upper_tries;           /* what the layer above remembers without anything of its own; may wrap */
	uint8_t  syn;                   /* bit d: direction d sent the SYN that opened it */
	uint8_t  fin;                   /* bit d: direction d sent FIN; both bits after a reset */
	uint8_t  settled;               /* what it speaks is known, or that nobody knows it: said */
	uint8_t  closed;                /* which list of ages it is in */
	uint8_t  epoch;                 /* the owner's: which policy the sides' zones and assets are of */
	uint8_t  waits;                 /* it is in the owner's list of flows whose streams hold segments back */
	uint64_t waits_seq;             /* packet at which that began */
	struct flow *waits_next;        /* the owner's list */
} __attribute__((aligned(64)));

struct flow_table;

/* `end` is told of every flow that ends, while it is still whole. */
typedef void flow_end_fn(void *arg, struct flow *f);

struct flow_table *flow_table_new(uint32_t max, flow_end_fn *end, void *arg);   /* NULL: no memory */
void flow_table_free(struct flow_table *t);             /* does not call end */

struct flow_at {                        /* where a packet's flow is looked for */
	struct flow_key key;
	uint64_t pair_hash;
	uint32_t hash;
	unsigned direction;             /* 0 lo to hi, 1 hi to lo */
};
/* First step: nothing is changed; the memory is asked for meanwhile. */
void flow_locate(const struct flow_table *t, const struct packet *p, uint16_t segment, struct flow_at *at);
/* Between the steps, when the first one's memory may have answered: asks for the flow's. */
void flow_expect(const struct flow_table *t, const struct flow_at *at);
/* Second step: the flow, made when there is none (*is_new). Never NULL. */
struct flow *flow_get(struct flow_table *t, const struct packet *p, const struct flow_at *at, bool *is_new);

/* The flow has seen both FINs or a reset (fin is 3): its place is the first to be taken. */
void flow_closed(struct flow_table *t, struct flow *f);

void flow_tick(struct flow_table *t, uint64_t now_ns);  /* ends flows that have been silent too long */
void flow_each(struct flow_table *t, flow_end_fn *fn, void *arg);        /* in the order in which they began */
void flow_end_all(struct flow_table *t);                /* end() for each, in the order in which they began */
uint32_t flow_count(const struct flow_table *t);
uint64_t flow_evicted(const struct flow_table *t);      /* flows pushed out before they were closed or idle */

#endif
