/* Addresses and data of S7comm variables.
 *
 * Specification:  0x12 | length | syntax | address in that syntax
 * Data item:      return code | transport size | length 2 (bits or bytes, by the size) | data
 * Both are padded to an even number of bytes unless they are the last. */
#include "dissectors/s7_items.h"

#include <stddef.h>

#define SPEC_VARIABLE 0x12
#define ANY_LENGTH 10           /* bytes of an S7ANY specification, syntax included */
#define NCK_LENGTH 8
#define DRIVE_LENGTH 10
#define SYMBOLIC_MIN 14
#define DBREAD_AREAS_MAX 32     /* areas of one item that are named */
#define SYMBOLIC_LIDS_MAX 8     /* steps of a symbolic address that are named */
#define TYPE_BIT 1
#define RETURN_OK 0xff

enum syntax {
	SYNTAX_ANY = 0x10, SYNTAX_R_ID = 0x13, SYNTAX_ALARM_LOCK = 0x15, SYNTAX_ALARM_IND = 0x16,
	SYNTAX_ALARM_ACK = 0x19, SYNTAX_ALARM_QUERY = 0x1a, SYNTAX_NOTIFY_IND = 0x1c,
	SYNTAX_NCK = 0x82, SYNTAX_NCK_METRIC = 0x83, SYNTAX_NCK_INCH = 0x84,
	SYNTAX_DRIVE = 0xa2, SYNTAX_DBREAD = 0xb0, SYNTAX_SYMBOLIC = 0xb2,
};

static const struct name areas[] = {
	{ 0x01, "data_record" }, { 0x03, "system_info" }, { 0x05, "system_flags" }, { 0x06, "analog_inputs" },
	{ 0x07, "analog_outputs" }, { 0x1c, "counters" }, { 0x1d, "timers" }, { 0x1e, "counters" },
	{ 0x1f, "timers" }, { 0x80, "peripheral" }, { 0x81, "inputs" }, { 0x82, "outputs" }, { 0x83, "flags" },
	{ 0x84, "db" }, { 0x85, "di" }, { 0x86, "local" }, { 0x87, "v" },
};

static const struct name nck_areas[] = {
	{ 0, "nck" }, { 1, "mode_group" }, { 2, "channel" }, { 3, "axis" }, { 4, "tool" }, { 5, "feed_drive" },
	{ 6, "main_drive" }, { 7, "mmc" },
};

static const struct name return_codes[] = {
	{ 0x01, "hardware_fault" }, { 0x03, "access_denied" }, { 0x05, "invalid_address" },
	{ 0x06, "type_not_supported" }, { 0x07, "type_inconsistent" }, { 0x0a, "object_missing" },
};

const char *s7_item_space(uint8_t area)
{
	return NAME_OF(areas, area);
}

/* Bytes of one element of a transport size in an address. */
static uint32_t element_bytes(uint8_t type)
{
	switch (type) {
	case 4: case 5: case 9: case 12:        /* WORD, INT, DATE, S5TIME */
		return 2;
	case 6: case 7: case 8: case 10: case 11:       /* DWORD, DINT, REAL, TIME_OF_DAY, TIME */
		return 4;
	case 15:                                /* DATE_AND_TIME */
		return 8;
	default:                                /* BYTE, CHAR and what is not defined */
		return 1;
	}
}

static bool counts_objects(uint8_t area)
{
	return area >= 0x1c && area <= 0x1f;
}

/* transport size | count 2 | DB 2 | area | address 3 (bits; a number for timers and counters) */
static void address_any(struct s7 *s, struct rd r)
{
	struct dissect *d = s->d;
	uint8_t type = rd_u8(&r);
	uint16_t count = rd_be16(&r), db = rd_be16(&r);
	uint8_t area = rd_u8(&r);
	uint32_t address = rd_be24(&r);
	const char *space = s7_item_space(area);

	if (counts_objects(area))
		dissect_range(d, space, GRANULE_OBJECT, address, count);
	else if (type == TYPE_BIT)
		dissect_range(d, space, GRANULE_BIT, address, count);
	else
		dissect_range(d, space, GRANULE_BYTE, address >> 3, count * element_bytes(type));
	if (area == 0x84 || area == 0x85) {
		d->ev.block = db;
		d->ev.has |= HAS_BLOCK;
	}
	if (!space)
		dissect_anomaly(d, ANOM_BAD_VALUE);
	if (count == 0)
		dissect_anomaly(d, ANOM_BAD_COUNT);
}

