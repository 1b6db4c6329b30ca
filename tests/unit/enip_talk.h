/* enip_talk.h - a conversation for the EtherNet/IP tests: tests/lib/talk.h with EtherNet/IP as its only
 * dissector. */
#ifndef ZT_TESTS_ENIP_TALK_H
#define ZT_TESTS_ENIP_TALK_H

#define DISSECTOR dissector_enip
#include "tests/lib/talk.h"

#define SESSION 0x11223344u

static inline void begin_usual(void)
{
	begin_talk(49152, 44818, 0);
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
	say_bytes(from, b, at + n, SAID_WHOLE);
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
	say_bytes(from, b, at + n, SAID_WHOLE);
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
	say_bytes(from, b, at + n, SAID_WHOLE);
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
