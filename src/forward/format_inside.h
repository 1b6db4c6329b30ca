/* format_inside.h - what the formats share. Only format_*.c include it. */
#ifndef ZT_FORWARD_FORMAT_INSIDE_H
#define ZT_FORWARD_FORMAT_INSIDE_H

#include "base/sbuf.h"
#include "forward/clean.h"
#include "forward/format.h"
#include "forward/mapping.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* One format each: appends to out, at most `limit` bytes of out->len in all. false: it cannot be made so short. */
typedef bool format_fn(const struct record *r, const struct format_env *e, size_t limit, struct sbuf *out);
format_fn format_rfc5424, format_cef, format_leef, format_ecs, format_ocsf, format_json;

/* PRI VERSION SP TIMESTAMP SP HOSTNAME SP APP-NAME SP PROCID SP MSGID SP of RFC 5424. */
void format_syslog_header(const struct record *r, const struct format_env *e, struct sbuf *out);

/* Keys and values of a row in formats that have one behind the other. */
struct pairs {
	enum mapping_format format;
	enum clean_place place;
	const char *first, *before, *between, *behind;  /* before the first key, the others, a value, behind it */
	bool iso_time;                  /* times as text; else in milliseconds since 1970 */
	bool message;                   /* the text of the alert is one of them */
	bool labels;                    /* a row's label is a pair of its own: KEYLabel */
};

/* Appends the rows for which there is room below limit, from the most important on; one that is too long is left out
 * and those behind it may still fit. true: all are there. */
bool format_pairs(const struct pairs *p, const struct record *r, const struct format_env *e, size_t limit, struct sbuf *out);

/* All rows if they end below limit, else those that format_pairs() finds room for. false: there is none at all. */
bool format_pairs_within(const struct pairs *p, const struct record *r, const struct format_env *e, size_t limit,
			 struct sbuf *out);

/* Appends one object with the rows of a format whose names are paths. */
void format_nested(enum mapping_format f, bool ms, const struct record *r, const struct format_env *e, struct sbuf *out);

/* "3.5", "2": a number times ten. */
void format_tenths(struct sbuf *out, uint64_t n);

static inline void format_back(struct sbuf *out, size_t len)
{
	out->len = len;
	if (out->s)
		out->s[len] = '\0';
}

/* Of the room below limit, what a header may take of it. */
static inline size_t format_third(const struct sbuf *out, size_t limit)
{
	return limit == SIZE_MAX ? SIZE_MAX : limit > out->len ? (limit - out->len) / 3 : 0;
}

#endif
