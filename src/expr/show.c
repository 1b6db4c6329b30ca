/* show.c - an expression's mistakes for a person's eyes. */
#include "expr/expr.h"

#include "base/sbuf.h"
#include "base/utf8.h"

#include <string.h>

/* Columns up to byte `at` of the line that begins at `from`; tabs count one. */
static uint32_t column(const char *text, size_t from, size_t at)
{
	uint32_t n = 0, cp;

	for (size_t i = from; i < at; n++) {
		size_t step = utf8_next((const uint8_t *)text + i, at - i, &cp);

		i += step ? step : 1;
	}
	return n;
}

void expr_errors_print(FILE *out, const char *text, const struct expr_errors *errs)
{
	size_t len = strlen(text);

	for (uint32_t i = 0; i < errs->n; i++) {
		const struct expr_error *e = &errs->v[i];
		size_t at = e->at < len ? e->at : len, from = at, to = at;
		struct sbuf line;

		while (from > 0 && text[from - 1] != '\n')
			from--;
		while (to < len && text[to] != '\n')
			to++;
		sbuf_init(&line, 2 * EXPR_TEXT_MAX);
		for (size_t k = from; k < to; k++)
			sbuf_char(&line, (unsigned char)text[k] < ' ' || text[k] == 0x7f ? ' ' : text[k]);
		fprintf(out, "  %s\n  %*s^\n", sbuf_text(&line), (int)column(text, from, at), "");
		sbuf_reset(&line);
		sbuf_escape(&line, e->text, strlen(e->text));
		fprintf(out, "%s%s%s%s\n", sbuf_text(&line), e->hint[0] ? " (" : "", e->hint, e->hint[0] ? ")" : "");
		sbuf_fini(&line);
	}
}
