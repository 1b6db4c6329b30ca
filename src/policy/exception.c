/* exception.c - the user's word over rules, by id. An exception that always applies changes the
 * rule; one with `when:` or `until:` makes a variant of it, chosen while judging. */
#include "policy/model.h"

#include <string.h>

#define COUNT(a) (sizeof (a) / sizeof (a)[0])

struct nodes {
	const struct conf_node *rule, *severity, *enabled, *when, *until, *reason, *threshold;
};

static uint16_t find_rule(struct policy *p, struct conf *c, const struct conf_node *n)
{
	const char *list[RULES_MAX + 1] = { 0 };
	const char *s = conf_text(c, n, CONF_NAME_MAX);
	uint32_t i = s ? dict_find(&p->rule_dict, s) : 0;

	if (i || !s)
		return (uint16_t)i;
	for (uint32_t k = 1; k < p->rules && k < RULES_MAX; k++)
		list[k - 1] = p->rule[k].id;
	conf_unknown(c, n, list, "no rule has this id");
	return 0;
}

/* What the exception makes of rule r and its further parts. */
static void change(struct policy *p, struct conf *c, const struct nodes *n, struct rule *r, struct rule_more *m)
{
	struct key_fields by = { 0 };
	bool same = r->severity_refused == r->severity;

	if (n->severity && severity_read(c, n->severity, &r->severity) && (same || r->severity_refused > r->severity))
		r->severity_refused = r->severity;
	if (n->enabled)
		conf_bool(c, n->enabled, &r->enabled);
	if (n->threshold) {
		m->distinct = (struct key_fields){ 0 };
		if (threshold_read(p, c, n->threshold, r->stage, &r->threshold, &by, &m->distinct) && by.n)
			m->by = by;
	}
	m->changed = true;
	if (n->reason) {
		const char *reason = conf_text(c, n->reason, 400);

		m->reason = reason ? reason : "";
	}
}

static struct expr *condition(struct policy *p, struct conf *c, const struct nodes *n, const struct rule *r)
{
	struct expr *e = conf_expr(c, n->when, EXPR_RULE, p->has_site ? &p->names : NULL);

	if (!e || !policy_keep(p, e))
		return NULL;
	if (expr_stage(e) != STAGE_EVENT && expr_stage(e) != r->stage) {
		conf_wrong(c, n->when, NULL, "fields that are not known where rule '%s' is judged", r->id);
		return NULL;
	}
	return e;
}

static bool add_variant(struct policy *p, struct conf *c, const struct nodes *n, uint16_t base, struct exception *e)
{
	struct rule *r;
	struct rule_more *m;

	if (!policy_rule_room(p))
		return false;
	r = &p->rule[p->rules];
	m = &p->rule_more[p->rules];
	*r = p->rule[base];
	*m = p->rule_more[base];
	m->exceptions = NULL;
	m->variant = true;
	change(p, c, n, r, m);
	e->variant = r->enabled ? (uint16_t)p->rules++ : 0;
	return true;
}

static void exception_row(struct policy *p, struct conf *c, const struct conf_node *node)
{
	struct nodes n;
	const struct conf_key keys[] = {
		{ "rule", CONF_WORD, true, &n.rule }, { "severity", CONF_WORD, false, &n.severity },
		{ "enabled", CONF_WORD, false, &n.enabled }, { "when", CONF_WORD, false, &n.when },
		{ "until", CONF_WORD, false, &n.until }, { "reason", CONF_WORD, false, &n.reason },
		{ "threshold", CONF_MAP, false, &n.threshold },
	};
	struct exception *e, **end;
	uint16_t base;

	if (!conf_map(c, node, "an exception", keys, COUNT(keys)))
		return;
	if (!n.severity && !n.enabled && !n.threshold)
		conf_wrong(c, n.rule, "give it 'severity', 'enabled' or 'threshold'", "this exception changes nothing");
	base = find_rule(p, c, n.rule);
	if (!base && n.severity)
		severity_read(c, n.severity, &(enum severity){ SEV_INFO });
	e = arena_get(p->arena, sizeof *e);
	if (!base || !e)
		return;
	if (!n.when && !n.until) {
		change(p, c, &n, &p->rule[base], &p->rule_more[base]);
		return;
	}
	e->rule = base;
	e->line = conf_line(c, node);
	e->when_text = n.when ? conf_text(c, n.when, EXPR_TEXT_MAX) : NULL;
	if (n.when)
		e->when = condition(p, c, &n, &p->rule[base]);
	if (n.until)
		conf_time(c, n.until, &e->until_ns);
	e->by_value = e->until_ns || (e->when && expr_looks_at_value(e->when));
	e->reason = n.reason ? conf_text(c, n.reason, 400) : "";
	if (!add_variant(p, c, &n, base, e))
		conf_wrong(c, n.rule, NULL, "too little memory for this exception");
	for (end = &p->rule_more[base].exceptions; *end; end = &(*end)->next)
		;
	*end = e;
}

bool exceptions_read(struct policy *p, struct conf *c, const struct conf_node *list)
{
	size_t n = list ? conf_count(c, list) : 0;

	if (n > EXCEPTIONS_MAX) {
		conf_wrong(c, list, NULL, "more than %d exceptions", EXCEPTIONS_MAX);
		n = EXCEPTIONS_MAX;
	}
	for (size_t i = 0; i < n; i++)
		exception_row(p, c, conf_item(c, list, i));
	return true;
}
