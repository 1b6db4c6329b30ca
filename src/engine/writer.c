#include "engine/writer.h"

#include "alert/alert.h"
#include "alert/alert_json.h"
#include "alert/store.h"
#include "alert/text.h"
#include "base/clock.h"
#include "engine/flow_event.h"
#include "engine/writer_live.h"
#include "engine/writer_store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct writer_limits defaults = {
	.alerts = WRITER_ALERTS, .waiting = WRITER_WAITING, .thresholds = WRITER_THRESHOLDS, .assets = WRITER_ASSETS,
	.conversations = WRITER_CONVERSATIONS, .pairs = WRITER_PAIRS,
	.services = 65536,
};
#define HITS_MAX 65536          /* matches remembered by all thresholds together */
#define JSON_MAX 262144         /* bytes of one alert */
#define TEXT_MAX 8192

static void tell(void *arg, const struct alert *a, uint64_t now_ns);

static uint32_t limit(uint32_t given, uint32_t otherwise)
{
	return given ? given : otherwise;
}

struct writer *writer_new(const struct policy *policy, struct store *store, const struct writer_limits *limits,
			  struct diag *d)
{
	struct writer_limits l = limits ? *limits : defaults;
	struct writer *w = calloc(1, sizeof *w);

	if (!w) {
		diag_fail(d, ZT_ENOMEM, "out of memory");
		return NULL;
	}
	const struct alerts_config c = {
		.open = limit(l.alerts, defaults.alerts), .waiting = limit(l.waiting, defaults.waiting),
		.counters = limit(l.thresholds, defaults.thresholds), .hits = HITS_MAX, .tell = tell, .arg = w,
	};

	w->policy = policy;
	w->store = store;
	sbuf_init(&w->json, JSON_MAX);
	sbuf_init(&w->text, TEXT_MAX);
	sbuf_init(&w->client, TEXT_MAX);
	sbuf_init(&w->server, TEXT_MAX);
	w->rule_stored = calloc(UINT16_MAX + 1u, sizeof *w->rule_stored);      /* whatever policy follows */
	w->alerts = alerts_new(policy, &c);
	w->assets = assets_new(limit(l.assets, defaults.assets));
	w->conversations = conversations_new(limit(l.conversations, defaults.conversations),
					     limit(l.pairs, defaults.pairs));
	w->services = services_new(limit(l.services, defaults.services));
	if (!w->services || !w->rule_stored || !w->alerts || !w->assets || !w->conversations) {
		diag_fail(d, ZT_ENOMEM, "out of memory");
		writer_free(w);
		return NULL;
	}
	return w;
}

void writer_free(struct writer *w)
{
	if (!w)
		return;
	alerts_free(w->alerts);
	assets_free(w->assets);
	conversations_free(w->conversations);
	services_free(w->services);
	free(w->rule_stored);
	free(w->asset_kept);
	free(w->conversation_kept);
	free(w->capture);
	free(w->replace);
	free(w->replace_text);
	sbuf_fini(&w->json);
	sbuf_fini(&w->text);
	sbuf_fini(&w->client);
	sbuf_fini(&w->server);
	free(w);
}

/* --- captures ------------------------------------------------------------------------------ */

int writer_capture(struct writer *w, uint16_t capture, const char *name, const char *sha256, struct diag *d)
{
	if (capture >= w->captures) {
		uint32_t n = capture + 1u;
		struct writer_capture *v = realloc(w->capture, n * sizeof *v);

		if (!v)
			return diag_fail(d, ZT_ENOMEM, "out of memory");
		memset(v + w->captures, 0, (n - w->captures) * sizeof *v);
		w->capture = v;
		w->captures = n;
	}
	struct writer_capture *c = &w->capture[capture];
	const char *slash = strrchr(name, '/');

	*c = (struct writer_capture){ .used = true };
	snprintf(c->name, sizeof c->name, "%s", slash && slash[1] ? slash + 1 : name);
	snprintf(c->sha256, sizeof c->sha256, "%s", sha256 ? sha256 : "");
	return ZT_OK;
}

