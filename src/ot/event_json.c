#include "ot/event_json.h"

#include <string.h>

enum member {
	M_TS, M_CAPTURE, M_FRAME, M_PDU, M_PART, M_PARTS, M_PROTO, M_DIR, M_SRC, M_DST, M_CLIENT, M_OP, M_ACT, M_ROSCTR,
	M_OPCODE, M_FUNC, M_UNIT, M_TXN, M_TARGET, M_VALUE, M_STATUS, M_OUTCOME, M_REQUEST, M_LATENCY, M_IDENTITY,
	M_CONNECTION, M_ANOMALIES, M_RULE, M_VERDICT
};

const char *const *event_members(void)
{
	static const char *const words[] = {
		"ts", "capture", "frame", "pdu", "part", "parts", "proto", "dir", "src", "dst", "client", "op", "act",
		"rosctr", "opcode", "func", "unit", "txn", "target", "value", "status", "outcome", "request",
		"latency_us", "identity", "connection", "anomalies", "rule", "verdict", NULL
	};

	return words;
}

void event_json_func(struct json *j, const char *key, const struct ot_event *e)
{
	if (!(e->has & HAS_FUNC) && !e->func_name)
		return;
	json_obj(j, key);
	if (e->has & HAS_FUNC)
		json_uint(j, "code", e->func);
	if (e->has & HAS_SUB)
		json_uint(j, "sub", e->sub);
	if (e->func_name)
		json_str(j, "name", e->func_name);
	json_obj_end(j);
}

void event_json_target(struct json *j, const char *key, const struct ot_event *e)
{
	char buf[32];
	const char *space = ot_space_text(e, buf);

	if (!space[0] && !(e->has & (HAS_CLASS | HAS_BLOCK | HAS_FIRST | HAS_COUNT)) && !e->tag_len && !e->path_len &&
	    !e->route_len)
		return;
	json_obj(j, key);
	if (space[0])
		json_str(j, "space", space);
	if (e->has & HAS_CLASS)
		json_uint(j, "class", e->cls);
	if (e->has & HAS_BLOCK)
		json_uint(j, "block", e->block);
	if (e->has & HAS_FIRST)
		json_uint(j, "first", e->first);
	if (e->has & HAS_COUNT)
		json_uint(j, "count", e->count);
	if (e->granule != GRANULE_NONE)
		json_str(j, "granule", ot_granule_word(e->granule));
	if (e->tag_len)
		json_strn(j, "tag", e->tag, e->tag_len);
	if (e->path_len)
		json_strn(j, "path", e->path, e->path_len);
	if (e->route_len)
		json_strn(j, "route", e->route, e->route_len);
	json_obj_end(j);
}

void event_json_value(struct json *j, const char *key, const struct ot_event *e)
{
	if (!(e->has & HAS_VALUE))
		return;
	json_obj(j, key);
	json_hex(j, "bytes", e->value, e->value_len);
	json_uint(j, "total", e->value_total);
	json_obj_end(j);
}

void event_json_status(struct json *j, const char *key, const struct ot_event *e)
{
	if (!(e->has & HAS_STATUS))
		return;
	json_obj(j, key);
	json_uint(j, "code", e->status);
	if (e->status_exts) {
		json_arr(j, "ext");
		for (unsigned i = 0; i < e->status_exts && i < OT_STATUS_EXT_MAX; i++)
			json_uint(j, NULL, e->status_ext[i]);
		json_arr_end(j);
	}
	if (e->status_name)
		json_str(j, "name", e->status_name);
	json_obj_end(j);
}

static void text_if(struct json *j, const char *key, const char *s)
{
	if (s[0])
		json_str(j, key, s);
}

void event_json_identity(struct json *j, const char *key, const struct ot_identity *id)
{
	json_obj(j, key);
	text_if(j, "vendor", id->vendor);
	if (id->has_vendor_id)
		json_uint(j, "vendor_id", id->vendor_id);
	text_if(j, "product", id->product);
	if (id->has_product_code)
		json_uint(j, "product_code", id->product_code);
	text_if(j, "order_number", id->order_number);
	text_if(j, "serial", id->serial);
	text_if(j, "firmware", id->firmware);
	text_if(j, "hardware", id->hardware);
	text_if(j, "name", id->name);
	json_obj_end(j);
}

static void vlan(struct json *j, const struct ot_head *h)
{
	if (h->vlans == 1) {
		json_uint(j, "vlan", h->vlan[0]);
	} else if (h->vlans > 1) {
		json_arr(j, "vlan");
		json_uint(j, NULL, h->vlan[0]);
		json_uint(j, NULL, h->vlan[1]);
		json_arr_end(j);
	}
}

static void side(struct json *j, const char *key, const struct ot_head *h, const struct ot_side *s,
		 const struct event_names *n)
{
	char text[ADDR_TEXT];
	const char *zone = n && n->zone ? n->zone(n->arg, s->zone) : NULL;
	const char *asset = n && n->asset ? n->asset(n->arg, s->asset) : NULL;

	json_obj(j, key);
	json_str(j, "ip", addr_text(&s->ip, text));
	json_uint(j, "port", s->port);
	if (s->has_mac)
		json_str(j, "mac", mac_text(s->mac, text));
	vlan(j, h);
	if (zone)
		json_str(j, "zone", zone);
	if (asset)
		json_str(j, "asset", asset);
	json_obj_end(j);
}

