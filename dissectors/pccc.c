/* PCCC: programmable controller communication commands.
 *
 * Spec: DF1 = Allen-Bradley 1770-6.5.16, "DF1 Protocol and Command Set", chapter 7 (commands) and
 *       chapter 13 (addresses); CIP-PCCC = CIP Volume 1, PCCC object (class 0x67).
 *
 *   request   requestor id (its length first), command, status, transaction (2), [function], data
 *   response  the same, command with bit 6 set, [extended status when the status is 0xf0], data
 *
 * A function that is not in the table is reported by its number and never taken for a write. Execute
 * Multiple (0x88) bundles functions, each behind its length: it counts as the gravest of them.
 * Not decoded: the values' types. */
#include "dissectors/pccc.h"

#include "ot/dissector.h"

#include <string.h>

struct pccc_function {
	uint16_t sub;                   /* command * 256 + function */
	uint8_t  op, act;
	uint8_t  address;               /* enum address: how the data begins */
	const char *name;
};

enum address {
	ADDR_NONE,
	ADDR_TYPED_2,                   /* DF1 7: size, file number, file type, element */
	ADDR_TYPED_3,                   /* and sub-element */
	ADDR_TYPED_FILE,                /* size, file number, file type */
	ADDR_RANGE,                     /* packet offset (2), total (2), then a PLC-5 system address */
	ADDR_SYSTEM,                    /* a PLC-5 system address at once */
};

