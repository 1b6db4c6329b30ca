#include "sensor/status.h"

#include "alert/store_live.h"
#include "base/clock.h"
#include "base/json.h"
#include "sensor/sink_status.h"

#include <config.h>
#include <inttypes.h>
#include <string.h>

#define SECOND UINT64_C(1000000000)
#define TALKERS_SHOWN 5

const char *status_port_word(enum port_state state)
{
	return state == PORT_UP ? "listening" : state == PORT_WAITING ? "waiting" : "opening";
}

void status_rates(const struct figures *now, const struct figures *past, struct status_rates *out)
{
	double s = now->at_ns > past->at_ns ? (double)(now->at_ns - past->at_ns) / (double)SECOND : 0;
	double packets = (double)(now->packets - past->packets), lost = (double)(figures_lost(now) - figures_lost(past));

	*out = (struct status_rates){ 0 };
	if (s <= 0)
		return;
	out->packets = packets / s;
	out->bits = (double)(now->bytes - past->bytes) * 8 / s;
	out->pdus = (double)(now->pdus - past->pdus) / s;
	out->lost_share = packets + lost > 0 ? lost / (packets + lost) : 0;
}

static uint64_t age_s(uint64_t since_ns)
{
	uint64_t now_ns = clock_now();

	return now_ns > since_ns ? (now_ns - since_ns) / SECOND : 0;
}

static uint64_t lost_alerts(const struct store_state *s)
{
	uint64_t n = 0;

	for (unsigned i = 0; i < SEV_COUNT; i++)
		n += s->lost[i];
	return n;
}

/* --- as JSON -------------------------------------------------------------------------------------- */

static void json_protocols(struct json *j, const struct figures *f)
{
	json_arr(j, "protocols");
	for (unsigned p = 1; p < PROTO_COUNT; p++) {
		if (!f->worker.talk.pdus[p])
			continue;
		json_obj(j, NULL);
		json_str(j, "proto", ot_proto_word(p));
		json_uint(j, "pdus", f->worker.talk.pdus[p]);
		json_uint(j, "events", f->worker.talk.events[p]);
		json_obj_end(j);
	}
	json_arr_end(j);
}

static void json_talkers(struct json *j, const struct figures *f)
{
	char ip[ADDR_TEXT];

	json_arr(j, "talkers");
	for (unsigned i = 0; i < f->talkers.n && i < TALKERS_SHOWN; i++) {
		json_obj(j, NULL);
		json_str(j, "ip", addr_text(&f->talkers.v[i].ip, ip));
		json_uint(j, "bytes", f->talkers.v[i].bytes);
		json_obj_end(j);
	}
	json_arr_end(j);
}

/* Every packet read is in exactly one of these. */
static void json_coverage(struct json *j, const struct figures *f)
{
	const struct decode_stats *d = &f->decode;

	json_obj(j, "coverage");
	json_uint(j, "followed", d->followed);
	json_uint(j, "not_ip", d->no_ip);
	json_uint(j, "fragments_held", d->fragment_held);
	json_uint(j, "cut", d->cut_header + d->fragment_cut);
	json_uint(j, "broken", d->bad_header + d->too_many_layers + d->fragment_bad);
	json_uint(j, "unknown_link", d->unknown_link);
	json_uint(j, "copies", f->worker.copies + d->fragment_copies);
	json_uint(j, "no_memory", d->fragment_no_memory);
	json_uint(j, "lost_step", f->worker.talk.lost_step);
	json_obj_end(j);
}

static void json_loss(struct json *j, const struct figures *f, const struct status_rates *r)
{
	json_obj(j, "loss");
	json_uint(j, "ring", f->ring_full);
	json_uint(j, "early", f->early);
	json_uint(j, "unread", f->unread);
	json_uint(j, "adapter", f->adapter_lost);
	json_uint(j, "handoff", f->handoff_full);
	json_uint(j, "findings", f->findings_lost);
	json_uint(j, "alerts", f->alerts_lost);
	json_real(j, "share", r->lost_share, 6);
	json_obj_end(j);
}

