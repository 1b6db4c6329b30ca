#include "sensor/log.h"

#include "base/sbuf.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define LINE 1024

void log_line(enum log_level level, const char *fmt, ...)
{
	static const char *const words[] = { "error: ", "warning: ", "" };
	char text[LINE];
	struct sbuf b;
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	sbuf_init(&b, 4 * LINE);
	sbuf_escape(&b, text, strlen(text));
	fprintf(stderr, "zonetap: run: %s%s\n", words[level], sbuf_text(&b));
	sbuf_fini(&b);
}
