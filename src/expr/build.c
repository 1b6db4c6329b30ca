/* build.c - one comparison: the types of field, operator and values held against each other,
 * and the values brought into the shape that evaluation wants. */
#include "expr/node.h"

#include "base/names.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#define OPS(x) (1u << ((x) - TOK_EQ))
#define OPS_EQUAL (OPS(TOK_EQ) | OPS(TOK_NE) | OPS(TOK_IN))
#define OPS_ORDER (OPS(TOK_LT) | OPS(TOK_LE) | OPS(TOK_GT) | OPS(TOK_GE))

static const struct {
	unsigned ops;
	const char *takes;      /* what is compared with it */
	const char *operators;
} types[TYPE_COUNT] = {
	[TYPE_BOOL] = { OPS(TOK_EQ) | OPS(TOK_NE), "true or false", "stands alone, or == !=" },
	[TYPE_NUMBER] = { OPS_EQUAL | OPS_ORDER, "a number like 100 or 0x64", "== != < <= > >= in" },
	[TYPE_LEVEL] = { OPS_EQUAL | OPS_ORDER, "a level from 0 to 5, 3.5 for the DMZ", "== != < <= > >= in" },
	[TYPE_DURATION] = { OPS_EQUAL | OPS_ORDER, "a duration like 10ms, 5s or 2h", "== != < <= > >= in" },
	[TYPE_NUMBERS] = { OPS_EQUAL | OPS_ORDER | OPS(TOK_CONTAINS), "a number like 100 or 0x64",
			   "== != < <= > >= in contains" },
	[TYPE_ENUM] = { OPS_EQUAL, "one of its words", "== != in" },
	[TYPE_RANK] = { OPS_EQUAL | OPS_ORDER, "one of its words", "== != < <= > >= in" },
	[TYPE_FLAGS] = { OPS_EQUAL | OPS(TOK_CONTAINS), "one of its words", "== != in contains" },
	[TYPE_ADDR] = { OPS_EQUAL, "an address or network like 192.168.1.10 or 10.0.0.0/8", "== != in" },
	[TYPE_MAC] = { OPS_EQUAL, "a MAC address like 00:1d:9c:aa:bb:cc", "== != in" },
	[TYPE_TEXT] = { OPS_EQUAL | OPS(TOK_CONTAINS) | OPS(TOK_MATCHES), "a text like \"Program:Main\"",
			"== != in contains matches" },
	[TYPE_TEXTS] = { OPS_EQUAL | OPS(TOK_CONTAINS) | OPS(TOK_MATCHES), "a text like T0855 or \"SR 2.1\"",
			 "== != in contains matches" },
	[TYPE_NAME] = { OPS_EQUAL | OPS(TOK_CONTAINS) | OPS(TOK_MATCHES), "a name of the site",
			"== != in contains matches" },
	[TYPE_RANGE] = { OPS_EQUAL | OPS_ORDER | OPS(TOK_OVERLAPS), "addresses like 100 or {100..119}",
			 "== != < <= > >= in overlaps" },
};

void build_wrong(struct build *b, const struct token *t, const char *hint, const char *fmt, ...)
{
	struct expr_error *e = &b->errs->v[b->errs->n];
	va_list ap;
	size_t n;

	if (b->errs->n == EXPR_ERRORS_MAX)
		return;
	b->errs->n++;
	*e = (struct expr_error){ .at = t->at, .len = t->len };
	va_start(ap, fmt);
	vsnprintf(e->text, sizeof e->text, fmt, ap);
	va_end(ap);
	n = strlen(e->text);
	if (t->len)
		snprintf(e->text + n, sizeof e->text - n, ": '%.*s'", t->len < 60 ? (int)t->len : 60, b->text + t->at);
	snprintf(e->hint, sizeof e->hint, "%s", hint ? hint : "");
}

struct node *build_node(struct build *b, enum node_kind kind, const struct token *at)
{
	struct node *n = NULL;

	if (b->nodes == EXPR_NODES_MAX) {
		build_wrong(b, at, "split it into several rules", "expression has more than 512 parts at");
		return NULL;
	}
	b->nodes++;
	n = arena_get(b->arena, sizeof *n);
	if (n)
		n->kind = (uint8_t)kind;
	else
		b->memory = true;
	return n;
}

