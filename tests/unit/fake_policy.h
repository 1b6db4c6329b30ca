/* A policy that a test fills in by hand: rules in a table, one zone, two known assets. Included by one .c. */
#ifndef TESTS_UNIT_FAKE_POLICY_H
#define TESTS_UNIT_FAKE_POLICY_H

#include "policy/policy.h"

#include <stdio.h>
#include <string.h>

struct policy {
	struct rule rule[8];
	size_t rules;
	unsigned new_asset_rule, new_client_rule, flow_rule;    /* index + 1 of what the later stages meet */
	bool site;
};

static const struct attack_ref fake_attack[] = { { "T0858", "T0858", "Change Operating Mode" } };
static const char *const fake_sr[] = { "SR 2.1", "SR 5.2" };

static uint16_t fake_rule(struct policy *p, const char *id, enum severity severity, uint32_t count, uint64_t within_s)
{
	p->rule[p->rules] = (struct rule){
		.id = id, .title = "A title", .class_word = "unauthorised-write", .description = "A description",
		.why = "A reason", .advice = "An advice", .severity = severity, .severity_refused = severity, .enabled = true,
		.threshold = { count, within_s * 1000000000 }, .attack = fake_attack, .attacks = 1, .iec62443 = fake_sr,
		.iec62443s = 2,
	};
	return (uint16_t)p->rules++;
}

const char *severity_word(unsigned severity)
{
	static const char *const words[] = { "info", "low", "medium", "high", "critical" };

	return severity < SEV_COUNT ? words[severity] : "unknown";
}

const struct rule *policy_rule(const struct policy *p, uint16_t rule)
{
	return rule < p->rules ? &p->rule[rule] : NULL;
}

size_t policy_rules(const struct policy *p)
{
	return p->rules;
}

const char *policy_site_name(const struct policy *p)
{
	return p->site ? "bottling-3" : "";
}

const char *policy_hash(const struct policy *p)
{
	return p->site ? "bbbb" : "aaaa";
}

const char *policy_attack_version(const struct policy *p)
{
	(void)p;
	return "18.1";
}

struct geo *policy_geo(const struct policy *p)
{
	(void)p;
	return NULL;
}

const struct zone *policy_zone(const struct policy *p, uint16_t zone)
{
	static const struct zone dmz = { .name = "dmz", .level10 = 35, .sl_target = -1 };

	return p->site && zone == 1 ? &dmz : NULL;
}

const struct site_asset *policy_asset(const struct policy *p, uint32_t asset)
{
	static const struct site_asset known[] = { { "hmi-1", "hmi", 1, 0 }, { "plc-filler", "plc", 1, 0 } };

	return p->site && asset >= 1 && asset <= 2 ? &known[asset - 1] : NULL;
}

const char *policy_segment_name(const struct policy *p, uint16_t segment)
{
	(void)p;
	return segment == 1 ? "line-3" : NULL;
}

unsigned policy_judge_stage(const struct policy *p, enum stage stage, const struct judged *j, uint16_t *match, unsigned max)
{
	unsigned rule = stage == STAGE_FLOW ? p->flow_rule : 0;

	(void)max;
	if (stage == STAGE_HISTORY && j->history->new_asset)
		rule = p->new_asset_rule;
	if (stage == STAGE_HISTORY && j->history->new_client)
		rule = p->new_client_rule;
	if (rule)
		match[0] = (uint16_t)(rule - 1);
	return rule != 0;
}

bool rule_group_of_kind(const struct policy *p, uint16_t rule)
{
	(void)p;
	(void)rule;
	return true;
}

struct policy_key rule_group_key(const struct policy *p, uint16_t rule, const struct judged *j)
{
	(void)p;
	(void)rule;
	if (j->history && j->history->new_asset)
		return (struct policy_key){ j->history->subject->ip.q[1], 0 };
	return (struct policy_key){ ot_client(j->ev)->ip.q[1], ot_server(j->ev)->ip.q[1] + j->ev->op };
}

struct policy_key rule_threshold_key(const struct policy *p, uint16_t rule, const struct judged *j)
{
	(void)p;
	(void)rule;
	return (struct policy_key){ ot_client(j->ev)->ip.q[1], 0 };
}

struct policy_key rule_distinct_key(const struct policy *p, uint16_t rule, const struct judged *j)
{
	(void)p;
	(void)rule;
	(void)j;
	return (struct policy_key){ 0 };
}

void policy_reason(const struct policy *p, uint16_t rule, const struct ot_event *ev, char *out, size_t n)
{
	(void)rule;
	(void)ev;
	snprintf(out, n, "%s", p->site ? "No conduit allows it." : "");
}

#endif
