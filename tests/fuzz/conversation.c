#include "conversation.h"

#include "base/json.h"
#include "engine/worker.h"
#include "net/decode.h"
#include "ot/event_json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CHUNKS_MAX 64
#define CHUNK_MAX 1400          /* bytes: one segment */
#define HEAD (14 + 20 + 20)
#define STEP_NS 1000000u        /* between packets */
#define PATIENCE_NS 1000000000u /* longer than any hole is waited for */
#define SAID_MAX (4u << 20)

enum chunk_flag { CHUNK_SERVER = 1, CHUNK_HOLE = 2, CHUNK_UDP = 4, CHUNK_OTHER_PORT = 8 };

struct chunk {
	uint8_t flags;
	uint16_t len;
	const uint8_t *bytes;
};

struct play {
	struct worker *worker;
	struct decoder *decoder;
	uint64_t now_ns, packets;
	uint16_t port;
	uint32_t seq[2];
	bool hole[2];                   /* bytes are missing before what comes next */
	uint64_t events;
	struct sbuf said;
};

static uint64_t unplaced;               /* members that depend on how TCP was cut */
static struct play play;

static void check_event(const struct ot_event *ev)
{
	if (ev->proto == PROTO_NONE || ev->proto >= PROTO_COUNT || ev->op >= OP_COUNT || ev->act >= ACT_COUNT ||
	    ev->dir > DIR_NOTIFY || ev->granule > GRANULE_OBJECT || ev->outcome > OUTCOME_UNKNOWN ||
	    ev->value_len > OT_VALUE_MAX || ev->value_len > ev->value_total || ev->tag_len > OT_TAG_MAX ||
	    ev->path_len > OT_PATH_MAX || ev->route_len > OT_ROUTE_MAX || ev->status_exts > OT_STATUS_EXT_MAX ||
	    ev->part > ev->parts || (ev->dir == DIR_RESPONSE && !(ev->has & HAS_FUNC) && ev->proto == PROTO_MODBUS))
		abort();
}

static void on_event(void *arg, const struct ot_event *ev)
{
	struct json j;

	(void)arg;
	check_event(ev);
	play.events++;
	json_init(&j, &play.said);
	event_json(&j, ev, NULL, unplaced, NULL);
	sbuf_char(&play.said, '\n');
}

static void on_flow(void *arg, const struct ot_head *first, const struct flow_facts *facts)
{
	(void)arg, (void)first, (void)facts;
}

static void on_count(void *arg, const struct ot_event *like, uint64_t n, uint64_t first_ns, uint64_t last_ns)
{
	(void)arg, (void)like, (void)n, (void)first_ns, (void)last_ns;
}

static void on_no_answer(void *arg, uint64_t req_seq, uint16_t capture, uint32_t frame, uint16_t pdu, uint64_t now_ns,
			 bool other_side_seen)
{
	(void)arg, (void)req_seq, (void)capture, (void)frame, (void)pdu, (void)now_ns, (void)other_side_seen;
}

