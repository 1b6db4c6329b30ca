/* modbus_body.c - the table of function codes and the parsers of their bodies.
 *
 * Spec: MAP = Modbus Application Protocol V1.1b3, section 6; the codes that it reserves for
 *       older products are named after Modicon's PI-MBUS-300 and not decoded.
 * Files: function 20 and 21 in modbus_files.c, 17 and 43 in modbus_ident.c, 90 in umas.c. */
#include "dissectors/modbus.h"
#include "dissectors/umas.h"

/* MAP 6.8.1. Codes 5-9, 19 and above 20 are reserved. */
enum diag { DIAG_ECHO, DIAG_RESTART, DIAG_REGISTER, DIAG_DELIMITER, DIAG_LISTEN_ONLY, DIAG_CLEAR = 10, DIAG_CLEAR_OVERRUN = 20 };

static const struct name diag_names[] = {
	{ DIAG_ECHO, "return_query_data" }, { DIAG_RESTART, "restart_communications_option" },
	{ DIAG_REGISTER, "return_diagnostic_register" }, { DIAG_DELIMITER, "change_ascii_input_delimiter" },
	{ DIAG_LISTEN_ONLY, "force_listen_only_mode" }, { DIAG_CLEAR, "clear_counters_and_diagnostic_register" },
	{ 11, "return_bus_message_count" }, { 12, "return_bus_communication_error_count" },
	{ 13, "return_bus_exception_error_count" }, { 14, "return_server_message_count" },
	{ 15, "return_server_no_response_count" }, { 16, "return_server_nak_count" },
	{ 17, "return_server_busy_count" }, { 18, "return_bus_character_overrun_count" },
	{ DIAG_CLEAR_OVERRUN, "clear_overrun_counter_and_flag" },
};

void modbus_body_end(struct dissect *d, const struct rd *b)
{
	if (d->cut)
		return;
	if (!rd_ok(b))
		dissect_anomaly(d, ANOM_TRUNCATED_PDU);
	else if (b->left)
		dissect_anomaly(d, ANOM_TRAILING_BYTES);
}

struct rd modbus_body_counted(struct dissect *d, struct rd *b, uint32_t count)
{
	if (count > b->left && rd_ok(b) && !d->cut)
		dissect_anomaly(d, ANOM_BAD_LENGTH);
	return rd_upto(b, count);
}

void modbus_body_value(struct dissect *d, struct rd bytes)
{
	if (bytes.left)
		dissect_value(d, bytes);
}

void modbus_body_next(struct dissect *d)
{
	d->ev.has &= ~(uint32_t)(HAS_BLOCK | HAS_FIRST | HAS_COUNT | HAS_VALUE);
	d->ev.space = NULL;
	d->ev.granule = GRANULE_NONE;
	d->ev.value_len = 0;
	d->ev.value_total = 0;
}

/* Addresses are 16 bits and start at 0 (MAP 4.4): [first, first + count) must end at 65536. */
static void target(struct dissect *d, const struct modbus_func *f, uint16_t first, uint16_t count)
{
	dissect_range(d, f->space, f->granule, first, count);
	if ((uint32_t)first + count > 0x10000)
		dissect_anomaly(d, ANOM_BAD_ADDRESS);
}

static void range(struct dissect *d, struct rd *b, const struct modbus_func *f)
{                                               /* address, quantity */
	uint16_t first = rd_be16(b);
	uint16_t count = rd_be16(b);

	if (!rd_ok(b))
		return;
	target(d, f, first, count);
	if (count == 0 || count > f->max)
		dissect_anomaly(d, ANOM_BAD_COUNT);
}

static void read_request(struct dissect *d, struct rd *b, const struct modbus_func *f)
{                                               /* MAP 6.1-6.4 */
	range(d, b, f);
}

