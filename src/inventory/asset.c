#include "inventory/asset.h"

#include "base/hash.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct mac_row {                        /* how many addresses stand behind one hardware address */
	uint8_t  mac[6];
	uint16_t segment;
	uint8_t  used, ips;
	struct ip_addr ip[ASSET_ROUTER_IPS];
};

struct assets {
	struct asset *v;
	uint32_t *bucket;
	struct asset_saying *said;
	struct mac_row *mac;
	uint32_t n, max, buckets;
	uint32_t nsaid, max_said;
	uint32_t nmac, mac_slots;
	uint64_t refused;
	uint32_t serial, hand, spare_said;      /* where room is looked for next; list of returned sayings, ASSET_NONE */
	bool replaces;
};

#define LOOKED_AT 64            /* places looked at to make room */

const char *identity_field_word(unsigned field)
{
	static const char *const words[ID_FIELDS] = {
		"vendor", "vendor_id", "product", "product_code", "order_number", "serial",
		"firmware", "hardware", "name",
	};
	return field < ID_FIELDS ? words[field] : "unknown";
}

static uint32_t power_of_two(uint32_t n)
{
	uint32_t p = 16;

	while (p < n && p < 1u << 30)
		p *= 2;
	return p;
}

struct assets *assets_new(uint32_t max)
{
	struct assets *a = calloc(1, sizeof *a);

	if (!a)
		return NULL;
	a->max = max;
	a->spare_said = ASSET_NONE;
	a->buckets = power_of_two(max);
	a->max_said = max * 4;
	a->mac_slots = power_of_two(max * 2);
	a->v = calloc(a->max, sizeof *a->v);
	a->bucket = calloc(a->buckets, sizeof *a->bucket);      /* index + 1; 0 ends a chain */
	a->said = calloc(a->max_said, sizeof *a->said);
	a->mac = calloc(a->mac_slots, sizeof *a->mac);
	if (!a->v || !a->bucket || !a->said || !a->mac) {
		assets_free(a);
		return NULL;
	}
	return a;
}

void assets_free(struct assets *a)
{
	if (!a)
		return;
	free(a->v);
	free(a->bucket);
	free(a->said);
	free(a->mac);
	free(a);
}

static uint32_t hash_of(uint16_t segment, const struct ip_addr *ip)
{
	return (uint32_t)hash_more(segment, ip->b, sizeof ip->b);
}

/* The row of a MAC; NULL when there is none, or no room to make one. */
static struct mac_row *mac_row(const struct assets *a, uint16_t segment, const uint8_t mac[6], bool make)
{
	uint32_t at = (uint32_t)hash_more(segment, mac, 6) & (a->mac_slots - 1);

	for (uint32_t i = 0; i < a->mac_slots; i++, at = (at + 1) & (a->mac_slots - 1)) {
		struct mac_row *r = &a->mac[at];

		if (!r->used)
			return make && a->nmac < a->mac_slots / 2 ? r : NULL;
		if (r->segment == segment && memcmp(r->mac, mac, 6) == 0)
			return r;
	}
	return NULL;
}

static void macs_again(struct assets *a);

static void mac_learn(struct assets *a, uint16_t segment, const uint8_t mac[6], const struct ip_addr *ip)
{
	struct mac_row *r = mac_row(a, segment, mac, true);

	if (!r && a->replaces) {
		macs_again(a);
		r = mac_row(a, segment, mac, true);
	}
	if (!r)
		return;
	if (!r->used) {
		r->used = 1;
		r->segment = segment;
		memcpy(r->mac, mac, 6);
		a->nmac++;
	}
	for (unsigned i = 0; i < r->ips; i++) {
		if (addr_eq(&r->ip[i], ip))
			return;
	}
	if (r->ips < ASSET_ROUTER_IPS)
		r->ip[r->ips++] = *ip;
}

bool assets_mac_is_router(const struct assets *a, uint16_t segment, const uint8_t mac[6])
{
	const struct mac_row *r = mac_row(a, segment, mac, false);

	return r && r->used && r->ips >= ASSET_ROUTER_IPS;
}

static void see_mac(struct assets *a, struct asset *s, const uint8_t mac[6])
{
	static const uint8_t none[6];

	if (mac[0] & 1 || memcmp(mac, none, 6) == 0)    /* group addresses and loopback say nothing */
		return;
	for (unsigned i = 0; i < s->macs; i++) {
		if (memcmp(s->mac[i], mac, 6) == 0)
			return;
	}
	mac_learn(a, s->segment, mac, &s->ip);
	if (s->macs < ASSET_MACS)
		memcpy(s->mac[s->macs++], mac, 6);
}

