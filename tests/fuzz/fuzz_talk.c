/* fuzz_talk.c - a conversation (README.md) straight into the core of the dissectors: cutting of PDUs, joining, pairing
 * and one dissector, without packets around it, so that many times as many are tried. Built with
 * -DDISSECTOR=dissector_<stem>. The first chunk's flags say whether the flow is UDP, on which port, whether
 * every chunk comes byte by byte, and whether no SYN was seen. */
#include "ot/talk.h"

#include <stdlib.h>
#include <string.h>

#define CHUNKS_MAX 64
#define CHUNK_HEAD 3            /* flag byte, length 2 */
#define STEP_NS 1000000u
#define OTHER_PORT 20000

enum chunk_flag {
	CHUNK_SERVER = 1, CHUNK_HOLE = 2, CHUNK_UDP = 4, CHUNK_OTHER_PORT = 8, CHUNK_BYTES = 16,
	CHUNK_LATE = 32,        /* longer after the last one than an answer is waited for */
	CHUNK_CUT = 64,         /* the capture left out what follows it */
	CHUNK_EARLY = 128,      /* from before the place where the stream was taken up */
};

extern const struct dissector DISSECTOR;
const struct dissector *const dissectors[] = { &DISSECTOR, NULL };

static struct dissect_core core;
static struct flow flow;
static struct mark mark;

/* What no input may make false of an event. */
static void check_event(void *arg, struct ot_event *ev)
{
	(void)arg;
	if (ev->proto == PROTO_NONE || ev->proto >= PROTO_COUNT || ev->op >= OP_COUNT || ev->act >= ACT_COUNT ||
	    ev->dir > DIR_NOTIFY || ev->granule > GRANULE_OBJECT || ev->outcome > OUTCOME_UNKNOWN ||
	    ev->value_len > OT_VALUE_MAX || ev->value_len > ev->value_total || ev->tag_len > OT_TAG_MAX ||
	    ev->path_len > OT_PATH_MAX || ev->route_len > OT_ROUTE_MAX || ev->status_exts > OT_STATUS_EXT_MAX ||
	    ev->part > ev->parts)
		abort();
	if (ev->proto == PROTO_S7COMM && !(ev->has & HAS_ROSCTR) && !ev->anomalies)
		abort();
	if (ev->dir != DIR_RESPONSE && ev->has & HAS_REQUEST)
		abort();
	if (ev->has & HAS_REQUEST && (ev->req_seq == 0 || ev->req_seq > ev->head.seq))
		abort();                        /* it answers what was not said yet */
}

static void check_no_answer(void *arg, const struct txn *t, bool other_side_seen)
{
	(void)arg, (void)other_side_seen;
	if (t->flow != &flow || t->seq > mark.seq || t->direction > 1 || t->flags & TXN_ANSWERED)
		abort();
}

static void check_mismatch(void *arg, const struct flow *f, const struct dissector *expected, const struct mark *m)
{
	(void)arg;
	if (f != &flow || expected != &DISSECTOR || m->seq != mark.seq)
		abort();
}

/* Bytes in a block of exactly their size. */
static void say(uint8_t flags, const uint8_t *bytes, uint32_t n, bool gap)
{
	unsigned way = flags & CHUNK_SERVER;
	bool cut = flags & CHUNK_CUT;
	uint8_t *block = malloc(n ? n : 1);

	if (!block)
		abort();
	if (n)
		memcpy(block, bytes, n);
	mark.ts_ns += STEP_NS;
	mark.seq++;
	mark.frame++;
	flow.side[way].packets++;
	if (gap)                                /* as the stream does before it gives a hole up */
		(void)talk_starts(&flow, rd_init(block, n));
	if (flow.key.ip_proto == 17)
		talk_datagram(&core, &flow, way, rd_init(block, n), &mark, cut);
	else if (flags & CHUNK_EARLY)
		talk_early(&core, &flow, way, rd_init(block, n), &mark);
	else
		talk_bytes(&core, &flow, way, rd_init(block, n), &mark, gap, cut);
	free(block);
}

static void begin(uint8_t first)
{
	static const struct talk_hooks hooks = { .event = check_event, .no_answer = check_no_answer, .mismatch = check_mismatch };
	static bool ready;

	if (!ready && !talks_init(&core, &hooks, 2, 128, 512, 8, 4))
		abort();
	ready = true;
	memset(&flow, 0, sizeof flow);
	flow.key.lo_port = 40000;
	flow.key.hi_port = first & CHUNK_OTHER_PORT ? OTHER_PORT : DISSECTOR.tcp_ports[0];
	flow.key.ip_proto = first & CHUNK_UDP ? 17 : 6;
	flow.syn = !(first & CHUNK_EARLY);
}

static void end(void)
{
	talk_end(&core, &flow);
	if (pool_in_use(core.talks) || pool_in_use(core.txns) || pool_in_use(core.parts) || pool_in_use(core.scans) ||
	    pool_in_use(core.buffers.small) || pool_in_use(core.buffers.large) || core.oldest_txn || core.newest_txn)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct rd r = rd_init(data, (uint32_t)size);
	bool hole[2] = { false, false };
	uint8_t first = rd_peek(&r, 0);

	begin(first);
	for (int i = 0; i < CHUNKS_MAX && r.left > CHUNK_HEAD; i++) {
		uint8_t flags = rd_u8(&r);
		struct rd bytes = rd_upto(&r, rd_be16(&r));
		unsigned way = flags & CHUNK_SERVER;

		if (i == 0)
			flags &= 0xff & ~CHUNK_EARLY;   /* there it says that no SYN was seen */
		if (flags & CHUNK_LATE) {
			mark.ts_ns += 2 * (uint64_t)TALK_ANSWER_NS;
			talk_tick(&core, mark.ts_ns);
		}
		if (flags & CHUNK_HOLE) {
			hole[way] = true;
			continue;
		}
		if (first & CHUNK_BYTES) {
			for (uint32_t k = 0; k < bytes.left; k++)
				say(flags & (k + 1 == bytes.left ? 0xff : 0xff & ~CHUNK_CUT), bytes.p + k, 1, hole[way] && k == 0);
		} else {
			say(flags, bytes.p, bytes.left, hole[way]);
		}
		hole[way] = flags & CHUNK_CUT;
	}
	end();
	return 0;
}
