/* Rules: those that are shipped, exceptions, keys, stages, and what a plain read costs. */
#include "policy/policy.h"

#include "tests/unit/expr_event.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <cmocka.h>

static struct policy *shipped(const char *site)
{
	static struct complaints errs;
	const char *path = "test_rules.site.yaml";
	struct policy *p;
	FILE *f = site ? fopen(path, "w") : NULL;

	errs.n = errs.more = 0;
	if (f) {
		fputs(site, f);
		fclose(f);
	}
	p = policy_load(site ? path : NULL, NULL, 0, &errs);
	if (!p)
		complaints_print(&errs);
	remove(path);
	return p;
}

static const char plant[] =
	"site: s\n"
	"zones:\n"
	"  - {name: office, level: 4, networks: [10.0.0.0/8]}\n"
	"  - {name: scada, level: 2, networks: [192.168.2.0/24]}\n"
	"  - {name: cell, level: 1, networks: [192.168.1.0/24]}\n"
	"assets: [{name: hmi, ip: 192.168.2.10}]\n"
	"conduits: [{from: scada, to: cell, allow: [modbus && op == read]}, {from: office, to: cell, allow: [udp]}]\n";

static uint16_t by_id(const struct policy *p, const char *id)
{
	for (uint16_t i = 1; i <= policy_rules(p); i++) {
		if (strcmp(policy_rule(p, i)->id, id) == 0)
			return i;
	}
	return 0;
}

static const char *first(const struct policy *p, struct ot_event *e)
{
	policy_place(p, 0, NULL, 0, &e->head.src);
	policy_place(p, 0, NULL, 0, &e->head.dst);
	policy_judge(p, e);
	return e->matches ? policy_rule(p, e->match[0])->id : "";
}

static void every_act_alerts_without_a_site(void **state)
{
	struct policy *p = shipped(NULL);

	(void)state;
	assert_non_null(p);
	for (unsigned act = ACT_NONE + 1; act < ACT_COUNT; act++) {
		struct ot_event e = modbus_write(1, 1);

		e.op = OP_CONTROL;
		e.act = (uint8_t)act;
		assert_true(strlen(first(p, &e)) > 0);
		assert_false(policy_rule(p, e.match[0])->needs_site);
	}
	policy_free(p);
}

static void reads_writes_and_sessions_alone_do_not(void **state)
{
	struct policy *p = shipped(NULL);
	struct ot_event e = modbus_write(1, 1);

	(void)state;
	assert_string_equal(first(p, &e), "");
	assert_int_equal(e.verdict, VERDICT_NONE);
	e.op = OP_READ;
	assert_string_equal(first(p, &e), "");
	e.op = OP_SESSION;
	assert_string_equal(first(p, &e), "");
	e.op = OP_IDENTIFY;
	first(p, &e);
	for (unsigned i = 0; i < e.matches; i++)
		assert_int_equal(policy_rule(p, e.match[i])->severity, SEV_LOW);
	policy_free(p);
}

static void with_a_site_what_is_denied_alerts(void **state)
{
	struct policy *p = shipped(plant);
	struct ot_event e = modbus_write(1, 1);

	(void)state;
	assert_string_equal(first(p, &e), "write-denied");
	e.op = OP_CONTROL;
	e.act = ACT_STOP;
	assert_string_equal(first(p, &e), "plc-stop");          /* the more severe first */
	assert_int_equal(e.matches, 2);
	assert_string_equal(policy_rule(p, e.match[1])->id, "control-denied");
	e = modbus_write(1, 1);
	e.op = OP_READ;
	assert_string_equal(first(p, &e), "");
	e.head.src.ip = ip("172.31.0.9");
	assert_string_equal(first(p, &e), "unzoned");
	e.head.src.ip = ip("8.8.8.8");
	assert_string_equal(first(p, &e), "industrial-internet");
	assert_string_equal(policy_rule(p, e.match[1])->id, "unzoned");
	e.head.src.ip = ip("192.168.2.77");
	e.op = OP_IDENTIFY;
	assert_string_equal(first(p, &e), "conduit-violation");
	assert_string_equal(policy_rule(p, e.match[1])->id, "identify-by-stranger");
	policy_free(p);
}

static void an_answer_meets_a_rule_only_with_what_is_its_own(void **state)
{
	struct policy *p = shipped(plant);
	struct ot_event request = modbus_write(1, 1), answer;

	(void)state;
	assert_string_equal(first(p, &request), "write-denied");
	answer = answer_of(request, 0);
	assert_string_equal(first(p, &answer), "");
	answer = answer_of(request, 2);
	assert_string_equal(first(p, &answer), "point-scan");
	answer = answer_of(request, 0);
	answer.has &= ~(uint32_t)HAS_REQUEST;                   /* its request was never seen */
	answer.verdict = VERDICT_NONE;
	assert_string_equal(first(p, &answer), "write-denied");
	policy_free(p);
}

