#include "expr/pattern.h"

#include <ctype.h>
#include <string.h>

#define NESTING_MAX 16

struct reader {
	const char *s;
	size_t n, at;
	struct pattern *p;
	unsigned positions, depth;
	bool fold, choice;              /* (?i); a | stood outside all parentheses */
	const char *wrong;
};

struct piece {                          /* what a part of the pattern begins and ends with */
	uint64_t first, last;
	bool nullable;
};

struct set { uint64_t bits[4]; };       /* of bytes */

static struct piece alternatives(struct reader *r);

static struct piece fail(struct reader *r, const char *why)
{
	if (!r->wrong)
		r->wrong = why;
	return (struct piece){ 0 };
}

static void set_add(struct set *s, unsigned c)
{
	s->bits[c >> 6 & 3] |= 1ull << (c & 63);
}

static bool set_has(const struct set *s, unsigned c)
{
	return s->bits[c >> 6] >> (c & 63) & 1;
}

static void set_invert(struct set *s)
{
	for (int i = 0; i < 4; i++)
		s->bits[i] = ~s->bits[i];
}

static void set_fold(struct set *s)
{
	for (unsigned c = 'a'; c <= 'z'; c++) {
		if (set_has(s, c) || set_has(s, c - 32)) {
			set_add(s, c);
			set_add(s, c - 32);
		}
	}
}

static struct piece position(struct reader *r, struct set *s)
{
	uint64_t bit;

	if (r->positions == PATTERN_POSITIONS)
		return fail(r, "pattern has more than 64 characters to match");
	if (r->fold)
		set_fold(s);
	bit = 1ull << r->positions++;
	for (unsigned c = 0; c < 256; c++) {
		if (set_has(s, c))
			r->p->mask[c] |= bit;
	}
	return (struct piece){ .first = bit, .last = bit };
}

/* \d \w \s and their opposites; false: c is none of them. */
static bool class_of(char c, struct set *s)
{
	int kind = tolower((unsigned char)c);
	struct set found = { { 0 } };

	if (kind != 'd' && kind != 'w' && kind != 's')
		return false;
	for (unsigned b = 0; b < 128; b++) {
		if ((kind == 'd' && isdigit((int)b)) || (kind == 's' && isspace((int)b)) ||
		    (kind == 'w' && (isalnum((int)b) || b == '_')))
			set_add(&found, b);
	}
	if (kind != c)
		set_invert(&found);
	for (int i = 0; i < 4; i++)
		s->bits[i] |= found.bits[i];
	return true;
}

/* One end of a range in brackets; false: a class like \d, already added. */
static bool bracket_char(struct reader *r, struct set *s, unsigned char *c)
{
	*c = (unsigned char)r->s[r->at++];
	if (*c != '\\' || r->at == r->n)
		return true;
	*c = (unsigned char)r->s[r->at++];
	return !class_of((char)*c, s);
}

static struct piece bracket(struct reader *r)
{
	struct set s = { { 0 } };
	bool invert = r->at < r->n && r->s[r->at] == '^', first = true;
	unsigned char lo, hi;

	r->at += invert;
	for (; r->at < r->n && (r->s[r->at] != ']' || first); first = false) {
		if (!bracket_char(r, &s, &lo))
			continue;
		hi = lo;
		if (r->at + 1 < r->n && r->s[r->at] == '-' && r->s[r->at + 1] != ']') {
			r->at++;
			if (!bracket_char(r, &s, &hi))
				return fail(r, "a range in brackets ends with a class");
		}
		if (hi < lo)
			return fail(r, "a range in brackets runs backwards");
		for (unsigned c = lo; c <= hi; c++)
			set_add(&s, c);
	}
	if (r->at == r->n)
		return fail(r, "']' is missing");
	r->at++;
	if (invert)
		set_invert(&s);
	return position(r, &s);
}

static struct piece group(struct reader *r)
{
	struct piece p;

	if (++r->depth > NESTING_MAX)
		return fail(r, "pattern is nested deeper than 16 parentheses");
	if (r->at + 1 < r->n && r->s[r->at] == '?' && r->s[r->at + 1] == ':')
		r->at += 2;
	p = alternatives(r);
	if (r->at == r->n || r->s[r->at] != ')')
		return fail(r, "')' is missing");
	r->at++;
	r->depth--;
	return p;
}

static struct piece atom(struct reader *r)
{
	struct set s = { { 0 } };
	char c = r->s[r->at++];