void writer_capture_done(struct writer *w, uint16_t capture, const struct writer_capture_end *end)
{
	struct writer_capture *c = capture < w->captures ? &w->capture[capture] : NULL;

	if (!c || !c->used)
		return;
	if (end->sha256)
		snprintf(c->sha256, sizeof c->sha256, "%s", end->sha256);
	snprintf(c->error, sizeof c->error, "%s", end->error ? end->error : "");
	c->bytes = end->bytes;
	c->packets = end->packets;
	c->first_ns = end->first_ns;
	c->last_ns = end->last_ns;
}

const char *writer_capture_name(const void *arg, uint16_t capture)
{
	const struct writer *w = arg;

	return capture < w->captures && w->capture[capture].used ? w->capture[capture].name : "";
}

/* What is not known before the end stands in the JSON as text that no wire text can be: raw control characters
 * never pass the JSON writer. It is replaced before anybody sees it. */
const char *writer_sha_later(const void *arg, uint16_t capture)
{
	struct writer *w = (struct writer *)arg;

	snprintf(w->later, sizeof w->later, "\x01%u\x02", capture);
	return w->later;
}

/* --- alerts --------------------------------------------------------------------------------- */

static const char *site_asset_name(const struct writer *w, const struct ot_side *s)
{
	const struct site_asset *a = policy_asset(w->policy, s->asset);

	return a ? a->name : NULL;
}

static void keep_rule(struct writer *w, uint16_t rule)
{
	const struct rule *r = policy_rule(w->policy, rule);

	if (!w->store || w->rule_stored[rule])
		return;
	w->rule_stored[rule] = true;
	store_rule(w->store, &(struct store_rule){ .id = r->id, .title = r->title, .description = r->description,
						   .why = r->why, .advice = r->advice }, NULL);
}

/* A revision goes to the store, which keeps the first failure for the end. */
static void tell(void *arg, const struct alert *a, uint64_t now_ns)
{
	struct writer *w = arg;
	const struct rule *r = policy_rule(w->policy, a->rule);
	const struct ot_side *client = ot_client(&a->first), *server = ot_server(&a->first);
	const struct alert_names names = {
		.policy = w->policy, .sensor = w->live ? w->live->sensor : "replay", .capture = writer_capture_name,
		.sha256 = writer_sha_later, .run = w->live ? w->live->run_json : WRITER_RUN_LATER, .arg = w,
		.live = w->live != NULL,
	};
	bool traffic = a->stage != STAGE_HEALTH;
	bool asks = traffic && a->stage != STAGE_FLOW &&
		    !(a->stage == STAGE_HISTORY && (a->history.new_asset || history_of_flow(&a->history)));
	char uid[ALERT_UID_TEXT], client_ip[ADDR_TEXT], server_ip[ADDR_TEXT];
	struct json j;

	sbuf_reset(&w->json);
	sbuf_reset(&w->text);
	sbuf_reset(&w->client);
	sbuf_reset(&w->server);
	alert_uid(w->policy, a, uid);
	alert_text(&w->text, w->policy, a);
	if (traffic) {
		alert_side_text(&w->client, w->policy, client);
		alert_side_text(&w->server, w->policy, server);
	}
	json_init(&j, &w->json);
	alert_json(&j, a, uid, sbuf_text(&w->text), &names);
	keep_rule(w, a->rule);
	const struct store_alert row = {
		.serial = a->serial, .rev = a->rev, .uid = uid, .rule = r->id, .title = r->title,
		.class_word = r->class_word, .severity = severity_word(a->severity), .severity_level = a->severity,
		.client = sbuf_text(&w->client), .server = sbuf_text(&w->server),
		.client_ip = traffic ? addr_text(&client->ip, client_ip) : NULL,
		.server_ip = traffic ? addr_text(&server->ip, server_ip) : NULL,
		.client_asset = site_asset_name(w, client), .server_asset = site_asset_name(w, server),
		.proto = a->first.proto ? ot_proto_word(a->first.proto) : NULL,
		.op = asks ? ot_op_word(a->first.op) : NULL,
		.act = asks && a->first.act ? ot_act_word(a->first.act) : NULL,
		.outcome = alert_outcome_word(a->outcome), .text = sbuf_text(&w->text), .count = a->count,
		.first_ns = clock_told(a->first_ns), .last_ns = clock_told(a->last_ns), .ts_ns = clock_told(now_ns),
		.ended = a->ended, .json = sbuf_text(&w->json),
	};
	if (w->store)
		store_alert(w->store, &row, NULL);
	if (w->live && w->live->told)
		w->live->told(w->live->arg, &row);
}