static unsigned on_flow(const struct policy *p, const char *from, const char *to, struct flow_facts *flow, uint16_t *match)
{
	static struct ot_event e;
	struct judged j = { .ev = &e, .flow = flow };

	memset(&e, 0, sizeof e);
	e.head.src.ip = ip(from);
	e.head.dst.ip = ip(to);
	e.head.dst.port = flow->server_port;
	policy_place(p, 0, NULL, 0, &e.head.src);
	policy_place(p, 0, NULL, 0, &e.head.dst);
	return policy_judge_stage(p, STAGE_FLOW, &j, match, 4);
}

static void flows_cross_zones_and_skip_levels(void **state)
{
	struct policy *p = shipped(plant);
	struct flow_facts flow = { .ip_proto = 6, .server_port = 80, .is_new = true, .roles_known = true };
	uint16_t match[4];

	(void)state;
	assert_int_equal(on_flow(p, "192.168.2.10", "192.168.1.10", &flow, match), 0);
	assert_int_equal(on_flow(p, "192.168.1.10", "192.168.2.10", &flow, match), 1);
	assert_string_equal(policy_rule(p, match[0])->id, "zone-crossing");
	flow.roles_known = false;                               /* who asked whom is a guess: a conduit either way will do */
	assert_int_equal(on_flow(p, "192.168.1.10", "192.168.2.10", &flow, match), 0);
	flow.roles_known = true;
	assert_int_equal(on_flow(p, "10.1.1.1", "192.168.1.10", &flow, match), 1);
	assert_string_equal(policy_rule(p, match[0])->id, "level-skipping");
	assert_int_equal(on_flow(p, "8.8.8.8", "192.168.1.10", &flow, match), 1);
	assert_string_equal(policy_rule(p, match[0])->id, "public-address");
	assert_int_equal(on_flow(p, "8.8.8.8", "10.1.1.1", &flow, match), 0);
	flow = (struct flow_facts){ .ip_proto = 6, .server_port = 502, .mismatch = true, .expected = PROTO_MODBUS };
	assert_int_equal(on_flow(p, "192.168.2.10", "192.168.1.10", &flow, match), 1);
	assert_string_equal(policy_rule(p, match[0])->id, "port-mismatch");
	policy_free(p);
}

static const char *on_app(const struct policy *p, const char *from, const char *to, enum app app, unsigned risks)
{
	struct flow_facts flow = { .ip_proto = 6, .server_port = 999, .decided = true, .roles_known = true,
				   .app = (uint8_t)app, .risks = (uint16_t)risks };
	uint16_t match[4];

	return on_flow(p, from, to, &flow, match) ? policy_rule(p, match[0])->id : "";
}

static void applications_meet_the_rules_of_convergence(void **state)
{
	struct policy *p = shipped(plant);

	(void)state;
	assert_string_equal(on_app(p, "10.1.1.1", "192.168.2.10", APP_RDP, 0), "remote-access");
	assert_string_equal(on_app(p, "192.168.1.10", "99.1.1.1", APP_TEAMVIEWER, 0), "remote-access");
	assert_string_equal(on_app(p, "192.168.1.10", "99.1.1.1", APP_SSH, 0), "");     /* not into a zone; public-address has it */
	assert_string_equal(on_app(p, "10.1.1.1", "10.1.1.2", APP_RDP, 0), "");         /* the office's own business */
	assert_string_equal(on_app(p, "192.168.1.10", "10.1.1.2", APP_SMTP, 0), "office-traffic");
	assert_string_equal(on_app(p, "192.168.1.10", "192.168.1.11", APP_HTTP, 0), "");
	assert_string_equal(on_app(p, "192.168.1.10", "99.1.1.1", APP_TOR, 0), "tunnel-out");
	assert_string_equal(on_app(p, "10.1.1.1", "192.168.1.10", APP_IEC104, 0), "other-traffic");
	assert_string_equal(on_app(p, "10.1.1.1", "192.168.2.10", APP_IEC104, 0), "industrial-app-crossing");
	assert_string_equal(on_app(p, "10.1.1.1", "10.1.1.2", APP_FTP, 1u << RISK_CLEARTEXT_CREDENTIALS), "cleartext-credentials");
	assert_string_equal(on_app(p, "192.168.1.10", "10.1.1.2", APP_DNS, 0), "dns-stranger");
	assert_string_equal(on_app(p, "192.168.1.11", "192.168.2.10", APP_DNS, 0), "");         /* listed */
	assert_string_equal(on_app(p, "192.168.1.11", "192.168.2.10", APP_DNS, 1u << RISK_SUSPICIOUS_DNS), "dns-odd");
	assert_string_equal(on_app(p, "10.1.1.1", "192.168.1.10", APP_HTTP, 1u << RISK_EXPLOIT), "attack-pattern");
	assert_string_equal(on_app(p, "192.168.1.10", "99.1.1.1", APP_MQTT, 0), "mqtt-internet");
	assert_string_equal(on_app(p, "192.168.1.10", "192.168.2.10", APP_MQTT, 0), "");
	assert_string_equal(on_app(p, "192.168.1.10", "99.1.1.1", APP_NONE, 0), "");            /* nothing is guessed */
	policy_free(p);
}

