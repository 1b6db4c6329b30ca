#include "base/json.h"
#include "forward/format_inside.h"

#include <string.h>

#define MESSAGE_LEAST 64                /* bytes of a message, where room is short */
#define MESSAGE_KEPT (MESSAGE_LEAST + 8)        /* with its key */

void format_tenths(struct sbuf *out, uint64_t n)
{
	sbuf_uint(out, n / 10);
	if (n % 10) {
		sbuf_char(out, '.');
		sbuf_uint(out, n % 10);
	}
}

/* "2026-03-02T07:10:00.062+0000": yyyy-MM-dd'T'HH:mm:ss.SSSZ of Java's formats. */
static void iso(struct sbuf *out, uint64_t ns)
{
	char text[TIME_TEXT];

	time_text(ns, text);
	sbuf_mem(out, text, 23);
	sbuf_str(out, "+0000");
}

static void rfc3339(struct sbuf *out, uint64_t ns)
{
	char text[TIME_TEXT];

	time_text(ns, text);
	sbuf_mem(out, text, 26);                /* RFC 5424, 6.2.3: six digits at most */
	sbuf_char(out, 'Z');
}

static void time_value(const struct pairs *p, uint64_t ns, struct sbuf *out)
{
	if (p->format == MAPPING_CEF)
		sbuf_uint(out, ns / 1000000);
	else if (p->format == MAPPING_LEEF)
		iso(out, ns);
	else
		rfc3339(out, ns);
}

static void value(const struct pairs *p, const struct mapping *m, const struct mapped *v, size_t room, struct sbuf *out)
{
	switch (v->kind) {
	case MAPPED_TEXT:
	case MAPPED_MAC: clean_text(out, p->place, v->text, m->max, room); break;
	case MAPPED_UINT: sbuf_uint(out, v->number); break;
	case MAPPED_TENTHS: format_tenths(out, v->number); break;
	case MAPPED_BOOL: sbuf_str(out, v->number ? "true" : "false"); break;
	case MAPPED_TIME: time_value(p, v->number, out); break;
	case MAPPED_NOTHING: break;
	}
}

static void key(const struct pairs *p, const char *name, const char *suffix, bool first, struct sbuf *out)
{
	sbuf_str(out, first ? p->first : p->before);
	sbuf_str(out, name);
	sbuf_str(out, suffix);
	sbuf_str(out, p->between);
}

/* One row. false: it does not fit below limit, and nothing of it is there. */
static bool pair(const struct pairs *p, const struct mapping *m, const struct mapped *v, bool first, size_t limit,
		 struct sbuf *out)
{
	const char *name = m->name[p->format];
	size_t before = out->len, room = SIZE_MAX;

	key(p, name, "", first, out);
	if (m->message && limit != SIZE_MAX) {          /* leaves half of what there is to those behind it */
		room = limit > out->len ? (limit - out->len) / 2 : 0;
		room = room > MESSAGE_LEAST ? room : MESSAGE_LEAST;
	}
	value(p, m, v, room, out);
	sbuf_str(out, p->behind);
	if (p->labels && m->label) {
		key(p, name, "Label", false, out);
		clean_text(out, p->place, m->label, 255, SIZE_MAX);
		sbuf_str(out, p->behind);
	}
	if (out->len <= limit && !out->cut)
		return true;
	format_back(out, before);
	out->cut = false;
	return false;
}

bool format_pairs(const struct pairs *p, const struct record *r, const struct format_env *e, size_t limit, struct sbuf *out)
{
	unsigned n;
	const struct mapping *const *row = mapping_order(p->format, &n);
	struct mapped v;
	size_t start = out->len, kept = p->message && limit - start > 2 * MESSAGE_KEPT ? MESSAGE_KEPT : 0;
	bool all = true;

	if (limit == SIZE_MAX)
		kept = 0;
	for (unsigned i = 0; i < n; i++) {
		if (row[i]->message)
			kept = 0;
		if (mapping_get(row[i], r, e, 0, &v) && !pair(p, row[i], &v, out->len == start, limit - kept, out))
			all = false;
	}
	return all;
}

bool format_pairs_within(const struct pairs *p, const struct record *r, const struct format_env *e, size_t limit,
			 struct sbuf *out)
{
	size_t begin = out->len;

	if (out->cut || begin >= limit)
		return false;
	if (format_pairs(p, r, e, SIZE_MAX, out) && out->len <= limit)
		return true;
	format_back(out, begin);
	format_pairs(p, r, e, limit < out->max ? limit : out->max - 1, out);
	return true;
}