/* areas | (bytes, DB 2, start 2) each: the first is the target, all of them stand in the path */
static void address_dbread(struct s7 *s, struct rd r)
{
	struct dissect *d = s->d;
	unsigned n = rd_u8(&r);

	for (unsigned i = 0; i < n && r.left; i++) {
		uint8_t bytes = rd_u8(&r);
		uint16_t db = rd_be16(&r), start = rd_be16(&r);

		if (!rd_ok(&r)) {
			s7_short(s);
			return;
		}
		if (i == 0) {
			dissect_range(d, "db", GRANULE_BYTE, start, bytes);
			d->ev.block = db;
			d->ev.has |= HAS_BLOCK;
		}
		if (n > 1 && i < DBREAD_AREAS_MAX)
			dissect_path_addf(d, "%sDB%u.%u+%u", i ? " " : "", db, start, bytes);
	}
}

/* 0xff | area 2 | DB or detail area 2 | checksum 4 | steps 4 each (flag nibble, number) */
static void address_symbolic(struct s7 *s, struct rd r)
{
	static const char *const details[] = { "inputs", "outputs", "flags", "counters", "timers" };
	struct dissect *d = s->d;
	uint16_t area, detail;

	rd_skip(&r, 1);
	area = rd_be16(&r);
	detail = rd_be16(&r);
	rd_skip(&r, 4);
	if (area == 0x8a0e) {
		d->ev.space = "db";
		d->ev.block = detail;
		d->ev.has |= HAS_BLOCK;
	} else if (area == 0 && detail >= 0x50 && detail <= 0x54) {
		d->ev.space = details[detail - 0x50];
	} else {
		dissect_path_addf(d, "%04x%04x", area, detail);
	}
	for (int i = 0; i < SYMBOLIC_LIDS_MAX && r.left >= 4; i++) {
		uint32_t step = rd_be32(&r);

		dissect_path_addf(d, "%s%u:%u", d->ev.path_len ? "." : "", step >> 28, step & 0x0fffffff);
	}
}

/* area 3 bits, unit 5 bits | column 2 | line 2 | module | lines */
static void address_nck(struct s7 *s, struct rd r)
{
	struct dissect *d = s->d;
	uint8_t area_unit = rd_u8(&r);
	uint16_t column = rd_be16(&r), line = rd_be16(&r);
	uint8_t module = rd_u8(&r), lines = rd_u8(&r);

	dissect_range(d, NAME_OF(nck_areas, (uint32_t)area_unit >> 5), GRANULE_OBJECT, line, lines);
	d->ev.cls = module;
	d->ev.block = area_unit & 0x1f;
	d->ev.has |= HAS_CLASS | HAS_BLOCK;
	dissect_path_addf(d, "module %u column %u", module, column);
}

/* three unknown fields 1, 2, 2 | parameter number 2 | index 2 */
static void address_drive(struct s7 *s, struct rd r)
{
	uint16_t number;

	rd_skip(&r, 5);
	number = rd_be16(&r);
	dissect_range(s->d, "drive_parameter", GRANULE_OBJECT, rd_be16(&r), 1);
	s->d->ev.block = number;
	s->d->ev.has |= HAS_BLOCK;
}

/* associated values | event id 4; a query has two more bytes before the number */
static void address_alarm(struct s7 *s, struct rd r, bool query)
{
	rd_skip(&r, query ? 3 : 1);
	dissect_range(s->d, query ? "alarm_query" : "alarm", GRANULE_OBJECT, rd_be32(&r), 1);
}

static void address_r_id(struct s7 *s, struct rd r)
{
	rd_skip(&r, 1);
	dissect_range(s->d, "r_id", GRANULE_OBJECT, rd_be32(&r), 1);
}

