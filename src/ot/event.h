/* event.h - what was said: one event per thing said, for every protocol the same struct.
 *
 * Plain bytes: it is copied between threads. Its pointers (func_name, space, status_name)
 * only ever point to static text. Everything after `head` up to `value` is zeroed by
 * dissect_reset(); value and the texts at the end count only up to their *_len.
 * The JSON form and the meaning of each member are in zonetap-events(5). */
#ifndef ZT_OT_EVENT_H
#define ZT_OT_EVENT_H

#include "base/addr.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define OT_VALUE_MAX 64         /* bytes kept of what was read or written */
#define OT_TAG_MAX 240          /* bytes of a symbolic name, block or service name */
#define OT_PATH_MAX 128         /* bytes of a path in text */
#define OT_ROUTE_MAX 64
#define OT_STATUS_EXT_MAX 4     /* additional status words kept */
#define OT_MATCH_MAX 12         /* rules remembered for one event */
#define OT_IDENTITY_MAX 64      /* bytes of one identity text, with the NUL */

enum ot_proto {
	PROTO_NONE,
#define PROTOCOL(id, word) id,
#include "dissectors/protocols.def"
#undef PROTOCOL
	PROTO_COUNT
};

#define OP(id, word) id,
enum ot_op {
#include "ot/words.def"
	OP_COUNT
};
#undef OP

#define ACT(id, word) id,
enum ot_act {
#include "ot/words.def"
	ACT_COUNT
};
#undef ACT

#define ANOMALY(id, word) id,
enum ot_anomaly {                       /* bit numbers in ot_event.anomalies */
#include "ot/words.def"
	ANOM_COUNT
};
#undef ANOMALY

enum ot_dir { DIR_REQUEST, DIR_RESPONSE, DIR_NOTIFY };
enum ot_granule { GRANULE_NONE, GRANULE_BIT, GRANULE_BYTE, GRANULE_WORD, GRANULE_OBJECT };
enum ot_outcome { OUTCOME_NONE, OUTCOME_OK, OUTCOME_ERROR, OUTCOME_PENDING, OUTCOME_NO_RESPONSE, OUTCOME_UNKNOWN };
enum ot_verdict { VERDICT_NONE, VERDICT_ALLOWED, VERDICT_DENIED, VERDICT_UNZONED };

enum ot_has {                           /* which members of the body are set */
	HAS_FUNC = 1 << 0, HAS_SUB = 1 << 1, HAS_UNIT = 1 << 2, HAS_TXN = 1 << 3,
	HAS_CLASS = 1 << 4, HAS_BLOCK = 1 << 5, HAS_FIRST = 1 << 6, HAS_COUNT = 1 << 7,
	HAS_STATUS = 1 << 8, HAS_ROSCTR = 1 << 9, HAS_OPCODE = 1 << 10, HAS_VALUE = 1 << 11,
	HAS_REQUEST = 1 << 12, HAS_LATENCY = 1 << 13, HAS_IDENTITY = 1 << 14,
	HAS_CONNECTION = 1 << 15,       /* conn_* are set: a connection was opened or closed */
};

enum ot_flag {
	EV_CLIENT_IS_DST = 1 << 0,      /* `client` is dst, otherwise src */
	EV_OTHER_SIDE_SEEN = 1 << 1,    /* this flow has shown packets in the answering direction */
	EV_CUT = 1 << 2,                /* the capture cut the PDU; what is missing is not the sender's fault */
	EV_IO = 1 << 3,                 /* class 0/1 I/O: printed only with --io */
	EV_REQUEST_MATCHED = 1 << 4,    /* answers a request that met a rule: it brings that alert's outcome */
	EV_BY_VALUE = 1 << 5,           /* the next event with this fingerprint may be judged otherwise */
	EV_COUNTED = 1 << 6,            /* one of a kind that went out before: the worker counts it as well */
};

struct ot_side {                        /* one end of the conversation, as this packet shows it */
	struct ip_addr ip;
	uint32_t asset;                 /* index in the site's assets, 0 none */
	uint16_t port;
	uint16_t zone;                  /* index in the site's zones, 0 none */
	uint8_t  mac[6];
	uint8_t  has_mac;
	uint8_t  pad;
};

