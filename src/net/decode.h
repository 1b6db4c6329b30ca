/* decode.h - from a captured frame to its innermost IP packet and layer 4.
 *
 * Unwraps link types, VLAN tags, tunnels and IP fragments. Checksums are never looked at: a
 * mirror of a machine that leaves them to its network card shows them wrong. One thread owns
 * a decoder; nothing is allocated after decoder_new(). */
#ifndef ZT_NET_DECODE_H
#define ZT_NET_DECODE_H

#include "net/packet.h"

#include <stdbool.h>
#include <stdint.h>

/* Why a packet was not followed to layer 4, or not all the way. Every packet given to
 * packet_decode() is in `packets` and in `followed` or exactly one of the next group. */
struct decode_stats {
	uint64_t packets;
	uint64_t followed;              /* packet_decode() said true */

	uint64_t no_ip;                 /* some other ethertype: ARP, PROFINET, spanning tree */
	uint64_t unknown_link;          /* a link type that is not decoded */
	uint64_t cut_header;            /* the captured bytes end inside a header */
	uint64_t bad_header;            /* a header contradicts itself */
	uint64_t too_many_layers;       /* more than PACKET_LAYERS_MAX headers */
	uint64_t fragment_held;         /* a fragment, kept until its datagram is whole */
	uint64_t fragment_copies;       /* a fragment of a datagram that was just made whole */
	uint64_t fragment_bad;          /* contradicts itself or its datagram, or past 64 KiB */
	uint64_t fragment_cut;          /* cut by the capture: cannot be put together */
	uint64_t fragment_no_memory;    /* no room to hold it */

	/* on top of those */
	uint64_t tunnel_depth;          /* a tunnel inside PACKET_TUNNELS_MAX others was left wrapped */
	uint64_t tunnels;               /* encapsulations unwrapped */
	uint64_t datagrams;             /* put together from fragments */
	uint64_t fragment_overlaps;     /* fragments that repeated bytes: the first stand */
	uint64_t datagrams_timed_out;   /* given up 30 s of packet time after their first fragment */
	uint64_t datagrams_evicted;     /* oldest given up for want of room */
};

struct decoder;

#define DECODER_DATAGRAMS 256           /* datagrams that can be put together at a time */

struct decoder *decoder_new(uint32_t datagrams);        /* 0: DECODER_DATAGRAMS; NULL: no memory */
void decoder_free(struct decoder *d);                   /* NULL is allowed */

/* Fill the decoded members of p. true: src, dst and ip_proto are there, and for TCP and UDP
 * the ports and data. false: nothing to follow; the reason is counted, and what is filled
 * means nothing. The members that point at bytes die with p->bytes or, with PKT_FRAGMENT,
 * at the next call. */
bool packet_decode(struct decoder *d, struct packet *p) __attribute__((warn_unused_result));

const struct decode_stats *decoder_stats(const struct decoder *d);

/* Is the link type one that packet_decode() knows? Any thread. */
bool decode_link_known(uint16_t dlt);

#endif
