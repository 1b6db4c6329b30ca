/* cmd_rules.c - `zonetap rules`: what raises alerts, and why each rule is there. */
#include "base/json.h"
#include "base/names.h"
#include "cli/command.h"
#include "cli/options.h"
#include "cli/table.h"
#include "policy/tell.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const char *state(const struct policy *p, const struct rule *r)
{
	if (!r->enabled)
		return "off";
	return r->needs_site && !policy_has_site(p) ? "needs site" : "on";
}

static bool is_variant(const struct rule *r, size_t i)
{
	return r->base != i;
}

static void as_text(const struct policy *p)
{
	static const struct table_column columns[] = {
		{ "RULE", TABLE_LEFT, false }, { "SEVERITY", TABLE_LEFT, false }, { "STATE", TABLE_LEFT, false },
		{ "CLASS", TABLE_LEFT, true }, { "TITLE", TABLE_LEFT, true }, { "EXCEPTIONS", TABLE_LEFT, true },
	};
	struct term term = term_of(STDOUT_FILENO);
	struct table *t = table_new(columns, sizeof columns / sizeof columns[0]);
	struct sbuf b;

	sbuf_init(&b, 4096);
	for (size_t i = 1; t && i <= policy_rules(p); i++) {
		const struct rule *r = policy_rule(p, (uint16_t)i);

		if (is_variant(r, i))
			continue;
		sbuf_reset(&b);
		tell_rule_changes(p, (uint16_t)i, &b);
		table_painted(t, r->id, PAINT_BOLD);
		table_painted(t, severity_word(r->severity), term_severity(r->severity));
		table_text(t, state(p, r));
		table_text(t, r->class_word);
		table_text(t, r->title);
		table_text(t, sbuf_text(&b));
	}
	if (t)
		table_print(t, stdout, &term);
	table_free(t);
	sbuf_fini(&b);
}

static void json_rule(const struct policy *p, uint16_t i, struct sbuf *b)
{
	const struct rule *r = policy_rule(p, i);
	struct sbuf text;
	struct json j;

	sbuf_init(&text, 8192);
	json_init(&j, b);
	json_obj(&j, NULL);
	json_str(&j, "id", r->id);
	json_str(&j, "title", r->title);
	json_str(&j, "severity", severity_word(r->severity));
	json_str(&j, "severity_refused", severity_word(r->severity_refused));
	json_str(&j, "state", state(p, r));
	json_str(&j, "class", r->class_word);
	json_str(&j, "when", tell_rule_when(p, i));
	tell_rule_group(p, i, &text);
	json_str(&j, "group", sbuf_text(&text));
	json_obj(&j, "threshold");
	json_uint(&j, "count", r->threshold.count);
	if (r->threshold.within_ns)
		json_real(&j, "within_s", (double)r->threshold.within_ns / 1e9, 3);
	json_obj_end(&j);
	json_arr(&j, "attack");
	for (size_t k = 0; k < r->attacks; k++) {
		json_obj(&j, NULL);
		json_str(&j, "id", r->attack[k].id);
		json_str(&j, "id_legacy", r->attack[k].id_legacy);
		json_str(&j, "name", r->attack[k].name);
		json_str(&j, "version", policy_attack_version(p));
		json_obj_end(&j);
	}
	json_arr_end(&j);
	json_arr(&j, "iec62443");
	for (size_t k = 0; k < r->iec62443s; k++)
		json_str(&j, NULL, r->iec62443[k]);
	json_arr_end(&j);
	json_str(&j, "description", r->description);
	json_str(&j, "why", r->why);
	json_str(&j, "do", r->advice);
	sbuf_reset(&text);
	tell_rule_changes(p, i, &text);
	if (text.len)
		json_str(&j, "exceptions", sbuf_text(&text));
	json_str(&j, "file", r->file);
	json_uint(&j, "line", r->line);
	json_obj_end(&j);
	sbuf_fini(&text);
}

static void as_jsonl(const struct policy *p, const char *only)
{
	struct sbuf b;

	sbuf_init(&b, 65536);
	for (size_t i = 1; i <= policy_rules(p); i++) {
		const struct rule *r = policy_rule(p, (uint16_t)i);

		if (is_variant(r, i) || (only && strcmp(only, r->id) != 0))
			continue;
		sbuf_reset(&b);
		json_rule(p, (uint16_t)i, &b);
		puts(sbuf_text(&b));
	}
	sbuf_fini(&b);
}

