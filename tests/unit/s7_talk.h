/* s7_talk.h - a conversation for the S7comm tests: hex in, events out, through the real core with S7comm as
 * its only dissector. One conversation at a time. */
#ifndef ZT_TESTS_S7_TALK_H
#define ZT_TESTS_S7_TALK_H

#include "ot/talk.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

extern const struct dissector dissector_s7comm;
const struct dissector *const dissectors[] = { &dissector_s7comm, NULL };

#define SAID_MAX 64
#define CLIENT 0
#define SERVER 1

static struct dissect_core core;
static struct flow flow;
static struct ot_event said[SAID_MAX];
static unsigned n_said;
static struct mark mark;

static void hear(void *arg, struct ot_event *ev)
{
	(void)arg;
	if (n_said < SAID_MAX)
		ot_event_copy(&said[n_said++], ev);
}

static void begin_talk(uint16_t port)
{
	static const struct talk_hooks hooks = { .event = hear };

	assert_true(talks_init(&core, &hooks, 4, 128, 256, 16, 4));
	memset(&flow, 0, sizeof flow);
	memset(&mark, 0, sizeof mark);
	flow.key.lo_port = 49152;
	flow.key.hi_port = port;
	flow.key.ip_proto = 6;
	flow.syn = 1;
	n_said = 0;
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

/* Bytes of one segment in a block of exactly their size. `n_said` counts from here on. */
static void say_bytes(unsigned from, const uint8_t *bytes, uint32_t n, bool gap, bool cut)
{
	uint8_t *block = malloc(n ? n : 1);

	assert_non_null(block);
	memcpy(block, bytes, n);
	n_said = 0;
	mark.ts_ns += 1000000;
	mark.seq++;
	mark.frame++;
	flow.side[from].packets++;
	talk_bytes(&core, &flow, from, rd_init(block, n), &mark, gap, cut);
	free(block);
}

/* One transport packet around hex: tpdu is "02f080" for a whole message, "02f000" for a part of one. */
static uint32_t packet(const char *tpdu, const char *hex, uint8_t *out, uint32_t max)
{
	uint32_t n = 4 + from_hex(tpdu, out + 4, max - 4);

	n += from_hex(hex, out + n, max - n);
	out[0] = 3;
	out[1] = 0;
	out[2] = (uint8_t)(n >> 8);
	out[3] = (uint8_t)n;
	return n;
}

static void say_tpdu(unsigned from, const char *tpdu, const char *hex)
{
	uint8_t b[2048];

	say_bytes(from, b, packet(tpdu, hex, b, sizeof b), false, false);
}

static void say(unsigned from, const char *hex)
{
	say_tpdu(from, "02f080", hex);
}

static void connect_s7(void)
{
	begin_talk(102);
	say_tpdu(CLIENT, "11e00000000100c0010ac1020100c2020102", "");
	say_tpdu(SERVER, "11d00001000200c0010ac1020100c2020102", "");
}

static bool has_anomaly(const struct ot_event *e, enum ot_anomaly a)
{
	return e->anomalies >> a & 1;
}

static bool tag_is(const struct ot_event *e, const char *word)
{
	return e->tag_len == strlen(word) && memcmp(e->tag, word, e->tag_len) == 0;
}

#endif
