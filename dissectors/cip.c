/* CIP: explicit messages, what bundles them and what sends them on.
 *
 * Spec: CIP-V1 = The CIP Networks Library Volume 1, Common Industrial Protocol: 2-4 (message router
 *       formats), 3-5 (connection manager), Appendix A (services), Appendix B (status codes).
 *       EIP-V2 = Volume 2, EtherNet/IP Adaptation of CIP.
 *       LOGIX = Rockwell 1756-PM020, "Logix 5000 Controllers Data Access".
 *
 *   request    service, path size in words, path, data
 *   response   service + 0x80, 0, general status, size of additional status in words, the words, data
 *
 * Multiple Service Packet (0x0a): count (2), offset (2) of each service from the count on, services.
 * Unconnected Send (0x52 of the connection manager): tick, ticks, size (2), request [pad], route
 * size in words, 0, route. The request inside is the event; its answer comes back bare, an answer
 * 0xd2 is the connection manager's own refusal.
 * Pairing: on a connection by sequence count, with the other direction's connection id known from
 * the Forward Open or learned; without one by sender context.
 * Not decoded: the values' types; attribute lists but those of the Identity object. */
#include "dissectors/cip.h"

#include "dissectors/cip_conn.h"
#include "dissectors/cip_identity.h"
#include "dissectors/cip_manager.h"
#include "dissectors/cip_path.h"
#include "dissectors/cip_table.h"
#include "dissectors/pccc.h"
#include "ot/dissector.h"

#include <string.h>

#define DEPTH_MAX 4             /* Unconnected Sends and Multiple Service Packets inside each other */

enum service {
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

struct cip_request {
	uint8_t service;
	uint32_t asked;                 /* the class that the service is asked of, or CIP_NO_CLASS */
	struct rd path, data;
	struct cip_path where;
	bool whole;
};

static void set_head(const struct cip_context *c, uint8_t service)
{
	struct dissect *d = c->d;

	d->ev.proto = PROTO_CIP;
	d->ev.func = service;
	d->ev.unit = c->on->unit;
	d->ev.txn = c->on->txn;
	d->ev.has |= HAS_FUNC | HAS_UNIT | HAS_TXN;
}

static void set_route(const struct cip_context *c)
{
	memcpy(c->d->ev.route, c->route, c->route_len);
	c->d->ev.route_len = c->route_len;
}

static void keep_route(struct cip_context *c)
{
	c->route_len = c->d->ev.route_len;
	memcpy(c->route, c->d->ev.route, c->route_len);
}

/* An event of its own, or the given part of the Multiple Service Packet. */
static void emit(const struct cip_context *c, uint16_t part)
{
	if (part)
		dissect_emit_part(c->d, part, c->parts);
	else
		dissect_emit(c->d);
}

/* --- requests ------------------------------------------------------------------------- */

static struct cip_request read_request(struct rd msg)
{
	struct cip_request q = { .service = rd_u8(&msg) };
	uint8_t words = rd_u8(&msg);

