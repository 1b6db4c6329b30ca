/* Modbus: probe() and the layouts behind it. Every legal PDU passes; noise, zeros and text never do. */
#include "dissectors/modbus.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

extern const struct dissector dissector_modbus;

static uint32_t from_hex(const char *hex, uint8_t *out)
{
	uint32_t n = 0;

	for (; *hex; hex++) {
		char two[3] = { hex[0], hex[1], '\0' };

		if (*hex == ' ')
			continue;
		out[n++] = (uint8_t)strtoul(two, NULL, 16);
		hex++;
	}
	return n;
}

static enum frame_verdict probe_hex(const char *hex, bool whole)
{
	uint8_t b[300];
	uint32_t n = from_hex(hex, b);

	return dissector_modbus.probe(rd_init(b, n), whole);
}

/* One of each: the standard's examples (MAP, section 6). */
static const char *const legal[] = {
	"0001 0000 0006 01 01 0013 0013", "0001 0000 0006 01 01 03 cd6b05",
	"0001 0000 0006 01 02 00c4 0016", "0001 0000 0006 01 02 03 acdb35",
	"0001 0000 0006 01 03 006b 0003", "0001 0000 0009 01 03 06 022b00000064",
	"0001 0000 0006 01 04 0008 0001", "0001 0000 0005 01 04 02 000a",
	"0001 0000 0006 01 05 00ac ff00", "0001 0000 0006 01 06 0001 0003",
	"0001 0000 0002 01 07", "0001 0000 0003 01 07 6d",
	"0001 0000 0006 01 08 0000 a537", "0001 0000 0006 01 08 0001 ff00",
	"0001 0000 0002 01 0b", "0001 0000 0006 01 0b ffff 0108",
	"0001 0000 0002 01 0c", "0001 0000 000b 01 0c 08 0000 0108 0121 2000",
	"0001 0000 0009 01 0f 0013 000a 02 cd01", "0001 0000 0006 01 0f 0013 000a",
	"0001 0000 000b 01 10 0001 0002 04 000a0102", "0001 0000 0006 01 10 0001 0002",
	"0001 0000 0002 01 11", "0001 0000 0005 01 11 02 09ff",
	"0001 0000 0011 01 14 0e 06 0004 0001 0002 06 0003 0009 0002",
	"0001 0000 000f 01 14 0c 05 06 0dfe0020 05 06 33cd0040",
	"0001 0000 0010 01 15 0d 06 0004 0007 0003 06af04be100d",
	"0001 0000 0008 01 16 0004 00f2 0025",
	"0001 0000 0011 01 17 0003 0006 000e 0003 06 00ff00ff00ff",
	"0001 0000 000f 01 17 0c 00fe0acd00010003000d00ff",
	"0001 0000 0004 01 18 04de", "0001 0000 000a 01 18 0006 0002 01b8 1284",
	"0001 0000 0005 01 2b 0e 01 00", "0001 0000 000d 01 2b 0e 01 01 00 00 01 00 03 414243",
	"0001 0000 0004 00 5a 00 02", "0001 0000 0005 00 5a 00 fe 00",
	"0001 0000 0003 01 83 02", "0001 0000 0003 01 ab 01",
};

static void every_legal_pdu_passes(void **state)
{
	(void)state;
	for (unsigned i = 0; i < sizeof legal / sizeof legal[0]; i++) {
		if (probe_hex(legal[i], false) != FRAME_PDU || probe_hex(legal[i], true) != FRAME_PDU)
			fail_msg("%s", legal[i]);
	}
}

