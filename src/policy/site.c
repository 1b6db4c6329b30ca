/* site.c - what a site file says of zones, segments and assets. */
#include "policy/model.h"

#include <stdio.h>
#include <string.h>

#define COUNT(a) (sizeof (a) / sizeof (a)[0])

static bool too_many(struct conf *c, const struct conf_node *n, size_t max, const char *what)
{
	if (conf_count(c, n) <= max)
		return false;
	conf_wrong(c, n, NULL, "more than %zu %s", max, what);
	return true;
}

/* --- parts of a row --------------------------------------------------------------------------- */

static const uint16_t *vlans(struct policy *p, struct conf *c, const struct conf_node *n, uint32_t *count)
{
	size_t most = conf_count(c, n);
	uint16_t *v;

	*count = 0;
	if (!n || too_many(c, n, LIST_MAX, "VLANs"))
		return NULL;
	v = arena_array(p->arena, most + 1, sizeof *v);
	for (size_t i = 0; v && i < most; i++) {
		uint32_t id;

		if (conf_uint(c, conf_item(c, n, i), 1, 4094, &id))
			v[(*count)++] = (uint16_t)id;
	}
	return v;
}

static bool network(struct conf *c, const struct conf_node *n, struct ip_net *out)
{
	const char *s = conf_text(c, n, 64);
	struct ip_addr whole;
	const char *slash = s ? strchr(s, '/') : NULL;
	char addr[64], text[ADDR_TEXT + 4], hint[100];

	if (!s)
		return false;
	if (!net_parse(s, out)) {
		conf_wrong(c, n, "networks are like 192.168.1.0/24 or fd00::/64", "not a network");
		return false;
	}
	snprintf(addr, sizeof addr, "%.*s", slash ? (int)(slash - s) : 63, s);
	if (addr_parse(addr, &whole) && !addr_eq(&whole, &out->addr)) {
		snprintf(hint, sizeof hint, "did you mean '%s'?", net_text(out, text));
		conf_wrong(c, n, hint, "address has bits behind the prefix");
		return false;
	}
	return true;
}

static void networks(struct policy *p, struct conf *c, const struct conf_node *n, struct zone_more *z)
{
	size_t most = conf_count(c, n);
	struct ip_net *v;

	if (!n || too_many(c, n, LIST_MAX, "networks"))
		return;
	v = arena_array(p->arena, most + 1, sizeof *v);
	for (size_t i = 0; v && i < most; i++) {
		const struct conf_node *item = conf_item(c, n, i);
		bool twice = false;

		if (!network(c, item, &v[z->net_count]))
			continue;
		for (uint32_t k = 0; k < z->net_count; k++)
			twice = twice || (v[k].bits == v[z->net_count].bits && addr_eq(&v[k].addr, &v[z->net_count].addr));
		if (twice)
			conf_wrong(c, item, NULL, "this network stands here twice");
		else
			z->net_count++;
	}
	z->nets = v;
}

static void level(struct conf *c, const struct conf_node *n, struct zone *z)
{
	static const char *const words[] = { "0", "1", "2", "3", "3.5", "4", "5", NULL };
	static const uint8_t levels[] = { 0, 10, 20, 30, 35, 40, 50 };
	const char *s = conf_text(c, n, 16);

	for (size_t i = 0; s && words[i]; i++) {
		if (strcmp(s, words[i]) == 0) {
			z->level10 = levels[i];
			return;
		}
	}
	if (s)
		conf_wrong(c, n, "0 to 5, and 3.5 for the DMZ", "not a Purdue level");
}

static void inside(struct conf *c, const struct conf_node *n, struct zone *z)
{
	static const char *const words[] = { "policed", "allowed", NULL };
	const char *s = conf_text(c, n, CONF_NAME_MAX);

	z->policed = s && strcmp(s, words[0]) == 0;
	if (s && !z->policed && strcmp(s, words[1]) != 0)
		conf_unknown(c, n, words, "unknown word for 'inside'");
}

/* A name that nothing else in the dictionary has. */
static const char *own_name(struct conf *c, const struct conf_node *n, struct dict *d, const char *what)
{
	const char *s = conf_name(c, n, what);

	if (s && dict_find(d, s)) {
		conf_wrong(c, n, NULL, "%s: this one stands here already", what);
		return NULL;
	}
	return s;
}

/* --- rows ---------------------------------------------------------------------------------------- */