static void address_by_syntax(struct s7 *s, uint8_t syntax, struct rd r)
{
	switch (syntax) {
	case SYNTAX_ANY:
		if (r.left == ANY_LENGTH - 1) {
			address_any(s, r);
			return;
		}
		break;
	case SYNTAX_DBREAD:
		address_dbread(s, r);
		return;
	case SYNTAX_SYMBOLIC:
		if (r.left >= SYMBOLIC_MIN - 1) {
			address_symbolic(s, r);
			return;
		}
		break;
	case SYNTAX_NCK: case SYNTAX_NCK_METRIC: case SYNTAX_NCK_INCH:
		if (r.left == NCK_LENGTH - 1) {
			address_nck(s, r);
			return;
		}
		break;
	case SYNTAX_DRIVE:
		if (r.left == DRIVE_LENGTH - 1) {
			address_drive(s, r);
			return;
		}
		break;
	case SYNTAX_ALARM_LOCK: case SYNTAX_ALARM_IND: case SYNTAX_ALARM_ACK: case SYNTAX_NOTIFY_IND:
	case SYNTAX_ALARM_QUERY:
		if (r.left >= 5) {
			address_alarm(s, r, syntax == SYNTAX_ALARM_QUERY && r.left >= 7);
			return;
		}
		break;
	case SYNTAX_R_ID:
		if (r.left >= 5) {
			address_r_id(s, r);
			return;
		}
		break;
	default:
		dissect_path_addf(s->d, "syntax 0x%02x", syntax);
		dissect_anomaly(s->d, ANOM_UNKNOWN_FUNCTION);
		return;
	}
	dissect_path_addf(s->d, "syntax 0x%02x", syntax);
	dissect_anomaly(s->d, ANOM_BAD_LENGTH);
}

bool s7_item_address(struct s7 *s, struct rd *r, bool more)
{
	uint8_t kind = rd_u8(r), length = rd_u8(r);
	struct rd spec = rd_sub(r, length);
	uint8_t syntax = rd_u8(&spec);

	if (!rd_ok(r) || !rd_ok(&spec)) {
		s7_short(s);
		return false;
	}
	if (more && length & 1 && r->left)
		rd_skip(r, 1);
	if (kind != SPEC_VARIABLE) {
		dissect_anomaly(s->d, ANOM_BAD_VALUE);
		return true;
	}
	address_by_syntax(s, syntax, spec);
	return true;
}

/* Whether a transport size in data states its length in bits (the others: in bytes). */
static bool length_in_bits(uint8_t type)
{
	return type == 3 || type == 4 || type == 5;     /* BIT, BYTE/WORD/DWORD, INTEGER */
}

bool s7_item_data(struct rd *r, bool more, bool refused_empty, struct s7_data *out)
{
	uint16_t length;

	out->code = rd_u8(r);
	out->type = rd_u8(r);
	length = rd_be16(r);
	out->bytes = length_in_bits(out->type) ? (length + 7u) / 8 : length;
	if (refused_empty && out->code != RETURN_OK)
		out->bytes = 0;
	out->value = rd_upto(r, out->bytes);
	if (!rd_ok(r) || out->value.left < out->bytes)
		return false;
	if (more && out->bytes & 1 && r->left)
		rd_skip(r, 1);
	return true;
}

void s7_item_status(struct s7 *s, uint8_t code)
{
	dissect_status(s->d, code == RETURN_OK ? 0 : code, NAME_OF(return_codes, code));
}

const char *s7_item_block_type(uint8_t a, uint8_t b)
{
	static const char *const types[] = { "OB", "CMOD", "DB", "SDB", "FC", "SFC", "FB", "SFB" };
	unsigned i;

	if (a != '0')
		return NULL;
	if (b == '8' || b == '9')
		i = (unsigned)(b - '8');
	else if (b >= 'A' && b <= 'F')
		i = (unsigned)(b - 'A') + 2;
	else
		return NULL;
	return types[i];
}

bool s7_item_block(struct dissect *d, struct rd name)
{
	uint8_t a = rd_u8(&name), b = rd_u8(&name);
	const char *type = s7_item_block_type(a, b);
	uint32_t number = 0;

	for (int i = 0; i < 5; i++) {
		uint8_t c = rd_u8(&name);

		if (c < '0' || c > '9')
			return false;
		number = number * 10 + (uint32_t)(c - '0');
	}
	if (!type || !rd_ok(&name))
		return false;
	dissect_tag_addf(d, "%s%u", type, number);
	return true;
}