	q.whole = rd_ok(&msg) && msg.left >= 2u * words;
	q.path = rd_upto(&msg, 2u * words);
	q.data = rd_rest(&msg);
	q.where = cip_path_scan(q.path);
	if (q.where.has & CIP_PATH_SYMBOL)
		q.asked = CIP_SYMBOL;
	else
		q.asked = q.where.has & CIP_PATH_CLASS ? q.where.last : CIP_NO_CLASS;
	return q;
}

/* LOGIX: type (a structure's handle behind it), elements, [offset], data. */
static void write_value(struct dissect *d, struct rd data, bool fragment)
{
	uint8_t bytes[OT_VALUE_MAX] = { 0 };
	bool structure = rd_peek(&data, 0) == 0xa0 && rd_peek(&data, 1) == 0x02;
	struct rd type = rd_sub(&data, structure ? 4 : 2);
	uint16_t elements = rd_le16(&data);
	uint32_t type_len = type.left, n;
	const uint8_t *p;

	if (fragment)
		rd_skip(&data, 4);
	if (!rd_ok(&data)) {
		dissect_anomaly(d, ANOM_TRUNCATED_PDU);
		return;
	}
	d->ev.count = elements;
	d->ev.granule = GRANULE_OBJECT;
	d->ev.has |= HAS_COUNT;
	n = data.left < sizeof bytes - type_len ? data.left : (uint32_t)sizeof bytes - type_len;
	memcpy(bytes, rd_take(&type, type_len), type_len);
	p = rd_take(&data, n);
	memcpy(bytes + type_len, p, n);
	dissect_value(d, rd_init(bytes, type_len + n));
	d->ev.value_total = type_len + n + data.left;
}

static void read_count(struct dissect *d, struct rd data)
{
	uint16_t elements = rd_le16(&data);

	if (!rd_ok(&data)) {
		dissect_anomaly(d, ANOM_TRUNCATED_PDU);
		return;
	}
	d->ev.count = elements;
	d->ev.granule = GRANULE_OBJECT;
	d->ev.has |= HAS_COUNT;
}

/* CIP-V1 5-2.3: no data or 0 restarts, 1 and 2 go back to what left the factory. */
static void reset_kind(struct dissect *d, const struct cip_request *q)
{
	if (q->asked == CIP_IDENTITY && q->data.left && rd_peek(&q->data, 0) != 0)
		d->ev.act = ACT_FACTORY_RESET;
}

static void tag_service(struct dissect *d, const struct cip_request *q)
{
	switch (q->service) {
	case SVC_READ_TAG: case SVC_READ_FRAGMENT:
		read_count(d, q->data);
		break;
	case SVC_WRITE_TAG: case SVC_WRITE_FRAGMENT:
		write_value(d, q->data, q->service == SVC_WRITE_FRAGMENT);
		break;
	default:
		if (d->ev.op == OP_WRITE && q->data.left)
			dissect_value(d, q->data);
		break;
	}
}

static void request_body(struct cip_context *c, const struct cip_request *q)
{
	struct dissect *d = c->d;

	if (q->asked == CIP_SYMBOL && q->service >= SVC_READ_TAG) {
		tag_service(d, q);
		return;
	}
	if (q->asked == CIP_PCCC && q->service == SVC_EXECUTE_PCCC) {
		pccc_request(d, q->data);
		return;
	}
	if (q->asked == CIP_CONNECTION_MANAGER) {
		if (q->service == SVC_FORWARD_OPEN || q->service == SVC_LARGE_FORWARD_OPEN)
			c->leads_to = cip_manager_open_request(d, q->data, q->service == SVC_LARGE_FORWARD_OPEN);
		else if (q->service == SVC_FORWARD_CLOSE)
			cip_manager_close_request(d, q->data);
		return;
	}
	if (q->service == SVC_RESET)
		reset_kind(d, q);
	if (q->asked == CIP_PASSWORD)                   /* what a password is, no event repeats */
		return;
	if (d->ev.op == OP_WRITE || d->ev.op == OP_CONTROL || d->ev.op == OP_PROGRAM)
		if (q->data.left)
			dissect_value(d, q->data);
}

static void fill_request(struct cip_context *c, const struct cip_request *q)
{
	struct dissect *d = c->d;
	struct cip_service is = cip_service_of(q->service, q->asked);

	if (!is.name && q->where.has & CIP_PATH_CLASSES)        /* of an object within another */
		is = cip_service_of(q->service, q->where.cls);
	dissect_dir(d, DIR_REQUEST);
	set_head(c, q->service);
	set_route(c);
	cip_path_target(d, q->path, &q->where);
	d->ev.op = is.op;
	d->ev.act = is.act;
	d->ev.func_name = is.name;
	if (!q->whole || c->route_cut)
		dissect_anomaly(d, ANOM_TRUNCATED_PDU);
	else if (!is.name)
		dissect_anomaly(d, ANOM_UNKNOWN_FUNCTION);
	request_body(c, q);
}

/* CIP-V1 3-5.5.4. False, and q as it was, when there is no request inside. */
static bool unwrap(struct cip_context *c, struct cip_request *q)
{
	struct rd data = q->data, inner;
	uint16_t size;

	rd_skip(&data, 2);
	size = rd_le16(&data);
	if (!rd_ok(&data) || size < 2 || (data.left < size && !c->d->cut))
		return false;
	inner = rd_upto(&data, size);
	if (inner.left < 2)
		return false;
	if (size & 1)
		rd_skip(&data, 1);

	uint32_t route_len = 2u * rd_u8(&data);

	rd_skip(&data, 1);
	c->route_cut |= !rd_ok(&data) || data.left < route_len;

	struct rd route = rd_upto(&data, route_len);

	set_route(c);
	cip_path_route(c->d, route);
	keep_route(c);
	*q = read_request(inner);
	return true;
}

static bool is_sent_on(const struct cip_request *q)
{
	return q->service == SVC_UNCONNECTED_SEND && q->asked == CIP_CONNECTION_MANAGER;
}

static void tell_request(struct cip_context *c, struct cip_request q, uint16_t part, unsigned depth);

/* The offsets of a Multiple Service Packet: each behind the one before and within. */
static bool offsets_fit(struct rd offsets, uint32_t count, uint32_t end)
{
	uint32_t before = 2 + 2 * count;

	for (uint32_t i = 0; i < count; i++) {
		uint32_t at = rd_le16(&offsets);

		if (at < before || at >= end)
			return false;
		before = at + 1;
	}
	return true;
}

/* The next service of a Multiple Service Packet: from its offset to the next one's, or the end. */
static struct rd next_service(struct rd whole, struct rd *offsets)
{
	uint32_t at = rd_le16(offsets);
	uint32_t end = offsets->left ? (uint32_t)rd_peek(offsets, 0) | (uint32_t)rd_peek(offsets, 1) << 8 : whole.left;