static void *keep(struct build *b, size_t n, size_t size)
{
	void *p = arena_array(b->arena, n ? n : 1, size);

	if (!p)
		b->memory = true;
	return p;
}

static bool did_you_mean(struct build *b, const struct token *t, const char *near, const char *what)
{
	char hint[120];

	snprintf(hint, sizeof hint, "did you mean '%s'?", near ? near : "");
	build_wrong(b, t, near ? hint : NULL, "%s", what);
	return false;
}

static bool wrong_type(struct build *b, const struct token *t, const struct field *f)
{
	char hint[140];

	snprintf(hint, sizeof hint, "%s takes %s", f->name, types[f->type].takes);
	build_wrong(b, t, hint, "wrong type of value");
	return false;
}

/* --- numbers ----------------------------------------------------------------------------- */

static bool site_name(struct build *b, const struct field *f, const struct token *t, const char *s, size_t n,
		      uint64_t *v)
{
	const char *list[257] = { 0 };
	char name[80];
	uint32_t k = 0;

	*v = UINT64_MAX;                /* no site: equal to none */
	if (!b->site)
		return true;
	for (uint32_t i = 1; ; i++) {
		const char *have = field_name_text(b->site, f->names, i);

		if (!have)
			break;
		if (strlen(have) == n && memcmp(have, s, n) == 0) {
			*v = i;
			return true;
		}
		if (k < 256)
			list[k++] = have;
	}
	snprintf(name, sizeof name, "%.*s", n < sizeof name ? (int)n : (int)sizeof name - 1, s);
	did_you_mean(b, t, name_nearest(name, list), f->names == NAMES_ZONE ? "unknown zone" : f->names == NAMES_ASSET ?
		     "unknown asset" : f->names == NAMES_ROLE ? "no asset has this role" : "unknown segment");
	return false;
}

static bool one_word(struct build *b, const struct field *f, const struct literal *v, unsigned *index)
{
	const struct token *t = &v->lo;
	bool quoted = t->kind == TOK_STRING;
	const char *s = quoted ? t->string : b->text + t->at;
	size_t len = quoted ? t->string_len : t->len;
	char what[80];

	*index = 0;
	if (v->range || (t->kind != TOK_WORD && !quoted))
		return wrong_type(b, v->range ? &v->hi : t, f);
	if (field_word(f, s, len, index))
		return true;
	snprintf(what, sizeof what, "unknown word for %s", f->name);
	return did_you_mean(b, t, field_word_near(f, s, len), what);
}

/* The number that a token means for a field that is kept as one. */
static bool as_number(struct build *b, const struct field *f, const struct token *t, uint64_t *v)
{
	unsigned index;

	*v = t->number;
	switch (f->type) {
	case TYPE_LEVEL:
		if (t->kind == TOK_NUMBER)
			*v = t->number <= 5 ? t->number * 10 : 99;
		if ((t->kind == TOK_NUMBER || t->kind == TOK_LEVEL) && *v <= 50)
			return true;
		break;
	case TYPE_DURATION:
		if (t->kind == TOK_DURATION)
			return true;
		break;
	case TYPE_MAC:
		if (t->kind == TOK_MAC)
			return true;
		break;
	case TYPE_RANK:
		if (!one_word(b, f, &(struct literal){ .lo = *t }, &index))
			return false;
		*v = index;
		return true;
	case TYPE_NAME:
		if (t->kind == TOK_STRING)
			return site_name(b, f, t, t->string, t->string_len, v);
		if (t->kind == TOK_WORD || t->kind == TOK_NUMBER)
			return site_name(b, f, t, b->text + t->at, t->len, v);
		break;
	default:
		if (t->kind == TOK_NUMBER)
			return true;
		break;
	}
	return wrong_type(b, t, f);
}

static int by_start(const void *a, const void *b)
{
	const struct span *x = a, *y = b;

	return x->lo < y->lo ? -1 : x->lo > y->lo;
}

