/* place.c - from addresses to assets and zones. Built once, then read by every worker. */
#include "policy/model.h"

#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#define VLAN_IDS 4096

static uint32_t mix(uint64_t a, uint64_t b, uint64_t c)
{
	uint64_t h = a * 0x9e3779b97f4a7c15u ^ (b + 0x632be59bd9b4e019u) * 0xff51afd7ed558ccdu ^ c * 0xc4ceb9fe1a85ec53u;

	h ^= h >> 29;
	h *= 0xbf58476d1ce4e5b9u;
	return (uint32_t)(h ^ h >> 32);
}

static uint32_t size_for(uint32_t n)
{
	uint32_t size = 8;

	while (size < 2 * n)
		size *= 2;
	return size;
}

/* --- networks ------------------------------------------------------------------------------ */

static struct ip_addr cut(const struct ip_addr *a, unsigned bits)
{
	struct ip_addr r = *a;

	if (bits <= 64)
		r.q[1] = 0;
	if (bits < 64)
		r.q[0] &= bits ? __builtin_bswap64(~0ull << (64 - bits)) : 0;
	else if (bits > 64 && bits < 128)
		r.q[1] &= __builtin_bswap64(~0ull << (128 - bits));
	return r;
}

static struct net_slot **net_at(const struct places *t, const struct ip_addr *a, unsigned bits)
{
	uint32_t i = mix(a->q[0], a->q[1], bits) & t->net_mask;

	while (t->nets[i] && (t->nets[i]->net.bits != bits || !addr_eq(&t->nets[i]->net.addr, a)))
		i = (i + 1) & t->net_mask;
	return &t->nets[i];
}

static bool has_vlan(const uint16_t *v, uint32_t n, uint16_t id)
{
	for (uint32_t i = 0; i < n; i++) {
		if (v[i] == id)
			return true;
	}
	return false;
}

static bool zone_has_vlan(const struct policy *p, uint32_t zone, const uint16_t *vlan, unsigned vlans)
{
	const struct zone_more *z = &p->zone_more[zone];

	for (unsigned i = 0; i < vlans; i++) {
		if (has_vlan(z->vlans, z->vlan_count, vlan[i]))
			return true;
	}
	return false;
}

/* Two zones may have one network only when VLANs tell them apart. */
static void check_net(struct policy *p, struct conf *c, uint32_t one, uint32_t other, const struct ip_net *net)
{
	const struct zone_more *a = &p->zone_more[one], *b = &p->zone_more[other];
	bool apart = a->vlan_count || b->vlan_count;
	char text[ADDR_TEXT + 4];

	for (uint32_t i = 0; i < a->vlan_count; i++)
		apart = apart && !has_vlan(b->vlans, b->vlan_count, a->vlans[i]);
	if (!apart)
		complain(conf_complaints(c), conf_file(c), b->line, 1, "only different 'vlans' could tell them apart",
			 "zones '%s' and '%s' have the same network: '%s'", p->zone[one].name, p->zone[other].name,
			 net_text(net, text));
}

static bool add_net(struct policy *p, struct conf *c, uint16_t zone, const struct ip_net *net)
{
	struct net_slot *s = arena_get(p->arena, sizeof *s), **end = net_at(&p->places, &net->addr, net->bits);

	if (!s)
		return false;
	*s = (struct net_slot){ .net = *net, .zone = zone };
	for (; *end; end = &(*end)->same)
		check_net(p, c, (*end)->zone, zone, net);
	*end = s;
	return true;
}

static bool build_nets(struct policy *p, struct conf *c)
{
	bool used[129] = { false };
	uint32_t n = 0;

	for (uint32_t z = 1; z < p->zones; z++)
		n += p->zone_more[z].net_count;
	p->places.net_mask = size_for(n) - 1;
	p->places.nets = arena_array(p->arena, p->places.net_mask + 1u, sizeof(struct net_slot *));
	if (!p->places.nets)
		return false;
	for (uint32_t z = 1; z < p->zones; z++) {
		for (uint32_t i = 0; i < p->zone_more[z].net_count; i++) {
			if (!add_net(p, c, (uint16_t)z, &p->zone_more[z].nets[i]))
				return false;
			used[p->zone_more[z].nets[i].bits] = true;
		}
	}
	for (unsigned bits = 129; bits-- > 0; ) {
		if (used[bits])
			p->places.lengths[p->places.length_count++] = (uint8_t)bits;
	}
	return true;
}

/* Of the zones that share a network: the only one, else the one with the packet's VLAN, else the one
 * that names no VLAN. 0: none of them. */
static uint16_t choose(const struct policy *p, const struct net_slot *s, const uint16_t *vlan, unsigned vlans)
{
	uint16_t plain = 0;

	if (!s->same)
		return s->zone;
	for (; s; s = s->same) {
		if (zone_has_vlan(p, s->zone, vlan, vlans))
			return s->zone;
		if (p->zone_more[s->zone].vlan_count == 0)
			plain = s->zone;
	}
	return plain;
}

static uint16_t zone_of(const struct policy *p, const struct ip_addr *a, const uint16_t *vlan, unsigned vlans)
{
	const struct places *t = &p->places;

	for (uint32_t i = 0; i < t->length_count && !addr_is_zero(a); i++) {
		struct ip_addr net = cut(a, t->lengths[i]);
		const struct net_slot *s = *net_at(t, &net, t->lengths[i]);
		uint16_t zone = s ? choose(p, s, vlan, vlans) : 0;

		if (zone)
			return zone;
	}
	for (unsigned i = 0; t->vlan_zone && i < vlans; i++) {
		if (t->vlan_zone[vlan[i] & (VLAN_IDS - 1)])
			return t->vlan_zone[vlan[i] & (VLAN_IDS - 1)];
	}
	return 0;
}