static void zone_row(struct policy *p, struct conf *c, const struct conf_node *n)
{
	const struct conf_node *name, *lvl, *sl, *nets, *ids, *in, *text;
	const struct conf_key keys[] = {
		{ "name", CONF_WORD, true, &name }, { "level", CONF_WORD, true, &lvl }, { "sl", CONF_WORD, false, &sl },
		{ "networks", CONF_WORDS, false, &nets }, { "vlans", CONF_WORDS, false, &ids },
		{ "inside", CONF_WORD, false, &in }, { "description", CONF_WORD, false, &text },
	};
	struct zone z = { .sl_target = -1 };
	struct zone_more more = { .line = conf_line(c, n) };
	uint32_t sl_target;

	conf_map(c, n, "a zone", keys, COUNT(keys));
	if (name)
		z.name = own_name(c, name, &p->zone_dict, "name of a zone");
	if (z.name && (strchr(z.name, ':') || strcmp(z.name, "unzoned") == 0)) {
		conf_wrong(c, name, NULL, "a zone cannot be called so");
		z.name = NULL;
	}
	if (lvl)
		level(c, lvl, &z);
	if (sl && conf_uint(c, sl, 0, 4, &sl_target))
		z.sl_target = (int8_t)sl_target;
	networks(p, c, nets, &more);
	more.vlans = vlans(p, c, ids, &more.vlan_count);
	if (in)
		inside(c, in, &z);
	if (!z.name)
		return;
	p->zone[p->zones] = z;
	p->zone_more[p->zones] = more;
	dict_add(&p->zone_dict, z.name, p->zones++);
}

static const char *const *globs(struct policy *p, struct conf *c, const struct conf_node *n, uint32_t *count)
{
	size_t most = conf_count(c, n);
	const char **v;

	if (!n || too_many(c, n, LIST_MAX, "captures"))
		return NULL;
	v = arena_array(p->arena, most + 1, sizeof *v);
	for (size_t i = 0; v && i < most; i++) {
		v[*count] = conf_text(c, conf_item(c, n, i), 255);
		*count += v[*count] != NULL;
	}
	return v;
}

static void segment_row(struct policy *p, struct conf *c, const struct conf_node *n)
{
	const struct conf_node *name, *ids, *caps, *text;
	const struct conf_key keys[] = {
		{ "name", CONF_WORD, true, &name }, { "vlans", CONF_WORDS, false, &ids },
		{ "captures", CONF_WORDS, false, &caps }, { "description", CONF_WORD, false, &text },
	};
	struct segment s = { 0 };

	conf_map(c, n, "a segment", keys, COUNT(keys));
	if (name)
		s.name = own_name(c, name, &p->segment_dict, "name of a segment");
	s.vlans = vlans(p, c, ids, &s.vlan_count);
	s.captures = globs(p, c, caps, &s.capture_count);
	if (!s.name)
		return;
	for (uint32_t i = 1; i < p->segments; i++) {
		if (p->segment[i].gone && strcmp(p->segment[i].name, s.name) == 0) {
			p->segment[i] = s;
			dict_add(&p->segment_dict, s.name, i);
			return;
		}
	}
	p->segment[p->segments] = s;
	dict_add(&p->segment_dict, s.name, p->segments++);
}

/* Segments of the policy before keep their number, also those that are not listed any more. */
static bool keep_segments(struct policy *p, struct conf *c, const struct conf_node *list)
{
	uint32_t n = p->before ? p->before->segments : 1;

	if (n - 1 + conf_count(c, list) > SEGMENTS_KEPT_MAX) {
		conf_wrong(c, list, "restart the sensor", "more than %u segments since it was started", SEGMENTS_KEPT_MAX);
		return true;
	}
	for (; p->segments < n; p->segments++) {
		const char *name = p->before->segment[p->segments].name;

		p->segment[p->segments] = (struct segment){ .gone = true, .name = arena_text(p->arena, name, strlen(name)) };
		if (!p->segment[p->segments].name)
			return false;
	}
	return true;
}

static void unknown(struct conf *c, const struct conf_node *n, const char *const *names, uint32_t count, const char *what)
{
	const char *list[LIST_MAX + 1] = { 0 };

	for (uint32_t i = 1; i < count && i <= LIST_MAX; i++)
		list[i - 1] = names[i];
	conf_unknown(c, n, list, what);
}

