/* Stands in until policies can be compiled: nothing is judged. */
#include "policy/policy.h"

struct policy *policy_load(const char *site_path, const char *const *rule_paths, size_t n, struct complaints *errs)
{
	(void)rule_paths;
	(void)n;
	complain(errs, site_path ? site_path : "", 0, 0, "", "policies cannot be read yet");
	return NULL;
}

void policy_free(struct policy *p)
{
	(void)p;
}

bool policy_has_site(const struct policy *p)
{
	(void)p;
	return false;
}

uint16_t policy_segment(const struct policy *p, const char *source, const uint16_t *vlan, unsigned vlans)
{
	(void)p;
	(void)source;
	(void)vlan;
	(void)vlans;
	return 0;
}

void policy_place(const struct policy *p, uint16_t segment, const uint16_t *vlan, unsigned vlans, struct ot_side *side)
{
	(void)p;
	(void)segment;
	(void)vlan;
	(void)vlans;
	(void)side;
}

void policy_judge(const struct policy *p, struct ot_event *ev)
{
	(void)p;
	(void)ev;
}

bool policy_looks_at_value(const struct policy *p)
{
	(void)p;
	return false;
}

const struct zone *policy_zone(const struct policy *p, uint16_t zone)
{
	(void)p;
	(void)zone;
	return NULL;
}

const struct site_asset *policy_asset(const struct policy *p, uint32_t asset)
{
	(void)p;
	(void)asset;
	return NULL;
}

const struct rule *policy_rule(const struct policy *p, uint16_t rule)
{
	(void)p;
	(void)rule;
	return NULL;
}

void complain(struct complaints *c, const char *file, uint32_t line, uint32_t col, const char *hint, const char *fmt, ...)
{
	(void)c;
	(void)file;
	(void)line;
	(void)col;
	(void)hint;
	(void)fmt;
}

void complaints_print(const struct complaints *c)
{
	(void)c;
}

const char *severity_word(unsigned severity)
{
	static const char *const words[] = { "info", "low", "medium", "high", "critical" };

	return severity < SEV_COUNT ? words[severity] : "unknown";
}

const char *policy_site_name(const struct policy *p)
{
	(void)p;
	return "";
}

const char *policy_hash(const struct policy *p)
{
	(void)p;
	return "";
}

const char *policy_attack_version(const struct policy *p)
{
	(void)p;
	return "";
}

const char *policy_segment_name(const struct policy *p, uint16_t segment)
{
	(void)p;
	(void)segment;
	return NULL;
}

size_t policy_rules(const struct policy *p)
{
	(void)p;
	return 0;
}

unsigned policy_judge_stage(const struct policy *p, enum stage stage, const struct judged *j, uint16_t *match, unsigned max)
{
	(void)p;
	(void)stage;
	(void)j;
	(void)match;
	(void)max;
	return 0;
}

struct policy_key rule_group_key(const struct policy *p, uint16_t rule, const struct judged *j)
{
	(void)p;
	(void)j;
	return (struct policy_key){ rule, 0 };
}

struct policy_key rule_threshold_key(const struct policy *p, uint16_t rule, const struct judged *j)
{
	(void)p;
	(void)j;
	return (struct policy_key){ rule, 0 };
}

void policy_reason(const struct policy *p, uint16_t rule, const struct ot_event *ev, char *out, size_t n)
{
	(void)p;
	(void)rule;
	(void)ev;
	(void)n;
	out[0] = '\0';
}
