/* S7comm-plus: the protocol of S7-1200 and S7-1500.
 *
 * Packet:  0x72 | version | length 2 | body | 0x72 version 0 0 (only behind the last packet of a message)
 * Version 1 opens sessions, 2 is in the clear, 3 has a digest (length, 32 bytes) before the body;
 * 0xfe is an event of the system and 0xff keeps the connection alive. After InitSSL a connection
 * carries TLS and nothing of it can be read.
 * Request:   0x31 | 0 2 | function 2 | 0 2 | sequence 2 | session 4 | flags | what the function wants
 * Response:  0x32 (0x02 for a write that wants little) | 0 2 | function 2 | 0 2 | sequence 2 | flags | result
 * Push:      0x33 | subscription 4 | ...
 * A message is said when its first packet, which has all of this, is there: the rest is content.
 * Numbers without a fixed size have 7 bits a byte, the most significant first.
 * Not decoded: values, type information, the content of objects beyond id, class and name. */
#include "dissectors/s7_plus.h"
#include "dissectors/s7_plus_meaning.h"

#define PLUS_ID 0x72
#define HEADER 4                /* bytes, and so has the trailer */

enum opcode { OPCODE_REQUEST = 0x31, OPCODE_RESPONSE = 0x32, OPCODE_PUSH = 0x33, OPCODE_RESPONSE2 = 0x02 };

static const struct plus_row plus_rows[] = {
	{ PLUS_ERROR, "error", OP_OTHER, false },
	{ PLUS_EXPLORE, "explore", OP_DIAGNOSE, true },
	{ PLUS_CREATE, "create_object", OP_OTHER, true },
	{ PLUS_DELETE, "delete_object", OP_SESSION, true },
	{ PLUS_SET, "set_variable", OP_WRITE, true },
	{ PLUS_GET, "get_variable", OP_READ, true },
	{ PLUS_ADD_LINK, "add_link", OP_OTHER, true },
	{ PLUS_REMOVE_LINK, "remove_link", OP_OTHER, true },
	{ PLUS_GET_LINK, "get_link", OP_READ, true },
	{ PLUS_SET_MULTI, "set_multi_variables", OP_WRITE, true },
	{ PLUS_GET_MULTI, "get_multi_variables", OP_READ, true },
	{ PLUS_BEGIN, "begin_sequence", OP_OTHER, false },
	{ PLUS_END, "end_sequence", OP_OTHER, false },
	{ PLUS_INVOKE, "invoke", OP_OTHER, true },
	{ PLUS_SET_STREAMED, "set_var_sub_streamed", OP_WRITE, true },
	{ PLUS_GET_STREAMED, "get_var_sub_streamed", OP_READ, true },
	{ PLUS_GET_ADDRESS, "get_variables_address", OP_READ, true },
	{ PLUS_ABORT, "abort", OP_OTHER, false },
	{ PLUS_ERROR2, "error2", OP_OTHER, false },
	{ PLUS_INIT_SSL, "init_ssl", OP_SESSION, false },
};

static const struct plus_row *row_of(uint16_t code)
{
	for (unsigned i = 0; i < sizeof plus_rows / sizeof plus_rows[0]; i++)
		if (plus_rows[i].code == code)
			return &plus_rows[i];
	return NULL;
}

static uint64_t vlq64(struct rd *r)
{
	uint64_t v = 0;

	for (int i = 0; i < 8; i++) {
		uint8_t c = rd_u8(r);

		v = v << 7 | (c & 0x7f);
		if (!(c & 0x80))
			return v;
	}
	return v << 8 | rd_u8(r);       /* the ninth byte has all its bits */
}

/* What stands in every header; `whole`: all of it was there. */
static void begin_event(struct dissect *d, uint8_t opcode, uint16_t func, uint16_t seq, bool whole)
{
	const struct plus_row *row = row_of(func);

	if (!whole) {
		if (!d->cut)
			dissect_anomaly(d, ANOM_TRUNCATED_PDU);
		return;
	}
	d->ev.func = func;
	d->ev.txn = seq;
	d->ev.has |= HAS_FUNC | HAS_TXN;
	if (opcode != OPCODE_RESPONSE2) {
		d->ev.opcode = opcode;
		d->ev.has |= HAS_OPCODE;
	}
	if (row) {
		d->ev.func_name = row->name;
		d->ev.op = row->op;
	} else {
		dissect_anomaly(d, ANOM_UNKNOWN_FUNCTION);
	}
}

static void request(struct dissect *d, struct s7_state *st, struct rd r)
{
	uint16_t func, seq;
	uint32_t session;
	const struct plus_row *row;

	rd_skip(&r, 2);
	func = rd_be16(&r);
	rd_skip(&r, 2);
	seq = rd_be16(&r);
	session = rd_be32(&r);
	rd_skip(&r, 1);
	dissect_dir(d, DIR_REQUEST);
	dissect_learn_role(d, true);
	begin_event(d, OPCODE_REQUEST, func, seq, rd_ok(&r));
	dissect_open(d, seq);
	row = row_of(func);
	if (row && rd_ok(&r))
		s7_plus_meaning_request(d, st, session, row, r);
	dissect_emit(d);
}

