/* CIP: explicit messages, what bundles them and what sends them on.
 *
 * Spec: CIP-V1 = The CIP Networks Library Volume 1, Common Industrial Protocol: 2-4 (message router
 *       formats), 3-5 (connection manager), Appendix A (services), Appendix B (status codes).
 *       EIP-V2 = Volume 2, EtherNet/IP Adaptation of CIP.
 *       LOGIX = Rockwell 1756-PM020, "Logix 5000 Controllers Data Access".
 *
 *   request    service, path size in words, path, data
 *   response   service + 0x80, 0, general status, size of additional status in words, the words, data
 *
 * Multiple Service Packet (0x0a): count (2), offset (2) of each service from the count on, services.
 * Unconnected Send (0x52 of the connection manager): tick, ticks, size (2), request [pad], route
 * size in words, 0, route. The request inside is the event; its answer comes back bare, an answer
 * 0xd2 is the connection manager's own refusal.
 * Pairing: on a connection by sequence count, with the other direction's connection id known from
 * the Forward Open or learned; without one by sender context.
 * Not decoded: the values' types; attribute lists but those of the Identity object. */
#include "dissectors/cip.h"

#include "dissectors/cip_conn.h"
#include "dissectors/cip_part.h"
#include "dissectors/cip_table.h"
#include "dissectors/pccc.h"

#include <string.h>

void cip_set_head(const struct cip_context *c, uint8_t service)
{
	struct dissect *d = c->d;

	d->ev.proto = PROTO_CIP;
	d->ev.func = service;
	d->ev.unit = c->on->unit;
	d->ev.txn = c->on->txn;
	d->ev.has |= HAS_FUNC | HAS_UNIT | HAS_TXN;
}

void cip_set_route(const struct cip_context *c)
{
	memcpy(c->d->ev.route, c->route, c->route_len);
	c->d->ev.route_len = c->route_len;
}

/* An event of its own, or the given part of the Multiple Service Packet. */
void cip_emit(const struct cip_context *c, uint16_t part)
{
	if (part)
		dissect_emit_part(c->d, part, c->parts);
	else
		dissect_emit(c->d);
}

/* The offsets of a Multiple Service Packet: each behind the one before and within. */
static bool offsets_fit(struct rd offsets, uint32_t count, uint32_t end)
{
	uint32_t before = 2 + 2 * count;

	for (uint32_t i = 0; i < count; i++) {
		uint32_t at = rd_le16(&offsets);

		if (at < before || at >= end)
			return false;
		before = at + 1;
	}
	return true;
}

/* The next service of a Multiple Service Packet: from its offset to the next one's, or the end. */
struct rd cip_next_service(struct rd whole, struct rd *offsets)
{
	uint32_t at = rd_le16(offsets);
	uint32_t end = offsets->left ? (uint32_t)rd_peek(offsets, 0) | (uint32_t)rd_peek(offsets, 1) << 8 : whole.left;

	rd_skip(&whole, at);
	return rd_upto(&whole, end > at ? end - at : 0);
}

/* CIP-V1. */
struct cip_bundle cip_read_bundle(const struct dissect *d, struct rd data)
{
	struct cip_bundle b = { .whole = data };

	b.count = rd_le16(&data);
	b.offsets = rd_sub(&data, 2u * b.count);
	b.fits = b.count && rd_ok(&b.offsets) && offsets_fit(b.offsets, b.count, d->cut ? UINT32_MAX : b.whole.left);
	return b;
}

void cip_bundle_anomalies(struct dissect *d, const struct cip_bundle *b, unsigned depth)
{
	if (!b->fits)
		dissect_anomaly(d, b->count == 0 ? ANOM_BAD_COUNT : ANOM_BAD_LENGTH);
	if (depth >= CIP_DEPTH_MAX)
		dissect_anomaly(d, ANOM_NESTED_TOO_DEEP);
}

/* DH+ addresses (link and node of either end, 8 bytes), then PCCC. */
static void tell_dhplus(struct cip_context *c, struct rd msg, bool response)
{
	struct dissect *d = c->d;

	dissect_dir(d, response ? DIR_RESPONSE : DIR_REQUEST);
	cip_set_head(c, SVC_EXECUTE_PCCC);
	rd_skip(&msg, 8);
	if (response) {
		cip_response_find(c, SVC_EXECUTE_PCCC);
		cip_response_subject(c, SVC_EXECUTE_PCCC);
		dissect_status(d, 0, cip_status_name(0));
		pccc_reply(d, msg);
	} else {
		cip_set_route(c);
		d->ev.cls = CIP_DHPLUS;
		d->ev.has |= HAS_CLASS;
		pccc_command(d, msg);
		cip_request_open(c, false, 0);
	}
	dissect_emit(d);
}

/* Bytes that only the object at the connection's end understands. */
static void tell_data(const struct cip_context *c, struct rd msg)
{
	struct dissect *d = c->d;

	dissect_dir(d, DIR_NOTIFY);
	d->ev.proto = PROTO_CIP;
	d->ev.op = OP_OTHER;
	d->ev.func_name = "connected_data";
	d->ev.unit = c->on->unit;
	d->ev.txn = c->on->txn;
	d->ev.has |= HAS_UNIT | HAS_TXN;
	cip_set_route(c);
	dissect_value(d, msg);
	dissect_emit(d);
}

void cip_message(struct dissect *d, struct rd msg, const struct cip_carrier *on)
{
	struct cip_context c = { .d = d, .on = on, .leads_to = CIP_NO_CLASS };
	const struct cip_conn *up = NULL, *down = NULL, *conn;
	bool response = rd_peek(&msg, 0) & 0x80;

	if (on->connected) {
		up = cip_conn_to_server(on->conns, on->unit);
		down = up ? NULL : cip_conn_to_client(on->conns, on->unit);
	}
	conn = up ? up : down;
	if (conn) {                                     /* the way to the target is known from its opening */
		memcpy(c.route, conn->route, conn->route_len);
		c.route_len = conn->route_len;
	}
	if (conn && conn->kind == CIP_CONN_DHPLUS)
		tell_dhplus(&c, msg, down != NULL);
	else if (conn && conn->kind == CIP_CONN_DATA)
		tell_data(&c, msg);
	else if (response)
		cip_response_tell(&c, msg);
	else
		cip_request_tell(&c, msg);
}

void cip_io(struct dissect *d, uint32_t connection, uint32_t sequence, struct rd data)
{
	dissect_dir(d, DIR_NOTIFY);
	d->ev.op = OP_OTHER;
	d->ev.func_name = "io_data";
	d->ev.flags |= EV_IO;
	d->ev.unit = connection;
	d->ev.txn = sequence;
	d->ev.has |= HAS_UNIT | HAS_TXN;
	dissect_value(d, data);
	dissect_emit(d);
}
