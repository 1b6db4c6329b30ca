/* talk.h - the industrial side of a flow: which protocol it speaks, its PDUs cut from the stream,
 * its open requests. One talk hangs on a flow (flow.upper); all of them live in the pools of one
 * worker's `struct talks`.
 *
 * A direction is looking (no dissector believes it yet), in step (PDU follows PDU) or lost (after a
 * gap or bytes that are no PDU): then each start of a segment is tried until frame() and probe()
 * agree. A direction is never given up for good. */
#ifndef ZT_OT_TALK_H
#define ZT_OT_TALK_H

#include "net/flow.h"
#include "ot/buffer.h"
#include "ot/dissector.h"

#define TALK_TXNS_MAX 64                /* open requests in one direction */
#define TALK_TRIES 16                   /* segment starts of a flow tried in vain before only one in TALK_RETRY is */
#define TALK_RETRY 64
#define TALK_SCAN_MAX 2048              /* bytes kept while looking */
#define TALK_ANSWER_NS 10000000000u     /* a request not answered after 10 s of packet time is given up */

enum talk_state { TALK_LOOKING, TALK_IN_STEP, TALK_LOST };

struct talk_scan {
	uint64_t starts[TALK_SCAN_MAX / 64];    /* bit n: a segment began at part->bytes[n] */
};

struct talk_dir {
	struct buffer *part;            /* bytes not yet dissected */
	struct buffer *join[DISSECT_JOINS];
	struct talk_scan *scan;         /* while looking or lost and there is a part */
	uint32_t tries;                 /* starts that no dissector believed */
	uint8_t  state;                 /* enum talk_state */
};

struct talk {
	const struct dissector *dissector;      /* NULL: none believed yet */
	struct talk_dir dir[2];
	struct txn *txns[2];            /* by the direction of the request, oldest first */
	uint16_t txn_count[2];
	uint8_t  client_dir;            /* direction in which the client sends; meaningful with ground */
	uint8_t  ground;                /* enum role_ground */
	uint8_t  mismatch;              /* 1: the usual port carries something else: said; */
	uint8_t  ids_lie;               /* consecutive answers whose id met no open request */
	uint32_t last_reply_key;
	uint8_t  has_reply_key;
	uint32_t pdus;
	uint64_t state[DISSECT_STATE_MAX / 8];  /* zeroed when a dissector claims the flow */
};

struct talk_hooks {
	void *arg;
	void (*event)(void *arg, struct ot_event *ev);          /* may fill verdict and matches */
	/* A request that nobody answered, part by part known by its place; seen: the other direction spoke. */
	void (*no_answer)(void *arg, const struct txn *t, bool other_side_seen);
	void (*mismatch)(void *arg, const struct flow *f, const struct dissector *expected, const struct mark *m);
};

struct talk_counts {
	uint64_t pdus[PROTO_COUNT], events[PROTO_COUNT];
	uint64_t lost_step;             /* times that a direction lost its step */
	uint64_t txns_spent, parts_spent, talks_spent;  /* times that a pool was empty */
};

struct dissect_core {                   /* the worker's one dissect and all it needs */
	struct dissect d;
	struct talk_hooks hooks;
	struct pool *talks, *txns, *parts, *scans;
	struct buffers buffers;
	struct talk_counts counts;
	struct txn *oldest_txn, *newest_txn;    /* all open requests, in the order of their making */

	uint64_t order;                 /* set by the worker: what opens now opened here in the run */

	/* the PDU in hand */
	struct flow *flow;
	struct talk *talk;
	const struct mark *mark;
	struct txn *opened;             /* collects the parts of the request in hand */
	struct txn *answered;           /* ends with this PDU */
	const struct txn *part_of;      /* the part that was asked for last */
	const struct txn_part *part;
	unsigned part_at;
	uint64_t last_pdu_seq;          /* packet of the last PDU that said something */
	uint16_t last_pdu;              /* its place in that packet */
	uint8_t  emitted;               /* the PDU in hand has said something */
	uint8_t  keep;
	uint8_t  joined;                /* bit n: slot n was handed out whole and goes with this PDU */
};

bool talks_init(struct dissect_core *c, const struct talk_hooks *hooks, uint32_t talks, uint32_t txns, uint32_t parts,
		uint32_t small_buffers, uint32_t large_buffers);
void talks_fini(struct dissect_core *c);

/* Asks for the memory of what the flow's bytes will need. */
static inline void talk_expect(const struct flow *f)
{
	const struct talk *k = f->upper;

	if (!k)
		return;
	__builtin_prefetch(k);
	__builtin_prefetch(&k->txns);
	__builtin_prefetch(&k->state);
}

/* In-order bytes of one direction of a TCP flow: what a stream hands on. */
void talk_bytes(struct dissect_core *c, struct flow *f, unsigned direction, struct rd bytes, const struct mark *m,
		bool gap, bool cut);
/* For streams without a SYN: do the bytes begin a message that some dissector believes? */
bool talk_starts(const struct flow *f, struct rd bytes);
/* Bytes from before the place where the stream was taken up: whole PDUs of the protocol it speaks, or nothing. */
void talk_early(struct dissect_core *c, struct flow *f, unsigned direction, struct rd bytes, const struct mark *m);
/* One UDP datagram. */
void talk_datagram(struct dissect_core *c, struct flow *f, unsigned direction, struct rd bytes, const struct mark *m, bool cut);

/* Gives up, oldest first, the requests that have waited too long at now_ns. */
void talk_tick(struct dissect_core *c, uint64_t now_ns);
/* The flow ends: open requests are given up, everything returns to its pool. */
void talk_end(struct dissect_core *c, struct flow *f);

#endif
