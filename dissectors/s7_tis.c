/* Variables of the programmer commands.
 *
 * Data:  bytes of the head 2 | bytes of the body 2 | head (trigger, count of runs ...) | body
 * Body:  variables 2 | each: area and size | count or bit | DB 2 | address 2 | then, when they are
 *        to be written, one data item each
 * The size nibble is 0 bit, 1 byte, 2 word, 3 double word. For a bit the next byte is its number. */
#include "dissectors/s7_tis.h"
#include "dissectors/s7_items.h"

#define VARIABLE 6              /* bytes of one */
#define VARIABLES_MAX 255

static const char *area_of(uint8_t nibble)
{
	static const char *const areas[] = { "flags", "inputs", "outputs", "peripheral", "peripheral", "timers",
					     "counters", "db" };

	return nibble < sizeof areas / sizeof areas[0] ? areas[nibble] : NULL;
}

static void variable(struct s7 *s, struct rd *r)
{
	uint8_t kind = rd_u8(r), count = rd_u8(r);
	uint16_t db = rd_be16(r), address = rd_be16(r);
	const char *area = area_of(kind >> 4);
	uint8_t size = kind & 0x0f;

	if (kind >> 4 == 5 || kind >> 4 == 6)
		dissect_range(s->d, area, GRANULE_OBJECT, address, count);
	else if (size == 0)
		dissect_range(s->d, area, GRANULE_BIT, address * 8u + (count & 7u), 1);
	else
		dissect_range(s->d, area, GRANULE_BYTE, address, size == 1 ? count : size == 2 ? count * 2u : count * 4u);
	if (kind >> 4 == 7) {
		s->d->ev.block = db;
		s->d->ev.has |= HAS_BLOCK;
	}
	if (!area || size > 4)
		dissect_anomaly(s->d, ANOM_BAD_VALUE);
}

bool s7_tis_variables(struct s7 *s, struct rd data)
{
	uint16_t head = rd_be16(&data), body_bytes = rd_be16(&data);
	struct rd body, list;
	unsigned n;

	rd_skip(&data, head);
	body = rd_sub(&data, body_bytes);
	n = rd_be16(&body);
	if (n == 0 || n > VARIABLES_MAX)
		return false;
	list = rd_sub(&body, n * VARIABLE);
	if (!rd_ok(&list))
		return false;
	for (unsigned i = 0; i < n; i++) {
		struct s7_data item;

		variable(s, &list);
		if (body.left) {
			if (!s7_item_data(&body, true, false, &item))
				s7_short(s);
			dissect_value(s->d, item.value);
			s->d->ev.value_total = item.bytes;
		}
		s7_emit_part(s, i, n);
		s7_next_part(s);
	}
	return true;
}