static void json_interface(struct json *j, const char *name, const struct figures *now, const struct figures *past)
{
	struct status_rates r;

	status_rates(now, past, &r);
	json_obj(j, NULL);
	json_str(j, "name", name);
	json_str(j, "state", status_port_word(now->port.state));
	if (now->port.reason[0])
		json_str(j, "reason", now->port.reason);
	json_uint(j, "since_s", age_s(now->port.since_ns));
	json_uint(j, "went_away", now->port.gone);
	json_uint(j, "received", now->received);
	json_uint(j, "packets", now->packets);
	json_uint(j, "bytes", now->bytes);
	json_uint(j, "pdus", now->pdus);
	json_real(j, "packets_per_s", r.packets, 1);
	json_real(j, "bits_per_s", r.bits, 0);
	json_real(j, "pdus_per_s", r.pdus, 1);
	json_loss(j, now, &r);
	json_coverage(j, now);
	json_protocols(j, now);
	json_talkers(j, now);
	json_obj_end(j);
}

static void json_database(struct json *j, struct store *store)
{
	struct store_state s;

	if (!store)
		return;
	store_live_state(store, &s);
	json_obj(j, "database");
	json_str(j, "state", store_health_word(s.health));
	if (s.why[0])
		json_str(j, "why", s.why);
	json_uint(j, "bytes", s.file_bytes + s.wal_bytes);
	json_uint(j, "queued", s.queued);
	json_uint(j, "lost_alerts", lost_alerts(&s));
	json_uint(j, "damaged", s.damaged);
	if (s.set_aside[0])
		json_str(j, "set_aside", s.set_aside);
	json_uint(j, "replaced", s.replaced);
	json_obj_end(j);
}

static void json_policy(struct json *j, const struct reload *r, const struct recorder_view *v)
{
	json_obj(j, "policy");
	json_str(j, "hash", policy_hash(r->now));
	json_str(j, "site", policy_site_name(r->now));
	json_uint(j, "age_s", age_s(r->loaded_ns));
	json_uint(j, "assets", policy_assets(r->now));
	json_uint(j, "assets_seen", v->site_assets);
	json_obj_end(j);
}

static void json_alerts(struct json *j, const struct recorder_view *v)
{
	json_obj(j, "alerts");
	json_uint(j, "total", v->summary.alerts);
	json_uint(j, "last_hour", v->last_hour);
	for (unsigned i = SEV_COUNT; i-- > 0;)
		json_uint(j, severity_word(i), v->summary.by_severity[i]);
	json_uint(j, "silent", v->silent);
	json_obj_end(j);
}

void status_json(const struct status *s, struct sbuf *out)
{
	struct json j;

	json_init(&j, out);
	json_obj(&j, NULL);
	json_str(&j, "sensor", s->config->sensor);
	json_str(&j, "version", PACKAGE_VERSION);
	json_time(&j, "time", clock_wall());
	json_uint(&j, "running_s", age_s(s->started_ns));
	json_bool(&j, "learning", s->view->learning);
	json_policy(&j, s->reload, s->view);
	json_arr(&j, "interfaces");
	for (unsigned i = 0; i < s->config->interface_count; i++)
		json_interface(&j, s->config->interfaces[i].name, &s->now[i], &s->past[i]);
	json_arr_end(&j);
	json_alerts(&j, s->view);
	json_uint(&j, "assets", s->view->summary.assets);
	json_uint(&j, "conversations", s->view->summary.conversations);
	json_database(&j, s->store);
	if (s->sinks)
		sink_status_json(s->sinks, s->config->sink_count, &j);
	json_obj_end(&j);
	sbuf_char(out, '\n');
}

/* --- for people ------------------------------------------------------------------------------------- */

void status_text_age(struct sbuf *out, uint64_t s)
{
	if (s >= 86400)
		sbuf_fmt(out, "%" PRIu64 " d %" PRIu64 " h", s / 86400, s % 86400 / 3600);
	else if (s >= 3600)
		sbuf_fmt(out, "%" PRIu64 " h %" PRIu64 " min", s / 3600, s % 3600 / 60);
	else if (s >= 60)
		sbuf_fmt(out, "%" PRIu64 " min", s / 60);
	else
		sbuf_fmt(out, "%" PRIu64 " s", s);
}

static void text_rate(struct sbuf *out, double v, const char *unit)
{
	static const char *const prefix[] = { "", "k", "M", "G" };
	unsigned k = 0;

	while (v >= 10000 && k < 3) {
		v /= 1000;
		k++;
	}
	sbuf_fmt(out, "%.*f %s%s", v < 10 && v > 0 ? 1 : 0, v, prefix[k], unit);
}

