/* frag.h - IP fragments put together again.
 *
 * A fixed number of datagrams, the oldest given up for a new one; 30 seconds of packet time
 * each. Where fragments overlap the bytes that came first stand. All memory is taken at the
 * start. One thread owns a table. Internal to src/net. */
#ifndef ZT_NET_FRAG_H
#define ZT_NET_FRAG_H

#include "base/addr.h"
#include "base/rd.h"
#include "net/decode.h"

struct frag_table;

struct frag_piece {
	const struct ip_addr *src, *dst;
	uint32_t id;
	uint8_t proto;          /* IPv4: part of the key; IPv6: of the first fragment */
	bool v6;
	bool more;              /* not the last */
	uint32_t offset;        /* bytes */
	struct rd header;       /* IP header, at most 60 bytes */
	struct rd payload;      /* captured */
	uint32_t wire;          /* bytes of payload on the wire */
};

struct frag_whole {
	const uint8_t *ip;      /* header and payload in one piece, until frag_release() */
	uint32_t ip_len;
	const uint8_t *payload;
	uint32_t payload_len;
	uint8_t proto;
};

struct frag_table *frag_table_new(uint32_t datagrams, struct decode_stats *stats);      /* NULL: no memory */
void frag_table_free(struct frag_table *t);     /* NULL is allowed */

/* Take back what frag_add() gave for the packet before. */
void frag_release(struct frag_table *t);

/* true: the datagram is whole. false: it is not yet, or the piece was refused; counted. */
bool frag_add(struct frag_table *t, const struct frag_piece *piece, uint64_t ts_ns, struct frag_whole *out);

#endif
