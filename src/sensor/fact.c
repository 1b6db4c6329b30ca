#include "sensor/fact.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define MARK "\xe2\x80\xa6"             /* U+2026 where something was cut */

struct health_facts fact_of(enum health_kind kind, const char *name, uint64_t value, uint64_t limit)
{
	struct health_facts f = { .kind = (uint8_t)kind, .value = value, .limit = limit };

	snprintf(f.name, sizeof f.name, "%s", name);
	return f;
}

void fact_text(struct health_facts *f, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(f->text, sizeof f->text, fmt, ap);
	va_end(ap);
	if (n >= (int)sizeof f->text) {
		size_t end = sizeof f->text - sizeof MARK;

		while (end && ((unsigned char)f->text[end] & 0xc0) == 0x80)
			end--;
		memcpy(f->text + end, MARK, sizeof MARK);
	}
}

void fact_say(const struct fact_sayer *to, const struct health_facts *f)
{
	to->say(to->arg, f);
}

void fact_begins(struct lasting_fact *l, const struct health_facts *f)
{
	if (!l->on)
		l->said_ns = 0;
	l->on = true;
	l->facts = *f;
}

void fact_goes_on(const struct fact_sayer *to, struct lasting_fact *l, uint64_t now_ns, uint64_t every_ns)
{
	if (!l->on || (l->said_ns && now_ns - l->said_ns < every_ns))
		return;
	l->said_ns = now_ns;
	fact_say(to, &l->facts);
}
