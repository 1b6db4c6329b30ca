/* l4.c - see l4.h. RFC 9293, RFC 768. What ICMP quotes of other packets is not traffic and
 * is not looked at. */
#include "net/l4.h"

#include "net/tunnel.h"

enum { PROTO_TCP = 6, PROTO_UDP = 17 };

static enum layer data(struct walk *w)
{
	w->p->data = w->r.p;
	w->p->data_len = w->r.left;
	w->p->data_wire_len = w->wire;
	return LAYER_DONE;
}

static enum layer tcp(struct walk *w)
{
	uint32_t left = w->r.left, header;
	struct rd h = walk_header(w, 20);
	struct packet *p = w->p;

	if (!rd_ok(&h))                 /* asked first: then no read below has anything left to check */
		return walk_short(w, left);
	p->sport = rd_be16(&h);
	p->dport = rd_be16(&h);
	p->tcp_seq = rd_be32(&h);
	p->tcp_ack = rd_be32(&h);
	header = (rd_u8(&h) >> 4) * 4U;
	p->tcp_flags = rd_u8(&h) & (TCP_FIN | TCP_SYN | TCP_RST | TCP_PSH | TCP_ACK);
	if (header < 20)
		return walk_bad(w);
	if (header > 20) {
		left = w->r.left;
		h = walk_header(w, header - 20);
		if (!rd_ok(&h))
			return walk_short(w, left);
	}
	return data(w);
}

static enum layer udp(struct walk *w)
{
	uint32_t left = w->r.left, length;
	struct rd h = walk_header(w, 8);
	struct packet *p = w->p;
	enum layer inside;

	if (!rd_ok(&h))
		return walk_short(w, left);
	p->sport = rd_be16(&h);
	p->dport = rd_be16(&h);
	length = rd_be16(&h);
	/* length 0: a jumbogram, or segmentation left to the network card */
	if (length && length < 8)
		return walk_bad(w);
	if (length && length - 8 < w->wire)
		walk_clamp(w, length - 8);
	inside = tunnel_udp(w, p->dport);
	return inside == LAYER_DONE ? data(w) : inside;
}

enum layer l4_proto(struct walk *w)
{
	enum layer inside;

	w->p->ip_proto = (uint8_t)w->type;
	w->p->sport = w->p->dport = 0;
	if (w->type == PROTO_TCP)
		return tcp(w);
	if (w->type == PROTO_UDP)
		return udp(w);
	inside = tunnel_ip(w, (uint8_t)w->type);
	return inside == LAYER_DONE ? data(w) : inside;
}
