/* S7comm-plus through the core: headers, what requests amount to, and saying plainly that something is hidden. */
#include "s7_talk.h"

/* A packet of version 2 around a body; the length is filled in. */
static void plus(unsigned from, const char *body, bool last)
{
	uint8_t b[512];
	uint32_t n = packet("02f080", "72020000", b, sizeof b), length;

	length = from_hex(body, b + n, (uint32_t)sizeof b - n);
	b[n - 2] = (uint8_t)(length >> 8);
	b[n - 1] = (uint8_t)length;
	n += length;
	if (last)
		n += from_hex("72020000", b + n, (uint32_t)sizeof b - n);
	b[2] = (uint8_t)(n >> 8);
	b[3] = (uint8_t)n;
	say_bytes(from, b, n, SAID_WHOLE);
}

static void requests_are_paired_by_their_sequence(void **state)
{
	(void)state;
	connect_s7();
	plus(CLIENT, "31 0000 054c 0000 0007 000003c0 34 00000034 02", true);
	assert_int_equal(n_said, 1);
	assert_int_equal(said[0].proto, PROTO_S7COMM_PLUS);
	assert_int_equal(said[0].opcode, 0x31);
	assert_int_equal(said[0].func, 0x54c);
	assert_int_equal(said[0].txn, 7);
	assert_int_equal(said[0].op, OP_READ);
	plus(SERVER, "32 0000 054c 0000 0007 34 00 00", true);
	assert_int_equal(said[0].opcode, 0x32);
	assert_true(said[0].has & HAS_REQUEST);
	assert_int_equal(said[0].outcome, OUTCOME_OK);
	/* The short answer to a write has an opcode of its own. */
	plus(CLIENT, "31 0000 04f2 0000 0008 000003c0 34 0000006a 01 881d 0007 00", true);
	plus(SERVER, "02 0000 04f2 0000 0008 74 00000000", true);
	assert_false(said[0].has & HAS_OPCODE);
	assert_true(said[0].has & HAS_REQUEST);
	/* An error is a negative number in many bytes. */
	plus(CLIENT, "31 0000 0586 0000 0009 000003c0 34 00000032 20", true);
	plus(SERVER, "32 0000 0586 0000 0009 34 c08895b080ef91fff4 00", true);
	assert_int_equal(said[0].outcome, OUTCOME_ERROR);
	assert_int_equal(said[0].status, 0xfff4);
	end_talk();
}

static void what_a_request_amounts_to(void **state)
{
	static const struct { const char *body, *tag; uint8_t op, act; } requests[] = {
		{ "31 0000 04f2 0000 0001 000003c0 34 00000034 01 9077 0008 01", "", OP_CONTROL, ACT_STOP },
		{ "31 0000 04f2 0000 0001 000003c0 34 00000034 01 9077 0008 03", "", OP_CONTROL, ACT_START },
		{ "31 0000 04f2 0000 0001 000003c0 34 00000034 01 9077 0008 05", "", OP_CONTROL, ACT_MODE_CHANGE },
		{ "31 0000 04f2 0000 0001 000003c0 34 8a0e0002 01 9078 0008 03", "DB2", OP_WRITE, ACT_NONE },
		{ "31 0000 0542 0000 0001 000003c0 34 000003c0 01", "", OP_SESSION, ACT_NONE },
		{ "31 0000 0542 0000 0001 000003c0 34 00000000 01 06 00 88d0b88005 02 9376 0a", "", OP_WRITE, ACT_NONE },
		{ "31 0000 04bb 0000 0001 000003c0 34 00000003 00", "", OP_PROGRAM, ACT_PROGRAM_UPLOAD },
		{ "31 0000 04bb 0000 0001 000003c0 34 00000072 00", "", OP_DIAGNOSE, ACT_NONE },
		{ "31 0000 04d4 0000 0001 000003c0 34 8a0e0007 00", "DB7", OP_PROGRAM, ACT_PROGRAM_DELETE },
		{ "31 0000 04d4 0000 0001 000003c0 34 000003c0 00", "", OP_SESSION, ACT_NONE },
		{ "31 0000 04ca 0000 0001 00000120 36 0000011d 0004 00 00000000 a1 000000d3 821f 0000", "", OP_SESSION, ACT_NONE },
		{ "31 0000 04ca 0000 0001 000003c0 34 000003c0 0004 00 00000000 a1 7fffc001 8769 0000", "", OP_READ, ACT_NONE },
		{ "31 0000 04ca 0000 0001 000003c0 34 00000003 0004 00 00000000 a1 8a320001 9457 2000 a381690015 04 4d61696e",
		  "OB1", OP_PROGRAM, ACT_PROGRAM_DOWNLOAD },
		{ "31 0000 0666 0000 0001 000003c0 34 00000003", "", OP_OTHER, ACT_NONE },
	};

	(void)state;
	for (unsigned i = 0; i < sizeof requests / sizeof requests[0]; i++) {
		connect_s7();
		plus(CLIENT, requests[i].body, true);
		assert_int_equal(n_said, 1);
		assert_int_equal(said[0].op, requests[i].op);
		assert_int_equal(said[0].act, requests[i].act);
		assert_true(tag_is(&said[0], requests[i].tag));
		end_talk();
	}
}