	rd_skip(&whole, at);
	return rd_upto(&whole, end > at ? end - at : 0);
}

struct bundle {
	struct rd whole, offsets;       /* from the count on; the offsets alone */
	uint16_t count;
	bool fits;
};

/* CIP-V1. */
static struct bundle read_bundle(const struct dissect *d, struct rd data)
{
	struct bundle b = { .whole = data };

	b.count = rd_le16(&data);
	b.offsets = rd_sub(&data, 2u * b.count);
	b.fits = b.count && rd_ok(&b.offsets) && offsets_fit(b.offsets, b.count, d->cut ? UINT32_MAX : b.whole.left);
	return b;
}

static void bundle_anomalies(struct dissect *d, const struct bundle *b, unsigned depth)
{
	if (!b->fits)
		dissect_anomaly(d, b->count == 0 ? ANOM_BAD_COUNT : ANOM_BAD_LENGTH);
	if (depth >= DEPTH_MAX)
		dissect_anomaly(d, ANOM_NESTED_TOO_DEEP);
}

/* Services of the PDU's own packet are its parts; what is nested deeper shares its container's. */
static void request_services(struct cip_context *c, const struct bundle *b, uint16_t part, unsigned depth)
{
	struct rd offsets = b->offsets;
	uint16_t n = 0, outer_len = c->route_len;

	while (offsets.left) {                          /* two bytes of the window at a time */
		struct rd service = next_service(b->whole, &offsets);

		n++;
		dissect_reset(c->d);
		c->route_len = outer_len;
		if (service.left < 2 && c->d->cut)
			break;
		tell_request(c, read_request(service), part ? part : n, depth + 1);
	}
}

/* services: of a Multiple Service Packet, for its answer to be held against. */
static void open_txn(const struct cip_context *c, bool sent_on, uint16_t services)
{
	struct txn *t = dissect_open(c->d, c->on->txn);

	if (!t)
		return;
	t->note[0] = (uint32_t)(c->on->connected ? CIP_NOTE_CONNECTED : CIP_NOTE_UNCONNECTED) |
		     (sent_on ? CIP_NOTE_SENT_ON : 0);
	t->note[1] = c->leads_to;
	t->note[2] = services;
}

/* One request and what it holds; part 0: the PDU's own. */
static void tell_request(struct cip_context *c, struct cip_request q, uint16_t part, unsigned depth)
{
	struct dissect *d = c->d;
	bool sent_on = is_sent_on(&q), deep = false;

	while (is_sent_on(&q)) {
		deep = depth >= DEPTH_MAX;
		if (deep || !unwrap(c, &q))
			break;
		depth++;
	}
	fill_request(c, &q);
	if (deep)
		dissect_anomaly(d, ANOM_NESTED_TOO_DEEP);
	else if (is_sent_on(&q))
		dissect_anomaly(d, ANOM_TRUNCATED_PDU);

	struct bundle b = { .count = 0 };

	if (q.service == SVC_MULTIPLE) {
		b = read_bundle(d, q.data);
		bundle_anomalies(d, &b, depth);
	}
	if (part == 0) {
		open_txn(c, sent_on, b.count);
		d->ev.parts = c->parts = b.count;
	}
	emit(c, part);
	if (b.fits && depth < DEPTH_MAX)
		request_services(c, &b, part, depth);
}

/* --- responses ------------------------------------------------------------------------ */

static bool fits_unconnected(const struct dissect *d, const struct txn *t)
{
	(void)d;
	return (t->note[0] & CIP_NOTE_KIND) == CIP_NOTE_UNCONNECTED;
}

static bool fits_sent_on(const struct dissect *d, const struct txn *t)
{
	(void)d;
	return t->note[0] & CIP_NOTE_SENT_ON;
}

/* On a connection the answer bears the other direction's id. */
static bool fits_connection(const struct dissect *d, const struct txn *t)
{
	const struct cip_conn *c = cip_conn_to_client(d->state, d->ev.unit);

	if ((t->note[0] & CIP_NOTE_KIND) != CIP_NOTE_CONNECTED || t->func != d->ev.func)
		return false;
	if (c)
		return t->unit == c->to_server;
	c = cip_conn_to_server(d->state, t->unit);
	return !c || !c->to_client;
}

static bool fits_any_connection(const struct dissect *d, const struct txn *t)
{
	return (t->note[0] & CIP_NOTE_KIND) == CIP_NOTE_CONNECTED && t->func == d->ev.func;
}

static struct txn *find_connected(const struct cip_context *c)
{
	struct dissect *d = c->d;
	const struct cip_conn *known = cip_conn_to_client(c->on->conns, d->ev.unit);
	struct txn *t = dissect_reply(d, c->on->txn, TXN_KEY, fits_connection);

