/* get.c - how each field is read out of what is judged. */
#include "expr/field.h"

#include "base/clock.h"
#include "inventory/geo.h"

#include <stdio.h>

#define S7_USERDATA 7           /* ROSCTR of userdata: its func is a group */
#define UMAS_FUNCTION 90        /* Modbus function that carries UMAS */

static bool number(struct datum *d, bool has, uint64_t v)
{
	d->n[0] = v;
	return has;
}

static bool text(struct datum *d, const char *s, size_t n)
{
	d->text = s;
	d->len = n;
	return n > 0;
}

GETTER(get_is_proto)
{
	return number(d, true, s->ev->proto == f->arg);
}

GETTER(get_proto)
{
	(void)f;
	return number(d, s->ev->proto != PROTO_NONE, s->ev->proto);
}

GETTER(get_head)
{
	const struct ot_head *h = &s->ev->head;

	switch (f->arg) {
	case HEAD_FRAME:
		return number(d, h->frame != 0, h->frame);
	case HEAD_PDU:
		return number(d, h->pdu != 0, h->pdu);
	default:
		return number(d, true, s->flow ? s->flow->ip_proto : h->ip_proto);
	}
}

GETTER(get_body)
{
	const struct ot_event *e = s->ev;

	switch (f->arg) {
	case BODY_UNIT:
		return number(d, e->has & HAS_UNIT, e->unit);
	case BODY_TXN:
		return number(d, e->has & HAS_TXN, e->txn);
	case BODY_ROSCTR:
		return number(d, e->has & HAS_ROSCTR, e->rosctr);
	case BODY_OPCODE:
		return number(d, e->has & HAS_OPCODE, e->opcode);
	case BODY_PART:
		return number(d, e->part != 0, e->part);
	case BODY_PARTS:
		return number(d, e->parts != 0, e->parts);
	case BODY_CLASS:
		return number(d, e->has & HAS_CLASS, e->cls);
	case BODY_BLOCK:
		return number(d, e->has & HAS_BLOCK, e->block);
	case BODY_FIRST:
		return number(d, e->has & HAS_FIRST, e->first);
	case BODY_LAST:
		return number(d, e->has & HAS_FIRST, (uint64_t)e->first + (e->has & HAS_COUNT && e->count ? e->count - 1 : 0));
	case BODY_COUNT:
		return number(d, e->has & HAS_COUNT, e->count);
	case BODY_VALUE_TOTAL:
		return number(d, e->has & HAS_VALUE, e->value_total);
	default:
		return number(d, e->has & HAS_LATENCY, (uint64_t)e->latency_us * 1000);
	}
}

GETTER(get_func)
{
	const struct ot_event *e = s->ev;
	bool userdata = e->rosctr == S7_USERDATA;

	switch (f->arg) {
	case FUNC_JOB:
		return number(d, e->has & HAS_FUNC && !userdata, e->func);
	case FUNC_GROUP:
		return number(d, e->has & HAS_FUNC && userdata, e->func);
	case FUNC_SUB:
		return number(d, e->has & HAS_SUB, e->sub);
	case FUNC_UMAS:
		return number(d, e->has & HAS_SUB && e->func == UMAS_FUNCTION, e->sub);
	default:
		return number(d, e->has & HAS_FUNC, e->func);
	}
}

/* EVENTS.md: func.sub of PCCC is command x 256 + function, under service 0x4b of class 0x67. */
GETTER(get_pccc)
{
	(void)f;
	return number(d, s->ev->has & HAS_SUB && s->ev->func == 0x4b, s->ev->sub);
}

GETTER(get_text)
{
	const struct ot_event *e = s->ev;

	switch (f->arg) {
	case TEXT_FUNC_NAME:
		return text(d, e->func_name, e->func_name ? strlen(e->func_name) : 0);
	case TEXT_TAG:
		return text(d, e->tag, e->tag_len);
	case TEXT_PATH:
		return text(d, e->path, e->path_len);
	case TEXT_ROUTE:
		return text(d, e->route, e->route_len);
	default:
		return text(d, e->status_name, e->status_name ? strlen(e->status_name) : 0);
	}
}

GETTER(get_space)
{
	const char *space = ot_space_text(s->ev, d->buf);

	(void)f;
	return text(d, space, strlen(space));
}

GETTER(get_range)
{
	const struct ot_event *e = s->ev;
	bool counted = e->has & HAS_COUNT;

	(void)f;
	d->n[0] = e->first;
	d->n[1] = (uint64_t)e->first + (counted && e->count ? e->count - 1 : 0);
	return e->has & HAS_FIRST && !(counted && e->count == 0);
}

/* CIP sends the low byte first, the others the high one. */
GETTER(get_value_uint)
{
	const struct ot_event *e = s->ev;
	uint64_t v = 0;

	(void)f;
	if (!(e->has & HAS_VALUE) || e->value_total != e->value_len || e->value_len == 0 || e->value_len > 8)
		return false;
	for (unsigned i = 0; i < e->value_len; i++)
		v = v << 8 | e->value[e->proto == PROTO_CIP ? e->value_len - 1u - i : i];
	return number(d, true, v);
}

