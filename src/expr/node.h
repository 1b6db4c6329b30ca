/* node.h - a compiled expression: a tree in one arena. Internal to src/expr. */
#ifndef ZT_EXPR_NODE_H
#define ZT_EXPR_NODE_H

#include "base/arena.h"
#include "expr/field.h"
#include "expr/lex.h"
#include "expr/pattern.h"

#define EXPR_DEPTH_MAX 32       /* parentheses and negations inside each other */
#define EXPR_NODES_MAX 512
#define EXPR_ITEMS_MAX 1024     /* members of one set */
#define EXPR_ARENA_MAX (1u << 20)

enum node_kind { NODE_AND, NODE_OR, NODE_NOT, NODE_TEST };

enum node_test {
	TEST_TRUE,              /* a truth that is true; any other field that applies */
	TEST_SPANS,             /* a number, level, duration, MAC, index of a name; one of several numbers */
	TEST_MASK,              /* an enumeration, or one of several words */
	TEST_ADDRS,
	TEST_TEXTS,             /* equals one of them */
	TEST_CONTAINS,
	TEST_PATTERN,
	TEST_INSIDE,            /* a range: every address is in the spans */
	TEST_OVERLAPS,          /* any is */
};

struct span { uint64_t lo, hi; };                       /* both ends inside */
struct addr_span { struct ip_addr lo, hi; };
struct slice { const char *s; size_t n; };

struct node {
	uint8_t kind, test;
	bool negate;                    /* TEST: true when the field applies and the test is not met */
	const struct field *field;
	struct node *child, *next;      /* AND, OR, NOT: the first; then along `next` */
	uint32_t n;                     /* how many of: */
	union {
		const struct span *spans;       /* sorted, not touching */
		const struct addr_span *addrs;
		const struct slice *texts;
		const struct pattern *pattern;
		uint64_t mask;
	};
};

struct expr {
	struct arena *arena;
	const struct expr_site *site;
	struct node *root;
	uint64_t mask;
	enum stage stage;
	unsigned answer;                /* enum expr_answer */
	bool needs_site, volatile_fields;
};

/* While one is built. */
struct build {
	struct arena *arena;
	const struct expr_site *site;
	enum expr_use use;
	struct expr_errors *errs;
	const char *text;
	uint32_t nodes;
	unsigned answer;                        /* enum expr_answer */
	uint32_t seen;                          /* bit set of enum field_reach */
	struct token first_of[REACH_COUNT];       /* where each reach was first used */
	bool needs_site, volatile_fields, memory;       /* memory: it ran out */
};

/* Adds a mistake at the token; hint may be NULL. */
void build_wrong(struct build *b, const struct token *t, const char *hint, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));
struct node *build_node(struct build *b, enum node_kind kind, const struct token *at);

/* A literal: one value, or a range lo..hi. */
struct literal { struct token lo, hi; bool range; };

/* The test `field op literals`, op TOK_END for a field alone. NULL: the mistake is noted. */
struct node *build_test(struct build *b, const struct token *field, const struct token *op,
			const struct literal *v, size_t n);

/* Parses the whole text; NULL: mistakes are noted. */
struct node *parse_text(struct build *b, const char *text, uint32_t n);

enum expr_truth node_eval(const struct node *n, const struct scope *s);

#endif