	if (!t && (!known || known->learned))           /* what was learned may have been wrong */
		t = dissect_reply(d, c->on->txn, TXN_KEY, fits_any_connection);
	if (t && !known)
		cip_conn_learn(c->on->conns, t->unit, d->ev.unit);
	return t;
}

/* The services of a packet all answer the same request. */
static void keep_pairing(struct cip_context *c)
{
	const struct ot_event *e = &c->d->ev;

	c->pairing = e->has & (HAS_REQUEST | HAS_LATENCY);
	c->latency_us = e->latency_us;
	c->req_frame = e->req_frame;
	c->req_pdu = e->req_pdu;
	c->req_capture = e->req_capture;
	c->req_seq = e->req_seq;
}

static void set_pairing(const struct cip_context *c)
{
	struct ot_event *e = &c->d->ev;

	e->has |= c->pairing;
	e->latency_us = c->latency_us;
	e->req_frame = c->req_frame;
	e->req_pdu = c->req_pdu;
	e->req_capture = c->req_capture;
	e->req_seq = c->req_seq;
}

static void find_request(struct cip_context *c, uint8_t service)
{
	struct txn *t = c->on->connected ? find_connected(c) :
			dissect_reply(c->d, c->on->txn, TXN_LOOSE, fits_unconnected);

	if (!t && service == SVC_UNCONNECTED_SEND)
		t = dissect_reply(c->d, c->on->txn, TXN_KEY, fits_sent_on);
	c->answered = t;
	keep_pairing(c);
}

static void response_status(struct dissect *d, uint8_t status, struct rd ext)
{
	dissect_status(d, status, cip_status_name(status));
	if (status == 0x06)                             /* CIP-V1 B-1: partial transfer, more will follow */
		d->ev.outcome = OUTCOME_OK;
	while (ext.left >= 2 && d->ev.status_exts < OT_STATUS_EXT_MAX)
		d->ev.status_ext[d->ev.status_exts++] = rd_le16(&ext);
}

/* The request's body, or what can be said of a service whose class nobody saw. */
static void response_subject(struct cip_context *c, uint8_t service)
{
	struct dissect *d = c->d;

	if (c->answered && dissect_part(d, c->answered, c->index++)) {
		if (d->ev.func != service) {
			if (service == SVC_UNCONNECTED_SEND && c->answered->note[0] & CIP_NOTE_SENT_ON)
				d->ev.func_name = "unconnected_send";
			else
				dissect_anomaly(d, ANOM_UNEXPECTED_RESPONSE);
			d->ev.func = service;
		}
	} else {
		struct cip_service is = cip_service_of(service, CIP_NO_CLASS);

		d->ev.op = is.op;
		d->ev.act = is.act;
		d->ev.func_name = is.name;
		set_route(c);
	}
}

static void identity_body(struct dissect *d, struct rd data)
{
	if (!(d->ev.has & HAS_BLOCK) || d->ev.block != 1 || d->ev.path_len)
		return;
	if (d->ev.func == SVC_GET_ALL)
		cip_identity_all(d, data);
	else if (d->ev.func == SVC_GET_LIST)
		cip_identity_list(d, data);
	else if (d->ev.func == SVC_GET_SINGLE && d->ev.has & HAS_FIRST)
		cip_identity_single(d, d->ev.first, data);
}

static void response_body(struct cip_context *c, struct rd data)
{
	struct dissect *d = c->d;
	uint32_t cls = d->ev.has & HAS_CLASS ? d->ev.cls : CIP_NO_CLASS;
	bool open = d->ev.func == SVC_FORWARD_OPEN || d->ev.func == SVC_LARGE_FORWARD_OPEN;

	if (cls == CIP_PCCC && d->ev.func == SVC_EXECUTE_PCCC) {
		pccc_response(d, data);
		return;
	}
	if (open && (cls == CIP_CONNECTION_MANAGER || (!c->answered && cip_manager_is_open_response(data))))
		cip_manager_open_response(d, data, c->on->conns, c->answered ? c->answered->note[1] : CIP_NO_CLASS);
	else if (d->ev.func == SVC_FORWARD_CLOSE && cls == CIP_CONNECTION_MANAGER)
		cip_manager_close_response(d, data, c->on->conns);
	else if (cls == CIP_IDENTITY)
		identity_body(d, data);
	if (data.left && (d->ev.op == OP_READ || d->ev.act == ACT_PROGRAM_UPLOAD))
		dissect_value(d, data);
}

static void tell_response(struct cip_context *c, struct rd msg, uint16_t part, unsigned depth);

static void response_services(struct cip_context *c, const struct bundle *b, uint16_t part, unsigned depth)
{
	struct rd offsets = b->offsets;
	uint16_t n = 0;

	while (offsets.left) {
		struct rd service = next_service(b->whole, &offsets);

		n++;
		dissect_reset(c->d);
		if (service.left < 4 && c->d->cut)
			break;
		tell_response(c, service, part ? part : n, depth + 1);
	}
}

/* One response and what it holds; part 0: the PDU's own. */
static void tell_response(struct cip_context *c, struct rd msg, uint16_t part, unsigned depth)
{
	struct dissect *d = c->d;
	uint8_t service = rd_u8(&msg) & 0x7f, status, words;
	struct rd ext;

	rd_skip(&msg, 1);
	status = rd_u8(&msg);
	words = rd_u8(&msg);
	ext = rd_upto(&msg, 2u * words);
	dissect_dir(d, DIR_RESPONSE);
	set_head(c, service);
	if (part == 0)
		find_request(c, service);
	else
		set_pairing(c);
	response_subject(c, service);
	if (!rd_ok(&msg) || ext.left < 2u * words)
		dissect_anomaly(d, ANOM_TRUNCATED_PDU);
	if (rd_ok(&msg))
		response_status(d, status, ext);
	if (service != SVC_MULTIPLE) {
		if (status == 0 || status == 0x06)
			response_body(c, msg);
		emit(c, part);
		return;
	}
	if (msg.left == 0 && status != 0) {             /* refused as a whole */
		emit(c, part);
		return;
	}

	struct bundle b = read_bundle(d, msg);

	bundle_anomalies(d, &b, depth);
	if (part == 0) {
		d->ev.parts = c->parts = b.count;
		if (c->answered && c->answered->note[2] != b.count)
			dissect_anomaly(d, ANOM_UNEXPECTED_RESPONSE);
	}
	emit(c, part);
	if (b.fits && depth < DEPTH_MAX)
		response_services(c, &b, part, depth);
}

/* --- the message ---------------------------------------------------------------------- */

/* DH+ addresses (link and node of either end, 8 bytes), then PCCC. */
static void tell_dhplus(struct cip_context *c, struct rd msg, bool response)
{
	struct dissect *d = c->d;

	dissect_dir(d, response ? DIR_RESPONSE : DIR_REQUEST);
	set_head(c, SVC_EXECUTE_PCCC);
	rd_skip(&msg, 8);
	if (response) {
		find_request(c, SVC_EXECUTE_PCCC);
		response_subject(c, SVC_EXECUTE_PCCC);
		dissect_status(d, 0, cip_status_name(0));
		pccc_reply(d, msg);
	} else {
		set_route(c);
		d->ev.cls = CIP_DHPLUS;
		d->ev.has |= HAS_CLASS;
		pccc_command(d, msg);
		open_txn(c, false, 0);
	}
	dissect_emit(d);
}

/* Bytes that only the object at the connection's end understands. */
static void tell_data(const struct cip_context *c, struct rd msg)
{
	struct dissect *d = c->d;

	dissect_dir(d, DIR_NOTIFY);
	d->ev.proto = PROTO_CIP;
	d->ev.op = OP_OTHER;
	d->ev.func_name = "connected_data";
	d->ev.unit = c->on->unit;
	d->ev.txn = c->on->txn;
	d->ev.has |= HAS_UNIT | HAS_TXN;
	set_route(c);
	dissect_value(d, msg);
	dissect_emit(d);
}

void cip_message(struct dissect *d, struct rd msg, const struct cip_carrier *on)
{
	struct cip_context c = { .d = d, .on = on, .leads_to = CIP_NO_CLASS };
	const struct cip_conn *up = NULL, *down = NULL, *conn;
	bool response = rd_peek(&msg, 0) & 0x80;

	if (on->connected) {
		up = cip_conn_to_server(on->conns, on->unit);
		down = up ? NULL : cip_conn_to_client(on->conns, on->unit);
	}
	conn = up ? up : down;
	if (conn) {                                     /* the way to the target is known from its opening */
		memcpy(c.route, conn->route, conn->route_len);
		c.route_len = conn->route_len;
	}
	if (conn && conn->kind == CIP_CONN_DHPLUS)
		tell_dhplus(&c, msg, down != NULL);
	else if (conn && conn->kind == CIP_CONN_DATA)
		tell_data(&c, msg);
	else if (response)
		tell_response(&c, msg, 0, 0);
	else
		tell_request(&c, read_request(msg), 0, 0);
}

void cip_io(struct dissect *d, uint32_t connection, uint32_t sequence, struct rd data)
{
	dissect_dir(d, DIR_NOTIFY);
	d->ev.op = OP_OTHER;
	d->ev.func_name = "io_data";
	d->ev.flags |= EV_IO;
	d->ev.unit = connection;
	d->ev.txn = sequence;
	d->ev.has |= HAS_UNIT | HAS_TXN;
	dissect_value(d, data);
	dissect_emit(d);
}
