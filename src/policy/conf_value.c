/* conf_value.c - words of a configuration that mean a time or an expression. */
#include "expr/lex.h"
#include "policy/conf.h"

#include <stdio.h>
#include <string.h>

bool conf_duration(struct conf *c, const struct conf_node *n, uint64_t *ns)
{
	const char *s = conf_text(c, n, 32);

	if (s && lex_duration(s, strlen(s), ns) && *ns > 0)
		return true;
	if (s)
		conf_wrong(c, n, "durations are like 250ms, 60s, 2h", "not a duration");
	return false;
}

/* Days since 1970-01-01 of a civil date. */
static int64_t days_of(int64_t y, unsigned m, unsigned d)
{
	static const unsigned before[] = { 0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334 };
	int64_t leap_years = (y - 1) / 4 - (y - 1) / 100 + (y - 1) / 400;
	bool leap = (y % 4 == 0 && y % 100 != 0) || y % 400 == 0;

	return (y - 1) * 365 + leap_years + before[m - 1] + (m > 2 && leap) + d - 1 - 719162;
}

static bool digits(const char **s, unsigned n, unsigned max, unsigned *out)
{
	*out = 0;
	for (; n; n--, (*s)++) {
		if (**s < '0' || **s > '9')
			return false;
		*out = *out * 10 + (unsigned)(**s - '0');
	}
	return *out <= max;
}

static bool one_of(const char **s, const char *set)
{
	if (!**s || !strchr(set, **s))
		return false;
	(*s)++;
	return true;
}

/* "Z" or "+01:00", in seconds. */
static bool offset(const char **s, int64_t *seconds)
{
	unsigned h, m;
	int64_t sign = **s == '-' ? -1 : 1;

	*seconds = 0;
	if (one_of(s, "Zz"))
		return true;
	if (!one_of(s, "+-") || !digits(s, 2, 23, &h) || !one_of(s, ":") || !digits(s, 2, 59, &m))
		return false;
	*seconds = sign * (int64_t)(h * 3600 + m * 60);
	return true;
}

static bool rfc3339(const char *s, uint64_t *ns)
{
	unsigned y, mo, d, h = 0, mi = 0, sec = 0;
	int64_t off = 0, t;

	if (!digits(&s, 4, 2500, &y) || !one_of(&s, "-") || !digits(&s, 2, 12, &mo) || mo < 1 || !one_of(&s, "-") ||
	    !digits(&s, 2, 31, &d) || d < 1 || y < 1970)
		return false;
	if (*s) {
		if (!one_of(&s, "Tt ") || !digits(&s, 2, 23, &h) || !one_of(&s, ":") || !digits(&s, 2, 59, &mi) ||
		    !one_of(&s, ":") || !digits(&s, 2, 60, &sec))
			return false;
		if (*s == '.') {                /* a fraction of a second is not kept */
			for (s++; *s >= '0' && *s <= '9'; s++)
				;
		}
		if (!offset(&s, &off))
			return false;
	}
	t = days_of(y, mo, d) * 86400 + h * 3600 + mi * 60 + sec - off;
	*ns = t > 0 ? (uint64_t)t * 1000000000u : 0;
	return *s == '\0';
}

bool conf_time(struct conf *c, const struct conf_node *n, uint64_t *ns)
{
	const char *s = conf_text(c, n, 40);

	if (s && rfc3339(s, ns))
		return true;
	if (s)
		conf_wrong(c, n, "times are like 2026-12-01T00:00:00Z", "not a time");
	return false;
}

struct expr *conf_expr(struct conf *c, const struct conf_node *n, enum expr_use use, const struct expr_site *site)
{
	const char *text = conf_text(c, n, EXPR_TEXT_MAX);
	struct expr_errors errs;
	struct expr *e = text ? expr_compile(text, strlen(text), use, site, &errs) : NULL;

	if (e || !text)
		return e;
	for (uint32_t i = 0; i < errs.n; i++) {
		const char *hint = errs.v[i].hint;
		uint32_t line, col;

		if (!*text)
			hint = "YAML reads '!x' as a tag: quote what begins with '!'";
		if (!*text) {
			conf_wrong(c, n, hint, "the expression is empty");
			continue;
		}
		conf_place(c, n, errs.v[i].at, &line, &col);
		complain(conf_complaints(c), conf_file(c), line, col, hint, "%s", errs.v[i].text);
	}
	return NULL;
}
