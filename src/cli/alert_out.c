#include "cli/alert_out.h"

#include "base/json.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define INDENT 10
#define LABEL 14                /* columns of what stands before a value */
#define LINE_MAX_BYTES 65536

void alert_out_init(struct alert_out *o, unsigned format)
{
	*o = (struct alert_out){ .format = format ? ALERTS_JSONL : ALERTS_TEXT, .term = term_of(STDOUT_FILENO) };
}

const char *alert_out_time(uint64_t ts_ns, char out[24])
{
	char text[TIME_TEXT];

	time_text(ts_ns, text);
	snprintf(out, 24, "%.10s %.8s", text, text + 11);
	return out;
}

void alert_out_wrapped(const struct term *t, unsigned indent, const char *s)
{
	unsigned room = t->width > indent + 20 ? t->width - indent : 0;

	while (*s) {
		size_t n = strlen(s), cut = 0;

		if (room && term_columns(s, n) > room) {
			for (size_t i = 1; i < n && term_columns(s, i) <= room; i++) {
				if (s[i] == ' ')
					cut = i;
			}
		}
		n = cut ? cut : n;
		printf("%*s%.*s\n", (int)indent, "", (int)n, s);
		s += n;
		while (*s == ' ')
			s++;
	}
}

bool alert_out(void *arg, const struct store_alert *a, const char *run)
{
	struct alert_out *o = arg;
	char from[24], to[24];
	enum paint p = term_severity(a->severity_level);

	(void)run;
	if (o->format == ALERTS_JSONL) {
		puts(a->json);
		o->printed++;
		return true;
	}
	if (o->printed++)
		putchar('\n');
	printf("%s%-*s%s%s\n", term_paint(&o->term, p), INDENT, a->severity, term_plain(&o->term, p), a->title);
	alert_out_wrapped(&o->term, INDENT, a->text);
	alert_out_time(a->first_ns, from);
	alert_out_time(a->last_ns, to);
	printf("%*s%s%.8s%s  %s  %s", INDENT, "", term_paint(&o->term, PAINT_DIM), a->uid, term_plain(&o->term, PAINT_DIM),
	       a->rule, from);
	if (a->count > 1)
		printf(" to %s, %llu times", strncmp(from, to, 10) == 0 ? to + 11 : to, (unsigned long long)a->count);
	putchar('\n');
	return true;
}

void alert_out_line(const char *label, const char *value)
{
	struct sbuf b;

	if (!value || !value[0])
		return;
	sbuf_init(&b, LINE_MAX_BYTES);
	sbuf_escape(&b, value, strlen(value));
	printf("  %-*s%s\n", LABEL, label, sbuf_text(&b));
	sbuf_fini(&b);
}

bool alert_out_fini(const char *command)
{
	if (fflush(stdout) == 0 && !ferror(stdout))
		return true;
	fprintf(stderr, "zonetap: %s: standard output: %s\n", command, strerror(errno));
	return false;
}
