/* modbus_files.c - function 20 and 21: file records, each group a part of its own.
 *
 * Spec: MAP 6.14, 6.15. The reference type of a group is always 6. A file has records of one
 *       register, 0 to 9999; a group names the first and how many. */
#include "dissectors/modbus.h"

enum { REFERENCE_TYPE = 6, RECORDS = 10000 };

static void emit(struct dissect *d, uint16_t part, uint16_t parts)
{
	if (parts > 1)
		dissect_emit_part(d, part, parts);
	else
		dissect_emit(d);
}

/* type, file, record, length; false when it is not all there */
static bool group(struct dissect *d, struct rd *b, const struct modbus_func *f)
{
	uint8_t type = rd_u8(b);
	uint16_t file = rd_be16(b);
	uint16_t first = rd_be16(b);
	uint16_t count = rd_be16(b);

	if (!rd_ok(b))
		return false;
	dissect_range(d, f->space, f->granule, first, count);
	d->ev.block = file;
	d->ev.has |= HAS_BLOCK;
	if (type != REFERENCE_TYPE || file == 0)
		dissect_anomaly(d, ANOM_BAD_VALUE);
	if (count == 0)
		dissect_anomaly(d, ANOM_BAD_COUNT);
	if ((uint32_t)first + count > RECORDS)
		dissect_anomaly(d, ANOM_BAD_ADDRESS);
	return true;
}

/* Groups of a write in b, the last perhaps incomplete. */
static uint16_t count_written(struct rd b)
{
	uint16_t n = 0;

	while (b.left && n < MODBUS_GROUPS_MAX) {       /* ends: each group takes 7 bytes at least */
		rd_skip(&b, 5);
		rd_skip(&b, rd_be16(&b) * 2u);
		n++;
	}
	return n;
}

/* Groups of a read response in b: a length byte and that many bytes. */
static uint16_t count_data(struct rd b)
{
	uint16_t n = 0;

	while (b.left && n < MODBUS_GROUPS_MAX) {       /* ends: each group takes a byte at least */
		rd_skip(&b, rd_u8(&b));
		n++;
	}
	return n;
}

/* The byte count, and the window that it declares. What lies behind it is told once, on every part. */
static struct rd open_groups(struct dissect *d, struct rd *b)
{
	uint8_t bytes = rd_u8(b);
	struct rd body = modbus_body_counted(d, b, bytes);

	modbus_body_end(d, b);
	if (rd_ok(b) && bytes == 0)
		dissect_anomaly(d, ANOM_BAD_COUNT);
	return body;
}

/* The anomalies of the PDU stand on every part, those of a group on its own. */
static void next(struct dissect *d, const struct modbus_func *f, uint64_t anomalies)
{
	modbus_body_next(d);
	d->ev.space = f->space;
	d->ev.granule = f->granule;
	d->ev.anomalies = anomalies;
}

void modbus_files_read(struct dissect *d, struct rd *b, const struct modbus_func *f)
{
	struct rd body = open_groups(d, b);
	uint16_t parts = (uint16_t)((body.left + 6) / 7);
	uint64_t anomalies = d->ev.anomalies;

	if (parts > MODBUS_GROUPS_MAX) {
		dissect_anomaly(d, ANOM_TOO_MANY_ITEMS);
		anomalies = d->ev.anomalies;
		parts = MODBUS_GROUPS_MAX;
	}
	if (parts == 0)
		dissect_emit(d);
	for (uint16_t i = 1; i <= parts; i++) {
		next(d, f, anomalies);
		if (!group(d, &body, f) && !d->cut)
			dissect_anomaly(d, ANOM_TRUNCATED_PDU);
		emit(d, i, parts);
	}
}

static void written(struct dissect *d, struct rd *b, const struct modbus_func *f, const struct txn *t)
{
	struct rd body = open_groups(d, b);
	uint16_t parts = count_written(body);
	uint64_t anomalies = d->ev.anomalies;

	if (parts == 0)
		dissect_emit(d);
	for (uint16_t i = 1; i <= parts; i++) {
		next(d, f, anomalies);
		bool whole = group(d, &body, f);

		if (whole) {
			uint32_t bytes = d->ev.count * 2;

			whole = bytes <= body.left;
			modbus_body_value(d, rd_upto(&body, bytes));
		}
		if (!(d->ev.has & HAS_FIRST) && t)
			dissect_part(d, t, i - 1u);     /* what an echo leaves out is as it was asked */
		if (!whole && !d->cut)
			dissect_anomaly(d, ANOM_TRUNCATED_PDU);
		emit(d, i, parts);
	}
}

void modbus_files_write(struct dissect *d, struct rd *b, const struct modbus_func *f)
{                                               /* MAP 6.15 */
	written(d, b, f, NULL);
}

void modbus_files_written(struct dissect *d, struct rd *b, const struct modbus_func *f, const struct txn *t)
{                                               /* MAP 6.15: an echo */
	written(d, b, f, t);
}

void modbus_files_data(struct dissect *d, struct rd *b, const struct modbus_func *f, const struct txn *t)
{                                               /* MAP 6.14: length, type, data; no file, no record */
	struct rd body = open_groups(d, b);
	uint16_t parts = count_data(body);
	uint64_t anomalies = d->ev.anomalies;

	if (t && parts && parts != t->parts)
		anomalies |= (uint64_t)1 << ANOM_UNEXPECTED_RESPONSE;
	if (parts == 0)
		dissect_emit(d);
	for (uint16_t i = 1; i <= parts; i++) {
		next(d, f, anomalies);
		if (t)
			dissect_part(d, t, i - 1u);
		uint8_t length = rd_u8(&body);
		bool whole = length <= body.left;
		struct rd data = rd_upto(&body, length);

		if (!whole && !d->cut)
			dissect_anomaly(d, ANOM_TRUNCATED_PDU);
		if (length % 2 == 0 || rd_u8(&data) != REFERENCE_TYPE)
			dissect_anomaly(d, ANOM_BAD_VALUE);
		modbus_body_value(d, data);
		if (whole && d->ev.has & HAS_COUNT && data.left != d->ev.count * 2)
			dissect_anomaly(d, ANOM_UNEXPECTED_RESPONSE);
		emit(d, i, parts);
	}
}
