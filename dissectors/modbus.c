/* modbus.c - Modbus over TCP and UDP: header, direction, pairing.
 *
 * Spec: MMG = Modbus Messaging on TCP/IP Implementation Guide V1.0b,
 *       MAP = Modbus Application Protocol V1.1b3.
 * PDU:  transaction id 2 | protocol id 2 (0) | length 2 | unit 1 | function 1 | body
 *       length counts from the unit on (MMG 3.1.3). A response repeats the function; bit 7
 *       of it set: an exception, one byte of body (MAP 7).
 * Port: 502 TCP, also UDP by common use.
 * Pairing: transaction id, function and unit; devices that answer with another id are told by
 *       what the answer repeats of its request. Nothing says which direction a PDU goes: an
 *       exception is a response, else the client of the flow, else the layout of the body.
 * Not decoded: functions that the standard reserves or leaves to the user. */
#include "dissectors/modbus.h"

enum {
	MBAP = 6,                       /* bytes before those that the length counts */
	HEAD = 8,                       /* to the function code */
	LENGTH_MIN = 2,                 /* unit and function */
	LENGTH_MAX = 1 + MODBUS_PDU_MAX,/* MMG 3.1.2: an ADU is 260 bytes at most */
	LENGTH_MAX_UMAS = 1280,         /* M340 and M580 agree on about 1,000 */
	EXCEPTION = 0x80,
};

/* What the PDUs of one side say of it: positive, it asks; negative, it answers. */
enum { VOTE = 1, VOTE_EXCEPTION = 2, VOTES_MAX = 5 };
/* How much the two sides together must contradict what is believed of them; the second when only one
 * side has been seen. A side's word alone is not enough while the other can be heard: else a client
 * could pass its writes off as answers by refusing a few things first. */
enum { CONTRADICTION = 2, CONTRADICTION_ONE_SIDED = 4 };

struct state {
	int8_t votes[2];                /* by direction */
	struct modbus_facts facts;      /* of the response in hand, for fits() */
};

/* MAP 7. 7 is of the older serial-line standard. */
static const struct name exception_names[] = {
	{ 1, "illegal_function" }, { 2, "illegal_data_address" }, { 3, "illegal_data_value" },
	{ 4, "server_device_failure" }, { 5, "acknowledge" }, { 6, "server_device_busy" },
	{ 7, "negative_acknowledge" }, { 8, "memory_parity_error" }, { 10, "gateway_path_unavailable" },
	{ 11, "gateway_target_device_failed_to_respond" },
};

enum { EXCEPTION_ACKNOWLEDGE = 5 };

struct head {
	uint16_t txn, protocol, length;
	uint8_t unit, code;             /* the code as it stands, with the exception bit */
};

static struct head head_of(struct rd *r)
{
	struct head h = { .txn = rd_be16(r), .protocol = rd_be16(r), .length = rd_be16(r) };

	h.unit = rd_u8(r);
	h.code = rd_u8(r);
	return h;
}

static uint32_t length_max(const struct head *h)
{
	return (h->code & ~EXCEPTION) == FC_UMAS ? LENGTH_MAX_UMAS : LENGTH_MAX;
}

/* Two bytes for the transaction id, then zeros that no text and few binaries have. */
static enum frame_verdict modbus_frame(struct rd r, uint32_t *len)
{
	if (r.left < HEAD)
		return FRAME_MORE;
	struct head h = head_of(&r);

	if (h.protocol != 0)
		return FRAME_BAD;
	if (h.length < LENGTH_MIN || h.length > length_max(&h))
		return FRAME_MALFORMED;
	*len = MBAP + h.length;
	return FRAME_PDU;
}

/* One whole PDU of a public function, or its exception, with lengths that agree to the byte. */
static enum frame_verdict modbus_probe(struct rd r, bool whole)
{
	uint32_t len;
	struct rd at = r;
	enum frame_verdict v = modbus_frame(r, &len);

	if (v == FRAME_MORE)
		return whole || (r.left > 2 && rd_peek(&r, 2)) || (r.left > 3 && rd_peek(&r, 3)) ? FRAME_BAD : FRAME_MORE;
	if (v != FRAME_PDU)
		return FRAME_BAD;
	struct head h = head_of(&at);
	const struct modbus_func *f = modbus_body_find(h.code & ~EXCEPTION & 0xff);

