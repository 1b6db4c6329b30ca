/* umas.c - UMAS: how Schneider's Unity Pro and EcoStruxure Control Expert program Modicon PLCs.
 *
 * Spec: none is published. Codes and layouts are what public researchers and captures agree on
 *       (Modicon M340, M580, Quantum). Multi-byte fields are little-endian.
 * PDU:  function 90 | pairing key 1 | code 1 | data         request
 *       function 90 | pairing key 1 | 0xfe ok, 0xfd error | data         response
 *       ADUs may be longer than Modbus allows: about 1,000 bytes are negotiated.
 * Port: as Modbus. Pairing: by the Modbus transaction id; a response does not name its code.
 * Words: the vendor's "upload" goes to the PLC; here that is a program download.
 * Not decoded: the variables of 0x22 to 0x26, I/O objects, monitoring; their bytes are the value. */
#include "dissectors/umas.h"

enum { UMAS_OK = 0xfe, UMAS_ERROR = 0xfd, NAME_MAX_BYTES = 64 };

enum umas_code {
	READ_ID = 0x02, PROJECT_INFO = 0x03, TAKE_RESERVATION = 0x10, READ_BLOCK = 0x20, WRITE_BLOCK = 0x21,
	READ_VARIABLES = 0x22, WRITE_VARIABLES = 0x23, PUT_BLOCK = 0x31, GET_BLOCK = 0x34,
};

struct umas_func { uint8_t code, op, act; const char *name; };

/* Sorted by code. */
static const struct umas_func funcs[] = {
	{ 0x01, OP_SESSION, ACT_NONE, "umas_init_communication" },
	{ 0x02, OP_IDENTIFY, ACT_NONE, "umas_read_id" },
	{ 0x03, OP_IDENTIFY, ACT_NONE, "umas_read_project_info" },
	{ 0x04, OP_DIAGNOSE, ACT_NONE, "umas_read_plc_status" },
	{ 0x06, OP_IDENTIFY, ACT_NONE, "umas_read_card_info" },
	{ 0x0a, OP_DIAGNOSE, ACT_NONE, "umas_repeat" },
	{ 0x10, OP_SESSION, ACT_PROGRAM_LOCK, "umas_take_reservation" },
	{ 0x11, OP_SESSION, ACT_PROGRAM_LOCK, "umas_release_reservation" },
	{ 0x12, OP_SESSION, ACT_NONE, "umas_keep_alive" },
	{ 0x20, OP_READ, ACT_NONE, "umas_read_memory_block" },
	{ 0x21, OP_WRITE, ACT_NONE, "umas_write_memory_block" },
	{ 0x22, OP_READ, ACT_NONE, "umas_read_variables" },
	{ 0x23, OP_WRITE, ACT_NONE, "umas_write_variables" },
	{ 0x24, OP_READ, ACT_NONE, "umas_read_coils_registers" },
	{ 0x25, OP_WRITE, ACT_NONE, "umas_write_coils_registers" },
	{ 0x26, OP_IDENTIFY, ACT_TAG_ENUMERATION, "umas_read_data_dictionary" },
	{ 0x30, OP_PROGRAM, ACT_PROGRAM_DOWNLOAD, "umas_initialize_download" },
	{ 0x31, OP_PROGRAM, ACT_PROGRAM_DOWNLOAD, "umas_download_block" },
	{ 0x32, OP_PROGRAM, ACT_PROGRAM_DOWNLOAD, "umas_end_download" },
	{ 0x33, OP_PROGRAM, ACT_PROGRAM_UPLOAD, "umas_initialize_upload" },
	{ 0x34, OP_PROGRAM, ACT_PROGRAM_UPLOAD, "umas_upload_block" },
	{ 0x35, OP_PROGRAM, ACT_PROGRAM_UPLOAD, "umas_end_upload" },
	{ 0x36, OP_PROGRAM, ACT_PROGRAM_UPLOAD, "umas_online_backup" },
	{ 0x38, OP_SESSION, ACT_CREDENTIAL, "umas_application_password" },
	{ 0x39, OP_READ, ACT_NONE, "umas_read_ethernet_master_data" },
	{ 0x40, OP_CONTROL, ACT_START, "umas_start_plc" },
	{ 0x41, OP_CONTROL, ACT_STOP, "umas_stop_plc" },
	{ 0x42, OP_CONTROL, ACT_RESTART, "umas_initialize_plc" },
	{ 0x43, OP_CONTROL, ACT_MODE_CHANGE, "umas_swap_plc" },
	{ 0x50, OP_READ, ACT_NONE, "umas_monitor_plc" },
	{ 0x52, OP_READ, ACT_NONE, "umas_get_forced_bits" },
	{ 0x58, OP_DIAGNOSE, ACT_NONE, "umas_check_plc" },
	{ 0x60, OP_CONTROL, ACT_NONE, "umas_set_breakpoint" },
	{ 0x61, OP_CONTROL, ACT_NONE, "umas_delete_breakpoint" },
	{ 0x62, OP_CONTROL, ACT_NONE, "umas_step_over" },
	{ 0x63, OP_CONTROL, ACT_NONE, "umas_step_in" },
	{ 0x64, OP_CONTROL, ACT_NONE, "umas_step_out" },
	{ 0x65, OP_DIAGNOSE, ACT_NONE, "umas_get_call_stack" },
	{ 0x70, OP_READ, ACT_NONE, "umas_read_io_object" },
	{ 0x71, OP_WRITE, ACT_NONE, "umas_write_io_object" },
	{ 0x73, OP_DIAGNOSE, ACT_NONE, "umas_get_module_status" },
};

