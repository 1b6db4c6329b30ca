/* Expressions: what they are true of, and what is said of wrong ones. */
#include "expr/expr.h"
#include "expr/alert_facts.h"
#include "expr/pattern.h"
#include "policy/policy.h"

#include "tests/unit/expr_event.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <cmocka.h>

static const char *const zones[] = { NULL, "scada", "cell-1", "dmz" }, *const assets[] = { NULL, "hmi-1", "plc-filler" },
			*const roles[] = { NULL, "hmi", "plc" }, *const segments[] = { NULL, "line-3" };
static const uint8_t levels[] = { 0, 20, 10, 35 };
static const uint16_t asset_roles[] = { 0, 1, 2 };
static const struct expr_site site = { 4, 3, 3, 2, zones, assets, roles, segments, levels, asset_roles };

static struct expr *compile(const char *text, enum expr_use use)
{
	struct expr_errors errs;
	struct expr *e = expr_compile(text, strlen(text), use, &site, &errs);

	if (!e)
		print_message("%s: %s at %u\n", text, errs.v[0].text, errs.v[0].at);
	return e;
}

static bool is(const char *text, const struct ot_event *ev)
{
	struct judged j = { .ev = ev };
	struct expr *e = compile(text, EXPR_RULE);
	bool met;

	assert_non_null(e);
	met = expr_eval(e, &j);
	if (met)
		assert_true((expr_signature(ev) & ~expr_mask(e)) == 0);
	expr_free(e);
	return met;
}

#define yes(text) assert_true(is(text, &ev))
#define no(text) assert_false(is(text, &ev))

static void ranges_are_inside_or_overlap(void **state)
{
	struct ot_event ev = modbus_write(100, 20);     /* 100..119 */

	(void)state;
	yes("modbus.addr in {100..119}");
	yes("modbus.addr in {90..105, 106..200}");      /* touching parts make one */
	no("modbus.addr in {100..118}");
	no("modbus.addr in {90..104, 106..200}");       /* 105 is missing */
	yes("modbus.addr overlaps {119..300}");
	no("modbus.addr overlaps {120..300}");
	yes("modbus.addr >= 100 && modbus.addr < 120");
	no("modbus.addr < 119");
	no("modbus.addr == 100");
	no("modbus.addr != 110");                       /* != means: none of it */
	yes("modbus.addr != 99");
	yes("target.first == 100 and target.last == 119 and target.count == 20");
	ev.count = 1;
	yes("modbus.addr == 100");
	ev.first = UINT32_MAX;
	ev.count = UINT32_MAX;                          /* past every address: no wrap to low ones */
	no("modbus.addr overlaps {0..100}");
	yes("target.last == 0x1fffffffd");
}

static void what_does_not_apply_is_false(void **state)
{
	struct ot_event ev = modbus_write(1, 1);

	(void)state;
	no("act == stop");
	no("act != stop");
	yes("!(act == stop)");
	no("act");
	yes("!act");
	no("outcome == ok");
	no("outcome != ok");
	no("cip.class == 1");
	no("cip.class != 1");
	no("s7.addr in {0..1000}");
	no("client.zone != scada");
	no("latency < 1h");
	no("anomalies");
	no("identity.vendor != \"x\"");
	yes("modbus and not s7comm and not (cip or enip)");
	memset(&ev, 0, sizeof ev);                      /* no message at all */
	no("op == other");
	yes("!(op == other) && !(dir == request)");
}

static void types_compare_as_they_should(void **state)
{
	struct ot_event ev = modbus_write(1, 1);

	(void)state;
	set_value(&ev, "\x01\xF4", 2);
	ev.has |= HAS_LATENCY;
	ev.latency_us = 250000;
	ev.anomalies = 1u << ANOM_BAD_COUNT | 1u << ANOM_BAD_VALUE;
	ev.head.vlan[0] = 110;
	ev.head.vlan[1] = 7;
	ev.head.vlans = 2;
	ev.head.src.has_mac = 1;
	memcpy(ev.head.src.mac, "\x00\x1d\x9c\xaa\xbb\xcc", 6);
	yes("value.uint == 500 && value.bytes == \"01f4\" && value.total == 2");
	ev.proto = PROTO_CIP;
	yes("value.uint == 0xf401");                    /* low byte first */
	ev.proto = PROTO_MODBUS;
	yes("latency >= 250ms && latency < 1s && latency in {1ms..300ms}");
	yes("anomaly == bad_count && anomalies contains bad_value && anomaly in {bad_length, bad_value}");
	no("anomaly == bad_length");
	yes("anomaly != bad_length");
	no("anomaly != bad_count");
	yes("vlan == 7 && vlan in {100..120} && vlan != 8");
	yes("src.mac == 00:1D:9C:aa:bb:cc && src.mac in {00:1d:9c:aa:bb:cc, 00:00:00:00:00:01}");
	yes("src.ip == 192.168.2.10 && client.ip in {10.0.0.0/8, 192.168.2.0/24} && dst.ip in {192.168.1.5..192.168.1.20}");
	no("src.ip == 192.168.2.0/28 && dst.ip == 192.168.2.10");
	yes("op == write && op in {write, control} && op != read");
	yes("time.day == mon && time.hour < 1 && tcp && ip.proto == 6 && !udp");
	yes("client.port > 1024 and server.port eq 502 and not client.public");
	ev.head.src.ip = ip("2a00:1450::1");
	yes("client.ip in {2a00::/16} && client.public");
}

