/* cip_conn.h - the connections of one flow: whose ids they are and where they lead.
 *
 * Lives in the flow's state (zeroed when the flow begins); the oldest entry gives way. */
#ifndef ZT_DISSECTORS_CIP_CONN_H
#define ZT_DISSECTORS_CIP_CONN_H

#include <stdbool.h>
#include <stdint.h>

#define CIP_CONNS 12
#define CIP_CONN_ROUTE 21

enum cip_conn_kind {
	CIP_CONN_EXPLICIT,              /* to the message router: CIP messages */
	CIP_CONN_DHPLUS,                /* to a DH+ bridge: PCCC behind a header of 8 bytes */
	CIP_CONN_DATA,                  /* to another object: bytes of its own */
};

struct cip_conn {
	uint32_t to_server, to_client;  /* ids that the server, the client receives on; 0: not known */
	uint32_t originator;            /* with vendor and serial the connection's name (CIP-V1 3-5.5.1.6) */
	uint16_t vendor, serial;
	uint8_t  learned;               /* paired from traffic, its opening was not seen */
	uint8_t  kind;                  /* enum cip_conn_kind */
	uint8_t  route_len;
	char     route[CIP_CONN_ROUTE];
};

struct cip_conns {
	struct cip_conn slot[CIP_CONNS];
	uint8_t next;                   /* the slot that gives way next */
};

/* Remembers c; what used its name or its ids before is forgotten. */
void cip_conn_open(struct cip_conns *all, const struct cip_conn *c);

/* Two ids seen to belong together without a Forward Open. */
void cip_conn_learn(struct cip_conns *all, uint32_t to_server, uint32_t to_client);

/* The connection with this id, NULL when none is known. id 0 is none. */
const struct cip_conn *cip_conn_to_server(const struct cip_conns *all, uint32_t id);
const struct cip_conn *cip_conn_to_client(const struct cip_conns *all, uint32_t id);

/* Takes the connection of this name out; false when it is not known. */
bool cip_conn_close(struct cip_conns *all, uint16_t vendor, uint16_t serial, uint32_t originator,
		    struct cip_conn *was);

#endif
