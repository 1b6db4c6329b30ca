/* stream.h - one direction of a TCP conversation, put in order. Nobody can be asked to send again.
 *
 * The first copy of a byte wins. A hole is declared lost when the other side answers past it and what
 * is held begins like a message (or the answer would be heard before its question); when it was
 * acknowledged and some packets or 200 ms have gone by (a mirror reorders the two directions); when only
 * one direction is seen and more of it has come; or when what is held reaches its bound. A stream whose
 * SYN was not seen starts with the lowest of its first segments: they are held until they begin like a
 * message, the other side answers, four of them are there, or 200 ms have gone by. Owned by one worker. */
#ifndef ZT_NET_STREAM_H
#define ZT_NET_STREAM_H

#include "base/pool.h"
#include "base/rd.h"
#include "net/packet.h"

#define STREAM_HELD_MAX 128             /* segments held back in one direction */
#define STREAM_SEGMENT_MAX 2048         /* bytes of a held segment; longer ones take several */
#define STREAM_PATIENCE_NS 200000000u
#define STREAM_PATIENCE_PACKETS 16      /* packets of the flow after an acknowledged hole */
#define STREAM_LONELY_SEGMENTS 32       /* held segments when the other side is never seen */
#define STREAM_START_SEGMENTS 4
#define STREAM_START_BYTES 512          /* of the first segments, shown to starts() */
#define STREAM_EARLY_PACKETS 8          /* of this direction, in which earlier bytes are still taken */

/* Where bytes came from: what an event needs to know of its packet. */
struct mark {
	uint64_t ts_ns, seq;
	uint32_t frame;
	uint16_t capture;
	uint16_t vlan[2];
	uint8_t  vlans, has_smac, has_dmac;
	uint8_t  smac[6], dmac[6];
};

struct segment {
	struct segment *next;           /* by sequence number */
	uint32_t seq, len, missing;     /* missing: bytes after these that the capture cut off */
	struct mark mark;
	uint8_t bytes[STREAM_SEGMENT_MAX];
};

struct stream {
	struct segment *held;
	uint32_t next_seq;              /* first byte not yet delivered */
	uint32_t acked;                 /* by the other side */
	uint64_t wait_ns;               /* packet time at which the first segment was held */
	uint64_t lost;                  /* bytes */
	uint32_t start_seq;             /* where the stream was taken up, last */
	uint16_t held_count, wait_packets;
	uint8_t  started, has_ack, gap; /* gap: the next bytes do not follow the last ones */
	uint8_t  early;                 /* packets for which something before start_seq may still come */
};

struct stream_hooks {
	void *arg;
	/* What comes next. gap: something is missing before it. cut: the capture left out what follows (the next
	 * call has gap set). */
	void (*bytes)(void *arg, struct rd bytes, const struct mark *m, bool gap, bool cut);
	/* Do these bytes, the first behind a hole or of a stream whose SYN was not seen, begin a message? */
	bool (*starts)(void *arg, struct rd bytes);
	/* Bytes from before the place where the stream was taken up, come late. */
	void (*early)(void *arg, struct rd bytes, const struct mark *m);
};

struct stream_counts {
	uint64_t retransmitted, reordered, gaps, lost_bytes, held_full;
};

void mark_of(struct mark *m, const struct packet *p);

/* One packet of this direction. `other_ack` handling is separate: call stream_acked() on the other
 * direction's stream first. */
void stream_push(struct stream *s, const struct packet *p, struct pool *segments, struct stream_counts *c,
		 const struct stream_hooks *h);

/* The other side acknowledged up to `ack` (exclusive) at now_ns, with data of its own or without; may declare
 * holes lost. */
void stream_acked(struct stream *s, uint32_t ack, bool with_data, uint64_t now_ns, struct pool *segments, struct stream_counts *c,
		  const struct stream_hooks *h);

/* Time has passed without a packet: may declare holes lost. */
void stream_tick(struct stream *s, uint64_t now_ns, struct pool *segments, struct stream_counts *c,
		 const struct stream_hooks *h);

/* No more packets will come: delivers what is held, holes as gaps, and gives the segments back. */
void stream_flush(struct stream *s, struct pool *segments, struct stream_counts *c, const struct stream_hooks *h);

#endif
