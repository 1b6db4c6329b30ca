/* S7comm through the core: what users rely on, and what hostile bytes must not do. */
#include "s7_talk.h"

#define READ_DB1 "04 01 120a10020004000184000050"       /* DB1, four bytes from 10 */
#define OK_4 "ff040020 01020304"

static void a_read_is_answered_with_its_target_and_value(void **state)
{
	(void)state;
	connect_s7();
	assert_int_equal(n_said, 0);                    /* a connect alone says nothing of S7 */
	say(CLIENT, "32010000 0007 000e 0000" READ_DB1);
	assert_int_equal(n_said, 1);
	assert_int_equal(said[0].dir, DIR_REQUEST);
	assert_int_equal(said[0].op, OP_READ);
	assert_int_equal(said[0].unit, 2);
	assert_string_equal(said[0].space, "db");
	assert_int_equal(said[0].block, 1);
	assert_int_equal(said[0].first, 10);
	assert_int_equal(said[0].count, 4);
	say(SERVER, "32030000 0007 0002 0008 0000 0401" OK_4);
	assert_int_equal(n_said, 1);
	assert_int_equal(said[0].dir, DIR_RESPONSE);
	assert_true(said[0].has & HAS_REQUEST);
	assert_int_equal(said[0].first, 10);
	assert_int_equal(said[0].value_len, 4);
	assert_int_equal(said[0].outcome, OUTCOME_OK);
	assert_int_equal(said[0].status, 0);            /* 0xff on the wire */
	assert_int_equal(said[0].part, 0);
	end_talk();
}

static void items_are_parts_with_fill_bytes_between(void **state)
{
	(void)state;
	connect_s7();
	say(CLIENT, "32010000 0001 0026 0013"
		    "0503 120a10020003000184000000 120a10020001000083000008 120a10020001000081000010"
		    "00040018aabbcc00 00040008dd00 00040008ee");
	assert_int_equal(n_said, 3);
	for (unsigned i = 0; i < 3; i++) {
		assert_int_equal(said[i].part, i + 1);
		assert_int_equal(said[i].parts, 3);
		assert_int_equal(said[i].anomalies, 0);
	}
	assert_int_equal(said[0].value[2], 0xcc);
	assert_int_equal(said[1].value[0], 0xdd);
	assert_int_equal(said[1].first, 1);
	assert_int_equal(said[2].value[0], 0xee);
	say(SERVER, "32030000 0001 0002 0003 0000 0503 ff0aff");
	assert_int_equal(n_said, 3);
	assert_int_equal(said[1].outcome, OUTCOME_ERROR);
	assert_string_equal(said[1].status_name, "object_missing");
	assert_string_equal(said[1].space, "flags");
	assert_int_equal(said[2].outcome, OUTCOME_OK);
	end_talk();
}

static void a_refused_item_has_a_length_and_no_data(void **state)
{
	(void)state;
	connect_s7();
	say(CLIENT, "32010000 0001 001a 0000 0402 120a10020004000984000000 120a10020001000083000000");
	say(SERVER, "32030000 0001 0002 0009 0000 0402 0a000004 ff04000877");
	assert_int_equal(n_said, 2);
	assert_int_equal(said[0].status, 0x0a);
	assert_false(said[0].has & HAS_VALUE);
	assert_int_equal(said[1].value[0], 0x77);
	assert_int_equal(said[1].anomalies, 0);
	end_talk();
}