GETTER(get_value_hex)
{
	static const char hex[] = "0123456789abcdef";
	const struct ot_event *e = s->ev;
	unsigned n = e->value_len <= OT_VALUE_MAX ? e->value_len : OT_VALUE_MAX;

	(void)f;
	for (unsigned i = 0; i < n; i++) {
		d->buf[2 * i] = hex[e->value[i] >> 4];
		d->buf[2 * i + 1] = hex[e->value[i] & 15];
	}
	return text(d, d->buf, e->has & HAS_VALUE ? 2u * n : 0);
}

GETTER(get_status_code)
{
	(void)f;
	return number(d, s->ev->has & HAS_STATUS, s->ev->status);
}

GETTER(get_status_ext)
{
	unsigned n = s->ev->status_exts <= OT_STATUS_EXT_MAX ? s->ev->status_exts : OT_STATUS_EXT_MAX;

	(void)f;
	for (unsigned i = 0; i < n; i++)
		d->n[i] = s->ev->status_ext[i];
	d->count = n;
	return n > 0;
}

GETTER(get_identity)
{
	const struct ot_identity *id = &s->ev->identity;
	const char *const members[] = { id->vendor, id->product, id->order_number, id->serial, id->firmware,
					id->hardware, id->name };

	if (!(s->ev->has & HAS_IDENTITY))
		return false;
	return text(d, members[f->arg], strnlen(members[f->arg], OT_IDENTITY_MAX));
}

GETTER(get_identity_number)
{
	const struct ot_identity *id = &s->ev->identity;

	if (!(s->ev->has & HAS_IDENTITY))
		return false;
	return f->arg ? number(d, id->has_product_code, id->product_code) : number(d, id->has_vendor_id, id->vendor_id);
}

GETTER(get_enum)
{
	const struct ot_event *e = s->ev;

	if (e->proto == PROTO_NONE)
		return false;
	switch (f->arg) {
	case ENUM_OP:
		return number(d, true, e->op);
	case ENUM_ACT:
		return number(d, e->act != ACT_NONE, e->act);
	case ENUM_DIR:
		return number(d, true, e->dir);
	case ENUM_GRANULE:
		return number(d, e->granule != GRANULE_NONE, e->granule);
	default:
		return number(d, e->outcome != OUTCOME_NONE, e->outcome);
	}
}

GETTER(get_anomalies)
{
	(void)f;
	return number(d, s->ev->anomalies != 0, s->ev->anomalies);
}

GETTER(get_vlan)
{
	(void)f;
	d->count = s->ev->head.vlans <= 2 ? s->ev->head.vlans : 2;
	for (unsigned i = 0; i < d->count; i++)
		d->n[i] = s->ev->head.vlan[i];
	return d->count > 0;
}

/* --- one side ------------------------------------------------------------------------- */

static const struct ot_side *side(const struct scope *s, unsigned which)
{
	switch (which) {
	case SIDE_SRC:
		return &s->ev->head.src;
	case SIDE_DST:
		return &s->ev->head.dst;
	case SIDE_CLIENT:
		return ot_client(s->ev);
	case SIDE_SERVER:
		return ot_server(s->ev);
	default:
		return s->history ? s->history->subject : NULL;
	}
}

GETTER(get_ip)
{
	const struct ot_side *p = side(s, f->arg);

	d->ip = p ? &p->ip : NULL;
	return p && !addr_is_zero(&p->ip);
}

GETTER(get_port)
{
	const struct ot_side *p = side(s, f->arg);

	return number(d, p && p->port, p ? p->port : 0);
}

GETTER(get_mac)
{
	const struct ot_side *p = side(s, f->arg);
	uint64_t v = 0;

	for (int i = 0; p && i < 6; i++)
		v = v << 8 | p->mac[i];
	return number(d, p && p->has_mac, v);
}

GETTER(get_zone)
{
	const struct ot_side *p = side(s, f->arg);

	return number(d, p && s->site && p->zone && p->zone < s->site->zones, p ? p->zone : 0);
}

GETTER(get_level)
{
	const struct ot_side *p = side(s, f->arg);
	bool known = p && s->site && p->zone && p->zone < s->site->zones;

	return number(d, known, known ? s->site->zone_level10[p->zone] : 0);
}

GETTER(get_asset)
{
	const struct ot_side *p = side(s, f->arg);

	return number(d, p && s->site && p->asset && p->asset < s->site->assets, p ? p->asset : 0);
}

GETTER(get_role)
{
	const struct ot_side *p = side(s, f->arg);
	bool known = p && s->site && p->asset && p->asset < s->site->assets;
	uint16_t role = known ? s->site->asset_role[p->asset] : 0;

	return number(d, role != 0, role);
}

GETTER(get_segment)
{
	(void)f;
	return number(d, s->site && s->ev->head.segment && s->ev->head.segment < s->site->segments, s->ev->head.segment);
}

