/* expr.h - the one expression language: of rules, of conduits, of `events --filter`.
 *
 * An expression is compiled once, then read-only: any number of threads may evaluate it.
 * Evaluation allocates nothing. The language is described in zonetap-rules(5), the fields in
 * zonetap-fields(7). */
#ifndef ZT_EXPR_EXPR_H
#define ZT_EXPR_EXPR_H

#include "expr/judged.h"

#include <stdio.h>

#define EXPR_TEXT_MAX 4096      /* bytes of one expression */
#define EXPR_ERRORS_MAX 8       /* mistakes kept of one expression */

struct expr;

/* The names and facts of a site, by index; entry 0 of each table is "none". Outlives the expressions
 * that were compiled with it. Role and segment "" never match. */
struct expr_site {
	uint32_t zones, assets, roles, segments;        /* entries, with the one at 0 */
	const char *const *zone_name, *const *asset_name, *const *role_name, *const *segment_name;
	const uint8_t *zone_level10;                    /* level times ten */
	const uint16_t *asset_role;                     /* index of each asset's role */
};

enum expr_use {
	EXPR_RULE,              /* every field; those of one stage do not mix with another's */
	EXPR_ALLOW,             /* a conduit's: of one message or of an application; no verdict, no `overlaps` */
	EXPR_FILTER,            /* of one message or flow; fields of a site are refused without one */
	EXPR_FORWARD,           /* a sink's, of a finished alert: fields of its own, names are text */
};

struct expr_error {
	uint32_t at, len;       /* bytes into the text: the token that is wrong; len 0: the end */
	char text[160];         /* what is wrong, with the token */
	char hint[160];         /* what would be right, "" when nobody knows */
};

struct expr_errors {
	struct expr_error v[EXPR_ERRORS_MAX];
	uint32_t n;
};

/* site may be NULL: then names of zones, assets, roles and segments are not checked and never
 * equal. NULL when there is a mistake (errs->n > 0). The text is not kept. */
struct expr *expr_compile(const char *text, size_t n, enum expr_use use, const struct expr_site *site,
			  struct expr_errors *errs);
void expr_free(struct expr *e);                         /* NULL is allowed */

/* The mistakes on `out`, each with the line of the text and a caret under its column. */
void expr_errors_print(FILE *out, const char *text, const struct expr_errors *errs);

bool expr_eval(const struct expr *e, const struct judged *j);

/* MAYBE: it rests on what is not known (yet): the target of an answer whose request was not
 * seen, a message that the capture cut, anything said on a flow that only begins. */
enum expr_truth { EXPR_NO, EXPR_YES, EXPR_MAYBE };
enum expr_truth expr_truth(const struct expr *e, const struct judged *j);

/* Of EXPR_FORWARD, and only that. */
struct alert_facts;
bool expr_forward(const struct expr *e, const struct alert_facts *a);

enum stage expr_stage(const struct expr *e);
bool expr_needs_site(const struct expr *e);
bool expr_looks_at_value(const struct expr *e);         /* at what two messages with one fingerprint may differ in */

/* Whether it looks at what an answer has of its own; for read values, answers to reads. */
enum expr_answer { EXPR_ANSWER = 1, EXPR_ANSWER_VALUE = 2 };
unsigned expr_answer(const struct expr *e);             /* bit set */

/* A quick look: an event whose signature has a bit outside the mask cannot meet the expression. */
uint64_t expr_mask(const struct expr *e);
uint64_t expr_signature(const struct ot_event *ev);

/* Whether `name` is a field; its stage and whether it needs a site. For `group:` and `by:`. */
struct field;
const struct field *expr_field(const char *name);
const char *expr_field_nearest(const char *name);       /* NULL: none is near */
enum stage expr_field_stage(const struct field *f);     /* STAGE_EVENT for those known at every stage */
bool expr_field_any_stage(const struct field *f);       /* known at every stage */
bool expr_field_by_value(const struct field *f);        /* two messages with one fingerprint may differ in it */

/* The value as bytes for a key: the same value, the same bytes. Returns how many of `max` were
 * written; 0: does not apply. */
size_t expr_field_bytes(const struct field *f, const struct expr_site *site, const struct judged *j,
			uint8_t *out, size_t max);

/* The tables of fields, in the order of the manual, those of alerts last: for `zonetap fields`. false: no such row. */
#define FIELD_WORDS_MAX 256
struct field_row {
	const char *name, *type, *stage, *help;
	const char *words[FIELD_WORDS_MAX];     /* of an enumeration, NULL-terminated */
	bool site;
	char operators[64];
};
bool expr_field_row(unsigned i, struct field_row *out);

#endif