static void a_refusal_in_the_header_answers_every_item(void **state)
{
	(void)state;
	connect_s7();
	say(CLIENT, "32010000 0001 001a 0000 0402 120a10020004000984000000 120a10020001000083000000");
	say(SERVER, "32030000 0001 0002 0000 8703 0400");
	assert_int_equal(n_said, 2);
	assert_int_equal(said[0].status, 0x8703);
	assert_int_equal(said[1].status, 0x8703);
	assert_string_equal(said[1].space, "flags");
	assert_int_equal(said[0].outcome, OUTCOME_ERROR);
	/* rosctr 2 names no function: the reference tells, and no function is printed. */
	say(CLIENT, "32010000 0002 0012 0000 1d 00 0000 00000000 09 5f3045303030303341");
	say(SERVER, "32020000 0002 0000 0000 d241");
	assert_int_equal(n_said, 1);
	assert_false(said[0].has & HAS_FUNC);
	assert_int_equal(said[0].act, ACT_PROGRAM_UPLOAD);
	assert_true(tag_is(&said[0], "FB3"));
	assert_int_equal(said[0].status, 0xd241);
	end_talk();
}

static void answers_out_of_order_find_their_requests(void **state)
{
	(void)state;
	connect_s7();
	say(CLIENT, "32010000 0001 000e 0000 0401 120a10020001000083000000");
	say(CLIENT, "32010000 0002 000e 0000 0401 120a10020001000083000008");
	say(SERVER, "32030000 0002 0002 0005 0000 0401 ff04000822");
	assert_int_equal(said[0].first, 1);
	say(SERVER, "32030000 0001 0002 0005 0000 0401 ff04000811");
	assert_int_equal(said[0].first, 0);
	end_talk();
}

/* The PLC asks for the block, and it is the engineering station that does it. */
static void the_plcs_own_jobs_belong_to_the_station(void **state)
{
	(void)state;
	connect_s7();
	say(CLIENT, "32010000 0001 0020 0000 1a00010000000000 09 5f3041303030313050 0d 31303030333030303030313030");
	assert_false(said[0].flags & EV_CLIENT_IS_DST);
	assert_true(tag_is(&said[0], "DB10"));
	say(SERVER, "32010000 0100 0012 0000 1b00000000000000 09 5f3041303030313050");
	assert_int_equal(said[0].dir, DIR_REQUEST);
	assert_true(said[0].flags & EV_CLIENT_IS_DST);
	assert_int_equal(said[0].act, ACT_PROGRAM_DOWNLOAD);
	say(CLIENT, "32030000 0100 0002 0006 0000 1b01 000200fb7070");
	assert_int_equal(said[0].dir, DIR_RESPONSE);
	assert_false(said[0].flags & EV_CLIENT_IS_DST);
	assert_true(tag_is(&said[0], "DB10"));
	end_talk();
}

static void an_upload_is_known_by_its_id(void **state)
{
	(void)state;
	connect_s7();
	say(CLIENT, "32010000 0001 0012 0000 1d00000000000000 09 5f3045303030303341");
	say(SERVER, "32030000 0001 0010 0000 0000 1d00010000000007 07 30303030323136");
	say(CLIENT, "32010000 0002 0008 0000 1e00000000000007");
	assert_true(tag_is(&said[0], "FB3"));
	say(SERVER, "32030000 0002 0002 0006 0000 1e00 000200fb7070");
	assert_true(tag_is(&said[0], "FB3"));
	say(CLIENT, "32010000 0003 0008 0000 1f00000000000007");
	assert_true(tag_is(&said[0], "FB3"));
	say(CLIENT, "32010000 0004 0008 0000 1e00000000000007");     /* closed: nothing is known of it */
	assert_int_equal(said[0].tag_len, 0);
	end_talk();
}

