/* rules.c - a file of rules. */
#include "policy/model.h"

#include "base/names.h"

#include <stdio.h>
#include <string.h>

#define COUNT(a) (sizeof (a) / sizeof (a)[0])
#define TEXT_MAX 4000           /* bytes of a description */

static const char *const severities[] = { "info", "low", "medium", "high", "critical", NULL };

const char *severity_word(unsigned severity)
{
	return severity < SEV_COUNT ? severities[severity] : "unknown";
}

bool severity_parse(const char *word, enum severity *out)
{
	for (unsigned i = 0; i < SEV_COUNT; i++) {
		if (strcmp(word, severities[i]) == 0) {
			*out = (enum severity)i;
			return true;
		}
	}
	return false;
}

bool severity_read(struct conf *c, const struct conf_node *n, enum severity *out)
{
	const char *s = conf_text(c, n, CONF_NAME_MAX);

	if (s && severity_parse(s, out))
		return true;
	if (s)
		conf_unknown(c, n, severities, "unknown severity");
	return false;
}

/* Ids and classes: small letters, digits and hyphens. */
static const char *slug(struct conf *c, const struct conf_node *n, const char *what)
{
	const char *s = conf_text(c, n, CONF_NAME_MAX);

	if (s && (!*s || s[strspn(s, "abcdefghijklmnopqrstuvwxyz0123456789-")])) {
		conf_wrong(c, n, "small letters, digits and hyphens", "not a word for %s", what);
		return NULL;
	}
	return s;
}

/* --- lists of fields --------------------------------------------------------------------------- */

static bool known_at(const struct field *f, enum stage stage)
{
	if (expr_field_any_stage(f) || expr_field_stage(f) == stage)
		return true;
	return stage == STAGE_HISTORY && expr_field_stage(f) == STAGE_EVENT;
}

static bool fields_read(struct policy *p, struct conf *c, const struct conf_node *n, enum stage stage,
			struct key_fields *out)
{
	size_t most = conf_count(c, n);
	const struct field **v = arena_array(p->arena, most + 1, sizeof *v);
	const char **names = arena_array(p->arena, most + 1, sizeof *names);

	if (most > 16) {
		conf_wrong(c, n, NULL, "more than 16 fields");
		return false;
	}
	for (size_t i = 0; v && names && i < most; i++) {
		const struct conf_node *item = conf_item(c, n, i);
		const char *s = conf_text(c, item, CONF_NAME_MAX);
		const struct field *f = s ? expr_field(s) : NULL;
		const char *near = s && !f ? expr_field_nearest(s) : NULL, *list[] = { near, NULL };

		if (f && known_at(f, stage)) {
			names[out->n] = s;
			out->by_value = out->by_value || expr_field_by_value(f);
			v[out->n++] = f;
		} else if (f) {
			conf_wrong(c, item, NULL, "this field is not known where the rule is judged");
		} else if (s) {
			conf_unknown(c, item, list, "unknown field");
		}
	}
	out->v = v;
	out->names = names;
	return v && names;
}

bool threshold_read(struct policy *p, struct conf *c, const struct conf_node *n, enum stage stage,
		    struct threshold *out, struct key_fields *by, struct key_fields *distinct)
{
	const struct conf_node *count, *within, *fields, *apart;
	const struct conf_key keys[] = {
		{ "count", CONF_WORD, true, &count }, { "within", CONF_WORD, false, &within },
		{ "by", CONF_WORDS, false, &fields }, { "distinct", CONF_WORDS, false, &apart },
	};
	uint32_t most = 1;

	if (!conf_map(c, n, "a threshold", keys, COUNT(keys)) || !conf_uint(c, count, 1, 1000000, &most))
		return false;
	out->count = most;
	if (within && !conf_duration(c, within, &out->within_ns))
		return false;
	if (most > 1 && !within) {
		conf_wrong(c, count, "{count: 20, within: 60s}", "a count needs a 'within'");
		return false;
	}
	out->distinct = apart != NULL;
	if (apart && !fields_read(p, c, apart, stage, distinct))
		return false;
	return !fields || fields_read(p, c, fields, stage, by);
}