static void places_come_from_the_site(void **state)
{
	struct ot_event ev = modbus_write(1, 1);

	(void)state;
	ev.head.src.zone = 1;
	ev.head.src.asset = 1;
	ev.head.dst.zone = 2;
	ev.head.dst.asset = 2;
	yes("client.zone == scada && server.zone == \"cell-1\" && client.zone != dmz");
	yes("client.asset == hmi-1 && server.role in {plc, hmi} && client.role != plc");
	yes("server.asset matches \"^plc-\" && server.asset contains fill");
	yes("client.level == 2 && server.level < 2 && client.level <= 3.5");
	ev.head.src.zone = 3;
	yes("client.level == 3.5 && client.level > 3 && client.level in {3..4}");
	yes("client.listed");
	ev.head.src.asset = 0;
	yes("client.listed == false && !client.asset && !client.role");
}

static void text_is_compared_searched_and_matched(void **state)
{
	struct ot_event ev = modbus_write(1, 1);

	(void)state;
	set_tag(&ev, "Program:Main.Speed");
	yes("target.tag == \"Program:Main.Speed\" && target.tag contains 'Main'");
	yes("target.tag matches \"^Program:\\w+\\.Spe+d$\"");
	yes("target.tag matches \"(?i)main\\.(speed|level)\"");
	no("target.tag matches \"^Main\"");
	no("target.tag in {\"a\", \"Program\"}");
	yes("target.space == holding_registers && func.name contains \"multiple\"");
}

static void patterns_mean_what_they_say(void **state)
{
	static const struct {
		const char *pattern, *text;
		bool match;
	} cases[] = {
		{ "a*b", "aaab", true }, { "^a*b$", "aaac", false }, { "^(ab|cd)+$", "abcdab", true },
		{ "^(ab|cd)+$", "abc", false }, { "^[a-c]x?$", "b", true }, { "^[^a-c]$", "b", false }, { "^$", "", true },
		{ "^$", "x", false }, { "", "x", true }, { "a\\.b", "axb", false }, { "\\d\\d", "a12", true },
		{ "^.$", "\xff", true }, { "[]x]", "]", true }, { "[a-]", "-", true }, { "x\\$", "x$", true },
	};
	static struct pattern p;
	const char *why;
	size_t at;

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		assert_true(pattern_compile(cases[i].pattern, strlen(cases[i].pattern), &p, &why, &at));
		assert_int_equal(pattern_match(&p, cases[i].text, strlen(cases[i].text)), cases[i].match);
	}
	assert_false(pattern_compile("(a", 2, &p, &why, &at));
	assert_false(pattern_compile("a{2}", 4, &p, &why, &at));
	assert_false(pattern_compile("*", 1, &p, &why, &at));
	assert_false(pattern_compile("^a|b", 4, &p, &why, &at));
}

/* The pattern that hangs engines that go back. */
static void patterns_take_linear_time(void **state)
{
	static struct pattern p;
	char text[4096];
	const char *why;
	size_t at;
	clock_t t;

	(void)state;
	memset(text, 'a', sizeof text);
	assert_true(pattern_compile("^(a*)*(a*)*(a|a)*b$", 19, &p, &why, &at));
	t = clock();
	assert_false(pattern_match(&p, text, sizeof text));
	assert_true(clock() - t < CLOCKS_PER_SEC);
}

