/* cmd_replay.c - `zonetap replay`: captures in, alerts out. */
#include "alert/store.h"
#include "cli/alert_out.h"
#include "cli/captures.h"
#include "cli/command.h"
#include "cli/options.h"
#include "cli/replay_forward.h"
#include "engine/run.h"
#include "engine/writer.h"
#include "inventory/geo.h"
#include "policy/policy.h"
#include "sensor/config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define GIVE_UP_S 60

struct replay {
	struct policy *policy;
	struct store *store;
	struct writer *writer;
	struct geo *geo;                /* NULL: addresses are not looked up */
	struct run_result result;
	const char *db;
	unsigned format, fail_on;       /* fail_on: enum severity, SEV_COUNT never */
	bool known;
	const char *config;             /* with its sinks; NULL: nothing is forwarded */
	struct replay_forward *forward;
	uint64_t give_up_s;
};

static void on_event(void *arg, const struct ot_event *ev)
{
	writer_event(((struct replay *)arg)->writer, ev);
}

static void on_flow(void *arg, const struct ot_head *first, const struct flow_facts *facts)
{
	struct replay *r = arg;

	geo_refresh(r->geo);
	writer_flow(r->writer, first, facts);
}

static void on_count(void *arg, const struct ot_event *like, uint64_t n, uint64_t first_ns, uint64_t last_ns)
{
	writer_count(((struct replay *)arg)->writer, like, n, first_ns, last_ns);
}

static void on_no_answer(void *arg, uint64_t req_seq, uint16_t capture, uint32_t frame, uint16_t pdu, uint64_t now_ns,
			 bool other_side_seen)
{
	(void)req_seq;
	writer_no_answer(((struct replay *)arg)->writer, capture, frame, pdu, now_ns, other_side_seen);
}

static int load_policy(struct replay *r, const char *site, const struct option_texts *rules)
{
	struct complaints errs = { 0 };

	r->policy = policy_load(site, rules->v, rules->n, &errs);
	if (r->policy)
		return EXIT_DONE;
	complaints_print(&errs);
	return EXIT_USAGE;
}

static bool start(struct replay *r, const struct operands *captures, struct diag *d)
{
	r->writer = r->store ? writer_new(r->policy, r->store, NULL, d) : NULL;
	if (!r->writer)
		return false;
	for (int i = 0; i < captures->n; i++) {
		if (writer_capture(r->writer, (uint16_t)i, captures->v[i], NULL, d) != ZT_OK)
			return false;
	}
	return true;
}

static uint64_t events_of(const struct worker_counts *c)
{
	uint64_t n = 0;

	for (unsigned i = 0; i < PROTO_COUNT; i++)
		n += c->talk.events[i];
	return n;
}

/* What became of each capture, and the end of the run. */
static bool finish(struct replay *r, struct diag *d)
{
	struct writer_totals totals = { .packets = r->result.packets, .events = events_of(&r->result.counts) };

	for (uint32_t i = 0; i < source_captures(r->result.source); i++) {
		const struct capture_info *c = source_capture(r->result.source, i);

		writer_capture_done(r->writer, (uint16_t)i, &(struct writer_capture_end){
			.sha256 = c->sha256, .bytes = c->bytes, .packets = c->packets,
			.error = c->status == CAPTURE_OK ? NULL : c->reason,
		});
	}
	return writer_finish(r->writer, &totals, &r->known, d) == ZT_OK;
}

static void spent(const char *what, uint64_t n)
{
	if (n)
		fprintf(stderr, "zonetap: replay: %s: %llu times\n", what, (unsigned long long)n);
}

