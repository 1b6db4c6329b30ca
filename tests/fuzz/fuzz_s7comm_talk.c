/* fuzz_s7comm_talk.c - a conversation (format in README.md) straight into the core of the dissectors: cutting of
 * PDUs, joining, pairing and S7comm itself, without packets around it, so that many more are tried in the
 * same time. Bit 4 of the first flag byte feeds every chunk byte by byte. */
#include "ot/talk.h"

#include <stdlib.h>
#include <string.h>

#define CHUNKS_MAX 64
#define CHUNK_HEAD 3            /* flag byte, length 2 */

enum chunk_flag { CHUNK_SERVER = 1, CHUNK_HOLE = 2, CHUNK_UDP = 4, CHUNK_OTHER_PORT = 8, CHUNK_BYTES = 16 };

extern const struct dissector dissector_s7comm;
const struct dissector *const dissectors[] = { &dissector_s7comm, NULL };

static struct dissect_core core;
static struct flow flow;
static struct mark mark;

/* What no input may make false of an event. */
static void check_event(void *arg, struct ot_event *ev)
{
	(void)arg;
	if ((ev->proto != PROTO_S7COMM && ev->proto != PROTO_S7COMM_PLUS) || ev->op >= OP_COUNT || ev->act >= ACT_COUNT ||
	    ev->dir > DIR_NOTIFY || ev->granule > GRANULE_OBJECT || ev->outcome > OUTCOME_UNKNOWN ||
	    ev->value_len > OT_VALUE_MAX || ev->value_len > ev->value_total || ev->tag_len > OT_TAG_MAX ||
	    ev->path_len > OT_PATH_MAX || ev->route_len > OT_ROUTE_MAX || ev->part > ev->parts)
		abort();
	if (ev->proto == PROTO_S7COMM && !(ev->has & HAS_ROSCTR) && !ev->anomalies)
		abort();
	if (ev->dir != DIR_RESPONSE && ev->has & HAS_REQUEST)
		abort();
}

static void say(unsigned way, const uint8_t *bytes, uint32_t n, bool gap)
{
	uint8_t *block = malloc(n ? n : 1);

	if (!block)
		abort();
	memcpy(block, bytes, n);
	mark.ts_ns += 1000000;
	mark.seq++;
	mark.frame++;
	flow.side[way].packets++;
	talk_bytes(&core, &flow, way, rd_init(block, n), &mark, gap, false);
	free(block);
}

static void begin(bool usual)
{
	static const struct talk_hooks hooks = { .event = check_event };
	static bool ready;

	if (!ready && !talks_init(&core, &hooks, 2, 128, 512, 8, 4))
		abort();
	ready = true;
	memset(&flow, 0, sizeof flow);
	flow.key.lo_port = 40000;
	flow.key.hi_port = usual ? 102 : 4102;
	flow.key.ip_proto = 6;
	flow.syn = 1;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct rd r = rd_init(data, (uint32_t)size);
	bool hole[2] = { false, false };
	uint8_t first = rd_peek(&r, 0);

	begin(!(first & CHUNK_OTHER_PORT));
	for (int i = 0; i < CHUNKS_MAX && r.left > CHUNK_HEAD; i++) {
		uint8_t flags = rd_u8(&r);
		struct rd bytes = rd_upto(&r, rd_be16(&r));
		unsigned way = flags & CHUNK_SERVER;

		if (flags & CHUNK_HOLE) {
			hole[way] = true;
			continue;
		}
		if (first & CHUNK_BYTES) {
			for (uint32_t k = 0; k < bytes.left; k++)
				say(way, bytes.p + k, 1, hole[way] && k == 0);
		} else {
			say(way, bytes.p, bytes.left, hole[way]);
		}
		hole[way] = false;
	}
	talk_end(&core, &flow);
	return 0;
}
