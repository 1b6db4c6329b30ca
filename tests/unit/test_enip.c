/* EtherNet/IP: commands and their direction, items, sessions, class 0/1 data, what is believed and what
 * is not. */
#include "enip_talk.h"

/* --- commands --------------------------------------------------------------------------- */

static void a_session_is_registered_and_ended(void **state)
{
	(void)state;
	begin_usual();
	say_command(CLIENT, 0x65, 0, 0, 7, "0100 0000");
	assert_int_equal(n_said, 1);
	assert_int_equal(said[0].proto, PROTO_ENIP);
	assert_int_equal(said[0].dir, DIR_REQUEST);
	assert_int_equal(said[0].op, OP_SESSION);
	assert_string_equal(said[0].func_name, "register_session");
	assert_int_equal(said[0].unit, 0);
	say_command(SERVER, 0x65, SESSION, 0, 7, "0100 0000");
	assert_int_equal(said[0].dir, DIR_RESPONSE);
	assert_int_equal(said[0].unit, SESSION);
	assert_int_equal(said[0].outcome, OUTCOME_OK);
	assert_true(said[0].flags & EV_CLIENT_IS_DST);
	assert_int_equal(said[0].req_frame, 1);
	assert_int_equal(said[0].latency_us, 1000);
	assert_int_equal(said[0].anomalies, 0);
	say_command(CLIENT, 0x66, SESSION, 0, 7, "");
	assert_string_equal(said[0].func_name, "unregister_session");
	assert_int_equal(said[0].dir, DIR_REQUEST);
	end_talk();
}

static void every_command_has_its_name_and_operation(void **state)
{
	static const struct { uint16_t command; const char *data, *name; uint8_t op; } row[] = {
		{ 0x00, "", "nop", OP_OTHER }, { 0x04, "", "list_services", OP_DIAGNOSE },
		{ 0x63, "", "list_identity", OP_IDENTIFY }, { 0x64, "", "list_interfaces", OP_DIAGNOSE },
		{ 0x65, "01000000", "register_session", OP_SESSION }, { 0x66, "", "unregister_session", OP_SESSION },
		{ 0x72, "0000 0000 0000", "indicate_status", OP_DIAGNOSE }, { 0x73, "0000 0000", "cancel", OP_OTHER },
		{ 0xc8, "", "start_dtls", OP_SESSION },
	};

	(void)state;
	for (unsigned i = 0; i < sizeof row / sizeof row[0]; i++) {
		begin_usual();
		say_command(CLIENT, row[i].command, 0, 0, 1, row[i].data);
		assert_int_equal(n_said, 1);
		assert_string_equal(said[0].func_name, row[i].name);
		assert_int_equal(said[0].op, row[i].op);
		assert_int_equal(said[0].dir, DIR_REQUEST);
		assert_int_equal(said[0].func, row[i].command);
		assert_int_equal(said[0].anomalies, 0);
		end_talk();
	}
}

#define IDENTITY_ITEM "0100 0c00 2b00 0100 0002 af12 c0a80a78 0000000000000000 0100 0c00 5900 0102 3000 bebafeca " \
	"09 313735362d454e3254 03"

static void list_identity_tells_who_answers(void **state)
{
	(void)state;
	begin_datagrams(50000, 44818);
	say_command(CLIENT, 0x63, 0, 0, 0, "");
	assert_int_equal(said[0].dir, DIR_REQUEST);
	say_command(SERVER, 0x63, 0, 0, 0, IDENTITY_ITEM);
	assert_int_equal(n_said, 1);
	assert_int_equal(said[0].dir, DIR_RESPONSE);
	assert_int_equal(said[0].op, OP_IDENTIFY);
	assert_true(said[0].has & HAS_IDENTITY);
	assert_int_equal(said[0].identity.vendor_id, 1);
	assert_string_equal(said[0].identity.vendor, "Rockwell Automation/Allen-Bradley");
	assert_int_equal(said[0].identity.product_code, 0x59);
	assert_string_equal(said[0].identity.firmware, "1.2");
	assert_string_equal(said[0].identity.serial, "cafebabe");
	assert_string_equal(said[0].identity.product, "1756-EN2T");
	assert_int_equal(said[0].anomalies, 0);
	end_talk();
}

