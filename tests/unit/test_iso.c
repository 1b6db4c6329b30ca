/* TPKT and COTP, and what is believed off the usual port. */
#include "dissectors/iso.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

extern const struct dissector dissector_s7comm;

static struct rd hex(const char *text)
{
	static uint8_t b[256];
	uint32_t n = 0;

	for (; text[0] && text[1]; text += 2) {
		char two[3] = { text[0], text[1], '\0' };

		b[n++] = (uint8_t)strtoul(two, NULL, 16);
	}
	return rd_init(b, n);
}

static void a_frame_is_as_long_as_its_tpkt_says(void **state)
{
	uint32_t len = 0;

	(void)state;
	assert_int_equal(iso_frame(hex("0300"), &len), FRAME_MORE);
	assert_int_equal(iso_frame(hex("0300001602"), &len), FRAME_PDU);
	assert_int_equal(len, 22);
	assert_int_equal(iso_frame(hex("0300ffff"), &len), FRAME_PDU);
	assert_int_equal(len, 65535);
	assert_int_equal(iso_frame(hex("03000007"), &len), FRAME_PDU);
	assert_int_equal(iso_frame(hex("03000006"), &len), FRAME_BAD);
	assert_int_equal(iso_frame(hex("47"), &len), FRAME_BAD);
}

static void the_called_selector_gives_rack_and_slot(void **state)
{
	struct iso_tpdu t;

	(void)state;
	assert_true(iso_read(hex("0300001611e00000000100c0010ac1020100c2020203"), &t));
	assert_int_equal(t.kind, ISO_CONNECT);
	assert_true(t.has_called);
	assert_int_equal(t.called[1], 3);
	assert_true(iso_read(hex("0300001611d00001000200c0010ac1020100c2020102"), &t));
	assert_int_equal(t.kind, ISO_CONFIRM);
	assert_true(iso_read(hex("0300000f0ae00000000100c2ff0102"), &t));
	assert_false(t.has_called);
}

static void data_says_whether_it_is_the_last(void **state)
{
	struct iso_tpdu t;

	(void)state;
	assert_true(iso_read(hex("0300000902f0803201"), &t));
	assert_int_equal(t.kind, ISO_DATA);
	assert_true(t.eot);
	assert_int_equal(t.data.left, 2);
	assert_true(iso_read(hex("0300000702f000"), &t));
	assert_false(t.eot);
	assert_int_equal(t.data.left, 0);
	assert_false(iso_read(hex("0300000720f080"), &t));      /* a header longer than the packet */
	assert_false(iso_read(hex("0300000701f080"), &t));      /* no number behind the code */
	assert_false(iso_read(hex("0300000700f080"), &t));      /* no header at all */
}

static enum frame_verdict probe(const char *text)
{
	return dissector_s7comm.probe(hex(text), false);
}

static void off_port_only_what_adds_up_is_believed(void **state)
{
	(void)state;
	assert_int_equal(probe("0300001611e00000000100c0010ac1020100c2020102"), FRAME_PDU);
	assert_int_equal(probe("0300001902f08032010000000100080000f0000001000101e0"), FRAME_PDU);
	assert_int_equal(probe("0300001402f080320300000001000200000000f0"), FRAME_BAD);         /* a byte is missing */
	assert_int_equal(probe("0300001402f0803203000000010001000000002900"), FRAME_PDU);       /* what follows is another PDU's */
	assert_int_equal(probe("0300001902f08032010001000100080000f0000001000101e0"), FRAME_BAD);       /* redundancy id */
	assert_int_equal(probe("0300001902f08032040000000100080000f0000001000101e0"), FRAME_BAD);       /* no such kind */
	assert_int_equal(probe("0301001902f08032010000000100080000f0000001000101e0"), FRAME_BAD);       /* reserved */
	assert_int_equal(probe("0300001902f08032010000000100080000f00000010001"), FRAME_MORE);
	assert_int_equal(dissector_s7comm.probe(hex("0300001902f08032010000000100080000f00000010001"), true), FRAME_BAD);
	assert_int_equal(probe("0300000702f000"), FRAME_BAD);
}

static void others_on_tpkt_are_not_believed(void **state)
{
	(void)state;
	/* Remote desktop: a cookie where the parameters are. */
	assert_int_equal(probe("0300001a15e00000000000436f6f6b69653a206d737473686173"), FRAME_BAD);
	/* MMS: a session's connect. */
	assert_int_equal(probe("0300000f02f0800d07050613010016"), FRAME_BAD);
	/* A selector is missing; a parameter is longer than the header. */
	assert_int_equal(probe("0300000f0ae00000000100c1020100"), FRAME_BAD);
	assert_int_equal(probe("0300001611e00000000100c0010ac1020100c2090102"), FRAME_BAD);
}

static void plus_is_believed_by_its_header(void **state)
{
	(void)state;
	assert_int_equal(probe("0300002902f0807202001a31000005240000000a000003c00400000031915e00000000000072020000"), FRAME_PDU);
	assert_int_equal(probe("0300002902f0807202001a31000006660000000a000003c00400000031915e00000000000072020000"), FRAME_BAD);
	assert_int_equal(probe("0300002902f0807202001b31000005240000000a000003c00400000031915e00000000000072020000"), FRAME_BAD);
	assert_int_equal(probe("0300002902f0807202001a31000005240000000a000003c00400000031915e00000000000072010000"), FRAME_BAD);
	assert_int_equal(probe("0300002902f0807209001a31000005240000000a000003c00400000031915e00000000000072090000"), FRAME_BAD);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_frame_is_as_long_as_its_tpkt_says),
		cmocka_unit_test(the_called_selector_gives_rack_and_slot),
		cmocka_unit_test(data_says_whether_it_is_the_last),
		cmocka_unit_test(off_port_only_what_adds_up_is_believed),
		cmocka_unit_test(others_on_tpkt_are_not_believed),
		cmocka_unit_test(plus_is_believed_by_its_header),
	};

	return cmocka_run_group_tests_name("iso", tests, NULL, NULL);
}
