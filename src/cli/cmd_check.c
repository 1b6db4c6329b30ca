/* cmd_check.c - `zonetap check`: is the site or the configuration right, and how was it understood? */
#include "cli/check_config.h"
#include "cli/check_settings.h"
#include "cli/command.h"
#include "cli/options.h"
#include "cli/table.h"
#include "policy/tell.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define COLUMNS(c) (c), sizeof (c) / sizeof (c)[0]

static void level_text(struct table *t, unsigned level10)
{
	table_fmt(t, level10 % 10 ? "%u.%u" : "%u", level10 / 10, level10 % 10);
}

static void zones(const struct policy *p, const struct term *term)
{
	static const struct table_column columns[] = {
		{ "ZONE", TABLE_LEFT, false }, { "LEVEL", TABLE_RIGHT, false }, { "SL", TABLE_RIGHT, false },
		{ "INSIDE", TABLE_LEFT, false }, { "NETWORKS", TABLE_LEFT, true },
	};
	struct table *t = table_new(COLUMNS(columns));
	struct sbuf b;

	sbuf_init(&b, 8192);
	for (uint16_t i = 1; t && i <= policy_zones(p); i++) {
		const struct zone *z = policy_zone(p, i);

		sbuf_reset(&b);
		tell_zone(p, i, &b);
		table_painted(t, z->name, PAINT_BOLD);
		level_text(t, z->level10);
		if (z->sl_target >= 0)
			table_fmt(t, "%d", z->sl_target);
		else
			table_text(t, "-");
		table_text(t, z->policed ? "policed" : "allowed");
		table_text(t, b.len ? sbuf_text(&b) : "only assets that name it");
	}
	if (t)
		table_print(t, stdout, term);
	table_free(t);
	sbuf_fini(&b);
}

static void assets(const struct policy *p, const struct term *term)
{
	static const struct table_column columns[] = {
		{ "ASSET", TABLE_LEFT, false }, { "ZONE", TABLE_LEFT, false }, { "ROLE", TABLE_LEFT, false },
		{ "SEGMENT", TABLE_LEFT, false }, { "ADDRESSES", TABLE_LEFT, true },
	};
	struct table *t;
	struct sbuf b;

	if (policy_assets(p) == 0)
		return;
	t = table_new(COLUMNS(columns));
	sbuf_init(&b, 8192);
	for (uint32_t i = 1; t && i <= policy_assets(p); i++) {
		const struct site_asset *a = policy_asset(p, i);
		const char *segment = policy_segment_name(p, a->segment);

		sbuf_reset(&b);
		tell_asset(p, i, &b);
		table_painted(t, a->name, PAINT_BOLD);
		table_text(t, tell_asset_zone(p, i));
		table_text(t, a->role[0] ? a->role : "-");
		table_text(t, segment ? segment : "-");
		table_text(t, sbuf_text(&b));
	}
	if (t) {
		printf("\n");
		table_print(t, stdout, term);
	}
	table_free(t);
	sbuf_fini(&b);
}

static void conduit_rows(const struct policy *p, size_t i, struct table *t)
{
	const char *note = tell_conduit_note(p, i);
	size_t n = tell_conduit_allows(p, i);
	struct sbuf from, to;

	sbuf_init(&from, 8192);
	sbuf_init(&to, 8192);
	tell_conduit_from(p, i, &from);
	tell_conduit_to(p, i, &to);
	table_painted(t, sbuf_text(&from), PAINT_BOLD);
	table_painted(t, sbuf_text(&to), PAINT_BOLD);
	table_text(t, note ? note : n ? tell_conduit_allow(p, i, 0) : "nothing");
	for (size_t k = note ? 0 : 1; k < n; k++) {
		table_text(t, "");
		table_text(t, "");
		table_text(t, tell_conduit_allow(p, i, k));
	}
	sbuf_fini(&from);
	sbuf_fini(&to);
}

static void conduits(const struct policy *p, const struct term *term)
{
	static const struct table_column columns[] = {
		{ "FROM", TABLE_LEFT, false }, { "TO", TABLE_LEFT, false }, { "ALLOWED", TABLE_LEFT, true },
	};
	struct table *t;

	if (tell_conduits(p) == 0) {
		printf("\nNo conduits: nothing may pass between zones.\n");
		return;
	}
	t = table_new(COLUMNS(columns));
	for (size_t i = 0; t && i < tell_conduits(p); i++)
		conduit_rows(p, i, t);
	if (t) {
		printf("\n");
		table_print(t, stdout, term);
	}
	table_free(t);
}