/* Sorted by sub. */
static const struct pccc_function functions[] = {
	{ 0x0000, OP_WRITE, ACT_NONE, ADDR_NONE, "protected_write" },
	{ 0x0100, OP_READ, ACT_NONE, ADDR_NONE, "unprotected_read" },
	{ 0x0200, OP_WRITE, ACT_NONE, ADDR_NONE, "protected_bit_write" },
	{ 0x0500, OP_WRITE, ACT_NONE, ADDR_NONE, "unprotected_bit_write" },
	{ 0x0600, OP_DIAGNOSE, ACT_NONE, ADDR_NONE, "echo" },
	{ 0x0601, OP_DIAGNOSE, ACT_NONE, ADDR_NONE, "read_diagnostic_counters" },
	{ 0x0602, OP_WRITE, ACT_NONE, ADDR_NONE, "set_variables" },
	{ 0x0603, OP_DIAGNOSE, ACT_NONE, ADDR_NONE, "diagnostic_status" },
	{ 0x0604, OP_WRITE, ACT_NONE, ADDR_NONE, "set_timeout" },
	{ 0x0605, OP_WRITE, ACT_NONE, ADDR_NONE, "set_naks" },
	{ 0x0606, OP_WRITE, ACT_NONE, ADDR_NONE, "set_enqs" },
	{ 0x0607, OP_DIAGNOSE, ACT_CLEAR_LOG, ADDR_NONE, "reset_diagnostic_counters" },
	{ 0x0608, OP_WRITE, ACT_NONE, ADDR_NONE, "set_data_table_size" },
	{ 0x0609, OP_DIAGNOSE, ACT_NONE, ADDR_NONE, "read_link_parameters" },
	{ 0x060a, OP_WRITE, ACT_NETWORK_CONFIG, ADDR_NONE, "set_link_parameters" },
	{ 0x0700, OP_CONTROL, ACT_NONE, ADDR_NONE, "disable_outputs" },
	{ 0x0701, OP_CONTROL, ACT_NONE, ADDR_NONE, "enable_outputs" },
	{ 0x0703, OP_CONTROL, ACT_START, ADDR_NONE, "enable_scanning" },
	{ 0x0704, OP_PROGRAM, ACT_PROGRAM_DOWNLOAD, ADDR_NONE, "enter_download_mode" },
	{ 0x0705, OP_PROGRAM, ACT_NONE, ADDR_NONE, "exit_download_upload_mode" },
	{ 0x0706, OP_PROGRAM, ACT_PROGRAM_UPLOAD, ADDR_NONE, "enter_upload_mode" },
	{ 0x0800, OP_WRITE, ACT_NONE, ADDR_NONE, "unprotected_write" },
	{ 0x0f00, OP_WRITE, ACT_NONE, ADDR_RANGE, "word_range_write" },
	{ 0x0f01, OP_READ, ACT_NONE, ADDR_RANGE, "word_range_read" },
	{ 0x0f02, OP_WRITE, ACT_NONE, ADDR_SYSTEM, "bit_write" },
	{ 0x0f03, OP_WRITE, ACT_NONE, ADDR_NONE, "file_write" },
	{ 0x0f04, OP_READ, ACT_NONE, ADDR_NONE, "file_read" },
	{ 0x0f05, OP_PROGRAM, ACT_PROGRAM_DOWNLOAD, ADDR_NONE, "download_request" },
	{ 0x0f06, OP_PROGRAM, ACT_PROGRAM_UPLOAD, ADDR_NONE, "upload_request" },
	{ 0x0f07, OP_PROGRAM, ACT_STOP, ADDR_NONE, "shutdown" },
	{ 0x0f08, OP_WRITE, ACT_NONE, ADDR_NONE, "physical_write" },
	{ 0x0f09, OP_READ, ACT_NONE, ADDR_NONE, "physical_read" },
	{ 0x0f0a, OP_CONTROL, ACT_RESTART, ADDR_NONE, "restart_request" },
	{ 0x0f11, OP_PROGRAM, ACT_PROGRAM_LOCK, ADDR_NONE, "get_edit_resource" },
	{ 0x0f12, OP_PROGRAM, ACT_PROGRAM_LOCK, ADDR_NONE, "return_edit_resource" },
	{ 0x0f17, OP_READ, ACT_NONE, ADDR_NONE, "read_bytes_physical" },
	{ 0x0f18, OP_WRITE, ACT_NONE, ADDR_NONE, "write_bytes_physical" },
	{ 0x0f26, OP_WRITE, ACT_NONE, ADDR_SYSTEM, "read_modify_write" },
	{ 0x0f29, OP_READ, ACT_NONE, ADDR_NONE, "read_section_size" },
	{ 0x0f3a, OP_CONTROL, ACT_MODE_CHANGE, ADDR_NONE, "set_cpu_mode" },
	{ 0x0f41, OP_CONTROL, ACT_FORCE, ADDR_NONE, "disable_forces" },
	{ 0x0f50, OP_PROGRAM, ACT_PROGRAM_DOWNLOAD, ADDR_NONE, "download_all_request" },
	{ 0x0f52, OP_PROGRAM, ACT_PROGRAM_DOWNLOAD, ADDR_NONE, "download_completed" },
	{ 0x0f53, OP_PROGRAM, ACT_PROGRAM_UPLOAD, ADDR_NONE, "upload_all_request" },
	{ 0x0f55, OP_PROGRAM, ACT_PROGRAM_UPLOAD, ADDR_NONE, "upload_completed" },
	{ 0x0f57, OP_CONTROL, ACT_MEMORY_RESET, ADDR_NONE, "initialize_memory" },
	{ 0x0f5e, OP_WRITE, ACT_NONE, ADDR_NONE, "modify_plc2_compatibility_file" },
	{ 0x0f67, OP_WRITE, ACT_NONE, ADDR_RANGE, "typed_write" },
	{ 0x0f68, OP_READ, ACT_NONE, ADDR_RANGE, "typed_read" },
	{ 0x0f79, OP_WRITE, ACT_NONE, ADDR_NONE, "read_modify_write_n" },
	{ 0x0f80, OP_CONTROL, ACT_MODE_CHANGE, ADDR_NONE, "change_mode" },
	{ 0x0f81, OP_OTHER, ACT_NONE, ADDR_TYPED_FILE, "open_file" },
	{ 0x0f82, OP_OTHER, ACT_NONE, ADDR_NONE, "close_file" },
	{ 0x0f88, OP_OTHER, ACT_NONE, ADDR_NONE, "execute_multiple_command" },
	{ 0x0f8f, OP_WRITE, ACT_NETWORK_CONFIG, ADDR_NONE, "apply_port_configuration" },
	{ 0x0fa1, OP_READ, ACT_NONE, ADDR_TYPED_2, "protected_typed_logical_read_2" },
	{ 0x0fa2, OP_READ, ACT_NONE, ADDR_TYPED_3, "protected_typed_logical_read_3" },
	{ 0x0fa7, OP_READ, ACT_NONE, ADDR_NONE, "protected_typed_file_read" },
	{ 0x0fa9, OP_WRITE, ACT_NONE, ADDR_TYPED_2, "protected_typed_logical_write_2" },
	{ 0x0faa, OP_WRITE, ACT_NONE, ADDR_TYPED_3, "protected_typed_logical_write_3" },
	{ 0x0fab, OP_WRITE, ACT_NONE, ADDR_TYPED_3, "protected_typed_logical_masked_write" },
	{ 0x0faf, OP_WRITE, ACT_NONE, ADDR_NONE, "protected_typed_file_write" },
};

