/* Modbus: what each function says in request, response and refusal; whose answer is whose; who asks. The
 * bytes of the standard's own examples (MAP, section 6) where it has some. */
#include "modbus_talk.h"

/* --- bits and registers ------------------------------------------------------------------ */

static void a_read_has_its_target_in_both_directions(void **state)
{
	(void)state;
	begin_usual();
	say(CLIENT, "0001 0000 0006 11 01 0013 0013");
	assert_int_equal(n_said, 1);
	assert_int_equal(said[0].proto, PROTO_MODBUS);
	assert_int_equal(said[0].dir, DIR_REQUEST);
	assert_int_equal(said[0].op, OP_READ);
	assert_int_equal(said[0].func, 1);
	assert_int_equal(said[0].unit, 0x11);
	assert_int_equal(said[0].txn, 1);
	assert_string_equal(said[0].space, "coils");
	assert_int_equal(said[0].granule, GRANULE_BIT);
	assert_int_equal(said[0].first, 19);
	assert_int_equal(said[0].count, 19);
	assert_int_equal(said[0].outcome, OUTCOME_NONE);
	assert_int_equal(said[0].anomalies, 0);
	say(SERVER, "0001 0000 0006 11 01 03 cd6b05");
	assert_int_equal(n_said, 1);
	assert_int_equal(said[0].dir, DIR_RESPONSE);
	assert_int_equal(said[0].outcome, OUTCOME_OK);
	assert_int_equal(said[0].first, 19);
	assert_int_equal(said[0].count, 19);
	assert_int_equal(said[0].value_total, 3);
	assert_memory_equal(said[0].value, "\xcd\x6b\x05", 3);
	assert_true(said[0].has & HAS_REQUEST);
	assert_int_equal(said[0].req_frame, 1);
	assert_int_equal(said[0].latency_us, 1000);
	assert_true(said[0].flags & EV_CLIENT_IS_DST);
	assert_int_equal(said[0].anomalies, 0);
	end_talk();
}

static void spaces_and_granules_follow_the_function(void **state)
{
	static const struct { const char *hex, *space; uint8_t granule; } row[] = {
		{ "0001 0000 0006 01 02 00c4 0016", "discrete_inputs", GRANULE_BIT },
		{ "0001 0000 0006 01 03 006b 0003", "holding_registers", GRANULE_WORD },
		{ "0001 0000 0006 01 04 0008 0001", "input_registers", GRANULE_WORD },
		{ "0001 0000 0004 01 18 04de", "fifo", GRANULE_WORD },
	};

	(void)state;
	for (unsigned i = 0; i < sizeof row / sizeof row[0]; i++) {
		begin_usual();
		say(CLIENT, row[i].hex);
		assert_int_equal(n_said, 1);
		assert_string_equal(said[0].space, row[i].space);
		assert_int_equal(said[0].granule, row[i].granule);
		assert_int_equal(said[0].op, OP_READ);
		end_talk();
	}
}

static void a_write_says_what_is_written(void **state)
{
	(void)state;
	begin_usual();
	say(CLIENT, "0001 0000 0006 01 05 00ac ff00");
	assert_int_equal(said[0].op, OP_WRITE);
	assert_int_equal(said[0].first, 0xac);
	assert_int_equal(said[0].count, 1);
	assert_int_equal(said[0].value_len, 2);
	assert_memory_equal(said[0].value, "\xff\x00", 2);
	say(SERVER, "0001 0000 0006 01 05 00ac ff00");
	assert_int_equal(said[0].outcome, OUTCOME_OK);
	assert_int_equal(said[0].op, OP_WRITE);
	say(CLIENT, "0002 0000 000d 01 10 0001 0002 04 000a0102 9999");
	assert_true(has_anomaly(&said[0], ANOM_TRAILING_BYTES));
	say(CLIENT, "0003 0000 000b 01 10 0001 0002 04 000a0102");
	assert_int_equal(said[0].anomalies, 0);
	assert_int_equal(said[0].first, 1);
	assert_int_equal(said[0].count, 2);
	assert_int_equal(said[0].value_total, 4);
	say(SERVER, "0003 0000 0006 01 10 0001 0002");
	assert_int_equal(said[0].first, 1);
	assert_int_equal(said[0].count, 2);
	assert_int_equal(said[0].outcome, OUTCOME_OK);
	say(CLIENT, "0004 0000 0009 01 0f 0013 000a 02 cd01");
	assert_int_equal(said[0].granule, GRANULE_BIT);
	assert_int_equal(said[0].count, 10);
	assert_int_equal(said[0].anomalies, 0);
	say(CLIENT, "0005 0000 0008 01 16 0004 00f2 0025");
	assert_int_equal(said[0].op, OP_WRITE);
	assert_int_equal(said[0].count, 1);
	assert_memory_equal(said[0].value, "\x00\xf2\x00\x25", 4);
	end_talk();
}

