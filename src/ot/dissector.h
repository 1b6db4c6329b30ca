/* dissector.h - the contract between the core and the file of one protocol.
 *
 * The core has ordered the stream, cut the PDU and clamped the window. A dissector fills
 * d->ev and emits it, once per thing said. It allocates nothing, logs nothing, keeps no
 * pointer into the PDU and knows nothing of zones or rules. frame() and probe() are pure
 * functions of the bytes.
 *
 * The usual order in pdu(): header -> direction -> pair (dissect_open or dissect_reply) ->
 * body by function table -> dissect_emit(). */
#ifndef ZT_OT_DISSECTOR_H
#define ZT_OT_DISSECTOR_H

#include "base/names.h"
#include "base/rd.h"
#include "ot/event.h"

enum frame_verdict {
	FRAME_MORE,             /* cannot tell yet: bring more bytes */
	FRAME_PDU,              /* *len is the length of the PDU at the head of the window */
	FRAME_BAD,              /* not this protocol here: the core resynchronises */
	FRAME_MALFORMED,        /* this protocol's header with an impossible length: bad() may say so,
				 * then the core resynchronises */
};

/* Who is the client on this flow, as far as is known. Later, better evidence replaces earlier. */
enum flow_role { ROLE_UNKNOWN, ROLE_SRC_CLIENT, ROLE_DST_CLIENT };
enum role_ground { GROUND_NONE, GROUND_SYN, GROUND_PORT, GROUND_CONTENT };

struct dissect;
struct flow;
struct txn;

struct dissector {
	const char *name;               /* "modbus": the stem of the file, golden folder, fuzz target */
	const char *title;              /* for people */
	const char *spec;               /* documents with versions that the file cites */
	uint16_t tcp_ports[4], udp_ports[4];    /* usual ports, zero-terminated: a hint, nothing more */
	uint32_t max_pdu;               /* bytes; frame() never says more */
	uint16_t state_size;            /* bytes of zeroed per-flow state; 0 none; at most DISSECT_STATE_MAX */
	uint8_t  proto;                 /* enum ot_proto that events start with */
	bool     datagrams_only_on_port;/* over UDP only the usual ports are believed without probe() */

	/* Is the window the start of a PDU of this protocol, beyond reasonable doubt? Asked off the usual
	 * ports and after a loss of synchronisation; `whole` says that no more bytes will come (a datagram).
	 * FRAME_MORE: cannot tell yet. FRAME_PDU: yes. FRAME_BAD: no. */
	enum frame_verdict (*probe)(struct rd head, bool whole);
	enum frame_verdict (*frame)(struct rd head, uint32_t *len);
	void (*pdu)(struct dissect *d, struct rd pdu);          /* exactly one whole PDU, as frame() cut it;
								 * shorter only when d->cut */
	void (*bad)(struct dissect *d, struct rd head);         /* optional: emit what can be said of a header
								 * that frame() called malformed */
	void (*gap)(struct dissect *d);                         /* optional: bytes were lost in this direction */
};
extern const struct dissector *const dissectors[];              /* NULL-terminated, from dissectors.def */

#define DISSECT_STATE_MAX 512   /* bytes of per-flow state a dissector may ask for */
#define DISSECT_JOIN_MAX 65536  /* bytes of one joined message */
#define DISSECT_JOINS 2         /* joins open at once in one direction */

/* What a dissector sees while one PDU is open. */
struct dissect {
	struct ot_event ev;             /* head, proto and the role flag arrive filled; body zeroed */
	uint8_t direction;              /* 0 or 1: which way of the flow, for indexing own state */
	uint8_t role;                   /* enum flow_role seen from this packet */
	uint8_t ground;                 /* enum role_ground: what the role rests on */
	bool datagram;                  /* came over UDP */
	bool cut;                       /* the capture cut the PDU */
	void *state;                    /* state_size bytes, zeroed when the flow began; both directions */
	struct dissect_core *core;      /* the engine's own; not for dissectors */
};

/* Body back to nothing (head, proto, flow flags stay). The core calls it before pdu(); call it
 * between two events of one PDU that share little. */
void dissect_reset(struct dissect *d);

/* Hands the engine a copy of d->ev. With dir REQUEST and an open transaction the body is also
 * remembered as that request's next part. Does not reset: the next part may share what is set. */
void dissect_emit(struct dissect *d);

/* The same, but the event is also told apart from its siblings: part of parts. */
void dissect_emit_part(struct dissect *d, uint16_t part, uint16_t parts);

/* Who speaks: set d->ev.dir; the client flag follows (request: src; response: dst; notify: by the
 * flow's role, else dst). dissect_client() overrides the flag for messages whose sender is not
 * the one who asks (an S7 PLC's own jobs inside a download). */
void dissect_dir(struct dissect *d, enum ot_dir dir);
void dissect_client(struct dissect *d, bool client_is_src);