	if (!f || (h.code & EXCEPTION && h.length != 3))
		return FRAME_BAD;
	if (r.left < len)
		return whole ? FRAME_BAD : FRAME_MORE;
	struct rd body = rd_sub(&at, len - HEAD);

	if (whole && at.left && modbus_frame(at, &len) != FRAME_PDU)
		return FRAME_BAD;
	if (h.code & EXCEPTION)
		return NAME_OF(exception_names, rd_peek(&body, 0)) ? FRAME_PDU : FRAME_BAD;
	if (!modbus_shape_is(f->is_request, f->max, body) && !modbus_shape_is(f->is_response, f->max, body))
		return FRAME_BAD;
	return FRAME_PDU;
}

/* The sender of this PDU behaves like a client, or like a server. Without any other ground that is
 * believed at once, against one only when both sides contradict it. */
static void vote(struct dissect *d, bool asks, int weight)
{
	struct state *s = d->state;
	int8_t *own = &s->votes[d->direction];
	int sum = *own + (asks ? weight : -weight);

	*own = (int8_t)(sum > VOTES_MAX ? VOTES_MAX : sum < -VOTES_MAX ? -VOTES_MAX : sum);
	if (d->role == ROLE_UNKNOWN) {
		dissect_learn_role(d, asks);
		return;
	}
	bool src_is_client = d->role == ROLE_SRC_CLIENT;
	int client = s->votes[src_is_client ? d->direction : !d->direction];
	int server = s->votes[src_is_client ? !d->direction : d->direction];
	bool both = client < 0 && server > 0;

	if (both ? server - client >= CONTRADICTION :
	    !(d->ev.flags & EV_OTHER_SIDE_SEEN) && server - client >= CONTRADICTION_ONE_SIDED)
		dissect_learn_role(d, !src_is_client);
}

static bool answers(const struct txn *t, uint32_t arg)
{
	return (t->key & 0xffff) == arg >> 16 && t->func == (arg & 0xffff);
}

static enum ot_dir direction_of(struct dissect *d, const struct head *h, const struct modbus_func *f, struct rd body)
{
	if (h->code & EXCEPTION) {
		vote(d, false, VOTE_EXCEPTION);
		return DIR_RESPONSE;
	}
	bool asks = f && modbus_shape_is(f->is_request, f->max, body);
	bool tells = f && modbus_shape_is(f->is_response, f->max, body);

	if (asks != tells && !d->cut)
		vote(d, asks, VOTE);
	if (d->ground >= GROUND_PORT && d->role != ROLE_UNKNOWN)
		return d->role == ROLE_SRC_CLIENT ? DIR_REQUEST : DIR_RESPONSE;
	if (asks != tells)
		return asks ? DIR_REQUEST : DIR_RESPONSE;
	if (d->role != ROLE_UNKNOWN)
		return d->role == ROLE_SRC_CLIENT ? DIR_REQUEST : DIR_RESPONSE;
	return dissect_find(d, answers, (uint32_t)h->txn << 16 | h->code) ? DIR_RESPONSE : DIR_REQUEST;
}

static bool fits(const struct dissect *d, const struct txn *t)
{
	const struct state *s = d->state;

	return !t->note[0] || (t->note[1] == s->facts.a && t->note[2] == s->facts.b);
}

/* The request that this answers, marked when it does not look like its answer. */
static struct txn *pair(struct dissect *d, const struct head *h, struct rd body)
{
	struct state *s = d->state;
	bool comparable = !(h->code & EXCEPTION) && modbus_body_facts(h->code, true, body, &s->facts);
	struct txn *t = dissect_reply(d, h->txn, TXN_LOOSE, comparable ? fits : NULL);

	if (!t && comparable) {
		t = dissect_reply(d, h->txn, TXN_STRICT, NULL);
		if (t)
			dissect_anomaly(d, ANOM_UNEXPECTED_RESPONSE);
	}
	return t;
}

static void request(struct dissect *d, const struct head *h, const struct modbus_func *f, struct rd b)
{
	struct txn *t = dissect_open(d, h->txn);
	struct modbus_facts facts;

	if (t) {
		t->note[0] = modbus_body_facts(h->code, false, b, &facts);
		t->note[1] = facts.a;
		t->note[2] = facts.b;
		t->note[3] = rd_peek(&b, 2);            /* UMAS: the sub-code */
	}
	if (f) {
		f->request(d, &b, f);
		if (f->parts)
			return;
		modbus_body_end(d, &b);
	}
	dissect_emit(d);
}

