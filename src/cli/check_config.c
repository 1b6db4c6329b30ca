#include "cli/check_config.h"

#include "cli/command.h"
#include "cli/table.h"
#include "base/sbuf.h"
#include "policy/tell.h"
#include "sensor/files.h"
#include "sensor/iface.h"
#include "sensor/memory.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define COLUMNS(c) (c), sizeof (c) / sizeof (c)[0]
#define MEMORY_SHARE_MAX 75             /* percent of the machine that the sensor should take at most */

struct plan {
	const struct sensor_config *config;
	const struct policy *policy;
	struct memory memory;
	struct term term;
	unsigned warnings;
};

/* --- words ----------------------------------------------------------------------------------------- */

#define BYTES_TEXT 24
static const char *bytes_text(uint64_t n, char out[BYTES_TEXT])
{
	static const char *const units[] = { "B", "KiB", "MiB", "GiB", "TiB" };
	double v = (double)n;
	unsigned u = 0;

	for (; v >= 1024 && u < sizeof units / sizeof units[0] - 1; u++)
		v /= 1024;
	snprintf(out, BYTES_TEXT, v < 100 && u > 0 && v != (double)(uint64_t)v ? "%.1f %s" : "%.0f %s", v, units[u]);
	return out;
}

static void escaped(const char *s, FILE *out)
{
	struct sbuf b;

	sbuf_init(&b, 8192);
	sbuf_escape(&b, s, strlen(s));
	fputs(sbuf_text(&b), out);
	sbuf_fini(&b);
}

static void warn(struct plan *p, const char *object, const char *what, const char *remedy)
{
	p->warnings++;
	printf("%swarning:%s ", term_paint(&p->term, PAINT_YELLOW), term_plain(&p->term, PAINT_YELLOW));
	escaped(object, stdout);
	printf("%s", *object ? " " : "");
	escaped(what, stdout);
	printf("\n");
	if (*remedy) {
		printf("         ");
		escaped(remedy, stdout);
		printf("\n");
	}
}

/* --- interfaces --------------------------------------------------------------------------------------- */

/* "up, 1000 Mbit/s, ixgbe" */
static void now_text(const struct iface *i, struct sbuf *out)
{
	sbuf_reset(out);
	if (!i->exists) {
		sbuf_str(out, "not there");
		return;
	}
	sbuf_str(out, !i->up ? "down" : i->carrier ? "up" : "no link");
	if (i->speed && i->up)
		sbuf_fmt(out, ", %u Mbit/s", i->speed);
	if (i->driver[0])
		sbuf_fmt(out, ", %s", i->driver);
	if (i->promiscuous)
		sbuf_str(out, ", already promiscuous");
}

static void interface_row(const struct plan *p, const struct config_interface *c, const struct iface *i, struct table *t)
{
	const char *by_site = policy_segment_name(p->policy, policy_segment(p->policy, c->name, NULL, 0));
	char ring[BYTES_TEXT], all[BYTES_TEXT];
	struct sbuf b;

	sbuf_init(&b, 512);
	now_text(i, &b);
	table_painted(t, c->name, PAINT_BOLD);
	table_text(t, sbuf_text(&b));
	table_text(t, c->segment ? c->segment : by_site ? by_site : "-");
	table_fmt(t, "%u", c->snaplen);
	bytes_text(c->ring, ring);
	if (c->workers == 1)
		table_text(t, ring);
	else
		table_fmt(t, "%u x %s = %s", c->workers, ring, bytes_text(c->ring * c->workers, all));
	table_text(t, c->stamps == CONFIG_STAMPS_ADAPTER && i->exists && i->adapter_stamps ? "adapter" : "host");
	table_text(t, c->promiscuous ? "yes" : "no");
	table_text(t, *c->filter ? c->filter : "everything");
	sbuf_fini(&b);
}

static void interfaces(const struct plan *p, const struct iface *now)
{
	static const struct table_column columns[] = {
		{ "INTERFACE", TABLE_LEFT, false }, { "NOW", TABLE_LEFT, false }, { "SEGMENT", TABLE_LEFT, false },
		{ "SNAPLEN", TABLE_RIGHT, false }, { "RINGS", TABLE_LEFT, false }, { "STAMPS", TABLE_LEFT, false },
		{ "PROMISC", TABLE_LEFT, false }, { "FILTER", TABLE_LEFT, true },
	};
	struct table *t = table_new(COLUMNS(columns));

	for (uint32_t i = 0; t && i < p->config->interface_count; i++)
		interface_row(p, &p->config->interfaces[i], &now[i], t);
	if (t)
		table_print(t, stdout, &p->term);
	table_free(t);
}

