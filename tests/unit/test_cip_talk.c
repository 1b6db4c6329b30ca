/* CIP in conversation: tags, bundles, routes, connections, identity, PCCC; whose answer is whose. */
#include "enip_talk.h"

/* --- tags ------------------------------------------------------------------------------- */

/* LOGIX, "Read Tag Service" and "Write Tag Service", the manual's shape of a DINT. */
static void a_tag_is_written_with_its_value(void **state)
{
	(void)state;
	begin_usual();
	say_rr(CLIENT, 0x1234, "4d 07 910c 436172744f6e655370656564 c400 0100 e8030000");
	assert_int_equal(n_said, 1);
	assert_int_equal(said[0].proto, PROTO_CIP);
	assert_int_equal(said[0].op, OP_WRITE);
	assert_string_equal(said[0].func_name, "write_tag");
	assert_tag(&said[0], "CartOneSpeed");
	assert_int_equal(said[0].count, 1);
	assert_int_equal(said[0].value_total, 6);
	assert_memory_equal(said[0].value, "\xc4\x00\xe8\x03\x00\x00", 6);
	assert_int_equal(said[0].unit, SESSION);
	assert_int_equal(said[0].txn, 0x1234);
	assert_int_equal(said[0].has & HAS_CLASS, 0);
	assert_int_equal(said[0].anomalies, 0);
	say_rr(SERVER, 0x1234, "cd 00 00 00");
	assert_int_equal(n_said, 1);
	assert_int_equal(said[0].dir, DIR_RESPONSE);
	assert_int_equal(said[0].op, OP_WRITE);
	assert_tag(&said[0], "CartOneSpeed");
	assert_int_equal(said[0].outcome, OUTCOME_OK);
	assert_int_equal(said[0].req_frame, 1);
	end_talk();
}

static void array_members_stand_each_in_brackets(void **state)
{
	(void)state;
	begin_usual();
	/* Program:Main.Speed[1][258].Low */
	say_rr(CLIENT, 1, "4c 14 910c 50726f6772616d3a4d61696e 9105 5370656564 00 2801 2900 0201 9103 4c6f77 00 "
			  "2a00 01000100 0100");
	assert_int_equal(said[0].op, OP_READ);
	assert_tag(&said[0], "Program:Main.Speed[1][258].Low[65537]");
	say_rr(SERVER, 1, "cc 00 00 00 c300 2a00");
	assert_int_equal(said[0].value_total, 4);
	assert_memory_equal(said[0].value, "\xc3\x00\x2a\x00", 4);
	end_talk();
}

static void a_symbol_by_instance_inside_a_program_is_a_tag(void **state)
{
	(void)state;
	begin_usual();
	say_rr(CLIENT, 1, "4e 06 2068 25002020 206b 2403 0100 01 ff");
	assert_int_equal(said[0].op, OP_WRITE);
	assert_string_equal(said[0].func_name, "read_modify_write_tag");
	assert_int_equal(said[0].cls, 0x68);
	assert_path(&said[0], "class 0x68 instance 8224 class 0x6b instance 3");
	say_rr(CLIENT, 2, "4d 03 206b 2405 2807 c300 0100 0100");
	assert_int_equal(said[0].cls, 0x6b);
	assert_int_equal(said[0].block, 5);
	assert_path(&said[0], "class 0x6b instance 5 member 7");
	end_talk();
}

static void a_partial_transfer_is_no_refusal(void **state)
{
	(void)state;
	begin_usual();
	say_rr(CLIENT, 1, "55 02 206b 2400 0200 0100 0200");
	assert_int_equal(said[0].act, ACT_TAG_ENUMERATION);
	say_rr(SERVER, 1, "d5 00 06 00 01000000");
	assert_int_equal(said[0].status, 6);
	assert_int_equal(said[0].outcome, OUTCOME_OK);
	end_talk();
}

/* --- answers ---------------------------------------------------------------------------- */

