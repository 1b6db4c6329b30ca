/* enip_talk.h - a conversation for the EtherNet/IP tests: hex in, events out, through the real core with
 * EtherNet/IP as its only dissector. One conversation at a time. */
#ifndef ZT_TESTS_ENIP_TALK_H
#define ZT_TESTS_ENIP_TALK_H

#include "ot/talk.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

extern const struct dissector dissector_enip;
const struct dissector *const dissectors[] = { &dissector_enip, NULL };

#define SAID_MAX 64
#define CLIENT 0
#define SERVER 1
#define SESSION 0x11223344u

static struct dissect_core core;
static struct flow flow;
static struct ot_event said[SAID_MAX];
static unsigned n_said;
static struct mark mark;
static bool over_udp;

static void hear(void *arg, struct ot_event *ev)
{
	(void)arg;
	if (n_said < SAID_MAX)
		ot_event_copy(&said[n_said++], ev);
}

/* Side 0 has port a, side 1 port b; syn: the side that opened, -1 not seen. */
static void begin_talk(uint16_t a, uint16_t b, int syn, bool udp)
{
	static const struct talk_hooks hooks = { .event = hear };

	assert_true(talks_init(&core, &hooks, 4, 128, 256, 16, 4));
	memset(&flow, 0, sizeof flow);
	memset(&mark, 0, sizeof mark);
	flow.key.lo_port = a;
	flow.key.hi_port = b;
	flow.key.ip_proto = udp ? 17 : 6;
	flow.syn = (uint8_t)(syn < 0 ? 0 : 1 << syn);
	over_udp = udp;
	n_said = 0;
}

static void begin_usual(void)
{
	begin_talk(49152, 44818, 0, false);
}

static void end_talk(void)
{
	talk_end(&core, &flow);
	talks_fini(&core);
}

static uint32_t from_hex(const char *hex, uint8_t *out, uint32_t max)
{
	uint32_t n = 0;

	while (*hex) {
		char two[3] = { hex[0], hex[0] == ' ' ? '\0' : hex[1], '\0' };

		if (*hex == ' ') {
			hex++;
			continue;
		}
		assert_true(n < max);
		out[n++] = (uint8_t)strtoul(two, NULL, 16);
		hex += 2;
	}
	return n;
}

/* One segment, or datagram; the bytes live in a block of exactly their size. A millisecond and a frame
 * after the last. `n_said` counts from here on. */
static void say_bytes(unsigned from, const uint8_t *bytes, uint32_t n, bool cut)
{
	uint8_t *block = malloc(n ? n : 1);

	assert_non_null(block);
	memcpy(block, bytes, n);
	n_said = 0;
	mark.ts_ns += 1000000;
	mark.seq++;
	mark.frame++;
	flow.side[from].packets++;
	if (over_udp)
		talk_datagram(&core, &flow, from, rd_init(block, n), &mark, cut);
	else
		talk_bytes(&core, &flow, from, rd_init(block, n), &mark, false, cut);
	free(block);
}

static inline void say(unsigned from, const char *hex)
{
	uint8_t b[2048];

	say_bytes(from, b, from_hex(hex, b, sizeof b), false);
}

static uint32_t put16(uint8_t *b, uint32_t at, uint32_t v)
{
	b[at] = (uint8_t)v;
	b[at + 1] = (uint8_t)(v >> 8);
	return at + 2;
}

static uint32_t put32(uint8_t *b, uint32_t at, uint32_t v)
{
	return put16(b, put16(b, at, v & 0xffff), v >> 16);
}

/* The encapsulation header; the data's length is filled in by say_command. */
static uint32_t put_header(uint8_t *b, uint16_t command, uint32_t session, uint32_t status, uint32_t context)
{
	memset(b, 0, 24);
	put16(b, 0, command);
	put32(b, 4, session);
	put32(b, 8, status);
	put32(b, 12, context);
	return 24;
}

static inline void say_command(unsigned from, uint16_t command, uint32_t session, uint32_t status, uint32_t context,
			const char *data)
{
	uint8_t b[4096];
	uint32_t at = put_header(b, command, session, status, context);
	uint32_t n = from_hex(data, b + at, sizeof b - at);

	put16(b, 2, n);
	say_bytes(from, b, at + n, false);
}

/* An unconnected message: SendRRData. */
static inline void say_rr(unsigned from, uint32_t context, const char *cip)
{
	uint8_t b[4096];
	uint32_t at = put_header(b, 0x6f, SESSION, 0, context), n;

	at = put16(b, put32(b, at, 0), 10);
	at = put16(b, at, 2);
	at = put32(b, at, 0);
	n = from_hex(cip, b + at + 4, sizeof b - at - 4);
	at = put16(b, put16(b, at, 0xb2), n);
	put16(b, 2, at + n - 24);
	say_bytes(from, b, at + n, false);
}

/* A message on a connection: SendUnitData. */
static inline void say_unit(unsigned from, uint32_t connection, uint16_t sequence, const char *cip)
{
	uint8_t b[4096];
	uint32_t at = put_header(b, 0x70, SESSION, 0, 0), n;

	at = put16(b, put32(b, at, 0), 0);
	at = put16(b, at, 2);
	at = put32(b, put16(b, put16(b, at, 0xa1), 4), connection);
	n = from_hex(cip, b + at + 6, sizeof b - at - 6);
	at = put16(b, put16(b, put16(b, at, 0xb1), n + 2), sequence);
	put16(b, 2, at + n - 24);
	say_bytes(from, b, at + n, false);
}

static inline bool has_anomaly(const struct ot_event *e, enum ot_anomaly a)
{
	return e->anomalies >> a & 1;
}

static inline void assert_text(const char *text, uint16_t len, const char *want)
{
	assert_int_equal(len, strlen(want));
	assert_memory_equal(text, want, len);
}

#define assert_tag(e, want) assert_text((e)->tag, (e)->tag_len, want)
#define assert_route(e, want) assert_text((e)->route, (e)->route_len, want)
#define assert_path(e, want) assert_text((e)->path, (e)->path_len, want)

#endif
