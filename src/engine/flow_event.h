/* flow_event.h - a flow as something that can be judged: an event that says nothing, with client and server. Pure. */
#ifndef ZT_ENGINE_FLOW_EVENT_H
#define ZT_ENGINE_FLOW_EVENT_H

#include "expr/judged.h"

/* ev: the head's event, everything before `value` is set. facts->server_port may become the other port,
 * facts->guess is filled. */
void flow_event(struct ot_event *ev, const struct ot_head *first, struct flow_facts *facts);

bool flow_industrial_port(uint16_t port);       /* a dissector's usual one */

#endif