/* The table is full of machines that are gone: what those that are left have is put in anew. */
static void macs_again(struct assets *a)
{
	memset(a->mac, 0, a->mac_slots * sizeof *a->mac);
	a->nmac = 0;
	a->replaces = false;            /* once is enough: what finds no room then is not learned */
	for (uint32_t i = 0; i < a->n; i++) {
		for (unsigned k = 0; k < a->v[i].macs; k++)
			mac_learn(a, a->v[i].segment, a->v[i].mac[k], &a->v[i].ip);
	}
	a->replaces = true;
}

void assets_replace(struct assets *a)
{
	a->replaces = true;
}

/* Takes an asset out of its chain and gives back what it said. */
static void forget(struct assets *a, uint32_t i)
{
	struct asset *s = &a->v[i];
	uint32_t *link = &a->bucket[hash_of(s->segment, &s->ip) & (a->buckets - 1)], next;

	while (*link != i + 1)
		link = &a->v[*link - 1].hash_next;
	*link = s->hash_next;
	for (uint32_t k = s->said; k != ASSET_NONE; k = next) {
		next = a->said[k].next;
		a->said[k].next = a->spare_said;
		a->spare_said = k;
	}
	memset(s, 0, sizeof *s);
}

/* A place for a new asset; ASSET_NONE: there is none. */
static uint32_t place(struct assets *a)
{
	uint32_t best = ASSET_NONE;

	if (a->n < a->max)
		return a->n++;
	a->refused++;
	if (!a->replaces)
		return ASSET_NONE;
	for (unsigned k = 0; k < LOOKED_AT; k++) {
		uint32_t i = a->hand++ % a->max;
		const struct asset *s = &a->v[i], *b = best == ASSET_NONE ? NULL : &a->v[best];

		if (!b || (!s->site_asset && b->site_asset) ||
		    (!s->site_asset == !b->site_asset && s->last_ns < b->last_ns))
			best = i;
	}
	forget(a, best);
	return best;
}

static uint32_t make(struct assets *a, const struct ot_head *h, const struct ot_side *side, uint32_t bucket)
{
	uint32_t i = place(a);

	if (i == ASSET_NONE)
		return i;
	struct asset *s = &a->v[i];

	s->serial = ++a->serial;
	s->ip = side->ip;
	s->segment = h->segment;
	s->first_ns = s->last_ns = h->ts_ns;
	s->first_frame = h->frame;
	s->first_capture = h->capture;
	s->said = ASSET_NONE;
	s->hash_next = a->bucket[bucket];
	a->bucket[bucket] = i + 1;
	return i;
}

uint32_t assets_see(struct assets *a, const struct ot_head *head, const struct ot_side *side, bool *is_new)
{
	uint32_t bucket, i;

	*is_new = false;
	if (addr_is_zero(&side->ip) || addr_is_multicast(&side->ip) || (side->has_mac && side->mac[0] & 1))
		return ASSET_NONE;
	bucket = hash_of(head->segment, &side->ip) & (a->buckets - 1);
	for (i = a->bucket[bucket]; i; i = a->v[i - 1].hash_next) {
		if (a->v[i - 1].segment == head->segment && addr_eq(&a->v[i - 1].ip, &side->ip))
			break;
	}
	if (i) {
		i--;
	} else {
		i = make(a, head, side, bucket);
		if (i == ASSET_NONE)
			return i;
		*is_new = true;
	}
	struct asset *s = &a->v[i];

	if (!s->seen)
		s->run_ns = head->ts_ns;
	s->seen = true;
	if (head->ts_ns < s->first_ns)
		s->first_ns = head->ts_ns;
	if (head->ts_ns > s->last_ns)
		s->last_ns = head->ts_ns;
	if (side->zone)
		s->zone = side->zone;
	if (side->asset)
		s->site_asset = side->asset;
	if (side->has_mac)
		see_mac(a, s, side->mac);
	return i;
}

void assets_know(struct assets *a, const struct asset_known *k)
{
	const struct ot_head h = { .segment = k->segment, .ts_ns = k->first_ns };
	const struct ot_side side = { .ip = k->ip };
	bool is_new;
	uint32_t i = a->n < a->max ? assets_see(a, &h, &side, &is_new) : ASSET_NONE;

	if (i == ASSET_NONE)
		return;
	a->v[i].as_client |= k->as_client;
	a->v[i].as_server |= k->as_server;
	if (k->last_ns > a->v[i].last_ns)
		a->v[i].last_ns = k->last_ns;
	a->v[i].seen = false;
}