static void text_interface(struct sbuf *out, const char *name, const struct figures *now, const struct figures *past)
{
	struct status_rates r;
	const char *sep = "";

	status_rates(now, past, &r);
	sbuf_fmt(out, "\n%s: %s", name, status_port_word(now->port.state));
	if (now->port.reason[0]) {
		sbuf_str(out, " (");
		sbuf_escape(out, now->port.reason, strlen(now->port.reason));
		sbuf_char(out, ')');
	}
	sbuf_str(out, ", for ");
	status_text_age(out, age_s(now->port.since_ns));
	sbuf_str(out, "\n  now        ");
	text_rate(out, r.packets, "packets/s");
	sbuf_str(out, ", ");
	text_rate(out, r.bits, "bit/s");
	sbuf_str(out, ", ");
	text_rate(out, r.pdus, "messages/s");
	sbuf_fmt(out, "\n  in all     %" PRIu64 " packets, %" PRIu64 " messages", now->packets, now->pdus);
	sbuf_fmt(out, "\n  lost       %.4f %%; ring %" PRIu64 ", adapter %" PRIu64 ", on the way to a worker %" PRIu64
		      ", findings %" PRIu64, r.lost_share * 100, now->ring_full + now->unread, now->adapter_lost, now->handoff_full,
		 now->findings_lost);
	sbuf_fmt(out, "\n  coverage   %" PRIu64 " followed, %" PRIu64 " not IP, %" PRIu64 " copies, %" PRIu64 " broken or cut",
		 now->decode.followed, now->decode.no_ip, now->worker.copies, now->decode.bad_header + now->decode.cut_header);
	sbuf_str(out, "\n  protocols  ");
	for (unsigned p = 1; p < PROTO_COUNT; p++) {
		if (now->worker.talk.pdus[p]) {
			sbuf_fmt(out, "%s%s %" PRIu64, sep, ot_proto_word(p), now->worker.talk.pdus[p]);
			sep = ", ";
		}
	}
	sbuf_fmt(out, "%s\n  talkers    ", sep[0] ? "" : "none");
	for (unsigned i = 0; i < now->talkers.n && i < TALKERS_SHOWN; i++) {
		char ip[ADDR_TEXT];

		sbuf_fmt(out, "%s%s", i ? ", " : "", addr_text(&now->talkers.v[i].ip, ip));
	}
	sbuf_str(out, now->talkers.n ? "\n" : "none\n");
}

static void text_database(struct sbuf *out, struct store *store)
{
	struct store_state s;

	if (!store)
		return;
	store_live_state(store, &s);
	sbuf_fmt(out, "database: %s", store_health_word(s.health));
	if (s.why[0]) {
		sbuf_str(out, " (");
		sbuf_escape(out, s.why, strlen(s.why));
		sbuf_char(out, ')');
	}
	sbuf_fmt(out, ", %" PRIu64 " KiB, %" PRIu64 " rows wait, %" PRIu64 " alerts lost\n",
		 (s.file_bytes + s.wal_bytes) / 1024, s.queued, lost_alerts(&s));
}

void status_text(const struct status *s, struct sbuf *out)
{
	const struct recorder_view *v = s->view;

	sbuf_fmt(out, "sensor %s, zonetap %s, running for ", s->config->sensor, PACKAGE_VERSION);
	status_text_age(out, age_s(s->started_ns));
	sbuf_fmt(out, "%s\npolicy: ", v->learning ? ", learning" : "");
	if (policy_site_name(s->reload->now)[0])
		sbuf_fmt(out, "site %s, ", policy_site_name(s->reload->now));
	sbuf_fmt(out, "%.12s, loaded ", policy_hash(s->reload->now));
	status_text_age(out, age_s(s->reload->loaded_ns));
	sbuf_fmt(out, " ago; %u of %zu assets of the site were seen\n", v->site_assets, policy_assets(s->reload->now));
	sbuf_fmt(out, "alerts: %" PRIu64 " in the last hour, %" PRIu64 " since the start; %u assets, %u conversations\n",
		 v->last_hour, v->summary.alerts, v->summary.assets, v->summary.conversations);
	text_database(out, s->store);
	for (unsigned i = 0; i < s->config->interface_count; i++)
		text_interface(out, s->config->interfaces[i].name, &s->now[i], &s->past[i]);
	if (s->sinks)
		sink_status_text(s->sinks, s->config->sink_count, out);
}
