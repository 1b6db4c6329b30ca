#include "sensor/setting.h"

#include "expr/lex.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define PPM_OF_PERCENT 10000u
#define OFF "off"

struct unit {
	const char *name;
	uint64_t of;                    /* bytes or ns; the largest comes first */
};

static const struct unit sizes[] = {
	{ "TiB", UINT64_C(1) << 40 }, { "GiB", 1u << 30 }, { "MiB", 1u << 20 }, { "KiB", 1u << 10 }, { "B", 1 }, { NULL, 0 },
};
static const struct unit times[] = {
	{ "d", UINT64_C(86400000000000) }, { "h", UINT64_C(3600000000000) }, { "m", UINT64_C(60000000000) },
	{ "s", 1000000000 }, { "ms", 1000000 }, { "us", 1000 }, { "ns", 1 }, { NULL, 0 },
};

bool setting_is_number(enum config_type type)
{
	return type == CONFIG_INT || type == CONFIG_SIZE || type == CONFIG_TIME || type == CONFIG_SHARE;
}

/* Digits from *s on; false: there are none, or too many for 64 bits. */
static bool digits(const char **s, uint64_t *out)
{
	const char *from = *s;

	for (*out = 0; **s >= '0' && **s <= '9'; (*s)++) {
		if (__builtin_mul_overflow(*out, UINT64_C(10), out) ||
		    __builtin_add_overflow(*out, (uint64_t)(**s - '0'), out))
			return false;
	}
	return *s > from;
}

static bool parse_size(const char *s, uint64_t *out)
{
	uint64_t n;

	if (!digits(&s, &n))
		return false;
	s += *s == ' ';
	for (const struct unit *u = sizes; u->name; u++) {
		if (strcmp(s, u->name) == 0)
			return !__builtin_mul_overflow(n, u->of, out);
	}
	return false;
}

/* "5%", "0.25 %": up to four digits behind the point are parts per million. */
static bool parse_share(const char *s, uint64_t *out)
{
	uint64_t n, scale = PPM_OF_PERCENT;

	if (!digits(&s, &n) || __builtin_mul_overflow(n, scale, out))
		return false;
	if (*s == '.') {
		for (s++; *s >= '0' && *s <= '9'; s++) {
			if (scale == 1)
				return false;
			scale /= 10;
			if (__builtin_add_overflow(*out, (uint64_t)(*s - '0') * scale, out))
				return false;
		}
		if (scale == PPM_OF_PERCENT)
			return false;
	}
	s += *s == ' ';
	return strcmp(s, "%") == 0;
}

static bool parse_number(const struct config_row *r, const char *text, uint64_t *out)
{
	switch (r->type) {
	case CONFIG_INT:
		return digits(&text, out) && !*text;
	case CONFIG_SIZE:
		return parse_size(text, out);
	case CONFIG_TIME:
		return lex_duration(text, strlen(text), out);
	case CONFIG_SHARE:
		return parse_share(text, out);
	default:
		return false;
	}
}

static bool parse_bool(const char *text, bool *to)
{
	static const char *const yes[] = { "true", "yes", "on" }, *const no[] = { "false", "no", "off" };

	for (size_t i = 0; i < sizeof yes / sizeof yes[0]; i++) {
		if (strcmp(text, yes[i]) == 0 || strcmp(text, no[i]) == 0) {
			*to = strcmp(text, yes[i]) == 0;
			return true;
		}
	}
	return false;
}

static void hint_of(const struct config_row *r, struct setting_wrong *w)
{
	const char *hint = r->type == CONFIG_SIZE ? "sizes are like 64MiB or 2GiB"
			   : r->type == CONFIG_TIME ? "durations are like 250ms, 60s, 2h, 30d"
			   : r->type == CONFIG_SHARE ? "shares are like 5% or 0.1%" : "";

	snprintf(w->hint, sizeof w->hint, "%s%s", hint, *hint && r->off ? "; or off" : "");
}

static bool number_to(const struct config_row *r, const char *text, void *to, struct setting_wrong *w)
{
	char range[CONFIG_RANGE_TEXT];
	uint64_t v = 0;

	if (!(r->off && strcmp(text, OFF) == 0)) {
		if (!parse_number(r, text, &v) && r->type != CONFIG_INT) {
			snprintf(w->what, sizeof w->what, "not a %s", config_type_text(r->type));
			hint_of(r, w);
			return false;
		}
		if (v < r->min || v > r->max || (r->type == CONFIG_INT && !parse_number(r, text, &v))) {
			snprintf(w->what, sizeof w->what, "not %s%s", r->type == CONFIG_INT ? "a whole number from " : "from ",
				 config_range(r, range));
			return false;
		}
	}
	if (r->type == CONFIG_INT || r->type == CONFIG_SHARE)
		*(uint32_t *)to = (uint32_t)v;
	else
		*(uint64_t *)to = v;
	return true;
}

bool setting_parse(const struct config_row *r, const char *text, void *to, struct setting_wrong *w)
{
	memset(w, 0, sizeof *w);
	if (r->type == CONFIG_BOOL) {
		if (parse_bool(text, to))
			return true;
		snprintf(w->what, sizeof w->what, "neither yes nor no");
		snprintf(w->hint, sizeof w->hint, "true or false");
		return false;
	}
	if (r->type == CONFIG_WORD) {
		for (uint32_t i = 0; r->words[i]; i++) {
			if (strcmp(text, r->words[i]) == 0) {
				*(uint32_t *)to = i;
				return true;
			}
		}
		snprintf(w->what, sizeof w->what, "unknown word for '%s'", r->key);
		w->words = r->words;
		return false;
	}
	return number_to(r, text, to, w);
}

static const char *in_units(const struct unit *u, uint64_t value, char out[SETTING_TEXT])
{
	while (u[1].name && (value == 0 || value % u->of))
		u++;
	snprintf(out, SETTING_TEXT, "%" PRIu64 "%s", value / u->of, u->name);
	return out;
}

static const char *share_text(uint64_t ppm, char out[SETTING_TEXT])
{
	int n = snprintf(out, SETTING_TEXT - 2, "%" PRIu64 ".%04" PRIu64, ppm / PPM_OF_PERCENT, ppm % PPM_OF_PERCENT);

	while (out[n - 1] == '0')
		n--;
	n -= out[n - 1] == '.';
	out[n] = '%';
	out[n + 1] = '\0';
	return out;
}

const char *setting_text(const struct config_row *r, uint64_t value, char out[SETTING_TEXT])
{
	if (r->off && value == 0) {
		snprintf(out, SETTING_TEXT, OFF);
		return out;
	}
	switch (r->type) {
	case CONFIG_SIZE:
		return in_units(sizes, value, out);
	case CONFIG_TIME:
		return in_units(times, value, out);
	case CONFIG_SHARE:
		return share_text(value, out);
	default:
		snprintf(out, SETTING_TEXT, "%" PRIu64, value);
		return out;
	}
}