static void without_a_site_few_of_them_speak(void **state)
{
	struct policy *p = shipped(NULL);

	(void)state;
	assert_string_equal(on_app(p, "10.1.1.1", "192.168.2.10", APP_RDP, 0), "");
	assert_string_equal(on_app(p, "10.1.1.1", "10.1.1.2", APP_FTP, 1u << RISK_CLEARTEXT_CREDENTIALS), "cleartext-credentials");
	assert_string_equal(on_app(p, "192.168.1.10", "99.1.1.1", APP_MQTT, 0), "mqtt-internet");
	policy_free(p);
}

static const char *on_conduit(const struct policy *p, const struct flow_facts *flow)
{
	struct ot_event e;
	struct judged j = { .ev = &e, .flow = flow };

	memset(&e, 0, sizeof e);
	e.head.src.ip = ip("10.1.1.1");
	e.head.dst.ip = ip("192.168.2.10");
	policy_place(p, 0, NULL, 0, &e.head.src);
	policy_place(p, 0, NULL, 0, &e.head.dst);
	return ot_verdict_word(policy_flow_verdict(p, &j));
}

static void conduits_allow_applications(void **state)
{
	char text[1000];
	struct policy *p;
	struct flow_facts flow = { .ip_proto = 6, .is_new = true, .roles_known = true };

	(void)state;
	snprintf(text, sizeof text, "%.*s, {from: office, to: scada, allow: ['op == read || app in {rdp, smb}']}]\n",
		 (int)strlen(plant) - 2, plant);
	p = shipped(text);
	assert_non_null(p);
	assert_string_equal(on_conduit(p, &flow), "allowed");           /* not known yet */
	flow = (struct flow_facts){ .ip_proto = 6, .decided = true, .roles_known = true, .app = APP_RDP };
	assert_string_equal(on_conduit(p, &flow), "allowed");
	flow.app = APP_SSH;
	assert_string_equal(on_conduit(p, &flow), "denied");
	flow.app = APP_NONE;
	assert_string_equal(on_conduit(p, &flow), "denied");
	flow.guess = APP_SMB;                                           /* the benefit of the doubt */
	assert_string_equal(on_conduit(p, &flow), "allowed");
	flow.guess = APP_SSH;
	assert_string_equal(on_conduit(p, &flow), "denied");
	policy_free(p);
}

static void new_assets_are_those_the_site_does_not_list(void **state)
{
	struct policy *p = shipped(plant);
	struct ot_event e = modbus_write(1, 1);
	struct history_facts h = { .new_asset = true, .subject = &e.head.src };
	struct judged j = { .ev = &e, .history = &h };
	uint16_t match[4];

	(void)state;
	first(p, &e);
	assert_int_equal(policy_judge_stage(p, STAGE_HISTORY, &j, match, 4), 0);        /* hmi */
	h.subject = &e.head.dst;
	assert_int_equal(policy_judge_stage(p, STAGE_HISTORY, &j, match, 4), 1);
	assert_string_equal(policy_rule(p, match[0])->id, "new-asset");
	policy_free(p);
}

static void exceptions_change_rules(void **state)
{
	char text[2000];
	struct policy *p;
	struct ot_event e = modbus_write(1, 1), read = modbus_write(1, 1);

	(void)state;
	read.op = OP_READ;
	read.func = 3;
	snprintf(text, sizeof text, "%sexceptions:\n"
		 "  - {rule: write-denied, severity: low, when: client.asset == hmi, until: 2026-01-01T00:00:00Z}\n"
		 "  - {rule: write-denied, enabled: false, when: client.ip == 192.168.2.99}\n"
		 "  - {rule: unzoned, severity: critical, reason: strict}\n"
		 "  - {rule: plc-stop, enabled: false}\n", plant);
	p = shipped(text);
	assert_non_null(p);
	assert_string_equal(first(p, &e), "write-denied");
	assert_true(e.flags & EV_BY_VALUE);                     /* time decides */
	first(p, &read);
	assert_false(read.flags & EV_BY_VALUE);                 /* but not of what the exception is not about */
	assert_int_equal(policy_rule(p, e.match[0])->severity, SEV_LOW);
	assert_string_equal(policy_rule(p, policy_rule(p, e.match[0])->base)->id, "write-denied");
	assert_int_equal(policy_rule(p, policy_rule(p, e.match[0])->base)->severity, SEV_HIGH);
	e.head.ts_ns += 32ull * 86400 * 1000000000u;            /* January */
	first(p, &e);
	assert_int_equal(policy_rule(p, e.match[0])->severity, SEV_HIGH);
	e.head.src.ip = ip("192.168.2.99");
	assert_string_equal(first(p, &e), "");
	assert_int_equal(policy_rule(p, by_id(p, "unzoned"))->severity, SEV_CRITICAL);
	assert_false(policy_rule(p, by_id(p, "plc-stop"))->enabled);
	policy_free(p);
}

