/* modbus_ident.c - what a device says of itself: function 17 and the encapsulated transport, 43.
 *
 * Spec: MAP 6.13 (report server id), 6.19-6.21 (MEI types 13 and 14). Server id's content is "device
 *       specific": the longest run of text in it is taken as the product.
 * Not decoded: CANopen general reference (MEI 13, CiA 309-2): it may write, so it counts as a write. */
#include "dissectors/modbus.h"

enum {
	TEXT_LEAST = 3,                 /* characters that make a text of a server id */
	OBJECTS_MAX = 128,              /* objects of 2 octets at least in a PDU of 253 */
};

enum object { OBJ_VENDOR, OBJ_PRODUCT_CODE, OBJ_REVISION, OBJ_URL, OBJ_PRODUCT_NAME, OBJ_MODEL, OBJ_APPLICATION };

void modbus_ident_server_id(struct dissect *d, struct rd *b, const struct modbus_func *f, const struct txn *t)
{                                               /* MAP 6.13: byte count, id, run indicator, more */
	uint8_t bytes = rd_u8(b);

	(void)f, (void)t;
	if (!rd_ok(b))
		return;
	struct rd id = modbus_body_counted(d, b, bytes);

	modbus_body_value(d, id);
	const uint8_t *best = NULL, *start = id.p;
	uint32_t longest = 0, run = 0;

	while (id.left) {                       /* ends: takes one byte a turn */
		uint8_t c = rd_u8(&id);

		run = c >= ' ' && c < 0x7f ? run + 1 : 0;
		if (run == 0)
			start = id.p;
		if (run > longest) {
			longest = run;
			best = start;
		}
	}
	if (longest >= TEXT_LEAST)
		dissect_identity(d, d->ev.identity.product, best, longest);
}

/* MAP 6.19: the MEI type says what is transported, in request and response alike. True: it asks for or brings the
 * objects of device identification, which follow. */
static bool mei_is_device_id(struct dissect *d, struct rd *b)
{
	uint8_t mei = rd_u8(b);

	if (!rd_ok(b))
		return false;
	d->ev.sub = mei;
	d->ev.has |= HAS_SUB;
	if (mei == MEI_DEVICE_ID) {
		d->ev.op = OP_IDENTIFY;
		d->ev.func_name = "read_device_identification";
		return true;
	}
	if (mei == MEI_CANOPEN) {
		d->ev.op = OP_WRITE;
		d->ev.func_name = "canopen_general_reference";
		modbus_body_value(d, rd_rest(b));
	} else {
		dissect_anomaly(d, ANOM_UNKNOWN_FUNCTION);
		rd_rest(b);
	}
	return false;
}

void modbus_ident_request(struct dissect *d, struct rd *b, const struct modbus_func *f)
{
	uint8_t code;                           /* 1 basic, 2 regular, 3 extended, 4 one object */

	(void)f;
	if (!mei_is_device_id(d, b))
		return;
	code = rd_u8(b);
	rd_u8(b);                               /* object id */
	if (rd_ok(b) && (code < 1 || code > 4))
		dissect_anomaly(d, ANOM_BAD_VALUE);
}

static void object(struct dissect *d, uint8_t id, struct rd text)
{                                               /* MAP 6.21, table of object ids */
	struct ot_identity *to = &d->ev.identity;

	switch (id) {
	case OBJ_VENDOR: dissect_identity(d, to->vendor, text.p, text.left); break;
	case OBJ_PRODUCT_CODE: dissect_identity(d, to->order_number, text.p, text.left); break;
	case OBJ_REVISION: dissect_identity(d, to->firmware, text.p, text.left); break;
	case OBJ_PRODUCT_NAME: dissect_identity(d, to->product, text.p, text.left); break;
	case OBJ_MODEL:
		if (!(d->ev.has & HAS_IDENTITY) || to->product[0] == '\0')
			dissect_identity(d, to->product, text.p, text.left);
		break;
	case OBJ_APPLICATION: dissect_identity(d, to->name, text.p, text.left); break;
	case OBJ_URL: dissect_tag(d, text.p, text.left); break;
	default: break;                         /* private objects from 0x80: in the value */
	}
}

static void device_id(struct dissect *d, struct rd *b)
{
	uint8_t code = rd_u8(b);
	uint8_t conformity = rd_u8(b) & 0x7f;   /* bit 7: objects can be asked for one by one */
	uint8_t more = rd_u8(b);

	rd_u8(b);                               /* next object id, when more follow */
	uint8_t objects = rd_u8(b);

	if (!rd_ok(b))
		return;
	if (code < 1 || code > 4 || conformity < 1 || conformity > 3 || (more != 0 && more != 0xff))
		dissect_anomaly(d, ANOM_BAD_VALUE);
	if (objects > OBJECTS_MAX)
		dissect_anomaly(d, ANOM_BAD_COUNT);
	modbus_body_value(d, *b);
	for (unsigned i = 0; i < objects && i < OBJECTS_MAX && rd_ok(b); i++) {
		uint8_t id = rd_u8(b);
		struct rd text = rd_sub(b, rd_u8(b));

		if (rd_ok(b))
			object(d, id, text);
	}
}

void modbus_ident_response(struct dissect *d, struct rd *b, const struct modbus_func *f, const struct txn *t)
{
	(void)f, (void)t;
	if (mei_is_device_id(d, b))
		device_id(d, b);
}