static void a_coil_value_that_does_not_exist_is_still_a_record(void **state)
{
	(void)state;
	begin_usual();
	say(CLIENT, "0001 0000 0006 01 05 00ac 0100");
	assert_int_equal(n_said, 1);
	assert_int_equal(said[0].op, OP_WRITE);
	assert_true(has_anomaly(&said[0], ANOM_BAD_VALUE));
	end_talk();
}

static void counts_and_ranges_outside_the_standard_are_told(void **state)
{
	(void)state;
	begin_usual();
	say(CLIENT, "0001 0000 0006 01 03 0000 007e");
	assert_true(has_anomaly(&said[0], ANOM_BAD_COUNT));
	say(CLIENT, "0002 0000 0006 01 03 0000 0000");
	assert_true(has_anomaly(&said[0], ANOM_BAD_COUNT));
	say(CLIENT, "0003 0000 0006 01 01 0000 07d0");
	assert_int_equal(said[0].anomalies, 0);
	say(CLIENT, "0004 0000 0006 01 03 ffff 0001");
	assert_int_equal(said[0].anomalies, 0);
	say(CLIENT, "0005 0000 0006 01 03 ffff 0002");
	assert_true(has_anomaly(&said[0], ANOM_BAD_ADDRESS));
	say(CLIENT, "0006 0000 000b 01 10 0001 0003 04 000a0102");
	assert_true(has_anomaly(&said[0], ANOM_BAD_LENGTH));
	say(CLIENT, "0007 0000 0004 01 03 0000");
	assert_true(has_anomaly(&said[0], ANOM_TRUNCATED_PDU));
	assert_int_equal(said[0].op, OP_READ);
	end_talk();
}

static void a_read_and_a_write_in_one_are_two_parts(void **state)
{
	(void)state;
	begin_usual();
	say(CLIENT, "0001 0000 0011 01 17 0003 0006 000e 0003 06 00ff00ff00ff");
	assert_int_equal(n_said, 2);
	assert_int_equal(said[0].part, 1);
	assert_int_equal(said[0].parts, 2);
	assert_int_equal(said[0].op, OP_READ);
	assert_int_equal(said[0].first, 3);
	assert_int_equal(said[0].count, 6);
	assert_false(said[0].has & HAS_VALUE);
	assert_int_equal(said[1].op, OP_WRITE);
	assert_int_equal(said[1].part, 2);
	assert_int_equal(said[1].first, 14);
	assert_int_equal(said[1].count, 3);
	assert_int_equal(said[1].value_total, 6);
	say(SERVER, "0001 0000 000f 01 17 0c 00fe0acd00010003000d00ff");
	assert_int_equal(n_said, 2);
	assert_int_equal(said[0].op, OP_READ);
	assert_int_equal(said[0].first, 3);
	assert_int_equal(said[0].value_total, 12);
	assert_int_equal(said[1].op, OP_WRITE);
	assert_int_equal(said[1].first, 14);
	assert_int_equal(said[1].outcome, OUTCOME_OK);
	assert_false(said[1].has & HAS_VALUE);
	assert_true(said[1].has & HAS_REQUEST);
	end_talk();
}