static void a_message_in_several_packets_is_said_once(void **state)
{
	(void)state;
	connect_s7();
	plus(CLIENT, "31 0000 04ca 0000 0001 000003c0 34 00000003 0004 00 00000000 a1 8a320001 9457 2000", false);
	assert_int_equal(n_said, 1);
	plus(CLIENT, "31 0000 04f2 0000 0002 000003c0 34 00000034 01 9077 0008 01", false);     /* content, whatever it looks like */
	assert_int_equal(n_said, 0);
	plus(CLIENT, "00112233", true);
	assert_int_equal(n_said, 0);
	plus(CLIENT, "31 0000 04f2 0000 0002 000003c0 34 00000034 01 9077 0008 01", true);
	assert_int_equal(n_said, 1);
	assert_int_equal(said[0].act, ACT_STOP);
	end_talk();
}

/* From the middle: what may be the rest of a message whose head was not seen is not taken for one. */
static void the_middle_of_a_message_says_nothing(void **state)
{
	(void)state;
	begin_talk(49152, 102, 0);
	plus(CLIENT, "00112233445566778899", true);
	assert_int_equal(n_said, 0);
	plus(CLIENT, "31 0000 04f2 0000 0002 000003c0 34 00000034 01 9077 0008 01", true);
	assert_int_equal(n_said, 1);
	end_talk();
}

static void the_session_tells_who_the_plc_is(void **state)
{
	(void)state;
	connect_s7();
	plus(SERVER, "32 0000 04ca 0000 0001 36 11 02 8760 870d a1 00000120 823f0015 1b"
		     "313b36455337203231342d31484533302d30584230203b56322e32", true);
	assert_true(said[0].has & HAS_IDENTITY);
	assert_string_equal(said[0].identity.order_number, "6ES7 214-1HE30-0XB0");
	assert_string_equal(said[0].identity.firmware, "V2.2");
	/* The record that PROFINET calls I&M0 has the serial number as well. */
	plus(SERVER, "32 0000 0586 0000 0004 34 00 00 14 003c 002000380100 002a 36455337203231342d31484533302d3058423020"
		     "5320432d583155323334353637383930 0002 56020200", true);
	assert_true(said[0].has & HAS_IDENTITY);
	assert_int_equal(said[0].identity.vendor_id, 42);
	assert_string_equal(said[0].identity.serial, "S C-X1U234567890");
	assert_string_equal(said[0].identity.hardware, "2");
	assert_string_equal(said[0].identity.firmware, "V2.2.0");
	end_talk();
}

static void what_is_hidden_is_said_to_be(void **state)
{
	(void)state;
	connect_s7();
	plus(CLIENT, "7f 0102030405060708", true);
	assert_int_equal(n_said, 1);
	assert_string_equal(said[0].func_name, "opaque");
	assert_false(said[0].has & (HAS_OPCODE | HAS_FUNC));
	assert_int_equal(said[0].anomalies, 0);
	say(CLIENT, "160301000501");
	assert_int_equal(n_said, 0);                    /* nobody said that TLS would follow */
	plus(CLIENT, "31 0000 05b3 0000 0001 00000120 34 00", true);
	plus(SERVER, "32 0000 05b3 0000 0001 34 00 00", true);
	say(CLIENT, "160301000501");
	assert_int_equal(n_said, 1);
	assert_string_equal(said[0].func_name, "opaque");
	end_talk();
}

static void half_a_header_says_no_function(void **state)
{
	(void)state;
	connect_s7();
	plus(CLIENT, "3100", true);
	assert_int_equal(n_said, 1);
	assert_true(has_anomaly(&said[0], ANOM_TRUNCATED_PDU));
	assert_false(said[0].has & HAS_FUNC);
	end_talk();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(requests_are_paired_by_their_sequence),
		cmocka_unit_test(what_a_request_amounts_to),
		cmocka_unit_test(a_message_in_several_packets_is_said_once),
		cmocka_unit_test(the_middle_of_a_message_says_nothing),
		cmocka_unit_test(the_session_tells_who_the_plc_is),
		cmocka_unit_test(what_is_hidden_is_said_to_be),
		cmocka_unit_test(half_a_header_says_no_function),
	};

	return cmocka_run_group_tests_name("s7_plus", tests, NULL, NULL);
}