static void refusal(struct dissect *d, struct rd b, const struct txn *t)
{
	uint8_t code = rd_u8(&b);
	const char *name = NAME_OF(exception_names, code);
	uint16_t parts = t ? t->parts : 0;

	dissect_status(d, code, name);
	d->ev.outcome = code == EXCEPTION_ACKNOWLEDGE ? OUTCOME_PENDING : OUTCOME_ERROR;
	modbus_body_end(d, &b);
	if (!name && rd_ok(&b))
		dissect_anomaly(d, ANOM_BAD_VALUE);
	if (t)
		dissect_part(d, t, 0);
	if (parts < 2)
		dissect_emit(d);
	else
		dissect_emit_part(d, 1, parts);
	for (uint16_t i = 1; i < parts && i < MODBUS_GROUPS_MAX; i++) {
		modbus_body_next(d);
		if (dissect_part(d, t, i))
			dissect_emit_part(d, (uint16_t)(i + 1), parts);
	}
}

static void response(struct dissect *d, const struct head *h, const struct modbus_func *f, struct rd b)
{
	const struct txn *t = pair(d, h, b);

	if (h->code & EXCEPTION) {
		refusal(d, b, t);
		return;
	}
	dissect_status(d, 0, NULL);
	if (t)
		dissect_part(d, t, 0);
	if (f) {
		f->response(d, &b, f, t);
		if (f->parts)
			return;
		modbus_body_end(d, &b);
	}
	dissect_emit(d);
}

/* What the header alone says. */
static const struct modbus_func *head_to_event(struct dissect *d, const struct head *h)
{
	unsigned code = h->code & ~EXCEPTION & 0xff;
	const struct modbus_func *f = modbus_body_find(code);

	d->ev.func = code;
	d->ev.func_name = modbus_body_name(code);
	d->ev.op = f ? f->op : OP_OTHER;
	d->ev.space = f ? f->space : NULL;
	d->ev.granule = f ? f->granule : GRANULE_NONE;
	d->ev.unit = h->unit;
	d->ev.txn = h->txn;
	d->ev.has |= HAS_FUNC | HAS_UNIT | HAS_TXN;
	return f;
}

static void modbus_pdu(struct dissect *d, struct rd pdu)
{
	struct head h = head_of(&pdu);

	if (!rd_ok(&pdu))
		return;                         /* cut before the function code: nothing is said */
	const struct modbus_func *f = head_to_event(d, &h);

	if (!f)
		dissect_anomaly(d, ANOM_UNKNOWN_FUNCTION);
	enum ot_dir dir = direction_of(d, &h, f, pdu);

	dissect_dir(d, dir);
	if (dir == DIR_REQUEST)
		request(d, &h, f, pdu);
	else
		response(d, &h, f, pdu);
}

/* A Modbus header with a length that no PDU has: said once, body unread. */
static void modbus_bad(struct dissect *d, struct rd r)
{
	struct head h = head_of(&r);

	if (!rd_ok(&r))
		return;
	head_to_event(d, &h);
	d->ev.op = OP_OTHER;
	d->ev.space = NULL;
	d->ev.granule = GRANULE_NONE;
	dissect_dir(d, h.code & EXCEPTION || d->role == ROLE_DST_CLIENT ? DIR_RESPONSE : DIR_REQUEST);
	dissect_anomaly(d, ANOM_BAD_LENGTH);
	dissect_emit(d);
}

const struct dissector dissector_modbus = {
	.name = "modbus",
	.title = "Modbus/TCP",
	.spec = "Modbus Application Protocol V1.1b3; Modbus Messaging on TCP/IP V1.0b; UMAS as observed",
	.tcp_ports = { 502 },
	.udp_ports = { 502 },
	.max_pdu = MBAP + LENGTH_MAX_UMAS,
	.state_size = sizeof(struct state),
	.proto = PROTO_MODBUS,
	.probe = modbus_probe,
	.frame = modbus_frame,
	.pdu = modbus_pdu,
	.bad = modbus_bad,
};