static void a_refused_read_and_write_refuses_both_parts(void **state)
{
	(void)state;
	begin_usual();
	say(CLIENT, "0001 0000 000d 01 17 0003 0006 000e 0001 02 00ff");
	say(SERVER, "0001 0000 0003 01 97 02");
	assert_int_equal(n_said, 2);
	assert_int_equal(said[0].op, OP_READ);
	assert_int_equal(said[1].op, OP_WRITE);
	assert_int_equal(said[1].outcome, OUTCOME_ERROR);
	assert_int_equal(said[1].status, 2);
	assert_int_equal(said[1].parts, 2);
	end_talk();
}

static void a_fifo_tells_its_values(void **state)
{
	(void)state;
	begin_usual();
	say(CLIENT, "0001 0000 0004 01 18 04de");
	say(SERVER, "0001 0000 000a 01 18 0006 0002 01b8 1284");
	assert_int_equal(said[0].value_total, 4);
	assert_int_equal(said[0].first, 0x4de);
	assert_int_equal(said[0].anomalies, 0);
	end_talk();
}

/* --- refusals ---------------------------------------------------------------------------- */

static void refusals_have_code_and_name(void **state)
{
	(void)state;
	begin_usual();
	say(CLIENT, "0001 0000 0006 01 03 0000 0001");
	say(SERVER, "0001 0000 0003 01 83 02");
	assert_int_equal(said[0].func, 3);
	assert_int_equal(said[0].outcome, OUTCOME_ERROR);
	assert_int_equal(said[0].status, 2);
	assert_string_equal(said[0].status_name, "illegal_data_address");
	assert_int_equal(said[0].first, 0);
	assert_int_equal(said[0].count, 1);
	say(CLIENT, "0002 0000 0006 01 06 0000 0001");
	say(SERVER, "0002 0000 0003 01 86 05");
	assert_int_equal(said[0].outcome, OUTCOME_PENDING);
	assert_string_equal(said[0].status_name, "acknowledge");
	say(CLIENT, "0003 0000 0006 01 06 0000 0001");
	say(SERVER, "0003 0000 0003 01 86 2a");
	assert_int_equal(said[0].outcome, OUTCOME_ERROR);
	assert_true(has_anomaly(&said[0], ANOM_BAD_VALUE));
	say(SERVER, "0004 0000 0003 01 86 00");
	assert_int_equal(said[0].outcome, OUTCOME_ERROR);
	end_talk();
}

/* --- diagnostics and identity ------------------------------------------------------------ */

static void diagnostics_are_told_apart(void **state)
{
	static const struct { const char *hex, *name; uint8_t op, act; } row[] = {
		{ "0001 0000 0006 01 08 0000 a537", "return_query_data", OP_DIAGNOSE, ACT_NONE },
		{ "0001 0000 0006 01 08 0001 0000", "restart_communications_option", OP_CONTROL, ACT_RESTART },
		{ "0001 0000 0006 01 08 0001 ff00", "restart_communications_option", OP_CONTROL, ACT_RESTART },
		{ "0001 0000 0006 01 08 0004 0000", "force_listen_only_mode", OP_CONTROL, ACT_BLOCK_COMMUNICATION },
		{ "0001 0000 0006 01 08 000a 0000", "clear_counters_and_diagnostic_register", OP_CONTROL, ACT_CLEAR_LOG },
		{ "0001 0000 0006 01 08 000b 0000", "return_bus_message_count", OP_DIAGNOSE, ACT_NONE },
		{ "0001 0000 0006 01 08 0014 0000", "clear_overrun_counter_and_flag", OP_CONTROL, ACT_NONE },
	};

	(void)state;
	for (unsigned i = 0; i < sizeof row / sizeof row[0]; i++) {
		begin_usual();
		say(CLIENT, row[i].hex);
		assert_int_equal(n_said, 1);
		assert_string_equal(said[0].func_name, row[i].name);
		assert_int_equal(said[0].op, row[i].op);
		assert_int_equal(said[0].act, row[i].act);
		assert_true(said[0].has & HAS_SUB);
		assert_int_equal(said[0].anomalies, 0);
		end_talk();
	}
	begin_usual();
	say(CLIENT, "0001 0000 0006 01 08 0005 0000");
	assert_true(has_anomaly(&said[0], ANOM_UNKNOWN_FUNCTION));
	assert_int_equal(said[0].op, OP_DIAGNOSE);
	say(CLIENT, "0001 0000 0006 01 08 0001 1234");
	assert_true(has_anomaly(&said[0], ANOM_BAD_VALUE));
	end_talk();
}