static void answers_out_of_order_find_their_requests(void **state)
{
	(void)state;
	begin_usual();
	say_rr(CLIENT, 1, "0e 03 20f5 2401 3003");
	say_rr(CLIENT, 2, "0e 03 20f6 2401 3001");
	say_rr(SERVER, 2, "8e 00 00 00 64000000");
	assert_int_equal(said[0].cls, 0xf6);
	assert_int_equal(said[0].req_frame, 2);
	say_rr(SERVER, 1, "8e 00 14 00");
	assert_int_equal(said[0].cls, 0xf5);
	assert_int_equal(said[0].first, 3);
	assert_int_equal(said[0].status, 0x14);
	assert_string_equal(said[0].status_name, "attribute_not_supported");
	assert_int_equal(said[0].outcome, OUTCOME_ERROR);
	end_talk();
}

static void additional_status_is_kept(void **state)
{
	(void)state;
	begin_usual();
	say_rr(CLIENT, 1, "4d 02 20a1 2401 00000000");
	assert_int_equal(said[0].act, ACT_FIRMWARE);
	say_rr(SERVER, 1, "cd 00 01 01 0909");
	assert_int_equal(said[0].status, 1);
	assert_int_equal(said[0].status_exts, 1);
	assert_int_equal(said[0].status_ext[0], 0x0909);
	assert_string_equal(said[0].status_name, "connection_failure");
	say_rr(SERVER, 9, "cd 00 01 05 0909");          /* five words announced, one there */
	assert_true(has_anomaly(&said[0], ANOM_TRUNCATED_PDU));
	end_talk();
}

static void an_answer_to_nothing_says_what_its_service_says(void **state)
{
	(void)state;
	begin_usual();
	say_rr(SERVER, 1, "90 00 00 00");
	assert_string_equal(said[0].func_name, "set_attribute_single");
	assert_int_equal(said[0].op, OP_WRITE);
	assert_int_equal(said[0].has & HAS_REQUEST, 0);
	say_rr(SERVER, 2, "cd 00 00 00");               /* whose 0x4d it is nobody knows */
	assert_null(said[0].func_name);
	assert_int_equal(said[0].op, OP_OTHER);
	end_talk();
}

/* --- Multiple Service Packet ------------------------------------------------------------ */

static void a_bundle_is_one_event_and_one_for_each_service(void **state)
{
	(void)state;
	begin_usual();
	say_unit(CLIENT, 0x100, 5, "0a 02 2002 2401 0200 0600 0e00 4c 02 9101 4100 0100 4d 02 9101 4200 c300 0100 0500");
	assert_int_equal(n_said, 3);
	assert_string_equal(said[0].func_name, "multiple_service_packet");
	assert_int_equal(said[0].part, 0);
	assert_int_equal(said[0].parts, 2);
	assert_int_equal(said[0].anomalies, 0);
	assert_int_equal(said[1].part, 1);
	assert_int_equal(said[1].parts, 2);
	assert_int_equal(said[1].op, OP_READ);
	assert_tag(&said[1], "A");
	assert_int_equal(said[2].part, 2);
	assert_int_equal(said[2].op, OP_WRITE);
	assert_tag(&said[2], "B");
	assert_int_equal(said[2].unit, 0x100);
	assert_int_equal(said[2].txn, 5);
	say_unit(SERVER, 0x200, 5, "8a 00 1e 00 0200 0600 0c00 cc 00 00 00 c300 cd 00 0f 00");
	assert_int_equal(n_said, 3);
	assert_int_equal(said[0].status, 0x1e);
	assert_int_equal(said[1].outcome, OUTCOME_OK);
	assert_tag(&said[1], "A");
	assert_int_equal(said[2].status, 0x0f);
	assert_tag(&said[2], "B");
	assert_int_equal(said[2].op, OP_WRITE);
	for (unsigned i = 0; i < 3; i++)
		assert_int_equal(said[i].req_frame, 1);
	end_talk();
}

static void offsets_that_lie_are_not_followed(void **state)
{
	(void)state;
	begin_usual();
	say_rr(CLIENT, 1, "0a 02 2002 2401 0200 0600 0600 01 02 2001 2401");    /* twice the same */
	assert_int_equal(n_said, 1);
	assert_true(has_anomaly(&said[0], ANOM_BAD_LENGTH));
	say_rr(CLIENT, 2, "0a 02 2002 2401 0100 ff00 01 02 2001 2401");         /* past the end */
	assert_int_equal(n_said, 1);
	assert_true(has_anomaly(&said[0], ANOM_BAD_LENGTH));
	say_rr(CLIENT, 3, "0a 02 2002 2401 ffff 0400 01 02 2001 2401");         /* 65535 services */
	assert_int_equal(n_said, 1);
	assert_true(said[0].anomalies != 0);
	say_rr(CLIENT, 4, "0a 02 2002 2401 0000");
	assert_int_equal(n_said, 1);
	assert_true(has_anomaly(&said[0], ANOM_BAD_COUNT));
	end_talk();
}

