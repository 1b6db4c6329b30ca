/* Sites: where addresses belong, what conduits say, what is said of mistakes. */
#include "policy/policy.h"

#include "tests/unit/expr_event.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

static const char plant[] =
	"site: bottling\n"
	"zones:\n"
	"  - {name: enterprise, level: 4, networks: [10.0.0.0/8]}\n"
	"  - {name: scada, level: 2, sl: 2, networks: [192.168.2.0/24, 'fd00:2::/64']}\n"
	"  - {name: cell-1, level: 1, networks: [192.168.1.0/25], inside: policed}\n"
	"  - {name: cell-2, level: 1, networks: [192.168.7.0/24], vlans: [120]}\n"
	"  - {name: cell-3, level: 1, networks: [192.168.7.0/24], vlans: [130]}\n"
	"  - {name: guests, level: 5, vlans: [200]}\n"
	"  - {name: lab, level: 3}\n"
	"segments:\n"
	"  - {name: line-3, vlans: [110], captures: ['line3-*.pcap']}\n"
	"assets:\n"
	"  - {name: hmi-1, ip: 192.168.2.10, role: hmi}\n"
	"  - {name: ews-1, ip: [192.168.2.20, 192.168.1.20], role: ews, zone: lab}\n"
	"  - {name: plc-a, ip: 192.168.1.10, mac: '00:1d:9c:00:00:01', role: plc}\n"
	"  - {name: plc-b, ip: 192.168.1.10, role: plc, segment: line-3}\n"
	"  - {name: tap, mac: 00:1d:9c:00:00:99, zone: lab}\n"
	"conduits:\n"
	"  - from: scada\n"
	"    to: cell-1\n"
	"    allow:\n"
	"      - modbus && op == read\n"
	"      - client.asset == hmi-1 && modbus && op == write && modbus.addr in {100..119}\n"
	"  - {from: role:ews, to: [role:plc, cell-2], allow: [op == program]}\n"
	"  - {from: cell-1, to: cell-1, allow: [op == read]}\n"
	"  - {from: scada, to: cell-2, allow: []}\n"
	"  - {from: scada, to: enterprise, allow: [server.port == 443]}\n";

static struct policy *load(const char *site)
{
	static struct complaints errs;
	struct policy_text text = { .name = "site.yaml", .text = site, .n = strlen(site) };
	struct policy *p;

	errs.n = errs.more = 0;
	p = policy_load_texts(&text, NULL, 0, &errs);
	if (!p)
		complaints_print(&errs);
	return p;
}

static int setup(void **state)
{
	*state = load(plant);
	return *state ? 0 : -1;
}

static int teardown(void **state)
{
	policy_free(*state);
	return 0;
}

static const char *zone_at(const struct policy *p, const char *addr, uint16_t segment, uint16_t vlan)
{
	struct ot_side s = { .ip = ip(addr) };

	policy_place(p, segment, &vlan, vlan != 0, &s);
	return s.zone ? policy_zone(p, s.zone)->name : "";
}

static const char *asset_at(const struct policy *p, const char *addr, uint16_t segment, const char *mac)
{
	struct ot_side s = { .ip = ip(addr) };

	if (mac)
		s.has_mac = mac_parse(mac, s.mac);
	policy_place(p, segment, NULL, 0, &s);
	return s.asset ? policy_asset(p, s.asset)->name : "";
}

static void addresses_find_their_zone(void **state)
{
	const struct policy *p = *state;

	assert_string_equal(zone_at(p, "10.200.3.4", 0, 0), "enterprise");
	assert_string_equal(zone_at(p, "192.168.1.127", 0, 0), "cell-1");
	assert_string_equal(zone_at(p, "192.168.1.128", 0, 0), "");
	assert_string_equal(zone_at(p, "fd00:2::77", 0, 0), "scada");
	assert_string_equal(zone_at(p, "192.168.7.5", 0, 120), "cell-2");       /* one network, told by VLAN */
	assert_string_equal(zone_at(p, "192.168.7.5", 0, 130), "cell-3");
	assert_string_equal(zone_at(p, "192.168.7.5", 0, 0), "");
	assert_string_equal(zone_at(p, "172.20.0.1", 0, 200), "guests");        /* no network takes it: the VLAN does */
	assert_string_equal(zone_at(p, "10.0.0.1", 0, 200), "enterprise");
	assert_string_equal(zone_at(p, "0.0.0.0", 0, 0), "");
}

