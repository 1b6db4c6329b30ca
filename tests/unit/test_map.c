/* From one policy to the next: names keep their meaning, segments their number, keys their value. */
#include "policy/map.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

static const char rules_text[] =
	"rules:\n"
	"  - {id: one, title: One, when: op == write, severity: low, class: c, why: w, do: d, group: [client.zone, server.asset]}\n"
	"  - {id: two, title: Two, when: op == read, severity: high, class: c, why: w, do: d}\n"
	"  - {id: three, title: Three, when: op == control, severity: high, class: c, why: w, do: d}\n";
static const char turned_rules[] =
	"rules:\n"
	"  - {id: three, title: Three, when: op == control, severity: high, class: c, why: w, do: d}\n"
	"  - {id: one, title: One, when: op == write, severity: low, class: c, why: w, do: d, group: [client.zone, server.asset]}\n";
static const char site_text[] =
	"site: s\n"
	"zones:\n"
	"  - {name: a, level: 1, networks: [10.1.0.0/16]}\n"
	"  - {name: b, level: 2, networks: [10.2.0.0/16]}\n"
	"segments:\n"
	"  - {name: x, vlans: [1]}\n"
	"  - {name: y, vlans: [2]}\n"
	"assets:\n"
	"  - {name: p, ip: 10.1.0.1}\n"
	"  - {name: q, ip: 10.1.0.2}\n"
	"exceptions:\n"
	"  - {rule: one, severity: info, when: server.ip == 10.1.0.1}\n"
	"  - {rule: one, severity: high, when: server.ip == 10.1.0.2}\n";
static const char turned_site[] =
	"site: s\n"
	"zones:\n"
	"  - {name: c, level: 2, networks: [10.3.0.0/16]}\n"
	"  - {name: b, level: 2, networks: [10.2.0.0/16]}\n"
	"  - {name: a, level: 1, networks: [10.1.0.0/16]}\n"
	"segments:\n"
	"  - {name: z, vlans: [3]}\n"
	"  - {name: y, vlans: [2]}\n"
	"assets:\n"
	"  - {name: q, ip: 10.1.0.2}\n"
	"exceptions:\n"
	"  - {rule: one, severity: info, when: server.ip == 10.1.0.1}\n"
	"  - {rule: one, severity: high, when: server.ip == 10.1.0.2}\n";

static struct policy *load(const struct policy *before, const char *site, const char *rules)
{
	const struct policy_text s = { .name = "site", .text = site, .n = strlen(site) };
	const struct policy_text r = { .name = "rules", .text = rules, .n = strlen(rules) };
	struct complaints errs = { 0 };
	struct policy *p = policy_load_texts_next(before, &s, &r, 1, &errs);

	if (!p)
		complaints_print(&errs);
	assert_non_null(p);
	return p;
}

static uint16_t rule_of(const struct policy *p, const char *id)
{
	for (uint16_t i = 1; i <= policy_rules(p); i++) {
		if (strcmp(policy_rule(p, i)->id, id) == 0 && policy_rule(p, i)->base == i)
			return i;
	}
	return 0;
}

static void names_keep_their_meaning(void **state)
{
	struct policy *from = load(NULL, site_text, rules_text), *to = load(from, turned_site, turned_rules);
	struct policy_map *m = policy_map_new(from, to);

	(void)state;
	assert_non_null(m);
	for (uint16_t z = 1; z <= policy_zones(from); z++)
		assert_string_equal(policy_zone(from, z)->name, policy_zone(to, policy_map_zone(m, z))->name);
	assert_int_equal(policy_map_asset(m, 1), 0);            /* p is gone */
	assert_string_equal(policy_asset(to, policy_map_asset(m, 2))->name, "q");
	assert_int_equal(policy_map_rule(m, rule_of(from, "one")), rule_of(to, "one"));
	assert_int_equal(policy_map_rule(m, rule_of(from, "three")), rule_of(to, "three"));
	assert_int_equal(policy_map_rule(m, rule_of(from, "two")), 0);
	assert_int_equal(policy_map_zone(m, 0), 0);
	assert_int_equal(policy_map_zone(m, 1000), 0);
	policy_map_free(m);
	policy_free(from);
	policy_free(to);
}

/* The variants that exceptions make of one rule are told apart. */
static void variants_are_told_apart(void **state)
{
	struct policy *from = load(NULL, site_text, rules_text), *to = load(from, turned_site, turned_rules);
	struct policy_map *m = policy_map_new(from, to);
	unsigned variants = 0;

	(void)state;
	for (uint16_t i = 1; i <= policy_rules(from); i++) {
		const struct rule *a = policy_rule(from, i), *b = policy_rule(to, policy_map_rule(m, i));

		if (a->base == i)
			continue;
		variants++;
		assert_string_equal(a->id, b->id);
		assert_int_equal(a->severity, b->severity);
	}
	assert_int_equal(variants, 2);
	policy_map_free(m);
	policy_free(from);
	policy_free(to);
}

static void segments_keep_their_number(void **state)
{
	const uint16_t one = 1, two = 2, three = 3;
	struct policy *a = load(NULL, site_text, rules_text), *b = load(a, turned_site, rules_text), *c = load(b, site_text, rules_text);
	uint16_t x = policy_segment(a, NULL, &one, 1), y = policy_segment(a, NULL, &two, 1);

	(void)state;
	assert_int_equal(policy_segment(b, NULL, &two, 1), y);
	assert_int_equal(policy_segment(b, NULL, &one, 1), 0);          /* x is not there any more */
	assert_int_equal(policy_segment_find(b, "x"), 0);
	assert_string_equal(policy_segment_name(b, x), "x");            /* but what was seen there still was there */
	assert_true(policy_segment(b, NULL, &three, 1) > y);
	assert_int_equal(policy_segment(c, NULL, &one, 1), x);          /* and comes back as what it was */
	policy_free(a);
	policy_free(b);
	policy_free(c);
}

/* Alerts and thresholds are found again by keys that were made before. */
static void keys_outlive_the_policy(void **state)
{
	struct policy *from = load(NULL, site_text, rules_text), *to = load(from, turned_site, turned_rules);
	struct policy_map *m = policy_map_new(from, to);
	struct ot_event ev = { .op = OP_WRITE, .dir = DIR_REQUEST };
	const struct judged j = { .ev = &ev };
	struct policy_key before, after;

	(void)state;
	assert_true(addr_parse("10.2.0.9", &ev.head.src.ip) && addr_parse("10.1.0.2", &ev.head.dst.ip));
	policy_place(from, 0, NULL, 0, &ev.head.src);
	policy_place(from, 0, NULL, 0, &ev.head.dst);
	before = rule_group_key(from, rule_of(from, "one"), &j);
	policy_map_event(m, &ev);
	after = rule_group_key(to, rule_of(to, "one"), &j);
	assert_memory_equal(&before, &after, sizeof before);
	policy_map_free(m);
	policy_free(from);
	policy_free(to);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_keep_their_meaning), cmocka_unit_test(variants_are_told_apart),
		cmocka_unit_test(segments_keep_their_number), cmocka_unit_test(keys_outlive_the_policy),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