/* Limits that were reached: said once, whatever the format. */
static void say_limits(const struct replay *r, const struct writer_summary *s)
{
	spent("too many flows at once: the oldest was given up", r->result.counts.flows_evicted);
	spent("too much held back at once: something was let go", r->result.counts.buffers_spent);
	spent("too many requests open at once: the oldest was given up", r->result.counts.talk.txns_spent +
								r->result.counts.talk.parts_spent);
	spent("too many conversations decoded at once: one was not", r->result.counts.talk.talks_spent);
	spent("too many applications looked for at once: the oldest was given up", r->result.counts.classify_crowded);
	spent("too little memory for what applications said: less of it was looked at", r->result.counts.classify_spent);
	spent("too many alerts open at once: the quietest was ended", s->alerts_evicted);
	spent("too many operations waiting for their answer: an outcome is not known", s->waiting_evicted);
	spent("too many thresholds counted at once: the quietest was forgotten", s->thresholds_evicted);
	spent("too many targets: one was not counted", s->targets_dropped);
	spent("too many assets: one, or what it said, was not kept", s->assets_refused);
	spent("too many conversations: one was not kept", s->conversations_refused);
	spent("too many services: one was not kept", s->services_refused);
}

static void say_summary(const struct replay *r, const struct writer_summary *s)
{
	const struct worker_counts *c = &r->result.counts;

	if (s->alerts)
		putchar('\n');
	printf("%llu packets, %llu messages understood, %llu flows; %u assets, %u conversations\n",
	       (unsigned long long)r->result.packets, (unsigned long long)events_of(c), (unsigned long long)c->flows,
	       s->assets, s->conversations);
	printf("%llu alert%s", (unsigned long long)s->alerts, s->alerts == 1 ? "" : "s");
	for (unsigned i = SEV_COUNT, said = 0; i-- > 0;) {
		if (s->by_severity[i])
			printf("%s%llu %s", said++ ? ", " : ": ", (unsigned long long)s->by_severity[i], severity_word(i));
	}
	putchar('\n');
	if (c->copies)
		printf("%llu packets were copies made by the mirror\n", (unsigned long long)c->copies);
	if (c->talk.lost_step)
		printf("%llu times a stream did not follow its protocol, and was picked up again\n",
		       (unsigned long long)c->talk.lost_step);
	if (r->db && r->known)
		printf("this run is in %s already: nothing was changed%s (run %.12s)\n", r->db, r->forward ? ", nothing new is forwarded" : "",
		       s->run);
	else if (r->db)
		printf("stored in %s (run %.12s)\n", r->db, s->run);
}

static bool at_least(const struct writer_summary *s, unsigned severity)
{
	for (unsigned i = severity; i < SEV_COUNT; i++) {
		if (s->by_severity[i])
			return true;
	}
	return false;
}

static int report(struct replay *r, struct diag *d)
{
	const struct store_filter all = { .spool = true };
	struct writer_summary s;
	struct alert_out out;

	writer_summary(r->writer, &s);
	alert_out_init(&out, r->format);
	if (store_alerts(r->store, &all, alert_out, &out, d) != ZT_OK) {
		fprintf(stderr, "zonetap: replay: %s\n", d->text);
		return EXIT_OPERATION;
	}
	if (r->format == ALERTS_TEXT)
		say_summary(r, &s);
	if (!alert_out_fini("replay"))
		return EXIT_OPERATION;
	say_limits(r, &s);
	return r->fail_on < SEV_COUNT && at_least(&s, r->fail_on) ? EXIT_ALERTS : EXIT_DONE;
}

