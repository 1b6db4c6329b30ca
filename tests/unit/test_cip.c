/* CIP's pure parts: what a path names, and what a service means to a class. */
#include "dissectors/cip_conn.h"
#include "dissectors/cip_path.h"
#include "dissectors/cip_table.h"
#include "ot/event.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

#define PATH(...) ({ static const uint8_t b_[] = { __VA_ARGS__ }; cip_path_scan(rd_init(b_, sizeof b_)); })

static void a_path_names_class_instance_and_attribute(void **state)
{
	struct cip_path p = PATH(0x20, 0x01, 0x24, 0x01, 0x30, 0x07);

	(void)state;
	assert_int_equal(p.has, CIP_PATH_CLASS | CIP_PATH_INSTANCE | CIP_PATH_ATTRIBUTE);
	assert_int_equal(p.cls, 1);
	assert_int_equal(p.instance, 1);
	assert_int_equal(p.attribute, 7);
}

static void wide_segments_have_a_pad_byte(void **state)
{
	struct cip_path p = PATH(0x21, 0x00, 0x50, 0x03, 0x26, 0x00, 0x78, 0x56, 0x34, 0x12);

	(void)state;
	assert_int_equal(p.cls, 0x350);
	assert_int_equal(p.instance, 0x12345678);
	assert_int_equal(p.has, CIP_PATH_CLASS | CIP_PATH_INSTANCE);
}

static void of_two_classes_the_first_is_the_target_and_the_last_is_asked(void **state)
{
	struct cip_path p = PATH(0x20, 0x8e, 0x24, 0x01, 0x20, 0x74, 0x24, 0x02);

	(void)state;
	assert_int_equal(p.cls, 0x8e);
	assert_int_equal(p.last, 0x74);
	assert_int_equal(p.instance, 1);
	assert_true(p.has & CIP_PATH_CLASSES);
}

static void segments_of_all_kinds_are_stepped_over(void **state)
{
	/* port 1 slot 0; key; schedule; port 2 with an address of 3 and a pad; data; symbol of odd length */
	struct cip_path p = PATH(0x01, 0x00, 0x34, 0x04, 1, 0, 2, 0, 3, 0, 4, 5, 0x41, 0x09, 0x12, 0x03, 'a', 'b', 'c', 0,
				 0x80, 0x01, 0xaa, 0xbb, 0x91, 0x03, 'X', 'Y', 'Z', 0, 0x28, 0x05, 0x20, 0x04);

	(void)state;
	assert_int_equal(p.has, CIP_PATH_PORT | CIP_PATH_SYMBOL | CIP_PATH_MEMBER | CIP_PATH_CLASS);
	assert_int_equal(p.cls, 4);
}

static void what_runs_past_the_end_or_is_undefined_is_told_apart(void **state)
{
	(void)state;
	assert_int_equal(PATH(0x20, 0x01, 0x25, 0x00, 0x01).has, CIP_PATH_CLASS | CIP_PATH_SHORT);
	assert_int_equal(PATH(0x20, 0x01, 0xe0, 0x01).has, CIP_PATH_CLASS | CIP_PATH_BAD);
	assert_int_equal(PATH(0x91, 0x05, 'a', 'b').has, CIP_PATH_SHORT);
	assert_int_equal(PATH(0x23, 0x00).has, CIP_PATH_BAD);
}

static void check(uint8_t service, uint32_t cls, const char *name, enum ot_op op, enum ot_act act)
{
	struct cip_service is = cip_service_of(service, cls);

	assert_non_null(is.name);
	assert_string_equal(is.name, name);
	assert_int_equal(is.op, op);
	assert_int_equal(is.act, act);
}

static void a_service_means_what_its_class_says(void **state)
{
	(void)state;
	check(0x4e, CIP_CONNECTION_MANAGER, "forward_close", OP_SESSION, ACT_NONE);
	check(0x4e, CIP_SYMBOL, "read_modify_write_tag", OP_WRITE, ACT_NONE);
	check(0x4e, 0xb2, "add_to_group", OP_SESSION, ACT_NONE);
	check(0x52, CIP_CONNECTION_MANAGER, "unconnected_send", OP_OTHER, ACT_NONE);
	check(0x52, CIP_SYMBOL, "read_tag_fragmented", OP_READ, ACT_NONE);
	check(0x4b, CIP_FILE, "initiate_upload", OP_READ, ACT_NONE);
	check(0x4f, CIP_FILE, "upload_transfer", OP_READ, ACT_NONE);
	check(0x4b, 0xa1, "begin_update", OP_PROGRAM, ACT_FIRMWARE);
	check(0x4b, 0x74, "acquire_lock", OP_PROGRAM, ACT_PROGRAM_LOCK);
	check(0x4f, 0x6a, "upload", OP_PROGRAM, ACT_PROGRAM_UPLOAD);
	check(0x50, 0x6a, "download", OP_PROGRAM, ACT_PROGRAM_DOWNLOAD);
	check(0x55, CIP_SYMBOL, "get_instance_attribute_list", OP_READ, ACT_TAG_ENUMERATION);
}

