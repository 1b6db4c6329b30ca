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

static void judge(const struct policy *p)
{
	static const uint8_t a[] = { 192, 168, 2, 10 }, b[] = { 192, 168, 1, 10 };
	static struct ot_event ev;
	struct flow_facts flow = { .is_new = true, .server_port = 502 };
	struct history_facts history = { .new_asset = true, .subject = &ev.head.src };
	struct judged on_flow = { .ev = &ev, .flow = &flow }, on_history = { .ev = &ev, .history = &history };
	uint16_t match[8];
	char text[200];

	ev = (struct ot_event){ .proto = PROTO_MODBUS, .op = OP_WRITE, .has = HAS_FUNC | HAS_FIRST | HAS_COUNT, .func = 16,
				.first = 100, .count = 2 };
	ev.head.src.ip = addr_v4(a);
	ev.head.dst.ip = addr_v4(b);
	ev.head.segment = policy_segment(p, "line3-1.pcap", ev.head.vlan, 0);
	policy_place(p, ev.head.segment, ev.head.vlan, 0, &ev.head.src);
	policy_place(p, ev.head.segment, ev.head.vlan, 0, &ev.head.dst);
	policy_judge(p, &ev);
	for (unsigned i = 0; i < ev.matches; i++) {
		rule_group_key(p, ev.match[i], &(struct judged){ .ev = &ev });
		rule_threshold_key(p, ev.match[i], &(struct judged){ .ev = &ev });
		policy_reason(p, ev.match[i], &ev, text, sizeof text);
	}
	policy_judge_stage(p, STAGE_FLOW, &on_flow, match, 8);
	policy_judge_stage(p, STAGE_HISTORY, &on_history, match, 8);
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
	else if (errs.n == 0)
		abort();
	policy_free(p);
	free(copy);
	return 0;
}
