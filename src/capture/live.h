/* live.h - the packets of a network interface, as they come.
 *
 * One handle is one packet socket with its memory-mapped ring (TPACKET_V3), owned by one thread, which opens it,
 * reads it, asks it and closes it. Nothing is ever sent, and no name is looked up. VLAN tags that the kernel or
 * the adapter took off stand in the packets again. */
#ifndef ZT_CAPTURE_LIVE_H
#define ZT_CAPTURE_LIVE_H

#include "base/err.h"
#include "net/packet.h"

#include <stdbool.h>
#include <stdint.h>

#define LIVE_TIMEOUT_MS 100             /* a packet is handed out at the latest so long after it came */

struct live;

struct live_options {
	const char *name;               /* of the interface */
	const char *filter;             /* pcap-filter(7); NULL or "": everything */
	uint32_t snaplen;               /* bytes */
	uint32_t ring;                  /* bytes */
	bool promiscuous;
	bool adapter_stamps;            /* by the adapter's clock, where it is set after the system's */
};

/* ZT_ENOENT: there is no such interface, or it is down: try again later. ZT_EPERM: not allowed. ZT_EINVAL: the
 * filter or the link type is wrong. ZT_EIO: something else. */
int live_open(const struct live_options *o, struct live **out, struct diag *d) __attribute__((warn_unused_result));
void live_close(struct live *l);        /* NULL is allowed */

int live_fd(const struct live *l);      /* for fanout.h */

/* Called with each packet: bytes, lengths, stamp (wall clock) and link type are filled, and die when it returns. */
typedef void live_fn(void *arg, struct packet *p);

/* Hands out what is there, at most about `most` packets, without waiting: how many. Negative: the interface is gone
 * (ZT_ENOENT) or reading failed (ZT_EIO); close the handle. */
int live_read(struct live *l, unsigned most, live_fn *fn, void *arg, struct diag *d);

/* Waits until there is something to read, at most timeout_ms. */
void live_wait(struct live *l, int timeout_ms);

/* Is the interface that was opened still there, and up? Costs two system calls. */
bool live_alive(struct live *l, struct diag *d);

struct live_counts {                    /* since live_open() */
	uint64_t received;              /* that passed the filter, dropped ones included */
	uint64_t dropped;               /* the ring was full */
};
void live_counts(struct live *l, struct live_counts *out);

#endif