/* Sorted, and those that touch made one. */
static uint32_t merge(struct span *v, uint32_t n)
{
	uint32_t k = 0;

	qsort(v, n, sizeof *v, by_start);
	for (uint32_t i = 1; i < n; i++) {
		if (v[k].hi == UINT64_MAX || v[i].lo <= v[k].hi + 1)
			v[k].hi = v[i].hi > v[k].hi ? v[i].hi : v[k].hi;
		else
			v[++k] = v[i];
	}
	return n ? k + 1 : 0;
}

/* x < v and its like, as the span of what fits; false: nothing does. */
static bool ordered(enum token_kind op, uint64_t v, struct span *out)
{
	*out = (struct span){ 0, UINT64_MAX };
	switch (op) {
	case TOK_LT:
		out->hi = v - 1;
		return v > 0;
	case TOK_LE:
		out->hi = v;
		return true;
	case TOK_GT:
		out->lo = v + 1;
		return v < UINT64_MAX;
	case TOK_GE:
		out->lo = v;
		return true;
	default:
		*out = (struct span){ v, v };
		return true;
	}
}

static bool spans(struct build *b, struct node *n, enum token_kind op, const struct literal *v, size_t count)
{
	struct span *out = keep(b, count, sizeof *out);
	uint32_t k = 0;

	if (!out)
		return false;
	for (size_t i = 0; i < count; i++) {
		uint64_t lo, hi;

		if (!as_number(b, n->field, &v[i].lo, &lo))
			return false;
		if (v[i].range) {
			if (n->field->type == TYPE_NAME || n->field->type == TYPE_MAC)
				return wrong_type(b, &v[i].hi, n->field);
			if (!as_number(b, n->field, &v[i].hi, &hi))
				return false;
			if (hi < lo) {
				build_wrong(b, &v[i].hi, NULL, "range runs backwards");
				return false;
			}
			out[k++] = (struct span){ lo, hi };
		} else if (ordered(op, lo, &out[k])) {
			k++;
		}
	}
	n->n = merge(out, k);
	n->spans = out;
	n->test = TEST_SPANS;
	if (n->field->type == TYPE_RANGE)
		n->test = op == TOK_OVERLAPS || op == TOK_NE ? TEST_OVERLAPS : TEST_INSIDE;
	return true;
}

/* --- words, addresses, texts --------------------------------------------------------------- */

static bool mask(struct build *b, struct node *n, const struct literal *v, size_t count)
{
	unsigned index;

	n->test = TEST_MASK;
	for (size_t i = 0; i < count; i++) {
		if (!one_word(b, n->field, &v[i], &index))
			return false;
		n->mask |= 1ull << index;
	}
	return true;
}

/* A list of words that is longer than a mask has bits. */
static bool many_words(struct build *b, struct node *n, const struct literal *v, size_t count)
{
	struct span *out = keep(b, count, sizeof *out);
	unsigned index;

	if (!out)
		return false;
	for (size_t i = 0; i < count; i++) {
		if (!one_word(b, n->field, &v[i], &index))
			return false;
		out[i] = (struct span){ index, index };
	}
	n->n = merge(out, (uint32_t)count);
	n->spans = out;
	n->test = TEST_SPANS;
	return true;
}

static struct ip_addr last_of(const struct ip_net *net)
{
	struct ip_addr a = net->addr;

	for (unsigned i = 0; i < 16; i++) {
		unsigned keep_bits = net->bits > i * 8 ? net->bits - i * 8u : 0;

		if (keep_bits < 8)
			a.b[i] = (uint8_t)(a.b[i] | (0xffu >> keep_bits));
	}
	return a;
}

static bool addrs(struct build *b, struct node *n, const struct literal *v, size_t count)
{
	struct addr_span *out = keep(b, count, sizeof *out);

	if (!out)
		return false;
	n->test = TEST_ADDRS;
	n->addrs = out;
	for (size_t i = 0; i < count; i++) {
		const struct token *last = v[i].range ? &v[i].hi : &v[i].lo;

		if (v[i].lo.kind != TOK_NET)
			return wrong_type(b, &v[i].lo, n->field);
		if (last->kind != TOK_NET)
			return wrong_type(b, last, n->field);
		out[n->n].lo = v[i].lo.net.addr;
		out[n->n].hi = last_of(&last->net);
		if (addr_cmp(&out[n->n].hi, &out[n->n].lo) < 0) {
			build_wrong(b, last, NULL, "range runs backwards");
			return false;
		}
		n->n++;
	}
	return true;
}

