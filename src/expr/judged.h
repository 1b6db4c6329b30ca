/* judged.h - what an expression is held against: a message, and what is known besides.
 *
 * Where the fields that an expression uses become known decides its stage; see
 * zonetap-fields(7). */
#ifndef ZT_EXPR_JUDGED_H
#define ZT_EXPR_JUDGED_H

#include "classify/app.h"
#include "ot/event.h"

enum stage { STAGE_EVENT, STAGE_FLOW, STAGE_HISTORY, STAGE_HEALTH };
#define STAGES 4

/* Known of a flow, apart from any message on it. */
struct flow_facts {
	uint8_t ip_proto;
	uint16_t server_port;
	uint8_t expected;               /* enum ot_proto that the port suggests, PROTO_NONE */
	bool mismatch;                  /* the bytes are not what the usual port says */
	bool is_new;                    /* judged once, at the flow's first packet */
	bool roles_known;               /* who is the client is certain (a SYN was seen); when it is not, a
					 * conduit in either direction will do */
	bool decided;                   /* the protocol is settled: ev->proto, PROTO_NONE: none that is decoded */
	uint8_t app, guess;             /* with decided, enum app: recognised; else what the port alone suggests */
	uint16_t risks;                 /* bit set of enum app_risk */
	bool dst_first;                 /* the packet that began the flow came from what is dst here */
	bool answered;                  /* both directions have shown packets */

	/* filled by the policy */
	bool conduit;                   /* some conduit leads from client to server, or they share a zone */
	uint8_t verdict;                /* enum ot_verdict: whether anything on this flow can be allowed */
};

/* Known from what came before. */
struct history_facts {
	bool new_asset;                 /* first packet ever of that asset (server or client, see subject) */
	bool new_conversation;          /* first time that this client asks this server anything of this op */
	bool foreign;                   /* a flow to a port of no industrial protocol, of a machine that answers one */
	bool new_service;               /* a machine known for a while answers with an application for the first time */
	bool new_client;                /* first time that this client speaks to this server at all */
	const struct ot_side *subject;  /* the asset that is new */
};

/* Known of the sensor itself; no packet is at hand. */
#define HEALTH(id, word) id,
enum health_kind {
#include "expr/health.def"
	HEALTH_COUNT
};
#undef HEALTH
const char *health_kind_word(unsigned kind);    /* static text */

#define HEALTH_NAME 32
#define HEALTH_TEXT 256

struct health_facts {
	uint8_t kind;                   /* enum health_kind */
	char name[HEALTH_NAME];         /* of the interface, table, file or sink that it is about; "" the sensor as a whole */
	uint64_t value, limit;          /* in the kind's unit: zonetap-fields(7); limit 0: none is set */
	char text[HEALTH_TEXT];         /* the beginning of a sentence */
};

/* What is new is a flow: no operation is at hand. */
static inline bool history_of_flow(const struct history_facts *h)
{
	return h->foreign || h->new_service;
}

struct geo;

struct judged {
	const struct ot_event *ev;      /* always; its head alone when no message is at hand (proto PROTO_NONE) */
	const struct flow_facts *flow;  /* NULL but at the flow stage */
	const struct history_facts *history;    /* NULL but at the history stage */
	const struct health_facts *health;      /* NULL but at the health stage */
	struct geo *geo;                /* where public addresses are looked up; NULL: nowhere */
};

#endif
