/* table.h - text in aligned columns. Cells may hold text from the wire: they are escaped. On a
 * terminal that is too narrow the widest columns that may shrink are cut; in a pipe nothing
 * ever is. One owner. */
#ifndef ZT_CLI_TABLE_H
#define ZT_CLI_TABLE_H

#include "cli/term.h"

#include <stdio.h>

#define TABLE_COLUMNS_MAX 16
#define TABLE_BYTES_MAX (64u << 20)     /* text of one table; rows past it are left out and counted */

enum table_align { TABLE_LEFT, TABLE_RIGHT };

struct table_column {
	const char *title;
	enum table_align align;
	bool shrinks;           /* may be cut to fit a terminal */
};

struct table;

struct table *table_new(const struct table_column *columns, size_t n);  /* columns outlive it; NULL: no memory */
void table_free(struct table *t);                                       /* NULL is allowed */

/* Cells fill the rows from left to right. */
void table_text(struct table *t, const char *s);
void table_painted(struct table *t, const char *s, enum paint p);
void table_fmt(struct table *t, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
size_t table_rows(const struct table *t);

void table_print(struct table *t, FILE *out, const struct term *term);

#endif