static void response(struct dissect *d, struct s7_state *st, uint8_t opcode, struct rd r)
{
	uint16_t func, seq;
	uint64_t result;
	struct txn *t;

	rd_skip(&r, 2);
	func = rd_be16(&r);
	rd_skip(&r, 2);
	seq = rd_be16(&r);
	rd_skip(&r, 1);
	dissect_dir(d, DIR_RESPONSE);
	dissect_learn_role(d, false);
	begin_event(d, opcode, func, seq, rd_ok(&r));
	t = dissect_reply(d, seq, TXN_STRICT, NULL);
	if (t)
		dissect_part(d, t, 0);
	s7_plus_meaning_response(d, func, r);
	if (func == PLUS_INIT_SSL)
		st->plus_tls = 1;
	result = vlq64(&r);
	if (rd_ok(&r)) {
		uint16_t code = (uint16_t)result;

		dissect_status(d, code & 0x8000 ? code : 0, NULL);      /* errors are negative */
	} else if (!d->cut) {
		dissect_anomaly(d, ANOM_TRUNCATED_PDU);
	}
	dissect_emit(d);
}

static void push(struct dissect *d, struct rd r)
{
	dissect_dir(d, DIR_NOTIFY);
	d->ev.opcode = OPCODE_PUSH;
	d->ev.has |= HAS_OPCODE;
	d->ev.func_name = "notification";
	d->ev.op = OP_READ;
	dissect_range(d, "object", GRANULE_OBJECT, rd_be32(&r), 1);
	dissect_emit(d);
}

void s7_plus_opaque(struct dissect *d, const char *name)
{
	d->ev.proto = PROTO_S7COMM_PLUS;
	dissect_dir(d, DIR_NOTIFY);
	d->ev.func_name = name;
	d->ev.op = OP_SESSION;
	dissect_emit(d);
}

/* The body without the digest of version 3. */
static struct rd without_digest(uint8_t version, struct rd body)
{
	uint8_t first = rd_peek(&body, 0);

	if (version == 3 && first != OPCODE_REQUEST && first != OPCODE_RESPONSE && first != OPCODE_PUSH &&
	    first != OPCODE_RESPONSE2)
		rd_skip(&body, rd_u8(&body));
	return body;
}

void s7_plus(struct dissect *d, struct s7_state *st, struct rd whole)
{
	uint8_t version, opcode, go_on = st->plus_more[d->direction];
	bool clear = s7_plus_plausible(whole);
	uint16_t length;
	struct rd body;

	rd_skip(&whole, 1);
	version = rd_u8(&whole);
	if (version == 0xff || version == 0xfe) {
		s7_plus_opaque(d, version == 0xff ? "keep_alive" : "system_event");
		return;
	}
	length = rd_be16(&whole);
	if (!d->cut && (!rd_ok(&whole) || whole.left < length))
		dissect_anomaly(d, ANOM_TRUNCATED_PDU);
	body = rd_upto(&whole, length);
	if (!st->sure[d->direction] && !clear)
		return;                 /* perhaps the middle of a message whose head was not seen */
	st->sure[d->direction] = 1;
	st->plus_more[d->direction] = whole.left == 0 && !d->cut && body.left == length;
	if (go_on)
		return;
	if (whole.left && whole.left != HEADER)
		dissect_anomaly(d, ANOM_TRAILING_BYTES);
	body = without_digest(version, body);
	opcode = rd_u8(&body);
	switch (opcode) {
	case OPCODE_REQUEST:
		request(d, st, body);
		return;
	case OPCODE_RESPONSE: case OPCODE_RESPONSE2:
		response(d, st, opcode, body);
		return;
	case OPCODE_PUSH:
		push(d, body);
		return;
	default:
		s7_plus_opaque(d, "opaque");
	}
}

bool s7_plus_plausible(struct rd r)
{
	uint32_t all = r.left;
	uint8_t version, opcode;
	uint16_t length;
	struct rd body;

	rd_skip(&r, 1);
	version = rd_u8(&r);
	length = rd_be16(&r);
	if (version < 1 || version > 3 || !rd_ok(&r) || (all != HEADER + (uint32_t)length && all != 2 * HEADER + (uint32_t)length))
		return false;
	body = without_digest(version, rd_sub(&r, length));
	opcode = rd_u8(&body);
	if (r.left && (rd_u8(&r) != PLUS_ID || rd_u8(&r) != version || rd_be16(&r) != 0))
		return false;
	if (opcode == OPCODE_PUSH)
		return rd_ok(&body) && body.left >= 10;
	if (opcode != OPCODE_REQUEST && opcode != OPCODE_RESPONSE && opcode != OPCODE_RESPONSE2)
		return false;
	return rd_be16(&body) == 0 && row_of(rd_be16(&body)) && rd_be16(&body) == 0 && rd_ok(&body);
}