/* --- references ----------------------------------------------------------------------------------- */

static void attack_list(struct policy *p, struct conf *c, const struct conf_node *n, const struct attack_table *t,
			struct rule *r)
{
	size_t most = n ? conf_count(c, n) : 0;
	struct attack_ref *v = arena_array(p->arena, most + 1, sizeof *v);

	for (size_t i = 0; v && i < most && i < LIST_MAX; i++) {
		const struct conf_node *item = conf_item(c, n, i);
		const char *s = conf_text(c, item, 16);
		const struct attack_ref *a = s ? attack_find(t, s) : NULL;
		const char *near = s && !a ? attack_near(t, s) : NULL, *list[] = { near, NULL };

		if (a)
			v[r->attacks++] = *a;
		else if (s)
			conf_unknown(c, item, list, "no technique of ATT&CK for ICS that the table knows");
	}
	r->attack = v;
}

/* System requirements of IEC 62443-3-3: how many each foundational requirement has. */
static bool sr_good(const char *s)
{
	static const unsigned last[] = { 13, 12, 9, 3, 4, 2, 8 };
	unsigned fr, sr;
	char more;

	return sscanf(s, "SR %u.%u%c", &fr, &sr, &more) == 2 && fr >= 1 && fr <= 7 && sr >= 1 && sr <= last[fr - 1];
}

static void sr_list(struct policy *p, struct conf *c, const struct conf_node *n, struct rule *r)
{
	size_t most = n ? conf_count(c, n) : 0;
	const char **v = arena_array(p->arena, most + 1, sizeof *v);

	for (size_t i = 0; v && i < most && i < LIST_MAX; i++) {
		const struct conf_node *item = conf_item(c, n, i);
		const char *s = conf_text(c, item, 16);

		if (s && sr_good(s))
			v[r->iec62443s++] = s;
		else if (s)
			conf_wrong(c, item, "SR 1.1 to SR 7.8 of IEC 62443-3-3", "not a system requirement");
	}
	r->iec62443 = v;
}

/* --- a rule -------------------------------------------------------------------------------------- */

struct rule_nodes {
	const struct conf_node *id, *title, *when, *severity, *refused, *class_word, *attack, *iec, *description, *why,
			       *advice, *group, *threshold, *enabled;
};

static void words(struct policy *p, struct conf *c, const struct rule_nodes *n, struct rule *r)
{
	r->id = n->id ? slug(c, n->id, "an id") : NULL;
	if (r->id && dict_find(&p->rule_dict, r->id)) {
		const struct rule *first = &p->rule[dict_find(&p->rule_dict, r->id)];
		char hint[300];

		snprintf(hint, sizeof hint, "the first stands in %.200s:%u", first->file, first->line);
		conf_wrong(c, n->id, hint, "a rule with this id stands here already");
		r->id = NULL;
	}
	r->title = n->title ? conf_text(c, n->title, 200) : NULL;
	r->class_word = n->class_word ? slug(c, n->class_word, "a class") : NULL;
	r->description = n->description ? conf_text(c, n->description, TEXT_MAX) : "";
	r->why = n->why ? conf_text(c, n->why, TEXT_MAX) : "";
	r->advice = n->advice ? conf_text(c, n->advice, TEXT_MAX) : "";
}

static void default_group(struct policy *p, struct key_fields *group)
{
	static const char *const names[] = { "client.ip", "server.ip" };
	const struct field **v = arena_array(p->arena, 2, sizeof *v);

	if (!v)
		return;
	v[0] = expr_field(names[0]);
	v[1] = expr_field(names[1]);
	*group = (struct key_fields){ .v = v, .names = names, .n = 2 };
}