/* How many rules are on, and those that the site's exceptions change. */
static void rules(const struct policy *p, const struct term *term)
{
	static const struct table_column columns[] = {
		{ "RULE", TABLE_LEFT, false }, { "SEVERITY", TABLE_LEFT, false }, { "EXCEPTION", TABLE_LEFT, true },
	};
	struct table *t = table_new(COLUMNS(columns));
	size_t on = 0, all = 0;
	struct sbuf b;

	sbuf_init(&b, 8192);
	for (size_t i = 1; t && i <= policy_rules(p); i++) {
		const struct rule *r = policy_rule(p, (uint16_t)i);

		if (r->base != i)
			continue;
		all++;
		on += r->enabled && (!r->needs_site || policy_has_site(p));
		sbuf_reset(&b);
		tell_rule_changes(p, (uint16_t)i, &b);
		if (!b.len)
			continue;
		table_painted(t, r->id, PAINT_BOLD);
		table_painted(t, r->enabled ? severity_word(r->severity) : "off",
			      r->enabled ? term_severity(r->severity) : PAINT_DIM);
		table_text(t, sbuf_text(&b));
	}
	printf("\n%zu rules, %zu of them on.\n", all, on);
	if (t && table_rows(t)) {
		printf("\n");
		table_print(t, stdout, term);
	}
	table_free(t);
	sbuf_fini(&b);
}

static void summary(const struct policy *p, const char *site)
{
	struct term term = term_of(STDOUT_FILENO);
	struct sbuf b;

	if (policy_has_site(p)) {
		sbuf_init(&b, 4096);
		sbuf_escape(&b, policy_site_name(p), strlen(policy_site_name(p)));
		printf("%s: site %s: %zu zones, %zu assets, %zu conduits\n\n", site, sbuf_text(&b), policy_zones(p),
		       policy_assets(p), tell_conduits(p));
		sbuf_fini(&b);
		zones(p, &term);
		assets(p, &term);
		conduits(p, &term);
	}
	rules(p, &term);
}

int cmd_check(int argc, char **argv)
{
	struct option_texts paths = { .n = 0 };
	static const char *const settings_words[] = { "text", "man", NULL };
	const char *config = NULL, *site = NULL;
	bool quiet = false;
	unsigned settings = 2;
	const struct option options[] = {
		{ .name = "config", .letter = 'c', .type = OPTION_TEXT, .arg = "FILE", .help = "the configuration of a sensor to check, with all it names", .to = &config },
		{ .name = "site", .type = OPTION_TEXT, .arg = "FILE", .help = "the site to check", .to = &site },
		{ .name = "rules", .type = OPTION_TEXTS, .arg = "FILE|DIR", .help = "rules to check instead of the shipped ones", .to = &paths },
		{ .name = "quiet", .letter = 'q', .type = OPTION_FLAG, .help = "say nothing when all is right", .to = &quiet },
		{ .name = "settings", .type = OPTION_WORD, .arg = "FORMAT", .help = "print every setting of a configuration with its range and default", .to = &settings, .words = settings_words },
		{ 0 },
	};
	struct complaints errs = { 0 };
	struct operands rest;
	struct policy *p;
	int status;

	if (!options_parse(options, argc, argv, 0, 0, &rest, &status))
		return status;
	if (settings < 2) {
		if (settings)
			check_settings_man();
		else
			check_settings_text();
		return EXIT_DONE;
	}
	if (!config && !site && paths.n == 0)
		return options_wrong("check", "what to check is missing: --config FILE, --site FILE or --rules FILE");
	if (config && (site || paths.n))
		return options_wrong("check", "--config names its site and rules itself");
	if (config)
		return check_config(config, quiet);
	p = policy_load(site, paths.v, paths.n, &errs);
	if (!p) {
		complaints_print(&errs);
		return EXIT_USAGE;
	}
	if (!quiet)
		summary(p, site);
	policy_free(p);
	return EXIT_DONE;
}
