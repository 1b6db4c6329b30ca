#include "expr/lex.h"

#include <stdlib.h>

static bool is_digit(char c) { return c >= '0' && c <= '9'; }
static bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

static bool is_alpha(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

/* What words, numbers and addresses are made of. */
static bool is_run(char c)
{
	return is_alpha(c) || is_digit(c) || c == '.' || c == ':' || c == '/' || c == '-';
}

static int hex_digit(char c)
{
	if (is_digit(c))
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

static bool bad(struct token *t, const char *wrong, const char *hint)
{
	t->kind = TOK_BAD;
	t->wrong = wrong;
	t->hint = hint;
	return true;
}

bool lex_duration(const char *s, size_t n, uint64_t *ns)
{
	static const struct {
		const char *unit;
		uint64_t ns;
	} units[] = {
		{ "ns", 1 }, { "us", 1000 }, { "ms", 1000000 }, { "s", 1000000000 }, { "m", 60000000000 },
		{ "min", 60000000000 }, { "h", 3600000000000 }, { "d", 86400000000000 },
	};
	uint64_t v = 0;
	size_t i = 0;

	for (; i < n && is_digit(s[i]); i++) {
		v = v * 10 + (uint64_t)(s[i] - '0');
		if (v > 1000000000000u)
			return false;
	}
	if (i == 0)
		return false;
	for (size_t u = 0; u < sizeof units / sizeof units[0]; u++) {
		if (strlen(units[u].unit) == n - i && memcmp(units[u].unit, s + i, n - i) == 0)
			return !__builtin_mul_overflow(v, units[u].ns, ns);
	}
	return false;
}

/* True when it was a number in some form. */
static bool number(struct token *t, const char *s, uint32_t n)
{
	bool hex = n > 2 && s[0] == '0' && (s[1] == 'x' || s[1] == 'X');
	uint64_t v = 0, base = hex ? 16 : 10;
	uint32_t i = hex ? 2 : 0;

	for (; i < n; i++) {
		int d = hex_digit(s[i]);

		if (d < 0 || (uint64_t)d >= base)
			break;
		if (__builtin_mul_overflow(v, base, &v) || __builtin_add_overflow(v, (uint64_t)d, &v))
			return bad(t, "number does not fit into 64 bits", NULL);
	}
	t->number = v;
	if (i == n) {
		t->kind = TOK_NUMBER;
		return true;
	}
	if (!hex && n - i == 2 && s[i] == '.' && is_digit(s[i + 1])) {
		t->kind = TOK_LEVEL;
		t->number = v < UINT32_MAX ? v * 10 + (uint64_t)(s[i + 1] - '0') : UINT32_MAX;
		return true;
	}
	if (!hex && lex_duration(s, n, &t->number)) {
		t->kind = TOK_DURATION;
		return true;
	}
	return false;
}

static bool address(struct token *t, const char *s, uint32_t n)
{
	char text[64];
	uint8_t mac[6];
	uint32_t dots = 0, colons = 0;
	bool slash = false;

	for (uint32_t i = 0; i < n; i++) {
		dots += s[i] == '.';
		colons += s[i] == ':';
		slash = slash || s[i] == '/';
	}
	if (n < sizeof text) {
		memcpy(text, s, n);
		text[n] = '\0';
		if (n == 17 && mac_parse(text, mac)) {
			t->kind = TOK_MAC;
			t->number = 0;
			for (int i = 0; i < 6; i++)
				t->number = t->number << 8 | mac[i];
			return true;
		}
		if ((dots == 3 || colons >= 2) && net_parse(text, &t->net)) {
			t->kind = TOK_NET;
			return true;
		}
	}
	if (colons || slash || (is_digit(s[0]) && dots >= 2))
		return bad(t, "not an address",
			   "addresses are like 192.168.1.10, 10.0.0.0/8, fd00::/64 or 00:1d:9c:aa:bb:cc");
	return false;
}

static void word(struct token *t, const char *s, uint32_t n)
{
	static const struct {
		const char *word;
		enum token_kind kind;
	} keywords[] = {
		{ "and", TOK_AND }, { "or", TOK_OR }, { "not", TOK_NOT }, { "in", TOK_IN },
		{ "overlaps", TOK_OVERLAPS }, { "contains", TOK_CONTAINS }, { "matches", TOK_MATCHES },
		{ "eq", TOK_EQ }, { "ne", TOK_NE }, { "lt", TOK_LT }, { "le", TOK_LE }, { "gt", TOK_GT },
		{ "ge", TOK_GE },
	};

	t->kind = TOK_WORD;
	for (size_t i = 0; i < sizeof keywords / sizeof keywords[0]; i++) {
		if (strlen(keywords[i].word) == n && memcmp(keywords[i].word, s, n) == 0)
			t->kind = keywords[i].kind;
	}
}

static void run(struct lexer *l, struct token *t)
{
	const char *s = l->text + l->at;
	uint32_t n = 0;

	while (l->at + n < l->len && is_run(s[n]) &&
	       !(s[n] == '.' && l->at + n + 1 < l->len && s[n + 1] == '.'))
		n++;
	t->len = n;
	l->at += n;
	if (is_digit(s[0]) && number(t, s, n))
		return;
	if (address(t, s, n))
		return;
	word(t, s, n);
}

/* An escaped character at s (behind the backslash), n bytes left; how many were taken. What is no
 * escape keeps its backslash, so that patterns read as people write them. */
static uint32_t escape(struct token *t, const char *s, uint32_t n)
{
	if (s[0] == '\\' || s[0] == '"' || s[0] == '\'') {
		t->string[t->string_len++] = s[0];
		return 1;
	}
	if (s[0] == 'x' && n > 2 && hex_digit(s[1]) >= 0 && hex_digit(s[2]) >= 0) {
		t->string[t->string_len++] = (char)(hex_digit(s[1]) << 4 | hex_digit(s[2]));
		return 3;
	}
	t->string[t->string_len++] = '\\';
	return 0;
}

static void string(struct lexer *l, struct token *t)
{
	const char *s = l->text;
	char quote = s[l->at];
	uint32_t i = l->at + 1;

	t->kind = TOK_STRING;
	for (; i < l->len && s[i] != quote; ) {
		if (t->string_len + 2 >= LEX_STRING_MAX) {
			bad(t, "text is longer than 250 bytes", NULL);
			break;
		}
		if (s[i] == '\\' && i + 1 < l->len)
			i += 1 + escape(t, s + i + 1, l->len - i - 1);
		else
			t->string[t->string_len++] = s[i++];
	}
	while (i < l->len && s[i] != quote)
		i++;
	if (i == l->len && t->kind == TOK_STRING)
		bad(t, "the closing quote is missing", NULL);
	l->at = i < l->len ? i + 1 : i;
	t->len = l->at - t->at;
}

static bool symbol(struct lexer *l, struct token *t)
{
	static const struct {
		const char *s;
		enum token_kind kind;
		const char *hint;
	} symbols[] = {         /* the longer of two that begin alike comes first */
		{ "===", TOK_BAD, "'==' compares" }, { "==", TOK_EQ, 0 }, { "!=", TOK_NE, 0 }, { "<=", TOK_LE, 0 },
		{ ">=", TOK_GE, 0 }, { "<>", TOK_BAD, "'!=' says not equal" }, { "<", TOK_LT, 0 }, { ">", TOK_GT, 0 },
		{ "&&", TOK_AND, 0 }, { "||", TOK_OR, 0 }, { "!", TOK_NOT, 0 }, { "(", TOK_LPAREN, 0 },
		{ ")", TOK_RPAREN, 0 }, { "{", TOK_LBRACE, 0 }, { "}", TOK_RBRACE, 0 }, { ",", TOK_COMMA, 0 },
		{ "..", TOK_DOTS, 0 }, { "=", TOK_BAD, "'==' compares" }, { "&", TOK_BAD, "'&&' or 'and'" },
		{ "|", TOK_BAD, "'||' or 'or'" }, { "~", TOK_BAD, "'matches'" }, { "[", TOK_BAD, "sets are like {1, 5..9}" },
	};

	for (size_t i = 0; i < sizeof symbols / sizeof symbols[0]; i++) {
		uint32_t n = (uint32_t)strlen(symbols[i].s);

		if (n > l->len - l->at || memcmp(symbols[i].s, l->text + l->at, n) != 0)
			continue;
		t->kind = symbols[i].kind;
		t->len = n;
		t->wrong = "not an operator";
		t->hint = symbols[i].hint;
		l->at += n;
		return true;
	}
	return false;
}

void lex_next(struct lexer *l, struct token *t)
{
	char c;

	while (l->at < l->len && is_space(l->text[l->at]))
		l->at++;
	t->at = l->at;
	t->len = 0;
	t->string_len = 0;
	t->kind = TOK_END;
	if (l->at == l->len)
		return;
	c = l->text[l->at];
	if (c == '"' || c == '\'') {
		string(l, t);
	} else if (is_alpha(c) || is_digit(c) || c == ':') {
		run(l, t);
	} else if (!symbol(l, t)) {
		l->at++;
		while (l->at < l->len && ((unsigned char)l->text[l->at] & 0xc0) == 0x80)
			l->at++;
		t->len = l->at - t->at;
		bad(t, "this does not belong here", NULL);
	}
}