/* A stop hidden in a packet within a packet is still a stop. */
static void nesting_is_followed_to_a_bound(void **state)
{
	uint8_t b[600], inner[600];
	uint32_t n = from_hex("07 02 208e 2401", inner, sizeof inner);

	(void)state;
	begin_usual();
	say_rr(CLIENT, 1, "0a 02 2002 2401 0100 0400 0a 02 2002 2401 0100 0400 07 02 208e 2401");
	assert_int_equal(n_said, 3);
	assert_int_equal(said[2].act, ACT_STOP);
	assert_int_equal(said[2].part, 1);
	for (unsigned i = 0; i < 40; i++) {
		memmove(inner + 10, inner, n);
		from_hex("0a 02 2002 2401 0100 0400", inner, 10);
		n += 10;
	}
	uint32_t at = put_header(b, 0x6f, SESSION, 0, 2);

	at = put16(b, put32(b, at, 0), 0);
	at = put16(b, put32(b, put16(b, at, 2), 0), 0xb2);
	at = put16(b, at, n);
	memcpy(b + at, inner, n);
	put16(b, 2, at + n - 24);
	say_bytes(CLIENT, b, at + n, SAID_WHOLE);
	assert_in_range(n_said, 3, 8);
	assert_true(has_anomaly(&said[n_said - 1], ANOM_NESTED_TOO_DEEP));
	end_talk();
}

/* --- Unconnected Send ------------------------------------------------------------------- */

#define SEND_TO_SLOT_3 "52 02 2006 2401 0a0e 0600 01 02 2001 2401 01 00 0103"

static void what_is_sent_on_is_the_event(void **state)
{
	(void)state;
	begin_usual();
	say_rr(CLIENT, 1, SEND_TO_SLOT_3);
	assert_int_equal(n_said, 1);
	assert_int_equal(said[0].func, 1);
	assert_int_equal(said[0].op, OP_IDENTIFY);
	assert_int_equal(said[0].cls, 1);
	assert_route(&said[0], "1/3");
	assert_int_equal(said[0].anomalies, 0);
	say_rr(SERVER, 1, "81 00 00 00 0100 0e00 3600 1014 3000 3f825100 03 4c3631");
	assert_int_equal(said[0].func, 1);
	assert_route(&said[0], "1/3");
	assert_string_equal(said[0].identity.serial, "0051823f");
	assert_string_equal(said[0].identity.firmware, "16.20");
	assert_string_equal(said[0].identity.product, "L61");
	end_talk();
}

static void the_senders_own_refusal_has_the_embedded_target(void **state)
{
	(void)state;
	begin_usual();
	say_rr(CLIENT, 1, SEND_TO_SLOT_3);
	say_rr(SERVER, 1, "d2 00 01 01 0402 01 00");
	assert_int_equal(n_said, 1);
	assert_int_equal(said[0].func, 0x52);
	assert_string_equal(said[0].func_name, "unconnected_send");
	assert_int_equal(said[0].cls, 1);
	assert_route(&said[0], "1/3");
	assert_int_equal(said[0].status, 1);
	assert_int_equal(said[0].status_ext[0], 0x0204);
	assert_int_equal(said[0].req_frame, 1);
	assert_int_equal(said[0].anomalies, 0);
	end_talk();
}

static void routes_go_over_networks(void **state)
{
	(void)state;
	begin_usual();
	/* port 1 slot 0, port 2 to 10.1.1.9, port 1 slot 4; a bundle inside */
	say_rr(CLIENT, 1, "52 02 2006 2401 0a0e 1000 0a 02 2002 2401 0100 0400 07 02 208e 2401 "
			  "07 00 0100 1208 31302e312e312e39 0104");
	assert_int_equal(n_said, 2);
	assert_route(&said[0], "1/0/2/10.1.1.9/1/4");
	assert_route(&said[1], "1/0/2/10.1.1.9/1/4");
	assert_int_equal(said[1].act, ACT_STOP);
	end_talk();
}

