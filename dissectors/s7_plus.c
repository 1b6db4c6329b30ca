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

#include <string.h>

#define PLUS_ID 0x72
#define HEADER 4                /* bytes, and so has the trailer */
#define SEARCH_MAX 1024         /* bytes of a body in which an attribute is looked for */
#define CREATE_GAP_MAX 16       /* bytes between the container's id and the object made in it */

enum opcode { OPCODE_REQUEST = 0x31, OPCODE_RESPONSE = 0x32, OPCODE_PUSH = 0x33, OPCODE_RESPONSE2 = 0x02 };

enum plus_func {
	PLUS_ERROR = 0x04b1, PLUS_EXPLORE = 0x04bb, PLUS_CREATE = 0x04ca, PLUS_DELETE = 0x04d4, PLUS_SET = 0x04f2,
	PLUS_GET = 0x04fc, PLUS_ADD_LINK = 0x0506, PLUS_REMOVE_LINK = 0x051a, PLUS_GET_LINK = 0x0524,
	PLUS_SET_MULTI = 0x0542, PLUS_GET_MULTI = 0x054c, PLUS_BEGIN = 0x0556, PLUS_END = 0x0560, PLUS_INVOKE = 0x056b,
	PLUS_SET_STREAMED = 0x0577, PLUS_GET_STREAMED = 0x0586, PLUS_GET_ADDRESS = 0x0590, PLUS_ABORT = 0x059a,
	PLUS_ERROR2 = 0x05a9, PLUS_INIT_SSL = 0x05b3,
};

/* Objects and attributes that every CPU has. */
#define OBJECT_ROOT 1
#define OBJECT_PROGRAM 3
#define OBJECT_EXEC_UNIT 0x34
#define OBJECT_SESSIONS 0x11d
#define OBJECT_DYNAMIC 0x70000000u      /* made for a connection: subscriptions and the like */
#define OBJECT_BLOCKS 0x80000000u       /* blocks and what belongs to them */
#define CLASS_SUBSCRIPTION 1001
#define ATTRIBUTE_SUBSCRIPTION 1000     /* the attributes 1000 to 1099 are a subscription's */
#define ATTRIBUTE_STATE_WANTED 2167     /* of the execution unit: 1 stop, 3 run */
#define AREA_DB 0x8a0e
#define AREA_OB 0x8a32

struct plus_row {
	uint16_t code;
	const char *name;
	uint8_t op;
	bool names_object;      /* the first thing that a request says is the id of an object */
};

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
	{ PLUS_INVOKE, "invoke", OP_CONTROL, true },
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