GETTER(get_public)
{
	const struct ot_side *p = side(s, f->arg);

	return number(d, p && !addr_is_zero(&p->ip), p && addr_is_public(&p->ip));
}

static bool geo(const struct scope *s, unsigned which, struct geo_facts *out)
{
	const struct ot_side *p = side(s, which);

	return p && geo_find(s->geo, &p->ip, out);
}

static bool kept(struct datum *d, bool known, const char *s)
{
	size_t n = known ? strlen(s) : 0;

	memcpy(d->buf, s, n < sizeof d->buf ? n : sizeof d->buf);
	return text(d, d->buf, n < sizeof d->buf ? n : sizeof d->buf);
}

GETTER(get_country)
{
	struct geo_facts g;
	bool known = geo(s, f->arg, &g);

	return kept(d, known, g.country);
}

GETTER(get_country_name)
{
	struct geo_facts g;
	bool known = geo(s, f->arg, &g);

	return kept(d, known, g.name);
}

GETTER(get_org)
{
	struct geo_facts g;
	bool known = geo(s, f->arg, &g);

	return kept(d, known, g.org);
}

GETTER(get_asn)
{
	struct geo_facts g;
	bool known = geo(s, f->arg, &g);

	return number(d, known && g.asn, known ? g.asn : 0);
}

/* Only a site that lists assets knows strangers. */
GETTER(get_listed)
{
	const struct ot_side *p = side(s, f->arg);

	return number(d, p && s->site && s->site->assets > 1, p && p->asset);
}

GETTER(get_time)
{
	uint64_t seconds = clock_told(s->ev->head.ts_ns) / 1000000000u, days = seconds / 86400u;

	if (f->arg == TIME_HOUR)
		return number(d, true, seconds % 86400u / 3600u);
	return number(d, true, (days + 3) % 7);         /* 1970-01-01 was a Thursday; Monday is 0 */
}

/* --- beyond one message ------------------------------------------------------------------ */

GETTER(get_flow)
{
	const struct flow_facts *w = s->flow;

	if (!w)
		return false;
	switch (f->arg) {
	case FLOW_NEW:
		return number(d, true, w->is_new);
	case FLOW_MISMATCH:
		return number(d, true, w->mismatch);
	case FLOW_EXPECTED:
		return number(d, w->expected != PROTO_NONE, w->expected);
	case FLOW_PORT:
		return number(d, w->server_port != 0, w->server_port);
	case FLOW_CONDUIT:
		return number(d, w->verdict == VERDICT_ALLOWED || w->verdict == VERDICT_DENIED, w->conduit);
	default:
		return number(d, true, w->decided);
	}
}

/* Where nothing was recognised the port is all there is: enough for the benefit of the doubt, no more. */
GETTER(get_app)
{
	const struct flow_facts *w = s->flow;
	unsigned app;

	if (!w || !w->decided)
		return false;
	if (f->arg == LABEL_RISK)
		return number(d, w->risks != 0, w->risks);
	if (f->arg == LABEL_GUESS)
		return number(d, w->app == APP_NONE && w->guess != APP_NONE, w->guess);
	app = w->app != APP_NONE ? w->app : w->guess;
	d->likely = w->app == APP_NONE;
	return number(d, app != APP_NONE, f->arg == LABEL_CATEGORY ? app_category(app) : app);
}

GETTER(get_flow_verdict)
{
	uint8_t v = s->flow ? s->flow->verdict : s->ev->verdict;

	(void)f;
	return number(d, v != VERDICT_NONE, v);
}

GETTER(get_history)
{
	const struct history_facts *h = s->history;

	if (!h)
		return false;
	return number(d, true, f->arg == HISTORY_ASSET ? h->new_asset :
		      f->arg == HISTORY_CONVERSATION ? h->new_conversation :
		      f->arg == HISTORY_FOREIGN ? h->foreign : f->arg == HISTORY_SERVICE ? h->new_service : h->new_client);
}

GETTER(get_health)
{
	const struct health_facts *h = s->health;

	if (!h)
		return false;
	switch (f->arg) {
	case HEALTH_IS_KIND:
		return number(d, true, h->kind);
	case HEALTH_IS_NAME:
		d->text = h->name;
		d->len = strlen(h->name);
		return h->name[0] != '\0';
	case HEALTH_IS_LIMIT:
		return number(d, h->limit != 0, h->limit);
	default:
		return number(d, true, h->value);
	}
}

GETTER(get_flag)
{
	uint8_t proto = s->flow ? s->flow->ip_proto : s->ev->head.ip_proto;

	switch (f->arg) {
	case FLAG_TCP:
		return number(d, true, proto == 6);
	case FLAG_UDP:
		return number(d, true, proto == 17);
	case FLAG_CUT:
		return number(d, true, (s->ev->flags & EV_CUT) != 0);
	default:
		return number(d, true, (s->ev->has & HAS_IDENTITY) != 0);
	}
}