static bool pattern(struct build *b, struct node *n, const struct token *t, const char *s, size_t len)
{
	struct pattern *p = keep(b, 1, sizeof *p);
	const char *why;
	size_t at;

	if (!p)
		return false;
	n->pattern = p;
	n->test = TEST_PATTERN;
	if (pattern_compile(s, len, p, &why, &at))
		return true;
	build_wrong(b, t, why, "wrong pattern");
	return false;
}

/* A bare word for a text field that has a list of words must not be a slip of one of them. */
static bool slip(struct build *b, const struct field *f, const struct token *t)
{
	const char *s = b->text + t->at;
	const char *near;
	unsigned index;

	if (t->kind != TOK_WORD || !f->word || field_word(f, s, t->len, &index))
		return false;
	near = field_word_near(f, s, t->len);
	if (!near)
		return false;
	did_you_mean(b, t, near, "unknown address space (quote it to insist)");
	return true;
}

static bool texts(struct build *b, struct node *n, enum token_kind op, const struct literal *v, size_t count)
{
	struct slice *out = keep(b, count, sizeof *out);

	if (!out)
		return false;
	n->texts = out;
	n->test = op == TOK_CONTAINS ? TEST_CONTAINS : TEST_TEXTS;
	for (size_t i = 0; i < count; i++) {
		const struct token *t = &v[i].lo;
		bool quoted = t->kind == TOK_STRING;
		const char *s = quoted ? t->string : b->text + t->at;
		size_t len = quoted ? t->string_len : t->len;

		if (v[i].range || (t->kind != TOK_STRING && t->kind != TOK_WORD && t->kind != TOK_NUMBER))
			return wrong_type(b, v[i].range ? &v[i].hi : t, n->field);
		if (op == TOK_MATCHES)
			return pattern(b, n, t, s, len);
		if (op == TOK_CONTAINS && len == 0) {
			build_wrong(b, t, NULL, "every text contains an empty one");
			return false;
		}
		if (slip(b, n->field, t))
			return false;
		out[i] = (struct slice){ arena_text(b->arena, s, len), len };
		if (!out[i].s)
			b->memory = true;
	}
	n->n = (uint32_t)count;
	return !b->memory;
}

/* --- the field ------------------------------------------------------------------------------- */

static bool mixes(struct build *b, const struct token *t, const struct field *f)
{
	static const char *const known[] = { "", "of one message", "when a flow begins", "from what came before",
		"of the sensor itself" };
	unsigned other = 0;

	if (f->reach == REACH_ENDPOINT || f->reach == REACH_ALERT)
		return false;
	for (unsigned r = REACH_MESSAGE; r < REACH_HEALTH; r++)
		if (f->reach == REACH_HEALTH && b->seen & 1u << r)
			other = r;
	if (b->seen & 1u << REACH_HEALTH && f->reach != REACH_HEALTH)
		other = REACH_HEALTH;
	else if (b->use == EXPR_RULE && b->seen & 1u << REACH_FLOW && f->reach != REACH_FLOW)
		other = REACH_FLOW;
	else if (b->use == EXPR_RULE && f->reach == REACH_FLOW && b->seen & 1u << REACH_MESSAGE)
		other = REACH_MESSAGE;
	else if (f->reach == REACH_FLOW && b->seen & 1u << REACH_HISTORY)
		other = REACH_HISTORY;
	if (other) {
		char hint[150];
		const struct token *o = &b->first_of[other];

		snprintf(hint, sizeof hint, "it is known %s, '%.*s' %s: make two rules", known[f->reach],
			 o->len < 40 ? (int)o->len : 40, b->text + o->at, known[other]);
		build_wrong(b, t, hint, "no stage knows all fields of this expression");
		return true;
	}
	if (!(b->seen & 1u << f->reach))
		b->first_of[f->reach] = *t;
	b->seen |= 1u << f->reach;
	return false;
}

