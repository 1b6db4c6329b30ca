/* Reading an alert: what is there, what need not be, and what is refused. */
#include "forward/record.h"
#include "policy/policy.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#define NEEDED "\"uid\":\"u1\",\"rev\":3,\"rule\":\"r\",\"title\":\"t\",\"severity\":\"high\",\"text\":\"x\""
#define SECOND UINT64_C(1000000000)

static struct record r;

static int read_text(const char *json)
{
	struct diag d = { "" };
	int err = record_read(&r, 7, 5 * SECOND, json, strlen(json), &d);

	if (err)
		assert_true(d.text[0] && !strchr(d.text, '\n'));
	return err;
}

static void read_with(const char *members)
{
	char json[8192];

	snprintf(json, sizeof json, "{" NEEDED ",%s}", members);
	assert_int_equal(read_text(json), ZT_OK);
}

static void refused(const char *members, const char *why)
{
	char json[8192];
	struct diag d;

	snprintf(json, sizeof json, "{" NEEDED ",%s}", members);
	assert_int_equal(record_read(&r, 0, 0, json, strlen(json), &d), ZT_ESYNTAX);
	assert_string_equal(d.text, why);
	assert_null(r.inside);
}

static void the_least(void **state)
{
	(void)state;
	assert_int_equal(read_text("{" NEEDED "}"), ZT_OK);
	assert_int_equal(r.id, 7);
	assert_string_equal(r.uid, "u1");
	assert_int_equal(r.rev, 3);
	assert_int_equal(r.severity, SEV_HIGH);
	assert_string_equal(r.class_word, "r");
	assert_int_equal(r.count, 1);
	assert_int_equal(r.ts_ns, 5 * SECOND);
	assert_int_equal(r.first_ns, 5 * SECOND);
	assert_false(r.has_client || r.has_server || r.has_func || r.has_unit || r.has_status || r.ended);
	assert_null(r.target);
	assert_null(r.outcome);
	record_fini(&r);
}

static void all_members(void **state)
{
	(void)state;
	read_with("\"class\":\"c\",\"client\":{\"ip\":\"2001:db8::1\",\"port\":65535,\"mac\":\"00:1d:9c:aa:bb:cc\",\"zone\":\"z\",\"level\":3.5,"
		  "\"asset\":\"a\",\"role\":\"o\",\"segment\":\"s\",\"geo\":{\"country\":\"DE\",\"name\":\"Germany\"},"
		  "\"asn\":{\"number\":4294967295,\"org\":\"Org\"}},\"server\":{\"ip\":\"10.0.0.1\",\"level\":0},"
		  "\"proto\":\"modbus\",\"op\":\"write\",\"act\":\"force\",\"func\":{\"code\":5,\"name\":\"f\"},\"unit\":0,"
		  "\"outcome\":\"refused\",\"status\":{\"code\":2,\"name\":\"n\"},\"count\":12,\"ended\":true,"
		  "\"first_seen\":\"2026-03-02T07:10:00.062900001Z\",\"last_seen\":\"2024-02-29T23:59:59.999999999Z\","
		  "\"attack\":[{\"id\":\"T1\",\"id_legacy\":\"T2\",\"name\":\"N\",\"version\":\"19\"},{\"id\":\"T3\"}],"
		  "\"iec62443\":[\"SR 1\",\"SR 2\"],\"also\":[\"x\"],\"anomalies\":[\"b\",\"c\"],"
		  "\"flow\":{\"ip_proto\":17,\"app\":\"dns\"},\"sensor\":\"S\",\"site\":\"P\",\"run\":\"R\","
		  "\"evidence\":{\"capture\":\"C\",\"first_frame\":1,\"last_frame\":2,\"interface\":\"I\"},"
		  "\"health\":{\"kind\":\"K\",\"name\":\"M\",\"value\":9}");
	assert_string_equal(r.client.ip, "2001:db8::1");
	assert_true(r.client.has_port && r.client.port == 65535 && r.client.has_level && r.client.level10 == 35);
	assert_true(r.client.has_asn && r.client.asn == UINT32_MAX && r.server.has_level && r.server.level10 == 0);
	assert_false(r.server.has_port);
	assert_string_equal(r.client.country_name, "Germany");
	assert_true(r.has_func && r.func == 5 && r.has_unit && r.unit == 0 && r.has_status && r.status == 2 && r.ended);
	assert_int_equal(r.first_ns, UINT64_C(1772435400062900001));
	assert_int_equal(r.last_ns, UINT64_C(1709251199999999999));
	assert_int_equal(r.ts_ns, 5 * SECOND);
	assert_int_equal(r.attacks, 2);
	assert_null(r.attack[1].name);
	assert_true(r.srs == 2 && r.alsos == 1);
	assert_string_equal(r.anomalies, "b,c");
	assert_int_equal(r.ip_proto, 17);
	assert_string_equal(r.health_kind, "K");
	assert_int_equal(r.health_value, 9);
	record_fini(&r);
}