static void services_say_what_they_amount_to(void **state)
{
	static const struct { const char *hex, *tag; uint8_t op, act; } services[] = {
		{ "32010000 0001 001a 0000 28000000000000fd 000a 0100 3041303030303150 05 5f494e5345", "_INSE DB1",
		  OP_PROGRAM, ACT_PROGRAM_DOWNLOAD },
		{ "32010000 0001 001a 0000 28000000000000fd 000a 0100 3045303030303350 05 5f44454c45", "_DELE FB3",
		  OP_PROGRAM, ACT_PROGRAM_DELETE },
		{ "32010000 0001 0012 0000 28000000000000fd 0002 4550 05 5f4d4f4455", "_MODU EP", OP_PROGRAM,
		  ACT_PROGRAM_DOWNLOAD },
		{ "32010000 0001 0014 0000 28000000000000fd 0000 09 505f50524f4752414d", "P_PROGRAM", OP_CONTROL, ACT_START },
		{ "32010000 0001 0016 0000 28000000000000fd 0002 4320 09 505f50524f4752414d", "P_PROGRAM C", OP_CONTROL,
		  ACT_START },
		{ "32010000 0001 0010 0000 290000000000 09 505f50524f4752414d", "P_PROGRAM", OP_CONTROL, ACT_STOP },
		/* A password is never shown. */
		{ "32010000 0001 0019 0000 28000000000000fd 0005 0453455352 09 5f4e5f4c4f47494e5f", "_N_LOGIN_", OP_SESSION,
		  ACT_CREDENTIAL },
	};

	(void)state;
	for (unsigned i = 0; i < sizeof services / sizeof services[0]; i++) {
		connect_s7();
		say(CLIENT, services[i].hex);
		assert_int_equal(n_said, 1);
		assert_true(tag_is(&said[0], services[i].tag));
		assert_int_equal(said[0].op, services[i].op);
		assert_int_equal(said[0].act, services[i].act);
		end_talk();
	}
}

static void userdata_says_what_it_amounts_to(void **state)
{
	static const struct { const char *hex; uint8_t dir, op, act; } messages[] = {
		{ "32070000 0001 0008 000e 0001120411470200 ff09000a 00192603020831000002", DIR_REQUEST, OP_WRITE, ACT_TIME_CHANGE },
		{ "32070000 0001 0008 0006 0001120411410c00 ff090002 0000", DIR_REQUEST, OP_CONTROL, ACT_MEMORY_RESET },
		{ "32070000 0001 0008 0006 0001120411410900 ff090002 0000", DIR_REQUEST, OP_CONTROL, ACT_FORCE },
		{ "32070000 0001 0008 0006 0001120411010900 ff090002 0000", DIR_NOTIFY, OP_DIAGNOSE, ACT_NONE },
		{ "32070000 0001 0008 000c 0001120411450100 ff090008 6456106457116516", DIR_REQUEST, OP_SESSION, ACT_CREDENTIAL },
		{ "32070000 0001 0008 000e 0001120411440700 ff09000a 0001 1206150060000001", DIR_REQUEST, OP_CONTROL,
		  ACT_ALARM_SUPPRESSION },
		{ "32070000 0000 0008 0000 0100101000000000", DIR_NOTIFY, OP_CONTROL, ACT_MODE_CHANGE },
		/* Routed records use the bits above: they are no mode transition. */
		{ "32070000 0001 0008 0004 0001120411600300 0a000000", DIR_REQUEST, OP_OTHER, ACT_NONE },
		{ "32070000 0001 0008 0004 00011204117f0100 0a000000", DIR_REQUEST, OP_PROGRAM, ACT_PROGRAM_DOWNLOAD },
	};

	(void)state;
	for (unsigned i = 0; i < sizeof messages / sizeof messages[0]; i++) {
		connect_s7();
		say(messages[i].dir == DIR_NOTIFY ? SERVER : CLIENT, messages[i].hex);
		assert_int_equal(n_said, 1);
		assert_int_equal(said[0].dir, messages[i].dir);
		assert_int_equal(said[0].op, messages[i].op);
		assert_int_equal(said[0].act, messages[i].act);
		if (said[0].act == ACT_CREDENTIAL)
			assert_false(said[0].has & HAS_VALUE);
		end_talk();
	}
}

