/* modbus_talk.h - a conversation for the Modbus tests: tests/lib/talk.h with Modbus as its only dissector. */
#ifndef ZT_TESTS_MODBUS_TALK_H
#define ZT_TESTS_MODBUS_TALK_H

#define DISSECTOR dissector_modbus
#include "tests/lib/talk.h"

static inline void begin_usual(void)
{
	begin_talk(49152, 502, 0);
}

static inline void say(unsigned from, const char *hex)
{
	say_hex(from, hex);
}

#endif