static void keys_follow_the_group(void **state)
{
	struct policy *p = shipped(NULL);
	uint16_t rule = by_id(p, "plc-stop");
	struct ot_event a = modbus_write(1, 1), b = modbus_write(50, 9);
	struct judged ja = { .ev = &a }, jb = { .ev = &b };
	struct policy_key x, y;

	(void)state;
	x = rule_group_key(p, rule, &ja);
	y = rule_group_key(p, rule, &jb);
	assert_true(x.a == y.a && x.b == y.b && x.a != x.b);    /* the target is not in the group */
	b.head.dst.ip = ip("192.168.1.11");
	y = rule_group_key(p, rule, &jb);
	assert_true(x.a != y.a && x.b != y.b);
	b = a;
	b.head.segment = 1;                                     /* the same addresses in another segment */
	y = rule_group_key(p, rule, &jb);
	assert_true(x.a != y.a);
	rule = by_id(p, "device-scan");
	assert_true(policy_rule(p, rule)->threshold.distinct);
	assert_int_equal(policy_rule(p, rule)->threshold.count, 4);
	assert_true(policy_rule(p, rule)->threshold.within_ns == 60000000000u);
	policy_free(p);
}

static void techniques_have_both_ids(void **state)
{
	struct policy *p = shipped(NULL);
	const struct rule *r = policy_rule(p, by_id(p, "write-denied"));

	(void)state;
	assert_string_equal(r->attack[0].id_legacy, "T0855");
	assert_string_equal(r->attack[0].id, "T1692.001");
	assert_string_equal(r->attack[0].name, "Unauthorized Command Message");
	assert_string_equal(r->attack[1].id, r->attack[1].id_legacy);
	assert_string_equal(policy_attack_version(p), "19");
	assert_string_equal(r->iec62443[0], "SR 2.1");
	policy_free(p);
}

static void every_rule_says_why_and_what_to_do(void **state)
{
	struct policy *p = shipped(NULL);

	(void)state;
	for (uint16_t i = 1; i <= policy_rules(p); i++) {
		const struct rule *r = policy_rule(p, i);

		assert_true(strlen(r->why) > 20 && strlen(r->advice) > 20);
		if (r->stage != STAGE_HEALTH)           /* what a sensor says of itself is no attack */
			assert_true(r->attacks > 0 && r->iec62443s > 0);
	}
	policy_free(p);
}

/* All shipped rules over one plain read: far below a microsecond. Generous, for slow and shared machines. */
static void a_plain_read_is_cheap(void **state)
{
	struct policy *p = shipped(plant);
	struct ot_event e = modbus_write(1, 1);
	const int rounds = 200000;
	clock_t t;
	double ns;

	(void)state;
	e.op = OP_READ;
	first(p, &e);
	t = clock();
	for (int i = 0; i < rounds; i++)
		policy_judge(p, &e);
	ns = (double)(clock() - t) / CLOCKS_PER_SEC * 1e9 / rounds;
	print_message("# %.0f ns an event\n", ns);
	assert_true(ns < 5000);
	policy_free(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_act_alerts_without_a_site), cmocka_unit_test(reads_writes_and_sessions_alone_do_not),
		cmocka_unit_test(with_a_site_what_is_denied_alerts),
		cmocka_unit_test(an_answer_meets_a_rule_only_with_what_is_its_own),
		cmocka_unit_test(flows_cross_zones_and_skip_levels),
		cmocka_unit_test(applications_meet_the_rules_of_convergence),
		cmocka_unit_test(without_a_site_few_of_them_speak), cmocka_unit_test(conduits_allow_applications),
		cmocka_unit_test(new_assets_are_those_the_site_does_not_list), cmocka_unit_test(exceptions_change_rules),
		cmocka_unit_test(keys_follow_the_group), cmocka_unit_test(techniques_have_both_ids),
		cmocka_unit_test(every_rule_says_why_and_what_to_do), cmocka_unit_test(a_plain_read_is_cheap),
	};
	char rules[4096];
	const char *top = getenv("top_srcdir");

	snprintf(rules, sizeof rules, "%s/rules", top ? top : ".");
	setenv("ZONETAP_RULES", rules, 1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