/* A list in two data units: target and identity stand on the last. */
static void data_units_are_joined_before_they_are_read(void **state)
{
	(void)state;
	connect_s7();
	say(CLIENT, "32070000 0001 0008 0008 0001120411440100 ff090004 001c0000");
	assert_int_equal(said[0].block, 0x1c);
	say(SERVER, "32070000 0001 000c 0018 000112081284010131010000 ff090014 001c0000 000c 0002 0002 436170706572 00000000");
	assert_int_equal(n_said, 1);
	assert_null(said[0].space);
	assert_false(said[0].has & HAS_IDENTITY);
	assert_int_equal(said[0].op, OP_IDENTIFY);
	say(CLIENT, "32070000 0002 000c 0004 000112081244010131000000 0a000000");
	assert_null(said[0].space);
	say(SERVER, "32070000 0002 000c 0010 000112081284010131000000 ff09000c 0007 43505520333135 000000");
	assert_int_equal(n_said, 1);
	assert_string_equal(said[0].space, "szl");
	assert_int_equal(said[0].block, 0x1c);
	assert_true(said[0].has & HAS_IDENTITY);
	assert_string_equal(said[0].identity.name, "Capper");
	assert_string_equal(said[0].identity.product, "CPU 315");
	end_talk();
}

static void sub_functions_are_not_mixed_up_in_pairing(void **state)
{
	(void)state;
	connect_s7();
	say(CLIENT, "32070000 0001 0008 0004 0001120411430100 0a000000");        /* list blocks */
	say(CLIENT, "32070000 0001 0008 0006 0001120411430200 ff090002 3041");   /* of one type, the same reference */
	say(SERVER, "32070000 0001 000c 0008 000112081283020100000000 ff090004 00012205");
	assert_int_equal(said[0].sub, 2);
	assert_true(tag_is(&said[0], "DB"));
	end_talk();
}

static void fragments_are_joined_and_empty_ones_passed_over(void **state)
{
	(void)state;
	connect_s7();
	say_tpdu(CLIENT, "02f000", "");
	assert_int_equal(n_said, 0);
	say_tpdu(CLIENT, "02f000", "32");
	say_tpdu(CLIENT, "02f000", "010000 0007 000e 0000 0401");
	assert_int_equal(n_said, 0);
	say_tpdu(CLIENT, "02f080", "120a10020004000184000050");
	assert_int_equal(n_said, 1);
	assert_int_equal(said[0].first, 10);
	assert_int_equal(said[0].anomalies, 0);
	end_talk();
}

static void fragments_without_an_end_are_given_up(void **state)
{
	uint8_t b[1200] = { 3, 0, 1200 >> 8, 1200 & 0xff, 2, 0xf0, 0, 0x32, 1 };
	unsigned total = 0;

	(void)state;
	connect_s7();
	for (int i = 0; i < 200; i++) {
		say_bytes(CLIENT, b, sizeof b, SAID_WHOLE);
		total += n_said;
	}
	assert_int_equal(total, 1);             /* said once that it could not be put together */
	say(CLIENT, "32010000 0007 000e 0000" READ_DB1);
	assert_int_equal(n_said, 0);            /* the end of the endless message */
	say(CLIENT, "32010000 0007 000e 0000" READ_DB1);
	assert_int_equal(n_said, 1);
	assert_int_equal(said[0].anomalies, 0);
	end_talk();
}

static void mms_on_port_102_says_nothing(void **state)
{
	(void)state;
	begin_talk(49152, 102, 0);
	say_tpdu(CLIENT, "11e00000000100c0010ac1020001c2020001", "");
	say_tpdu(SERVER, "11d00001000200c0010ac1020001c2020001", "");
	say(CLIENT, "0d1c0506130100160201140200023302000134020001");
	assert_int_equal(n_said, 0);
	say_tpdu(CLIENT, "02f000", "0100010061");
	say_tpdu(CLIENT, "02f080", "3201000000070000");         /* the middle of an MMS message, not S7 */
	assert_int_equal(n_said, 0);
	end_talk();
}