static void the_most_specific_network_wins(void **state)
{
	struct policy *p = load("site: s\nzones:\n"
				"  - {name: all, level: 4, networks: [0.0.0.0/0]}\n"
				"  - {name: ten, level: 3, networks: [10.0.0.0/8]}\n"
				"  - {name: one, level: 1, networks: [10.1.2.3]}\n"
				"  - {name: six, level: 2, networks: ['::/0']}\n");

	(void)state;
	assert_non_null(p);
	assert_string_equal(zone_at(p, "10.1.2.3", 0, 0), "one");
	assert_string_equal(zone_at(p, "10.1.2.4", 0, 0), "ten");
	assert_string_equal(zone_at(p, "11.1.2.4", 0, 0), "all");
	assert_string_equal(zone_at(p, "2001:db8::1", 0, 0), "six");
	policy_free(p);
}

static void assets_are_keyed_by_segment_and_address(void **state)
{
	const struct policy *p = *state;
	uint16_t vlan = 110, line = policy_segment(p, NULL, &vlan, 1);

	assert_int_equal(line, 1);
	assert_string_equal(policy_segment_name(p, line), "line-3");
	assert_int_equal(policy_segment(p, "/data/line3-monday.pcap", NULL, 0), 1);
	assert_int_equal(policy_segment(p, "/data/line4-monday.pcap", NULL, 0), 0);
	assert_string_equal(asset_at(p, "192.168.1.10", 0, NULL), "plc-a");
	assert_string_equal(asset_at(p, "192.168.1.10", line, NULL), "plc-b");
	assert_string_equal(asset_at(p, "192.168.2.10", line, NULL), "hmi-1");  /* bound to no segment */
	assert_string_equal(asset_at(p, "192.168.9.9", 0, "00:1d:9c:00:00:99"), "tap");
	assert_string_equal(asset_at(p, "192.168.9.9", 0, "00:1d:9c:00:00:01"), "");    /* it may be a router's */
	assert_string_equal(zone_at(p, "192.168.2.20", 0, 0), "lab");           /* the asset beats the network */
}

static unsigned verdict(const struct policy *p, struct ot_event *e)
{
	uint16_t vlan = 0;

	policy_place(p, 0, &vlan, 0, &e->head.src);
	policy_place(p, 0, &vlan, 0, &e->head.dst);
	policy_judge(p, e);
	return e->verdict;
}

static void conduits_judge_the_request(void **state)
{
	const struct policy *p = *state;
	struct ot_event e = modbus_write(100, 20), answer;

	assert_int_equal(verdict(p, &e), VERDICT_ALLOWED);
	e = modbus_write(100, 21);                      /* one register sticks out */
	assert_int_equal(verdict(p, &e), VERDICT_DENIED);
	answer = answer_of(e, 0);                       /* shares it, whatever it shows itself */
	answer.first = 100;
	answer.count = 1;
	assert_int_equal(verdict(p, &answer), VERDICT_DENIED);
	e = modbus_write(1, 1);
	e.op = OP_READ;
	assert_int_equal(verdict(p, &e), VERDICT_ALLOWED);
	e.head.src.ip = ip("192.168.2.99");             /* the zone may read, only hmi-1 writes */
	assert_int_equal(verdict(p, &e), VERDICT_ALLOWED);
	e.op = OP_WRITE;
	e.first = 100;
	assert_int_equal(verdict(p, &e), VERDICT_DENIED);
	e.head.src.ip = ip("172.16.0.1");
	assert_int_equal(verdict(p, &e), VERDICT_UNZONED);
}

static void an_answer_alone_is_judged_mildly(void **state)
{
	struct ot_event e = answer_of(modbus_write(0, 0), 0);

	e.has &= ~(uint32_t)(HAS_REQUEST | HAS_FIRST | HAS_COUNT);
	assert_int_equal(verdict(*state, &e), VERDICT_ALLOWED);
	e = answer_of(modbus_write(500, 1), 0);         /* it shows where: outside */
	e.has &= ~(uint32_t)HAS_REQUEST;
	assert_int_equal(verdict(*state, &e), VERDICT_DENIED);
}

