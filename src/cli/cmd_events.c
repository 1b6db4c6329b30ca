/* cmd_events.c - `zonetap events`: what was said, one line a thing. */
#include "base/json.h"
#include "base/names.h"
#include "cli/captures.h"
#include "cli/command.h"
#include "cli/event_out.h"
#include "cli/options.h"
#include "engine/flow_event.h"
#include "engine/merge.h"
#include "engine/run.h"
#include "expr/expr.h"
#include "inventory/geo.h"
#include "policy/policy.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct events {
	struct event_out out;
	struct merge *merge;            /* NULL: every event by itself */
	struct expr *filter;            /* NULL: all of them */
	const struct policy *policy;    /* NULL: no site */
	struct geo *geo;                /* NULL: addresses are not looked up */
	bool io, flows;
};

static bool wanted(const struct events *e, const struct ot_event *ev)
{
	return !e->filter || expr_eval(e->filter, &(struct judged){ .ev = ev, .geo = e->geo });
}

static void on_event(void *arg, const struct ot_event *ev)
{
	struct events *e = arg;

	if (ev->flags & EV_IO && !e->io)
		return;
	if (e->merge)
		merge_event(e->merge, ev);
	else if (wanted(e, ev))
		event_out(&e->out, ev, NULL);
}

static void on_flow(void *arg, const struct ot_head *first, const struct flow_facts *facts)
{
	struct events *e = arg;
	struct flow_facts f = *facts;
	struct ot_event ev;
	const struct judged j = { .ev = &ev, .flow = &f, .geo = e->geo };

	if (!e->flows || !f.decided)
		return;
	flow_event(&ev, first, &f);
	if (e->policy)
		f.verdict = (uint8_t)policy_flow_verdict(e->policy, &j);
	if (!e->filter || expr_eval(e->filter, &j))
		event_out_flow(&e->out, &ev, &f);
}

static void on_count(void *arg, const struct ot_event *like, uint64_t n, uint64_t first_ns, uint64_t last_ns)
{
	(void)arg;
	(void)like;
	(void)n;
	(void)first_ns;
	(void)last_ns;
}

static void on_no_answer(void *arg, uint64_t req_seq, uint16_t capture, uint32_t frame, uint16_t pdu, uint64_t now_ns,
			 bool other_side_seen)
{
	struct events *e = arg;

	(void)req_seq;
	(void)now_ns;
	if (e->merge)
		merge_no_answer(e->merge, capture, frame, pdu, other_side_seen);
}

static void on_merged(void *arg, const struct ot_event *request, unsigned outcome, const struct ot_event *answer)
{
	struct events *e = arg;
	struct event_outcome merged = { .outcome = (uint8_t)outcome, .answer = answer };

	if (e->filter) {
		/* A filter sees the operation as it is printed: with the outcome that its answer gave it. */
		struct ot_event whole;

		ot_event_copy(&whole, request);
		whole.outcome = (uint8_t)outcome;
		if (answer) {
			whole.has |= answer->has & (HAS_STATUS | HAS_LATENCY);
			whole.status = answer->status;
			whole.status_name = answer->status_name;
			whole.latency_us = answer->latency_us;
		}
		if (!wanted(e, &whole))
			return;
	}
	event_out(&e->out, request, &merged);
}

static bool parse_omit(const char *list, uint64_t *omit)
{
	const char *const *members = event_members();

	while (list && *list) {
		size_t n = strcspn(list, ","), i = 0;
		char word[32] = { 0 };

		memcpy(word, list, n < sizeof word - 1 ? n : sizeof word - 1);
		while (members[i] && strcmp(members[i], word) != 0)
			i++;
		if (!members[i]) {
			const char *near = name_nearest(word, members);

			options_wrong("events", "--omit: no member of an event is called '%s'%s%s%s", word,
				      near ? ": did you mean '" : "", near ? near : "", near ? "'?" : "");
			return false;
		}
		*omit |= (uint64_t)1 << i;
		list += n + (list[n] == ',');
	}
	return true;
}

/* The site, when there is one, and the filter. false: mistakes, all said. */
static bool load(const char *site, const char *filter, struct policy **policy, struct events *e)
{
	struct complaints errs = { 0 };
	struct expr_errors wrong = { 0 };

	if (site && !(*policy = policy_load(site, NULL, 0, &errs))) {
		complaints_print(&errs);
		return false;
	}
	if (!filter)
		return true;
	e->filter = expr_compile(filter, strlen(filter), EXPR_FILTER, *policy ? policy_names(*policy) : NULL, &wrong);
	if (!e->filter)
		expr_errors_print(stderr, filter, &wrong);
	else if (expr_stage(e->filter) == STAGE_FLOW)
		e->flows = true;        /* it asks for what only flows have */
	return e->filter;
}