static const struct umas_func *find(uint8_t code)
{
	for (unsigned i = 0; i < sizeof(funcs) / sizeof(funcs[0]) && funcs[i].code <= code; i++)
		if (funcs[i].code == code)
			return &funcs[i];
	return NULL;
}

bool umas_is_request(struct rd b)
{
	rd_u8(&b);
	return find(rd_u8(&b)) != NULL;         /* a failed read gives 0, which is no code */
}

bool umas_is_response(struct rd b)
{
	rd_u8(&b);
	uint8_t code = rd_u8(&b);

	return code == UMAS_OK || code == UMAS_ERROR;
}

static void memory_block(struct dissect *d, struct rd *b, bool write)
{                                               /* range 1, block 2, offset 4, bytes 2 */
	struct rd h = *b;

	rd_u8(&h);
	uint16_t block = rd_le16(&h);
	uint32_t first = rd_le32(&h);
	uint16_t count = rd_le16(&h);

	if (!rd_ok(&h) || (write ? h.left < count : h.left != 0))
		return;
	dissect_range(d, "memory_block", GRANULE_BYTE, first, count);
	d->ev.block = block;
	d->ev.has |= HAS_BLOCK;
	*b = h;
}

static void variables(struct dissect *d, struct rd *b)
{                                               /* project's CRC 4, number of variables 1, references */
	struct rd h = *b;

	rd_le32(&h);
	uint8_t count = rd_u8(&h);

	if (!rd_ok(&h))
		return;
	d->ev.space = "variables";
	d->ev.granule = GRANULE_OBJECT;
	d->ev.count = count;
	d->ev.has |= HAS_COUNT;
	*b = h;
}

static void transfer_block(struct dissect *d, struct rd *b, bool put)
{                                               /* 2 of unknown use, block number 2; put: length 2, data */
	struct rd h = *b;

	rd_le16(&h);
	uint16_t number = rd_le16(&h);

	if (put)
		rd_le16(&h);
	if (!rd_ok(&h))
		return;
	dissect_range(d, "program", GRANULE_OBJECT, number, 1);
	*b = h;
}

/* The name of the station that takes the PLC for itself: 4 of unknown use, length 1, text. */
static void owner(struct dissect *d, const struct rd *b)
{
	struct rd h = *b;

	rd_le32(&h);
	struct rd name = rd_sub(&h, rd_u8(&h));

	if (rd_ok(&h) && name.left)
		dissect_tag(d, name.p, name.left);
}