static void a_send_without_a_request_is_told_as_it_is(void **state)
{
	(void)state;
	begin_usual();
	say_rr(CLIENT, 1, "52 02 2006 2401 0a0e ff00 01 02");
	assert_int_equal(n_said, 1);
	assert_int_equal(said[0].func, 0x52);
	assert_int_equal(said[0].cls, 6);
	assert_true(has_anomaly(&said[0], ANOM_TRUNCATED_PDU));
	say_rr(CLIENT, 2, "52 02 2006 2401 0a0e 0600 01 02 2001 2401 03 00 0103");      /* a route cut short */
	assert_int_equal(said[0].func, 1);
	assert_route(&said[0], "1/3");
	assert_true(has_anomaly(&said[0], ANOM_TRUNCATED_PDU));
	end_talk();
}

static void a_password_is_not_repeated(void **state)
{
	(void)state;
	begin_usual();
	say_rr(CLIENT, 1, "4c 02 2061 2401 04 70617373");
	assert_int_equal(said[0].act, ACT_CREDENTIAL);
	assert_int_equal(said[0].has & HAS_VALUE, 0);
	end_talk();
}

/* --- connections ------------------------------------------------------------------------ */

#define OPEN_REQUEST "54 02 2006 2401 0a05 00000000 14000080 0500 4d00 efbeadde 00000000 00127a00 f443 00127a00 f443 a3 " \
	"03 0102 2002 2401"
#define OPEN_RESPONSE "d4 00 00 00 01007900 14000080 0500 4d00 efbeadde 00127a00 00127a00 00 00"

static void a_connection_is_remembered_from_open_to_close(void **state)
{
	(void)state;
	begin_usual();
	say_rr(CLIENT, 1, OPEN_REQUEST);
	assert_string_equal(said[0].func_name, "forward_open");
	assert_int_equal(said[0].op, OP_SESSION);
	assert_route(&said[0], "1/2");
	assert_path(&said[0], "class 0x02 instance 1");
	assert_int_equal(said[0].has & HAS_CONNECTION, 0);
	assert_int_equal(said[0].anomalies, 0);
	say_rr(SERVER, 1, OPEN_RESPONSE);
	assert_true(said[0].has & HAS_CONNECTION);
	assert_int_equal(said[0].conn_server, 0x00790001);
	assert_int_equal(said[0].conn_client, 0x80000014);
	assert_int_equal(said[0].anomalies, 0);
	say_unit(CLIENT, 0x00790001, 1, "07 02 208e 2401");
	assert_int_equal(said[0].act, ACT_STOP);
	assert_int_equal(said[0].unit, 0x00790001);
	assert_route(&said[0], "1/2");                  /* the way that the connection goes */
	say_unit(SERVER, 0x80000014, 1, "87 00 00 00");
	assert_int_equal(said[0].act, ACT_STOP);
	assert_int_equal(said[0].unit, 0x80000014);
	assert_int_equal(said[0].req_frame, 3);
	say_rr(CLIENT, 2, "4e 02 2006 2401 0a05 0500 4d00 efbeadde 03 00 0102 2002 2401");
	assert_string_equal(said[0].func_name, "forward_close");
	say_rr(SERVER, 2, "ce 00 00 00 0500 4d00 efbeadde 00 00");
	assert_true(said[0].has & HAS_CONNECTION);
	assert_int_equal(said[0].conn_server, 0x00790001);
	say_unit(CLIENT, 0x00790001, 2, "07 02 208e 2401");
	assert_int_equal(said[0].route_len, 0);
	end_talk();
}

static void a_refused_open_connects_nothing(void **state)
{
	(void)state;
	begin_usual();
	say_rr(CLIENT, 1, OPEN_REQUEST);
	say_rr(SERVER, 1, "d4 00 01 01 0001 0500 4d00 efbeadde 00 00");
	assert_int_equal(said[0].outcome, OUTCOME_ERROR);
	assert_int_equal(said[0].has & HAS_CONNECTION, 0);
	end_talk();
}