static void a_refused_restart_is_a_restart(void **state)
{
	(void)state;
	begin_usual();
	say(CLIENT, "0001 0000 0006 0a 08 0001 0000");
	say(SERVER, "0001 0000 0003 0a 88 0b");
	assert_int_equal(said[0].act, ACT_RESTART);
	assert_int_equal(said[0].sub, 1);
	assert_int_equal(said[0].outcome, OUTCOME_ERROR);
	end_talk();
}

static void device_identification_is_read(void **state)
{
	(void)state;
	begin_usual();
	say(CLIENT, "0001 0000 0005 01 2b 0e 01 00");
	assert_int_equal(said[0].sub, 14);
	assert_int_equal(said[0].op, OP_IDENTIFY);
	say(SERVER, "0001 0000 0019 01 2b 0e 01 01 ff 02 03 00 03 414243 01 04 58392d31 02 04 56312e32");
	assert_int_equal(n_said, 1);
	assert_true(said[0].has & HAS_IDENTITY);
	assert_string_equal(said[0].identity.vendor, "ABC");
	assert_string_equal(said[0].identity.order_number, "X9-1");
	assert_string_equal(said[0].identity.firmware, "V1.2");
	assert_string_equal(said[0].identity.product, "");
	assert_int_equal(said[0].anomalies, 0);
	say(CLIENT, "0002 0000 0005 01 2b 0e 04 05");
	say(SERVER, "0002 0000 000e 01 2b 0e 04 81 00 00 01 05 04 4d4f4432");
	assert_string_equal(said[0].identity.product, "MOD2");
	end_talk();
}

static void an_object_that_ends_too_late_is_told(void **state)
{
	(void)state;
	begin_usual();
	say(CLIENT, "0001 0000 0005 01 2b 0e 01 00");
	say(SERVER, "0001 0000 000d 01 2b 0e 01 01 00 00 01 00 09 414243");
	assert_true(has_anomaly(&said[0], ANOM_TRUNCATED_PDU));
	assert_false(said[0].has & HAS_IDENTITY);
	end_talk();
}

static void the_text_of_a_server_id_is_the_product(void **state)
{
	(void)state;
	begin_usual();
	say(CLIENT, "0001 0000 0002 01 11");
	assert_int_equal(said[0].op, OP_IDENTIFY);
	say(SERVER, "0001 0000 000d 01 11 0a b4ff 4c4d42332e312e36");
	assert_string_equal(said[0].identity.product, "LMB3.1.6");
	end_talk();
}

static void canopen_may_write(void **state)
{
	(void)state;
	begin_usual();
	say(CLIENT, "0001 0000 0006 01 2b 0d 112233");
	assert_int_equal(said[0].op, OP_WRITE);
	assert_int_equal(said[0].sub, 13);
	end_talk();
}

/* --- files ------------------------------------------------------------------------------- */

static void each_group_of_a_file_read_is_a_part(void **state)
{
	(void)state;
	begin_usual();
	say(CLIENT, "0001 0000 0011 01 14 0e 06 0004 0001 0002 06 0003 0009 0002");
	assert_int_equal(n_said, 2);
	assert_string_equal(said[0].space, "file");
	assert_int_equal(said[0].block, 4);
	assert_int_equal(said[0].first, 1);
	assert_int_equal(said[0].count, 2);
	assert_int_equal(said[1].block, 3);
	assert_int_equal(said[1].first, 9);
	assert_int_equal(said[1].part, 2);
	assert_int_equal(said[1].op, OP_READ);
	say(SERVER, "0001 0000 000f 01 14 0c 05 06 0dfe0020 05 06 33cd0040");
	assert_int_equal(n_said, 2);
	assert_int_equal(said[0].block, 4);
	assert_memory_equal(said[0].value, "\x0d\xfe\x00\x20", 4);
	assert_int_equal(said[1].block, 3);
	assert_memory_equal(said[1].value, "\x33\xcd\x00\x40", 4);
	assert_int_equal(said[1].anomalies, 0);
	end_talk();
}