/* The target is the request's; without it only the space is known. */
static void read_response(struct dissect *d, struct rd *b, const struct modbus_func *f, const struct txn *t)
{
	uint8_t bytes = rd_u8(b);

	(void)t;
	if (!rd_ok(b))
		return;
	if (bytes == 0 || (f->granule == GRANULE_WORD && bytes % 2))
		dissect_anomaly(d, ANOM_BAD_COUNT);
	modbus_body_value(d, modbus_body_counted(d, b, bytes));
}

static void write_one(struct dissect *d, struct rd *b, const struct modbus_func *f)
{                                               /* MAP 6.5, 6.6: the response is an echo */
	uint16_t first = rd_be16(b);

	if (!rd_ok(b))
		return;
	target(d, f, first, 1);
	struct rd value = rd_sub(b, 2);

	if (!rd_ok(b))
		return;
	modbus_body_value(d, value);
	if (f->code == FC_WRITE_COIL) {
		uint16_t coil = rd_be16(&value);

		if (coil != 0 && coil != 0xff00)
			dissect_anomaly(d, ANOM_BAD_VALUE);
	}
}

static void write_one_response(struct dissect *d, struct rd *b, const struct modbus_func *f, const struct txn *t)
{
	(void)t;
	write_one(d, b, f);
}

static void write_many(struct dissect *d, struct rd *b, const struct modbus_func *f)
{                                               /* MAP 6.11, 6.12 */
	range(d, b, f);
	uint8_t bytes = rd_u8(b);

	if (!rd_ok(b))
		return;
	if (bytes != (f->granule == GRANULE_BIT ? (d->ev.count + 7) / 8 : d->ev.count * 2))
		dissect_anomaly(d, ANOM_BAD_LENGTH);
	modbus_body_value(d, modbus_body_counted(d, b, bytes));
}

static void write_many_response(struct dissect *d, struct rd *b, const struct modbus_func *f, const struct txn *t)
{
	(void)t;
	range(d, b, f);
}

static void mask_write(struct dissect *d, struct rd *b, const struct modbus_func *f)
{                                               /* MAP 6.16: address, and-mask, or-mask; an echo */
	uint16_t first = rd_be16(b);

	if (!rd_ok(b))
		return;
	target(d, f, first, 1);
	modbus_body_value(d, rd_upto(b, 4));
	if (d->ev.value_total < 4 && !d->cut)
		dissect_anomaly(d, ANOM_TRUNCATED_PDU);
}

static void mask_write_response(struct dissect *d, struct rd *b, const struct modbus_func *f, const struct txn *t)
{
	(void)t;
	mask_write(d, b, f);
}

static void part_of_two(struct dissect *d, const struct modbus_func *f, uint8_t op, uint16_t part)
{
	d->ev.op = op;
	d->ev.act = ACT_NONE;
	d->ev.space = f->space;
	d->ev.granule = f->granule;
	dissect_emit_part(d, part, 2);
}

static void read_write(struct dissect *d, struct rd *b, const struct modbus_func *f)
{                                               /* MAP 6.17: the write is done before the read */
	static const uint16_t write_max = 121;
	uint16_t first = rd_be16(b);
	uint16_t count = rd_be16(b);
	struct rd w = *b;
	uint16_t to = rd_be16(b);
	uint16_t words = rd_be16(b);
	uint8_t bytes = rd_u8(b);
	bool whole = rd_ok(b);
	struct rd value = modbus_body_counted(d, b, bytes);

	modbus_body_end(d, b);
	if (whole && bytes != words * 2)
		dissect_anomaly(d, ANOM_BAD_LENGTH);
	uint64_t anomalies = d->ev.anomalies;

	if (rd_ok(&w)) {
		target(d, f, first, count);
		if (count == 0 || count > f->max)
			dissect_anomaly(d, ANOM_BAD_COUNT);
	}
	part_of_two(d, f, OP_READ, 1);
	modbus_body_next(d);
	d->ev.anomalies = anomalies;            /* those of the read are its own */
	if (whole) {
		target(d, f, to, words);
		if (words == 0 || words > write_max)
			dissect_anomaly(d, ANOM_BAD_COUNT);
		modbus_body_value(d, value);
	}
	part_of_two(d, f, OP_WRITE, 2);
}