static const char *zone_name(const void *arg, uint16_t zone)
{
	const struct zone *z = policy_zone(arg, zone);

	return z ? z->name : NULL;
}

static const char *asset_name(const void *arg, uint32_t asset)
{
	const struct site_asset *a = policy_asset(arg, asset);

	return a ? a->name : NULL;
}

static const char *rule_id(const void *arg, uint16_t rule)
{
	const struct rule *r = policy_rule(arg, rule);

	return r ? r->id : NULL;
}

static int run(struct events *e, const struct operands *captures, unsigned workers, bool merged)
{
	struct worker_hooks hooks = { e, on_event, on_flow, on_count, on_no_answer };
	struct run_config conf = { .captures = (const char *const *)captures->v, .ncaptures = (uint32_t)captures->n,
				   .workers = workers, .policy = e->policy, .every_event = true, .classify = e->flows };
	struct run_result result;
	int status = EXIT_OPERATION;
	struct diag d;

	event_out_init(&e->out, conf.captures, conf.ncaptures);
	if (merged)
		e->merge = merge_new(on_merged, e);
	if (merged && !e->merge) {
		fprintf(stderr, "zonetap: events: out of memory\n");
	} else if (captures_run(&conf, &hooks, "events", &result, &d) != ZT_OK) {
		fprintf(stderr, "zonetap: events: %s\n", d.text);
	} else {
		if (e->merge)
			merge_finish(e->merge);
		status = captures_report(&result) ? EXIT_OPERATION : EXIT_DONE;
	}
	merge_free(e->merge);
	if (!event_out_fini(&e->out) && status == EXIT_DONE)
		status = EXIT_OPERATION;
	return status;
}

int cmd_events(int argc, char **argv)
{
	static const char *const formats[] = { "text", "jsonl", "csv", NULL };
	const char *site = NULL, *filter = NULL, *omit = NULL;
	struct option_texts geo = { 0 };
	uint64_t workers = 1;
	bool merged = false;
	struct events e = { 0 };
	const struct option options[] = {
		{ .name = "site", .type = OPTION_TEXT, .arg = "FILE", .help = "zones and conduits: names and verdicts on every event", .to = &site },
		{ .name = "geo", .type = OPTION_TEXTS, .arg = "FILE", .help = "database of countries or networks of public addresses", .to = &geo },
		{ .name = "filter", .type = OPTION_TEXT, .arg = "EXPRESSION", .help = "only what it is true for, as in 'op == write'", .to = &filter },
		{ .name = "workers", .type = OPTION_NUMBER, .arg = "N", .help = "threads that decode; the answer is the same", .to = &workers, .min = 1, .max = RUN_WORKERS_MAX },
		{ .name = "merge", .type = OPTION_FLAG, .help = "one line an operation: the request with its outcome", .to = &merged },
		{ .name = "flows", .type = OPTION_FLAG, .help = "also a line for each conversation that is not decoded: its application", .to = &e.flows },
		{ .name = "io", .type = OPTION_FLAG, .help = "class 0 and 1 input and output data as well", .to = &e.io },
		{ .name = "omit", .type = OPTION_TEXT, .arg = "LIST", .help = "members to leave out, with commas", .to = &omit },
		{ .name = "format", .type = OPTION_WORD, .arg = "FORMAT", .help = "how to print them", .to = &e.out.format, .words = formats },
		{ 0 },
	};
	struct policy *policy = NULL;
	struct operands rest;
	int status;

	if (!options_parse(options, argc, argv, 1, -1, &rest, &status))
		return status;
	if (!parse_omit(omit, &e.out.omit))
		return EXIT_USAGE;
	if (!load(site, filter, &policy, &e)) {
		status = EXIT_USAGE;
	} else if (e.flows && e.out.format == EVENT_CSV) {
		status = options_wrong("events", "--flows has no columns in CSV: use jsonl");
	} else {
		e.policy = policy;
		e.geo = geo_new(geo.v, geo.n, captures_say, (void *)"events");
		if (policy) {
			policy_use_geo(policy, e.geo);
			e.out.names = (struct event_names){ .arg = policy, .zone = zone_name, .asset = asset_name, .rule = rule_id };
		}
		status = run(&e, &rest, (unsigned)workers, merged);
	}
	expr_free(e.filter);
	policy_free(policy);
	geo_free(e.geo);
	return status;
}