static void a_file_write_says_what_is_written(void **state)
{
	static const char hex[] = "0001 0000 0010 01 15 0d 06 0004 0007 0003 06af04be100d";

	(void)state;
	begin_usual();
	say(CLIENT, hex);
	assert_int_equal(n_said, 1);
	assert_int_equal(said[0].op, OP_WRITE);
	assert_int_equal(said[0].block, 4);
	assert_int_equal(said[0].first, 7);
	assert_int_equal(said[0].count, 3);
	assert_int_equal(said[0].value_total, 6);
	assert_int_equal(said[0].parts, 0);
	say(SERVER, hex);
	assert_int_equal(said[0].outcome, OUTCOME_OK);
	assert_int_equal(said[0].anomalies, 0);
	end_talk();
}

/* --- UMAS -------------------------------------------------------------------------------- */

static void umas_codes_have_their_acts(void **state)
{
	static const struct { const char *hex; uint8_t op, act; } row[] = {
		{ "0001 0000 0004 00 5a 00 02", OP_IDENTIFY, ACT_NONE },
		{ "0001 0000 000a 00 5a 00 10 434c0000 01 41", OP_SESSION, ACT_PROGRAM_LOCK },
		{ "0001 0000 0008 00 5a 01 30 00010203", OP_PROGRAM, ACT_PROGRAM_DOWNLOAD },
		{ "0001 0000 0008 00 5a 01 33 00010203", OP_PROGRAM, ACT_PROGRAM_UPLOAD },
		{ "0001 0000 0006 00 5a 01 40 ff00", OP_CONTROL, ACT_START },
		{ "0001 0000 0006 00 5a 01 41 ff00", OP_CONTROL, ACT_STOP },
		{ "0001 0000 0006 00 5a 01 42 ff00", OP_CONTROL, ACT_RESTART },
		{ "0001 0000 0006 00 5a 01 43 ff00", OP_CONTROL, ACT_MODE_CHANGE },
		{ "0001 0000 0006 00 5a 01 38 ff00", OP_SESSION, ACT_CREDENTIAL },
	};

	(void)state;
	for (unsigned i = 0; i < sizeof row / sizeof row[0]; i++) {
		begin_usual();
		say(CLIENT, row[i].hex);
		assert_int_equal(said[0].op, row[i].op);
		assert_int_equal(said[0].act, row[i].act);
		say(SERVER, "0001 0000 0006 00 5a 00 fd 8001");
		assert_int_equal(said[0].op, row[i].op);
		assert_int_equal(said[0].act, row[i].act);
		assert_int_equal(said[0].outcome, OUTCOME_ERROR);
		assert_int_equal(said[0].dir, DIR_RESPONSE);
		end_talk();
	}
}

static void umas_identity_is_read(void **state)
{
	(void)state;
	begin_usual();
	say(CLIENT, "0000 0000 0004 00 5a 00 02");
	say(SERVER, "0000 0000 0027 00 5a 00 fe 10ff 5a010100 0000 7002 0000 2700 0900 08000000 0000 0b 3134302043505520333131 00");
	assert_string_equal(said[0].identity.product, "140 CPU 311");
	assert_string_equal(said[0].identity.firmware, "2.70");
	assert_string_equal(said[0].identity.vendor, "Schneider Electric");
	assert_int_equal(said[0].sub, 2);
	assert_int_equal(said[0].outcome, OUTCOME_OK);
	end_talk();
}

static void umas_pdus_may_be_longer_than_modbus_allows(void **state)
{
	uint8_t b[6 + 1019] = { 0, 1, 0, 0, 0x03, 0xfb, 0, 0x5a, 1, 0x31, 0, 1, 5, 0, 0xf0, 3 };

	(void)state;
	begin_usual();
	say_bytes(CLIENT, b, sizeof b, SAID_WHOLE);
	assert_int_equal(n_said, 1);
	assert_int_equal(said[0].act, ACT_PROGRAM_DOWNLOAD);
	assert_int_equal(said[0].first, 5);
	b[7] = 3;
	say_bytes(CLIENT, b, sizeof b, SAID_WHOLE);
	assert_int_equal(n_said, 1);
	assert_true(has_anomaly(&said[0], ANOM_BAD_LENGTH));
	end_talk();
}

