#include "engine/flow_event.h"

#include "classify/app.h"
#include "ot/dissector.h"

#include <string.h>

bool flow_industrial_port(uint16_t port)
{
	for (const struct dissector *const *d = dissectors; *d; d++) {
		for (unsigned i = 0; i < 4; i++) {
			if (port == (*d)->tcp_ports[i] || port == (*d)->udp_ports[i])
				return true;
		}
	}
	return false;
}

/* Between two ports that belong to no service the lower one means nothing: who speaks first asks. */
static bool nobodys_port(uint16_t port)
{
	return port >= 1024 && !flow_industrial_port(port);
}

void flow_event(struct ot_event *ev, const struct ot_head *first, struct flow_facts *facts)
{
	bool client_is_dst = first->src.port == facts->server_port && first->dst.port != facts->server_port;

	if (!facts->roles_known && nobodys_port(first->src.port) && nobodys_port(first->dst.port)) {
		client_is_dst = facts->dst_first;
		facts->server_port = client_is_dst ? first->src.port : first->dst.port;
	}
	if (facts->decided && facts->app == APP_NONE)
		facts->guess = (uint8_t)app_of_port(facts->ip_proto, facts->server_port);
	memset(ev, 0, offsetof(struct ot_event, value));
	ev->head = *first;
	ev->dir = DIR_NOTIFY;
	ev->flags = client_is_dst ? EV_CLIENT_IS_DST : 0;
}