static void behaviour(struct policy *p, struct conf *c, const struct rule_nodes *n, struct rule *r, struct rule_more *m)
{
	r->enabled = true;
	r->threshold.count = 1;
	if (n->severity)
		severity_read(c, n->severity, &r->severity);
	r->severity_refused = r->severity;
	if (n->refused)
		severity_read(c, n->refused, &r->severity_refused);
	if (n->enabled)
		conf_bool(c, n->enabled, &r->enabled);
	m->when = n->when ? conf_expr(c, n->when, EXPR_RULE, p->has_site ? &p->names : NULL) : NULL;
	if (m->when && policy_keep(p, m->when)) {
		r->stage = expr_stage(m->when);
		r->needs_site = expr_needs_site(m->when);
		m->mask = expr_mask(m->when);
		m->by_value = expr_looks_at_value(m->when);
		m->answer = expr_answer(m->when);
		m->text = conf_text(c, n->when, EXPR_TEXT_MAX);
	}
	if (n->group)
		fields_read(p, c, n->group, r->stage, &m->group);
	else
		default_group(p, &m->group);
	m->by = m->group;
	if (n->threshold) {
		struct key_fields by = { 0 };

		if (threshold_read(p, c, n->threshold, r->stage, &r->threshold, &by, &m->distinct) && by.n)
			m->by = by;
	}
}

static void rule_row(struct policy *p, struct conf *c, const struct conf_node *node, const struct attack_table *t)
{
	struct rule_nodes n;
	const struct conf_key keys[] = {
		{ "id", CONF_WORD, true, &n.id }, { "title", CONF_WORD, true, &n.title },
		{ "when", CONF_WORD, true, &n.when }, { "severity", CONF_WORD, true, &n.severity },
		{ "severity_refused", CONF_WORD, false, &n.refused }, { "class", CONF_WORD, true, &n.class_word },
		{ "attack", CONF_WORDS, false, &n.attack }, { "iec62443", CONF_WORDS, false, &n.iec },
		{ "description", CONF_WORD, false, &n.description }, { "why", CONF_WORD, false, &n.why },
		{ "do", CONF_WORD, false, &n.advice }, { "group", CONF_WORDS, false, &n.group },
		{ "threshold", CONF_MAP, false, &n.threshold }, { "enabled", CONF_WORD, false, &n.enabled },
	};
	struct rule r = { .file = conf_file(c), .line = conf_line(c, node), .base = (uint16_t)p->rules };
	struct rule_more m = { .order = p->rules, .reason = "" };

	conf_map(c, node, "a rule", keys, COUNT(keys));
	words(p, c, &n, &r);
	behaviour(p, c, &n, &r, &m);
	attack_list(p, c, n.attack, t, &r);
	sr_list(p, c, n.iec, &r);
	if (!r.id)
		return;
	if (!policy_rule_room(p)) {
		conf_wrong(c, node, NULL, "too little memory for this rule");
		return;
	}
	p->rule[p->rules] = r;
	p->rule_more[p->rules] = m;
	dict_add(&p->rule_dict, r.id, p->rules++);
}

bool rules_read(struct policy *p, struct conf *c, const struct attack_table *t)
{
	const struct conf_node *list, *text;
	const struct conf_key keys[] = {
		{ "rules", CONF_LIST, true, &list }, { "description", CONF_WORD, false, &text },
	};

	if (!conf_root(c)) {
		complain(conf_complaints(c), conf_file(c), 1, 1, "it begins with 'rules:'", "the file is empty");
		return false;
	}
	if (!conf_map(c, conf_root(c), "a file of rules", keys, COUNT(keys)))
		return false;
	for (size_t i = 0; i < conf_count(c, list); i++) {
		if (p->rules == RULES_MAX) {
			conf_wrong(c, conf_item(c, list, i), NULL, "more than %d rules", RULES_MAX - 1);
			return false;
		}
		rule_row(p, c, conf_item(c, list, i), t);
	}
	return true;
}
