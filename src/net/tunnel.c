/* tunnel.c - see tunnel.h. RFC 2784 and 2890 (GRE), draft-foschiano-erspan (ERSPAN), RFC 7348
 * (VXLAN), RFC 8926 (Geneve), RFC 2003 and 4213 (IP in IP). */
#include "net/tunnel.h"

#include "net/link.h"

enum { GRE_CHECKSUM = 0x8000, GRE_ROUTING = 0x4000, GRE_KEY = 0x2000, GRE_SEQUENCE = 0x1000, GRE_VERSION = 7 };

/* Go inside with `inside` as the walk's window, unless that is too deep. */
static enum layer enter(struct walk *w, const struct walk *inside, enum layer layer)
{
	if (w->tunnels == PACKET_TUNNELS_MAX) {
		w->stats->tunnel_depth++;
		return LAYER_DONE;
	}
	*w = *inside;
	w->tunnels++;
	w->stats->tunnels++;
	w->p->flags |= PKT_TUNNELLED;
	return layer;
}

/* Does IP begin here? */
static bool plausible_ip(struct rd r, uint16_t type)
{
	uint8_t first = rd_u8(&r);

	if (type == ETHERTYPE_IPV6)
		return first >> 4 == 6;
	return first >> 4 == 4 && (first & 15) >= 5;
}

/* Does an Ethernet frame with IP or ARP in it begin here? UDP payload of another protocol on
 * a tunnel's port must not be taken for one. */
static bool plausible_frame(struct rd r)
{
	uint16_t type;

	rd_skip(&r, 12);
	for (uint32_t i = 0; i <= PACKET_VLANS_MAX; i++) {
		type = rd_be16(&r);
		if (!rd_ok(&r))
			return false;
		switch (type) {
		case ETHERTYPE_IPV4:
		case ETHERTYPE_IPV6:
			return plausible_ip(r, type);
		case ETHERTYPE_ARP:
			return rd_be16(&r) == 1 && rd_be16(&r) == ETHERTYPE_IPV4;
		case ETHERTYPE_VLAN:
		case ETHERTYPE_QINQ:
		case ETHERTYPE_QINQ_OLD:
			rd_skip(&r, 2);
			break;
		default:
			return false;
		}
	}
	return false;
}

/* ERSPAN type III: 12 bytes, the last bit says that 8 of the platform follow. */
static enum layer erspan_3(struct walk *w, struct walk *in)
{
	struct rd h = walk_header(in, 12);
	uint8_t version = rd_u8(&h) >> 4;
	uint16_t flags;

	rd_skip(&h, 9);
	flags = rd_be16(&h);
	if (flags & 1)
		(void)walk_header(in, 8);
	if (!rd_ok(&h) || !rd_ok(&in->r) || version != 2)
		return LAYER_DONE;
	/* frame type 2 is an IP packet without a frame, 0 Ethernet */
	return enter(w, in, (flags >> 10 & 31) == 2 ? LAYER_IP : LAYER_ETHERNET);
}

/* Without a sequence number it is type I, which has no header of its own. */
static enum layer erspan(struct walk *w, struct walk *in, bool sequence)
{
	if (sequence) {
		struct rd h = walk_header(in, 8);

		if (rd_u8(&h) >> 4 != 1)
			return LAYER_DONE;
	}
	return enter(w, in, LAYER_ETHERNET);
}

static enum layer gre(struct walk *w)
{
	struct walk in = *w;
	struct rd h = walk_header(&in, 4);
	uint16_t flags = rd_be16(&h);
	uint16_t type = rd_be16(&h);
	uint32_t more = 0;

	if (!rd_ok(&h) || flags & (GRE_VERSION | GRE_ROUTING))
		return LAYER_DONE;
	if (flags & GRE_CHECKSUM)
		more += 4;
	if (flags & GRE_KEY)
		more += 4;
	if (flags & GRE_SEQUENCE)
		more += 4;
	h = walk_header(&in, more);
	if (!rd_ok(&h))
		return LAYER_DONE;
	in.type = type;
	switch (type) {
	case ETHERTYPE_IPV4:
		return enter(w, &in, LAYER_IPV4);
	case ETHERTYPE_IPV6:
		return enter(w, &in, LAYER_IPV6);
	case ETHERTYPE_TEB:
		return enter(w, &in, LAYER_ETHERNET);
	case ETHERTYPE_VLAN:
	case ETHERTYPE_MPLS:
		return enter(w, &in, LAYER_ETHERTYPE);
	case ETHERTYPE_ERSPAN:
		return erspan(w, &in, flags & GRE_SEQUENCE);
	case ETHERTYPE_ERSPAN_3:
		return erspan_3(w, &in);
	default:
		return LAYER_DONE;
	}
}

enum layer tunnel_ip(struct walk *w, uint8_t proto)
{
	switch (proto) {
	case TUNNEL_PROTO_IPV4:
		return plausible_ip(w->r, ETHERTYPE_IPV4) ? enter(w, w, LAYER_IPV4) : LAYER_DONE;
	case TUNNEL_PROTO_IPV6:
		return plausible_ip(w->r, ETHERTYPE_IPV6) ? enter(w, w, LAYER_IPV6) : LAYER_DONE;
	case TUNNEL_PROTO_GRE:
		return gre(w);
	default:
		return LAYER_DONE;
	}
}

/* RFC 7348 5: flags with the I bit, 24 reserved bits, network id, 8 reserved bits. The
 * group policy extension uses the reserved bits of the first word. */
static enum layer vxlan(struct walk *w)
{
	struct walk in = *w;
	struct rd h = walk_header(&in, 8);
	uint8_t flags = rd_u8(&h);

	rd_skip(&h, 6);
	if ((flags & 0x7f) != 8 || rd_u8(&h) != 0 || !rd_ok(&h) || !plausible_frame(in.r))
		return LAYER_DONE;
	return enter(w, &in, LAYER_ETHERNET);
}

/* RFC 8926 3.4: version and length of the options in fours, flags, protocol, network id. */
static enum layer geneve(struct walk *w)
{
	struct walk in = *w;
	struct rd h = walk_header(&in, 8);
	uint8_t first = rd_u8(&h);
	uint16_t type;

	rd_skip(&h, 1);
	type = rd_be16(&h);
	(void)walk_header(&in, (first & 63U) * 4U);
	if (!rd_ok(&h) || !rd_ok(&in.r) || first >> 6 != 0)
		return LAYER_DONE;
	if (type == ETHERTYPE_TEB && plausible_frame(in.r))
		return enter(w, &in, LAYER_ETHERNET);
	if (type == ETHERTYPE_IPV4 && plausible_ip(in.r, type))
		return enter(w, &in, LAYER_IPV4);
	if (type == ETHERTYPE_IPV6 && plausible_ip(in.r, type))
		return enter(w, &in, LAYER_IPV6);
	return LAYER_DONE;
}

enum layer tunnel_udp(struct walk *w, uint16_t dport)
{
	switch (dport) {
	case TUNNEL_PORT_VXLAN:
	case TUNNEL_PORT_VXLAN_LINUX:
		return vxlan(w);
	case TUNNEL_PORT_GENEVE:
		return geneve(w);
	default:
		return LAYER_DONE;
	}
}