static void targets_and_values(void **state)
{
	static const struct { const char *json, *target; } rows[] = {
		{ "{\"space\":\"holding_registers\",\"first\":100,\"count\":2,\"granule\":\"word\"}", "holding registers 100-101" },
		{ "{\"space\":\"coils\",\"first\":7,\"count\":1,\"granule\":\"bit\"}", "coil 7" },
		{ "{\"space\":\"db\",\"block\":10,\"first\":4,\"count\":4,\"granule\":\"byte\"}", "DB10 bytes 4-7" },
		{ "{\"space\":\"db\",\"block\":1,\"first\":33,\"granule\":\"bit\"}", "DB1 bit 4.1" },
		{ "{\"space\":\"inputs\",\"first\":0,\"count\":8,\"granule\":\"bit\"}", "inputs bits 0.0-0.7" },
		{ "{\"space\":\"szl\",\"block\":28}", "szl 0x001c" },
		{ "{\"space\":\"class_0x8e\",\"class\":142,\"block\":1,\"route\":\"1/0\"}", "class_0x8e instance 1 (route 1/0)" },
		{ "{\"class\":142,\"block\":1,\"first\":3}", "class_0x8e instance 1 attribute 3" },
		{ "{\"tag\":\"Fill\\nLevel\"}", "tag Fill\nLevel" },
		{ "{\"space\":\"block\",\"tag\":\"DB1\"}", "block DB1" },
		{ "{\"path\":\"1/2/3\"}", "object 1/2/3" },
		{ "{\"first\":5,\"count\":4294967295}", "addresses 5-4294967299" },
		{ "{\"route\":\"1/0\"}", "(route 1/0)" },
		{ "{\"tag\":\"\"}", NULL },
		{ "{}", NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		char json[512];

		snprintf(json, sizeof json, "\"target\":%s", rows[i].json);
		read_with(json);
		if (rows[i].target)
			assert_string_equal(r.target, rows[i].target);
		else
			assert_null(r.target);
		record_fini(&r);
	}
	read_with("\"target\":{\"tag\":\"a\"},\"targets\":[{\"tag\":\"a\"},{\"tag\":\"b\"},{}],\"targets_more\":7,"
		  "\"value\":{\"bytes\":\"0037\",\"total\":2}");
	assert_string_equal(r.target, "tag a and 9 more");
	assert_string_equal(r.value, "0x0037");
	record_fini(&r);
	read_with("\"value\":{\"bytes\":\"0037\",\"total\":200}");
	assert_string_equal(r.value, "0x0037... (200 bytes)");
	record_fini(&r);
	read_with("\"value\":{\"bytes\":\"zz\",\"total\":2}");
	assert_null(r.value);
	record_fini(&r);
}

static void a_nul_is_a_character_like_others(void **state)
{
	(void)state;
	read_with("\"sensor\":\"a\\u0000b\\u0000\",\"site\":\"\\u0000\"");
	assert_string_equal(r.sensor, "a\xef\xbf\xbd" "b\xef\xbf\xbd");
	assert_string_equal(r.site, "\xef\xbf\xbd");
	record_fini(&r);
}

static void lists_have_an_end(void **state)
{
	char json[4096] = "\"iec62443\":[\"0\"";

	(void)state;
	for (unsigned i = 1; i < 100; i++)
		snprintf(json + strlen(json), sizeof json - strlen(json), ",\"%u\"", i);
	strncat(json, "]", sizeof json - strlen(json) - 1);
	read_with(json);
	assert_int_equal(r.srs, RECORD_SRS_MAX);
	record_fini(&r);
}

static void mistakes_have_a_name(void **state)
{
	(void)state;
	refused("\"client\":{\"port\":65536}", "the alert's member 'client.port' is not a number in its range");
	refused("\"client\":{\"port\":\"1\"}", "the alert's member 'client.port' is not a number in its range");
	refused("\"client\":{\"ip\":\"host\"}", "the alert's member 'client.ip' is not an address");
	refused("\"server\":{\"mac\":\"1\"}", "the alert's member 'server.mac' is not an address");
	refused("\"server\":{\"level\":26}", "the alert's member 'server.level' is not a number in its range");
	refused("\"client\":1", "the alert's member 'client' is not an object");
	refused("\"also\":{}", "the alert's member 'also' is not a list");
	refused("\"also\":[1]", "the alert's member 'also' is not text");
	refused("\"count\":-1", "the alert's member 'count' is not a number in its range");
	refused("\"ended\":1", "the alert's member 'ended' is neither true nor false");
	refused("\"attack\":[{}]", "the alert's member 'attack.id' is missing");
	refused("\"first_seen\":\"2026-03-02\"", "the alert's member 'first_seen' is not a time");
	refused("\"first_seen\":\"2026-03-02T07:10:00.06290000aZ\"", "the alert's member 'first_seen' is not a time");
	refused("\"count\":1,\"count\":2", "the alert has a member twice (at byte 89)");
	refused("\"count\":01", "the alert is not JSON (at byte 81)");
	refused("\"x\":[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]", "the alert has too many levels (at byte 91)");
}

static void what_is_no_alert(void **state)
{
	static const char *const rows[] = {
		"", "{}", "[]", "1", "{" NEEDED, "{" NEEDED "}x", "{\"uid\":\"\",\"rev\":1}",
		"{\"rev\":1,\"rule\":\"r\",\"title\":\"t\",\"severity\":\"high\",\"text\":\"x\"}",
		"{\"uid\":\"a b\",\"rev\":1,\"rule\":\"r\",\"title\":\"t\",\"severity\":\"high\",\"text\":\"x\"}",
		"{\"uid\":\"u\",\"rule\":\"r\",\"title\":\"t\",\"severity\":\"high\",\"text\":\"x\"}",
		"{\"uid\":\"u\",\"rev\":1,\"rule\":\"r\",\"title\":\"t\",\"severity\":\"High\",\"text\":\"x\"}",
		"{\"uid\":\"u\",\"rev\":1,\"rule\":\"r\",\"title\":\"t\",\"severity\":\"high\",\"text\":\"\xff\"}",
		"{\"uid\":\"u\",\"rev\":1,\"rule\":\"r\",\"title\":\"t\",\"severity\":\"high\",\"text\":\"\\ud800\"}",
	};
	char *much = malloc(RECORD_JSON_MAX + 2);
	struct diag d;

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		assert_int_equal(read_text(rows[i]), ZT_ESYNTAX);
	assert_non_null(much);
	memset(much, ' ', RECORD_JSON_MAX + 1);
	assert_int_equal(record_read(&r, 0, 0, much, RECORD_JSON_MAX + 1, &d), ZT_ESYNTAX);
	for (size_t i = 0; i < 8192; i++)
		memcpy(much + 2 * i, i ? ",1" : "[1", 2);
	memcpy(much + 2 * 8192, "]", 1);
	assert_int_equal(record_read(&r, 0, 0, much, 2 * 8192 + 1, &d), ZT_ESYNTAX);
	assert_string_equal(d.text, "the alert has too many values (at byte 16383)");
	free(much);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_least), cmocka_unit_test(all_members), cmocka_unit_test(targets_and_values),
		cmocka_unit_test(a_nul_is_a_character_like_others), cmocka_unit_test(lists_have_an_end),
		cmocka_unit_test(mistakes_have_a_name), cmocka_unit_test(what_is_no_alert),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