static void zones_inside_and_roles(void **state)
{
	const struct policy *p = *state;
	struct ot_event e = modbus_write(1, 1);

	e.head.dst.ip = ip("192.168.2.11");             /* scada to scada: not policed */
	assert_int_equal(verdict(p, &e), VERDICT_ALLOWED);
	e.head.src.ip = ip("192.168.1.5");
	e.head.dst.ip = ip("192.168.1.6");              /* policed: reads only */
	assert_int_equal(verdict(p, &e), VERDICT_DENIED);
	e.op = OP_READ;
	assert_int_equal(verdict(p, &e), VERDICT_ALLOWED);
	e.op = OP_PROGRAM;
	e.head.src.ip = ip("192.168.2.20");             /* role ews, in zone lab */
	e.head.dst.ip = ip("192.168.1.10");
	assert_int_equal(verdict(p, &e), VERDICT_ALLOWED);
	e.head.dst.ip = ip("192.168.1.11");             /* no plc by role */
	assert_int_equal(verdict(p, &e), VERDICT_DENIED);
	e.head.dst.ip = ip("255.255.255.255");          /* a broadcast stays where its sender is */
	assert_int_equal(verdict(p, &e), VERDICT_ALLOWED);
}

static void reasons_name_the_places(void **state)
{
	struct ot_event e = modbus_write(1, 1);
	char text[200];

	verdict(*state, &e);
	policy_reason(*state, 0, &e, text, sizeof text);
	assert_string_equal(text, "No conduit from scada to cell-1 allows it.");
	e.head.src.ip = ip("172.16.0.1");
	verdict(*state, &e);
	policy_reason(*state, 0, &e, text, sizeof text);
	assert_string_equal(text, "172.16.0.1 is in no zone of the site.");
	e.head.src.ip = ip("192.168.1.5");
	verdict(*state, &e);
	policy_reason(*state, 0, &e, text, sizeof text);
	assert_string_equal(text, "Zone cell-1 is policed inside, and nothing allows it there.");
}

static void a_site_has_a_hash_of_its_texts(void **state)
{
	struct policy *other = load("site: s\nzones: []\n");

	assert_int_equal(strlen(policy_hash(*state)), 64);
	assert_string_not_equal(policy_hash(*state), policy_hash(other));
	policy_free(other);
}

static void aliases_cannot_multiply(void **state)
{
	static struct complaints errs;
	char text[2048] = "site: s\na0: &a0 [x,x,x,x,x,x,x,x,x,x]\n";
	struct policy_text t = { .name = "s", .text = text };

	(void)state;
	for (int i = 1; i < 25; i++)
		snprintf(text + strlen(text), sizeof text - strlen(text), "a%d: &a%d [*a%d,*a%d,*a%d]\n", i, i, i - 1, i - 1, i - 1);
	strcat(text, "zones: *a24\nassets: &l [*l, *l]\n");
	t.n = strlen(text);
	assert_null(policy_load_texts(&t, NULL, 0, &errs));
	assert_true(errs.n > 0);
}

/* libyaml ends lines at a lone carriage return, too; places must follow it. */
static void carriage_returns_end_lines(void **state)
{
	static struct complaints errs;
	const char *text = "site: s\r\r\r\rzones: [{name: a, level: 1, networks: [10.0.0.0/8]}]\r"
			   "conduits: [{from: a, to: a, allow: [modbuss]}]";
	struct policy_text t = { .name = "s", .text = text, .n = strlen(text) };

	(void)state;
	assert_null(policy_load_texts(&t, NULL, 0, &errs));
	assert_int_equal(errs.v[0].line, 6);
	assert_int_equal(errs.v[0].col, 37);
	assert_string_equal(errs.v[0].text, "unknown field: 'modbuss'");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(addresses_find_their_zone), cmocka_unit_test(the_most_specific_network_wins),
		cmocka_unit_test(assets_are_keyed_by_segment_and_address), cmocka_unit_test(conduits_judge_the_request),
		cmocka_unit_test(an_answer_alone_is_judged_mildly), cmocka_unit_test(zones_inside_and_roles),
		cmocka_unit_test(reasons_name_the_places), cmocka_unit_test(a_site_has_a_hash_of_its_texts),
		cmocka_unit_test(aliases_cannot_multiply), cmocka_unit_test(carriage_returns_end_lines),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
