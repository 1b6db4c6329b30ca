/* cmd_forward.c - `zonetap forward`: the sinks, and what can be done with them by hand. */
#include "base/clock.h"
#include "base/names.h"
#include "cli/alert_out.h"
#include "cli/command.h"
#include "cli/forward_list.h"
#include "cli/forward_send.h"
#include "cli/options.h"
#include "forward/mapping_print.h"
#include "sensor/setting.h"

#include <stdio.h>
#include <string.h>

#define AGO_MAX (UINT64_C(3660) * 86400 * 1000000000)   /* ten years */

enum mapping { MAPPING_TABLE, MAPPING_MAN, MAPPING_NOT };

struct wanted {                         /* on the command line; NULL, false, 0: not */
	const char *config, *test, *since, *retry;
	bool dead;
	unsigned mapping, format;
	uint64_t since_ns;
	const char *sink;               /* the operand */
};

static int print_mapping(bool man)
{
	struct sbuf b;

	sbuf_init(&b, 1u << 20);
	(man ? mapping_print_man : mapping_print_table)(&b);
	fputs(sbuf_text(&b), stdout);
	sbuf_fini(&b);
	return alert_out_fini("forward") ? EXIT_DONE : EXIT_OPERATION;
}

/* "2h", "3d", or a date. */
static bool read_since(struct wanted *w)
{
	const struct config_row ago = { .key = "since", .type = CONFIG_TIME, .min = 1, .max = AGO_MAX },
				date = { .key = "since", .type = CONFIG_DATE };
	uint64_t now_ns = clock_wall(), ns = 0;
	struct setting_wrong wrong;

	if (setting_parse(&ago, w->since, &ns, &wrong))
		w->since_ns = ns < now_ns ? now_ns - ns : 1;
	else if (!setting_parse(&date, w->since, &w->since_ns, &wrong))
		return false;
	return w->since_ns <= now_ns;
}

/* 0: there is one thing to do, and nothing that does not belong to it. */
static int check(struct wanted *w, const struct operands *rest)
{
	const bool asked[] = { w->test != NULL, w->since != NULL, w->retry != NULL, w->dead, w->mapping != MAPPING_NOT };
	unsigned things = 0;
	bool list;

	for (size_t i = 0; i < sizeof asked / sizeof asked[0]; i++)
		things += asked[i];
	list = things == 0 && rest->n == 1 && strcmp(rest->v[0], "list") == 0;

	if (things > 1)
		return options_wrong("forward", "one of --test, --since, --dead, --retry-dead and --mapping at a time");
	if (rest->n && !list && !w->since && !w->dead)
		return options_wrong("forward", "unknown operand '%s'", rest->v[0]);
	if (w->since && rest->n == 0)
		return options_wrong("forward", "--since TIME wants the sink to send to");
	if (w->format && things && !w->dead)
		return options_wrong("forward", "--format goes with the list and with --dead");
	if (w->since && !read_since(w))
		return options_wrong("forward", "--since: not a time of the past: '%s' (like 2h, 3d or 2026-11-25T08:00:00Z)", w->since);
	w->sink = w->test ? w->test : w->retry ? w->retry : rest->n && !list ? rest->v[0] : NULL;
	return 0;
}

static const struct sink_conf *find(const struct sensor_config *c, const char *name)
{
	const char *names[SINKS_MAX + 1] = { NULL };
	const char *near;

	for (uint32_t i = 0; i < c->sink_count; i++) {
		if (strcmp(c->sinks[i].name, name) == 0)
			return &c->sinks[i];
		names[i] = c->sinks[i].name;
	}
	near = name_nearest(name, names);
	fprintf(stderr, "zonetap: forward: %s has no sink '%s'%s%s%s\n", c->file, name, near ? ": did you mean '" : "", near ? near : "",
		near ? "'?" : "");
	return NULL;
}

static int act(const struct sensor_config *c, const struct wanted *w)
{
	const struct sink_conf *sink = NULL;

	if (c->sink_count == 0) {
		fprintf(stderr, "zonetap: forward: %s: there is no sink in 'forward'\n", c->file);
		return EXIT_USAGE;
	}
	if (w->sink && !(sink = find(c, w->sink)))
		return EXIT_USAGE;
	if (w->test)
		return forward_send_test(c, sink);
	if (w->since)
		return forward_send_since(c, sink, w->since_ns);
	if (w->retry)
		return forward_send_dead(c, sink);
	if (w->dead)
		return forward_list_dead(c, w->sink, w->format != 0);
	return forward_list(c, w->format != 0);
}

int cmd_forward(int argc, char **argv)
{
	static const char *const formats[] = { "text", "jsonl", NULL }, *const mappings[] = { "table", "man", NULL };
	struct wanted w = { .config = CONFIG_DEFAULT, .mapping = MAPPING_NOT };
	const struct option options[] = {
		{ .name = "config", .letter = 'c', .type = OPTION_TEXT, .arg = "FILE", .help = "configuration with the sinks; " CONFIG_DEFAULT " by default", .to = &w.config },
		{ .name = "test", .type = OPTION_TEXT, .arg = "SINK", .help = "send it one marked test alert and tell each step", .to = &w.test },
		{ .name = "since", .type = OPTION_TEXT, .arg = "TIME", .help = "send everything stored since then once more, to the SINK that follows", .to = &w.since },
		{ .name = "dead", .type = OPTION_FLAG, .help = "list what was refused for good, of all sinks or of the SINK that follows", .to = &w.dead },
		{ .name = "retry-dead", .type = OPTION_TEXT, .arg = "SINK", .help = "send it what it refused once more", .to = &w.retry },
		{ .name = "mapping", .type = OPTION_WORD, .arg = "FORMAT", .help = "print what stands where in which format", .to = &w.mapping, .words = mappings },
		{ .name = "format", .type = OPTION_WORD, .arg = "FORMAT", .help = "how to print lists", .to = &w.format, .words = formats },
		{ 0 },
	};
	struct complaints errs = { 0 };
	struct sensor_config *c;
	struct operands rest;
	int status;

	if (!options_parse(options, argc, argv, 0, 1, &rest, &status))
		return status;
	status = check(&w, &rest);
	if (status)
		return status;
	if (w.mapping != MAPPING_NOT)
		return print_mapping(w.mapping == MAPPING_MAN);
	c = config_load(w.config, &errs);
	if (!c) {
		complaints_print(&errs);
		return EXIT_USAGE;
	}
	status = act(c, &w);
	config_free(c);
	return status;
}