struct ot_head {
	uint64_t ts_ns;                 /* of the packet that completes the PDU */
	uint64_t seq;                   /* that packet's number in the run: the order of events */
	uint64_t flow_id;
	uint32_t frame;                 /* that packet's number in its capture, from 1 */
	uint16_t capture;
	uint16_t segment;               /* index in the site's segments, 0 none */
	uint16_t vlan[2];
	uint8_t  vlans, ip_proto;
	uint16_t pdu;                   /* place of the PDU among those this frame completes, from 1 */
	struct ot_side src, dst;
};

struct ot_identity {                    /* what a device says of itself; empty text: not said */
	uint32_t vendor_id, product_code;
	uint8_t  has_vendor_id, has_product_code;
	char vendor[OT_IDENTITY_MAX], product[OT_IDENTITY_MAX], order_number[OT_IDENTITY_MAX],
	     serial[OT_IDENTITY_MAX], firmware[OT_IDENTITY_MAX], hardware[OT_IDENTITY_MAX],
	     name[OT_IDENTITY_MAX];
};

struct ot_event {
	struct ot_head head;

	/* The body. First what tells one kind of operation from another: novelty's fingerprint. */
	uint32_t has;                   /* enum ot_has */
	uint8_t  proto, dir, op, act;   /* enums above */
	uint8_t  granule, outcome, flags, rosctr;
	uint8_t  opcode, pad[3];
	uint32_t func, sub;             /* the protocol's own codes */
	uint32_t unit;
	uint32_t cls, block, first, count;      /* [first, first + count) in granules */
	uint32_t status;                /* 0 is success */
	const char *func_name;          /* static, snake_case; NULL: none */
	const char *space;              /* static, snake_case; NULL with HAS_CLASS prints class_0x.. */
	uint64_t anomalies;             /* bit set of enum ot_anomaly */

	/* Then what differs each time. */
	uint64_t kind;                  /* novelty's name for this kind of event in this process; 0: none */
	uint32_t txn;
	uint16_t part, parts;           /* item `part` (from 1) of `parts`; 0: the PDU says one thing */
	const char *status_name;        /* static; NULL: none */
	uint32_t status_ext[OT_STATUS_EXT_MAX];
	uint32_t value_total;           /* bytes on the wire; value[] may hold fewer */
	uint32_t latency_us;
	uint64_t req_seq;               /* number in the run of the packet of the request that this answers */
	uint32_t req_frame;
	uint16_t req_pdu, req_capture;
	uint32_t conn_client, conn_server; /* connection ids that the client, that the server receives on */
	uint16_t tag_len, path_len, route_len;
	uint8_t  status_exts, value_len;

	/* filled when a policy is loaded */
	uint8_t  verdict;               /* enum ot_verdict */
	uint8_t  matches;               /* rules met at the event stage, most severe first */
	uint16_t match[OT_MATCH_MAX];   /* indexes into the policy's rules */

	uint8_t  value[OT_VALUE_MAX];
	char     tag[OT_TAG_MAX];       /* wire text, not terminated, not escaped */
	char     path[OT_PATH_MAX];
	char     route[OT_ROUTE_MAX];
	struct ot_identity identity;    /* meaningful with HAS_IDENTITY */
};

#define OT_BODY_START offsetof(struct ot_event, has)
#define OT_FINGERPRINT_END offsetof(struct ot_event, kind)
#define OT_BODY_END offsetof(struct ot_event, value)

static inline const struct ot_side *ot_client(const struct ot_event *e)
{
	return e->flags & EV_CLIENT_IS_DST ? &e->head.dst : &e->head.src;
}

static inline const struct ot_side *ot_server(const struct ot_event *e)
{
	return e->flags & EV_CLIENT_IS_DST ? &e->head.src : &e->head.dst;
}

/* Words of the closed lists; static text, never NULL for a valid enumerator. */
const char *ot_proto_word(unsigned proto), *ot_op_word(unsigned op), *ot_act_word(unsigned act),
	   *ot_dir_word(unsigned dir), *ot_granule_word(unsigned granule), *ot_outcome_word(unsigned outcome),
	   *ot_verdict_word(unsigned verdict), *ot_anomaly_word(unsigned bit);

/* The event's space as text: its static name, or class_0x.. made in buf (32 bytes); "" when it has none. */
const char *ot_space_text(const struct ot_event *e, char buf[32]);

/* Copies what counts of an event: everything before the texts, and the texts up to their lengths. */
void ot_event_copy(struct ot_event *to, const struct ot_event *from);

#endif