static void interface_warnings(struct plan *p, const struct config_interface *c, const struct iface *i)
{
	struct iface_finding found[IFACE_FINDINGS_MAX];
	size_t n = iface_findings(i, found);

	for (size_t k = 0; k < n; k++)
		warn(p, c->name, found[k].what, found[k].remedy);
	if (i->exists && c->stamps == CONFIG_STAMPS_ADAPTER && !i->adapter_stamps)
		warn(p, c->name, "cannot stamp packets in its adapter: the host's clock is used", "");
	if (i->exists && c->snaplen < i->mtu)
		warn(p, c->name, "takes packets that are longer than 'snaplen': the end of these is not seen", "");
}

/* --- sinks -------------------------------------------------------------------------------------------------- */

static void sinks(const struct plan *p)
{
	static const struct table_column columns[] = {
		{ "SINK", TABLE_LEFT, false }, { "TYPE", TABLE_LEFT, false }, { "TO", TABLE_LEFT, false },
		{ "FORMAT", TABLE_LEFT, false }, { "HEARTBEAT", TABLE_RIGHT, false }, { "WHAT", TABLE_LEFT, true },
	};
	struct table *t;
	char to[SINK_TO_TEXT];
	struct sbuf b;

	if (p->config->sink_count == 0)
		return;
	t = table_new(COLUMNS(columns));
	sbuf_init(&b, 64);
	for (uint32_t i = 0; t && i < p->config->sink_count; i++) {
		const struct sink_conf *c = &p->config->sinks[i];
		const struct config_row *r;

		sbuf_reset(&b);
		for (size_t k = 0; (r = config_row(k)); k++) {
			if (strcmp(r->section, "forward") == 0 && strcmp(r->key, "heartbeat") == 0)
				config_show(r, c, &b);
		}
		table_painted(t, c->name, PAINT_BOLD);
		table_text(t, sink_type_word(c->type));
		table_text(t, sink_to(c, to));
		table_text(t, sink_format_word(c->format));
		table_text(t, sbuf_text(&b));
		table_text(t, c->filter ? c->filter : "every alert");
	}
	if (t) {
		printf("\n");
		table_print(t, stdout, &p->term);
	}
	table_free(t);
	sbuf_fini(&b);
}

static void sink_warnings(struct plan *p, const struct sink_conf *c)
{
	if (c->insecure)
		warn(p, c->name, "believes whoever answers: 'insecure' turns all verification off, and alerts and secrets go to whoever is in between",
		     "name the authority in 'cacert' instead");
	if (c->url && !sink_is_encrypted(c))
		warn(p, c->name, c->token.file || c->token.env || c->user ? "sends alerts and its secret over the network unencrypted" :
		     "sends alerts over the network unencrypted", "");
	if (c->url && strncmp(c->url, "udp://", 6) == 0)
		warn(p, c->name, "loses alerts without a word: nobody answers over UDP", "tcp:// or tls://");
}

/* --- settings ------------------------------------------------------------------------------------------- */

static void rules_note(const struct plan *p, struct sbuf *out)
{
	size_t on = 0, all = 0;

	for (uint16_t i = 1; i <= policy_rules(p->policy); i++) {
		const struct rule *r = policy_rule(p->policy, i);

		all += r->base == i;
		on += r->base == i && r->enabled && (!r->needs_site || policy_has_site(p->policy));
	}
	sbuf_fmt(out, "%zu rules, %zu of them on", all, on);
}

static void limit_note(const struct plan *p, const char *key, struct sbuf *out)
{
	const struct memory *m = &p->memory;
	const struct { const char *key; uint64_t bytes; } costs[] = {
		{ "flows", m->flows }, { "assets", m->assets }, { "conversations", m->conversations }, { "pairs", m->pairs },
		{ "alerts", m->alerts }, { "waiting", m->waiting }, { "thresholds", m->thresholds },
	};
	char bytes[BYTES_TEXT];

	for (size_t i = 0; i < sizeof costs / sizeof costs[0]; i++) {
		if (strcmp(costs[i].key, key) == 0)
			sbuf_fmt(out, "%s%s", bytes_text(costs[i].bytes, bytes), i == 0 ? " for each worker" : "");
	}
}

/* What is known beyond the value itself. */
static void note(const struct plan *p, const struct config_row *r, struct sbuf *out)
{
	if (strcmp(r->section, "limits") == 0)
		limit_note(p, r->key, out);
	else if (*r->section == '\0' && strcmp(r->key, "rules") == 0)
		rules_note(p, out);
	else if (*r->section == '\0' && strcmp(r->key, "site") == 0 && p->config->site)
		sbuf_fmt(out, "%s: %zu zones, %zu assets, %zu conduits", policy_site_name(p->policy), policy_zones(p->policy),
			 policy_assets(p->policy), tell_conduits(p->policy));
}

