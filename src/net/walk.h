/* walk.h - the state of walking down one packet, shared by the files of the decoder. Internal
 * to src/net. */
#ifndef ZT_NET_WALK_H
#define ZT_NET_WALK_H

#include "base/rd.h"
#include "net/decode.h"

struct frag_table;

/* What the next bytes are, or that the walk is over. */
enum layer {
	LAYER_STOP,             /* not followed; the reason is counted */
	LAYER_DONE,             /* layer 4 is filled in */
	LAYER_ETHERNET,
	LAYER_ETHERTYPE,        /* walk.type says which */
	LAYER_LLC,
	LAYER_IP,               /* the version says which */
	LAYER_IPV4,
	LAYER_IPV6,
	LAYER_PROTO             /* walk.type is an IP protocol number */
};

struct walk {
	struct rd r;            /* captured bytes of what encloses the next header */
	uint32_t wire;          /* how many bytes that is on the wire; never less than r.left */
	uint16_t type;
	uint8_t tunnels;
	struct packet *p;
	struct decode_stats *stats;
	struct frag_table *frags;
};

/* Take a header of n bytes; NULL: not there. */
static inline struct rd walk_header(struct walk *w, uint32_t n)
{
	struct rd h = rd_sub(&w->r, n);

	if (rd_ok(&h))
		w->wire -= n;
	return h;
}

/* The enclosing packet is n bytes long from here; what is behind is padding or a trailer.
 * When the frame is shorter than that, the frame is right: the receiver has no more either.
 * Not so inside a tunnel: a mirror may cut what it wraps. */
static inline void walk_clamp(struct walk *w, uint32_t n)
{
	if (n < w->wire || w->tunnels)
		w->wire = n;
	w->r = rd_upto(&w->r, n);
}

static inline enum layer walk_cut(struct walk *w)
{
	w->stats->cut_header++;
	return LAYER_STOP;
}

static inline enum layer walk_bad(struct walk *w)
{
	w->stats->bad_header++;
	return LAYER_STOP;
}

/* A header that is not there is cut by the capture or, when the wire had no more either,
 * wrong. */
static inline enum layer walk_short(struct walk *w, uint32_t left)
{
	return w->wire > left ? walk_cut(w) : walk_bad(w);
}

#endif
