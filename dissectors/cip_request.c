/* CIP requests: what is asked of whom.
 *
 * Spec: CIP-V1, LOGIX as in cip.c. */
#include "dissectors/cip_manager.h"
#include "dissectors/cip_part.h"
#include "dissectors/cip_path.h"
#include "dissectors/cip_table.h"
#include "dissectors/pccc.h"

#include <string.h>

struct cip_request {
	uint8_t service;
	uint32_t asked;                 /* the class that the service is asked of, or CIP_NO_CLASS */
	struct rd path, data;
	struct cip_path where;
	bool whole;
};

static void keep_route(struct cip_context *c)
{
	c->route_len = c->d->ev.route_len;
	memcpy(c->route, c->d->ev.route, c->route_len);
}

static struct cip_request read_request(struct rd msg)
{
	struct cip_request q = { .service = rd_u8(&msg) };
	uint8_t words = rd_u8(&msg);

	q.whole = rd_ok(&msg) && msg.left >= 2u * words;
	q.path = rd_upto(&msg, 2u * words);
	q.data = rd_rest(&msg);
	q.where = cip_path_scan(q.path);
	if (q.where.has & CIP_PATH_SYMBOL)
		q.asked = CIP_SYMBOL;
	else
		q.asked = q.where.has & CIP_PATH_CLASS ? q.where.last : CIP_NO_CLASS;
	return q;
}

/* LOGIX: type (a structure's handle behind it), elements, [offset], data. */
static void write_value(struct dissect *d, struct rd data, bool fragment)
{
	uint8_t bytes[OT_VALUE_MAX] = { 0 };
	bool structure = rd_peek(&data, 0) == 0xa0 && rd_peek(&data, 1) == 0x02;
	struct rd type = rd_sub(&data, structure ? 4 : 2);
	uint16_t elements = rd_le16(&data);
	uint32_t type_len = type.left, n;
	const uint8_t *p;

	if (fragment)
		rd_skip(&data, 4);
	if (!rd_ok(&data)) {
		dissect_anomaly(d, ANOM_TRUNCATED_PDU);
		return;
	}
	d->ev.count = elements;
	d->ev.granule = GRANULE_OBJECT;
	d->ev.has |= HAS_COUNT;
	n = data.left < sizeof bytes - type_len ? data.left : (uint32_t)sizeof bytes - type_len;
	memcpy(bytes, rd_take(&type, type_len), type_len);
	p = rd_take(&data, n);
	memcpy(bytes + type_len, p, n);
	dissect_value(d, rd_init(bytes, type_len + n));
	d->ev.value_total = type_len + n + data.left;
}

static void read_count(struct dissect *d, struct rd data)
{
	uint16_t elements = rd_le16(&data);

	if (!rd_ok(&data)) {
		dissect_anomaly(d, ANOM_TRUNCATED_PDU);
		return;
	}
	d->ev.count = elements;
	d->ev.granule = GRANULE_OBJECT;
	d->ev.has |= HAS_COUNT;
}

/* CIP-V1 5-2.3: no data or 0 restarts, 1 and 2 go back to what left the factory. */
static void reset_kind(struct dissect *d, const struct cip_request *q)
{
	if (q->asked == CIP_IDENTITY && q->data.left && rd_peek(&q->data, 0) != 0)
		d->ev.act = ACT_FACTORY_RESET;
}

static void tag_service(struct dissect *d, const struct cip_request *q)
{
	switch (q->service) {
	case SVC_READ_TAG: case SVC_READ_FRAGMENT:
		read_count(d, q->data);
		break;
	case SVC_WRITE_TAG: case SVC_WRITE_FRAGMENT:
		write_value(d, q->data, q->service == SVC_WRITE_FRAGMENT);
		break;
	default:
		if (d->ev.op == OP_WRITE && q->data.left)
			dissect_value(d, q->data);
		break;
	}
}

static void request_body(struct cip_context *c, const struct cip_request *q)
{
	struct dissect *d = c->d;

	if (q->asked == CIP_SYMBOL && q->service >= SVC_READ_TAG) {
		tag_service(d, q);
		return;
	}
	if (q->asked == CIP_PCCC && q->service == SVC_EXECUTE_PCCC) {
		pccc_request(d, q->data);
		return;
	}
	if (q->asked == CIP_CONNECTION_MANAGER) {
		if (q->service == SVC_FORWARD_OPEN || q->service == SVC_LARGE_FORWARD_OPEN)
			c->leads_to = cip_manager_open_request(d, q->data, q->service == SVC_LARGE_FORWARD_OPEN);
		else if (q->service == SVC_FORWARD_CLOSE)
			cip_manager_close_request(d, q->data);
		return;
	}
	if (q->service == SVC_RESET)
		reset_kind(d, q);
	if (q->asked == CIP_PASSWORD)                   /* what a password is, no event repeats */
		return;
	if (d->ev.op == OP_WRITE || d->ev.op == OP_CONTROL || d->ev.op == OP_PROGRAM)
		if (q->data.left)
			dissect_value(d, q->data);
}