/* --- codes that nobody defined ----------------------------------------------------------- */

static void unknown_codes_are_reported_and_not_guessed(void **state)
{
	(void)state;
	begin_usual();
	say(CLIENT, "0001 0000 0006 01 41 00000000");
	assert_int_equal(said[0].op, OP_OTHER);
	assert_string_equal(said[0].func_name, "user_defined");
	assert_true(has_anomaly(&said[0], ANOM_UNKNOWN_FUNCTION));
	say(CLIENT, "0001 0000 0006 01 2a 00000000");
	assert_null(said[0].func_name);
	assert_int_equal(said[0].dir, DIR_REQUEST);
	say(SERVER, "0001 0000 0003 01 aa 01");
	assert_int_equal(said[0].func, 0x2a);
	assert_int_equal(said[0].outcome, OUTCOME_ERROR);
	assert_true(said[0].has & HAS_REQUEST);
	end_talk();
}

/* --- whose answer is whose --------------------------------------------------------------- */

static void answers_out_of_order_find_their_requests(void **state)
{
	(void)state;
	begin_usual();
	say(CLIENT, "0001 0000 0006 01 03 0000 0001 0002 0000 0006 01 03 0064 0001");
	assert_int_equal(n_said, 2);
	assert_int_equal(said[1].head.pdu, 2);
	say(SERVER, "0002 0000 0005 01 03 02 1111");
	assert_int_equal(said[0].first, 100);
	say(SERVER, "0001 0000 0005 01 03 02 2222");
	assert_int_equal(said[0].first, 0);
	end_talk();
}

static void a_device_that_always_answers_zero_is_understood(void **state)
{
	(void)state;
	begin_usual();
	say(CLIENT, "0001 0000 0006 01 03 0000 0001");
	say(CLIENT, "0002 0000 0006 01 03 0064 0002");
	say(CLIENT, "0003 0000 0006 01 03 00c8 0001");
	say(SERVER, "0000 0000 0007 01 03 04 11112222");
	assert_int_equal(said[0].first, 100);
	assert_int_equal(said[0].anomalies, 0);
	say(SERVER, "0000 0000 0005 01 03 02 3333");
	assert_int_equal(said[0].first, 0);
	say(SERVER, "0000 0000 0005 01 03 02 4444");
	assert_int_equal(said[0].first, 200);
	end_talk();
}

static void a_device_that_repeats_one_id_is_one_answer_behind_only_once(void **state)
{
	(void)state;
	begin_usual();
	say(CLIENT, "0001 0000 0006 01 03 0000 0001");
	say(SERVER, "4d42 0000 0005 01 03 02 1111");
	assert_false(said[0].has & HAS_REQUEST);
	say(CLIENT, "0002 0000 0006 01 03 0064 0001");
	say(SERVER, "4d42 0000 0005 01 03 02 2222");
	assert_int_equal(said[0].first, 100);
	say(CLIENT, "0003 0000 0006 01 03 00c8 0001");
	say(SERVER, "4d42 0000 0005 01 03 02 3333");
	assert_int_equal(said[0].first, 200);
	end_talk();
}

static void a_wrong_answer_is_unexpected(void **state)
{
	(void)state;
	begin_usual();
	say(CLIENT, "0001 0000 0006 01 03 0000 0002");
	say(SERVER, "0001 0000 0005 01 03 02 1111");
	assert_true(has_anomaly(&said[0], ANOM_UNEXPECTED_RESPONSE));
	assert_int_equal(said[0].req_frame, 1);
	end_talk();
}

static void an_answer_to_nothing_has_no_address(void **state)
{
	(void)state;
	begin_usual();
	say(SERVER, "0001 0000 0005 01 03 02 1111");
	assert_int_equal(n_said, 1);
	assert_int_equal(said[0].dir, DIR_RESPONSE);
	assert_string_equal(said[0].space, "holding_registers");
	assert_false(said[0].has & (HAS_FIRST | HAS_REQUEST));
	end_talk();
}