static void put16(uint8_t *p, uint32_t v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

static void put32(uint8_t *p, uint32_t v)
{
	put16(p, v >> 16);
	put16(p + 2, v);
}

/* One frame, in a heap block that ends with the payload. */
static void packet(unsigned way, uint8_t proto, uint8_t flags, const uint8_t *data, uint32_t n)
{
	uint32_t l4 = proto == 6 ? 20 : 8, len = 14 + 20 + l4 + n;
	uint8_t *b = calloc(1, len);
	struct packet p = { .bytes = b, .caplen = len, .wirelen = len, .dlt = 1 };

	if (!b)
		abort();
	b[12] = 8;
	b[14] = 0x45;
	put16(b + 16, len - 14);
	put16(b + 18, (uint32_t)play.packets);
	b[22] = 64;
	b[23] = proto;
	put32(b + 26, way ? 0x0a000002 : 0x0a000001);
	put32(b + 30, way ? 0x0a000001 : 0x0a000002);
	put16(b + 34, way ? play.port : 40000);
	put16(b + 36, way ? 40000 : play.port);
	if (proto == 6) {
		put32(b + 38, play.seq[way]);
		put32(b + 42, play.seq[!way]);
		b[46] = 0x50;
		b[47] = flags;
	} else {
		put16(b + 38, 8 + n);
	}
	if (n)
		memcpy(b + 34 + l4, data, n);
	p.ts_ns = play.now_ns += STEP_NS;
	p.seq = p.frame = (uint32_t)++play.packets;
	if (packet_decode(play.decoder, &p))
		worker_packet(play.worker, &p);
	free(b);
}

static void segment(unsigned way, const uint8_t *data, uint32_t n)
{
	packet(way, 6, TCP_PSH | TCP_ACK, data, n);
	play.seq[way] += n;
	if (play.hole[way]) {
		/* The other side has had all of it, and time goes by: the hole stays one. */
		play.hole[way] = false;
		play.now_ns += PATIENCE_NS;
		packet(!way, 6, TCP_ACK, NULL, 0);
	}
}

static void conversation(const struct chunk *c, unsigned n, bool bytewise)
{
	sbuf_reset(&play.said);
	play.events = 0;
	play.seq[0] = 1000;
	play.seq[1] = 5000;
	play.hole[0] = play.hole[1] = false;
	play.now_ns += 100 * (uint64_t)PATIENCE_NS;     /* far from the copies of what went before */
	packet(0, 6, TCP_SYN, NULL, 0);
	play.seq[0]++;
	packet(1, 6, TCP_SYN | TCP_ACK, NULL, 0);
	play.seq[1]++;
	for (unsigned i = 0; i < n; i++) {
		unsigned way = c[i].flags & CHUNK_SERVER ? 1 : 0;

		if (c[i].flags & CHUNK_UDP) {
			packet(way, 17, 0, c[i].bytes, c[i].len);
		} else if (c[i].flags & CHUNK_HOLE) {
			play.seq[way] += c[i].len;
			play.hole[way] = true;
		} else if (bytewise) {
			for (uint32_t k = 0; k < c[i].len; k++)
				segment(way, c[i].bytes + k, 1);
		} else if (c[i].len) {
			segment(way, c[i].bytes, c[i].len);
		}
	}
	worker_finish(play.worker, play.now_ns);
}

/* Is what one side says PDU after PDU from the first byte to the last? Only then does the answer not depend on
 * where segments begin. */
static bool well_framed(const struct dissector *d, const struct chunk *c, unsigned n, unsigned way)
{
	static uint8_t all[CHUNKS_MAX * CHUNK_MAX];
	uint32_t len = 0, pdu;

	for (unsigned i = 0; i < n; i++) {
		if (c[i].flags & CHUNK_HOLE)
			return false;
		if (c[i].flags & CHUNK_UDP || (c[i].flags & CHUNK_SERVER ? 1u : 0u) != way)
			continue;
		memcpy(all + len, c[i].bytes, c[i].len);
		len += c[i].len;
	}
	if (len && d->probe(rd_init(all, len), false) != FRAME_PDU)
		return false;
	for (uint32_t at = 0; at < len; at += pdu) {
		enum frame_verdict v = d->frame(rd_init(all + at, len - at), &pdu);

		if (v == FRAME_MORE)
			return true;
		if (v != FRAME_PDU || pdu == 0)
			return false;
		if (pdu > len - at)
			return true;
	}
	return true;
}

static unsigned chunks(const uint8_t *data, size_t size, struct chunk *c)
{
	struct rd r = rd_init(data, (uint32_t)size);
	unsigned n = 0;

	while (r.left >= 3 && n < CHUNKS_MAX) {
		c[n].flags = rd_u8(&r);
		uint32_t want = rd_be16(&r);
		struct rd body = rd_upto(&r, want < CHUNK_MAX ? want : CHUNK_MAX);

		c[n].len = (uint16_t)body.left;
		c[n++].bytes = body.p;
	}
	return n;
}

static void start(void)
{
	static const char *const words[] = { "ts", "frame", "pdu", "request", "latency_us" };
	static const struct worker_hooks hooks = { .event = on_event, .flow = on_flow, .count = on_count,
						   .no_answer = on_no_answer };
	const struct worker_config conf = { .every_event = true, .flows = 64 };

	for (unsigned i = 0; event_members()[i]; i++)
		for (unsigned k = 0; k < sizeof words / sizeof words[0]; k++)
			if (strcmp(event_members()[i], words[k]) == 0)
				unplaced |= (uint64_t)1 << i;
	play.worker = worker_new(&conf, &hooks);
	play.decoder = decoder_new(4);
	sbuf_init(&play.said, SAID_MAX);
	if (!play.worker || !play.decoder)
		abort();
}

void conversation_play(const struct dissector *d, const uint8_t *data, size_t size)
{
	struct chunk c[CHUNKS_MAX];
	unsigned n = chunks(data, size, c);
	uint64_t events;
	char *whole;

	if (!play.worker)
		start();
	play.port = n && c[0].flags & CHUNK_OTHER_PORT ? 20000 : d->tcp_ports[0];
	conversation(c, n, false);
	if (!well_framed(d, c, n, 0) || !well_framed(d, c, n, 1))
		return;
	whole = strdup(sbuf_text(&play.said));
	events = play.events;
	conversation(c, n, true);
	if (!whole || play.events != events || strcmp(whole, sbuf_text(&play.said)) != 0) {
		fprintf(stderr, "whole chunks say\n%sand single bytes\n%s", whole ? whole : "", sbuf_text(&play.said));
		abort();
	}
	free(whole);
}
