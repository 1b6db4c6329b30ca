/* link.c - see link.h */
#include "net/link.h"

#include <string.h>

enum {
	LINKTYPE_NULL = 0, LINKTYPE_ETHERNET = 1, DLT_RAW_BSD = 12, DLT_RAW_OPENBSD = 14, LINKTYPE_RAW = 101,
	LINKTYPE_LOOP = 108, LINKTYPE_LINUX_SLL = 113, LINKTYPE_IPV4 = 228, LINKTYPE_IPV6 = 229,
	LINKTYPE_LINUX_SLL2 = 276
};

#define ETHERTYPE_MIN 0x600             /* IEEE 802.3 3.2.6: below it is a length */
#define LENGTH_MAX 1500

bool link_known(uint16_t dlt)
{
	switch (dlt) {
	case LINKTYPE_NULL:
	case LINKTYPE_ETHERNET:
	case DLT_RAW_BSD:
	case DLT_RAW_OPENBSD:
	case LINKTYPE_RAW:
	case LINKTYPE_LOOP:
	case LINKTYPE_LINUX_SLL:
	case LINKTYPE_IPV4:
	case LINKTYPE_IPV6:
	case LINKTYPE_LINUX_SLL2:
		return true;
	default:
		return false;
	}
}

static enum layer no_ip(struct walk *w)
{
	w->stats->no_ip++;
	return LAYER_STOP;
}

/* A length and LLC, or an ethertype. */
static enum layer type_or_length(struct walk *w, uint16_t type)
{
	if (type == ETHERTYPE_IPV4)
		return LAYER_IPV4;
	if (type >= ETHERTYPE_MIN) {
		w->type = type;
		return LAYER_ETHERTYPE;
	}
	if (type <= LENGTH_MAX && type < w->wire)
		walk_clamp(w, type);
	return LAYER_LLC;
}

enum layer link_ethernet(struct walk *w)
{
	uint32_t left = w->r.left;
	struct rd h = walk_header(w, 14);
	struct packet *p = w->p;
	const uint8_t *mac;

	if (!rd_ok(&h))
		return walk_short(w, left);
	mac = rd_take(&h, 12);
	memcpy(p->dmac, mac, 6);
	memcpy(p->smac, mac + 6, 6);
	p->flags = (uint8_t)((p->flags | PKT_HAS_MAC) & ~PKT_NO_DMAC);
	p->vlans = 0;
	return type_or_length(w, rd_be16(&h));
}

/* IEEE 802.2: DSAP, SSAP, control; RFC 1042: SNAP with an ethertype. */
enum layer link_llc(struct walk *w)
{
	struct rd h = walk_header(w, 3);
	uint8_t dsap = rd_u8(&h);
	uint8_t ssap = rd_u8(&h);
	uint8_t control = rd_u8(&h);
	uint32_t oui;

	if (dsap == 0x06 && ssap == 0x06 && control == 3)
		return LAYER_IPV4;
	if (dsap != 0xaa || ssap != 0xaa || control != 3)
		return no_ip(w);
	h = walk_header(w, 5);
	oui = rd_be24(&h);
	w->type = rd_be16(&h);
	/* 00-00-00 is RFC 1042, 00-00-F8 IEEE 802.1H bridging */
	return (oui == 0 || oui == 0xf8) && w->type >= ETHERTYPE_MIN ? LAYER_ETHERTYPE : no_ip(w);
}

static enum layer vlan(struct walk *w)
{
	uint32_t left = w->r.left;
	struct rd h = walk_header(w, 4);
	uint16_t tag = rd_be16(&h);
	uint16_t type = rd_be16(&h);
	struct packet *p = w->p;

	if (!rd_ok(&h))
		return walk_short(w, left);
	/* IEEE 802.1Q 9.6: id 0 is a priority without a VLAN */
	if ((tag & 0xfff) && p->vlans < PACKET_VLANS_MAX)
		p->vlan[p->vlans++] = tag & 0xfff;
	return type_or_length(w, type);
}

/* RFC 3032: labels up to the one that says it is the last; what follows is IP, or Ethernet
 * behind a control word (RFC 4385). */
static enum layer mpls(struct walk *w)
{
	for (uint32_t i = 0; i < PACKET_LAYERS_MAX; i++) {
		uint32_t left = w->r.left;
		struct rd h = walk_header(w, 4);
		uint32_t label = rd_be32(&h);
		uint8_t version;

		if (!rd_ok(&h))
			return walk_short(w, left);
		if (!(label & 0x100))
			continue;
		version = rd_peek(&w->r, 0) >> 4;
		if (version == 4 || version == 6)
			return LAYER_IP;
		if (version == 0) {
			h = walk_header(w, 4);
			return LAYER_ETHERNET;
		}
		return no_ip(w);
	}
	w->stats->too_many_layers++;
	return LAYER_STOP;
}

/* RFC 2516 4 and RFC 1661 2: session header, then the PPP protocol. */
static enum layer pppoe(struct walk *w)
{
	uint32_t left = w->r.left;
	struct rd h = walk_header(w, 8);
	uint8_t version = rd_u8(&h);
	uint8_t code = rd_u8(&h);
	uint16_t length, proto;

