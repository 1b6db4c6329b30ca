/* format_lines.c - alerts as JSON lines on stdin, as lines of one format on stdout: `format_lines FORMAT [OPTION]...`.
 * Options: syslog (with a header), max=N, host=NAME, facility=N, enterprise=N, now=NS, seq (numbers the lines). A line
 * that is no alert gives "! why". `format_lines mapping man|table` prints the table of the formats. */
#include "forward/format.h"
#include "forward/mapping_print.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const formats[FORMATS] = { "rfc5424", "cef", "leef", "ecs", "ocsf", "json" };

static bool option(struct format_env *e, const char *o, bool *seq)
{
	if (strcmp(o, "syslog") == 0)
		e->syslog = true;
	else if (strcmp(o, "seq") == 0)
		*seq = true;
	else if (strncmp(o, "max=", 4) == 0)
		e->max_record = (uint32_t)strtoul(o + 4, NULL, 10);
	else if (strncmp(o, "host=", 5) == 0)
		e->hostname = o + 5;
	else if (strncmp(o, "facility=", 9) == 0)
		e->facility = (uint32_t)strtoul(o + 9, NULL, 10);
	else if (strncmp(o, "enterprise=", 11) == 0)
		e->enterprise = (uint32_t)strtoul(o + 11, NULL, 10);
	else if (strncmp(o, "now=", 4) == 0)
		e->now_ns = strtoull(o + 4, NULL, 10);
	else
		return false;
	return true;
}

static int mapping(const char *how)
{
	struct sbuf out;

	sbuf_init(&out, 1u << 20);
	(strcmp(how, "man") == 0 ? mapping_print_man : mapping_print_table)(&out);
	fwrite(out.s, 1, out.len, stdout);
	sbuf_fini(&out);
	return 0;
}

int main(int argc, char **argv)
{
	struct format_env e = { .hostname = "ot-sensor-1", .sensor = "sensor", .facility = 16, .enterprise = 32473 };
	enum sink_format f = 0;
	struct sbuf out;
	char *line = NULL;
	size_t cap = 0;
	ssize_t n;
	int64_t id = 0;
	bool seq = false;

	if (argc == 3 && strcmp(argv[1], "mapping") == 0)
		return mapping(argv[2]);
	while (argc > 1 && f < FORMATS && strcmp(argv[1], formats[f]) != 0)
		f++;
	for (int i = 2; i < argc; i++) {
		if (!option(&e, argv[i], &seq))
			f = FORMATS;
	}
	if (argc < 2 || f == FORMATS) {
		fprintf(stderr, "usage: format_lines rfc5424|cef|leef|ecs|ocsf|json [OPTION]...\n");
		return 2;
	}
	sbuf_init(&out, 8u << 20);
	while ((n = getline(&line, &cap, stdin)) > 0) {
		struct record r;
		struct diag d;

		n -= line[n - 1] == '\n';
		id++;
		sbuf_reset(&out);
		if (record_read(&r, seq ? id : 0, 0, line, (size_t)n, &d) != ZT_OK) {
			printf("! %s\n", d.text);
			continue;
		}
		if (format_record(f, &r, &e, &out))
			fwrite(out.s, 1, out.len, stdout);
		else
			fputs("! too large", stdout);
		putchar('\n');
		record_fini(&r);
	}
	free(line);
	sbuf_fini(&out);
	return 0;
}
