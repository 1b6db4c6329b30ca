/* fuzz_talk.c - one dissector behind the core that cuts, pairs and joins, without packets and streams: the same
 * chunks as a conversation (README.md), each in a heap block of its own, many times as many in a second. Built
 * with -DDISSECTOR=dissector_<stem>. The first chunk's flags say whether the flow is UDP and on which port. */
#include "ot/talk.h"

#include <stdlib.h>
#include <string.h>

extern const struct dissector DISSECTOR;
const struct dissector *const dissectors[] = { &DISSECTOR, NULL };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define CHUNKS_MAX 64
enum chunk_flag { CHUNK_SERVER = 1, CHUNK_HOLE = 2, CHUNK_UDP = 4, CHUNK_OTHER_PORT = 8 };

static struct dissect_core core;
static bool ready;

static void check(void *arg, struct ot_event *ev)
{
	(void)arg;
	if (ev->proto == PROTO_NONE || ev->proto >= PROTO_COUNT || ev->op >= OP_COUNT || ev->act >= ACT_COUNT ||
	    ev->dir > DIR_NOTIFY || ev->outcome > OUTCOME_UNKNOWN || ev->value_len > OT_VALUE_MAX ||
	    ev->value_len > ev->value_total || ev->tag_len > OT_TAG_MAX || ev->path_len > OT_PATH_MAX ||
	    ev->route_len > OT_ROUTE_MAX || ev->status_exts > OT_STATUS_EXT_MAX || ev->part > ev->parts)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct talk_hooks hooks = { .event = check };
	struct rd r = rd_init(data, (uint32_t)size);
	struct mark mark = { .seq = 0 };
	struct flow flow = { .syn = 0 };
	uint8_t first = rd_peek(&r, 0);

	if (!ready && !talks_init(&core, &hooks, 2, 64, 128, 16, 4))
		abort();
	ready = true;
	flow.key.lo_port = 40000;
	flow.key.hi_port = first & CHUNK_OTHER_PORT ? 20000 : DISSECTOR.tcp_ports[0];
	flow.key.ip_proto = first & CHUNK_UDP ? 17 : 6;
	for (unsigned n = 0; r.left >= 3 && n < CHUNKS_MAX; n++) {
		uint8_t flags = rd_u8(&r), from = flags & CHUNK_SERVER;
		struct rd body = rd_upto(&r, rd_be16(&r));
		uint32_t len = body.left;
		uint8_t *block = malloc(len ? len : 1);

		if (!block)
			abort();
		if (len)
			memcpy(block, body.p, len);
		mark.ts_ns += 1000000;
		mark.seq++;
		mark.frame++;
		flow.side[from].packets++;
		if (first & CHUNK_UDP)
			talk_datagram(&core, &flow, from, rd_init(block, len), &mark, false);
		else
			talk_bytes(&core, &flow, from, rd_init(block, len), &mark, flags & CHUNK_HOLE, false);
		free(block);
	}
	talk_end(&core, &flow);
	return 0;
}
