/* cmd_alerts.c - `zonetap alerts`: what is in the database, as a list or explained one by one. */
#include "alert/store.h"
#include "base/names.h"
#include "cli/alert_out.h"
#include "cli/command.h"
#include "cli/options.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct found {                          /* of `show`: the alert that is meant, and how many fit */
	unsigned n;
	char uid[64], run[80];
};

static bool remember(void *arg, const struct store_alert *a, const char *run)
{
	struct found *f = arg;

	if (f->n++ == 0) {
		snprintf(f->uid, sizeof f->uid, "%s", a->uid);
		snprintf(f->run, sizeof f->run, "%s", run);
	}
	return true;
}

static void paragraph(const struct alert_out *o, const char *label, const char *value)
{
	if (!value || !value[0])
		return;
	printf("\n%s%s%s\n", term_paint(&o->term, PAINT_BOLD), label, term_plain(&o->term, PAINT_BOLD));
	alert_out_wrapped(&o->term, 2, value);
}

static bool show_columns(void *arg, const struct store_alert *a, const char *run)
{
	struct alert_out *o = arg;
	enum paint p = term_severity(a->severity_level);
	char from[24], to[24], text[64];

	printf("%s%s%s  %s\n", term_paint(&o->term, p), a->severity, term_plain(&o->term, p), a->title);
	alert_out_wrapped(&o->term, 2, a->text);
	putchar('\n');
	alert_out_line("who", a->client);
	alert_out_line("whom", a->server);
	alert_out_line("protocol", a->proto);
	alert_out_line("operation", a->op);
	alert_out_line("amounts to", a->act);
	alert_out_line("outcome", a->outcome);
	snprintf(text, sizeof text, "%" PRIu64, a->count);
	alert_out_line("count", text);
	alert_out_line("first seen", alert_out_time(a->first_ns, from));
	alert_out_line("last seen", alert_out_time(a->last_ns, to));
	alert_out_line("rule", a->rule);
	alert_out_line("class", a->class_word);
	alert_out_line("alert", a->uid);
	alert_out_line("run", run);
	return true;
}

static void show_evidence(const struct store_explain *e)
{
	char text[64], view[160];

	alert_out_line("capture", e->capture);
	alert_out_line("SHA-256", e->sha256);
	snprintf(text, sizeof text, "%" PRIu32 " to %" PRIu32, e->first_frame, e->last_frame);
	alert_out_line("frames", text);
	alert_out_line("between", e->frames);
	if (e->last_frame == e->first_frame)
		snprintf(view, sizeof view, "open the capture in a packet viewer with: frame.number == %" PRIu32, e->first_frame);
	else
		snprintf(view, sizeof view, "open the capture in a packet viewer with: frame.number >= %" PRIu32
			 " && frame.number <= %" PRIu32, e->first_frame, e->last_frame);
	alert_out_line("to see it", view);
}

static void show_rest(void *arg, const struct store_explain *e)
{
	const struct alert_out *o = arg;
	char where[320];

	snprintf(where, sizeof where, "%s to %s", e->client_zone ? e->client_zone : "no zone",
		 e->server_zone ? e->server_zone : "no zone");
	alert_out_line("where", e->client_zone || e->server_zone ? where : NULL);
	alert_out_line("port", e->server_port);
	alert_out_line("function", e->func);
	alert_out_line("target", e->target);
	alert_out_line("value", e->value);
	alert_out_line("status", e->status);
	alert_out_line("site", e->site);
	alert_out_line("also met", e->also);
	printf("\n%sEvidence%s\n", term_paint(&o->term, PAINT_BOLD), term_plain(&o->term, PAINT_BOLD));
	show_evidence(e);
	paragraph(o, "What it is", e->description);
	paragraph(o, "Why it matters", e->why);
	paragraph(o, "What to do", e->advice);
	paragraph(o, "MITRE ATT&CK for ICS", e->attack);
	paragraph(o, "IEC 62443-3-3: evidence relevant to", e->iec62443);
}

