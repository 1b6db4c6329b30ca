/* modbus_shape.c - does a body have the layout that its function code promises? The only evidence of
 * direction that a Modbus PDU carries, and what makes probe() sure. */
#include "dissectors/modbus.h"
#include "dissectors/umas.h"

static bool range(struct rd b, uint16_t max)
{
	rd_be16(&b);
	uint16_t count = rd_be16(&b);

	return rd_ok(&b) && !b.left && count >= 1 && count <= max;
}

/* byte count, then exactly that many bytes */
static bool counted(struct rd b, uint32_t least, uint32_t most, uint32_t multiple)
{
	uint8_t n = rd_u8(&b);

	return rd_ok(&b) && n == b.left && n >= least && n <= most && n % multiple == 0;
}

static bool write_many(struct rd b, uint16_t max, bool bits)
{
	rd_be16(&b);
	uint16_t count = rd_be16(&b);
	uint8_t bytes = rd_u8(&b);

	return rd_ok(&b) && count >= 1 && count <= max && bytes == b.left &&
	       bytes == (bits ? (count + 7u) / 8 : count * 2u);
}

static bool diagnostics(struct rd b)
{                                               /* MAP 6.8: sub-function, data of N words (0) or one */
	uint16_t sub = rd_be16(&b);
	uint16_t data = rd_be16(&b);

	if (!rd_ok(&b))
		return false;
	if (sub == 0)
		return b.left % 2 == 0;
	if (b.left)
		return false;
	if (sub == 1)
		return data == 0 || data == 0xff00;
	return sub <= 4 || (sub >= 10 && sub <= 18) || sub == 20;
}

static bool event_counter(struct rd b)
{
	uint16_t status = rd_be16(&b);

	return b.left == 2 && (status == 0 || status == 0xffff);
}

static bool file_read(struct rd b)
{                                               /* MAP 6.14: byte count 7..0xf5, groups of 7, type 6 */
	if (!counted(b, 7, 0xf5, 7))
		return false;
	rd_u8(&b);
	for (unsigned i = 0; b.left && i < MODBUS_GROUPS_MAX; i++) {
		struct rd group = rd_sub(&b, 7);

		if (rd_u8(&group) != 6)
			return false;
	}
	return rd_ok(&b) && !b.left;
}

static bool file_data(struct rd b)
{                                               /* MAP 6.14: length (type and data), type 6, words */
	if (!counted(b, 4, 0xf5, 1))
		return false;
	rd_u8(&b);
	for (unsigned i = 0; b.left && i < MODBUS_GROUPS_MAX * 2; i++) {
		uint8_t n = rd_u8(&b);
		struct rd group = rd_sub(&b, n);

		if (n % 2 == 0 || rd_u8(&group) != 6)
			return false;
	}
	return rd_ok(&b) && !b.left;
}

static bool file_write(struct rd b)
{                                               /* MAP 6.15: type 6, file, record, length, words */
	if (!counted(b, 9, 0xfb, 1))
		return false;
	rd_u8(&b);
	for (unsigned i = 0; b.left && i < MODBUS_GROUPS_MAX; i++) {
		uint8_t type = rd_u8(&b);

		rd_skip(&b, 4);
		rd_skip(&b, rd_be16(&b) * 2u);
		if (type != 6)
			return false;
	}
	return rd_ok(&b) && !b.left;
}

static bool read_write(struct rd b, uint16_t max)
{                                               /* MAP 6.17: read 1..125, write 1..121 */
	rd_be16(&b);
	uint16_t count = rd_be16(&b);

	return rd_ok(&b) && count >= 1 && count <= max && write_many(b, 121, false);
}

static bool fifo(struct rd b)
{                                               /* MAP 6.18: byte count covers the FIFO count too */
	uint16_t bytes = rd_be16(&b);
	uint32_t left = b.left;
	uint16_t count = rd_be16(&b);

	return rd_ok(&b) && bytes == left && count <= 31 && bytes == 2u + count * 2u;
}

static bool mei_request(struct rd b)
{
	uint8_t mei = rd_u8(&b);
	uint8_t code = rd_u8(&b);

	if (mei == MEI_CANOPEN)
		return rd_ok(&b);
	return mei == MEI_DEVICE_ID && b.left == 1 && code >= 1 && code <= 4;
}

static bool mei_response(struct rd b)
{                                               /* MAP 6.21 */
	uint8_t mei = rd_u8(&b);
	uint8_t code = rd_u8(&b);
	uint8_t conformity = rd_u8(&b) & 0x7f;
	uint8_t more = rd_u8(&b);

	rd_u8(&b);
	uint8_t objects = rd_u8(&b);

	if (mei == MEI_CANOPEN)
		return true;
	if (!rd_ok(&b) || mei != MEI_DEVICE_ID || code < 1 || code > 4 || conformity < 1 || conformity > 3 ||
	    (more != 0 && more != 0xff))
		return false;
	for (unsigned i = 0; i < objects; i++) {
		rd_u8(&b);
		rd_skip(&b, rd_u8(&b));
	}
	return rd_ok(&b) && !b.left;
}

bool modbus_shape_is(enum modbus_shape shape, uint16_t max, struct rd b)
{
	switch (shape) {
	case SHAPE_NONE: return false;
	case SHAPE_EMPTY: return b.left == 0;
	case SHAPE_ONE: return b.left == 1;
	case SHAPE_FOUR: return b.left == 4;
	case SHAPE_COIL: return b.left == 4 && (rd_peek(&b, 2) == 0 || rd_peek(&b, 2) == 0xff) && rd_peek(&b, 3) == 0;
	case SHAPE_RANGE: return range(b, max);
	case SHAPE_BITS: return counted(b, 1, 250, 1);
	case SHAPE_WORDS: return counted(b, 2, 250, 2);
	case SHAPE_WRITE_BITS: return write_many(b, max, true);
	case SHAPE_WRITE_WORDS: return write_many(b, max, false);
	case SHAPE_DIAGNOSTICS: return diagnostics(b);
	case SHAPE_EVENT_COUNTER: return event_counter(b);
	case SHAPE_EVENT_LOG: return counted(b, 6, 70, 1);
	case SHAPE_SERVER_ID: return counted(b, 1, 251, 1);
	case SHAPE_FILE_READ: return file_read(b);
	case SHAPE_FILE_DATA: return file_data(b);
	case SHAPE_FILE_WRITE: return file_write(b);
	case SHAPE_MASK: return b.left == 6;
	case SHAPE_READ_WRITE: return read_write(b, max);
	case SHAPE_ADDRESS: return b.left == 2;
	case SHAPE_FIFO: return fifo(b);
	case SHAPE_MEI_REQUEST: return mei_request(b);
	case SHAPE_MEI_RESPONSE: return mei_response(b);
	case SHAPE_UMAS_REQUEST: return umas_is_request(b);
	case SHAPE_UMAS_RESPONSE: return umas_is_response(b);
	}
	return false;
}