static void judge_history(struct writer *w, const struct ot_event *ev, const struct history_facts *facts)
{
	const struct judged j = { .ev = ev, .history = facts };
	uint16_t match[OT_MATCH_MAX];
	unsigned n = policy_judge_stage(w->policy, STAGE_HISTORY, &j, match, OT_MATCH_MAX);

	if (w->learning)
		w->silent += n > 0;
	else if (n)
		alerts_judged(w->alerts, STAGE_HISTORY, &j, match, n);
}

/* --- what arrives ---------------------------------------------------------------------------- */

static void clock_at(struct writer *w, uint64_t ts_ns)
{
	if (!w->first_ns || ts_ns < w->first_ns)
		w->first_ns = ts_ns;
	if (ts_ns > w->last_ns)
		w->last_ns = ts_ns;
}

static uint32_t see(struct writer *w, const struct ot_event *ev, const struct ot_side *side)
{
	bool is_new;
	uint32_t asset = assets_see(w->assets, &ev->head, side, &is_new);

	if (is_new)
		judge_history(w, ev, &(struct history_facts){ .new_asset = true, .subject = side });
	return asset;
}

static bool answers(const struct writer *w, uint32_t asset)
{
	const struct asset *a = assets_at(w->assets, asset);

	return a && a->as_server;
}

/* Other traffic of a machine that is known to answer an industrial protocol. */
static void judge_foreign(struct writer *w, const struct judged *j, uint32_t src, uint32_t dst)
{
	const struct history_facts facts = { .foreign = true };
	const struct judged h = { .ev = j->ev, .flow = j->flow, .history = &facts };
	uint16_t match[OT_MATCH_MAX];
	unsigned n;

	if (!j->flow->is_new || (j->flow->ip_proto != 6 && j->flow->ip_proto != 17) || src == ASSET_NONE || dst == ASSET_NONE ||
	    (!answers(w, src) && !answers(w, dst)) || flow_industrial_port(j->flow->server_port))
		return;
	n = policy_judge_stage(w->policy, STAGE_HISTORY, &h, match, OT_MATCH_MAX);
	if (n)
		alerts_judged(w->alerts, STAGE_HISTORY, &h, match, n);
}

/* A machine answers with something it never answered with. Who was just seen for the first time says nothing by it,
 * and a port above the well-known ones may be anybody's. */
static void judge_service(struct writer *w, const struct judged *j, uint32_t server)
{
	const struct history_facts facts = { .new_service = true };
	const struct judged h = { .ev = j->ev, .flow = j->flow, .history = &facts };
	const struct flow_facts *f = j->flow;
	uint16_t match[OT_MATCH_MAX];
	unsigned n;

	if (!f->decided || f->ip_proto != 6 || !f->answered || server == ASSET_NONE ||
	    (f->app == APP_NONE && f->server_port >= 1024 && !flow_industrial_port(f->server_port)) ||
	    !services_see(w->services, assets_at(w->assets, server)->serial, f->ip_proto, f->app, f->server_port) ||
	    j->ev->head.ts_ns < assets_at(w->assets, server)->run_ns + SERVICE_KNOWN_NS)
		return;
	n = policy_judge_stage(w->policy, STAGE_HISTORY, &h, match, OT_MATCH_MAX);
	if (w->learning)
		w->silent += n > 0;
	else if (n)
		alerts_judged(w->alerts, STAGE_HISTORY, &h, match, n);
}

