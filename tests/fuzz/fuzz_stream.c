/* fuzz_stream.c - one direction of a TCP connection in any order: five bytes an operation (its kind, sequence
 * number 2, length 2). Every byte of the stream is a function of its place, so whatever is delivered must be the
 * right bytes in the right order, each once, and what is missing must be told. */
#include "net/stream.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#define OPS_MAX 256
#define START 0xfffff000u       /* sequence numbers wrap early */
#define FAR_AWAY 0x01000000u    /* no window reaches so far: another stream */
#define LEN_MAX 3000            /* bytes of a packet: more than a held segment takes */
#define SEGMENTS (STREAM_HELD_MAX + 8)

enum op {
	OP_ACK = 3,             /* both bits: no bytes of this direction but an acknowledgement, or by OP_TICK ... */
	OP_SYN = 4,             /* the first operation: in front of its bytes; later: alone, another connection */
	OP_ACK_DATA = 8,
	OP_CUT = 0x10,          /* the capture has half of the bytes; with OP_TICK: other streams take the pool */
	OP_FAR = 0x20,
	OP_TICK = 0x40,         /* ... time that goes by */
	OP_LATE = 0x80,         /* 300 ms since the last one */
};

struct got {
	const struct stream *s;
	uint32_t next;          /* sequence number that must come next */
	bool any;
	bool cut;               /* then the next bytes must say that something is missing */
};

static uint8_t bytes_of[0x10000 + LEN_MAX + 1];         /* by distance from START */

static void fill_bytes(void)
{
	uint32_t x = 1;

	for (size_t i = 0; i < sizeof bytes_of; i++) {  /* no period that a fault in a length could hide behind */
		x = x * 1664525u + 1013904223u;
		bytes_of[i] = (uint8_t)(x >> 24);
	}
}

static void check_bytes(uint32_t first, struct rd bytes)
{
	uint32_t at = (first - START) & (FAR_AWAY - 1);

	if (at > sizeof bytes_of || bytes.left > sizeof bytes_of - at)
		abort();
	if (bytes.left && memcmp(bytes.p, bytes_of + at, bytes.left) != 0)
		abort();
}

/* When it is called the stream has moved on past the bytes (and past what the capture cut). */
static void deliver(void *arg, struct rd bytes, const struct mark *m, bool gap, bool cut)
{
	struct got *g = arg;
	uint32_t first = g->s->next_seq - bytes.left;

	(void)m;
	if (g->cut && !gap)
		abort();
	if (!cut && g->any && (gap ? first - g->next > UINT32_MAX - FAR_AWAY / 2 : first != g->next))
		abort();                /* not what follows, or (some of it) for the second time */
	if (!cut)
		check_bytes(first, bytes);
	else if (g->any && !gap)
		check_bytes(g->next, bytes);
	g->next = g->s->next_seq;
	g->any = true;
	g->cut = cut;
}

static bool starts(void *arg, struct rd bytes)
{
	(void)arg;
	return rd_peek(&bytes, 0) & 1;
}

static void early(void *arg, struct rd bytes, const struct mark *m)
{
	const struct got *g = arg;

	(void)m;
	check_bytes(g->s->start_seq, bytes);
}

struct play {
	struct pool *segments;
	struct stream s;
	struct stream_counts c;
	struct got got;
	struct stream_hooks hooks;
	uint64_t now_ns;
	void *taken[SEGMENTS];  /* by other streams */
	unsigned takes;
};

/* All but a few segments are in use elsewhere. */
static void take(struct play *y, uint32_t leave)
{
	while (SEGMENTS - pool_in_use(y->segments) > leave)
		y->taken[y->takes++] = pool_get(y->segments);
}

static void push(struct play *y, unsigned i, uint8_t op, uint32_t seq, uint32_t n)
{
	bool syn = op & OP_SYN, alone = syn && i > 0;
	uint32_t seen = alone ? 0 : op & OP_CUT ? n / 2 : n;
	uint8_t *block = malloc(seen ? seen : 1);
	struct packet p = { .ts_ns = y->now_ns, .seq = i + 1, .frame = i + 1, .tcp_seq = seq, .data = block, .data_len = seen,
			    .data_wire_len = alone ? 0 : n, .tcp_flags = syn ? TCP_SYN | TCP_ACK : TCP_ACK };

	if (!block)
		abort();
	if (seen)
		memcpy(block, bytes_of + ((seq + syn - START) & (FAR_AWAY - 1)), seen);
	stream_push(&y->s, &p, y->segments, &y->c, &y->hooks);
	if (alone)
		y->got.any = y->got.cut = false;
	free(block);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct pool *segments;
	struct rd r = rd_init(data, (uint32_t)size);
	struct play y;

	if (!segments) {
		segments = pool_new("segments", sizeof(struct segment), SEGMENTS);
		fill_bytes();
	}
	if (!segments)
		abort();
	memset(&y, 0, offsetof(struct play, taken));
	y.takes = 0;
	y.segments = segments;
	y.got.s = &y.s;
	y.hooks = (struct stream_hooks){ &y.got, deliver, starts, early };
	for (unsigned i = 0; i < OPS_MAX && r.left >= 5; i++) {
		uint8_t op = rd_u8(&r);
		uint32_t seq = START + rd_be16(&r) + (op & OP_FAR ? FAR_AWAY : 0), n = rd_be16(&r) % LEN_MAX;

		y.now_ns += op & OP_LATE ? 300000000u : 100000u;
		if ((op & OP_ACK) != OP_ACK)
			push(&y, i, op, seq, n);
		else if (op & OP_TICK && op & OP_CUT)
			take(&y, n % 8);
		else if (op & OP_TICK)
			stream_tick(&y.s, y.now_ns, segments, &y.c, &y.hooks);
		else
			stream_acked(&y.s, seq, (op & OP_ACK_DATA) != 0, y.now_ns, segments, &y.c, &y.hooks);
	}
	stream_flush(&y.s, segments, &y.c, &y.hooks);
	while (y.takes)
		pool_put(segments, y.taken[--y.takes]);
	if (pool_in_use(segments) != 0)
		abort();
	return 0;
}
