#include "cli/table.h"

#include "base/sbuf.h"
#include "base/utf8.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define GAP 2                   /* blanks between columns */
#define SHRUNK_MIN 8            /* columns that are left of one that is cut */

struct cell {
	size_t at, len;         /* bytes in text */
	size_t columns;
	enum paint paint;
};

struct table {
	const struct table_column *column;
	size_t columns;
	struct cell *cell;
	size_t cells, cap, lost;
	struct sbuf text;
};

struct table *table_new(const struct table_column *columns, size_t n)
{
	struct table *t = calloc(1, sizeof *t);

	if (!t)
		return NULL;
	t->column = columns;
	t->columns = n < TABLE_COLUMNS_MAX ? n : TABLE_COLUMNS_MAX;
	sbuf_init(&t->text, TABLE_BYTES_MAX);
	return t;
}

void table_free(struct table *t)
{
	if (!t)
		return;
	sbuf_fini(&t->text);
	free(t->cell);
	free(t);
}

void table_painted(struct table *t, const char *s, enum paint p)
{
	if (t->lost == 0 && t->cells == t->cap) {
		size_t cap = t->cap ? t->cap * 2 : 256;
		struct cell *c = realloc(t->cell, cap * sizeof *c);

		if (c) {
			t->cell = c;
			t->cap = cap;
		}
	}
	if (t->lost || t->cells == t->cap || t->text.cut) {
		t->lost++;
		return;
	}
	struct cell *c = &t->cell[t->cells++];

	c->at = t->text.len;
	sbuf_escape(&t->text, s, strlen(s));
	c->len = t->text.len - c->at;
	c->columns = c->len ? term_columns(t->text.s + c->at, c->len) : 0;
	c->paint = p;
}

void table_text(struct table *t, const char *s)
{
	table_painted(t, s, PAINT_NONE);
}

void table_fmt(struct table *t, const char *fmt, ...)
{
	char s[256];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(s, sizeof s, fmt, ap);
	va_end(ap);
	table_text(t, s);
}

size_t table_rows(const struct table *t)
{
	return t->cells / t->columns;
}

/* Bytes of the first characters that fit into `columns`. */
static size_t fitting(const char *s, size_t n, size_t columns)
{
	size_t i = 0, used = 0;

	while (i < n) {
		uint32_t cp;
		size_t len = utf8_next((const uint8_t *)s + i, n - i, &cp);
		size_t step = len ? len : 1;
		size_t wide = term_columns(s + i, step);

		if (used + wide > columns)
			break;
		used += wide;
		i += step;
	}
	return i;
}

static void put_cell(FILE *out, const struct term *term, const char *s, const struct cell *c, size_t width,
		     enum table_align align, bool last)
{
	size_t len = c->len, columns = c->columns;
	bool cut = columns > width;

	if (cut) {
		len = fitting(s, len, width - 1);
		columns = term_columns(s, len) + 1;
	}
	if (align == TABLE_RIGHT)
		fprintf(out, "%*s", (int)(width - columns), "");
	fprintf(out, "%s%.*s%s%s", term_paint(term, c->paint), (int)len, s, cut ? "\xe2\x80\xa6" : "",
		term_plain(term, c->paint));
	if (!last)
		fprintf(out, "%*s", (int)((align == TABLE_LEFT ? width - columns : 0) + GAP), "");
}

static void widths(const struct table *t, const struct term *term, size_t *w)
{
	size_t total = 0;

	for (size_t k = 0; k < t->columns; k++) {
		w[k] = term_columns(t->column[k].title, strlen(t->column[k].title));
		for (size_t i = k; i < t->cells; i += t->columns) {
			if (t->cell[i].columns > w[k])
				w[k] = t->cell[i].columns;
		}
		total += w[k] + (k + 1 < t->columns ? GAP : 0);
	}
	while (term->tty && total > term->width) {
		size_t widest = t->columns;

		for (size_t k = 0; k < t->columns; k++) {
			if (t->column[k].shrinks && w[k] > SHRUNK_MIN && (widest == t->columns || w[k] > w[widest]))
				widest = k;
		}
		if (widest == t->columns)
			break;
		w[widest]--;
		total--;
	}
}

void table_print(struct table *t, FILE *out, const struct term *term)
{
	size_t w[TABLE_COLUMNS_MAX];

	widths(t, term, w);
	for (size_t k = 0; k < t->columns; k++) {
		const char *title = t->column[k].title;
		struct cell c = { .len = strlen(title), .paint = PAINT_BOLD };

		c.columns = term_columns(title, c.len);
		put_cell(out, term, title, &c, w[k], t->column[k].align, k + 1 == t->columns);
	}
	fputc('\n', out);
	for (size_t i = 0; i < t->cells; i++) {
		size_t k = i % t->columns;

		put_cell(out, term, sbuf_text(&t->text) + t->cell[i].at, &t->cell[i], w[k], t->column[k].align,
			 k + 1 == t->columns);
		if (k + 1 == t->columns)
			fputc('\n', out);
	}
	if (t->lost)
		fprintf(out, "(%zu more rows do not fit)\n", (t->lost + t->columns - 1) / t->columns);
}
