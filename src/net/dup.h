/* dup.h - copies of a packet made by a mirror port.
 *
 * A switch that mirrors both sides of a router shows every packet twice, with another TTL,
 * MAC address and VLAN. A copy is the same IP packet, but for what routers change (TTL or
 * hop limit, IPv4 checksum, DSCP and ECN), within 10 ms of packet time of the first one.
 * A retransmission by a sender that numbers its packets has another IPv4 id and is none.
 * Of packets without a number (IPv4 with id 0, IPv6) equal bytes within 10 ms are copies.
 * Fixed memory: when more packets than it holds fall into 10 ms, old ones are forgotten and
 * their copies pass. One worker owns a table. */
#ifndef ZT_NET_DUP_H
#define ZT_NET_DUP_H

#include "net/packet.h"

#include <stdbool.h>

struct dup;

#define DUP_WINDOW_NS 10000000U

struct dup *dup_new(void);              /* NULL: no memory, or no random numbers */
void dup_free(struct dup *d);           /* NULL is allowed */

/* p is decoded (packet_decode() said true). true: it is a copy of one that was seen. */
bool dup_seen(struct dup *d, const struct packet *p);

/* The same in two steps, so that other work can be done while the memory answers. */
uint64_t dup_hash(struct dup *d, const struct packet *p);
bool dup_check(struct dup *d, uint64_t hash, uint64_t ts_ns);

#endif
