/* cip_part.h - what requests and responses of CIP share: the message in hand, its services, and how
 * their events are told. Between cip.c, cip_request.c and cip_response.c only. */
#ifndef ZT_DISSECTORS_CIP_PART_H
#define ZT_DISSECTORS_CIP_PART_H

#include "dissectors/cip.h"
#include "ot/dissector.h"

#define CIP_DEPTH_MAX 4         /* Unconnected Sends and Multiple Service Packets inside each other */

enum cip_service_code {
	SVC_GET_ALL = 0x01, SVC_GET_LIST = 0x03, SVC_RESET = 0x05, SVC_MULTIPLE = 0x0a, SVC_GET_SINGLE = 0x0e,
	SVC_EXECUTE_PCCC = 0x4b, SVC_READ_TAG = 0x4c, SVC_WRITE_TAG = 0x4d, SVC_FORWARD_CLOSE = 0x4e,
	SVC_UNCONNECTED_SEND = 0x52, SVC_READ_FRAGMENT = 0x52, SVC_WRITE_FRAGMENT = 0x53, SVC_FORWARD_OPEN = 0x54,
	SVC_LARGE_FORWARD_OPEN = 0x5b,
};

/* What stays the same for all that one message holds. */
struct cip_context {
	struct dissect *d;
	const struct cip_carrier *on;
	const struct txn *answered;     /* responses: the request */
	unsigned index;                 /* responses: its next part */
	uint32_t pairing;               /* responses: HAS_REQUEST and HAS_LATENCY as far as known */
	uint32_t latency_us, req_frame;
	uint16_t req_pdu, req_capture;
	uint64_t req_seq;
	uint32_t leads_to;              /* a Forward Open's class, noted for its answer */
	bool route_cut;                 /* an Unconnected Send's route runs past its end */
	uint16_t parts;                 /* services in the outermost Multiple Service Packet */
	uint16_t route_len;
	char route[OT_ROUTE_MAX];
};

struct cip_bundle {
	struct rd whole, offsets;       /* from the count on; the offsets alone */
	uint16_t count;
	bool fits;
};

/* Protocol, service, unit and transaction of the event in hand; the route; and the event itself, part 0: of
 * its own, else a part of the Multiple Service Packet. */
void cip_set_head(const struct cip_context *c, uint8_t service);
void cip_set_route(const struct cip_context *c);
void cip_emit(const struct cip_context *c, uint16_t part);

/* The data of a Multiple Service Packet, from the count on; one service after the other, by its offsets;
 * and what is wrong with it. */
struct cip_bundle cip_read_bundle(const struct dissect *d, struct rd data);
struct rd cip_next_service(struct rd whole, struct rd *offsets);
void cip_bundle_anomalies(struct dissect *d, const struct cip_bundle *b, unsigned depth);

/* Tells a message and all it holds. */
void cip_request_tell(struct cip_context *c, struct rd msg);
void cip_response_tell(struct cip_context *c, struct rd msg);

/* Opens the transaction of the request in hand; services: of a Multiple Service Packet, for its answer to
 * be held against. */
void cip_request_open(const struct cip_context *c, bool sent_on, uint16_t services);

/* The request that the response in hand answers, into c->answered; then its next part into the event, or
 * what can be said of a service whose class nobody saw. */
void cip_response_find(struct cip_context *c, uint8_t service);
void cip_response_subject(struct cip_context *c, uint8_t service);

#endif
