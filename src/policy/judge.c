/* judge.c - one event against the conduits and the rules. On the packet path: nothing allocates,
 * and a plain read costs one comparison of bits a rule. */
#include "policy/model.h"

#include "base/clock.h"
#include "base/hash.h"

#include <stdio.h>
#include <string.h>

/* The rule as the exceptions leave it for this event: itself, a variant, or 0 for off. */
static uint16_t with_exceptions(const struct policy *p, uint16_t rule, const struct judged *j, bool *by_value)
{
	for (const struct exception *e = p->rule_more[rule].exceptions; e; e = e->next) {
		*by_value = *by_value || e->by_value;
		if (e->until_ns && clock_told(j->ev->head.ts_ns) >= e->until_ns)
			continue;
		if (!e->when || expr_eval(e->when, j))
			return e->variant;
	}
	return p->rule[rule].enabled ? rule : 0;
}

static bool before(const struct policy *p, uint16_t a, uint16_t b)
{
	if (p->rule[a].severity != p->rule[b].severity)
		return p->rule[a].severity > p->rule[b].severity;
	return p->rule_more[a].order < p->rule_more[b].order;
}

/* Into its place by severity; the last one falls out when the list is full. */
static unsigned insert(const struct policy *p, uint16_t *match, unsigned n, unsigned max, uint16_t rule)
{
	unsigned i = n;

	if (n == max && (max == 0 || !before(p, rule, match[n - 1])))
		return n;
	if (n == max)
		i = n - 1;
	else
		n++;
	for (; i > 0 && before(p, rule, match[i - 1]); i--)
		match[i] = match[i - 1];
	match[i] = rule;
	return n;
}

/* An answer whose request was seen met the rules with it; only what answers alone say is new. */
static bool asked_of(const struct rule_more *m, const struct ot_event *ev)
{
	if (ev->dir != DIR_RESPONSE || !(ev->has & HAS_REQUEST) || m->answer & EXPR_ANSWER)
		return true;
	return m->answer & EXPR_ANSWER_VALUE && ev->op == OP_READ;
}

static unsigned match_rules(const struct policy *p, enum stage stage, const struct judged *j, uint16_t *match, unsigned max,
			    bool *by_value)
{
	uint64_t sig = expr_signature(j->ev);
	unsigned n = 0;

	for (uint32_t i = 0; i < p->order_count[stage]; i++) {
		uint16_t rule = p->order[stage][i];
		const struct rule_more *m = &p->rule_more[rule];

		if ((stage != STAGE_FLOW && stage != STAGE_HEALTH && sig & ~m->mask) || (stage == STAGE_EVENT && !asked_of(m, j->ev)))
			continue;
		*by_value = *by_value || m->by_value;
		if (!expr_eval(m->when, j))
			continue;
		if (m->exceptions)
			rule = with_exceptions(p, rule, j, by_value);
		if (rule)
			n = insert(p, match, n, max, rule);
	}
	return n;
}

void policy_judge(const struct policy *p, struct ot_event *ev)
{
	struct judged j = { .ev = ev, .geo = p->geo };
	bool by_value = ev->flags & EV_BY_VALUE;        /* an answer: its request's verdict is such a one */

	if (!p->has_site) {
		ev->verdict = VERDICT_NONE;
	} else if (ev->dir != DIR_RESPONSE || !(ev->has & HAS_REQUEST) || ev->verdict == VERDICT_NONE) {
		struct conduit_said said;

		ev->verdict = (uint8_t)conduit_verdict(p, &j, &said);
		by_value = by_value || said.by_value;
	}
	ev->matches = (uint8_t)match_rules(p, STAGE_EVENT, &j, ev->match, OT_MATCH_MAX, &by_value);
	if (by_value)
		ev->flags |= EV_BY_VALUE;
}

unsigned policy_judge_stage(const struct policy *p, enum stage stage, const struct judged *j, uint16_t *match, unsigned max)
{
	struct judged own = *j;
	struct flow_facts flow;
	bool by_value = false;          /* each of these is judged: nobody remembers */

	own.geo = p->geo;
	if (j->flow && stage == STAGE_FLOW) {
		flow = *j->flow;
		struct conduit_said said = { 0 };

		flow.verdict = VERDICT_NONE;
		own.flow = &flow;
		if (p->has_site)
			flow.verdict = (uint8_t)conduit_verdict(p, &own, &said);
		flow.conduit = said.leads;
	}
	return match_rules(p, stage, &own, match, max, &by_value);
}

