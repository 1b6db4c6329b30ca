#include "expr/node.h"

#include <stdlib.h>

/* What signatures an expression can be true of, and what it can be false of: per group a set of
 * bits. A superset, so that a quick look may let through what is not met, never the reverse. */
struct reach {
	uint64_t yes, no;
};

static uint64_t group_bits(unsigned g)
{
	return ((1ull << sig_place[g].width) - 1) << sig_place[g].shift;
}

static struct reach test_reach(const struct node *n)
{
	const struct field *f = n->field;
	struct reach r = { SIG_ALL, SIG_ALL };
	uint64_t in = 0, group;

	if (f->proto)
		r.yes &= ~group_bits(SIG_PROTO) | 1ull << (sig_place[SIG_PROTO].shift + f->proto);
	if (f->sig == SIG_NONE || f->reach == REACH_FLOW || f->reach == REACH_HEALTH)
		return r;
	group = group_bits(f->sig);
	if (f->sig == SIG_ANOMALY)              /* any test on them needs one */
		in = 2;
	else if (f->type == TYPE_BOOL)          /* a protocol's name */
		in = 1ull << f->arg;
	else if (n->test == TEST_MASK && !n->negate)
		in = n->mask;
	else if (n->test == TEST_MASK)
		in = ~n->mask & ~((1ull << f->from) - 1);
	else                                    /* the field alone */
		in = ~((1ull << f->from) - 1);
	if (f->type == TYPE_BOOL && n->test == TEST_MASK)
		return r;                       /* modbus == false: rare, not worth narrowing */
	in = (in << sig_place[f->sig].shift) & group;
	r.yes = ~group | in;
	/* Without a message none of these applies, whatever its bit: then their negation is true. */
	if (f->sig != SIG_ANOMALY && f->get != get_enum)
		r.no = ~group | (group & ~in);
	return r;
}

/* Recursive as deep as the parser allowed. */
static struct reach reach_of(const struct node *n)
{
	struct reach r, all;

	switch (n->kind) {
	case NODE_TEST:
		return test_reach(n);
	case NODE_NOT:
		r = reach_of(n->child);
		return (struct reach){ r.no, r.yes };
	default:
		all = reach_of(n->child);
		for (const struct node *c = n->child->next; c; c = c->next) {
			r = reach_of(c);
			all.yes = n->kind == NODE_AND ? all.yes & r.yes : all.yes | r.yes;
			all.no = n->kind == NODE_AND ? all.no | r.no : all.no & r.no;
		}
		return all;
	}
}

static void no_memory(struct expr_errors *errs)
{
	if (errs->n < EXPR_ERRORS_MAX)
		errs->v[errs->n++] = (struct expr_error){ .text = "expression needs more memory than there is" };
}

static struct expr *finish(struct build *b, struct node *root)
{
	struct expr *e = arena_get(b->arena, sizeof *e);

	if (!e || b->memory) {
		no_memory(b->errs);
		return NULL;
	}
	e->arena = b->arena;
	e->site = b->site;
	e->root = root;
	e->mask = reach_of(root).yes;
	e->stage = b->seen & 1u << REACH_HEALTH ? STAGE_HEALTH : b->seen & 1u << REACH_FLOW ? STAGE_FLOW :
		   b->seen & 1u << REACH_HISTORY ? STAGE_HISTORY : STAGE_EVENT;
	e->needs_site = b->needs_site;
	e->volatile_fields = b->volatile_fields;
	e->answer = b->answer;
	return e;
}

struct expr *expr_compile(const char *text, size_t n, enum expr_use use, const struct expr_site *site,
			  struct expr_errors *errs)
{
	struct build b = { .use = use, .site = site, .errs = errs, .text = text };
	struct expr *e = NULL;
	struct node *root;

	errs->n = 0;
	if (n > EXPR_TEXT_MAX) {
		errs->v[errs->n++] = (struct expr_error){ .at = EXPR_TEXT_MAX, .text = "expression is longer than 4096 bytes" };
		return NULL;
	}
	b.arena = arena_new(EXPR_ARENA_MAX);
	if (!b.arena) {
		no_memory(errs);
		return NULL;
	}
	root = parse_text(&b, text, (uint32_t)n);
	if (root && errs->n == 0)
		e = finish(&b, root);
	else if (errs->n == 0)
		no_memory(errs);
	if (!e)
		arena_free(b.arena);
	return e;
}

void expr_free(struct expr *e)
{
	if (e)
		arena_free(e->arena);
}

enum stage expr_stage(const struct expr *e)
{
	return e->stage;
}

bool expr_needs_site(const struct expr *e)
{
	return e->needs_site;
}

bool expr_looks_at_value(const struct expr *e)
{
	return e->volatile_fields;
}

uint64_t expr_mask(const struct expr *e)
{
	return e->mask;
}

unsigned expr_answer(const struct expr *e)
{
	return e->answer;
}