	switch (c) {
	case '(':
		return group(r);
	case '[':
		return bracket(r);
	case '.':
		set_invert(&s);
		return position(r, &s);
	case '*': case '+': case '?':
		r->at--;
		return fail(r, "nothing stands before the repetition");
	case '{': case '}':
		r->at--;
		return fail(r, "counted repetition is not known; write \\{ for a brace");
	case '^': case '$':
		r->at--;
		return fail(r, c == '^' ? "'^' stands only at the beginning" : "'$' stands only at the end");
	case '\\':
		if (r->at == r->n)
			return fail(r, "pattern ends with a backslash");
		c = r->s[r->at++];
		if (class_of(c, &s))
			return position(r, &s);
		if (isalnum((unsigned char)c))
			return fail(r, "this escape is not known; \\d, \\w and \\s are");
		break;
	default:
		break;
	}
	set_add(&s, (unsigned char)c);
	return position(r, &s);
}

static void follow(struct pattern *p, uint64_t from, uint64_t to)
{
	for (; from; from &= from - 1)
		p->follow[__builtin_ctzll(from)] |= to;
}

static struct piece repeated(struct reader *r)
{
	struct piece p = atom(r);

	while (!r->wrong && r->at < r->n && strchr("*+?", r->s[r->at]) && r->s[r->at]) {
		char c = r->s[r->at++];

		if (c != '?')
			follow(r->p, p.last, p.first);
		if (c != '+')
			p.nullable = true;
	}
	return p;
}

static struct piece sequence(struct reader *r)
{
	struct piece all = { .nullable = true };

	while (!r->wrong && r->at < r->n && r->s[r->at] != '|' && r->s[r->at] != ')') {
		struct piece p = repeated(r);

		follow(r->p, all.last, p.first);
		if (all.nullable)
			all.first |= p.first;
		all.last = p.last | (p.nullable ? all.last : 0);
		all.nullable = all.nullable && p.nullable;
	}
	return all;
}

/* Recursive through group(), at most NESTING_MAX deep. */
static struct piece alternatives(struct reader *r)
{
	struct piece all = sequence(r);

	while (!r->wrong && r->at < r->n && r->s[r->at] == '|') {
		struct piece p;

		r->at++;
		if (r->depth == 0)
			r->choice = true;
		p = sequence(r);
		all.first |= p.first;
		all.last |= p.last;
		all.nullable = all.nullable || p.nullable;
	}
	return all;
}

/* A '$' at the very end that no backslash hides. */
static bool ends_anchored(const char *s, size_t n)
{
	size_t slashes = 0;

	if (n == 0 || s[n - 1] != '$')
		return false;
	while (slashes + 1 < n && s[n - 2 - slashes] == '\\')
		slashes++;
	return slashes % 2 == 0;
}

bool pattern_compile(const char *s, size_t n, struct pattern *p, const char **wrong, size_t *at)
{
	struct reader r = { .s = s, .n = n, .p = p };
	struct piece all;

	memset(p, 0, sizeof *p);
	if (n >= 4 && memcmp(s, "(?i)", 4) == 0) {
		r.fold = true;
		r.at = 4;
	}
	if (r.at < n && s[r.at] == '^') {
		p->at_start = true;
		r.at++;
	}
	if (r.at < n && ends_anchored(s, n)) {
		p->at_end = true;
		r.n--;
	}
	all = alternatives(&r);
	if (!r.wrong && r.at < r.n)
		fail(&r, "')' without '('");
	if (!r.wrong && r.choice && (p->at_start || p->at_end))
		fail(&r, "'^' or '$' beside '|': put the alternatives in parentheses");
	*wrong = r.wrong;
	*at = r.at;
	p->first = all.first;
	p->last = all.last;
	p->nullable = all.nullable;
	return !r.wrong;
}

bool pattern_match(const struct pattern *p, const char *s, size_t n)
{
	uint64_t active = 0;

	if (p->nullable && (!p->at_start || !p->at_end || n == 0))
		return true;
	for (size_t i = 0; i < n; i++) {
		uint64_t next = !p->at_start || i == 0 ? p->first : 0;

		for (; active; active &= active - 1)
			next |= p->follow[__builtin_ctzll(active)];
		active = next & p->mask[(unsigned char)s[i]];
		if (!p->at_end && active & p->last)
			return true;
	}
	return (active & p->last) != 0;
}
