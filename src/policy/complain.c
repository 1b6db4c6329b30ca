#include "policy/complain.h"

#include "base/sbuf.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void complain(struct complaints *c, const char *file, uint32_t line, uint32_t col, const char *hint,
	      const char *fmt, ...)
{
	struct complaint *m = &c->v[c->n];
	va_list ap;

	if (c->n == COMPLAINTS_MAX) {
		c->more++;
		return;
	}
	c->n++;
	snprintf(m->file, sizeof m->file, "%s", file);
	m->line = line;
	m->col = col;
	va_start(ap, fmt);
	vsnprintf(m->text, sizeof m->text, fmt, ap);
	va_end(ap);
	snprintf(m->hint, sizeof m->hint, "%s", hint ? hint : "");
}

static int before(const struct complaint *a, const struct complaint *b)
{
	if (strcmp(a->file, b->file) != 0 || !a->line || !b->line)
		return 0;
	return a->line != b->line ? a->line < b->line : a->col < b->col;
}

void complaints_sort(struct complaints *c)
{
	for (uint32_t i = 1; i < c->n; i++) {
		for (uint32_t k = i; k > 0 && before(&c->v[k], &c->v[k - 1]); k--) {
			struct complaint t = c->v[k];

			c->v[k] = c->v[k - 1];
			c->v[k - 1] = t;
		}
	}
}

void complaints_write(const struct complaints *c, struct sbuf *out)
{
	for (uint32_t i = 0; i < c->n; i++) {
		const struct complaint *m = &c->v[i];

		sbuf_escape(out, m->file, strlen(m->file));
		if (m->line)
			sbuf_fmt(out, ":%u:%u", m->line, m->col);
		sbuf_str(out, ": ");
		sbuf_escape(out, m->text, strlen(m->text));
		if (m->hint[0]) {
			sbuf_str(out, " (");
			sbuf_escape(out, m->hint, strlen(m->hint));
			sbuf_char(out, ')');
		}
		sbuf_char(out, '\n');
	}
	if (c->more)
		sbuf_fmt(out, "and %u more mistakes\n", c->more);
}

void complaints_print(const struct complaints *c)
{
	struct sbuf lines;

	sbuf_init(&lines, COMPLAINTS_MAX * 4096);
	complaints_write(c, &lines);
	fputs(sbuf_text(&lines), stderr);
	sbuf_fini(&lines);
}