static const struct pccc_function *find_function(uint32_t sub)
{
	size_t lo = 0, hi = sizeof functions / sizeof functions[0];

	while (lo < hi) {
		size_t mid = (lo + hi) / 2;

		if (functions[mid].sub == sub)
			return &functions[mid];
		if (functions[mid].sub < sub)
			lo = mid + 1;
		else
			hi = mid;
	}
	return NULL;
}

/* DF1 7-17, file types; "" for those without a letter. */
static const char *file_letter(uint8_t type)
{
	static const char *const letters[] = { "O", "I", "S", "B", "T", "C", "R", "N", "F", "O", "I", "ST", "A",
					       "D", "", "L", "MG", "PD", "PLS" };

	return type >= 0x82 && type < 0x82 + sizeof letters / sizeof letters[0] ? letters[type - 0x82] : "";
}

/* DF1 7-17: 0xff says that two bytes follow. */
static uint16_t read_extended(struct rd *r)
{
	uint8_t b = rd_u8(r);

	return b == 0xff ? rd_le16(r) : b;
}

static void typed_address(struct dissect *d, struct rd *r, enum address form)
{
	uint8_t size = rd_u8(r);
	uint16_t file = read_extended(r), element = 0, part = 0;
	uint8_t type = rd_u8(r);

	if (form != ADDR_TYPED_FILE)
		element = read_extended(r);
	if (form == ADDR_TYPED_3)
		part = read_extended(r);
	if (!rd_ok(r))
		return;
	dissect_tag_addf(d, "%s%u", file_letter(type), file);
	if (form != ADDR_TYPED_FILE)
		dissect_tag_addf(d, ":%u", element);
	if (part)
		dissect_tag_addf(d, ".%u", part);
	d->ev.count = size;
	d->ev.granule = GRANULE_BYTE;
	d->ev.has |= HAS_COUNT;
}

/* DF1 13-10: either text (NUL, '$', address, NUL) or one number for each bit set in the first byte. */
static void system_address(struct dissect *d, struct rd *r)
{
	if (rd_peek(r, 0) == 0 && rd_peek(r, 1) == '$') {
		const uint8_t *text = r->p + 2;
		uint32_t n = 0;

		while (n + 2 < r->left && n < 31 && text[n])
			n++;
		dissect_tag(d, text, n);
		rd_skip(r, n + 3);
		return;
	}

	uint8_t levels = rd_u8(r);
	const char *sep = "";

	for (unsigned i = 0; i < 8; i++) {
		if (!(levels >> i & 1))
			continue;

		uint16_t v = read_extended(r);

		if (!rd_ok(r))
			return;
		if (i == 0)                             /* the data table is area 0: it goes without saying */
			continue;
		dissect_tag_addf(d, "%s%u", sep, v);
		sep = i == 1 ? ":" : ".";
	}
}

static void read_address(struct dissect *d, struct rd *r, enum address form)
{
	switch (form) {
	case ADDR_TYPED_2: case ADDR_TYPED_3: case ADDR_TYPED_FILE:
		typed_address(d, r, form);
		break;
	case ADDR_RANGE:
		rd_skip(r, 4);
		system_address(d, r);
		break;
	case ADDR_SYSTEM:
		system_address(d, r);
		break;
	case ADDR_NONE:
		break;
	}
	if (!rd_ok(r))
		dissect_anomaly(d, ANOM_TRUNCATED_PDU);
}

