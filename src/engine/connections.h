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

/* An event with HAS_CONNECTION: the answer that opened or closed a connection. */
void connections_learn(struct connections *c, const struct ot_event *ev);

/* An event with EV_IO: when its connection is known, who is the client of it, and what was connected to as the
 * target's path and route. false: nothing is known. */
bool connections_attribute(const struct connections *c, struct ot_event *ev);

#endif