void umas_request(struct dissect *d, struct rd *b, const struct modbus_func *f)
{
	rd_u8(b);                               /* pairing key of the reservation, 0 without one */
	uint8_t code = rd_u8(b);

	(void)f;
	if (!rd_ok(b))
		return;
	const struct umas_func *u = find(code);

	d->ev.sub = code;
	d->ev.has |= HAS_SUB;
	if (!u) {
		dissect_anomaly(d, ANOM_UNKNOWN_FUNCTION);
		rd_rest(b);
		return;
	}
	d->ev.op = u->op;
	d->ev.act = u->act;
	d->ev.func_name = u->name;
	if (code == READ_BLOCK || code == WRITE_BLOCK)
		memory_block(d, b, code == WRITE_BLOCK);
	else if (code == READ_VARIABLES || code == WRITE_VARIABLES)
		variables(d, b);
	else if (code == PUT_BLOCK || code == GET_BLOCK)
		transfer_block(d, b, code == PUT_BLOCK);
	else if (code == TAKE_RESERVATION)
		owner(d, b);
	struct rd rest = rd_rest(b);

	if (u->op == OP_WRITE || code == PUT_BLOCK)
		modbus_body_value(d, rest);
}

static bool is_text(const uint8_t *p, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++)
		if (p[i] < ' ' || p[i] > '~')
			return false;
	return n > 0;
}

/* A text with its length before it; the length may count a final NUL. */
static void text(struct dissect *d, struct rd *b, char field[OT_IDENTITY_MAX])
{
	struct rd s = rd_sub(b, rd_u8(b));

	if (!rd_ok(b) || s.left > NAME_MAX_BYTES)
		return;
	uint32_t n = s.left;

	while (n && rd_peek(&s, n - 1) == 0)
		n--;
	if (is_text(s.p, n))
		dissect_identity(d, field, s.p, n);
}

/* After 0xfe: range 2, identity 4, model 2, firmware (BCD: minor, major) 2, 12 of unknown use, CPU's name. */
static void plc_id(struct dissect *d, struct rd b)
{
	rd_skip(&b, 8);
	uint8_t minor = rd_u8(&b);
	uint8_t major = rd_u8(&b);

	rd_skip(&b, 12);
	if (!rd_ok(&b) || !b.left)
		return;
	text(d, &b, d->ev.identity.product);
	if (!(d->ev.has & HAS_IDENTITY))
		return;
	static const char vendor[] = "Schneider Electric";

	dissect_identity(d, d->ev.identity.vendor, vendor, sizeof(vendor) - 1);
	if ((minor & 0x0f) <= 9 && minor >> 4 <= 9 && (major & 0x0f) <= 9 && major >> 4 <= 9)
		dissect_identityf(d, d->ev.identity.firmware, "%x.%02x", major, minor);
}

/* After 0xfe, for sub-code 0: 18 of unknown use, two dates of 8, revision 4, project's name. */
static void project_info(struct dissect *d, struct rd b)
{
	rd_skip(&b, 38);
	if (rd_ok(&b) && b.left)
		text(d, &b, d->ev.identity.name);
}

static void block_data(struct dissect *d, struct rd b)
{                                               /* range 1, bytes 2, data */
	rd_u8(&b);
	uint16_t bytes = rd_le16(&b);

	if (rd_ok(&b) && bytes == b.left)
		modbus_body_value(d, b);
}

void umas_response(struct dissect *d, struct rd *b, const struct modbus_func *f, const struct txn *t)
{
	rd_u8(b);
	uint8_t result = rd_u8(b);
	struct rd data = rd_rest(b);

	(void)f;
	if (!rd_ok(b))
		return;
	if (result == UMAS_ERROR) {
		dissect_status(d, UMAS_ERROR, "umas_error");
		d->ev.status_exts = 0;
		if (data.left >= 2) {
			d->ev.status_ext[0] = rd_le16(&data);
			d->ev.status_exts = 1;
		}
		return;
	}
	if (result != UMAS_OK)
		dissect_anomaly(d, ANOM_BAD_VALUE);
	if (!t)
		return;
	if (d->ev.sub == READ_BLOCK)
		block_data(d, data);
	else if (d->ev.op == OP_READ)
		modbus_body_value(d, data);
	if (d->ev.sub == READ_ID)
		plc_id(d, data);
	else if (d->ev.sub == PROJECT_INFO && t->note[3] == 0)
		project_info(d, data);
}