static void changes_of_some_classes_amount_to_more(void **state)
{
	(void)state;
	check(0x04, 0x8b, "set_attribute_list", OP_WRITE, ACT_TIME_CHANGE);
	check(0x10, 0xf5, "set_attribute_single", OP_WRITE, ACT_NETWORK_CONFIG);
	check(0x10, 0x04, "set_attribute_single", OP_WRITE, ACT_NONE);
	check(0x10, 0x61, "set_attribute_single", OP_WRITE, ACT_CREDENTIAL);
	check(0x08, 0x68, "create", OP_PROGRAM, ACT_PROGRAM_DOWNLOAD);
	check(0x09, 0x68, "delete", OP_PROGRAM, ACT_PROGRAM_DELETE);
	check(0x03, 0x68, "get_attribute_list", OP_READ, ACT_NONE);
	check(0x04, 0xac, "set_attribute_list", OP_WRITE, ACT_NONE);
	check(0x05, 0x01, "reset", OP_CONTROL, ACT_RESTART);
	check(0x05, 0x72, "reset", OP_CONTROL, ACT_RESTART);
	check(0x06, 0x8e, "start", OP_CONTROL, ACT_START);
	check(0x07, 0x64, "stop", OP_CONTROL, ACT_STOP);
	check(0x01, 0x01, "get_attributes_all", OP_IDENTIFY, ACT_NONE);
}

static void an_unknown_service_is_never_a_write(void **state)
{
	(void)state;
	for (unsigned service = 0; service < 128; service++) {
		struct cip_service is = cip_service_of((uint8_t)service, 0x350);

		if (!is.name) {
			assert_int_equal(is.op, OP_OTHER);
			assert_int_equal(is.act, ACT_NONE);
		}
	}
	assert_null(cip_service_of(0x4b, 0x350).name);
	assert_null(cip_service_of(0x4d, CIP_NO_CLASS).name);
	assert_null(cip_service_of(0x00, CIP_NO_CLASS).name);
	assert_non_null(cip_service_of(0x10, CIP_NO_CLASS).name);
}

/* Looked up by bisection: a row out of order would not be found. */
static void every_row_of_the_table_is_found(void **state)
{
	static const struct { uint16_t cls; uint8_t service; } rows[] = {
		{ 0x01, 0x05 }, { 0x05, 0x09 }, { 0x06, 0x5b }, { 0x37, 0x51 }, { 0x44, 0x51 }, { 0x47, 0x4e },
		{ 0x5d, 0x4e }, { 0x5f, 0x4c }, { 0x61, 0x4d }, { 0x64, 0x05 }, { 0x67, 0x4b }, { 0x68, 0x50 },
		{ 0x6a, 0x4c }, { 0x6b, 0x55 }, { 0x6c, 0x4c }, { 0x6d, 0x4c }, { 0x70, 0x4b }, { 0x72, 0x4c },
		{ 0x74, 0x4c }, { 0x8d, 0x4b }, { 0x8e, 0x4c }, { 0xa1, 0x51 }, { 0xac, 0x4b }, { 0xb0, 0x4b },
		{ 0xb2, 0x4e }, { 0xf3, 0x52 }, { 0xf6, 0x4c }, { 0x32b, 0x4b }, { 0x338, 0x4b },
	};

	(void)state;
	for (unsigned i = 0; i < sizeof rows / sizeof rows[0]; i++)
		assert_non_null(cip_service_of(rows[i].service, rows[i].cls).name);
}

static void connections_are_known_by_either_id_and_by_name(void **state)
{
	struct cip_conns all = { .next = 0 };
	struct cip_conn a = { .to_server = 10, .to_client = 20, .originator = 7, .vendor = 1, .serial = 2 }, was;

	(void)state;
	cip_conn_open(&all, &a);
	assert_int_equal(cip_conn_to_server(&all, 10)->to_client, 20);
	assert_int_equal(cip_conn_to_client(&all, 20)->to_server, 10);
	assert_null(cip_conn_to_server(&all, 20));
	assert_null(cip_conn_to_server(&all, 0));
	cip_conn_learn(&all, 10, 99);                   /* an opening that was seen is not overruled */
	assert_int_equal(cip_conn_to_server(&all, 10)->to_client, 20);
	assert_false(cip_conn_close(&all, 1, 3, 7, &was));
	assert_true(cip_conn_close(&all, 1, 2, 7, &was));
	assert_int_equal(was.to_client, 20);
	assert_null(cip_conn_to_server(&all, 10));
}

static void the_oldest_connection_gives_way(void **state)
{
	struct cip_conns all = { .next = 0 };

	(void)state;
	for (uint32_t i = 1; i <= CIP_CONNS + 3; i++) {
		struct cip_conn c = { .to_server = i, .to_client = 1000 + i, .serial = (uint16_t)i };

		cip_conn_open(&all, &c);
	}
	assert_null(cip_conn_to_server(&all, 1));
	assert_null(cip_conn_to_server(&all, 3));
	assert_non_null(cip_conn_to_server(&all, 4));
	assert_non_null(cip_conn_to_server(&all, CIP_CONNS + 3));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_path_names_class_instance_and_attribute),
		cmocka_unit_test(wide_segments_have_a_pad_byte),
		cmocka_unit_test(of_two_classes_the_first_is_the_target_and_the_last_is_asked),
		cmocka_unit_test(segments_of_all_kinds_are_stepped_over),
		cmocka_unit_test(what_runs_past_the_end_or_is_undefined_is_told_apart),
		cmocka_unit_test(a_service_means_what_its_class_says),
		cmocka_unit_test(changes_of_some_classes_amount_to_more),
		cmocka_unit_test(an_unknown_service_is_never_a_write),
		cmocka_unit_test(every_row_of_the_table_is_found),
		cmocka_unit_test(connections_are_known_by_either_id_and_by_name),
		cmocka_unit_test(the_oldest_connection_gives_way),
	};

	return cmocka_run_group_tests_name("cip", tests, NULL, NULL);
}