void writer_flow(struct writer *w, const struct ot_head *first, const struct flow_facts *flow)
{
	struct flow_facts facts = *flow;
	struct ot_event *ev = &w->bare;
	const struct judged j = { .ev = ev, .flow = &facts };
	uint16_t match[OT_MATCH_MAX];
	uint32_t src, dst;
	unsigned n;

	flow_event(ev, first, &facts);
	clock_at(w, first->ts_ns);
	src = see(w, ev, &ev->head.src);
	dst = see(w, ev, &ev->head.dst);
	n = policy_judge_stage(w->policy, STAGE_FLOW, &j, match, OT_MATCH_MAX);
	if (n)
		alerts_judged(w->alerts, STAGE_FLOW, &j, match, n);
	judge_foreign(w, &j, src, dst);
	judge_service(w, &j, ot_server(ev) == &ev->head.src ? src : dst);
}

void writer_event(struct writer *w, const struct ot_event *ev)
{
	bool asks = ev->dir != DIR_RESPONSE || !(ev->has & HAS_REQUEST);
	uint32_t client, server;

	clock_at(w, ev->head.ts_ns);
	if (ev->flags & EV_COUNTED && !(ev->has & HAS_IDENTITY)) {      /* the inventory has it: writer_count() */
		alerts_event(w->alerts, ev);
		return;
	}
	client = see(w, ev, ot_client(ev));
	server = see(w, ev, ot_server(ev));
	if (asks) {
		assets_role(w->assets, client, ev->proto, true);
		assets_role(w->assets, server, ev->proto, false);
	}
	if (ev->has & HAS_IDENTITY)
		assets_identity(w->assets, &ev->head.src == ot_client(ev) ? client : server, ev);
	if (asks) {
		struct conversation_news news = conversations_see(w->conversations, ev);

		if (news.new_client || news.new_conversation)
			judge_history(w, ev, &(struct history_facts){ .new_client = news.new_client,
								      .new_conversation = news.new_conversation });
	}
	alerts_event(w->alerts, ev);
}

void writer_count(struct writer *w, const struct ot_event *representative, uint64_t n, uint64_t first_ns, uint64_t last_ns)
{
	struct ot_head last = representative->head;
	bool is_new;

	last.ts_ns = last_ns;           /* both were there as long as they kept repeating themselves */
	(void)assets_see(w->assets, &last, &last.src, &is_new);
	(void)assets_see(w->assets, &last, &last.dst, &is_new);
	conversations_count(w->conversations, representative, n, first_ns, last_ns);
}

void writer_no_answer(struct writer *w, uint16_t req_capture, uint32_t req_frame, uint16_t req_pdu, uint64_t now_ns,
		      bool other_side_seen)
{
	alerts_no_answer(w->alerts, req_capture, req_frame, req_pdu, now_ns, other_side_seen);
}

int writer_finish(struct writer *w, const struct writer_totals *totals, bool *known, struct diag *d)
{
	alerts_finish(w->alerts);
	return writer_store_run(w, totals, known, d);
}

void writer_summary(const struct writer *w, struct writer_summary *out)
{
	struct alerts_counts n;

	alerts_counts(w->alerts, &n);
	*out = (struct writer_summary){
		.alerts = n.made, .hits = n.hits, .assets = assets_count(w->assets),
		.conversations = conversations_rows(w->conversations), .alerts_evicted = n.open_evicted,
		.waiting_evicted = n.waiting_evicted, .thresholds_evicted = n.counters_evicted,
		.targets_dropped = n.targets_dropped, .assets_refused = assets_refused(w->assets),
		.conversations_refused = conversations_refused(w->conversations),
		.services_refused = services_refused(w->services),
	};
	memcpy(out->by_severity, n.by_severity, sizeof out->by_severity);
	memcpy(out->run, w->run, sizeof out->run);
}
