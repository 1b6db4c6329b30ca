/* What S7comm-plus requests amount to, whom they are about, and what answers tell of the device.
 * The layout of messages is in s7_plus.c. */
#include "dissectors/s7_plus_meaning.h"

#include <string.h>

#define SEARCH_MAX 1024         /* bytes of a body in which an attribute is looked for */
#define CREATE_GAP_MAX 16       /* bytes between the container's id and the object made in it */
#define STEPS_MAX 8             /* steps of a symbolic address that are named */
#define VENDOR_SIEMENS 42       /* IEC 61158 manufacturer id */

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

/* What stands behind a pattern in the first bytes of a body; an empty window that has failed: it is not there. */
static struct rd after(struct rd r, const uint8_t *pattern, uint32_t n)
{
	uint32_t end = r.left < SEARCH_MAX ? r.left : SEARCH_MAX, matched;

	for (uint32_t i = 0; i + n < end; i++) {
		struct rd at = r;

		rd_skip(&at, i);
		for (matched = 0; matched < n && rd_u8(&at) == pattern[matched]; matched++)
			;
		if (matched == n)
			return at;
	}
	rd_skip(&r, r.left + 1);
	return r;
}

/* The same: counted text. */
static struct rd text_after(struct rd r, const uint8_t *pattern, uint32_t n)
{
	struct rd at = after(r, pattern, n);

	return rd_sub(&at, vlq32(&at));
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
	for (uint32_t i = 0; i < steps && i < STEPS_MAX && r.left; i++)
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

void s7_plus_meaning_request(struct dissect *d, struct s7_state *st, uint32_t session, const struct plus_row *row, struct rd r)
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

/* --- identity ------------------------------------------------------------------------ */

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

/* Identification and maintenance data as PROFINET defines them (I&M0), in what was read of a module:
 * block 0x0020, length, version | vendor 2 | order number 20 | serial number 16 | hardware 2 | 'V' and firmware 3 */
static void module_identity(struct dissect *d, struct rd r)
{
	static const uint8_t pattern[] = { 0x00, 0x20, 0x00, 0x38, 0x01, 0x00 };
	struct rd block = after(r, pattern, sizeof pattern);
	struct ot_identity *id = &d->ev.identity;
	uint32_t vendor = rd_be16(&block);
	uint16_t hardware;
	const uint8_t *order = rd_take(&block, 20), *serial = rd_take(&block, 16);
	uint8_t v[4];

	hardware = rd_be16(&block);
	for (int i = 0; i < 4; i++)
		v[i] = rd_u8(&block);
	if (!rd_ok(&block))
		return;
	dissect_identity_ids(d, &vendor, NULL);
	if (vendor == VENDOR_SIEMENS)
		dissect_identityf(d, id->vendor, "Siemens");
	dissect_identity(d, id->order_number, order, 20);
	dissect_identity(d, id->serial, serial, 16);
	dissect_identityf(d, id->hardware, "%u", hardware);
	dissect_identityf(d, id->firmware, "%c%u.%u.%u", v[0] >= 'A' && v[0] <= 'Z' ? v[0] : '?', v[1], v[2], v[3]);
}

void s7_plus_meaning_response(struct dissect *d, uint16_t func, struct rd r)
{
	if (func == PLUS_CREATE)
		session_identity(d, r);
	else if (func == PLUS_GET_STREAMED)
		module_identity(d, r);
}