/* --- who asks ---------------------------------------------------------------------------- */

static void without_a_port_the_layout_decides(void **state)
{
	(void)state;
	begin_talk(1502, 50000, -1);
	say(0, "0001 0000 0005 01 03 02 1111");
	assert_int_equal(n_said, 1);
	assert_int_equal(said[0].dir, DIR_RESPONSE);
	say(1, "0002 0000 0006 01 06 0000 0001");
	assert_int_equal(said[0].dir, DIR_REQUEST);
	say(0, "0002 0000 0006 01 06 0000 0001");
	assert_int_equal(said[0].dir, DIR_RESPONSE);
	assert_true(said[0].has & HAS_REQUEST);
	end_talk();
}

static void an_echo_is_told_by_the_open_request(void **state)
{
	(void)state;
	begin_talk(1502, 50000, -1);
	say(1, "0002 0000 0006 01 06 0000 0001");
	assert_int_equal(said[0].dir, DIR_REQUEST);
	say(0, "0002 0000 0006 01 06 0000 0001");
	assert_int_equal(said[0].dir, DIR_RESPONSE);
	end_talk();
}

static void both_sides_can_contradict_the_port(void **state)
{
	(void)state;
	begin_talk(502, 50000, -1);             /* side 0 has the port but asks */
	say(0, "0001 0000 0006 01 03 0000 0001");
	say(1, "0001 0000 0005 01 03 02 1111");
	assert_int_equal(said[0].dir, DIR_RESPONSE);
	say(0, "0002 0000 0006 01 06 0000 0001");
	assert_int_equal(said[0].dir, DIR_REQUEST);
	say(1, "0002 0000 0006 01 06 0000 0001");
	assert_int_equal(said[0].dir, DIR_RESPONSE);
	assert_true(said[0].has & HAS_REQUEST);
	end_talk();
}

static void one_side_alone_must_insist(void **state)
{
	(void)state;
	begin_talk(502, 50000, -1);
	for (int i = 0; i < 3; i++)
		say(0, "0001 0000 0006 01 03 0000 0001");
	assert_int_equal(said[0].dir, DIR_RESPONSE);
	say(0, "0001 0000 0006 01 03 0000 0001");
	assert_int_equal(said[0].dir, DIR_REQUEST);
	end_talk();
}

static void a_client_cannot_pass_its_writes_off_as_answers(void **state)
{
	(void)state;
	begin_usual();
	for (int i = 0; i < 9; i++) {
		say(CLIENT, "0001 0000 0003 01 83 02");
		say(SERVER, "0001 0000 0003 01 83 01");
	}
	say(CLIENT, "0002 0000 0006 01 06 0000 0001");
	assert_int_equal(said[0].dir, DIR_REQUEST);
	assert_int_equal(said[0].op, OP_WRITE);
	end_talk();
}

static void one_contradiction_is_not_enough(void **state)
{
	(void)state;
	begin_usual();
	say(CLIENT, "0001 0000 0006 01 03 0000 0001");
	say(SERVER, "0001 0000 0006 01 03 0000 0001");
	assert_int_equal(said[0].dir, DIR_RESPONSE);
	assert_true(said[0].anomalies != 0);
	say(CLIENT, "0001 0000 0006 01 03 0000 0001");
	assert_int_equal(said[0].dir, DIR_REQUEST);
	end_talk();
}

static void an_exception_is_a_response_whoever_connected(void **state)
{
	(void)state;
	begin_talk(502, 4446, 0);               /* the side with the port opened the connection */
	say(0, "0001 0000 0003 0a 81 06");
	assert_int_equal(said[0].dir, DIR_RESPONSE);
	assert_int_equal(said[0].status, 6);
	say(0, "0001 0000 0005 0a 2a 000000");
	assert_int_equal(said[0].dir, DIR_RESPONSE);
	end_talk();
}

/* --- frames ------------------------------------------------------------------------------ */

