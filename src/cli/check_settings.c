#include "cli/check_settings.h"

#include "base/sbuf.h"
#include "cli/roff.h"
#include "cli/table.h"
#include "sensor/config.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

static bool is_section(const struct config_row *r)
{
	return r->type == CONFIG_SECTION || r->type == CONFIG_SECTIONS;
}

static void range_text(const struct config_row *r, struct sbuf *out)
{
	char range[CONFIG_RANGE_TEXT];

	sbuf_reset(out);
	sbuf_str(out, config_range(r, range));
	for (size_t i = 0; r->words && r->words[i]; i++)
		sbuf_fmt(out, "%s%s", i ? ", " : "", r->words[i]);
}

void check_settings_text(void)
{
	static const struct table_column columns[] = {
		{ "SETTING", TABLE_LEFT, false }, { "TYPE", TABLE_LEFT, false }, { "RANGE", TABLE_LEFT, false },
		{ "DEFAULT", TABLE_LEFT, true }, { "MEANING", TABLE_LEFT, true },
	};
	struct term term = term_of(STDOUT_FILENO);
	struct table *t = table_new(columns, sizeof columns / sizeof columns[0]);
	const struct config_row *r;
	struct sbuf b;

	sbuf_init(&b, 4096);
	for (size_t i = 0; t && (r = config_row(i)); i++) {
		sbuf_reset(&b);
		sbuf_fmt(&b, "%s%s%s", r->section, *r->section ? "." : "", r->key);
		table_painted(t, sbuf_text(&b), PAINT_BOLD);
		table_text(t, config_type_text(r->type));
		range_text(r, &b);
		table_text(t, sbuf_text(&b));
		table_text(t, r->preset ? r->preset : r->must ? "(needed)" : r->absent ? r->absent : "");
		table_text(t, r->help);
	}
	if (t)
		table_print(t, stdout, &term);
	table_free(t);
	sbuf_fini(&b);
}

static void man_row(const struct config_row *r)
{
	struct sbuf b;

	sbuf_init(&b, 4096);
	range_text(r, &b);
	fputs(".TP\n.B ", stdout);
	roff_text(r->key);
	putchar('\n');
	roff_text(r->help);
	printf(".\nType: ");
	roff_text(config_type_text(r->type));
	if (b.len) {
		fputs(r->words ? ": " : ", ", stdout);
		roff_text(sbuf_text(&b));
	}
	puts(".");
	if (r->must) {
		puts("Needed.");
	} else if (r->preset) {
		fputs("Default: ", stdout);
		roff_text(r->preset);
		puts(".");
	} else if (r->absent) {
		fputs("Without it: ", stdout);
		roff_text(r->absent);
		puts(".");
	}
	sbuf_fini(&b);
}

static void man_rows(const char *section)
{
	const struct config_row *r;

	for (size_t i = 0; (r = config_row(i)); i++) {
		if (strcmp(r->section, section) == 0 && !is_section(r))
			man_row(r);
	}
}

void check_settings_man(void)
{
	const struct config_row *r;

	puts(".SH SETTINGS\n.SS At the top");
	man_rows("");
	for (size_t i = 0; (r = config_row(i)); i++) {
		char range[CONFIG_RANGE_TEXT];

		if (!is_section(r))
			continue;
		printf(".SS ");
		roff_text(r->key);
		putchar('\n');
		roff_text(r->help);
		printf(".\nA %s%s%s.%s\n", config_type_text(r->type), r->type == CONFIG_SECTIONS ? ", " : "", config_range(r, range),
		       r->must ? " Needed." : "");
		man_rows(r->key);
	}
}