static uint16_t by_name(struct policy *p, struct conf *c, const struct conf_node *n, struct dict *d,
			const char *(*name)(struct policy *, uint32_t), uint32_t count, const char *what)
{
	const char *list[LIST_MAX + 1] = { 0 };
	const char *s = n ? conf_text(c, n, CONF_NAME_MAX) : NULL;
	uint32_t found = s ? dict_find(d, s) : 0;

	if (!s || found)
		return (uint16_t)found;
	for (uint32_t i = 1; i < count && i <= LIST_MAX; i++)
		list[i] = name(p, i);
	unknown(c, n, list, count < LIST_MAX ? count : LIST_MAX, what);
	return 0;
}

static const char *zone_name(struct policy *p, uint32_t i) { return p->zone[i].name; }
static const char *segment_name(struct policy *p, uint32_t i) { return p->segment[i].gone ? "" : p->segment[i].name; }

static uint16_t role_of(struct policy *p, const char *role)
{
	uint32_t i = dict_find(&p->role_dict, role);

	if (!i) {
		i = p->roles++;
		p->role[i] = role;
		dict_add(&p->role_dict, role, i);
	}
	return (uint16_t)i;
}

static void addresses(struct policy *p, struct conf *c, const struct conf_node *n, struct asset_more *more)
{
	size_t most = conf_count(c, n);
	struct ip_addr *v;

	if (!n || too_many(c, n, LIST_MAX, "addresses"))
		return;
	v = arena_array(p->arena, most + 1, sizeof *v);
	for (size_t i = 0; v && i < most; i++) {
		const struct conf_node *item = conf_item(c, n, i);
		const char *s = conf_text(c, item, 64);

		if (s && addr_parse(s, &v[more->ip_count]))
			more->ip_count++;
		else if (s)
			conf_wrong(c, item, "one address like 192.168.1.10; networks belong to zones", "not an address");
	}
	more->ips = v;
}

static void asset_row(struct policy *p, struct conf *c, const struct conf_node *n)
{
	const struct conf_node *name, *ip, *mac, *role, *seg, *zone, *text;
	const struct conf_key keys[] = {
		{ "name", CONF_WORD, true, &name }, { "ip", CONF_WORDS, false, &ip }, { "mac", CONF_WORD, false, &mac },
		{ "role", CONF_WORD, false, &role }, { "segment", CONF_WORD, false, &seg },
		{ "zone", CONF_WORD, false, &zone }, { "description", CONF_WORD, false, &text },
	};
	struct site_asset a = { .role = "" };
	struct asset_more more = { .line = conf_line(c, n) };
	bool whole = conf_map(c, n, "an asset", keys, COUNT(keys));
	const char *s;

	if (name)
		a.name = own_name(c, name, &p->asset_dict, "name of an asset");
	addresses(p, c, ip, &more);
	s = mac ? conf_text(c, mac, 32) : NULL;
	more.has_mac = s && mac_parse(s, more.mac);
	if (s && !more.has_mac)
		conf_wrong(c, mac, "like 00:1d:9c:aa:bb:cc", "not a MAC address");
	s = role ? conf_name(c, role, "role") : NULL;
	if (s) {
		a.role = s;
		more.role = role_of(p, s);
	}
	a.segment = by_name(p, c, seg, &p->segment_dict, segment_name, p->segments, "unknown segment");
	a.zone = by_name(p, c, zone, &p->zone_dict, zone_name, p->zones, "unknown zone");
	if (whole && !ip && !mac)
		complain(conf_complaints(c), conf_file(c), more.line, 1, NULL, "asset '%s' has neither 'ip' nor 'mac'",
			 a.name ? a.name : "");
	if (!a.name)
		return;
	p->asset[p->assets] = a;
	p->asset_more[p->assets] = more;
	dict_add(&p->asset_dict, a.name, p->assets++);
}

/* --- the file ------------------------------------------------------------------------------------ */

static void rows(struct policy *p, struct conf *c, const struct conf_node *list, size_t max, const char *what,
		 void (*row)(struct policy *, struct conf *, const struct conf_node *))
{
	size_t n = list ? conf_count(c, list) : 0;

	if (n > max) {
		conf_wrong(c, list, NULL, "more than %zu %s", max, what);
		n = max;
	}
	for (size_t i = 0; i < n; i++)
		row(p, c, conf_item(c, list, i));
}

