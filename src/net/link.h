/* link.h - link layers: Ethernet with its tags, Linux cooked, raw IP, BSD null and loop.
 * Internal to src/net. */
#ifndef ZT_NET_LINK_H
#define ZT_NET_LINK_H

#include "net/walk.h"

bool link_known(uint16_t dlt);
enum layer link_start(struct walk *w, uint16_t dlt);    /* the first header of a packet */
enum layer link_ethernet(struct walk *w);
enum layer link_llc(struct walk *w);
enum layer link_ethertype(struct walk *w);              /* what follows ethertype w->type */

enum {
	ETHERTYPE_IPV4 = 0x0800, ETHERTYPE_ARP = 0x0806, ETHERTYPE_TEB = 0x6558, ETHERTYPE_VLAN = 0x8100,
	ETHERTYPE_IPV6 = 0x86dd, ETHERTYPE_MPLS = 0x8847, ETHERTYPE_MPLS_MULTICAST = 0x8848,
	ETHERTYPE_PPPOE = 0x8864, ETHERTYPE_ERSPAN = 0x88be, ETHERTYPE_QINQ = 0x88a8, ETHERTYPE_HSR = 0x892f,
	ETHERTYPE_QINQ_OLD = 0x9100, ETHERTYPE_QINQ_OLDER = 0x9200, ETHERTYPE_ERSPAN_3 = 0x22eb
};

#endif