/* What an answer on its own cannot show is not held against it. */
static void answers_alone_may_be_right(void **state)
{
	struct ot_event ev = answer_of(modbus_write(100, 2), 0);
	struct judged j = { .ev = &ev };
	struct expr *e = compile("modbus && op == write && modbus.addr in {100..119}", EXPR_ALLOW);

	(void)state;
	assert_int_equal(expr_truth(e, &j), EXPR_YES);
	ev.has &= ~(uint32_t)(HAS_REQUEST | HAS_FIRST | HAS_COUNT);
	assert_int_equal(expr_truth(e, &j), EXPR_MAYBE);
	ev.has |= HAS_REQUEST;
	assert_int_equal(expr_truth(e, &j), EXPR_NO);
	ev.op = OP_READ;
	ev.has &= ~(uint32_t)HAS_REQUEST;
	assert_int_equal(expr_truth(e, &j), EXPR_NO);
	expr_free(e);
}

static void a_flow_that_begins_may_be_anything(void **state)
{
	struct ot_event ev = { 0 };
	struct flow_facts flow = { .ip_proto = 6, .is_new = true, .server_port = 22 };
	struct judged j = { .ev = &ev, .flow = &flow };
	struct expr *modbus = compile("modbus && op == read", EXPR_ALLOW), *port = compile("server.port == 22", EXPR_ALLOW);

	(void)state;
	ev.head.dst.port = 22;
	assert_int_equal(expr_truth(modbus, &j), EXPR_MAYBE);
	assert_int_equal(expr_truth(port, &j), EXPR_YES);
	flow.decided = true;
	assert_int_equal(expr_truth(modbus, &j), EXPR_NO);
	ev.proto = PROTO_MODBUS;
	assert_int_equal(expr_truth(modbus, &j), EXPR_MAYBE);
	expr_free(modbus);
	expr_free(port);
}

static void stages_follow_from_fields(void **state)
{
	static const struct {
		const char *text;
		enum stage stage;
		bool site, value;
	} cases[] = {
		{ "op == write", STAGE_EVENT, false, false }, { "verdict == denied", STAGE_EVENT, true, false },
		{ "flow.new && client.level >= 4", STAGE_FLOW, true, false },
		{ "new.asset && subject.public", STAGE_HISTORY, false, false },
		{ "new.client && op == write", STAGE_HISTORY, false, false },
		{ "value.uint > 5", STAGE_EVENT, false, true }, { "time.hour < 6", STAGE_EVENT, false, true },
		{ "client.port < 1024", STAGE_EVENT, false, true }, { "server.port == 502", STAGE_EVENT, false, false },
		{ "src.mac == 00:11:22:33:44:55", STAGE_EVENT, false, true }, { "vlan == 3", STAGE_EVENT, false, true },
		{ "target.route == '1/0'", STAGE_EVENT, false, true }, { "part == 2", STAGE_EVENT, false, true },
		{ "identity.firmware == '1.0'", STAGE_EVENT, false, true },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct expr *e = compile(cases[i].text, EXPR_RULE);

		assert_non_null(e);
		assert_int_equal(expr_stage(e), cases[i].stage);
		assert_int_equal(expr_needs_site(e), cases[i].site);
		assert_int_equal(expr_looks_at_value(e), cases[i].value);
		expr_free(e);
	}
}

