/* mapping.h - the one table: which member of a record stands where in which format. Read-only, any thread.
 *
 * The formats walk it, zonetap-siem(5) is printed from it, the tests read it. A member may have several rows: its name in
 * one format, its other names in others. The order of rows is the order of keys in RFC 5424, CEF and LEEF, what matters
 * most first, since what a limit leaves no room for is left out from the end. */
#ifndef ZT_FORWARD_MAPPING_H
#define ZT_FORWARD_MAPPING_H

#include "forward/format.h"
#include "forward/record.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What a value is, which decides how a format writes it. */
enum mapped_kind {
	MAPPED_NOTHING,
	MAPPED_TEXT,
	MAPPED_UINT,
	MAPPED_TENTHS,          /* a number times ten: the Purdue level */
	MAPPED_BOOL,
	MAPPED_TIME,            /* ns since 1970 */
	MAPPED_MAC,             /* text with colons */
};

#define MAPPED_BUF 1100                 /* longer than what is told of any text that is put together (max, at most 1023), so
					 * that the cut is where the format makes it: between two characters */

struct mapped {
	enum mapped_kind kind;
	const char *text;               /* may point into buf */
	uint64_t number;
	char buf[MAPPED_BUF];
};

/* Names in one format each; NULL: it has none there. */
enum mapping_format { MAPPING_SD, MAPPING_CEF, MAPPING_LEEF, MAPPING_ECS, MAPPING_OCSF, MAPPING_FORMATS };

struct mapping {
	const char *member;             /* as zonetap-alerts(5) calls it; "" of what is the same for every record */
	const char *name[MAPPING_FORMATS];      /* of ECS and OCSF: a path. "x[]" is a list to which each row of that path
						 * adds; "x[].y" a list of one object; "x[*].y" of one object for each of
						 * the record's attack techniques */
	const char *label;              /* CEF: the value of the key's Label */
	uint16_t max;                   /* bytes of text that are told, in every format */
	bool message;                   /* what gives way first where a record must be cut */

	bool (*get)(const struct mapping *m, const struct record *r, const struct format_env *e, unsigned element,
		    struct mapped *v);
	size_t at, has;                 /* for `get`: offsets in struct record or an attack */
	const char *fixed;              /* the text that it always is */
	bool number;                    /* it always is the number in `at` */
	const char *(*word)(const struct record *r);
	uint64_t (*figure)(const struct record *r);
};

unsigned mapping_rows(void);
const struct mapping *mapping_row(unsigned i);          /* NULL past the end */

/* false: the record has nothing there. element: of its attack techniques, for rows with "[*]" and of lists. */
bool mapping_get(const struct mapping *m, const struct record *r, const struct format_env *e, unsigned element,
		 struct mapped *v);
/* How often a row is to be asked: once, or for each technique. */
unsigned mapping_elements(const struct mapping *m, const struct record *r);

/* Rows of one format in the order in which it writes them (ECS, OCSF: by path, so that objects are whole). */
const struct mapping *const *mapping_order(enum mapping_format f, unsigned *n);

#endif
