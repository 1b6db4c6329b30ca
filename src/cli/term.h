/* term.h - what the place that output goes to can do. Any thread. */
#ifndef ZT_CLI_TERM_H
#define ZT_CLI_TERM_H

#include <stdbool.h>
#include <stddef.h>

struct term {
	bool tty;               /* a person is looking */
	bool colour;            /* and colours are wanted: NO_COLOR is not set and TERM is not dumb */
	unsigned width;         /* columns; 0 when it is not a terminal */
};

enum paint { PAINT_NONE, PAINT_BOLD, PAINT_DIM, PAINT_RED, PAINT_BOLD_RED, PAINT_YELLOW, PAINT_GREEN, PAINT_BLUE };

struct term term_of(int fd);

/* The sequences around painted text; "" without colours. Static text. */
const char *term_paint(const struct term *t, enum paint p);
const char *term_plain(const struct term *t, enum paint p);

enum paint term_severity(unsigned severity);            /* enum severity */

/* Columns that n bytes of UTF-8 take; what is not UTF-8 counts one a byte. */
size_t term_columns(const char *s, size_t n);

#endif