static void read_write_response(struct dissect *d, struct rd *b, const struct modbus_func *f, const struct txn *t)
{
	read_response(d, b, f, t);
	modbus_body_end(d, b);
	part_of_two(d, f, OP_READ, 1);
	modbus_body_next(d);
	if (t)
		dissect_part(d, t, 1);
	part_of_two(d, f, OP_WRITE, 2);
}

static void diagnostics(struct dissect *d, struct rd *b)
{                                               /* MAP 6.8 */
	uint16_t sub = rd_be16(b);

	if (!rd_ok(b))
		return;
	d->ev.sub = sub;
	d->ev.has |= HAS_SUB;
	const char *name = NAME_OF(diag_names, sub);

	if (name)
		d->ev.func_name = name;
	else
		dissect_anomaly(d, ANOM_UNKNOWN_FUNCTION);
	d->ev.op = sub == DIAG_RESTART || sub == DIAG_DELIMITER || sub == DIAG_LISTEN_ONLY || sub == DIAG_CLEAR ||
		   sub == DIAG_CLEAR_OVERRUN ? OP_CONTROL : OP_DIAGNOSE;
	d->ev.act = sub == DIAG_RESTART ? ACT_RESTART : sub == DIAG_LISTEN_ONLY ? ACT_BLOCK_COMMUNICATION :
		    sub == DIAG_CLEAR ? ACT_CLEAR_LOG : ACT_NONE;
	struct rd value = sub == DIAG_ECHO || !name ? rd_rest(b) : rd_upto(b, 2);

	modbus_body_value(d, value);
	if (value.left < 2 && !d->cut)
		dissect_anomaly(d, ANOM_TRUNCATED_PDU);
}

static void diagnostics_request(struct dissect *d, struct rd *b, const struct modbus_func *f)
{
	(void)f;
	diagnostics(d, b);
	if (!(d->ev.has & HAS_SUB) || d->ev.value_total < 2 || d->ev.sub == DIAG_ECHO)
		return;
	uint16_t data = (uint16_t)(d->ev.value[0] << 8 | d->ev.value[1]);

	/* restart takes ff00 too: clear the event log as well (6.8.1, 01); the delimiter is the upper byte */
	if (d->ev.sub == DIAG_RESTART ? data != 0 && data != 0xff00 :
	    d->ev.sub == DIAG_DELIMITER ? data & 0xff : data != 0)
		dissect_anomaly(d, ANOM_BAD_VALUE);
}

static void diagnostics_response(struct dissect *d, struct rd *b, const struct modbus_func *f, const struct txn *t)
{
	(void)f, (void)t;
	diagnostics(d, b);
}

static void value_response(struct dissect *d, struct rd *b, const struct modbus_func *f, const struct txn *t)
{                                               /* MAP 6.7 exception status, 6.9 status and event count */
	uint32_t bytes = f->is_response == SHAPE_ONE ? 1 : 4;

	(void)t;
	if (b->left < bytes && !d->cut)
		dissect_anomaly(d, ANOM_TRUNCATED_PDU);
	modbus_body_value(d, rd_upto(b, bytes));
}

static void event_log(struct dissect *d, struct rd *b, const struct modbus_func *f, const struct txn *t)
{                                               /* MAP 6.10: status, two counts, up to 64 event bytes */
	uint8_t bytes = rd_u8(b);

	(void)f, (void)t;
	if (!rd_ok(b))
		return;
	if (bytes < 6 || bytes > 70)
		dissect_anomaly(d, ANOM_BAD_COUNT);
	modbus_body_value(d, modbus_body_counted(d, b, bytes));
}