enum ot_verdict policy_flow_verdict(const struct policy *p, const struct judged *j)
{
	struct conduit_said ignored;
	struct judged own = *j;

	own.geo = p->geo;
	return p->has_site ? conduit_verdict(p, &own, &ignored) : VERDICT_NONE;
}

/* --- keys ----------------------------------------------------------------------------------------- */

#define KEY_BYTES 1536          /* of all fields of one key; what is longer is cut */

static struct policy_key key_of(const struct policy *p, const struct key_fields *fields, const struct judged *j)
{
	uint8_t text[KEY_BYTES];
	struct judged own = *j;
	size_t n = 2;

	own.geo = p->geo;
	text[0] = (uint8_t)(j->ev->head.segment >> 8);  /* numbers that policy_load_next() leaves as they are */
	text[1] = (uint8_t)j->ev->head.segment;
	for (uint32_t i = 0; i < fields->n && n + 2 < sizeof text; i++) {
		size_t one = expr_field_bytes(fields->v[i], &p->names, &own, text + n + 2, sizeof text - n - 2);

		text[n] = (uint8_t)(one >> 8);
		text[n + 1] = (uint8_t)one;
		n += 2 + one;
	}
	/* Two halves of one key: the second over the first half and the text again. */
	struct policy_key k = { .a = hash_stable(text, n) };

	memmove(text + (n + 8 <= sizeof text ? 8 : 0), text, n + 8 <= sizeof text ? n : sizeof text - 8);
	memcpy(text, &k.a, 8);
	k.b = hash_stable(text, n + 8 <= sizeof text ? n + 8 : sizeof text);
	return k;
}

struct policy_key rule_group_key(const struct policy *p, uint16_t rule, const struct judged *j)
{
	return key_of(p, &p->rule_more[rule].group, j);
}

bool rule_group_of_kind(const struct policy *p, uint16_t rule)
{
	return !p->rule_more[rule].group.by_value;
}

struct policy_key rule_threshold_key(const struct policy *p, uint16_t rule, const struct judged *j)
{
	return key_of(p, &p->rule_more[rule].by, j);
}

struct policy_key rule_distinct_key(const struct policy *p, uint16_t rule, const struct judged *j)
{
	return key_of(p, &p->rule_more[rule].distinct, j);
}

/* --- reasons ---------------------------------------------------------------------------------------- */

static const char *place_name(const struct policy *p, const struct ot_side *s, char buf[ADDR_TEXT])
{
	return s->zone && s->zone < p->zones ? p->zone[s->zone].name : addr_text(&s->ip, buf);
}

/* The first sentence: up to a full stop with a blank or nothing behind it. */
static size_t sentence(const char *s)
{
	for (size_t i = 0; s[i]; i++) {
		if (s[i] == '.' && (s[i + 1] == ' ' || s[i + 1] == '\n' || !s[i + 1]))
			return i + 1;
	}
	return strlen(s);
}

void policy_reason(const struct policy *p, uint16_t rule, const struct ot_event *ev, char *out, size_t n)
{
	const struct ot_side *c = ot_client(ev), *s = ot_server(ev);
	const struct rule *r = policy_rule(p, rule);
	char from[ADDR_TEXT], to[ADDR_TEXT];

	if (p->has_site && ev->verdict == VERDICT_DENIED && c->zone == s->zone) {
		snprintf(out, n, "Zone %s is policed inside, and nothing allows it there.", place_name(p, c, from));
	} else if (p->has_site && ev->verdict == VERDICT_DENIED) {
		snprintf(out, n, "No conduit from %s to %s allows it.", place_name(p, c, from), place_name(p, s, to));
	} else if (p->has_site && ev->verdict == VERDICT_UNZONED) {
		const struct ot_side *out_of = c->zone ? s : c;

		snprintf(out, n, "%s is in no zone of the site.", addr_text(&out_of->ip, from));
	} else if (r && r->why) {
		snprintf(out, n, "%.*s", (int)sentence(r->why), r->why);
		for (char *t = out; n && *t; t++)
			*t = *t == '\n' ? ' ' : *t;
	} else if (n) {
		out[0] = '\0';
	}
}
