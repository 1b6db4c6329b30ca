/* cmd_run.c - `zonetap run`: interfaces in, alerts out, until it is told to stop. */
#include "cli/alert_out.h"
#include "cli/command.h"
#include "cli/options.h"
#include "policy/policy.h"
#include "sensor/config.h"
#include "sensor/sensor.h"

#include <stdio.h>

enum print { PRINT_UNSAID, PRINT_TEXT, PRINT_JSONL, PRINT_NOTHING };

struct given {                          /* on the command line; NULL, 0: not */
	const char *config, *interface, *site, *db;
	struct option_texts rules, geo;
	unsigned print;
};

/* Everybody who reads along sees an alert when it is made, and again when more is known of it. */
static bool show_all(void *arg, const struct store_alert *a)
{
	(void)alert_out(arg, a, NULL);
	return fflush(stdout) == 0;
}

static bool show(void *arg, const struct store_alert *a)
{
	return (a->ended && a->rev > 1) || show_all(arg, a);
}

static int wrong(const struct given *g)
{
	if (g->config && g->interface)
		return options_wrong("run", "either --config or --interface: the interfaces stand in the configuration");
	if (!g->interface && (g->site || g->db || g->rules.n || g->geo.n))
		return options_wrong("run", "--site, --rules, --geo and --db go with --interface: else they stand in the configuration");
	return EXIT_DONE;
}

static struct sensor_config *configure(const struct given *g, struct complaints *errs)
{
	struct sensor_config *c = g->interface ? config_of_interface(g->interface, errs) :
				  config_load(g->config ? g->config : CONFIG_DEFAULT, errs);

	if (!c || !g->interface)
		return c;
	c->site = g->site;
	if (g->db)
		c->database.path = g->db;
	for (size_t i = 0; i < g->rules.n && i < CONFIG_PATHS_MAX; i++)
		c->rules.v[c->rules.n++] = g->rules.v[i];
	for (size_t i = 0; i < g->geo.n && i < CONFIG_PATHS_MAX; i++)
		c->geo.v[c->geo.n++] = g->geo.v[i];
	return c;
}

static int run(const struct given *g, const struct sensor_config *c, struct policy *policy)
{
	struct alert_out out;
	unsigned print = g->print ? g->print : g->interface ? PRINT_TEXT : PRINT_NOTHING;
	const struct sensor_options o = {
		.config = c, .keep = !g->interface || g->db, .service = !g->interface,
		.show = print == PRINT_TEXT ? show : print == PRINT_JSONL ? show_all : NULL, .arg = &out,
	};
	struct diag d;

	alert_out_init(&out, print == PRINT_JSONL ? ALERTS_JSONL : ALERTS_TEXT);
	if (sensor_run(&o, policy, &d) == ZT_OK)
		return alert_out_fini("run") ? EXIT_DONE : EXIT_OPERATION;
	fprintf(stderr, "zonetap: run: %s\n", d.text);
	return EXIT_OPERATION;
}

int cmd_run(int argc, char **argv)
{
	static const char *const prints[] = { "", "text", "jsonl", "nothing", NULL };
	struct given g = { 0 };
	const struct option options[] = {
		{ .name = "config", .letter = 'c', .type = OPTION_TEXT, .arg = "FILE", .help = "configuration of the sensor; " CONFIG_DEFAULT " by default", .to = &g.config },
		{ .name = "interface", .letter = 'i', .type = OPTION_TEXT, .arg = "NAME", .help = "listen on this interface, without a configuration", .to = &g.interface },
		{ .name = "site", .type = OPTION_TEXT, .arg = "FILE", .help = "zones, assets and conduits of the plant (with -i)", .to = &g.site },
		{ .name = "rules", .type = OPTION_TEXTS, .arg = "FILE|DIR", .help = "rules to use instead of the shipped ones (with -i)", .to = &g.rules },
		{ .name = "geo", .type = OPTION_TEXTS, .arg = "FILE", .help = "database of countries or networks of public addresses (with -i)", .to = &g.geo },
		{ .name = "db", .type = OPTION_TEXT, .arg = "FILE", .help = "database to keep alerts in (with -i); none by default", .to = &g.db },
		{ .name = "print", .type = OPTION_WORD, .arg = "FORMAT", .help = "how to print alerts on standard output; text with -i, else nothing", .to = &g.print, .words = prints },
		{ 0 },
	};
	struct complaints errs = { 0 };
	struct sensor_config *c;
	struct policy *policy = NULL;
	struct operands rest;
	int status;

	if (!options_parse(options, argc, argv, 0, 0, &rest, &status))
		return status;
	status = wrong(&g);
	if (status != EXIT_DONE)
		return status;
	c = configure(&g, &errs);
	policy = c ? policy_load(c->site, c->rules.v, c->rules.n, &errs) : NULL;
	if (policy && !config_fits_policy(c, policy, &errs)) {
		policy_free(policy);
		policy = NULL;
	}
	if (policy)
		status = run(&g, c, policy);
	else
		complaints_print(&errs);
	status = policy ? status : EXIT_USAGE;
	config_free(c);
	return status;
}