static void settings(const struct plan *p)
{
	static const struct table_column columns[] = {
		{ "SETTING", TABLE_LEFT, false }, { "VALUE", TABLE_LEFT, true }, { "NOTE", TABLE_LEFT, true },
	};
	struct table *t = table_new(COLUMNS(columns));
	const struct config_row *r;
	struct sbuf b;

	sbuf_init(&b, 65536);
	for (size_t i = 0; t && (r = config_row(i)); i++) {
		if (r->type == CONFIG_SECTION || r->type == CONFIG_SECTIONS || strcmp(r->section, "interfaces") == 0 ||
		    strcmp(r->section, "forward") == 0)
			continue;
		sbuf_reset(&b);
		sbuf_fmt(&b, "%s%s%s", r->section, *r->section ? "." : "", r->key);
		table_painted(t, sbuf_text(&b), PAINT_BOLD);
		sbuf_reset(&b);
		config_show(r, p->config, &b);
		table_text(t, sbuf_text(&b));
		sbuf_reset(&b);
		note(p, r, &b);
		table_text(t, sbuf_text(&b));
	}
	if (t) {
		printf("\n");
		table_print(t, stdout, &p->term);
	}
	table_free(t);
	sbuf_fini(&b);
}

static void memory_line(const struct plan *p)
{
	const struct memory *m = &p->memory;
	char all[BYTES_TEXT], machine[BYTES_TEXT], rings[BYTES_TEXT], worker[BYTES_TEXT], writer[BYTES_TEXT], queue[BYTES_TEXT];

	printf("\nMemory, when all of it is used: %s", bytes_text(m->all, all));
	if (m->machine)
		printf(" of this machine's %s", bytes_text(m->machine, machine));
	printf(": rings %s, %u worker%s of %s, writer %s, queue %s.\n", bytes_text(m->rings, rings), m->workers,
	       m->workers == 1 ? "" : "s", bytes_text(m->worker, worker), bytes_text(m->writer, writer),
	       bytes_text(m->queue, queue));
}

/* --- the whole ------------------------------------------------------------------------------------------------ */

static void memory_warnings(struct plan *p)
{
	const struct memory *m = &p->memory;
	char what[160];

	if (!m->machine || m->all <= m->machine / 100 * MEMORY_SHARE_MAX)
		return;
	snprintf(what, sizeof what, "the sensor may take %" PRIu64 " %% of this machine's memory: smaller rings, fewer workers or lower limits",
		 m->all / (m->machine / 100));
	warn(p, "", what, "");
}

static void print_plan(struct plan *p, const struct files_finding *files, size_t n)
{
	static struct iface now[CONFIG_INTERFACES_MAX];

	for (uint32_t i = 0; i < p->config->interface_count; i++)
		iface_read(p->config->interfaces[i].name, &now[i]);
	interfaces(p, now);
	sinks(p);
	settings(p);
	memory_line(p);
	printf("\n");
	for (uint32_t i = 0; i < p->config->interface_count; i++)
		interface_warnings(p, &p->config->interfaces[i], &now[i]);
	memory_warnings(p);
	for (uint32_t i = 0; i < p->config->sink_count; i++)
		sink_warnings(p, &p->config->sinks[i]);
	for (size_t i = 0; i < n; i++) {
		if (!files[i].trouble)
			warn(p, "", files[i].what, files[i].remedy);
	}
	if (p->warnings)
		printf("%u warning%s.\n", p->warnings, p->warnings == 1 ? "" : "s");
	else
		printf("No warnings.\n");
}

/* What keeps the sensor from its work, on stderr. */
static int trouble(const struct files_finding *files, size_t n)
{
	int status = EXIT_DONE;

	for (size_t i = 0; i < n; i++) {
		if (!files[i].trouble)
			continue;
		status = EXIT_OPERATION;
		fprintf(stderr, "zonetap check: ");
		escaped(files[i].what, stderr);
		if (files[i].remedy[0]) {
			fprintf(stderr, "\n    ");
			escaped(files[i].remedy, stderr);
		}
		fprintf(stderr, "\n");
	}
	return status;
}

static int judge(const struct sensor_config *config, const struct policy *policy, bool quiet)
{
	static struct files_finding files[FILES_FINDINGS_MAX];
	struct plan p = { .config = config, .policy = policy, .term = term_of(STDOUT_FILENO) };
	size_t n = files_check(config, files);
	struct diag d;

	if (memory_weigh(config, policy, &p.memory, &d) != ZT_OK) {
		fprintf(stderr, "zonetap check: %s\n", d.text);
		return EXIT_OPERATION;
	}
	if (!quiet)
		print_plan(&p, files, n);
	fflush(stdout);
	return trouble(files, n);
}

int check_config(const char *file, bool quiet)
{
	static struct complaints errs;
	struct sensor_config *config = config_load(file, &errs);
	struct policy *policy = config ? policy_load(config->site, config->rules.v, config->rules.n, &errs) : NULL;
	int status = EXIT_USAGE;

	if (policy && config_fits_policy(config, policy, &errs))
		status = judge(config, policy, quiet);
	else
		complaints_print(&errs);
	policy_free(policy);
	config_free(config);
	return status;
}
