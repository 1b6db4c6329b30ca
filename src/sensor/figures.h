/* figures.h - the counts of one interface, over all its listeners, since the sensor was started. Main thread. */
#ifndef ZT_SENSOR_FIGURES_H
#define ZT_SENSOR_FIGURES_H

#include "sensor/crew.h"
#include "sensor/talkers.h"

struct figures {
	uint64_t at_ns, oldest_ns;      /* running time: now, and of the oldest counts of a listener */
	uint64_t packets, bytes;        /* read */
	uint64_t received;              /* by the kernel for us, lost ones included */
	uint64_t ring_full;             /* lost by the kernel: the ring was full */
	uint64_t early, unread;         /* received, but not read: see struct listener_counts */
	uint64_t handoff_full;          /* lost on the way to a fed listener */
	uint64_t adapter_lost;          /* lost before they came to us: by the adapter, or for want of kernel memory */
	uint64_t findings_lost;         /* of workers, on the way to the recorder; of them */
	uint64_t alerts_lost;           /* such as carry an alert */
	uint64_t pdus, events;          /* industrial */
	struct decode_stats decode;
	struct worker_counts worker;
	struct port_view port;
	struct talkers talkers;         /* the largest first; bytes of the last minutes */
};

/* The adapter's own counters are those of the moment at which it was first asked for: only what comes after counts. */
struct figures_adapter { bool known; uint64_t lost, base; };

void figures_take(const struct crew *c, unsigned interface, struct figures_adapter *adapter, struct figures *out);

/* Packets lost, at all places. */
uint64_t figures_lost(const struct figures *f);

#endif
