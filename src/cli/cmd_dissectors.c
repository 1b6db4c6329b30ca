/* cmd_dissectors.c - `zonetap dissectors`: what is understood. */
#include "base/json.h"
#include "cli/command.h"
#include "cli/options.h"
#include "cli/table.h"
#include "ot/dissector.h"

#include <stdio.h>
#include <unistd.h>

static void ports_text(struct sbuf *b, const char *over, const uint16_t ports[4])
{
	for (unsigned i = 0; i < 4 && ports[i]; i++)
		sbuf_fmt(b, "%s%s %u", b->len ? ", " : "", over, ports[i]);
}

static void as_text(void)
{
	static const struct table_column columns[] = {
		{ "NAME", TABLE_LEFT, false }, { "USUAL PORTS", TABLE_LEFT, false },
		{ "TITLE", TABLE_LEFT, true }, { "SPECIFICATIONS", TABLE_LEFT, true },
	};
	struct term term = term_of(STDOUT_FILENO);
	struct table *t = table_new(columns, sizeof columns / sizeof columns[0]);
	struct sbuf b;

	sbuf_init(&b, 256);
	for (const struct dissector *const *d = dissectors; t && *d; d++) {
		sbuf_reset(&b);
		ports_text(&b, "tcp", (*d)->tcp_ports);
		ports_text(&b, "udp", (*d)->udp_ports);
		table_painted(t, (*d)->name, PAINT_BOLD);
		table_text(t, sbuf_text(&b));
		table_text(t, (*d)->title);
		table_text(t, (*d)->spec);
	}
	if (t)
		table_print(t, stdout, &term);
	table_free(t);
	sbuf_fini(&b);
}

static void ports_json(struct json *j, const char *key, const uint16_t ports[4])
{
	json_arr(j, key);
	for (unsigned i = 0; i < 4 && ports[i]; i++)
		json_uint(j, NULL, ports[i]);
	json_arr_end(j);
}

static void as_jsonl(void)
{
	struct sbuf b;
	struct json j;

	sbuf_init(&b, 4096);
	for (const struct dissector *const *d = dissectors; *d; d++) {
		sbuf_reset(&b);
		json_init(&j, &b);
		json_obj(&j, NULL);
		json_str(&j, "name", (*d)->name);
		json_str(&j, "title", (*d)->title);
		json_str(&j, "spec", (*d)->spec);
		ports_json(&j, "tcp_ports", (*d)->tcp_ports);
		ports_json(&j, "udp_ports", (*d)->udp_ports);
		json_obj_end(&j);
		puts(sbuf_text(&b));
	}
	sbuf_fini(&b);
}

int cmd_dissectors(int argc, char **argv)
{
	static const char *const formats[] = { "text", "jsonl", NULL };
	unsigned format = 0;
	const struct option options[] = {
		{ .name = "format", .type = OPTION_WORD, .arg = "FORMAT", .help = "how to print it", .to = &format,
		  .words = formats },
		{ 0 },
	};
	struct operands rest;
	int status;

	if (!options_parse(options, argc, argv, 0, 0, &rest, &status))
		return status;
	if (format == 1)
		as_jsonl();
	else
		as_text();
	return EXIT_DONE;
}
