#include "alert/alert_json.h"

#include "alert/flow_json.h"
#include "base/clock.h"
#include "base/hash.h"
#include "inventory/geo.h"
#include "ot/event_json.h"

#include <stdio.h>
#include <string.h>

void alert_uid(const struct policy *p, const struct alert *a, char out[ALERT_UID_TEXT])
{
	struct {
		struct ip_addr src, dst;
		uint64_t half, rule, ts_ns, place, ports;
	} key = {
		a->first.head.src.ip, a->first.head.dst.ip, 0, 0, a->first_ns,
		(uint64_t)a->first_at.frame << 32 | (uint64_t)a->first_pdu << 16 | a->first_part,
		(uint64_t)a->subject_is_server << 32 | (uint64_t)a->first.head.src.port << 16 | a->first.head.dst.port,
	};
	const char *rule = policy_rule(p, a->rule)->id;
	uint64_t h[2];

	key.rule = hash_stable(rule, strlen(rule));
	if (a->stage == STAGE_HEALTH)   /* a look at the sensor may find several of one kind, with no packets to tell them apart */
		key.place = hash_stable(a->health.name, strlen(a->health.name));
	for (key.half = 0; key.half < 2; key.half++)
		h[key.half] = hash_stable(&key, sizeof key);
	snprintf(out, ALERT_UID_TEXT, "%016llx%016llx", (unsigned long long)h[0], (unsigned long long)h[1]);
}

static void text_if(struct json *j, const char *key, const char *s)
{
	if (s && s[0])
		json_str(j, key, s);
}

static void geo(struct json *j, const struct ot_side *s, struct geo *db)
{
	struct geo_facts g;

	if (!geo_find(db, &s->ip, &g))
		return;
	if (g.country[0]) {
		json_obj(j, "geo");
		json_str(j, "country", g.country);
		text_if(j, "name", g.name);
		json_obj_end(j);
	}
	if (g.asn) {
		json_obj(j, "asn");
		json_uint(j, "number", g.asn);
		text_if(j, "org", g.org);
		json_obj_end(j);
	}
}

static void side(struct json *j, const char *key, const struct alert *a, const struct ot_side *s, const struct policy *p)
{
	const struct site_asset *known = policy_asset(p, s->asset);
	const struct zone *zone = policy_zone(p, s->zone);
	char text[ADDR_TEXT];

	json_obj(j, key);
	json_str(j, "ip", addr_text(&s->ip, text));
	if (s->port)
		json_uint(j, "port", s->port);
	if (s->has_mac)
		json_str(j, "mac", mac_text(s->mac, text));
	text_if(j, "segment", policy_segment_name(p, a->first.head.segment));
	if (zone) {
		json_str(j, "zone", zone->name);
		json_real(j, "level", zone->level10 / 10.0, zone->level10 % 10 ? 1 : 0);
	}
	if (known) {
		json_str(j, "asset", known->name);
		text_if(j, "role", known->role);
	}
	geo(j, s, policy_geo(p));
	json_obj_end(j);
}

static void targets(struct json *j, const struct alert *a)
{
	struct ot_event e;

	if (a->targets < 2 && !a->targets_more)
		return;
	json_arr(j, "targets");
	memset(&e, 0, sizeof e);
	for (const struct alert_target_node *n = a->target; n; n = n->next) {
		e.space = n->t.space;
		e.has = n->t.has;
		e.cls = n->t.cls;
		e.block = n->t.block;
		e.first = n->t.first;
		e.count = n->t.count;
		e.granule = n->t.granule;
		e.tag_len = n->tag_len;
		e.path_len = n->path_len;
		e.route_len = n->route_len;
		memcpy(e.tag, n->tag, n->tag_len);
		memcpy(e.path, n->path, n->path_len);
		memcpy(e.route, n->route, n->route_len);
		event_json_target(j, NULL, &e);
	}
	json_arr_end(j);
	if (a->targets_more)
		json_uint(j, "targets_more", a->targets_more);
}

static void status(struct json *j, const struct alert *a)
{
	if (!a->has_status)
		return;
	json_obj(j, "status");
	json_uint(j, "code", a->status);
	if (a->status_exts) {
		json_arr(j, "ext");
		for (unsigned i = 0; i < a->status_exts && i < OT_STATUS_EXT_MAX; i++)
			json_uint(j, NULL, a->status_ext[i]);
		json_arr_end(j);
	}
	text_if(j, "name", a->status_name);
	json_obj_end(j);
}

static void operation(struct json *j, const struct alert *a)
{
	const struct ot_event *e = &a->first;

	if (a->stage == STAGE_FLOW)
		return;
	if (e->proto != PROTO_NONE)
		json_str(j, "proto", ot_proto_word(e->proto));
	if (a->stage == STAGE_HISTORY && (a->history.new_asset || history_of_flow(&a->history)))
		return;
	json_str(j, "op", ot_op_word(e->op));
	if (e->act != ACT_NONE)
		json_str(j, "act", ot_act_word(e->act));
	event_json_func(j, "func", e);
	if (e->has & HAS_UNIT)
		json_uint(j, "unit", e->unit);
	event_json_target(j, "target", e);
	targets(j, a);
	event_json_value(j, "value", e);
	if (e->anomalies) {
		json_arr(j, "anomalies");
		for (unsigned i = 0; i < ANOM_COUNT; i++) {
			if (e->anomalies >> i & 1)
				json_str(j, NULL, ot_anomaly_word(i));
		}
		json_arr_end(j);
	}
}

