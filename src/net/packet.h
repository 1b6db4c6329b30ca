/* packet.h - one captured packet, decoded down to layer 4. Owns nothing: `bytes` belong to
 * the capture (or to the fragment table) and die with the callback. */
#ifndef ZT_NET_PACKET_H
#define ZT_NET_PACKET_H

#include "base/addr.h"

#include <stdbool.h>
#include <stdint.h>

#define PACKET_LAYERS_MAX 24    /* headers walked in one packet, tunnels included */
#define PACKET_TUNNELS_MAX 4    /* encapsulations unwrapped in one packet */
#define PACKET_VLANS_MAX 2      /* tags kept: outer first */

enum packet_flag {
	PKT_CUT = 1 << 0,               /* the capture holds less than was on the wire */
	PKT_FRAGMENT = 1 << 1,          /* put together from IP fragments */
	PKT_TUNNELLED = 1 << 2,
	PKT_HAS_MAC = 1 << 3,           /* smac, dmac are the innermost Ethernet header's */
	PKT_NO_DMAC = 1 << 4,           /* but dmac is not known: Linux cooked captures keep the sender's only */
};

enum tcp_flag { TCP_FIN = 1, TCP_SYN = 2, TCP_RST = 4, TCP_PSH = 8, TCP_ACK = 16 };

struct packet {
	/* given by the capture */
	const uint8_t *bytes;
	uint32_t caplen, wirelen;       /* bytes */
	uint64_t ts_ns;                 /* since 1970 UTC */
	uint64_t seq;                   /* number of the packet in the whole run, from 1 */
	uint32_t frame;                 /* number in its capture, from 1 */
	uint16_t capture;               /* index of the capture file or interface */
	uint16_t dlt;                   /* LINKTYPE_ value of this packet's interface */

	/* filled by packet_decode() */
	struct ip_addr src, dst;        /* of the innermost IP header */
	uint16_t sport, dport;          /* host order; 0 without ports */
	uint16_t vlan[PACKET_VLANS_MAX];/* ids of the innermost frame's tags, outer first */
	uint8_t  vlans;                 /* how many of them */
	uint8_t  ip_proto;              /* 6 TCP, 17 UDP, ... */
	uint8_t  tcp_flags;             /* enum tcp_flag */
	uint8_t  flags;                 /* enum packet_flag */
	uint8_t  smac[6], dmac[6];
	uint32_t tcp_seq, tcp_ack;
	const uint8_t *data;            /* layer-4 payload */
	uint32_t data_len;              /* bytes captured of it */
	uint32_t data_wire_len;         /* bytes on the wire by the IP length; > data_len: cut by snaplen */
	const uint8_t *ip;              /* innermost IP header */
	uint32_t ip_len;                /* captured bytes from ip to the end of the IP packet */
	uint32_t shard;                 /* hash of the unordered address pair: picks the worker */
};

#endif