static void line(const char *what, const char *text)
{
	struct sbuf b;

	sbuf_init(&b, 8192);
	sbuf_escape(&b, text, strlen(text));
	if (b.len)
		printf("%-12s%s\n", what, sbuf_text(&b));
	sbuf_fini(&b);
}

static void show(const struct policy *p, uint16_t i)
{
	const struct rule *r = policy_rule(p, i);
	struct sbuf b;

	sbuf_init(&b, 8192);
	line("rule", r->id);
	line("title", r->title);
	line("severity", severity_word(r->severity));
	if (r->severity_refused != r->severity)
		line("refused", severity_word(r->severity_refused));
	line("state", state(p, r));
	line("class", r->class_word);
	line("when", tell_rule_when(p, i));
	tell_rule_group(p, i, &b);
	line("one alert", sbuf_text(&b));
	sbuf_reset(&b);
	if (r->threshold.count > 1) {
		sbuf_fmt(&b, "%u within %.0f s by ", r->threshold.count, (double)r->threshold.within_ns / 1e9);
		struct sbuf by;

		sbuf_init(&by, 1024);
		tell_rule_by(p, i, &by);
		sbuf_str(&b, sbuf_text(&by));
		sbuf_fini(&by);
		if (r->threshold.distinct)
			sbuf_str(&b, ", distinct ones");
		line("threshold", sbuf_text(&b));
	}
	for (size_t k = 0; k < r->attacks; k++) {
		sbuf_reset(&b);
		sbuf_fmt(&b, "%s (%s until version 18) %s", r->attack[k].id, r->attack[k].id_legacy, r->attack[k].name);
		line(k ? "" : "ATT&CK", sbuf_text(&b));
	}
	for (size_t k = 0; k < r->iec62443s; k++) {
		sbuf_reset(&b);
		sbuf_fmt(&b, "evidence relevant to %s", r->iec62443[k]);
		line(k ? "" : "IEC 62443", sbuf_text(&b));
	}
	line("what", r->description);
	line("why", r->why);
	line("do", r->advice);
	sbuf_reset(&b);
	tell_rule_changes(p, i, &b);
	line("exceptions", sbuf_text(&b));
	sbuf_reset(&b);
	sbuf_fmt(&b, "%s:%u", r->file, r->line);
	line("file", sbuf_text(&b));
	sbuf_fini(&b);
}

static uint16_t find(const struct policy *p, const char *id)
{
	const char *list[512] = { 0 };
	const char *near;
	size_t n = 0;

	for (size_t i = 1; i <= policy_rules(p); i++) {
		const struct rule *r = policy_rule(p, (uint16_t)i);

		if (strcmp(r->id, id) == 0 && !is_variant(r, i))
			return (uint16_t)i;
		if (n < 511)
			list[n++] = r->id;
	}
	near = name_nearest(id, list);
	options_wrong("rules", "no rule is called '%s'%s%s%s", id, near ? ": did you mean '" : "", near ? near : "",
		      near ? "'?" : "");
	return 0;
}

int cmd_rules(int argc, char **argv)
{
	static const char *const formats[] = { "text", "jsonl", NULL };
	struct option_texts paths = { .n = 0 };
	const char *site = NULL, *id = NULL;
	unsigned format = 0;
	const struct option options[] = {
		{ .name = "site", .type = OPTION_TEXT, .arg = "FILE", .help = "a site, whose exceptions change rules", .to = &site },
		{ .name = "rules", .type = OPTION_TEXTS, .arg = "FILE|DIR", .help = "rules to use instead of the shipped ones", .to = &paths },
		{ .name = "format", .type = OPTION_WORD, .arg = "FORMAT", .help = "how to print them", .to = &format, .words = formats },
		{ 0 },
	};
	struct complaints errs = { 0 };
	struct operands rest;
	struct policy *p;
	uint16_t rule = 0;
	int status;

	if (!options_parse(options, argc, argv, 0, 2, &rest, &status))
		return status;
	if (rest.n > 0 && strcmp(rest.v[0], "list") != 0 && (strcmp(rest.v[0], "show") != 0 || rest.n != 2))
		return options_wrong("rules", "after the options stands nothing, 'list', or 'show' and the id of a rule");
	id = rest.n == 2 ? rest.v[1] : NULL;
	p = policy_load(site, paths.v, paths.n, &errs);
	if (!p) {
		complaints_print(&errs);
		return EXIT_USAGE;
	}
	if (id && !(rule = find(p, id)))
		status = EXIT_USAGE;
	else if (format == 1)
		as_jsonl(p, id);
	else if (id)
		show(p, rule);
	else
		as_text(p);
	policy_free(p);
	return id && !rule ? status : EXIT_DONE;
}