static int replay(struct replay *r, const struct operands *captures, unsigned workers)
{
	struct worker_hooks hooks = { r, on_event, on_flow, on_count, on_no_answer };
	struct run_config conf = { .captures = (const char *const *)captures->v, .ncaptures = (uint32_t)captures->n,
				   .hash = true, .workers = workers, .policy = r->policy,
				   .classify = true };
	int status = EXIT_OPERATION, sent;
	struct diag d;

	r->store = store_open(r->db, STORE_RUN, &d);
	if (r->store && r->config) {
		sent = replay_forward_start(r->config, r->db, r->give_up_s, &r->forward);
		if (sent != EXIT_DONE)
			return sent;
	}
	if (!start(r, captures, &d) || captures_run(&conf, &hooks, "replay", &r->result, &d) != ZT_OK) {
		fprintf(stderr, "zonetap: replay: %s\n", d.text);
		return status;
	}
	if (!finish(r, &d))
		fprintf(stderr, "zonetap: replay: %s\n", d.text);
	else
		status = report(r, &d);
	if (r->forward && status != EXIT_OPERATION) {
		sent = replay_forward_finish(r->forward, r->format == ALERTS_TEXT);
		status = sent == EXIT_DONE ? status : sent;
	}
	if (captures_report(&r->result))
		status = EXIT_OPERATION;
	return status;
}

int cmd_replay(int argc, char **argv)
{
	static const char *const formats[] = { "text", "jsonl", NULL };
	static const char *const severities[] = { "info", "low", "medium", "high", "critical", NULL };
	struct replay r = { .fail_on = SEV_COUNT, .give_up_s = GIVE_UP_S };
	struct option_texts rules = { 0 }, geo = { 0 };
	const char *site = NULL, *config = NULL;
	bool forward = false;
	uint64_t workers = 1;
	const struct option options[] = {
		{ .name = "site", .type = OPTION_TEXT, .arg = "FILE", .help = "zones, assets and conduits of the plant", .to = &site },
		{ .name = "rules", .type = OPTION_TEXTS, .arg = "FILE|DIR", .help = "rules to use instead of the shipped ones", .to = &rules },
		{ .name = "geo", .type = OPTION_TEXTS, .arg = "FILE", .help = "database of countries or networks of public addresses", .to = &geo },
		{ .name = "db", .type = OPTION_TEXT, .arg = "FILE", .help = "database to store the run in; made when missing", .to = &r.db },
		{ .name = "workers", .type = OPTION_NUMBER, .arg = "N", .help = "threads that decode; the answer is the same", .to = &workers, .min = 1, .max = RUN_WORKERS_MAX },
		{ .name = "format", .type = OPTION_WORD, .arg = "FORMAT", .help = "how to print the alerts", .to = &r.format, .words = formats },
		{ .name = "forward", .type = OPTION_FLAG, .help = "send the alerts that are stored to the sinks of the configuration", .to = &forward },
		{ .name = "config", .letter = 'c', .type = OPTION_TEXT, .arg = "FILE", .help = "configuration that has the sinks (with --forward); " CONFIG_DEFAULT " by default", .to = &config },
		{ .name = "give-up", .type = OPTION_NUMBER, .arg = "SECONDS", .help = "how long to try a receiver that takes nothing (with --forward)", .to = &r.give_up_s, .min = 1, .max = 86400 },
		{ .name = "fail-on", .type = OPTION_WORD, .arg = "SEVERITY", .help = "leave with status 3 when an alert is at least so severe", .to = &r.fail_on, .words = severities },
		{ 0 },
	};
	struct operands rest;
	int status;

	if (!options_parse(options, argc, argv, 1, -1, &rest, &status))
		return status;
	if (config && !forward)
		return options_wrong("replay", "--config goes with --forward: its sinks are all that is taken from it");
	if (forward && !r.db)
		return options_wrong("replay", "--forward needs --db: what is not delivered at once waits there");
	r.config = forward ? config ? config : CONFIG_DEFAULT : NULL;
	status = load_policy(&r, site, &rules);
	if (status == EXIT_DONE) {
		r.geo = geo_new(geo.v, geo.n, captures_say, (void *)"replay");
		policy_use_geo(r.policy, r.geo);
	}
	if (status == EXIT_DONE)
		status = replay(&r, &rest, (unsigned)workers);
	replay_forward_free(r.forward);
	writer_free(r.writer);
	store_close(r.store);
	policy_free(r.policy);
	geo_free(r.geo);
	return status;
}
