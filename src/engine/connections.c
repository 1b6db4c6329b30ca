#include "engine/connections.h"

#include "base/hash.h"

#include <stdlib.h>
#include <string.h>

#define WAYS 4
#define FORWARD_CLOSE 0x4e      /* CIP Volume 1, 3-5.5.3 */

struct connection {             /* one direction: an id is the producer's for this consumer */
	struct ip_addr producer;
	uint64_t ts_ns;
	uint32_t id;
	uint8_t  used, by_client;       /* the producer is the one who opened it */
	uint16_t path_len, route_len;
	char     path[OT_PATH_MAX], route[OT_ROUTE_MAX];
};

struct connections {
	struct connection v[CONNECTIONS_MAX];
	struct ot_event io;             /* an attributed copy */
};

struct connections *connections_new(void)
{
	return calloc(1, sizeof(struct connections));
}

void connections_free(struct connections *c)
{
	free(c);
}

static struct connection *bucket(const struct connections *c, uint32_t id, const struct ip_addr *producer)
{
	uint64_t h = hash_more(id, producer, sizeof *producer);

	return (struct connection *)&c->v[h % (CONNECTIONS_MAX / WAYS) * WAYS];
}

static struct connection *find(const struct connections *c, uint32_t id, const struct ip_addr *producer)
{
	struct connection *b = bucket(c, id, producer);

	for (int i = 0; i < WAYS; i++)
		if (b[i].used && b[i].id == id && addr_eq(&b[i].producer, producer))
			return &b[i];
	return NULL;
}

static void learn(struct connections *c, const struct ot_event *ev, uint32_t id, const struct ip_addr *producer, bool by_client)
{
	struct connection *b = bucket(c, id, producer), *e = find(c, id, producer);

	if (ev->func == FORWARD_CLOSE) {
		if (e)
			e->used = 0;
		return;
	}
	for (int i = 0; !e && i < WAYS; i++)
		if (!b[i].used)
			e = &b[i];
	if (!e) {
		e = b;
		for (int i = 1; i < WAYS; i++)
			if (b[i].ts_ns < e->ts_ns)
				e = &b[i];
	}
	e->used = 1;
	e->id = id;
	e->producer = *producer;
	e->by_client = by_client;
	e->ts_ns = ev->head.ts_ns;
	e->path_len = ev->path_len;
	e->route_len = ev->route_len;
	memcpy(e->path, ev->path, ev->path_len);
	memcpy(e->route, ev->route, ev->route_len);
}

static void attribute(struct ot_event *ev, const struct connection *e)
{
	if (e->by_client)
		ev->flags = (uint8_t)(ev->flags & ~EV_CLIENT_IS_DST);
	else
		ev->flags |= EV_CLIENT_IS_DST;
	ev->path_len = e->path_len;
	ev->route_len = e->route_len;
	memcpy(ev->path, e->path, e->path_len);
	memcpy(ev->route, e->route, e->route_len);
}

const struct ot_event *connections_pass(struct connections *c, const struct ot_event *ev)
{
	const struct connection *e;

	if (ev->has & HAS_CONNECTION) {
		learn(c, ev, ev->conn_server, &ot_client(ev)->ip, true);
		learn(c, ev, ev->conn_client, &ot_server(ev)->ip, false);
	}
	e = ev->flags & EV_IO ? find(c, ev->unit, &ev->head.src.ip) : NULL;
	if (!e)
		return ev;
	ot_event_copy(&c->io, ev);
	attribute(&c->io, e);
	return &c->io;
}