static void fifo_request(struct dissect *d, struct rd *b, const struct modbus_func *f)
{                                               /* MAP 6.18: the address of the FIFO's count register */
	uint16_t first = rd_be16(b);

	if (rd_ok(b))
		target(d, f, first, 1);
}

static void fifo_response(struct dissect *d, struct rd *b, const struct modbus_func *f, const struct txn *t)
{
	uint16_t bytes = rd_be16(b);
	struct rd body = modbus_body_counted(d, b, bytes);
	uint16_t count = rd_be16(&body);

	(void)f, (void)t;
	if (!rd_ok(b) || !rd_ok(&body)) {
		b->failed = 1;
		return;
	}
	if (count > 31)
		dissect_anomaly(d, ANOM_BAD_COUNT);
	else if (count * 2u != body.left && !d->cut)
		dissect_anomaly(d, ANOM_BAD_LENGTH);
	modbus_body_value(d, rd_rest(&body));
}

static void nothing(struct dissect *d, struct rd *b, const struct modbus_func *f)
{                                               /* MAP 6.7, 6.9, 6.10, 6.13: the code says it all */
	(void)d, (void)b, (void)f;
}

/* Sorted by code. */
static const struct modbus_func funcs[] = {
	{ 1, OP_READ, GRANULE_BIT, SHAPE_RANGE, SHAPE_BITS, false, 2000, "coils", "read_coils", read_request, read_response },
	{ 2, OP_READ, GRANULE_BIT, SHAPE_RANGE, SHAPE_BITS, false, 2000, "discrete_inputs", "read_discrete_inputs",
	  read_request, read_response },
	{ 3, OP_READ, GRANULE_WORD, SHAPE_RANGE, SHAPE_WORDS, false, 125, "holding_registers", "read_holding_registers",
	  read_request, read_response },
	{ 4, OP_READ, GRANULE_WORD, SHAPE_RANGE, SHAPE_WORDS, false, 125, "input_registers", "read_input_registers",
	  read_request, read_response },
	{ 5, OP_WRITE, GRANULE_BIT, SHAPE_COIL, SHAPE_COIL, false, 1, "coils", "write_single_coil",
	  write_one, write_one_response },
	{ 6, OP_WRITE, GRANULE_WORD, SHAPE_FOUR, SHAPE_FOUR, false, 1, "holding_registers", "write_single_register",
	  write_one, write_one_response },
	{ 7, OP_DIAGNOSE, GRANULE_NONE, SHAPE_EMPTY, SHAPE_ONE, false, 0, NULL, "read_exception_status",
	  nothing, value_response },
	{ 8, OP_DIAGNOSE, GRANULE_NONE, SHAPE_DIAGNOSTICS, SHAPE_DIAGNOSTICS, false, 0, NULL, "diagnostics",
	  diagnostics_request, diagnostics_response },
	{ 11, OP_DIAGNOSE, GRANULE_NONE, SHAPE_EMPTY, SHAPE_EVENT_COUNTER, false, 0, NULL, "get_comm_event_counter",
	  nothing, value_response },
	{ 12, OP_DIAGNOSE, GRANULE_NONE, SHAPE_EMPTY, SHAPE_EVENT_LOG, false, 0, NULL, "get_comm_event_log",
	  nothing, event_log },
	{ 15, OP_WRITE, GRANULE_BIT, SHAPE_WRITE_BITS, SHAPE_RANGE, false, 1968, "coils", "write_multiple_coils",
	  write_many, write_many_response },
	{ 16, OP_WRITE, GRANULE_WORD, SHAPE_WRITE_WORDS, SHAPE_RANGE, false, 123, "holding_registers",
	  "write_multiple_registers", write_many, write_many_response },
	{ 17, OP_IDENTIFY, GRANULE_NONE, SHAPE_EMPTY, SHAPE_SERVER_ID, false, 0, NULL, "report_server_id",
	  nothing, modbus_ident_server_id },
	{ 20, OP_READ, GRANULE_WORD, SHAPE_FILE_READ, SHAPE_FILE_DATA, true, 0, "file", "read_file_record",
	  modbus_files_read, modbus_files_data },
	{ 21, OP_WRITE, GRANULE_WORD, SHAPE_FILE_WRITE, SHAPE_FILE_WRITE, true, 0, "file", "write_file_record",
	  modbus_files_write, modbus_files_written },
	{ 22, OP_WRITE, GRANULE_WORD, SHAPE_MASK, SHAPE_MASK, false, 1, "holding_registers", "mask_write_register",
	  mask_write, mask_write_response },
	{ 23, OP_WRITE, GRANULE_WORD, SHAPE_READ_WRITE, SHAPE_WORDS, true, 125, "holding_registers",
	  "read_write_multiple_registers", read_write, read_write_response },
	{ 24, OP_READ, GRANULE_WORD, SHAPE_ADDRESS, SHAPE_FIFO, false, 1, "fifo", "read_fifo_queue",
	  fifo_request, fifo_response },
	{ 43, OP_OTHER, GRANULE_NONE, SHAPE_MEI_REQUEST, SHAPE_MEI_RESPONSE, false, 0, NULL,
	  "encapsulated_interface_transport", modbus_ident_request, modbus_ident_response },
	{ 90, OP_OTHER, GRANULE_NONE, SHAPE_UMAS_REQUEST, SHAPE_UMAS_RESPONSE, false, 0, NULL, "umas",
	  umas_request, umas_response },
};