/* Even from what looks like the client's side: the items prove the answer. */
static void content_outweighs_the_port(void **state)
{
	(void)state;
	begin_datagrams(50000, 44818);
	say_command(CLIENT, 0x63, 0, 0, 0, IDENTITY_ITEM);
	assert_int_equal(said[0].dir, DIR_RESPONSE);
	end_talk();
	begin_datagrams(44818, 44818);         /* peers that both use the port */
	say_command(CLIENT, 0x63, 0, 0, 0, "");
	assert_int_equal(said[0].dir, DIR_REQUEST);
	say_command(SERVER, 0x63, 0, 0, 0, IDENTITY_ITEM);
	assert_int_equal(said[0].dir, DIR_RESPONSE);
	end_talk();
}

static void a_status_is_an_answer(void **state)
{
	(void)state;
	begin_usual();
	say_command(CLIENT, 0x65, 0, 0, 9, "0200 0000");
	say_command(SERVER, 0x65, 0, 0x69, 9, "0100 0000");
	assert_int_equal(said[0].dir, DIR_RESPONSE);
	assert_int_equal(said[0].status, 0x69);
	assert_string_equal(said[0].status_name, "unsupported_protocol_version");
	assert_int_equal(said[0].outcome, OUTCOME_ERROR);
	assert_true(said[0].has & HAS_REQUEST);
	end_talk();
}

/* The encapsulation refuses what CIP never saw: the event is the command's, with what was asked. */
static void a_refused_send_has_the_requests_target(void **state)
{
	(void)state;
	begin_usual();
	say_rr(CLIENT, 5, "10 03 20 04 24 64 30 03 01 02");
	say_command(SERVER, 0x6f, SESSION, 0x64, 5, "");
	assert_int_equal(n_said, 1);
	assert_int_equal(said[0].proto, PROTO_ENIP);
	assert_string_equal(said[0].func_name, "send_rr_data");
	assert_int_equal(said[0].op, OP_WRITE);
	assert_int_equal(said[0].cls, 4);
	assert_int_equal(said[0].outcome, OUTCOME_ERROR);
	assert_int_equal(said[0].req_frame, 1);
	assert_int_equal(said[0].anomalies, 0);
	end_talk();
}

static void the_server_may_end_a_session_unasked(void **state)
{
	(void)state;
	begin_usual();
	say_command(SERVER, 0x66, SESSION, 0, 0, "");
	assert_int_equal(said[0].dir, DIR_NOTIFY);
	say_command(SERVER, 0x00, 0, 0, 0, "0102");
	assert_int_equal(said[0].dir, DIR_NOTIFY);
	end_talk();
}

/* --- items ------------------------------------------------------------------------------ */

static void item_lengths_that_lie_are_not_believed(void **state)
{
	(void)state;
	begin_usual();
	/* the data item says 200 bytes, 6 are there */
	say_command(CLIENT, 0x6f, SESSION, 0, 1, "00000000 0a00 0200 0000 0000 b200 c800 01 02 2001 2401");
	assert_int_equal(n_said, 1);
	assert_int_equal(said[0].proto, PROTO_ENIP);
	assert_true(has_anomaly(&said[0], ANOM_BAD_LENGTH));
	/* the connection id is two bytes long */
	say_command(CLIENT, 0x70, SESSION, 0, 1, "00000000 0000 0200 a100 0200 0102 b100 0800 0100 01 02 2001 2401");
	assert_int_equal(n_said, 1);
	assert_true(has_anomaly(&said[0], ANOM_BAD_LENGTH));
	/* three items announced, two there */
	say_command(CLIENT, 0x6f, SESSION, 0, 1, "00000000 0a00 0300 0000 0000 b200 0600 01 02 2001 2401");
	assert_int_equal(said[0].proto, PROTO_CIP);
	assert_true(has_anomaly(&said[0], ANOM_TRUNCATED_PDU));
	/* bytes behind the last item */
	say_command(CLIENT, 0x6f, SESSION, 0, 1, "00000000 0a00 0200 0000 0000 b200 0600 01 02 2001 2401 ff");
	assert_int_equal(said[0].proto, PROTO_CIP);
	assert_true(has_anomaly(&said[0], ANOM_TRAILING_BYTES));
	/* no data item at all */
	say_command(CLIENT, 0x6f, SESSION, 0, 1, "00000000 0a00 0100 0000 0000");
	assert_int_equal(said[0].proto, PROTO_ENIP);
	assert_true(has_anomaly(&said[0], ANOM_TRUNCATED_PDU));
	/* an interface that is not CIP's */
	say_command(CLIENT, 0x6f, SESSION, 0, 1, "01000000 0a00 0200 0000 0000 b200 0600 01 02 2001 2401");
	assert_int_equal(said[0].proto, PROTO_ENIP);
	assert_true(has_anomaly(&said[0], ANOM_BAD_VALUE));
	end_talk();
}