static void fill_request(struct cip_context *c, const struct cip_request *q)
{
	struct dissect *d = c->d;
	struct cip_service is = cip_service_of(q->service, q->asked);

	if (!is.name && q->where.has & CIP_PATH_CLASSES)        /* of an object within another */
		is = cip_service_of(q->service, q->where.cls);
	dissect_dir(d, DIR_REQUEST);
	cip_set_head(c, q->service);
	cip_set_route(c);
	cip_path_target(d, q->path, &q->where);
	d->ev.op = is.op;
	d->ev.act = is.act;
	d->ev.func_name = is.name;
	if (!q->whole || c->route_cut)
		dissect_anomaly(d, ANOM_TRUNCATED_PDU);
	else if (!is.name)
		dissect_anomaly(d, ANOM_UNKNOWN_FUNCTION);
	request_body(c, q);
}

/* CIP-V1 3-5.5.4. False, and q as it was, when there is no request inside. */
static bool unwrap(struct cip_context *c, struct cip_request *q)
{
	struct rd data = q->data, inner;
	uint16_t size;

	rd_skip(&data, 2);
	size = rd_le16(&data);
	if (!rd_ok(&data) || size < 2 || (data.left < size && !c->d->cut))
		return false;
	inner = rd_upto(&data, size);
	if (inner.left < 2)
		return false;
	if (size & 1)
		rd_skip(&data, 1);

	uint32_t route_len = 2u * rd_u8(&data);

	rd_skip(&data, 1);
	c->route_cut |= !rd_ok(&data) || data.left < route_len;

	struct rd route = rd_upto(&data, route_len);

	cip_set_route(c);
	cip_path_route(c->d, route);
	keep_route(c);
	*q = read_request(inner);
	return true;
}

static bool is_sent_on(const struct cip_request *q)
{
	return q->service == SVC_UNCONNECTED_SEND && q->asked == CIP_CONNECTION_MANAGER;
}

static void tell_request(struct cip_context *c, struct cip_request q, uint16_t part, unsigned depth);

/* Services of the PDU's own packet are its parts; what is nested deeper shares its container's. */
static void request_services(struct cip_context *c, const struct cip_bundle *b, uint16_t part, unsigned depth)
{
	struct rd offsets = b->offsets;
	uint16_t n = 0, outer_len = c->route_len;

	while (offsets.left) {                          /* two bytes of the window at a time */
		struct rd service = cip_next_service(b->whole, &offsets);

		n++;
		dissect_reset(c->d);
		c->route_len = outer_len;
		if (service.left < 2 && c->d->cut)
			break;
		tell_request(c, read_request(service), part ? part : n, depth + 1);
	}
}

void cip_request_open(const struct cip_context *c, bool sent_on, uint16_t services)
{
	struct txn *t = dissect_open(c->d, c->on->txn);

	if (!t)
		return;
	t->note[0] = (uint32_t)(c->on->connected ? CIP_NOTE_CONNECTED : CIP_NOTE_UNCONNECTED) |
		     (sent_on ? CIP_NOTE_SENT_ON : 0);
	t->note[1] = c->leads_to;
	t->note[2] = services;
}

/* One request and what it holds; part 0: the PDU's own. */
static void tell_request(struct cip_context *c, struct cip_request q, uint16_t part, unsigned depth)
{
	struct dissect *d = c->d;
	bool sent_on = is_sent_on(&q), deep = false;

	while (is_sent_on(&q)) {
		deep = depth >= CIP_DEPTH_MAX;
		if (deep || !unwrap(c, &q))
			break;
		depth++;
	}
	fill_request(c, &q);
	if (deep)
		dissect_anomaly(d, ANOM_NESTED_TOO_DEEP);
	else if (is_sent_on(&q))
		dissect_anomaly(d, ANOM_TRUNCATED_PDU);

	struct cip_bundle b = { .count = 0 };

	if (q.service == SVC_MULTIPLE) {
		b = cip_read_bundle(d, q.data);
		cip_bundle_anomalies(d, &b, depth);
	}
	if (part == 0) {
		cip_request_open(c, sent_on, b.count);
		d->ev.parts = c->parts = b.count;
	}
	cip_emit(c, part);
	if (b.fits && depth < CIP_DEPTH_MAX)
		request_services(c, &b, part, depth);
}

void cip_request_tell(struct cip_context *c, struct rd msg)
{
	tell_request(c, read_request(msg), 0, 0);
}
