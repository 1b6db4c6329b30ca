#include "policy/tell.h"

#include "base/json.h"
#include "policy/model.h"

static void comma(struct sbuf *out)
{
	if (out->len)
		sbuf_str(out, ", ");
}

void tell_zone(const struct policy *p, uint16_t zone, struct sbuf *out)
{
	const struct zone_more *m = &p->zone_more[zone];
	char text[ADDR_TEXT + 4];

	for (uint32_t i = 0; i < m->net_count; i++) {
		comma(out);
		sbuf_str(out, net_text(&m->nets[i], text));
	}
	for (uint32_t i = 0; i < m->vlan_count; i++) {
		comma(out);
		sbuf_fmt(out, "VLAN %u", m->vlans[i]);
	}
}

void tell_asset(const struct policy *p, uint32_t asset, struct sbuf *out)
{
	const struct asset_more *m = &p->asset_more[asset];
	char text[ADDR_TEXT];

	for (uint32_t i = 0; i < m->ip_count; i++) {
		comma(out);
		sbuf_str(out, addr_text(&m->ips[i], text));
	}
	if (m->has_mac) {
		comma(out);
		sbuf_str(out, mac_text(m->mac, text));
	}
}

const char *tell_asset_zone(const struct policy *p, uint32_t asset)
{
	const struct asset_more *m = &p->asset_more[asset];
	const struct segment *seg = &p->segment[p->asset[asset].segment];
	struct ot_side side = { 0 };

	if (m->ip_count)
		side.ip = m->ips[0];
	side.has_mac = m->has_mac;
	memcpy(side.mac, m->mac, 6);
	policy_place(p, p->asset[asset].segment, seg->vlans, seg->vlan_count, &side);
	return side.zone ? p->zone[side.zone].name : "-";
}

size_t tell_conduits(const struct policy *p)
{
	return p->conduits;
}

static void ends(const struct policy *p, const struct end *v, uint32_t n, struct sbuf *out)
{
	for (uint32_t i = 0; i < n; i++) {
		comma(out);
		if (v[i].kind == END_ZONE)
			sbuf_str(out, p->zone[v[i].id].name);
		else if (v[i].kind == END_ASSET)
			sbuf_fmt(out, "asset:%s", p->asset[v[i].id].name);
		else
			sbuf_fmt(out, "role:%s", p->role[v[i].id]);
	}
}

void tell_conduit_from(const struct policy *p, size_t i, struct sbuf *out)
{
	ends(p, p->conduit[i].from, p->conduit[i].from_count, out);
}

void tell_conduit_to(const struct policy *p, size_t i, struct sbuf *out)
{
	ends(p, p->conduit[i].to, p->conduit[i].to_count, out);
}

size_t tell_conduit_allows(const struct policy *p, size_t i)
{
	return p->conduit[i].allow_count;
}

const char *tell_conduit_allow(const struct policy *p, size_t i, size_t k)
{
	return p->conduit[i].allow[k].text;
}

const char *tell_conduit_note(const struct policy *p, size_t i)
{
	const struct conduit *c = &p->conduit[i];

	if (c->from_count == 1 && c->to_count == 1 && c->from[0].kind == END_ZONE && c->to[0].kind == END_ZONE &&
	    c->from[0].id == c->to[0].id && !p->zone[c->from[0].id].policed)
		return "does nothing: the zone is not 'inside: policed', so all is allowed in it";
	return NULL;
}

const char *tell_rule_when(const struct policy *p, uint16_t rule)
{
	return p->rule_more[rule].text;
}

static void names(const struct key_fields *f, struct sbuf *out)
{
	for (uint32_t i = 0; i < f->n; i++) {
		comma(out);
		sbuf_str(out, f->names[i]);
	}
}

void tell_rule_group(const struct policy *p, uint16_t rule, struct sbuf *out)
{
	names(&p->rule_more[rule].group, out);
}

void tell_rule_by(const struct policy *p, uint16_t rule, struct sbuf *out)
{
	names(&p->rule_more[rule].by, out);
}

static void reason(struct sbuf *out, const char *text)
{
	if (text && *text)
		sbuf_fmt(out, " (%s)", text);
}

void tell_rule_changes(const struct policy *p, uint16_t rule, struct sbuf *out)
{
	const struct rule_more *m = &p->rule_more[rule];
	char text[TIME_TEXT];

	if (m->changed && !m->variant) {
		sbuf_str(out, "changed by the site");
		reason(out, m->reason);
	}
	for (const struct exception *e = m->exceptions; e; e = e->next) {
		sbuf_str(out, out->len ? "; " : "");
		sbuf_str(out, e->variant ? severity_word(p->rule[e->variant].severity) : "off");
		if (e->when_text)
			sbuf_fmt(out, " when %s", e->when_text);
		if (e->until_ns)
			sbuf_fmt(out, " until %.19sZ", time_text(e->until_ns, text));
		reason(out, e->reason);
	}
}