void event_json_place(struct json *j, const struct ot_event *e, const struct event_names *n, uint64_t omit)
{
	const char *capture = n && e->head.capture < n->ncaptures ? n->captures[e->head.capture] : NULL;

	if (!(omit & 1u << M_TS))
		json_time(j, "ts", e->head.ts_ns);
	if (capture && !(omit & 1u << M_CAPTURE))
		json_str(j, "capture", capture);
	if (!(omit & 1u << M_FRAME))
		json_uint(j, "frame", e->head.frame);
	if (e->head.pdu && !(omit & 1u << M_PDU))
		json_uint(j, "pdu", e->head.pdu);
	if (e->part && !(omit & 1u << M_PART))
		json_uint(j, "part", e->part);
	if (e->parts && !(omit & 1u << M_PARTS))
		json_uint(j, "parts", e->parts);
}

static void operation(struct json *j, const struct ot_event *e, uint64_t omit)
{
	if (!(omit & 1u << M_OP))
		json_str(j, "op", ot_op_word(e->op));
	if (e->act != ACT_NONE && !(omit & 1u << M_ACT))
		json_str(j, "act", ot_act_word(e->act));
	if (e->has & HAS_ROSCTR && !(omit & 1u << M_ROSCTR))
		json_uint(j, "rosctr", e->rosctr);
	if (e->has & HAS_OPCODE && !(omit & 1u << M_OPCODE))
		json_uint(j, "opcode", e->opcode);
	if (!(omit & 1u << M_FUNC))
		event_json_func(j, "func", e);
	if (e->has & HAS_UNIT && !(omit & 1u << M_UNIT))
		json_uint(j, "unit", e->unit);
	if (e->has & HAS_TXN && !(omit & 1u << M_TXN))
		json_uint(j, "txn", e->txn);
	if (!(omit & 1u << M_TARGET))
		event_json_target(j, "target", e);
	if (!(omit & 1u << M_VALUE))
		event_json_value(j, "value", e);
}

static void request(struct json *j, const struct ot_event *e, const struct event_names *n)
{
	const char *capture = n && e->req_capture != e->head.capture && e->req_capture < n->ncaptures ?
			      n->captures[e->req_capture] : NULL;

	json_obj(j, "request");
	if (capture)
		json_str(j, "capture", capture);
	json_uint(j, "frame", e->req_frame);
	json_uint(j, "pdu", e->req_pdu);
	json_obj_end(j);
}

static void answer(struct json *j, const struct ot_event *e, unsigned outcome, const struct event_names *n, uint64_t omit, bool merged)
{
	if (e && !(omit & 1u << M_STATUS))
		event_json_status(j, "status", e);
	if (outcome != OUTCOME_NONE && !(omit & 1u << M_OUTCOME))
		json_str(j, "outcome", ot_outcome_word(outcome));
	if (!e)
		return;
	if (!merged && e->has & HAS_REQUEST && !(omit & 1u << M_REQUEST))
		request(j, e, n);
	if (e->has & HAS_LATENCY && !(omit & 1u << M_LATENCY))
		json_uint(j, "latency_us", e->latency_us);
	if (e->has & HAS_IDENTITY && !(omit & 1u << M_IDENTITY))
		event_json_identity(j, "identity", &e->identity);
	if (e->has & HAS_CONNECTION && !(omit & 1u << M_CONNECTION)) {
		json_obj(j, "connection");
		json_uint(j, "to_client", e->conn_client);
		json_uint(j, "to_server", e->conn_server);
		json_obj_end(j);
	}
}

static void anomalies(struct json *j, uint64_t bits)
{
	json_arr(j, "anomalies");
	for (unsigned b = 0; b < ANOM_COUNT; b++)
		if (bits >> b & 1)
			json_str(j, NULL, ot_anomaly_word(b));
	json_arr_end(j);
}

void event_json_sides(struct json *j, const struct ot_event *e, const struct event_names *names, uint64_t omit)
{
	if (!(omit & 1u << M_SRC))
		side(j, "src", &e->head, &e->head.src, names);
	if (!(omit & 1u << M_DST))
		side(j, "dst", &e->head, &e->head.dst, names);
	if (!(omit & 1u << M_CLIENT))
		json_str(j, "client", e->flags & EV_CLIENT_IS_DST ? "dst" : "src");
}

void event_json(struct json *j, const struct ot_event *e, const struct event_names *names, uint64_t omit,
		const struct event_outcome *merged)
{
	const char *rule = names && names->rule && e->matches ? names->rule(names->arg, e->match[0]) : NULL;

	json_obj(j, NULL);
	event_json_place(j, e, names, omit);
	if (!(omit & 1u << M_PROTO))
		json_str(j, "proto", ot_proto_word(e->proto));
	if (!(omit & 1u << M_DIR))
		json_str(j, "dir", ot_dir_word(e->dir));
	event_json_sides(j, e, names, omit);
	operation(j, e, omit);
	if (merged)
		answer(j, merged->answer, merged->outcome, names, omit, true);
	else
		answer(j, e, e->outcome, names, omit, false);
	if (e->anomalies && !(omit & 1u << M_ANOMALIES))
		anomalies(j, e->anomalies);
	if (rule && !(omit & 1u << M_RULE))
		json_str(j, "rule", rule);
	if (e->verdict != VERDICT_NONE && !(omit & 1u << M_VERDICT))
		json_str(j, "verdict", ot_verdict_word(e->verdict));
	json_obj_end(j);
}