/* The message itself proves who the client of this flow is: remembered for the flow. */
void dissect_learn_role(struct dissect *d, bool src_is_client);

/* The role that the usual ports suggest for this packet: exactly one side has one of `ports`. */
enum flow_role dissect_port_role(const struct dissect *d, const uint16_t ports[4]);

void dissect_anomaly(struct dissect *d, enum ot_anomaly a);
void dissect_value(struct dissect *d, struct rd bytes);                         /* first 64 kept, total counted */
void dissect_tag(struct dissect *d, const void *text, uint32_t n);              /* replaces the tag */
void dissect_tag_add(struct dissect *d, const void *text, uint32_t n);          /* appends to it */
void dissect_tag_addf(struct dissect *d, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void dissect_path_addf(struct dissect *d, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void dissect_route_addf(struct dissect *d, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void dissect_range(struct dissect *d, const char *space, enum ot_granule g, uint32_t first, uint32_t count);
void dissect_status(struct dissect *d, uint32_t code, const char *name);        /* sets outcome ok or error as well */

/* Identity text: trailing NULs and blanks are taken off; field is one of d->ev.identity's arrays.
 * Sets HAS_IDENTITY. */
void dissect_identity(struct dissect *d, char field[OT_IDENTITY_MAX], const void *text, uint32_t n);
void dissect_identityf(struct dissect *d, char field[OT_IDENTITY_MAX], const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
void dissect_identity_ids(struct dissect *d, const uint32_t *vendor_id, const uint32_t *product_code);     /* NULL: not said */

/* --- pairing --------------------------------------------------------------------------
 * A transaction remembers a request and the body of each of its parts (op, act, func, sub,
 * func_name, unit, target, tag, path, route, verdict). They live in the worker's pools; when those
 * are spent the oldest of the flow goes. A transaction ends when its response's PDU has been
 * dissected, unless dissect_keep() was called. */

enum txn_flag {
	TXN_ANSWERED = 1,               /* at least one response has come */
	TXN_DOUBTED = 2,                /* an answer with an id of its own may have been this one's */
};

struct txn {
	struct txn *next;               /* of the same flow and direction, oldest first */
	struct txn *older, *newer;      /* of all that the worker has open */
	struct flow *flow;
	uint64_t seq, ts_ns;            /* the request's packet */
	uint64_t order;                 /* of its opening among all of the run */
	uint32_t frame, key, func, unit;
	uint16_t capture, pdu, parts;   /* parts remembered */
	uint8_t  direction, flags;
	uint32_t note[4];               /* the dissector's own memory of the request */
	struct txn_part *first, *last;
};

/* Opens a transaction for the request in hand, before its parts are emitted. ev.func and ev.unit
 * must be set. NULL when the pool is spent: emit all the same. */
struct txn *dissect_open(struct dissect *d, uint32_t key);

/* How closely a response must fit a request. */
enum txn_match {
	TXN_STRICT,             /* key, func and unit */
	TXN_KEY,                /* key alone: errors that do not name their function */
	TXN_LOOSE,              /* key, func and unit if there is one; else func and unit, oldest first, when the
				 * peer's ids have been seen to lie (repeated or never matching) */
};

/* The request that the response in hand answers; sets HAS_REQUEST, req_*, latency. NULL: none was
 * seen. ev.func and ev.unit must be set. `fits` (may be NULL) can turn a candidate down. */
struct txn *dissect_reply(struct dissect *d, uint32_t key, enum txn_match match,
			  bool (*fits)(const struct dissect *d, const struct txn *t));

/* Copies part i (from 0) of the request into d->ev: op, act, func, sub, func_name, space, class,
 * block, first, count, granule, tag, path, route, the verdict, and EV_REQUEST_MATCHED when the
 * request met a rule. false: no such part. */
bool dissect_part(struct dissect *d, const struct txn *t, unsigned i);

/* More responses to this request will come, or it is still running: do not end it now. */
void dissect_keep(struct dissect *d, struct txn *t);

/* The oldest open transaction of the other direction for which want() holds, without ending it. */
struct txn *dissect_find(struct dissect *d, bool (*want)(const struct txn *t, uint32_t arg), uint32_t arg);

/* --- joining --------------------------------------------------------------------------
 * Fragments of one direction, slot 0..DISSECT_JOINS-1, put together in the worker's buffers. */

/* Appends; when `last`, *whole is everything joined (valid until pdu() returns) and true is
 * returned. A single fragment that is last costs no copy. Past DISSECT_JOIN_MAX or when buffers are
 * spent the join is dropped and false returned with ANOM_INCOMPLETE_FRAGMENTS set on d->ev. */
bool dissect_join(struct dissect *d, unsigned slot, struct rd fragment, bool last, struct rd *whole);
void dissect_join_drop(struct dissect *d, unsigned slot);
bool dissect_join_open(const struct dissect *d, unsigned slot);

#endif