static uint32_t vlq32(struct rd *r)
{
	uint32_t v = 0;

	for (int i = 0; i < 5; i++) {
		uint8_t c = rd_u8(r);

		v = v << 7 | (c & 0x7f);
		if (!(c & 0x80))
			break;
	}
	return v;
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

/* What stands behind a pattern in the first bytes of a body: counted text. */
static struct rd text_after(struct rd r, const uint8_t *pattern, uint32_t n)
{
	uint32_t end = r.left < SEARCH_MAX ? r.left : SEARCH_MAX, matched;

	for (uint32_t i = 0; i + n < end; i++) {
		struct rd at = r;

		rd_skip(&at, i);
		for (matched = 0; matched < n && rd_u8(&at) == pattern[matched]; matched++)
			;
		if (matched == n)
			return rd_sub(&at, vlq32(&at));
	}
	return rd_init(r.p, 0);
}

/* Attribute 233, the name of an object, as a string. */
static struct rd object_name(struct rd r)
{
	static const uint8_t pattern[] = { 0xa3, 0x81, 0x69, 0x00, 0x15 };

	return text_after(r, pattern, sizeof pattern);
}

static bool text_is(struct rd text, const char *word)
{
	return text.left == strlen(word) && memcmp(text.p, word, text.left) == 0;
}

/* --- targets ------------------------------------------------------------------------- */

static void target_object(struct dissect *d, uint32_t id)
{
	if (id >> 16 == AREA_DB || id >> 16 == AREA_OB) {
		d->ev.space = "block";
		dissect_tag_addf(d, "%s%u", id >> 16 == AREA_DB ? "DB" : "OB", id & 0xffff);
		return;
	}
	dissect_range(d, "object", GRANULE_OBJECT, id, 1);
}

/* items | fields | first item: checksum | area | steps | sub-area | steps ... */
static void target_items(struct dissect *d, struct rd r)
{
	static const char *const areas[] = { "inputs", "outputs", "flags", "counters", "timers" };
	uint32_t area, steps;

	vlq32(&r);
	vlq32(&r);
	vlq32(&r);
	area = vlq32(&r);
	steps = vlq32(&r);
	if (!rd_ok(&r))
		return;
	if (area >> 16 == AREA_DB) {
		d->ev.space = "db";
		d->ev.block = area & 0xffff;
		d->ev.has |= HAS_BLOCK;
	} else if (area >= 0x50 && area <= 0x54) {
		d->ev.space = areas[area - 0x50];
	} else {
		dissect_range(d, "object", GRANULE_OBJECT, area, 1);
	}
	for (uint32_t i = 0; i < steps && i < 8 && r.left; i++)
		dissect_path_addf(d, "%s%u", i ? "." : "", vlq32(&r));
}

/* --- what a request amounts to ------------------------------------------------------- */

static void program(struct dissect *d, enum ot_act act)
{
	d->ev.op = OP_PROGRAM;
	d->ev.act = (uint8_t)act;
}

/* value of the container 0 4 .. | 0 4 | 0xa1 | object 4 | class | class flags 2 | attributes */
static void create(struct dissect *d, uint32_t container, struct rd r)
{
	struct rd name = object_name(r);
	uint32_t id, class;

	for (int i = 0; i < CREATE_GAP_MAX && r.left && rd_peek(&r, 0) != 0xa1; i++)
		rd_skip(&r, 1);
	rd_skip(&r, 1);
	id = rd_be32(&r);
	class = vlq32(&r);
	if (container == OBJECT_SESSIONS) {
		d->ev.op = OP_SESSION;
		return;
	}
	if (!rd_ok(&r))
		return;
	if (class == CLASS_SUBSCRIPTION) {
		d->ev.op = OP_READ;
		return;
	}
	if (id < OBJECT_BLOCKS && container != OBJECT_PROGRAM && container != OBJECT_ROOT)
		return;
	program(d, ACT_PROGRAM_DOWNLOAD);
	d->ev.space = NULL;
	d->ev.granule = GRANULE_NONE;
	d->ev.has &= ~(uint32_t)(HAS_FIRST | HAS_COUNT);
	d->ev.tag_len = 0;
	target_object(d, id);
	if (d->ev.tag_len == 0)
		dissect_tag(d, name.p, name.left);
	else
		dissect_path_addf(d, "%.*s", (int)name.left, (const char *)name.p);
}

/* count | attribute | flags | type | value */
static void set(struct dissect *d, uint32_t object, uint32_t session, struct rd r)
{
	uint32_t attribute;

	rd_skip(&r, 1);
	attribute = vlq32(&r);
	rd_skip(&r, 2);
	if (object == session || attribute / 100 == ATTRIBUTE_SUBSCRIPTION / 100) {
		d->ev.op = OP_SESSION;
	} else if (object == OBJECT_EXEC_UNIT && attribute == ATTRIBUTE_STATE_WANTED && rd_ok(&r)) {
		uint32_t wanted = vlq32(&r);

		d->ev.op = OP_CONTROL;
		d->ev.act = wanted == 1 ? ACT_STOP : wanted == 3 ? ACT_START : ACT_MODE_CHANGE;
	}
}

static void begin_or_end(struct dissect *d, struct s7_state *st, uint16_t func, struct rd r)
{
	if (func == PLUS_BEGIN && (st->plus_download || text_is(object_name(r), "DLTransaction"))) {
		if (st->plus_download < UINT8_MAX)
			st->plus_download++;
		program(d, ACT_PROGRAM_DOWNLOAD);
	} else if (func == PLUS_END && st->plus_download) {
		st->plus_download--;
		program(d, ACT_PROGRAM_DOWNLOAD);
	}
}

static void request_meaning(struct dissect *d, struct s7_state *st, uint32_t session, const struct plus_row *row, struct rd r)
{
	uint32_t object;

	if (!row->names_object) {
		begin_or_end(d, st, row->code, r);
		return;
	}
	object = rd_be32(&r);
	if (!rd_ok(&r))
		return;
	if (object || (row->code != PLUS_GET_MULTI && row->code != PLUS_SET_MULTI))
		target_object(d, object);
	switch (row->code) {
	case PLUS_EXPLORE:
		if (object == OBJECT_PROGRAM || object >= OBJECT_BLOCKS)
			program(d, ACT_PROGRAM_UPLOAD);
		break;
	case PLUS_CREATE:
		create(d, object, r);
		break;
	case PLUS_DELETE:
		if (object >= OBJECT_BLOCKS)
			program(d, ACT_PROGRAM_DELETE);
		break;
	case PLUS_SET:
		set(d, object, session, r);
		break;
	case PLUS_SET_MULTI: case PLUS_GET_MULTI:
		if (object == 0)
			target_items(d, r);
		else if (object == session)
			d->ev.op = OP_SESSION;
		break;
	default:
		break;
	}
}

/* --- messages ------------------------------------------------------------------------ */

/* "1;6ES7 214-1HE30-0XB0 ;V2.2" in attribute 319 of the session that the PLC made. */
static void session_identity(struct dissect *d, struct rd r)
{
	static const uint8_t pattern[] = { 0x82, 0x3f, 0x00, 0x15 };
	struct rd text = text_after(r, pattern, sizeof pattern), order;

	while (text.left && rd_u8(&text) != ';')
		;
	order = text;
	order.left = 0;
	while (order.left < text.left && rd_peek(&text, order.left) != ';')
		order.left++;
	if (order.left == 0 || order.left == text.left)
		return;
	dissect_identity(d, d->ev.identity.order_number, order.p, order.left);
	rd_skip(&text, order.left + 1);
	dissect_identity(d, d->ev.identity.firmware, text.p, text.left);
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
		request_meaning(d, st, session, row, r);
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
	if (func == PLUS_CREATE)
		session_identity(d, r);
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
	st->plus_more[d->direction] = whole.left == 0 && !d->cut && body.left == length;
	st->sure[d->direction] = 1;
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