static void a_large_open_is_read_too(void **state)
{
	(void)state;
	begin_usual();
	say_rr(CLIENT, 1, "5b 02 2006 2401 0a05 00000000 14000080 0500 4d00 efbeadde 00000000 00127a00 a00f0042 00127a00 "
			  "a00f0042 a3 03 0102 2002 2401");
	assert_string_equal(said[0].func_name, "large_forward_open");
	assert_route(&said[0], "1/2");
	assert_int_equal(said[0].anomalies, 0);
	say_rr(SERVER, 1, "db 00 00 00 01007900 14000080 0500 4d00 efbeadde 00127a00 00127a00 00 00");
	assert_int_equal(said[0].conn_server, 0x00790001);
	end_talk();
}

static void an_open_whose_request_was_missed_still_counts(void **state)
{
	(void)state;
	begin_usual();
	say_rr(SERVER, 1, OPEN_RESPONSE);
	assert_true(said[0].has & HAS_CONNECTION);
	assert_int_equal(said[0].conn_client, 0x80000014);
	end_talk();
}

#define OPEN_TO(cls) "54 02 2006 2401 0a05 00000000 14000080 0500 4d00 efbeadde 00000000 00127a00 f443 00127a00 f443 a3 " \
	"03 0102 20" cls " 2401"

/* A connection that leads to another object than the message router carries no CIP messages. */
static void what_a_connection_leads_to_decides_what_it_carries(void **state)
{
	(void)state;
	begin_usual();
	say_rr(CLIENT, 1, OPEN_TO("04"));
	say_rr(SERVER, 1, OPEN_RESPONSE);
	say_unit(CLIENT, 0x00790001, 1, "07 02 208e 2401");
	assert_int_equal(said[0].dir, DIR_NOTIFY);
	assert_int_equal(said[0].act, ACT_NONE);
	assert_int_equal(said[0].value_total, 6);
	end_talk();
	begin_usual();
	say_rr(CLIENT, 1, OPEN_TO("a6"));
	say_rr(SERVER, 1, OPEN_RESPONSE);
	say_unit(CLIENT, 0x00790001, 1, "0000 0100 0000 0000 0f 00 0100 80 01");
	assert_string_equal(said[0].func_name, "change_mode");
	assert_int_equal(said[0].act, ACT_MODE_CHANGE);
	say_unit(SERVER, 0x80000014, 1, "0000 0000 0000 0100 4f 10 0100");
	assert_int_equal(said[0].act, ACT_MODE_CHANGE);
	assert_int_equal(said[0].outcome, OUTCOME_ERROR);
	assert_int_equal(said[0].req_frame, 3);
	end_talk();
}

/* Two connections on one flow, the same counts: ids seen to belong together keep them apart. */
static void two_connections_are_not_mixed_up(void **state)
{
	(void)state;
	begin_usual();
	say_unit(CLIENT, 0xa0, 1, "0e 03 20f5 2401 3003");
	say_unit(SERVER, 0xa1, 1, "8e 00 00 00 00");
	say_unit(CLIENT, 0xb0, 9, "0e 03 20f6 2401 3001");
	say_unit(SERVER, 0xb1, 9, "8e 00 00 00 00");
	say_unit(CLIENT, 0xa0, 20, "0e 03 20f5 2401 3001");
	say_unit(CLIENT, 0xb0, 20, "0e 03 20f6 2401 3002");
	say_unit(SERVER, 0xb1, 20, "8e 00 00 00 00");
	assert_int_equal(said[0].cls, 0xf6);
	assert_int_equal(said[0].req_frame, 6);
	say_unit(SERVER, 0xa1, 20, "8e 00 00 00 00");
	assert_int_equal(said[0].cls, 0xf5);
	assert_int_equal(said[0].req_frame, 5);
	end_talk();
}

/* --- what it amounts to ----------------------------------------------------------------- */

