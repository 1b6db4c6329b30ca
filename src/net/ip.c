/* ip.c - see ip.h. RFC 791, RFC 8200, RFC 4302 (AH). */
#include "net/ip.h"

#include "net/frag.h"

#define EXTENSIONS_MAX 16

enum {
	PROTO_HOP_BY_HOP = 0, PROTO_ROUTING = 43, PROTO_FRAGMENT = 44, PROTO_AH = 51, PROTO_DESTINATION = 60,
	PROTO_HIP = 139, PROTO_SHIM6 = 140, PROTO_MOBILITY = 135
};

/* A fragment goes to the table; what comes out is the whole datagram, or nothing yet. */
static enum layer reassemble(struct walk *w, struct frag_piece *piece)
{
	struct frag_whole whole;

	if (!frag_add(w->frags, piece, w->p->ts_ns, &whole))
		return LAYER_STOP;
	w->p->flags |= PKT_FRAGMENT;
	w->p->ip = whole.ip;
	w->p->ip_len = whole.ip_len;
	w->r = rd_init(whole.payload, whole.payload_len);
	w->wire = whole.payload_len;
	w->type = whole.proto;
	return LAYER_PROTO;
}

/* RFC 8200 4.5: next header, reserved, offset in eights and flags, identification. */
static enum layer fragment_v6(struct walk *w, struct rd header)
{
	uint32_t left = w->r.left;
	struct rd h = walk_header(w, 8);
	uint8_t next = rd_u8(&h);
	uint16_t frag;
	uint32_t id;

	rd_skip(&h, 1);
	frag = rd_be16(&h);
	id = rd_be32(&h);
	if (!rd_ok(&h))
		return walk_short(w, left);
	w->type = next;
	/* RFC 6946: a fragment that is the whole */
	if (!(frag & 0xfff9))
		return LAYER_PROTO;
	struct frag_piece piece = { .proto = next, .v6 = true, .id = id, .src = &w->p->src, .dst = &w->p->dst,
		.header = header, .payload = w->r, .wire = w->wire, .offset = frag & 0xfff8U,
		.more = frag & 1 };

	return reassemble(w, &piece);
}

/* Walk the extension headers behind the IP header from w->type to what is not one. */
static enum layer extensions(struct walk *w, struct rd header)
{
	for (uint32_t i = 0; i < EXTENSIONS_MAX; i++) {
		uint32_t left = w->r.left, unit;
		struct rd h;

		switch (w->type) {
		case PROTO_FRAGMENT: {
			enum layer l = fragment_v6(w, header);

			if (l != LAYER_PROTO)
				return l;
			continue;
		}
		case PROTO_HOP_BY_HOP:
		case PROTO_ROUTING:
		case PROTO_DESTINATION:
		case PROTO_MOBILITY:
		case PROTO_HIP:
		case PROTO_SHIM6:
			unit = 8;
			break;
		case PROTO_AH:
			unit = 4;
			break;
		default:
			return LAYER_PROTO;
		}
		h = walk_header(w, 8);
		w->type = rd_u8(&h);
		/* RFC 8200 4.3: in eights beyond the first eight; RFC 4302 2.2: in fours less two */
		unit *= rd_u8(&h);
		if (!rd_ok(&h))
			return walk_short(w, left);
		left = w->r.left;
		h = walk_header(w, unit);
		if (!rd_ok(&h))
			return walk_short(w, left);
	}
	w->stats->too_many_layers++;
	return LAYER_STOP;
}

enum layer ip_v4(struct walk *w)
{
	struct rd whole = w->r;
	uint32_t left = w->r.left;
	struct rd h = walk_header(w, 20);
	struct packet *p = w->p;
	uint8_t version;
	uint32_t header, total;
	uint16_t id, frag;
	const uint8_t *addr;

	if (!rd_ok(&h))                 /* asked first: then no read below has anything left to check */
		return walk_short(w, left);
	version = rd_u8(&h);
	header = (version & 15U) * 4U;
	rd_skip(&h, 1);
	total = rd_be16(&h);
	id = rd_be16(&h);
	frag = rd_be16(&h);
	rd_skip(&h, 1);
	w->type = rd_u8(&h);
	rd_skip(&h, 2);
	addr = rd_take(&h, 8);
	/* length 0: segmentation is left to the network card, the frame says how long it is */
	if (total == 0)
		total = w->wire + 20;
	if (version >> 4 != 4 || header < 20 || total < header)
		return walk_bad(w);
	p->src = addr_v4(addr);
	p->dst = addr_v4(addr + 4);
	walk_clamp(w, total - 20);
	if (header > 20) {
		left = w->r.left;
		h = walk_header(w, header - 20);
		if (!rd_ok(&h))
			return walk_short(w, left);
	}
	p->ip = whole.p;
	p->ip_len = header + w->r.left;
	if (frag & 0x3fff) {
		struct frag_piece piece = { .proto = (uint8_t)w->type, .id = id, .src = &p->src, .dst = &p->dst,
			.header = rd_sub(&whole, header), .payload = w->r, .wire = w->wire,
			.offset = (frag & 0x1fffU) * 8U, .more = frag & 0x2000 };

		return reassemble(w, &piece);
	}
	return w->type == PROTO_AH ? extensions(w, rd_sub(&whole, header)) : LAYER_PROTO;
}

enum layer ip_v6(struct walk *w)
{
	struct rd whole = w->r;
	uint32_t left = w->r.left;
	struct rd h = walk_header(w, 40);
	struct packet *p = w->p;
	uint8_t version = rd_u8(&h);
	uint32_t length;
	const uint8_t *addr;

	rd_skip(&h, 3);
	length = rd_be16(&h);
	w->type = rd_u8(&h);
	rd_skip(&h, 1);
	addr = rd_take(&h, 32);
	if (!addr)
		return walk_short(w, left);
	if (version >> 4 != 6)
		return walk_bad(w);
	p->src = addr_v6(addr);
	p->dst = addr_v6(addr + 16);
	/* length 0: a jumbogram, or segmentation left to the network card */
	if (length)
		walk_clamp(w, length);
	p->ip = whole.p;
	p->ip_len = 40 + w->r.left;
	return extensions(w, rd_sub(&whole, 40));
}

enum layer ip_any(struct walk *w)
{
	switch (rd_peek(&w->r, 0) >> 4) {
	case 4:
		return ip_v4(w);
	case 6:
		return ip_v6(w);
	default:
		return w->r.left ? walk_bad(w) : walk_short(w, 0);
	}
}