/* Function 0x88: count, then length, function and data of each. */
static void execute_multiple(struct dissect *d, struct rd data)
{
	uint8_t count = rd_u8(&data);

	for (unsigned i = 0; i < count && rd_ok(&data); i++) {
		struct rd one = rd_sub(&data, rd_u8(&data));
		const struct pccc_function *f = find_function(0x0f00u | rd_u8(&one));

		if (!rd_ok(&one))
			break;
		if (!f) {
			dissect_anomaly(d, ANOM_UNKNOWN_FUNCTION);
		} else if (f->op > d->ev.op) {          /* the operations are in the order of their weight */
			d->ev.op = f->op;
			d->ev.act = f->act;
			d->ev.tag_len = 0;
			read_address(d, &one, (enum address)f->address);
		}
	}
	if (!rd_ok(&data))
		dissect_anomaly(d, ANOM_TRUNCATED_PDU);
}

/* The requestor's id counts its own length byte (CIP-PCCC). */
static void skip_requestor(struct rd *r)
{
	uint8_t n = rd_u8(r);

	if (n)
		rd_skip(r, n - 1u);
}

static bool has_function(uint8_t command)
{
	return command == 0x06 || command == 0x07 || command == 0x0f;
}

void pccc_request(struct dissect *d, struct rd data)
{
	skip_requestor(&data);
	pccc_command(d, data);
}

void pccc_command(struct dissect *d, struct rd data)
{
	uint8_t command = rd_u8(&data), function = 0;
	const struct pccc_function *f;

	rd_skip(&data, 3);                              /* status, transaction */
	if (has_function(command))
		function = rd_u8(&data);
	if (!rd_ok(&data)) {
		dissect_anomaly(d, ANOM_TRUNCATED_PDU);
		return;
	}
	d->ev.sub = (uint32_t)command << 8 | function;
	d->ev.has |= HAS_SUB;
	f = find_function(d->ev.sub);
	if (!f) {
		d->ev.op = OP_OTHER;
		d->ev.act = ACT_NONE;
		d->ev.func_name = NULL;
		dissect_anomaly(d, ANOM_UNKNOWN_FUNCTION);
		return;
	}
	d->ev.op = f->op;
	d->ev.act = f->act;
	d->ev.func_name = f->name;
	if (f->sub == 0x0f88)
		execute_multiple(d, data);
	read_address(d, &data, (enum address)f->address);
	if (f->op != OP_READ && data.left)
		dissect_value(d, data);
}

/* DF1 8: the high nibble is the answering station's, the low one the link's; 0xf0 has more to say. */
static const char *status_name(uint8_t sts)
{
	switch (sts) {
	case 0x10: return "illegal_command_or_format";
	case 0x20: return "host_problem";
	case 0x30: return "remote_node_missing";
	case 0x40: return "hardware_fault";
	case 0x50: return "addressing_problem_or_protected";
	case 0x60: return "command_protection";
	case 0x70: return "processor_in_program_mode";
	case 0x80: return "compatibility_file_missing";
	case 0x90: return "node_cannot_buffer";
	case 0xa0: return "wait_ack";
	case 0xb0: return "remote_node_problem_download";
	case 0xf0: return "extended_status";
	default: return "pccc_error";
	}
}

void pccc_response(struct dissect *d, struct rd data)
{
	skip_requestor(&data);
	pccc_reply(d, data);
}

void pccc_reply(struct dissect *d, struct rd data)
{
	uint8_t command = rd_u8(&data), sts = rd_u8(&data);

	rd_skip(&data, 2);
	if (!rd_ok(&data)) {
		dissect_anomaly(d, ANOM_TRUNCATED_PDU);
		return;
	}
	if (!(command & 0x40))
		dissect_anomaly(d, ANOM_BAD_VALUE);
	if (sts) {                                      /* CIP carried it well; the processor refused */
		d->ev.outcome = OUTCOME_ERROR;
		d->ev.status_name = status_name(sts);
		d->ev.status_ext[d->ev.status_exts++] = sts;
		if (sts == 0xf0 && data.left)
			d->ev.status_ext[d->ev.status_exts++] = rd_u8(&data);
		return;
	}
	if (d->ev.op == OP_READ && data.left)
		dissect_value(d, data);
}
