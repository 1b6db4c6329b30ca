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

void complaints_print(const struct complaints *c)
{
	struct sbuf line;

	sbuf_init(&line, 4096);
	for (uint32_t i = 0; i < c->n; i++) {
		const struct complaint *m = &c->v[i];

		sbuf_reset(&line);
		sbuf_escape(&line, m->file, strlen(m->file));
		if (m->line)
			sbuf_fmt(&line, ":%u:%u", m->line, m->col);
		sbuf_str(&line, ": ");
		sbuf_escape(&line, m->text, strlen(m->text));
		if (m->hint[0]) {
			sbuf_str(&line, " (");
			sbuf_escape(&line, m->hint, strlen(m->hint));
			sbuf_char(&line, ')');
		}
		fprintf(stderr, "%s\n", sbuf_text(&line));
	}
	sbuf_fini(&line);
	if (c->more)
		fprintf(stderr, "and %u more mistakes\n", c->more);
}