/* A zone that nothing can be in is a slip. */
static void empty_zones(struct policy *p, struct conf *c)
{
	for (uint32_t i = 1; i < p->zones; i++) {
		bool named = p->zone_more[i].net_count || p->zone_more[i].vlan_count;

		for (uint32_t k = 1; k < p->assets && !named; k++)
			named = p->asset[k].zone == i;
		if (!named)
			complain(conf_complaints(c), conf_file(c), p->zone_more[i].line, 1,
				 "give it 'networks' or 'vlans', or assets that name it",
				 "nothing can be in this zone: '%s'", p->zone[i].name);
	}
}

static uint32_t entries(struct conf *c, const struct conf_node *list, uint32_t max)
{
	size_t n = list ? conf_count(c, list) : 0;

	return (uint32_t)(n < max ? n : max) + 1;
}

static bool tables(struct policy *p, uint32_t zones, uint32_t segments, uint32_t assets)
{
	p->zone = arena_array(p->arena, zones, sizeof *p->zone);
	p->zone_more = arena_array(p->arena, zones, sizeof *p->zone_more);
	p->segment = arena_array(p->arena, segments, sizeof *p->segment);
	p->asset = arena_array(p->arena, assets, sizeof *p->asset);
	p->asset_more = arena_array(p->arena, assets, sizeof *p->asset_more);
	p->role = arena_array(p->arena, assets + 1, sizeof *p->role);
	p->zones = p->segments = p->assets = p->roles = 1;
	return p->zone && p->zone_more && p->segment && p->asset && p->asset_more && p->role &&
	       dict_init(&p->zone_dict, p->arena, zones) && dict_init(&p->segment_dict, p->arena, segments) &&
	       dict_init(&p->asset_dict, p->arena, assets) && dict_init(&p->role_dict, p->arena, assets);
}

/* The names as expressions want them. */
static bool names(struct policy *p)
{
	const char **zone = arena_array(p->arena, p->zones, sizeof *zone);
	const char **asset = arena_array(p->arena, p->assets, sizeof *asset);
	const char **segment = arena_array(p->arena, p->segments, sizeof *segment);
	uint8_t *levels = arena_array(p->arena, p->zones, sizeof *levels);
	uint16_t *roles = arena_array(p->arena, p->assets, sizeof *roles);

	if (!zone || !asset || !segment || !levels || !roles)
		return false;
	for (uint32_t i = 1; i < p->zones; i++) {
		zone[i] = p->zone[i].name;
		levels[i] = p->zone[i].level10;
	}
	for (uint32_t i = 1; i < p->assets; i++) {
		asset[i] = p->asset[i].name;
		roles[i] = p->asset_more[i].role;
	}
	for (uint32_t i = 1; i < p->segments; i++)
		segment[i] = segment_name(p, i);
	p->names = (struct expr_site){
		.zones = p->zones, .assets = p->assets, .roles = p->roles, .segments = p->segments,
		.zone_name = zone, .asset_name = asset, .role_name = p->role, .segment_name = segment,
		.zone_level10 = levels, .asset_role = roles,
	};
	return true;
}

bool site_read(struct policy *p, struct conf *c, struct site_nodes *rest)
{
	const struct conf_node *site, *text, *zones, *segments, *assets;
	const struct conf_key keys[] = {
		{ "site", CONF_WORD, true, &site }, { "description", CONF_WORD, false, &text },
		{ "zones", CONF_LIST, true, &zones }, { "segments", CONF_LIST, false, &segments },
		{ "assets", CONF_LIST, false, &assets }, { "conduits", CONF_LIST, false, &rest->conduits },
		{ "exceptions", CONF_LIST, false, &rest->exceptions },
	};

	p->has_site = true;
	p->site_name = "";
	if (!conf_root(c)) {
		complain(conf_complaints(c), conf_file(c), 1, 1, "it begins with 'site: NAME'", "the file is empty");
		return false;
	}
	conf_map(c, conf_root(c), "a site", keys, COUNT(keys));
	if (site) {
		p->site_name = conf_name(c, site, "name of the site");
		p->site_name = p->site_name ? p->site_name : "";
	}
	if (!tables(p, entries(c, zones, ZONES_MAX),
		    entries(c, segments, SEGMENTS_MAX) + (p->before ? p->before->segments : 0), entries(c, assets, ASSETS_MAX)) ||
	    !keep_segments(p, c, segments))
		return false;
	rows(p, c, zones, ZONES_MAX, "zones", zone_row);
	rows(p, c, segments, SEGMENTS_MAX, "segments", segment_row);
	rows(p, c, assets, ASSETS_MAX, "assets", asset_row);
	if (conf_complaints(c)->n == 0)
		empty_zones(p, c);
	return names(p);
}
