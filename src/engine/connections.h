/* connections.h - CIP connections that are open, so that class 0 and 1 data, which say nothing but a
 * connection id, can be told whose they are. Opened in one flow, used in another, often multicast: so they
 * are put together where all events pass in order. Bounded; the oldest of a bucket goes. One owner. */
#ifndef ZT_ENGINE_CONNECTIONS_H
#define ZT_ENGINE_CONNECTIONS_H

#include "ot/event.h"

#define CONNECTIONS_MAX 4096    /* ids known at once; a connection has two */

struct connections;

struct connections *connections_new(void);      /* NULL: no memory */
void connections_free(struct connections *c);   /* NULL is allowed */

/* The next event. From one with HAS_CONNECTION, the answer that opened or closed a connection, it learns; of one with
 * EV_IO whose connection is known it returns a copy, its own and good until the next: that tells who is the client, and what
 * was connected to as the target's path and route. Every other event is returned as it is. */
const struct ot_event *connections_pass(struct connections *c, const struct ot_event *ev);

#endif