static void a_thousand_items_are_too_many(void **state)
{
	uint8_t b[24 + 8 + 4 * 1000];
	uint32_t at = put_header(b, 0x6f, SESSION, 0, 1);

	(void)state;
	begin_usual();
	at = put16(b, put16(b, put32(b, at, 0), 0), 1000);
	memset(b + at, 0, sizeof b - at);
	put16(b, 2, sizeof b - 24);
	say_bytes(CLIENT, b, sizeof b, SAID_WHOLE);
	assert_int_equal(n_said, 1);
	assert_true(has_anomaly(&said[0], ANOM_TOO_MANY_ITEMS));
	end_talk();
}

/* --- class 0 and 1 ---------------------------------------------------------------------- */

static void io_is_told_apart_by_content(void **state)
{
	(void)state;
	begin_datagrams(2222, 2222);
	say_hex(CLIENT, "0200 0280 0800 787b3a00 e8cb5e04 b100 0400 0300fdff");
	assert_int_equal(n_said, 1);
	assert_int_equal(said[0].proto, PROTO_CIP);
	assert_int_equal(said[0].dir, DIR_NOTIFY);
	assert_int_equal(said[0].op, OP_OTHER);
	assert_true(said[0].flags & EV_IO);
	assert_int_equal(said[0].unit, 0x003a7b78);
	assert_int_equal(said[0].txn, 0x045ecbe8);
	assert_int_equal(said[0].value_total, 4);
	say_command(CLIENT, 0x63, 0, 0, 0, "");         /* and the encapsulation works on this port too */
	assert_int_equal(said[0].proto, PROTO_ENIP);
	end_talk();
}

/* --- what is believed ------------------------------------------------------------------- */

static enum frame_verdict frame(const char *hex, uint32_t *len)
{
	uint8_t b[256];

	return dissector_enip.frame(rd_init(b, from_hex(hex, b, sizeof b)), len);
}

static enum frame_verdict probe(const char *hex, bool whole)
{
	uint8_t b[256];

	return dissector_enip.probe(rd_init(b, from_hex(hex, b, sizeof b)), whole);
}

#define ZEROS16 "00000000 00000000 00000000 00000000"

static void frames_are_cut_by_their_length(void **state)
{
	uint32_t len = 0;

	(void)state;
	assert_int_equal(frame("6500 0400 " ZEROS16 " 00000000 0100", &len), FRAME_PDU);
	assert_int_equal(len, 28);
	assert_int_equal(frame("6500 0400 00000000", &len), FRAME_MORE);
	assert_int_equal(frame("6500 0400 " ZEROS16 " 01000000", &len), FRAME_BAD);         /* options */
	assert_int_equal(frame("0700", &len), FRAME_BAD);                                   /* no command */
	assert_int_equal(frame("4745 5420", &len), FRAME_BAD);                              /* "GET " */
	assert_int_equal(frame("1603 0100", &len), FRAME_BAD);                              /* TLS */
	assert_int_equal(frame("6f00 e8ff " ZEROS16 " 00000000", &len), FRAME_MALFORMED);   /* 65512 */
	assert_int_equal(frame("6f00 e7ff " ZEROS16 " 00000000", &len), FRAME_PDU);         /* 65511 */
	assert_int_equal(frame("0200 0280 0800 787b3a00 e8cb5e04 b100 0400", &len), FRAME_PDU);
	assert_int_equal(len, 22);
	assert_int_equal(frame("0200 0280 0700 787b3a00 e8cb5e04 b100 0400", &len), FRAME_BAD);
}

