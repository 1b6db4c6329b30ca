#include "dissectors/cip_conn.h"

#include <stddef.h>
#include <string.h>

static bool in_use(const struct cip_conn *c)
{
	return c->to_server || c->to_client;
}

static bool same_name(const struct cip_conn *c, uint16_t vendor, uint16_t serial, uint32_t originator)
{
	return !c->learned && c->vendor == vendor && c->serial == serial && c->originator == originator;
}

static bool same_id(uint32_t a, uint32_t b)
{
	return a && a == b;
}

static void put(struct cip_conns *all, const struct cip_conn *c)
{
	unsigned at = all->next;

	for (unsigned i = 0; i < CIP_CONNS; i++) {
		if (!in_use(&all->slot[i])) {
			at = i;
			break;
		}
	}
	if (at == all->next)
		all->next = (uint8_t)((all->next + 1) % CIP_CONNS);
	all->slot[at] = *c;
}

void cip_conn_open(struct cip_conns *all, const struct cip_conn *c)
{
	for (unsigned i = 0; i < CIP_CONNS; i++) {
		struct cip_conn *old = &all->slot[i];

		if (in_use(old) && (same_name(old, c->vendor, c->serial, c->originator) ||
				    same_id(old->to_server, c->to_server) || same_id(old->to_client, c->to_client)))
			memset(old, 0, sizeof *old);
	}
	put(all, c);
}

void cip_conn_learn(struct cip_conns *all, uint32_t to_server, uint32_t to_client)
{
	struct cip_conn c = { .to_server = to_server, .to_client = to_client, .learned = 1 };

	if (!to_server || !to_client)
		return;
	for (unsigned i = 0; i < CIP_CONNS; i++) {
		struct cip_conn *old = &all->slot[i];

		if (same_id(old->to_server, to_server) || same_id(old->to_client, to_client)) {
			if (!old->learned)
				return;         /* a Forward Open knows better */
			memset(old, 0, sizeof *old);
		}
	}
	put(all, &c);
}

const struct cip_conn *cip_conn_to_server(const struct cip_conns *all, uint32_t id)
{
	for (unsigned i = 0; i < CIP_CONNS; i++)
		if (same_id(all->slot[i].to_server, id))
			return &all->slot[i];
	return NULL;
}

const struct cip_conn *cip_conn_to_client(const struct cip_conns *all, uint32_t id)
{
	for (unsigned i = 0; i < CIP_CONNS; i++)
		if (same_id(all->slot[i].to_client, id))
			return &all->slot[i];
	return NULL;
}

bool cip_conn_close(struct cip_conns *all, uint16_t vendor, uint16_t serial, uint32_t originator,
		    struct cip_conn *was)
{
	for (unsigned i = 0; i < CIP_CONNS; i++) {
		struct cip_conn *c = &all->slot[i];

		if (in_use(c) && same_name(c, vendor, serial, originator)) {
			*was = *c;
			memset(c, 0, sizeof *c);
			return true;
		}
	}
	return false;
}
