#include "forward/reader.h"

#include <string.h>

#define COPIES_MAX (4u << 20)           /* bytes: no JSON of an alert has as much text */

void reader_wrong(struct reader *rd, const char *key, const char *what)
{
	if (rd->err == ZT_OK)
		rd->err = diag_fail(rd->d, ZT_ESYNTAX, "the alert's member '%s%s' %s", rd->where, key, what);
}

/* Text is a terminated string here; a NUL, which JSON can name, would end it. */
static const char *terminated(struct reader *rd, const char *s, size_t n)
{
	char *copy, *to;

	if (memchr(s, '\0', n) == NULL)
		return s;
	if (!rd->copies)
		rd->copies = arena_new(COPIES_MAX);
	copy = to = rd->copies ? arena_get(rd->copies, 3 * n + 1) : NULL;
	if (!to) {
		rd->err = diag_fail(rd->d, ZT_ENOMEM, "no memory for an alert");
		return NULL;
	}
	for (const char *p = s; p < s + n; p++) {
		if (*p) {
			*to++ = *p;
		} else {
			memcpy(to, "\xef\xbf\xbd", 3);
			to += 3;
		}
	}
	*to = '\0';
	return copy;
}

const char *reader_text_value(struct reader *rd, const char *key, const struct jvalue *v)
{
	if (!v || rd->err)
		return NULL;
	if (!jvalue_is(v, JKIND_TEXT)) {
		reader_wrong(rd, key, "is not text");
		return NULL;
	}
	return v->len ? terminated(rd, v->text, v->len) : NULL;
}

const char *reader_text(struct reader *rd, const struct jvalue *o, const char *key)
{
	return reader_text_value(rd, key, jvalue_get(o, key));
}

const char *reader_needed(struct reader *rd, const struct jvalue *o, const char *key)
{
	const char *s = reader_text(rd, o, key);

	if (!s)
		reader_wrong(rd, key, "is missing");
	return s ? s : "";
}

/* false, and 0, when it is not there. */
bool reader_number(struct reader *rd, const struct jvalue *o, const char *key, uint64_t max, uint64_t *out)
{
	const struct jvalue *v = jvalue_get(o, key);
	int64_t n;

	*out = 0;
	if (!v || rd->err)
		return false;
	if (!jvalue_int(v, &n) || n < 0 || (uint64_t)n > max) {
		reader_wrong(rd, key, "is not a number in its range");
		return false;
	}
	*out = (uint64_t)n;
	return true;
}

bool reader_number32(struct reader *rd, const struct jvalue *o, const char *key, uint32_t max, uint32_t *out)
{
	uint64_t v;
	bool has = reader_number(rd, o, key, max, &v);

	*out = (uint32_t)v;
	return has;
}

/* The object at key, to be read under that name; NULL when it is not there. */
const struct jvalue *reader_object(struct reader *rd, const struct jvalue *o, const char *key)
{
	const struct jvalue *v = jvalue_get(o, key);

	if (!v || rd->err)
		return NULL;
	if (!jvalue_is(v, JKIND_OBJECT)) {
		reader_wrong(rd, key, "is not an object");
		return NULL;
	}
	return v;
}

const struct jvalue *reader_array(struct reader *rd, const struct jvalue *o, const char *key)
{
	const struct jvalue *v = jvalue_get(o, key);

	if (!v || rd->err)
		return NULL;
	if (!jvalue_is(v, JKIND_LIST)) {
		reader_wrong(rd, key, "is not a list");
		return NULL;
	}
	return v;
}

static unsigned digits(const char *s, unsigned n, unsigned *out)
{
	*out = 0;
	for (unsigned i = 0; i < n; i++) {
		if (s[i] < '0' || s[i] > '9')
			return 0;
		*out = *out * 10 + (unsigned)(s[i] - '0');
	}
	return n;
}

/* "2026-03-02T07:10:00.062900000Z", exactly so; days from civil arithmetic, as in time_text(). */
static bool time_parse(const char *s, uint64_t *ns)
{
	unsigned year, month, day, hour, minute, second, frac;

	if (strlen(s) != 30 || s[4] != '-' || s[7] != '-' || s[10] != 'T' || s[13] != ':' || s[16] != ':' || s[19] != '.' ||
	    s[29] != 'Z')
		return false;
	if (!digits(s, 4, &year) || !digits(s + 5, 2, &month) || !digits(s + 8, 2, &day) || !digits(s + 11, 2, &hour) ||
	    !digits(s + 14, 2, &minute) || !digits(s + 17, 2, &second) || !digits(s + 20, 9, &frac))
		return false;
	if (year < 1970 || year > 2500 || month < 1 || month > 12 || day < 1 || day > 31 || hour > 23 || minute > 59 || second > 59)
		return false;

	uint64_t y = year - (month <= 2), era = y / 400, yoe = y % 400;
	uint64_t doy = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
	uint64_t days = era * 146097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719468;

	*ns = (((days * 24 + hour) * 60 + minute) * 60 + second) * UINT64_C(1000000000) + frac;
	return true;
}

uint64_t reader_time(struct reader *rd, const struct jvalue *o, const char *key, uint64_t otherwise)
{
	const char *s = reader_text(rd, o, key);
	uint64_t ns = otherwise;

	if (s && !time_parse(s, &ns))
		reader_wrong(rd, key, "is not a time");
	return ns;
}
