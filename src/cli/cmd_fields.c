/* cmd_fields.c - `zonetap fields`: what expressions can look at, out of the table that compiles them. */
#include "base/json.h"
#include "cli/command.h"
#include "cli/options.h"
#include "cli/roff.h"
#include "cli/table.h"
#include "expr/expr.h"

#include <config.h>
#include <stdio.h>
#include <unistd.h>

static void words(struct sbuf *b, const struct field_row *f)
{
	for (size_t i = 0; f->words[i]; i++)
		sbuf_fmt(b, "%s%s", i ? ", " : "", f->words[i]);
}

static void as_text(void)
{
	static const struct table_column columns[] = {
		{ "FIELD", TABLE_LEFT, false }, { "TYPE", TABLE_LEFT, false }, { "KNOWN", TABLE_LEFT, false },
		{ "SITE", TABLE_LEFT, false }, { "MEANING", TABLE_LEFT, true },
	};
	struct term term = term_of(STDOUT_FILENO);
	struct table *t = table_new(columns, sizeof columns / sizeof columns[0]);
	struct field_row f;
	struct sbuf b;

	sbuf_init(&b, 4096);
	for (unsigned i = 0; t && expr_field_row(i, &f); i++) {
		sbuf_reset(&b);
		sbuf_str(&b, f.help);
		if (f.words[0]) {
			sbuf_str(&b, ": ");
			words(&b, &f);
		}
		table_painted(t, f.name, PAINT_BOLD);
		table_text(t, f.type);
		table_text(t, f.stage);
		table_text(t, f.site ? "yes" : "");
		table_text(t, sbuf_text(&b));
	}
	if (t)
		table_print(t, stdout, &term);
	table_free(t);
	sbuf_fini(&b);
}

static void as_jsonl(void)
{
	struct field_row f;
	struct sbuf b;
	struct json j;

	sbuf_init(&b, 16384);
	for (unsigned i = 0; expr_field_row(i, &f); i++) {
		sbuf_reset(&b);
		json_init(&j, &b);
		json_obj(&j, NULL);
		json_str(&j, "name", f.name);
		json_str(&j, "type", f.type);
		json_str(&j, "stage", f.stage);
		json_bool(&j, "needs_site", f.site);
		json_str(&j, "operators", f.operators);
		json_str(&j, "help", f.help);
		if (f.words[0]) {
			json_arr(&j, "words");
			for (size_t k = 0; f.words[k]; k++)
				json_str(&j, NULL, f.words[k]);
			json_arr_end(&j);
		}
		json_obj_end(&j);
		puts(sbuf_text(&b));
	}
	sbuf_fini(&b);
}

static void man_field(const struct field_row *f)
{
	struct sbuf b;

	sbuf_init(&b, 4096);
	words(&b, f);
	puts(".TP");
	fputs(".B ", stdout);
	roff_text(f->name);
	printf("\n");
	roff_text(f->help);
	printf(".\nType: %s; known: %s%s.\nOperators: ", f->type, f->stage, f->site ? "; needs a site" : "");
	roff_text(f->operators);
	puts(".");
	if (b.len) {
		fputs("Words: ", stdout);
		roff_text(sbuf_text(&b));
		puts(".");
	}
	sbuf_fini(&b);
}

/* The whole page: it is kept in the tree, and a test compares it with what this prints. */
static void as_man(void)
{
	static const char *const head[] = {
		".\\\" Printed by `zonetap fields --format man`; change src/expr/field.c instead.",
		".TH ZONETAP\\-FIELDS 7 \"2026-11-21\" \"zonetap\" \"Zonetap manual\"",
		".SH NAME",
		"zonetap\\-fields \\- what expressions of zonetap can look at",
		".SH DESCRIPTION",
		"These are the fields of the expression language, which",
		".BR zonetap\\-rules (5)",
		"describes: for rules, for the conduits of a site, for",
		".BR \"zonetap events \\-\\-filter\" ,",
		"and for the filter of a sink in",
		".BR zonetap.yaml (5),",
		"which looks at finished alerts: the fields known of an",
		".BR alert ,",
		"at the end of this page, are for it alone, and it has no others.",
		"Names of zones, assets and roles are compared as text there.",
		".PP",
		"A field that does not apply to a message makes every comparison with it",
		"false, != as well.",
		"A field alone is true when it applies (and, when it is a truth itself, is true).",
		"So \"act != stop\" is true of messages that have another act, and",
		"\"!(act == stop)\" also of those that have none.",
		".PP",
		"Where a field is known decides where a rule that uses it is judged:",
		".B any",
		"is known everywhere;",
		".B event",
		"of one message;",
		".B flow",
		"when a conversation begins;",
		".B history",
		"from what came before.",
		"Fields of a flow do not go together with those of a message or of history,",
		"but in conduits and in \\-\\-filter, where each line is one or the other.",
		"The fields",
		".BR app \", \" app.category \" and \" app.risk",
		"are known once the first packets of a flow that no dissector decodes have shown what it",
		"speaks, or that they do not; that needs a program built with nDPI.",
		"A service that is reached by name, over TLS or HTTP, goes by that name: github, not tls.",
		".SH FIELDS",
	};
	static const char *const tail[] = {
		".SH SEE ALSO",
		".BR zonetap (1),",
		".BR zonetap\\-rules (5),",
		".BR zonetap\\-site (5),",
		".BR zonetap\\-events (5)",
	};
	struct field_row f;

	for (size_t i = 0; i < sizeof head / sizeof head[0]; i++)
		puts(head[i]);
	for (unsigned i = 0; expr_field_row(i, &f); i++)
		man_field(&f);
	for (size_t i = 0; i < sizeof tail / sizeof tail[0]; i++)
		puts(tail[i]);
}

int cmd_fields(int argc, char **argv)
{
	static const char *const formats[] = { "text", "jsonl", "man", NULL };
	unsigned format = 0;
	const struct option options[] = {
		{ .name = "format", .type = OPTION_WORD, .arg = "FORMAT", .help = "how to print them", .to = &format,
		  .words = formats },
		{ 0 },
	};
	struct operands rest;
	int status;

	if (!options_parse(options, argc, argv, 0, 0, &rest, &status))
		return status;
	if (format == 2)
		as_man();
	else if (format == 1)
		as_jsonl();
	else
		as_text();
	return EXIT_DONE;
}