/* Codes that are not decoded (MAP Annex A, Modicon PI-MBUS-300 table 2). */
static const struct name other_names[] = {
	{ 9, "program_484" }, { 10, "poll_484" }, { 13, "program_controller" }, { 14, "poll_controller" },
	{ 18, "program_884" }, { 19, "reset_communications_link" }, { 125, "firmware_replacement" },
	{ 126, "program_584" }, { 127, "report_local_address" },
};

const struct modbus_func *modbus_body_find(unsigned code)
{
	for (unsigned i = 0; i < sizeof(funcs) / sizeof(funcs[0]) && funcs[i].code <= code; i++)
		if (funcs[i].code == code)
			return &funcs[i];
	return NULL;
}

const char *modbus_body_name(unsigned code)
{
	const struct modbus_func *f = modbus_body_find(code);

	if (f)
		return f->name;
	if ((code >= 65 && code <= 72) || (code >= 100 && code <= 110))         /* MAP 5.1 */
		return "user_defined";
	return NAME_OF(other_names, code);
}

bool modbus_body_facts(unsigned code, bool response, struct rd b, struct modbus_facts *facts)
{
	uint32_t first = rd_be16(&b), second = rd_be16(&b), third = rd_be16(&b);
	uint32_t bytes = first >> 8;            /* a response to a read starts with its byte count */

	*facts = (struct modbus_facts){ 0 };
	switch (code) {
	case 1: case 2:
		facts->a = response ? bytes : (second + 7) / 8;
		return true;
	case 3: case 4: case FC_READ_WRITE:
		facts->a = response ? bytes : second * 2;
		return true;
	case FC_MASK_WRITE:
		facts->b = third;
		/* fall through */
	case FC_WRITE_COIL: case FC_WRITE_REGISTER: case FC_WRITE_COILS: case FC_WRITE_REGISTERS:
		facts->a = first << 16 | second;
		return true;
	case FC_WRITE_FILE:
		facts->a = first << 16 | second;        /* byte count, type, file of the first group */
		facts->b = third;
		return true;
	case FC_DIAGNOSTICS:
		facts->a = first;
		return true;
	case FC_ENCAPSULATED:
		facts->a = first;               /* MEI type, read code */
		return true;
	default:
		return false;
	}
}
