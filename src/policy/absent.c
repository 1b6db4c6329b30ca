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