void assets_role(struct assets *a, uint32_t asset, unsigned proto, bool as_client)
{
	uint16_t bit = (uint16_t)(1u << proto);

	if (asset >= a->n)
		return;
	if (as_client)
		a->v[asset].as_client |= bit;
	else
		a->v[asset].as_server |= bit;
}

static void say(struct assets *a, struct asset *s, const struct ot_event *ev, const char *part, unsigned field,
		const char *text)
{
	uint32_t *link = &s->said;
	struct asset_saying *x;

	if (!text[0])
		return;
	for (; *link != ASSET_NONE; link = &a->said[*link].next) {
		x = &a->said[*link];
		if (x->field == field && strcmp(x->part, part) == 0 && strcmp(x->text, text) == 0) {
			x->count++;
			if (ev->head.ts_ns > x->last_ns)
				x->last_ns = ev->head.ts_ns;
			return;
		}
	}
	uint32_t at = a->spare_said != ASSET_NONE ? a->spare_said : a->nsaid;

	if (at == a->max_said || s->sayings == ASSET_SAYINGS_MAX) {
		a->refused++;
		return;
	}
	x = &a->said[at];
	if (at == a->nsaid)
		a->nsaid++;
	else
		a->spare_said = x->next;
	*x = (struct asset_saying){
		.field = (uint8_t)field, .proto = ev->proto, .capture = ev->head.capture, .frame = ev->head.frame,
		.next = ASSET_NONE, .first_ns = ev->head.ts_ns, .last_ns = ev->head.ts_ns, .count = 1,
	};
	snprintf(x->part, sizeof x->part, "%s", part);
	snprintf(x->text, sizeof x->text, "%s", text);
	*link = at;
	s->sayings++;
}

/* What answers behind one address: a gateway's unit, a module in the rack. Unit 0 and 255 are the
 * address itself (Modbus Messaging on TCP/IP 1.0b, 4.4.2.3). */
static void part_of(const struct ot_event *ev, char out[48])
{
	out[0] = '\0';
	if (ev->proto == PROTO_MODBUS && ev->has & HAS_UNIT && ev->unit != 0 && ev->unit != 255)
		snprintf(out, 48, "unit %u", ev->unit);
	else if (ev->route_len)
		snprintf(out, 48, "route %.*s", ev->route_len < 40 ? (int)ev->route_len : 40, ev->route);
}

void assets_identity(struct assets *a, uint32_t asset, const struct ot_event *ev)
{
	const struct ot_identity *id = &ev->identity;
	const char *const texts[ID_FIELDS] = {
		[ID_VENDOR] = id->vendor, [ID_PRODUCT] = id->product, [ID_ORDER_NUMBER] = id->order_number,
		[ID_SERIAL] = id->serial, [ID_FIRMWARE] = id->firmware, [ID_HARDWARE] = id->hardware,
		[ID_NAME] = id->name,
	};
	char part[48], number[16];

	if (asset >= a->n)
		return;
	part_of(ev, part);
	for (unsigned f = 0; f < ID_FIELDS; f++) {
		if (texts[f])
			say(a, &a->v[asset], ev, part, f, texts[f]);
	}
	if (id->has_vendor_id) {
		snprintf(number, sizeof number, "%u", id->vendor_id);
		say(a, &a->v[asset], ev, part, ID_VENDOR_ID, number);
	}
	if (id->has_product_code) {
		snprintf(number, sizeof number, "%u", id->product_code);
		say(a, &a->v[asset], ev, part, ID_PRODUCT_CODE, number);
	}
}

uint32_t assets_count(const struct assets *a)
{
	return a->n;
}

uint32_t assets_max(const struct assets *a)
{
	return a->max;
}

uint64_t assets_refused(const struct assets *a)
{
	return a->refused;
}

const struct asset *assets_at(const struct assets *a, uint32_t i)
{
	return i < a->n ? &a->v[i] : NULL;
}

const struct asset_saying *assets_saying(const struct assets *a, uint32_t i)
{
	return i < a->nsaid ? &a->said[i] : NULL;
}

void assets_renumber(struct assets *a, uint16_t (*zone)(const void *arg, uint16_t zone),
		     uint32_t (*site_asset)(const void *arg, uint32_t asset), const void *arg)
{
	for (uint32_t i = 0; i < a->n; i++) {
		a->v[i].zone = zone(arg, a->v[i].zone);
		a->v[i].site_asset = site_asset(arg, a->v[i].site_asset);
	}
}
