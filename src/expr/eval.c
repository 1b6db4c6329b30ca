/* eval.c - an expression held against what is judged. Three values: what rests on something
 * that is not known is neither true nor false. */
#include <config.h>

#include "expr/node.h"

static bool in_spans(const struct span *v, uint32_t n, uint64_t x)
{
	uint32_t lo = 0, hi = n;

	while (lo < hi) {
		uint32_t mid = lo + (hi - lo) / 2;

		if (x < v[mid].lo)
			hi = mid;
		else if (x > v[mid].hi)
			lo = mid + 1;
		else
			return true;
	}
	return false;
}

/* Spans do not touch, so a range that lies inside lies inside one of them. */
static bool inside(const struct node *n, const uint64_t r[2])
{
	for (uint32_t i = 0; i < n->n; i++) {
		if (n->spans[i].lo <= r[0] && r[1] <= n->spans[i].hi)
			return true;
	}
	return false;
}

static bool overlaps(const struct node *n, const uint64_t r[2])
{
	for (uint32_t i = 0; i < n->n; i++) {
		if (n->spans[i].lo <= r[1] && r[0] <= n->spans[i].hi)
			return true;
	}
	return false;
}

static bool in_addrs(const struct node *n, const struct ip_addr *a)
{
	for (uint32_t i = 0; i < n->n; i++) {
		if (addr_cmp(&n->addrs[i].lo, a) <= 0 && addr_cmp(a, &n->addrs[i].hi) <= 0)
			return true;
	}
	return false;
}

static bool in_texts(const struct node *n, const char *s, size_t len)
{
	for (uint32_t i = 0; i < n->n; i++) {
		if (n->texts[i].n == len && memcmp(n->texts[i].s, s, len) == 0)
			return true;
	}
	return false;
}

static bool contains(const struct node *n, const char *s, size_t len)
{
	for (uint32_t i = 0; i < n->n; i++) {
		if (memmem(s, len, n->texts[i].s, n->texts[i].n))
			return true;
	}
	return false;
}

static bool text_met(const struct node *n, const char *s, size_t len)
{
	return n->test == TEST_TEXTS ? in_texts(n, s, len) : n->test == TEST_CONTAINS ? contains(n, s, len) :
	       pattern_match(n->pattern, s, len);
}

static bool any_text_met(const struct node *n, const struct datum *d)
{
	for (unsigned i = 0; i < d->count; i++) {
		if (text_met(n, d->texts[i], strlen(d->texts[i])))
			return true;
	}
	return false;
}

static bool met(const struct node *n, const struct scope *s, struct datum *d)
{
	if (n->field->type == TYPE_TEXTS)
		return n->test == TEST_TRUE || any_text_met(n, d);
	if (n->field->type == TYPE_NAME && n->test >= TEST_TEXTS) {
		d->text = field_name_text(s->site, n->field->names, d->n[0]);
		d->len = d->text ? strlen(d->text) : 0;
	}
	switch (n->test) {
	case TEST_TRUE:
		return n->field->type != TYPE_BOOL || d->n[0];
	case TEST_SPANS:
		if (n->field->type != TYPE_NUMBERS)
			return in_spans(n->spans, n->n, d->n[0]);
		for (unsigned i = 0; i < d->count; i++) {
			if (in_spans(n->spans, n->n, d->n[i]))
				return true;
		}
		return false;
	case TEST_MASK:
		return n->field->type == TYPE_FLAGS ? (d->n[0] & n->mask) != 0 : n->mask >> (d->n[0] & 63) & 1;
	case TEST_ADDRS:
		return in_addrs(n, d->ip);
	case TEST_TEXTS:
	case TEST_CONTAINS:
	case TEST_PATTERN:
		return d->text && text_met(n, d->text, d->len);
	case TEST_INSIDE:
		return inside(n, d->n);
	default:
		return overlaps(n, d->n);
	}
}

static enum expr_truth test(const struct node *n, const struct scope *s)
{
	struct datum d;
	enum expr_truth known = field_get(s, n->field, &d);

	if (known != EXPR_YES)
		return known;
	if (met(n, s, &d) == n->negate)
		return EXPR_NO;
	return d.likely ? EXPR_MAYBE : EXPR_YES;
}

/* AND: the least of its parts; OR: the greatest. */
static enum expr_truth join(const struct node *n, const struct scope *s, bool is_and)
{
	enum expr_truth all = is_and ? EXPR_YES : EXPR_NO;

	for (const struct node *c = n->child; c; c = c->next) {
		enum expr_truth one = node_eval(c, s);

		if (one == (is_and ? EXPR_NO : EXPR_YES))
			return one;
		if (one == EXPR_MAYBE)
			all = EXPR_MAYBE;
	}
	return all;
}

/* Recursive as deep as the parser allowed: EXPR_DEPTH_MAX times AND, OR and NOT. */
enum expr_truth node_eval(const struct node *n, const struct scope *s)
{
	enum expr_truth one;

	switch (n->kind) {
	case NODE_TEST:
		return test(n, s);
	case NODE_NOT:
		one = node_eval(n->child, s);
		return one == EXPR_MAYBE ? EXPR_MAYBE : one == EXPR_YES ? EXPR_NO : EXPR_YES;
	default:
		return join(n, s, n->kind == NODE_AND);
	}
}

enum expr_truth expr_truth(const struct expr *e, const struct judged *j)
{
	const struct ot_event *ev = j->ev;
	struct scope s = { .ev = ev, .flow = j->flow, .history = j->history, .health = j->health,
			   .site = e->site, .geo = j->geo };

	s.forgiving = (ev->dir == DIR_RESPONSE && !(ev->has & HAS_REQUEST)) || ev->flags & EV_CUT;
	s.early = j->flow != NULL;
	return node_eval(e->root, &s);
}

bool expr_holds(const struct expr *e, const struct scope *s)
{
	return node_eval(e->root, s) == EXPR_YES;
}

bool expr_eval(const struct expr *e, const struct judged *j)
{
	const struct ot_event *ev = j->ev;
	struct scope s = { .ev = ev, .flow = j->flow, .history = j->history, .health = j->health,
			   .site = e->site, .geo = j->geo, .early = j->flow != NULL };

	return expr_holds(e, &s);
}

uint64_t expr_signature(const struct ot_event *ev)
{
	return 1ull << (sig_place[SIG_PROTO].shift + (ev->proto & 15)) |
	       1ull << (sig_place[SIG_OP].shift + (ev->op & 7)) |
	       1ull << (sig_place[SIG_ACT].shift + (ev->act < 24 ? ev->act : 0)) |
	       1ull << (sig_place[SIG_DIR].shift + (ev->dir < 3 ? ev->dir : 0)) |
	       1ull << (sig_place[SIG_OUTCOME].shift + (ev->outcome < 6 ? ev->outcome : 0)) |
	       1ull << (sig_place[SIG_VERDICT].shift + (ev->verdict & 3)) |
	       1ull << (sig_place[SIG_ANOMALY].shift + (ev->anomalies != 0));
}
