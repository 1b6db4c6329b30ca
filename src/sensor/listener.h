/* listener.h - one thread: a socket of an interface, a decoder, a worker, and a ring to the recorder.
 *
 * Nothing of a packet leaves the thread but what the worker finds. When the ring is full a finding is dropped and
 * counted, by kind; its last eighth is kept for findings that carry an alert. Nobody waits for the recorder. */
#ifndef ZT_SENSOR_LISTENER_H
#define ZT_SENSOR_LISTENER_H

#include "engine/finding.h"
#include "net/decode.h"
#include "sensor/port.h"
#include "sensor/publish.h"
#include "sensor/talkers.h"

#define LISTENER_RING (8u << 20)        /* bytes of findings that may wait for the recorder */
#define LISTENER_HANDOFF (4u << 20)     /* bytes of packets that may wait for a fed listener */
#define LISTENER_PATIENCE_NS (2 * UINT64_C(1000000000)) /* at the end: how long the recorder is waited for */
#define LISTENERS_MAX 256               /* of all interfaces together: part of the order of packets */
/* A packet is in the listener's hands at the latest so long after its stamp. */
#define LISTENER_LATE_NS (UINT64_C(1000000) * (2 * LIVE_TIMEOUT_MS + 50))

struct listener_counts {                /* a copy, once a second */
	uint64_t packets, bytes;        /* read from the socket, or taken over from listener 0 */
	uint64_t received, ring_full;   /* by the socket, of all its rounds: passed the filter; dropped by the kernel */
	uint64_t early;                 /* of a round in which not all sockets were open: others may have had them too */
	uint64_t unread;                /* still in the ring when the socket was closed */
	uint64_t handoff_full;          /* packets that found no room on their way to a fed listener */
	uint64_t dropped[FINDING_END + 1];      /* findings, by enum finding_kind */
	uint64_t heavy_dropped;         /* of those, that carried an alert */
	uint64_t now_ns;                /* running time of the copy */
	struct decode_stats decode;
	struct worker_counts worker;
	struct talkers talkers;         /* one packet in TALKERS_EVERY is looked at, and stands for all */
};

#define TALKERS_EVERY 8

struct listener;

struct listener_config {
	struct port *port;
	struct listener *const *of_port;        /* all of the interface, by their index; complete before any starts */
	unsigned index;                 /* among the port's listeners */
	unsigned number;                /* among all */
	uint16_t capture;               /* the interface's number */
	uint64_t base_ns;               /* running time at which the order of packets begins */
	struct worker_config worker;    /* its policy is the publication's */
	const struct publication *policies;
	_Atomic bool *stop;
	/* First of all in the thread (its privileges); false: it ends at once. NULL: nothing. */
	bool (*enter)(void *arg);
	void *arg;
};

struct listener *listener_new(const struct listener_config *c);         /* NULL: no memory */
bool listener_start(struct listener *l);        /* false: no thread */
void listener_join(struct listener *l);         /* after *stop; one that was not started has ended then, too */
bool listener_ended(const struct listener *l);  /* nothing will be added to its ring. Any thread */
void listener_free(struct listener *l);         /* NULL is allowed */

struct ring *listener_findings(struct listener *l);     /* the recorder takes from it */
void listener_counts(struct listener *l, struct listener_counts *out);  /* any thread */

/* The policy that the listener judges by, as a number of the publication. Any thread. */
uint32_t listener_epoch(const struct listener *l);

#endif