static void resets_differ_by_their_kind(void **state)
{
	(void)state;
	begin_usual();
	say_rr(CLIENT, 1, "05 02 2001 2401");
	assert_int_equal(said[0].act, ACT_RESTART);
	say_rr(CLIENT, 2, "05 02 2001 2401 00");
	assert_int_equal(said[0].act, ACT_RESTART);
	say_rr(CLIENT, 3, "05 02 2001 2401 01");
	assert_int_equal(said[0].act, ACT_FACTORY_RESET);
	say_rr(CLIENT, 4, "05 02 2005 2403");
	assert_int_equal(said[0].act, ACT_NONE);
	end_talk();
}

static void a_file_read_out_is_no_program_change(void **state)
{
	(void)state;
	begin_usual();
	say_rr(CLIENT, 1, "4b 03 2037 25004101 80");
	assert_int_equal(said[0].op, OP_READ);
	assert_int_equal(said[0].act, ACT_NONE);
	say_rr(CLIENT, 2, "4b 03 2100 5003 2401 0001");
	assert_int_equal(said[0].op, OP_OTHER);
	assert_int_equal(said[0].act, ACT_NONE);
	assert_true(has_anomaly(&said[0], ANOM_UNKNOWN_FUNCTION));
	end_talk();
}

static void the_lock_is_asked_of_the_object_within(void **state)
{
	(void)state;
	begin_usual();
	say_rr(CLIENT, 1, "4b 04 208e 2401 2074 2401 01");
	assert_int_equal(said[0].act, ACT_PROGRAM_LOCK);
	assert_int_equal(said[0].cls, 0x8e);
	assert_null(said[0].space);
	say_rr(CLIENT, 2, "4c 04 208e 2401 2074 2401");
	assert_int_equal(said[0].act, ACT_PROGRAM_LOCK);
	assert_string_equal(said[0].func_name, "release_lock");
	end_talk();
}

/* --- identity --------------------------------------------------------------------------- */

static void identity_comes_in_single_attributes_and_lists(void **state)
{
	(void)state;
	begin_usual();
	say_rr(CLIENT, 1, "0e 03 2001 2401 3007");
	say_rr(SERVER, 1, "8e 00 00 00 04 4c36312f");
	assert_string_equal(said[0].identity.product, "L61/");
	say_rr(CLIENT, 2, "03 02 2001 2401 0300 0100 0500 0600");
	say_rr(SERVER, 2, "83 00 00 00 0300 0100 0000 2f00 0500 0000 3000 0600 0000 78563412");
	assert_int_equal(said[0].identity.vendor_id, 47);
	assert_string_equal(said[0].identity.vendor, "Omron");
	assert_string_equal(said[0].identity.serial, "12345678");
	assert_string_equal(said[0].identity.product, "");
	say_rr(CLIENT, 3, "01 02 2001 2401");
	say_rr(SERVER, 3, "81 00 00 00 0100 0e00");
	assert_true(has_anomaly(&said[0], ANOM_TRUNCATED_PDU));
	say_rr(CLIENT, 4, "01 02 2001 2400");           /* the class, not the device */
	say_rr(SERVER, 4, "81 00 00 00 0100 0100 0700 0700");
	assert_int_equal(said[0].has & HAS_IDENTITY, 0);
	end_talk();
}

/* --- PCCC ------------------------------------------------------------------------------- */

#define REQUESTOR "07 4d00 78563412 "

