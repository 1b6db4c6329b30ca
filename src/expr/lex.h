/* lex.h - an expression cut into tokens. Pure; text that a token points to is the caller's. */
#ifndef ZT_EXPR_LEX_H
#define ZT_EXPR_LEX_H

#include "base/addr.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LEX_STRING_MAX 256      /* bytes of a quoted string */

enum token_kind {
	TOK_END, TOK_BAD,
	TOK_WORD, TOK_NUMBER, TOK_LEVEL, TOK_DURATION, TOK_STRING, TOK_NET, TOK_MAC,
	TOK_EQ, TOK_NE, TOK_LT, TOK_LE, TOK_GT, TOK_GE, TOK_IN, TOK_OVERLAPS, TOK_CONTAINS, TOK_MATCHES,
	TOK_AND, TOK_OR, TOK_NOT, TOK_LPAREN, TOK_RPAREN, TOK_LBRACE, TOK_RBRACE, TOK_COMMA, TOK_DOTS,
};

struct token {
	enum token_kind kind;
	uint32_t at, len;               /* in the text */
	uint64_t number;                /* NUMBER; LEVEL: tenths; DURATION: ns; MAC: 48 bits */
	struct ip_net net;
	char string[LEX_STRING_MAX];    /* STRING: without quotes and escapes; may hold NULs */
	uint32_t string_len;
	const char *wrong, *hint;       /* BAD: static text; hint may be NULL */
};

struct lexer {
	const char *text;
	uint32_t len, at;
};

void lex_next(struct lexer *l, struct token *t);

/* "250ms", "60s", "2h": nanoseconds; false: not a duration. */
bool lex_duration(const char *s, size_t n, uint64_t *ns);

#endif
