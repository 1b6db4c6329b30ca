/* s7_talk.h - a conversation for the S7comm tests: tests/lib/talk.h with S7comm as its only dissector. */
#ifndef ZT_TESTS_S7_TALK_H
#define ZT_TESTS_S7_TALK_H

#define DISSECTOR dissector_s7comm
#include "tests/lib/talk.h"

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

	say_bytes(from, b, packet(tpdu, hex, b, sizeof b), SAID_WHOLE);
}

static void say(unsigned from, const char *hex)
{
	say_tpdu(from, "02f080", hex);
}

static void connect_s7(void)
{
	begin_talk(49152, 102, 0);
	say_tpdu(CLIENT, "11e00000000100c0010ac1020100c2020102", "");
	say_tpdu(SERVER, "11d00001000200c0010ac1020100c2020102", "");
}

static bool tag_is(const struct ot_event *e, const char *word)
{
	return e->tag_len == strlen(word) && memcmp(e->tag, word, e->tag_len) == 0;
}

#endif