static bool build_vlans(struct policy *p, struct conf *c)
{
	uint16_t *v = arena_array(p->arena, VLAN_IDS, sizeof *v);

	p->places.vlan_zone = v;
	for (uint32_t z = 1; v && z < p->zones; z++) {
		const struct zone_more *m = &p->zone_more[z];

		for (uint32_t i = 0; m->net_count == 0 && i < m->vlan_count; i++) {
			if (v[m->vlans[i]] && v[m->vlans[i]] != z)
				complain(conf_complaints(c), conf_file(c), m->line, 1, NULL, "zones '%s' and '%s' have the same "
					 "VLAN and no networks: '%u'", p->zone[v[m->vlans[i]]].name, p->zone[z].name,
					 m->vlans[i]);
			v[m->vlans[i]] = (uint16_t)z;
		}
	}
	return v != NULL;
}

/* --- assets ----------------------------------------------------------------------------------- */

static struct place_slot *slot_at(const struct place_table *t, const struct ip_addr *a, uint32_t segment)
{
	uint32_t i = mix(a->q[0], a->q[1], segment) & t->mask;

	while (t->v[i].asset && (t->v[i].key.segment != segment || !addr_eq(&t->v[i].key.ip, a)))
		i = (i + 1) & t->mask;
	return &t->v[i];
}

/* In its segment first, then one that no segment binds. */
static uint32_t find(const struct place_table *t, const struct ip_addr *a, uint16_t segment)
{
	uint32_t asset = 0;

	if (!t->mask)
		return 0;
	if (segment)
		asset = slot_at(t, a, segment)->asset;
	return asset ? asset : slot_at(t, a, 0)->asset;
}

static struct ip_addr mac_key(const uint8_t mac[6])
{
	struct ip_addr a = { .q = { 0, 0 } };

	memcpy(a.b, mac, 6);
	return a;
}

static void add(struct policy *p, struct conf *c, struct place_table *t, const struct ip_addr *a, uint32_t asset)
{
	uint32_t segment = p->asset[asset].segment;
	struct place_slot *s = slot_at(t, a, segment);
	char text[ADDR_TEXT];

	if (!s->asset)
		*s = (struct place_slot){ .key = { .ip = *a, .segment = segment }, .asset = asset };
	else
		complain(conf_complaints(c), conf_file(c), p->asset_more[asset].line, 1,
			 "where addresses repeat, 'segment' tells assets apart", "assets '%s' and '%s' have the same %s: '%s'",
			 p->asset[s->asset].name, p->asset[asset].name, t == &p->places.by_mac ? "MAC" : "address",
			 t == &p->places.by_mac ? mac_text(a->b, text) : addr_text(a, text));
}

/* An asset with addresses is known by them alone: its MAC may be a router's, seen with many. */
static bool build_assets(struct policy *p, struct conf *c)
{
	struct place_table *ip = &p->places.by_ip, *mac = &p->places.by_mac;
	uint32_t ips = 0, macs = 0;

	for (uint32_t i = 1; i < p->assets; i++) {
		ips += p->asset_more[i].ip_count;
		macs += p->asset_more[i].has_mac && p->asset_more[i].ip_count == 0;
	}
	ip->mask = ips ? size_for(ips) - 1 : 0;
	mac->mask = macs ? size_for(macs) - 1 : 0;
	ip->v = arena_array(p->arena, ip->mask + 1u, sizeof *ip->v);
	mac->v = arena_array(p->arena, mac->mask + 1u, sizeof *mac->v);
	if (!ip->v || !mac->v)
		return false;
	for (uint32_t i = 1; i < p->assets; i++) {
		const struct asset_more *m = &p->asset_more[i];
		struct ip_addr key = mac_key(m->mac);

		for (uint32_t k = 0; k < m->ip_count; k++)
			add(p, c, ip, &m->ips[k], i);
		if (m->has_mac && m->ip_count == 0)
			add(p, c, mac, &key, i);
	}
	return true;
}

bool places_build(struct policy *p, struct conf *c)
{
	return build_nets(p, c) && build_vlans(p, c) && build_assets(p, c);
}

void policy_place(const struct policy *p, uint16_t segment, const uint16_t *vlan, unsigned vlans, struct ot_side *side)
{
	side->asset = 0;
	side->zone = 0;
	if (!p->has_site)
		return;
	side->asset = find(&p->places.by_ip, &side->ip, segment);
	if (!side->asset && side->has_mac) {
		struct ip_addr key = mac_key(side->mac);

		side->asset = find(&p->places.by_mac, &key, segment);
	}
	if (side->asset)
		side->zone = p->asset[side->asset].zone;
	if (!side->zone)
		side->zone = zone_of(p, &side->ip, vlan, vlans);
}

uint16_t policy_segment(const struct policy *p, const char *source, const uint16_t *vlan, unsigned vlans)
{
	const char *base = source ? strrchr(source, '/') : NULL;

	base = base ? base + 1 : source;
	for (uint32_t i = 1; source && i < p->segments; i++) {
		for (uint32_t k = 0; k < p->segment[i].capture_count; k++) {
			const char *glob = p->segment[i].captures[k];

			if (fnmatch(glob, strchr(glob, '/') ? source : base, 0) == 0)
				return (uint16_t)i;
		}
	}
	for (uint32_t i = 1; i < p->segments; i++) {
		for (unsigned k = 0; k < vlans; k++) {
			if (has_vlan(p->segment[i].vlans, p->segment[i].vlan_count, vlan[k]))
				return (uint16_t)i;
		}
	}
	return 0;
}
