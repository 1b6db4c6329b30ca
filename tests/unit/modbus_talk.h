/* modbus_talk.h - a conversation for the Modbus tests: hex in, events out, through the real core with
 * Modbus as its only dissector. One conversation at a time. */
#ifndef ZT_TESTS_MODBUS_TALK_H
#define ZT_TESTS_MODBUS_TALK_H

#include "ot/talk.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

extern const struct dissector dissector_modbus;
const struct dissector *const dissectors[] = { &dissector_modbus, NULL };

#define SAID_MAX 64

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

/* Side 0 has port a, side 1 port b; syn: the side that opened, -1 not seen. */
static void begin_talk(uint16_t a, uint16_t b, int syn)
{
	static const struct talk_hooks hooks = { .event = hear };

	assert_true(talks_init(&core, &hooks, 4, 128, 256, 16, 4));
	memset(&flow, 0, sizeof flow);
	memset(&mark, 0, sizeof mark);
	flow.key.lo_port = a;
	flow.key.hi_port = b;
	flow.key.ip_proto = 6;
	flow.syn = (uint8_t)(syn < 0 ? 0 : 1 << syn);
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

/* One segment, or datagram, from side `from`; the bytes live in a block of exactly their size. A
 * millisecond and a frame after the last. `n_said` counts from here on. */
static void say_bytes(unsigned from, const uint8_t *bytes, uint32_t n, bool datagram, bool cut)
{
	uint8_t *block = malloc(n ? n : 1);

	assert_non_null(block);
	memcpy(block, bytes, n);
	n_said = 0;
	mark.ts_ns += 1000000;
	mark.seq++;
	mark.frame++;
	flow.side[from].packets++;
	if (datagram)
		talk_datagram(&core, &flow, from, rd_init(block, n), &mark, cut);
	else
		talk_bytes(&core, &flow, from, rd_init(block, n), &mark, false, cut);
	free(block);
}

static void say(unsigned from, const char *hex)
{
	uint8_t b[2048];

	say_bytes(from, b, from_hex(hex, b, sizeof b), false, false);
}

#define CLIENT 0
#define SERVER 1

static void begin_usual(void)
{
	begin_talk(49152, 502, 0);
}

static bool has_anomaly(const struct ot_event *e, enum ot_anomaly a)
{
	return e->anomalies >> a & 1;
}

#endif
