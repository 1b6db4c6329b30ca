/* Sites and rules: whatever bytes stand in the files, they are read or complained of, and what was
 * read can judge.
 *
 * Input: a site, then behind a line "%%" a file of rules; without that line a file of rules alone. */
#include <config.h>

#include "policy/policy.h"

#include <stdlib.h>
#include <string.h>

static const char attack[] = "version: '19'\n"
			     "techniques:\n"
			     "  - {legacy: T0855, id: T1692.001, name: Unauthorized Command Message}\n"
			     "  - {id: T0843, name: Program Download}\n";

/* --- what is judged by whatever was read -------------------------------------------------------- */

static const struct ot_event messages[] = {
	{ .proto = PROTO_MODBUS, .op = OP_WRITE, .has = HAS_UNIT | HAS_FUNC | HAS_FIRST | HAS_COUNT | HAS_VALUE, .unit = 1, .func = 16,
	  .func_name = "write_multiple_registers", .space = "holding_registers", .first = 100, .count = 2, .value_len = 4,
	  .value_total = 4 },
	{ .proto = PROTO_S7COMM, .op = OP_PROGRAM, .act = ACT_PROGRAM_DOWNLOAD, .has = HAS_FUNC | HAS_BLOCK | HAS_ROSCTR, .func = 0x1a,
	  .func_name = "request_download", .space = "block", .block = 1, .rosctr = 1, .anomalies = 1, .tag_len = 4, .tag = "OB 1" },
	{ .proto = PROTO_CIP, .op = OP_READ, .dir = DIR_RESPONSE, .outcome = OUTCOME_ERROR, .flags = EV_CLIENT_IS_DST,
	  .has = HAS_FUNC | HAS_CLASS | HAS_STATUS | HAS_REQUEST | HAS_LATENCY | HAS_IDENTITY, .func = 0x4c, .cls = 0x6b,
	  .status = 5, .latency_us = 1500, .tag_len = 5, .tag = "Speed", .identity = { .vendor = "Rockwell", .serial = "c0ffee" } },
};

static const struct { uint8_t src[4], dst[4]; uint16_t vlan[2]; uint8_t vlans; const char *source; } places[] = {
	{ { 192, 168, 2, 10 }, { 192, 168, 1, 10 }, { 110 }, 1, "line3-1.pcap" },
	{ { 192, 168, 1, 10 }, { 192, 168, 1, 20 }, { 10, 110 }, 2, "/captures/eth0" },
	{ { 10, 1, 2, 3 }, { 8, 8, 8, 8 }, { 0 }, 0, NULL },
};

static void place(const struct policy *p, unsigned i, struct ot_event *ev)
{
	static const uint8_t mac[6] = { 0, 0x1d, 0x9c, 0xaa, 0xbb, 0xcc };
	struct ot_head *h = &ev->head;

	*h = (struct ot_head){ .ts_ns = 1795000000000000000 + i, .frame = 1, .ip_proto = 6, .vlans = places[i].vlans,
			       .vlan = { places[i].vlan[0], places[i].vlan[1] } };
	h->src = (struct ot_side){ .ip = addr_v4(places[i].src), .port = 40000, .has_mac = 1 };
	h->dst = (struct ot_side){ .ip = addr_v4(places[i].dst), .port = 502, .has_mac = 1 };
	memcpy(h->src.mac, mac, 6);
	memcpy(h->dst.mac, mac, 6);
	h->segment = policy_segment(p, places[i].source, h->vlan, h->vlans);
	policy_place(p, h->segment, h->vlan, h->vlans, &h->src);
	policy_place(p, h->segment, h->vlan, h->vlans, &h->dst);
	if ((h->src.zone && !policy_zone(p, h->src.zone)) || (h->src.asset && !policy_asset(p, h->src.asset)) ||
	    (h->segment && !policy_segment_name(p, h->segment)))
		abort();
}

/* Rules that there are, the most severe first. */
static void check_matches(const struct policy *p, const uint16_t *match, unsigned n, const struct judged *j)
{
	char text[60];

	for (unsigned i = 0; i < n; i++) {
		const struct rule *r = policy_rule(p, match[i]);

		if (!r || (i && policy_rule(p, match[i - 1])->severity < r->severity))
			abort();
		rule_group_key(p, match[i], j);
		rule_threshold_key(p, match[i], j);
		rule_distinct_key(p, match[i], j);
		policy_reason(p, match[i], j->ev, text, sizeof text);
	}
}

static void judge_one(const struct policy *p, struct ot_event *ev)
{
	struct flow_facts flow = { .is_new = true, .server_port = 502, .ip_proto = 6, .expected = PROTO_MODBUS };
	struct history_facts history = { .new_asset = true, .new_conversation = true, .new_client = true, .foreign = true,
					 .subject = &ev->head.src };
	struct judged now = { .ev = ev }, on_flow = { .ev = ev, .flow = &flow }, on_history = { .ev = ev, .history = &history };
	uint16_t match[2];
	unsigned n;

	policy_judge(p, ev);
	if (ev->matches > OT_MATCH_MAX || ev->verdict > VERDICT_UNZONED)
		abort();
	check_matches(p, ev->match, ev->matches, &now);
	n = policy_judge_stage(p, STAGE_FLOW, &on_flow, match, 2);
	check_matches(p, match, n, &on_flow);
	n = policy_judge_stage(p, STAGE_HISTORY, &on_history, match, 2);
	check_matches(p, match, n, &on_history);
}

static void judge(const struct policy *p)
{
	static struct ot_event ev;

	for (unsigned i = 0; i < sizeof places / sizeof places[0]; i++) {
		for (unsigned k = 0; k < sizeof messages / sizeof messages[0]; k++) {
			ev = messages[k];
			place(p, i, &ev);
			judge_one(p, &ev);
		}
	}
}

/* A mistake has a place in the file, and words. */
static void check_complaints(const struct complaints *errs)
{
	if (errs->n == 0 || errs->n > COMPLAINTS_MAX)
		abort();
	for (uint32_t i = 0; i < errs->n; i++) {
		if (!errs->v[i].text[0] || !errs->v[i].file[0] || (errs->v[i].line != 0) != (errs->v[i].col != 0))
			abort();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct complaints errs;
	char *copy = malloc(size ? size : 1);
	const char *cut;
	struct policy_text site = { .name = "site.yaml" };
	struct policy_text rules[] = { { "attack.yaml", attack, sizeof attack - 1, true }, { .name = "rules.yaml" } };
	struct policy *p;

	if (!copy)
		return 0;
	memcpy(copy, data, size);
	cut = memmem(copy, size, "\n%%\n", 4);
	site.text = copy;
	site.n = cut ? (size_t)(cut - copy) + 1 : 0;
	rules[1].text = cut ? cut + 4 : copy;
	rules[1].n = cut ? size - site.n - 3 : size;
	errs.n = errs.more = 0;
	p = policy_load_texts(cut ? &site : NULL, rules, 2, &errs);
	if (p)
		judge(p);
	else
		check_complaints(&errs);
	policy_free(p);
	free(copy);
	return 0;
}
