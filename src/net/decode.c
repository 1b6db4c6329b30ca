/* decode.c - see decode.h. One loop walks from header to header; no layer calls another, so
 * no nesting can exhaust the stack. */
#include "net/decode.h"

#include "net/frag.h"
#include "net/ip.h"
#include "net/l4.h"
#include "net/link.h"
#include "net/walk.h"

#include <stdlib.h>

struct decoder {
	struct decode_stats stats;
	struct frag_table *frags;
};

struct decoder *decoder_new(uint32_t datagrams)
{
	struct decoder *d = calloc(1, sizeof(*d));

	if (!d)
		return NULL;
	d->frags = frag_table_new(datagrams ? datagrams : DECODER_DATAGRAMS, &d->stats);
	if (!d->frags) {
		free(d);
		return NULL;
	}
	return d;
}

void decoder_free(struct decoder *d)
{
	if (!d)
		return;
	frag_table_free(d->frags);
	free(d);
}

const struct decode_stats *decoder_stats(const struct decoder *d)
{
	return &d->stats;
}

bool decode_link_known(uint16_t dlt)
{
	return link_known(dlt);
}

static uint64_t address_hash(const struct ip_addr *a)
{
	uint64_t h = (a->q[0] ^ 0x9e3779b97f4a7c15U) * 0xff51afd7ed558ccdU;

	h = (h ^ (h >> 32) ^ a->q[1]) * 0xc4ceb9fe1a85ec53U;
	return h ^ (h >> 32);
}

/* The same for both directions: a sum does not know which address came first. */
static uint32_t pair_hash(const struct ip_addr *a, const struct ip_addr *b)
{
	uint64_t h = (address_hash(a) + address_hash(b)) * 0x9e3779b97f4a7c15U;

	return (uint32_t)(h >> 32);
}

static enum layer step(struct walk *w, enum layer layer)
{
	switch (layer) {
	case LAYER_ETHERNET:
		return link_ethernet(w);
	case LAYER_ETHERTYPE:
		return link_ethertype(w);
	case LAYER_LLC:
		return link_llc(w);
	case LAYER_IP:
		return ip_any(w);
	case LAYER_IPV4:
		return ip_v4(w);
	case LAYER_IPV6:
		return ip_v6(w);
	case LAYER_PROTO:
		return l4_proto(w);
	default:
		return layer;
	}
}

static void reset(struct packet *p)
{
	p->sport = p->dport = 0;
	p->vlans = 0;
	p->ip_proto = 0;
	p->tcp_flags = 0;
	p->flags = p->wirelen > p->caplen ? PKT_CUT : 0;
	p->tcp_seq = p->tcp_ack = 0;
	p->data = p->ip = NULL;
	p->data_len = p->data_wire_len = p->ip_len = 0;
	p->shard = 0;
}

bool packet_decode(struct decoder *d, struct packet *p)
{
	struct walk w = {
		.r = rd_init(p->bytes, p->caplen),
		.wire = p->wirelen > p->caplen ? p->wirelen : p->caplen,
		.p = p, .stats = &d->stats, .frags = d->frags,
	};
	enum layer layer;

	d->stats.packets++;
	reset(p);
	frag_release(d->frags);
	layer = link_start(&w, p->dlt);
	/* nearly every packet: without a jump that has to be guessed */
	if (layer == LAYER_IPV4)
		layer = ip_v4(&w);
	if (layer == LAYER_PROTO)
		layer = l4_proto(&w);
	for (uint32_t i = 0; layer > LAYER_DONE; i++) {
		if (i == PACKET_LAYERS_MAX * 2) {
			/* every header takes at most two steps: its type, then itself */
			d->stats.too_many_layers++;
			return false;
		}
		layer = step(&w, layer);
	}
	if (layer != LAYER_DONE)
		return false;
	if (w.wire > w.r.left)
		p->flags |= PKT_CUT;
	p->shard = pair_hash(&p->src, &p->dst);
	d->stats.followed++;
	return true;
}