static void mistakes_are_told_with_their_place(void **state)
{
	static const struct {
		const char *text;
		enum expr_use use;
		uint32_t at;
		const char *wrong, *hint;
	} cases[] = {
		{ "modbus.adr == 1", EXPR_RULE, 0, "unknown field: 'modbus.adr'", "did you mean 'modbus.addr'?" },
		{ "op == wirte", EXPR_RULE, 6, "unknown word for op: 'wirte'", "did you mean 'write'?" },
		{ "op = write", EXPR_RULE, 3, "not an operator: '='", "'==' compares" },
		{ "modbus.addr in {5..1}", EXPR_RULE, 19, "range runs backwards: '1'", "" },
		{ "latency > 5", EXPR_RULE, 10, "wrong type of value: '5'", "latency takes a duration like 10ms, 5s or 2h" },
		{ "client.zone == cell", EXPR_RULE, 15, "unknown zone: 'cell'", "did you mean 'cell-1'?" },
		{ "client.ip == 10.0.0.0/33", EXPR_RULE, 13, "not an address: '10.0.0.0/33'",
		  "addresses are like 192.168.1.10, 10.0.0.0/8, fd00::/64 or 00:1d:9c:aa:bb:cc" },
		{ "op < write", EXPR_RULE, 3, "this operator does not go with op: '<'", "op: == != in" },
		{ "modbus &&", EXPR_RULE, 9, "the expression ends too early",
		  "a comparison begins with a field, see zonetap-fields(7)" },
		{ "(modbus", EXPR_RULE, 7, "the expression ends too early", "" },
		{ "modbus) && s7", EXPR_RULE, 6, "')' without '(': ')'", "'and' and 'or' join comparisons" },
		{ "flow.new && op == write", EXPR_RULE, 12, "no stage knows all fields of this expression: 'op'",
		  "it is known of one message, 'flow.new' when a flow begins: make two rules" },
		{ "flow.new", EXPR_ALLOW, 0, "this field is not known of one message: 'flow.new'", "only rules and filters can use it" },
		{ "new.asset", EXPR_FILTER, 0, "this field is not known of one message: 'new.asset'", "only rules can use it" },
		{ "app in {ssh, rpd}", EXPR_ALLOW, 13, "unknown word for app: 'rpd'", "did you mean 'rdp'?" },
		{ "app == ssh && op == read", EXPR_RULE, 14, "no stage knows all fields of this expression: 'op'",
		  "it is known of one message, 'app' when a flow begins: make two rules" },
		{ "verdict == denied", EXPR_ALLOW, 0, "a conduit cannot look at this: 'verdict'", "conduits make the verdict" },
		{ "modbus.addr overlaps {1..2}", EXPR_ALLOW, 12, "a conduit cannot allow by: 'overlaps'",
		  "use 'in', so that what sticks out is denied" },
		{ "target.space == holding_register", EXPR_RULE, 16,
		  "unknown address space (quote it to insist): 'holding_register'", "did you mean 'holding_registers'?" },
		{ "cip.tag matches \"(\"", EXPR_RULE, 16, "wrong pattern: '\"(\"'", "')' is missing" },
		{ "client.level == 6", EXPR_RULE, 16, "wrong type of value: '6'",
		  "client.level takes a level from 0 to 5, 3.5 for the DMZ" },
		{ "", EXPR_RULE, 0, "the expression is empty", "" },
	};
	struct expr_errors errs;

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		assert_null(expr_compile(cases[i].text, strlen(cases[i].text), cases[i].use, &site, &errs));
		assert_string_equal(errs.v[0].text, cases[i].wrong);
		assert_string_equal(errs.v[0].hint, cases[i].hint);
		assert_int_equal(errs.v[0].at, cases[i].at);
	}
}

static void several_mistakes_are_found_at_once(void **state)
{
	const char *text = "moodbus && (op == wirte or unit > x) && cip.clas == 1";
	struct expr_errors errs;

	(void)state;
	assert_null(expr_compile(text, strlen(text), EXPR_RULE, &site, &errs));
	assert_int_equal(errs.n, 4);
	assert_string_equal(errs.v[1].text, "unknown word for op: 'wirte'");
	assert_string_equal(errs.v[3].text, "unknown field: 'cip.clas'");
}

static void a_filter_without_a_site_refuses_its_fields(void **state)
{
	struct expr_errors errs;

	(void)state;
	assert_null(expr_compile("client.level > 3", 16, EXPR_FILTER, NULL, &errs));
	assert_string_equal(errs.v[0].hint, "give one with --site");
}

static void size_and_depth_are_bounded(void **state)
{
	struct expr_errors errs;
	char text[EXPR_TEXT_MAX + 2];
	struct expr *e;

	(void)state;
	memset(text, '(', sizeof text);
	assert_null(expr_compile(text, EXPR_TEXT_MAX, EXPR_RULE, NULL, &errs));
	assert_null(expr_compile(text, EXPR_TEXT_MAX + 1, EXPR_RULE, NULL, &errs));
	for (size_t i = 0; i < 30; i++)
		text[i] = '!';
	memcpy(text + 30, "modbus", 6);
	e = expr_compile(text, 36, EXPR_RULE, NULL, &errs);
	assert_non_null(e);
	expr_free(e);
	memset(text, '!', 40);
	memcpy(text + 40, "modbus", 6);
	assert_null(expr_compile(text, 46, EXPR_RULE, NULL, &errs));
}

/* --- of finished alerts ----------------------------------------------------------------------- */

static bool forwarded(const char *text, const struct alert_facts *a)
{
	struct expr_errors errs;
	struct expr *e = expr_compile(text, strlen(text), EXPR_FORWARD, NULL, &errs);
	bool met;

	if (!e)
		print_message("%s: %s (%s)\n", text, errs.v[0].text, errs.v[0].hint);
	assert_non_null(e);
	met = expr_forward(e, a);
	expr_free(e);
	return met;
}