static void pccc_has_its_function_and_address(void **state)
{
	static const struct { const char *hex, *name, *tag; uint32_t sub; uint8_t op, act; } row[] = {
		{ "0f 00 0100 a2 02 07 89 00 00", "protected_typed_logical_read_3", "N7:0", 0x0fa2, OP_READ, ACT_NONE },
		{ "0f 00 0100 aa 02 07 89 ff0001 02 0500", "protected_typed_logical_write_3", "N7:256.2", 0x0faa, OP_WRITE, ACT_NONE },
		{ "0f 00 0100 a9 04 08 8a 03 0000803f", "protected_typed_logical_write_2", "F8:3", 0x0fa9, OP_WRITE, ACT_NONE },
		{ "0f 00 0100 ab 02 03 85 00 00 ffff 0100", "protected_typed_logical_masked_write", "B3:0", 0x0fab, OP_WRITE, ACT_NONE },
		{ "0f 00 0100 68 0000 0100 0024 4e373a3100 0100", "typed_read", "N7:1", 0x0f68, OP_READ, ACT_NONE },
		{ "0f 00 0100 00 0000 0100 06 07 02 0a00", "word_range_write", "7:2", 0x0f00, OP_WRITE, ACT_NONE },
		{ "0f 00 0100 80 01", "change_mode", "", 0x0f80, OP_CONTROL, ACT_MODE_CHANGE },
		{ "0f 00 0100 3a 01", "set_cpu_mode", "", 0x0f3a, OP_CONTROL, ACT_MODE_CHANGE },
		{ "0f 00 0100 41", "disable_forces", "", 0x0f41, OP_CONTROL, ACT_FORCE },
		{ "0f 00 0100 57", "initialize_memory", "", 0x0f57, OP_CONTROL, ACT_MEMORY_RESET },
		{ "0f 00 0100 50", "download_all_request", "", 0x0f50, OP_PROGRAM, ACT_PROGRAM_DOWNLOAD },
		{ "0f 00 0100 53", "upload_all_request", "", 0x0f53, OP_PROGRAM, ACT_PROGRAM_UPLOAD },
		{ "06 00 0100 03", "diagnostic_status", "", 0x0603, OP_DIAGNOSE, ACT_NONE },
		{ "07 00 0100 00", "disable_outputs", "", 0x0700, OP_CONTROL, ACT_NONE },
		{ "08 00 0100 1000 0500", "unprotected_write", "", 0x0800, OP_WRITE, ACT_NONE },
	};
	char hex[256] = "4b 02 2067 2401 " REQUESTOR;
	size_t head = strlen(hex);

	(void)state;
	for (unsigned i = 0; i < sizeof row / sizeof row[0]; i++) {
		strcpy(hex + head, row[i].hex);
		begin_usual();
		say_rr(CLIENT, 1, hex);
		assert_int_equal(n_said, 1);
		assert_string_equal(said[0].func_name, row[i].name);
		assert_int_equal(said[0].func, 0x4b);
		assert_int_equal(said[0].sub, row[i].sub);
		assert_int_equal(said[0].op, row[i].op);
		assert_int_equal(said[0].act, row[i].act);
		assert_tag(&said[0], row[i].tag);
		assert_int_equal(said[0].anomalies, 0);
		end_talk();
	}
}

static void pccc_answers_carry_its_status(void **state)
{
	(void)state;
	begin_usual();
	say_rr(CLIENT, 1, "4b 02 2067 2401 " REQUESTOR "0f 00 0100 a2 02 07 89 00 00");
	say_rr(SERVER, 1, "cb 00 00 00 " REQUESTOR "4f 00 0100 2a00");
	assert_int_equal(said[0].outcome, OUTCOME_OK);
	assert_tag(&said[0], "N7:0");
	assert_int_equal(said[0].value_total, 2);
	assert_string_equal(said[0].func_name, "protected_typed_logical_read_3");
	say_rr(CLIENT, 2, "4b 02 2067 2401 " REQUESTOR "0f 00 0200 80 01");
	say_rr(SERVER, 2, "cb 00 00 00 " REQUESTOR "4f f0 0200 0b");
	assert_int_equal(said[0].status, 0);
	assert_int_equal(said[0].outcome, OUTCOME_ERROR);
	assert_int_equal(said[0].status_exts, 2);
	assert_int_equal(said[0].status_ext[0], 0xf0);
	assert_int_equal(said[0].status_ext[1], 0x0b);
	assert_int_equal(said[0].act, ACT_MODE_CHANGE);
	end_talk();
}

static void an_unknown_pccc_function_is_no_write(void **state)
{
	(void)state;
	begin_usual();
	say_rr(CLIENT, 1, "4b 02 2067 2401 " REQUESTOR "0f 00 0100 a3 02 07 89 00 00");
	assert_int_equal(said[0].op, OP_OTHER);
	assert_int_equal(said[0].sub, 0x0fa3);
	assert_null(said[0].func_name);
	assert_true(has_anomaly(&said[0], ANOM_UNKNOWN_FUNCTION));
	end_talk();
}

