/* port.h - one interface as its listeners share it: one socket each, or one for all where the kernel does not
 * spread packets by address pair; and what is to be told of it when it goes and comes back.
 *
 * The listeners open together: packets count from the moment at which all sockets of a round are in the group, for
 * before it a packet may have gone to more than one. When one socket fails, all are opened again. */
#ifndef ZT_SENSOR_PORT_H
#define ZT_SENSOR_PORT_H

#include "base/err.h"
#include "capture/live.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#define PORT_NAME 16
#define PORT_REASON sizeof ((struct diag *)0)->text

enum port_state { PORT_OPENING, PORT_UP, PORT_WAITING };

struct port {
	struct live_options options;    /* texts are the caller's, and outlive the port */
	unsigned listeners;             /* 1.. */

	pthread_mutex_t lock;           /* of what follows; never taken for a packet */
	unsigned joined;                /* sockets of this round */
	uint16_t group;
	enum port_state state;
	char reason[PORT_REASON];       /* why it waits; "" it does not */
	char last[PORT_REASON];         /* why it waited last */
	uint64_t since_ns;              /* running time of the last change */
	uint32_t ups, gone;             /* how often it came; and went away after it had been there */
	bool refused;                   /* fanout: one socket for all */

	_Atomic uint32_t round;
	_Atomic uint64_t go_ns;         /* wall clock from which the packets of this round count; 0: not yet */
};

bool port_init(struct port *p, const struct live_options *o, unsigned listeners);
void port_fini(struct port *p);

enum port_part { PORT_NOT_YET, PORT_READS, PORT_READS_FOR_ALL, PORT_IS_FED };

/* Opens listener number `index`'s part of the current round, which goes to *round. PORT_READS: *out is its socket,
 * PORT_READS_FOR_ALL: the only one. PORT_IS_FED: it gets its packets from listener 0. PORT_NOT_YET: try again a little
 * later (*wait_ms). */
enum port_part port_open(struct port *p, unsigned index, unsigned attempt, struct live **out, uint32_t *round,
			 unsigned *wait_ms);

/* A socket of that round failed, or the interface did: everybody opens again. Once for each round. */
void port_failed(struct port *p, uint32_t round, const struct diag *why);

struct port_view {
	enum port_state state;
	bool shared;
	uint32_t ups, gone;
	uint64_t since_ns;
	char reason[PORT_REASON], last[PORT_REASON];
};
void port_view(struct port *p, struct port_view *out);

#endif
