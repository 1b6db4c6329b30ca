/* parse.c - the grammar. After a mistake the parser goes on behind the next `and`, `or` or
 * closing parenthesis, so that one look finds several.
 *
 *   or    = and { ("||" | "or") and }
 *   and   = unary { ("&&" | "and") unary }
 *   unary = ("!" | "not") unary | "(" or ")" | test
 *   test  = FIELD [ operator ( literal | "{" literal { "," literal } "}" ) ]
 */
#include "expr/node.h"

#include <stdlib.h>

struct parser {
	struct build *b;
	struct lexer lex;
	struct token t;         /* the one in hand */
	unsigned depth;
	bool bad;               /* since the last point of recovery */
};

static struct node *parse_or(struct parser *p);

static void take(struct parser *p)
{
	lex_next(&p->lex, &p->t);
}

static struct node *wrong(struct parser *p, const char *hint, const char *what)
{
	if (p->t.kind == TOK_BAD)
		build_wrong(p->b, &p->t, p->t.hint, "%s", p->t.wrong);
	else if (p->t.kind == TOK_END)
		build_wrong(p->b, &p->t, hint, "the expression ends too early");
	else
		build_wrong(p->b, &p->t, hint, "%s", what);
	p->bad = true;
	return NULL;
}

/* Behind a mistake: to where the grammar is certain again. */
static void recover(struct parser *p)
{
	unsigned open = 0;

	for (; p->t.kind != TOK_END; take(p)) {
		if (p->t.kind == TOK_LPAREN)
			open++;
		if (open == 0 && (p->t.kind == TOK_AND || p->t.kind == TOK_OR || p->t.kind == TOK_RPAREN))
			break;
		if (p->t.kind == TOK_RPAREN)
			open--;
	}
	p->bad = false;
}

static bool is_literal(enum token_kind k)
{
	return k >= TOK_WORD && k <= TOK_MAC;
}

static bool literal(struct parser *p, struct literal *out)
{
	if (!is_literal(p->t.kind)) {
		wrong(p, NULL, "a value is missing before");
		return false;
	}
	out->lo = p->t;
	out->range = false;
	take(p);
	if (p->t.kind != TOK_DOTS)
		return true;
	take(p);
	if (!is_literal(p->t.kind)) {
		wrong(p, "ranges are like 5..9", "the end of a range is missing before");
		return false;
	}
	out->hi = p->t;
	out->range = true;
	take(p);
	return true;
}

/* The members of {..}; how many, 0 after a mistake. */
static size_t set(struct parser *p, struct literal **v)
{
	size_t n = 0, room = 0;

	do {
		struct literal one;

		take(p);                                /* the brace or the comma */
		if (n > 0 && p->t.kind == TOK_RBRACE)
			break;                          /* a comma behind the last one */
		if (!literal(p, &one))
			return 0;
		if (n == EXPR_ITEMS_MAX) {
			wrong(p, NULL, "set has more than 1024 members at");
			return 0;
		}
		if (n == room) {
			struct literal *more = realloc(*v, (room = room ? room * 2 : 8) * sizeof **v);

			if (!more) {
				p->b->memory = true;
				return 0;
			}
			*v = more;
		}
		(*v)[n++] = one;
	} while (p->t.kind == TOK_COMMA);
	if (p->t.kind != TOK_RBRACE) {
		wrong(p, "sets are like {1, 5..9}", "',' or '}' is missing before");
		return 0;
	}
	take(p);
	return n;
}

static struct node *test(struct parser *p)
{
	struct token field = p->t, op;
	struct literal one, *many = NULL;
	struct node *node = NULL;
	size_t n;

	if (field.kind != TOK_WORD)
		return wrong(p, "a comparison begins with a field, see zonetap-fields(7)", "a field is missing before");
	take(p);
	op = p->t;
	if (op.kind < TOK_EQ || op.kind > TOK_MATCHES) {
		op.kind = TOK_END;
		return build_test(p->b, &field, &op, NULL, 0);
	}
	take(p);
	if (p->t.kind == TOK_LBRACE) {
		n = set(p, &many);
		if (n > 0)
			node = build_test(p->b, &field, &op, many, n);
		free(many);
		return node;
	}
	if (!literal(p, &one))
		return NULL;
	return build_test(p->b, &field, &op, &one, 1);
}

static struct node *unary(struct parser *p)
{
	struct token at = p->t;
	struct node *n = NULL, *inner;

	if (p->t.kind != TOK_NOT && p->t.kind != TOK_LPAREN)
		return test(p);
	if (p->depth == EXPR_DEPTH_MAX)
		return wrong(p, NULL, "nested deeper than 32 at");
	p->depth++;
	take(p);
	if (at.kind == TOK_NOT) {
		inner = unary(p);
		n = inner ? build_node(p->b, NODE_NOT, &at) : NULL;
		if (n)
			n->child = inner;
	} else {
		n = parse_or(p);
		if (p->t.kind == TOK_RPAREN)
			take(p);
		else if (!p->bad)
			n = wrong(p, NULL, "')' is missing before");
	}
	p->depth--;
	return n;
}

/* A list of parts between `between` tokens. */
static struct node *list(struct parser *p, enum token_kind between, enum node_kind kind,
			 struct node *(*part)(struct parser *))
{
	struct node *first = NULL, **end = &first, *whole;
	bool failed = false;
	unsigned n = 0;

	for (;;) {
		*end = part(p);
		n++;
		if (!*end) {
			failed = true;
			if (p->t.kind != TOK_AND && p->t.kind != TOK_OR)
				recover(p);
			p->bad = false;
		} else {
			end = &(*end)->next;
		}
		if (p->t.kind != between)
			break;
		take(p);
	}
	if (failed || n == 1)
		return failed ? NULL : first;
	whole = build_node(p->b, kind, &p->t);
	if (whole)
		whole->child = first;
	return whole;
}

static struct node *parse_and(struct parser *p)
{
	return list(p, TOK_AND, NODE_AND, unary);
}

/* Recursive through unary(), at most EXPR_DEPTH_MAX deep. */
static struct node *parse_or(struct parser *p)
{
	return list(p, TOK_OR, NODE_OR, parse_and);
}

struct node *parse_text(struct build *b, const char *text, uint32_t n)
{
	struct parser p = { .b = b, .lex = { .text = text, .len = n } };
	struct node *root;

	take(&p);
	if (p.t.kind == TOK_END) {
		build_wrong(b, &p.t, NULL, "the expression is empty");
		return NULL;
	}
	root = parse_or(&p);
	while (p.t.kind != TOK_END && b->errs->n < EXPR_ERRORS_MAX) {
		wrong(&p, "'and' and 'or' join comparisons", p.t.kind == TOK_RPAREN ? "')' without '('" :
		      "the expression should have ended before");
		root = NULL;
		take(&p);
		recover(&p);
		if (p.t.kind == TOK_AND || p.t.kind == TOK_OR) {
			take(&p);
			parse_or(&p);
		}
	}
	return root;
}
