/* tunnel.h - encapsulations: GRE with ERSPAN, VXLAN, Geneve, IP in IP. Internal to src/net. */
#ifndef ZT_NET_TUNNEL_H
#define ZT_NET_TUNNEL_H

#include "net/walk.h"

enum {
	TUNNEL_PROTO_IPV4 = 4, TUNNEL_PROTO_IPV6 = 41, TUNNEL_PROTO_GRE = 47, TUNNEL_PORT_VXLAN = 4789,
	TUNNEL_PORT_VXLAN_LINUX = 8472, TUNNEL_PORT_GENEVE = 6081
};

/* What is inside, at w, when w is the payload of IP protocol `proto` or of a UDP datagram to
 * port `dport`. LAYER_DONE: it is no tunnel, or one that is not unwrapped: w is untouched. */
enum layer tunnel_ip(struct walk *w, uint8_t proto);
enum layer tunnel_udp(struct walk *w, uint16_t dport);

#endif