static void off_the_port_only_the_unmistakable_is_believed(void **state)
{
	(void)state;
	assert_int_equal(probe("6500 0400 " ZEROS16 " 00000000 01000000", false), FRAME_PDU);
	assert_int_equal(probe("6500 0400 " ZEROS16 " 00000000 02000000", false), FRAME_BAD);
	assert_int_equal(probe("6500 0400 " ZEROS16 " 00000000", false), FRAME_MORE);
	assert_int_equal(probe("6300 0000 " ZEROS16 " 00000000", true), FRAME_PDU);
	assert_int_equal(probe("0000 0000 " ZEROS16 " 00000000", true), FRAME_BAD);         /* zeros are no NOP */
	assert_int_equal(probe("6f00 1600 44332211 00000000 0000000000000000 00000000 "
			       "00000000 0a00 0200 0000 0000 b200 0600 01022001 2401", false), FRAME_PDU);
	assert_int_equal(probe("6f00 1600 00000000 00000000 0000000000000000 00000000 "
			       "00000000 0a00 0200 0000 0000 b200 0600 01022001 2401", false), FRAME_BAD);
	assert_int_equal(probe("0200 0280 0800 787b3a00 e8cb5e04 b100 0400 0300fdff", true), FRAME_PDU);
	assert_int_equal(probe("0200 0280 0800 787b3a00 e8cb5e04 b100 0400 0300fdffff", true), FRAME_BAD);
}

static void an_impossible_length_is_reported_once_and_survived(void **state)
{
	(void)state;
	begin_usual();
	say_command(CLIENT, 0x65, 0, 0, 1, "0100 0000");
	say_hex(CLIENT, "6f00 ffff 44332211 00000000 0000000000000000 00000000");
	assert_int_equal(n_said, 1);
	assert_true(has_anomaly(&said[0], ANOM_BAD_LENGTH));
	say_command(CLIENT, 0x66, SESSION, 0, 1, "");
	say_rr(CLIENT, 1, "01 02 2001 2401");
	assert_int_equal(n_said, 1);
	assert_int_equal(said[0].proto, PROTO_CIP);
	end_talk();
}

static void a_cut_capture_is_not_the_senders_fault(void **state)
{
	uint8_t b[128];
	uint32_t n = from_hex("6f00 1c00 44332211 00000000 0100000000000000 00000000 "
			      "00000000 0a00 0200 0000 0000 b200 0c00 4c 04 9106 566c", b, sizeof b);

	(void)state;
	begin_datagrams(49152, 44818);
	say_bytes(CLIENT, b, n, SAID_CUT);
	for (unsigned i = 0; i < n_said; i++)
		assert_int_equal(said[i].anomalies, 0);
	end_talk();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_session_is_registered_and_ended),
		cmocka_unit_test(every_command_has_its_name_and_operation),
		cmocka_unit_test(list_identity_tells_who_answers),
		cmocka_unit_test(content_outweighs_the_port),
		cmocka_unit_test(a_status_is_an_answer),
		cmocka_unit_test(a_refused_send_has_the_requests_target),
		cmocka_unit_test(the_server_may_end_a_session_unasked),
		cmocka_unit_test(item_lengths_that_lie_are_not_believed),
		cmocka_unit_test(a_thousand_items_are_too_many),
		cmocka_unit_test(io_is_told_apart_by_content),
		cmocka_unit_test(frames_are_cut_by_their_length),
		cmocka_unit_test(off_the_port_only_the_unmistakable_is_believed),
		cmocka_unit_test(an_impossible_length_is_reported_once_and_survived),
		cmocka_unit_test(a_cut_capture_is_not_the_senders_fault),
	};

	return cmocka_run_group_tests_name("enip", tests, NULL, NULL);
}