static void outcome(struct json *j, const struct alert *a)
{
	if (a->outcome == ALERT_NO_OUTCOME)
		return;
	json_str(j, "outcome", alert_outcome_word(a->outcome));
	if (a->outcome == ALERT_MIXED) {
		json_obj(j, "outcomes");
		for (unsigned r = RESULT_ACCEPTED; r < RESULT_COUNT; r++) {
			if (a->result[r])               /* the two lists run in step */
				json_uint(j, alert_outcome_word(r), a->result[r]);
		}
		json_obj_end(j);
	}
	status(j, a);
}

static void seen_live(struct json *j, const struct alert *a, const struct alert_names *n)
{
	json_obj(j, "evidence");
	json_str(j, "interface", n->capture(n->arg, a->first_at.capture));
	if (a->last_at.capture != a->first_at.capture)
		json_str(j, "last_interface", n->capture(n->arg, a->last_at.capture));
	json_time(j, "from", clock_told(a->first_ns));
	json_time(j, "to", clock_told(a->last_ns));
	json_obj_end(j);
}

static void evidence(struct json *j, const struct alert *a, const struct alert_names *n)
{
	const char *sha = n->sha256(n->arg, a->first_at.capture);

	json_obj(j, "evidence");
	json_str(j, "capture", n->capture(n->arg, a->first_at.capture));
	if (sha)
		json_raw(j, "sha256", sha);
	json_uint(j, "first_frame", a->first_at.frame);
	json_uint(j, "last_frame", a->last_at.frame);
	if (a->last_at.capture != a->first_at.capture)
		json_str(j, "last_capture", n->capture(n->arg, a->last_at.capture));
	if (a->frames) {
		json_arr(j, "frames");
		for (unsigned i = 0; i < a->frames; i++)
			json_uint(j, NULL, a->frame[i]);
		json_arr_end(j);
	}
	if (a->answer_at.frame)
		json_uint(j, "answer_frame", a->answer_at.frame);
	json_obj_end(j);
}

static void references(struct json *j, const struct rule *r, const struct policy *p)
{
	const char *version = policy_attack_version(p);

	if (r->attacks) {
		json_arr(j, "attack");
		for (size_t i = 0; i < r->attacks; i++) {
			json_obj(j, NULL);
			json_str(j, "id", r->attack[i].id);
			text_if(j, "id_legacy", r->attack[i].id_legacy);
			text_if(j, "name", r->attack[i].name);
			text_if(j, "version", version);
			json_obj_end(j);
		}
		json_arr_end(j);
	}
	if (r->iec62443s) {
		json_arr(j, "iec62443");
		for (size_t i = 0; i < r->iec62443s; i++)
			json_str(j, NULL, r->iec62443[i]);
		json_arr_end(j);
	}
}

static void traffic(struct json *j, const struct alert *a, const struct policy *p)
{
	side(j, "client", a, ot_client(&a->first), p);
	side(j, "server", a, ot_server(&a->first), p);
	if (a->stage == STAGE_HISTORY && a->history.new_asset)
		json_str(j, "subject", a->subject_is_server ? "server" : "client");
	operation(j, a);
	if (a->flow.ip_proto)
		flow_json(j, "flow", &a->flow);
	outcome(j, a);
}

static void health(struct json *j, const struct health_facts *h)
{
	json_obj(j, "health");
	json_str(j, "kind", health_kind_word(h->kind));
	text_if(j, "name", h->name);
	json_uint(j, "value", h->value);
	if (h->limit)
		json_uint(j, "limit", h->limit);
	json_obj_end(j);
}

void alert_json(struct json *j, const struct alert *a, const char *uid, const char *text, const struct alert_names *n)
{
	const struct rule *r = policy_rule(n->policy, a->rule);

	json_obj(j, NULL);
	json_str(j, "uid", uid);
	json_uint(j, "rev", a->rev);
	json_str(j, "rule", r->id);
	json_str(j, "title", r->title);
	text_if(j, "class", r->class_word);
	json_str(j, "severity", severity_word(a->severity));
	if (a->alsos) {
		json_arr(j, "also");
		for (unsigned i = 0; i < a->alsos; i++)
			json_str(j, NULL, policy_rule(n->policy, a->also[i])->id);
		json_arr_end(j);
	}
	if (a->stage == STAGE_HEALTH)
		health(j, &a->health);
	else
		traffic(j, a, n->policy);
	json_uint(j, "count", a->count);
	json_time(j, "first_seen", clock_told(a->first_ns));
	json_time(j, "last_seen", clock_told(a->last_ns));
	json_bool(j, "ended", a->ended);
	references(j, r, n->policy);
	if (a->stage != STAGE_HEALTH)
		(n->live ? seen_live : evidence)(j, a, n);
	json_str(j, "sensor", n->sensor);
	text_if(j, "site", policy_site_name(n->policy));
	if (n->run)
		json_raw(j, "run", n->run);
	json_str(j, "text", text);
	json_obj_end(j);
}