static void an_impossible_length_is_said_and_the_next_segment_read(void **state)
{
	(void)state;
	begin_usual();
	say(CLIENT, "0001 0000 0006 01 03 0000 0001");
	say(CLIENT, "0002 0000 8804 01 03 0000 0001");
	assert_int_equal(n_said, 1);
	assert_true(has_anomaly(&said[0], ANOM_BAD_LENGTH));
	assert_int_equal(said[0].op, OP_OTHER);
	say(CLIENT, "0003 0000 0006 01 03 0000 0001");
	assert_int_equal(n_said, 1);
	assert_int_equal(said[0].anomalies, 0);
	assert_int_equal(said[0].txn, 3);
	end_talk();
}

static void a_cut_pdu_is_not_called_malformed(void **state)
{
	static const uint8_t b[] = { 0, 1, 0, 0, 0, 0x0b, 1, 0x10, 0, 1, 0, 2 };

	(void)state;
	begin_usual();
	say_bytes(CLIENT, b, sizeof b, SAID_CUT);
	assert_int_equal(n_said, 1);
	assert_int_equal(said[0].first, 1);
	assert_int_equal(said[0].count, 2);
	assert_int_equal(said[0].anomalies, 0);
	end_talk();
}

static void datagrams_are_read_too(void **state)
{
	static const uint8_t b[] = { 0, 1, 0, 0, 0, 6, 1, 6, 0, 1, 0, 2 };

	(void)state;
	begin_usual();
	flow.key.ip_proto = 17;
	say_bytes(CLIENT, b, sizeof b, SAID_WHOLE);
	assert_int_equal(n_said, 1);
	assert_int_equal(said[0].op, OP_WRITE);
	end_talk();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_read_has_its_target_in_both_directions),
		cmocka_unit_test(spaces_and_granules_follow_the_function),
		cmocka_unit_test(a_write_says_what_is_written),
		cmocka_unit_test(a_coil_value_that_does_not_exist_is_still_a_record),
		cmocka_unit_test(counts_and_ranges_outside_the_standard_are_told),
		cmocka_unit_test(a_read_and_a_write_in_one_are_two_parts),
		cmocka_unit_test(a_refused_read_and_write_refuses_both_parts),
		cmocka_unit_test(a_fifo_tells_its_values),
		cmocka_unit_test(refusals_have_code_and_name),
		cmocka_unit_test(diagnostics_are_told_apart),
		cmocka_unit_test(a_refused_restart_is_a_restart),
		cmocka_unit_test(device_identification_is_read),
		cmocka_unit_test(an_object_that_ends_too_late_is_told),
		cmocka_unit_test(the_text_of_a_server_id_is_the_product),
		cmocka_unit_test(canopen_may_write),
		cmocka_unit_test(each_group_of_a_file_read_is_a_part),
		cmocka_unit_test(a_file_write_says_what_is_written),
		cmocka_unit_test(umas_codes_have_their_acts),
		cmocka_unit_test(umas_identity_is_read),
		cmocka_unit_test(umas_pdus_may_be_longer_than_modbus_allows),
		cmocka_unit_test(unknown_codes_are_reported_and_not_guessed),
		cmocka_unit_test(answers_out_of_order_find_their_requests),
		cmocka_unit_test(a_device_that_always_answers_zero_is_understood),
		cmocka_unit_test(a_device_that_repeats_one_id_is_one_answer_behind_only_once),
		cmocka_unit_test(a_wrong_answer_is_unexpected),
		cmocka_unit_test(an_answer_to_nothing_has_no_address),
		cmocka_unit_test(without_a_port_the_layout_decides),
		cmocka_unit_test(an_echo_is_told_by_the_open_request),
		cmocka_unit_test(both_sides_can_contradict_the_port),
		cmocka_unit_test(one_side_alone_must_insist),
		cmocka_unit_test(a_client_cannot_pass_its_writes_off_as_answers),
		cmocka_unit_test(one_contradiction_is_not_enough),
		cmocka_unit_test(an_exception_is_a_response_whoever_connected),
		cmocka_unit_test(an_impossible_length_is_said_and_the_next_segment_read),
		cmocka_unit_test(a_cut_pdu_is_not_called_malformed),
		cmocka_unit_test(datagrams_are_read_too),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