/* After a hole the first bytes may be the rest of a message: nothing is said of what does not add up. */
static void a_tail_after_a_gap_is_not_called_malformed(void **state)
{
	uint8_t b[64];
	uint32_t n = packet("02f080", "3201 aabbccddeeff", b, sizeof b);

	(void)state;
	connect_s7();
	say_bytes(CLIENT, b, n, SAID_AFTER_GAP);
	assert_int_equal(n_said, 0);
	say(CLIENT, "32010000 0007 000e 0000" READ_DB1);
	assert_int_equal(n_said, 1);
	assert_int_equal(said[0].anomalies, 0);
	end_talk();
}

static void wrong_lengths_are_named_and_nothing_is_made_up(void **state)
{
	(void)state;
	connect_s7();
	say(CLIENT, "32010000 0007 00ff 0000" READ_DB1);
	assert_true(has_anomaly(&said[0], ANOM_TRUNCATED_PDU));
	say(CLIENT, "32010000 0007 000e 0000" READ_DB1 "00");
	assert_true(has_anomaly(&said[0], ANOM_TRAILING_BYTES));
	assert_int_equal(said[0].first, 10);
	say(CLIENT, "32010000 0007 000e 0000 04ff 120a10020004000184000050");
	assert_int_equal(n_said, 2);
	assert_int_equal(said[0].anomalies, 0);
	assert_true(has_anomaly(&said[1], ANOM_TRUNCATED_PDU));
	assert_false(said[1].has & HAS_FIRST);
	say(CLIENT, "32010000 0007 0002 0000 0400");
	assert_true(has_anomaly(&said[0], ANOM_BAD_COUNT));
	say(CLIENT, "320100");
	assert_false(said[0].has & HAS_TXN);
	say(CLIENT, "32010000 0007 0001 0000 77");
	assert_true(has_anomaly(&said[0], ANOM_UNKNOWN_FUNCTION));
	assert_int_equal(said[0].op, OP_OTHER);
	end_talk();
}

static void what_the_capture_cut_is_nobodys_fault(void **state)
{
	uint8_t b[64];
	uint32_t n = packet("02f080", "32010000 0007 000e 0000" READ_DB1, b, sizeof b);

	(void)state;
	connect_s7();
	say_bytes(CLIENT, b, n - 6, SAID_CUT);
	assert_int_equal(n_said, 1);
	assert_int_equal(said[0].op, OP_READ);
	assert_int_equal(said[0].anomalies, 0);
	assert_false(said[0].has & HAS_FIRST);
	end_talk();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_read_is_answered_with_its_target_and_value),
		cmocka_unit_test(items_are_parts_with_fill_bytes_between),
		cmocka_unit_test(a_refused_item_has_a_length_and_no_data),
		cmocka_unit_test(a_refusal_in_the_header_answers_every_item),
		cmocka_unit_test(answers_out_of_order_find_their_requests),
		cmocka_unit_test(the_plcs_own_jobs_belong_to_the_station),
		cmocka_unit_test(an_upload_is_known_by_its_id),
		cmocka_unit_test(services_say_what_they_amount_to),
		cmocka_unit_test(userdata_says_what_it_amounts_to),
		cmocka_unit_test(data_units_are_joined_before_they_are_read),
		cmocka_unit_test(sub_functions_are_not_mixed_up_in_pairing),
		cmocka_unit_test(fragments_are_joined_and_empty_ones_passed_over),
		cmocka_unit_test(fragments_without_an_end_are_given_up),
		cmocka_unit_test(mms_on_port_102_says_nothing),
		cmocka_unit_test(a_tail_after_a_gap_is_not_called_malformed),
		cmocka_unit_test(wrong_lengths_are_named_and_nothing_is_made_up),
		cmocka_unit_test(what_the_capture_cut_is_nobodys_fault),
	};

	return cmocka_run_group_tests_name("s7comm", tests, NULL, NULL);
}