	rd_skip(&h, 2);
	length = rd_be16(&h);
	proto = rd_be16(&h);
	if (!rd_ok(&h))
		return walk_short(w, left);
	if (version != 0x11 || code != 0 || length < 2)
		return walk_bad(w);
	if (length - 2U < w->wire)
		walk_clamp(w, length - 2U);
	return proto == 0x21 ? LAYER_IPV4 : proto == 0x57 ? LAYER_IPV6 : no_ip(w);
}

/* IEC 62439-3 5.7: path and size, sequence number, the tagged frame's own ethertype. */
static enum layer hsr(struct walk *w)
{
	uint32_t left = w->r.left;
	struct rd h = walk_header(w, 6);

	rd_skip(&h, 4);
	w->type = rd_be16(&h);
	return rd_ok(&h) ? type_or_length(w, w->type) : walk_short(w, left);
}

enum layer link_ethertype(struct walk *w)
{
	switch (w->type) {
	case ETHERTYPE_IPV4:
		return LAYER_IPV4;
	case ETHERTYPE_IPV6:
		return LAYER_IPV6;
	case ETHERTYPE_VLAN:
	case ETHERTYPE_QINQ:
	case ETHERTYPE_QINQ_OLD:
	case ETHERTYPE_QINQ_OLDER:
		return vlan(w);
	case ETHERTYPE_MPLS:
	case ETHERTYPE_MPLS_MULTICAST:
		return mpls(w);
	case ETHERTYPE_PPPOE:
		return pppoe(w);
	case ETHERTYPE_HSR:
		return hsr(w);
	default:
		return no_ip(w);
	}
}

/* Four bytes of address family in the byte order of the machine that captured (null) or of
 * the network (loop). The numbers of IPv6 differ between systems: 24, 28, 30; Linux 10. */
static enum layer null_loop(struct walk *w)
{
	uint32_t left = w->r.left;
	struct rd h = walk_header(w, 4);
	uint32_t family = rd_be32(&h);

	if (!rd_ok(&h))
		return walk_short(w, left);
	if (family > 0xffff)
		family = __builtin_bswap32(family);
	if (family == 2)
		return LAYER_IPV4;
	return family == 24 || family == 28 || family == 30 || family == 10 ? LAYER_IPV6 : no_ip(w);
}

/* Linux cooked: only the sender's address is known, and only Ethernet's is one (ARPHRD 1;
 * loopback, 772, has zeros). */
static enum layer cooked(struct walk *w, uint16_t proto, uint16_t arphrd, uint8_t addr_len, struct rd addr)
{
	struct packet *p = w->p;
	const uint8_t *mac = rd_take(&addr, 6);

	if (arphrd == 1 && addr_len == 6 && mac) {
		memcpy(p->smac, mac, 6);
		memset(p->dmac, 0, 6);
		p->flags |= PKT_HAS_MAC | PKT_NO_DMAC;
	}
	/* 4 is a frame that begins with 802.2 */
	if (proto == 4)
		return LAYER_LLC;
	w->type = proto;
	return proto < ETHERTYPE_MIN ? no_ip(w) : LAYER_ETHERTYPE;
}

static enum layer sll(struct walk *w)
{
	uint32_t left = w->r.left;
	struct rd h = walk_header(w, 16);
	uint16_t arphrd, len;
	struct rd addr;

	rd_skip(&h, 2);
	arphrd = rd_be16(&h);
	len = rd_be16(&h);
	addr = rd_sub(&h, 8);
	if (!rd_ok(&h))
		return walk_short(w, left);
	return cooked(w, rd_be16(&h), arphrd, len == 6 ? 6 : 0, addr);
}

static enum layer sll2(struct walk *w)
{
	uint32_t left = w->r.left;
	struct rd h = walk_header(w, 20);
	uint16_t proto = rd_be16(&h);
	uint16_t arphrd;
	uint8_t len;

	rd_skip(&h, 6);
	arphrd = rd_be16(&h);
	rd_skip(&h, 1);
	len = rd_u8(&h);
	if (!rd_ok(&h))
		return walk_short(w, left);
	return cooked(w, proto, arphrd, len, rd_sub(&h, 8));
}

enum layer link_start(struct walk *w, uint16_t dlt)
{
	switch (dlt) {
	case LINKTYPE_ETHERNET:
		return link_ethernet(w);
	case LINKTYPE_NULL:
	case LINKTYPE_LOOP:
		return null_loop(w);
	case LINKTYPE_RAW:
	case DLT_RAW_BSD:
	case DLT_RAW_OPENBSD:
		return LAYER_IP;
	case LINKTYPE_IPV4:
		return LAYER_IPV4;
	case LINKTYPE_IPV6:
		return LAYER_IPV6;
	case LINKTYPE_LINUX_SLL:
		return sll(w);
	case LINKTYPE_LINUX_SLL2:
		return sll2(w);
	default:
		w->stats->unknown_link++;
		return LAYER_STOP;
	}
}
