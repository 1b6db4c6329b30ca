/* fuzz_stream.c - one direction of a TCP connection in any order: five bytes an operation. Every byte of the
 * stream is a function of its place, so whatever is delivered must be the right bytes in the right order, each
 * once, and what is missing must be told. */
#include "net/stream.h"

#include <stdlib.h>
#include <string.h>

#define OPS_MAX 256
#define START 0xfffff000u       /* sequence numbers wrap early */

struct got {
	const struct stream *s;
	uint32_t next;          /* sequence number that must come next */
	bool any;
};

static uint8_t byte_at(uint32_t seq)
{
	return (uint8_t)(seq * 167u >> 3 ^ seq);
}

/* When it is called the stream has moved on past the bytes (and past what the capture cut). */
static void deliver(void *arg, struct rd bytes, const struct mark *m, bool gap, bool cut)
{
	struct got *g = arg;
	uint32_t first = g->s->next_seq - bytes.left;

	(void)m;
	if (cut) {
		g->any = false;
		return;
	}
	if (g->any && !gap && first != g->next)
		abort();
	for (uint32_t i = 0; i < bytes.left; i++)
		if (bytes.p[i] != byte_at(first + i))
			abort();
	g->next = g->s->next_seq;
	g->any = true;
}

static bool starts(void *arg, struct rd bytes)
{
	(void)arg;
	return rd_peek(&bytes, 0) & 1;
}

static void early(void *arg, struct rd bytes, const struct mark *m)
{
	volatile uint8_t sum = 0;

	(void)arg, (void)m;
	for (uint32_t i = 0; i < bytes.left; i++)
		sum = (uint8_t)(sum + bytes.p[i]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct pool *segments;
	struct rd r = rd_init(data, (uint32_t)size);
	struct stream_counts c = { 0 };
	struct stream s = { 0 };
	struct got got = { .s = &s };
	const struct stream_hooks hooks = { &got, deliver, starts, early };
	uint64_t now_ns = 1;

	if (!segments)
		segments = pool_new("segments", sizeof(struct segment), STREAM_HELD_MAX + 8);
	if (!segments)
		abort();
	for (unsigned i = 0; i < OPS_MAX && r.left >= 5; i++) {
		uint8_t op = rd_u8(&r);
		uint32_t seq = START + rd_be16(&r), n = rd_be16(&r) % 3000;
		bool syn = op & 4 && i == 0;    /* a later one starts another connection */

		now_ns += op & 0x80 ? 300000000u : 100000u;
		if ((op & 3) == 3) {
			stream_acked(&s, seq, (op & 8) != 0, now_ns, segments, &c, &hooks);
			continue;
		}
		uint8_t *block = malloc(n ? n : 1);
		struct packet p = { .ts_ns = now_ns, .seq = i + 1, .frame = i + 1, .tcp_seq = seq, .data = block,
				    .data_len = op & 0x10 ? n / 2 : n, .data_wire_len = n,
				    .tcp_flags = syn ? TCP_SYN | TCP_ACK : TCP_ACK };

		if (!block)
			abort();
		for (uint32_t k = 0; k < n; k++)
			block[k] = byte_at(seq + k + syn);
		stream_push(&s, &p, segments, &c, &hooks);
		free(block);
	}
	stream_flush(&s, segments, &c, &hooks);
	if (pool_in_use(segments) != 0)
		abort();
	return 0;
}
