#include "policy/map.h"

#include "policy/model.h"

#include <stdlib.h>
#include <string.h>

struct policy_map {
	uint16_t *zone, *rule;
	uint32_t *asset;
	uint32_t zones, rules, assets;
};

/* Which of the variants of its rule it is, from 0 in the order of the file. */
static unsigned variant_number(const struct policy *p, uint32_t rule)
{
	unsigned n = 0;

	for (uint32_t i = 1; i < rule; i++)
		n += p->rule_more[i].variant && p->rule[i].base == p->rule[rule].base;
	return n;
}

/* The same variant of the same rule; when there are fewer now, the rule itself. */
static uint16_t same_rule(const struct policy *from, uint32_t rule, const struct policy *to)
{
	uint16_t base = (uint16_t)dict_find(&to->rule_dict, from->rule[rule].id);
	unsigned n;

	if (!base || !from->rule_more[rule].variant)
		return base;
	n = variant_number(from, rule);
	for (uint32_t i = 1; i < to->rules; i++) {
		if (to->rule_more[i].variant && to->rule[i].base == base && n-- == 0)
			return (uint16_t)i;
	}
	return base;
}

struct policy_map *policy_map_new(const struct policy *from, const struct policy *to)
{
	struct policy_map *m = calloc(1, sizeof *m);

	if (!m)
		return NULL;
	m->zones = from->zones;
	m->rules = from->rules;
	m->assets = from->assets;
	m->zone = calloc(m->zones, sizeof *m->zone);
	m->rule = calloc(m->rules, sizeof *m->rule);
	m->asset = calloc(m->assets, sizeof *m->asset);
	if (!m->zone || !m->rule || !m->asset) {
		policy_map_free(m);
		return NULL;
	}
	for (uint32_t i = 1; i < m->zones && to->has_site; i++)
		m->zone[i] = (uint16_t)dict_find(&to->zone_dict, from->zone[i].name);
	for (uint32_t i = 1; i < m->assets && to->has_site; i++)
		m->asset[i] = dict_find(&to->asset_dict, from->asset[i].name);
	for (uint32_t i = 1; i < m->rules; i++)
		m->rule[i] = same_rule(from, i, to);
	return m;
}

void policy_map_free(struct policy_map *m)
{
	if (!m)
		return;
	free(m->zone);
	free(m->rule);
	free(m->asset);
	free(m);
}

uint16_t policy_map_zone(const struct policy_map *m, uint16_t zone)
{
	return zone < m->zones ? m->zone[zone] : 0;
}

uint32_t policy_map_asset(const struct policy_map *m, uint32_t asset)
{
	return asset < m->assets ? m->asset[asset] : 0;
}

uint16_t policy_map_rule(const struct policy_map *m, uint16_t rule)
{
	return rule < m->rules ? m->rule[rule] : 0;
}

void policy_map_side(const struct policy_map *m, struct ot_side *s)
{
	s->zone = policy_map_zone(m, s->zone);
	s->asset = policy_map_asset(m, s->asset);
}

void policy_map_event(const struct policy_map *m, struct ot_event *ev)
{
	unsigned left = 0;

	policy_map_side(m, &ev->head.src);
	policy_map_side(m, &ev->head.dst);
	for (unsigned i = 0; i < ev->matches; i++) {
		uint16_t rule = policy_map_rule(m, ev->match[i]);

		if (rule)
			ev->match[left++] = rule;
	}
	ev->matches = (uint8_t)left;
}