static bool field_allowed(struct build *b, const struct token *t, const struct field *f)
{
	if ((b->use != EXPR_RULE && f->reach == REACH_HISTORY) ||
	    (b->use == EXPR_ALLOW && f->reach == REACH_FLOW && !(f->flags & FIELD_LABEL))) {
		build_wrong(b, t, f->reach == REACH_FLOW ? "only rules and filters can use it" : "only rules can use it",
			    "this field is not known of one message");
		return false;
	}
	if (b->use == EXPR_ALLOW && f->sig == SIG_VERDICT) {
		build_wrong(b, t, "conduits make the verdict", "a conduit cannot look at this");
		return false;
	}
	if (b->use == EXPR_FILTER && f->flags & FIELD_SITE && !b->site) {
		build_wrong(b, t, "give one with --site", "this field needs a site");
		return false;
	}
	return !mixes(b, t, f);
}

static bool op_allowed(struct build *b, const struct token *op, const struct field *f, size_t n)
{
	char hint[150];

	snprintf(hint, sizeof hint, "%s: %s", f->name, types[f->type].operators);
	if (!(types[f->type].ops & OPS(op->kind))) {
		build_wrong(b, op, hint, "this operator does not go with %s", f->name);
		return false;
	}
	if (op->kind == TOK_OVERLAPS && b->use == EXPR_ALLOW) {
		build_wrong(b, op, "use 'in', so that what sticks out is denied", "a conduit cannot allow by");
		return false;
	}
	if (n > 1 && op->kind != TOK_IN && op->kind != TOK_OVERLAPS && op->kind != TOK_CONTAINS) {
		build_wrong(b, op, "use 'in' with a set", "this operator takes one value");
		return false;
	}
	return true;
}

static bool values(struct build *b, struct node *n, const struct token *op, const struct literal *v, size_t count)
{
	bool text_op = op->kind == TOK_CONTAINS || op->kind == TOK_MATCHES;

	if (v[0].range && op->kind != TOK_IN && op->kind != TOK_OVERLAPS) {
		build_wrong(b, &v[0].hi, "use 'in' with a range", "this operator takes one value");
		return false;
	}
	switch (n->field->type) {
	case TYPE_BOOL: case TYPE_ENUM: case TYPE_FLAGS:
		return n->field->words > 64 ? many_words(b, n, v, count) : mask(b, n, v, count);
	case TYPE_ADDR:
		return addrs(b, n, v, count);
	case TYPE_TEXT: case TYPE_TEXTS:
		return texts(b, n, op->kind, v, count);
	case TYPE_NAME:
		return text_op ? texts(b, n, op->kind, v, count) : spans(b, n, op->kind, v, count);
	default:
		return spans(b, n, op->kind, v, count);
	}
}

struct node *build_test(struct build *b, const struct token *field, const struct token *op,
			const struct literal *v, size_t n)
{
	const struct field *table = b->use == EXPR_FORWARD ? alert_fields : fields;
	const struct field *f = field_find(table, b->text + field->at, field->len);
	struct node *node;

	if (!f) {
		did_you_mean(b, field, field_near(table, b->text + field->at, field->len), "unknown field");
		return NULL;
	}
	if (!field_allowed(b, field, f))
		return NULL;
	b->needs_site = b->needs_site || f->flags & FIELD_SITE;
	b->volatile_fields = b->volatile_fields || f->flags & FIELD_VOLATILE;
	b->answer |= (f->flags & FIELD_ANSWER ? EXPR_ANSWER : 0u) | (f->flags & FIELD_VALUE ? EXPR_ANSWER_VALUE : 0u);
	node = build_node(b, NODE_TEST, field);
	if (!node)
		return NULL;
	node->field = f;
	node->test = TEST_TRUE;
	if (op->kind == TOK_END)
		return node;
	if (!op_allowed(b, op, f, n) || !values(b, node, op, v, n))
		return NULL;
	node->negate = op->kind == TOK_NE;
	return node;
}