/* A write bundled with reads is a write. */
static void pccc_bundles_count_as_their_gravest(void **state)
{
	(void)state;
	begin_usual();
	say_rr(CLIENT, 1, "4b 02 2067 2401 " REQUESTOR "0f 00 0100 88 03 06 a2 02 07 89 00 00 08 aa 02 07 89 01 00 0500 06 a2 02 07 89 02 00");
	assert_int_equal(n_said, 1);
	assert_string_equal(said[0].func_name, "execute_multiple_command");
	assert_int_equal(said[0].op, OP_WRITE);
	assert_tag(&said[0], "N7:1");
	assert_int_equal(said[0].anomalies, 0);
	say_rr(CLIENT, 2, "4b 02 2067 2401 " REQUESTOR "0f 00 0100 88 02 01 a3 01 80");
	assert_int_equal(said[0].act, ACT_MODE_CHANGE);
	assert_true(has_anomaly(&said[0], ANOM_UNKNOWN_FUNCTION));
	say_rr(CLIENT, 3, "4b 02 2067 2401 " REQUESTOR "0f 00 0100 88 02 01 41");
	assert_true(has_anomaly(&said[0], ANOM_TRUNCATED_PDU));
	end_talk();
}

/* --- hostile ---------------------------------------------------------------------------- */

static void short_messages_are_said_to_be_short(void **state)
{
	static const char *const hex[] = {
		"4c 20 2001", "0e 03 2001 2401 31", "4d 02 9101 4100 c3", "4d 02 9101 4100 a002 01", "4c 02 9101 4100",
		"4b 02 2067 2401 07 4d", "4b 02 2067 2401 ff", "54 02 2006 2401 0a05", "4e 02 2006 2401 0a", "8e 00", "cb 00 00",
	};

	(void)state;
	for (unsigned i = 0; i < sizeof hex / sizeof hex[0]; i++) {
		begin_usual();
		say_rr(CLIENT, 1, hex[i]);
		assert_int_equal(n_said, 1);
		assert_true(has_anomaly(&said[0], ANOM_TRUNCATED_PDU));
		end_talk();
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_tag_is_written_with_its_value),
		cmocka_unit_test(array_members_stand_each_in_brackets),
		cmocka_unit_test(a_symbol_by_instance_inside_a_program_is_a_tag),
		cmocka_unit_test(a_partial_transfer_is_no_refusal),
		cmocka_unit_test(answers_out_of_order_find_their_requests),
		cmocka_unit_test(additional_status_is_kept),
		cmocka_unit_test(an_answer_to_nothing_says_what_its_service_says),
		cmocka_unit_test(a_bundle_is_one_event_and_one_for_each_service),
		cmocka_unit_test(offsets_that_lie_are_not_followed),
		cmocka_unit_test(nesting_is_followed_to_a_bound),
		cmocka_unit_test(what_is_sent_on_is_the_event),
		cmocka_unit_test(the_senders_own_refusal_has_the_embedded_target),
		cmocka_unit_test(routes_go_over_networks),
		cmocka_unit_test(a_send_without_a_request_is_told_as_it_is),
		cmocka_unit_test(a_password_is_not_repeated),
		cmocka_unit_test(a_connection_is_remembered_from_open_to_close),
		cmocka_unit_test(a_refused_open_connects_nothing),
		cmocka_unit_test(a_large_open_is_read_too),
		cmocka_unit_test(an_open_whose_request_was_missed_still_counts),
		cmocka_unit_test(what_a_connection_leads_to_decides_what_it_carries),
		cmocka_unit_test(two_connections_are_not_mixed_up),
		cmocka_unit_test(resets_differ_by_their_kind),
		cmocka_unit_test(a_file_read_out_is_no_program_change),
		cmocka_unit_test(the_lock_is_asked_of_the_object_within),
		cmocka_unit_test(identity_comes_in_single_attributes_and_lists),
		cmocka_unit_test(pccc_has_its_function_and_address),
		cmocka_unit_test(pccc_answers_carry_its_status),
		cmocka_unit_test(an_unknown_pccc_function_is_no_write),
		cmocka_unit_test(pccc_bundles_count_as_their_gravest),
		cmocka_unit_test(short_messages_are_said_to_be_short),
	};

	return cmocka_run_group_tests_name("cip_talk", tests, NULL, NULL);
}