static void a_byte_more_or_less_does_not(void **state)
{
	uint8_t b[300];

	(void)state;
	for (unsigned i = 0; i < sizeof legal / sizeof legal[0]; i++) {
		uint32_t n = from_hex(legal[i], b);

		assert_int_equal(dissector_modbus.probe(rd_init(b, n - 1), false), FRAME_MORE);
		assert_int_equal(dissector_modbus.probe(rd_init(b, n - 1), true), FRAME_BAD);
		b[n] = 0;
		assert_int_equal(dissector_modbus.probe(rd_init(b, n + 1), true), FRAME_BAD);
		if ((b[7] & 0x7f) == 90 || b[7] == 0x11)        /* of any length, or legal with other lengths */
			continue;
		b[5]++;
		if (dissector_modbus.probe(rd_init(b, n + 1), false) == FRAME_PDU && b[7] != 7)
			fail_msg("%s with a byte more", legal[i]);
	}
}

static void two_pdus_in_a_datagram_pass(void **state)
{
	(void)state;
	assert_int_equal(probe_hex("0001 0000 0006 01 03 0000 0001 0002 0000 0006 01 03 0000 0001", true), FRAME_PDU);
}

static void what_is_not_modbus_fails(void **state)
{
	static const char *const bad[] = {
		"0001 0001 0006 01 03 0000 0001",       /* protocol id */
		"0001 0000 0006 01 03 0000 007e",       /* quantity 126 */
		"0001 0000 0006 01 03 0000 0000",
		"0001 0000 0005 01 03 03 111111",       /* half a register */
		"0001 0000 0006 01 05 0000 0001",       /* no coil value */
		"0001 0000 0006 01 2a 0000 0001",       /* function 42 */
		"0001 0000 0006 01 41 0000 0001",       /* user-defined */
		"0001 0000 0003 01 83 09",              /* exception 9 */
		"0001 0000 0004 01 83 0101",
		"0001 0000 0003 01 c2 01",
		"0001 0000 0005 01 2b 0f 01 00",        /* MEI 15 */
		"0001 0000 0004 00 5a 00 99",           /* no UMAS code */
	};

	(void)state;
	for (unsigned i = 0; i < sizeof bad / sizeof bad[0]; i++)
		if (probe_hex(bad[i], false) != FRAME_BAD)
			fail_msg("%s", bad[i]);
}

/* xorshift: the same noise on every machine */
static uint64_t noise;

static uint8_t next_noise(void)
{
	noise ^= noise << 13;
	noise ^= noise >> 7;
	noise ^= noise << 17;
	return (uint8_t)(noise >> 32);
}

static void noise_zeros_and_text_fail(void **state)
{
	static const char text[] = "GET /index.html HTTP/1.1\r\nHost: plant\r\nUser-Agent: x\r\n\r\n";
	uint8_t b[300] = { 0 };

	(void)state;
	for (uint32_t n = 8; n < sizeof b; n++)
		assert_int_equal(dissector_modbus.probe(rd_init(b, n), false), FRAME_BAD);
	for (uint32_t at = 0; at + 8 < sizeof text; at++)
		assert_int_equal(dissector_modbus.probe(rd_init(text + at, sizeof text - 1 - (uint32_t)at), false), FRAME_BAD);
	noise = 88172645463325252u;
	for (unsigned i = 0; i < 1000000; i++) {
		for (unsigned k = 0; k < 32; k++)
			b[k] = next_noise();
		assert_int_equal(dissector_modbus.probe(rd_init(b, 32), true), FRAME_BAD);
	}
}

static void few_bytes_are_no_verdict(void **state)
{
	uint32_t len;

	(void)state;
	for (uint32_t n = 0; n < 8; n++)
		assert_int_equal(dissector_modbus.frame(rd_init("\0\1\0\0\0\6\1\3", n), &len), FRAME_MORE);
	assert_int_equal(dissector_modbus.frame(rd_init("\0\1\0\0\0\6\1\3", 8), &len), FRAME_PDU);
	assert_int_equal(len, 12);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_legal_pdu_passes),
		cmocka_unit_test(a_byte_more_or_less_does_not),
		cmocka_unit_test(two_pdus_in_a_datagram_pass),
		cmocka_unit_test(what_is_not_modbus_fails),
		cmocka_unit_test(noise_zeros_and_text_fail),
		cmocka_unit_test(few_bytes_are_no_verdict),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