static void a_sink_chooses_alerts(void **state)
{
	static const char *const attack[] = { "T0858", "T0855" }, *const sr[] = { "SR 2.1" }, *const also[] = { "unzoned", "foreign" };
	static const uint8_t hmi[4] = { 192, 168, 2, 10 };
	const struct alert_facts a = {
		.client = { .zone = "scada", .ip = addr_v4(hmi), .has_ip = true, .port = 40000, .has_port = true, .mac = 0x001d9c010203,
			    .has_mac = true, .country = "DE" },
		.server = { .zone = "cell-1", .asset = "plc filler", .level10 = 10, .has_level = true },
		.rule = "write-denied", .class_word = "unauthorised-write", .title = "Write that no conduit allows", .sensor = "north",
		.proto = "modbus", .op = "write", .outcome = "mixed", .attack = attack, .attacks = 2, .sr = sr, .srs = 1, .also = also,
		.alsos = 2, .severity = 3, .rev = 2, .count = 12,
	};
	static const char *const met[] = {
		"severity >= medium", "severity == high", "severity < critical", "severity in {high, critical}", "severity != info",
		"class != \"sensor-health\"", "server.zone == \"cell-1\"", "server.zone == cell-1", "rule in {write-denied, plc-stop}",
		"client.ip in 192.168.0.0/16", "client.mac == 00:1d:9c:01:02:03", "client.port > 1023", "server.level < 2",
		"outcome == mixed", "count > 10 && !ended", "attack == T0855", "attack in {T0800, T0858}", "attack matches \"^T08\"",
		"iec62443 == \"SR 2.1\"", "also contains zone", "also == foreign", "modbus && op in {write, program}", "proto == modbus",
		"rev > 1", "server.asset == \"plc filler\"", "title contains conduit", "client.geo.country == DE", "!client.public",
		"!(act == stop)", "!health.kind", "attack",
	};
	static const char *const unmet[] = {
		"severity > high", "severity <= medium", "severity == critical", "server.zone == cell-2", "client.ip in 10.0.0.0/8",
		"outcome == accepted", "ended", "attack == T08", "attack != T0855", "iec62443 == \"SR 5.1\"", "s7comm", "client.asset == hmi-1",
		"act != stop", "server.ip", "server.port < 1024", "unit == 0", "site",
	};

	(void)state;
	for (size_t i = 0; i < sizeof met / sizeof met[0]; i++) {
		if (!forwarded(met[i], &a))
			fail_msg("not met: %s", met[i]);
	}
	for (size_t i = 0; i < sizeof unmet / sizeof unmet[0]; i++) {
		if (forwarded(unmet[i], &a))
			fail_msg("met: %s", unmet[i]);
	}
}

static void what_a_sink_cannot_choose_by(void **state)
{
	static const struct { const char *text, *error, *hint; } wrong[] = {
		{ "severity >= severe", "unknown word for severity: 'severe'", "" },
		{ "severty >= high", "unknown field: 'severty'", "did you mean 'severity'?" },
		{ "modbus.addr in {1..2}", "unknown field: 'modbus.addr'", "" },
		{ "verdict == denied", "unknown field: 'verdict'", "" },
		{ "count > many", "wrong type of value: 'many'", "count takes a number like 100 or 0x64" },
		{ "op > read", "this operator does not go with op: '>'", "op: == != in" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
		struct expr_errors errs;

		assert_null(expr_compile(wrong[i].text, strlen(wrong[i].text), EXPR_FORWARD, NULL, &errs));
		assert_string_equal(errs.v[0].text, wrong[i].error);
		assert_string_equal(errs.v[0].hint, wrong[i].hint);
	}
	for (unsigned i = 0; i < 5; i++) {              /* the words of severities are those of policy.h */
		char text[32];
		const struct alert_facts a = { .severity = i };

		snprintf(text, sizeof text, "severity == %s", severity_word(i));
		assert_true(forwarded(text, &a));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ranges_are_inside_or_overlap), cmocka_unit_test(what_does_not_apply_is_false),
		cmocka_unit_test(types_compare_as_they_should), cmocka_unit_test(places_come_from_the_site),
		cmocka_unit_test(text_is_compared_searched_and_matched), cmocka_unit_test(patterns_mean_what_they_say),
		cmocka_unit_test(patterns_take_linear_time), cmocka_unit_test(answers_alone_may_be_right),
		cmocka_unit_test(a_flow_that_begins_may_be_anything), cmocka_unit_test(stages_follow_from_fields),
		cmocka_unit_test(mistakes_are_told_with_their_place), cmocka_unit_test(several_mistakes_are_found_at_once),
		cmocka_unit_test(a_filter_without_a_site_refuses_its_fields), cmocka_unit_test(size_and_depth_are_bounded),
		cmocka_unit_test(a_sink_chooses_alerts),
		cmocka_unit_test(what_a_sink_cannot_choose_by),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
