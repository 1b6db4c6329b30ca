/* talk.h - a conversation of one flow for the tests of dissectors: hex in, events out, through the real core
 * with one dissector. Who includes this defines DISSECTOR first, the dissector's name in C; the program links
 * no other list of dissectors. One conversation at a time. */
#ifndef ZT_TESTS_LIB_TALK_H
#define ZT_TESTS_LIB_TALK_H

#include "ot/talk.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#define SAID_MAX 64
#define CLIENT 0                        /* sides, as begin_talk(a, b, 0) has them */
#define SERVER 1

enum said_how { SAID_WHOLE = 0, SAID_AFTER_GAP = 1, SAID_CUT = 2 };     /* CUT: by the capture's snaplen */

extern const struct dissector DISSECTOR;        /* forgotten: the linker asks for it by this name */
const struct dissector *const dissectors[] = { &DISSECTOR, NULL };

static struct dissect_core core;
static struct flow flow;
static struct ot_event said[SAID_MAX];
static unsigned n_said;                 /* events of the last say_bytes() */
static struct mark mark;

static inline void hear(void *arg, struct ot_event *ev)
{
	(void)arg;
	if (n_said < SAID_MAX)
		ot_event_copy(&said[n_said++], ev);
}

/* TCP. Side 0 has port a, side 1 port b; syn: the side that opened, -1 not seen. */
static inline void begin_talk(uint16_t a, uint16_t b, int syn)
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

/* UDP: what is said from here on are datagrams. */
static inline void begin_datagrams(uint16_t a, uint16_t b)
{
	begin_talk(a, b, -1);
	flow.key.ip_proto = 17;
}

static inline void end_talk(void)
{
	talk_end(&core, &flow);
	talks_fini(&core);
}

/* "00 11 22" or "001122"; returns the number of bytes. */
static inline uint32_t from_hex(const char *hex, uint8_t *out, uint32_t max)
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

/* One segment, or datagram, from side `from`; how: SAID_ flags, of which a datagram knows only CUT. The bytes
 * live in a block of exactly their size, so that the sanitizers see a read past its end. A millisecond and a
 * frame after the last. `n_said` counts from here on. */
static inline void say_bytes(unsigned from, const uint8_t *bytes, uint32_t n, unsigned how)
{
	uint8_t *block = malloc(n ? n : 1);

	assert_non_null(block);
	memcpy(block, bytes, n);
	n_said = 0;
	mark.ts_ns += 1000000;
	mark.seq++;
	mark.frame++;
	flow.side[from].packets++;
	if (flow.key.ip_proto == 17)
		talk_datagram(&core, &flow, from, rd_init(block, n), &mark, how & SAID_CUT);
	else
		talk_bytes(&core, &flow, from, rd_init(block, n), &mark, how & SAID_AFTER_GAP, how & SAID_CUT);
	free(block);
}

static inline void say_hex(unsigned from, const char *hex)
{
	uint8_t b[2048];

	say_bytes(from, b, from_hex(hex, b, sizeof b), SAID_WHOLE);
}

static inline bool has_anomaly(const struct ot_event *e, enum ot_anomaly a)
{
	return e->anomalies >> a & 1;
}

#endif