static int show(struct store *s, struct store_filter *f, const char *id, struct alert_out *o, struct diag *d)
{
	struct found found = { 0 };
	int err;

	f->uid = id;
	err = store_alerts(s, f, remember, &found, d);
	if (err)
		return err;
	if (!found.n)
		return diag_fail(d, ZT_ENOENT, "no alert begins with '%s': `zonetap alerts` lists them", id);
	if (found.n > 1)
		return diag_fail(d, ZT_EINVAL, "%u alerts begin with '%s': give more of it", found.n, id);
	if (o->format == ALERTS_JSONL)
		return store_alerts(s, f, alert_out, o, d);
	err = store_alerts(s, f, show_columns, o, d);
	return err ? err : store_explain(s, f, found.run, found.uid, show_rest, o, d);
}

static int list(struct store *s, const struct store_filter *f, struct alert_out *o, struct diag *d)
{
	int err = store_alerts(s, f, alert_out, o, d);

	if (!err && !o->printed && o->format == ALERTS_TEXT)
		puts("no alerts");
	return err;
}

/* The word behind `alerts`: list when there is none. -1: wrong, and said. */
static int what_to_do(const struct operands *rest)
{
	static const char *const words[] = { "list", "show", NULL };
	const char *word = rest->n ? rest->v[0] : "list";

	for (int i = 0; words[i]; i++) {
		if (strcmp(word, words[i]) != 0)
			continue;
		if (i == 1 && rest->n != 2)
			options_wrong("alerts", "show wants the id of one alert");
		else if (i == 0 && rest->n > 1)
			options_wrong("alerts", "list takes no operand: '%s'", rest->v[1]);
		else
			return i;
		return -1;
	}
	const char *near = name_nearest(word, words);

	options_wrong("alerts", "unknown word '%s'%s%s%s", word, near ? ": did you mean '" : "", near ? near : "",
		      near ? "'?" : "");
	return -1;
}

int cmd_alerts(int argc, char **argv)
{
	static const char *const formats[] = { "text", "jsonl", NULL };
	static const char *const severities[] = { "info", "low", "medium", "high", "critical", NULL };
	struct store_filter f = { 0 };
	const char *db = "zonetap.db";
	unsigned format = 0;
	const struct option options[] = {
		{ .name = "db", .type = OPTION_TEXT, .arg = "FILE", .help = "database to read (zonetap.db)", .to = &db },
		{ .name = "severity", .type = OPTION_WORD, .arg = "SEVERITY", .help = "only alerts at least so severe", .to = &f.least_severity, .words = severities },
		{ .name = "rule", .type = OPTION_TEXT, .arg = "ID", .help = "only alerts of this rule", .to = &f.rule },
		{ .name = "host", .type = OPTION_TEXT, .arg = "ADDRESS|NAME", .help = "only alerts of which this is the client or the server", .to = &f.address },
		{ .name = "run", .type = OPTION_TEXT, .arg = "ID", .help = "only this run; otherwise of each set of captures the run stored last", .to = &f.run },
		{ .name = "format", .type = OPTION_WORD, .arg = "FORMAT", .help = "how to print them", .to = &format, .words = formats },
		{ 0 },
	};
	struct operands rest;
	struct alert_out out;
	struct diag d;
	int status, what, err;

	if (!options_parse(options, argc, argv, 0, 2, &rest, &status))
		return status;
	what = what_to_do(&rest);
	if (what < 0)
		return EXIT_USAGE;
	struct store *s = store_open(db, STORE_READ, &d);

	alert_out_init(&out, format);
	err = !s ? ZT_EIO : what == 1 ? show(s, &f, rest.v[1], &out, &d) : list(s, &f, &out, &d);
	store_close(s);
	if (err)
		fprintf(stderr, "zonetap: alerts: %s\n", d.text);
	return alert_out_fini("alerts") && !err ? EXIT_DONE : EXIT_OPERATION;
}
