/* Connections: how they are opened and closed.
 *
 * Spec: CIP-V1 = CIP Volume 1, 3-5.5.2 (Forward Open), 3-5.5.3 (Forward Close). The originator is the
 * client: what it receives on is the T->O id, what the target receives on the O->T id. */
#include "dissectors/cip_manager.h"

#include "dissectors/cip_conn.h"
#include "dissectors/cip_path.h"
#include "dissectors/cip_table.h"
#include "ot/dissector.h"

#include <string.h>

static uint32_t connection_path(struct dissect *d, struct rd *data, uint8_t words)
{
	struct rd path = rd_upto(data, 2u * words);
	struct cip_path where = cip_path_scan(path);

	cip_path_route(d, path);
	cip_path_text(d, path);
	if (!rd_ok(data) || path.left < 2u * words)
		dissect_anomaly(d, ANOM_TRUNCATED_PDU);
	return where.has & CIP_PATH_CLASS ? where.cls : CIP_NO_CLASS;
}

/* Tick, ticks; O->T and T->O id; serial, vendor, originator; multiplier, 3 reserved; for each direction
 * interval (4) and parameters (2, or 4 in the large form); transport; path. */
uint32_t cip_manager_open_request(struct dissect *d, struct rd data, bool large)
{
	rd_skip(&data, 2 + 8 + 8 + 4 + 2 * (large ? 8 : 6) + 1);
	return connection_path(d, &data, rd_u8(&data));
}

/* Tick, ticks; serial, vendor, originator; path size, reserved, path. */
void cip_manager_close_request(struct dissect *d, struct rd data)
{
	uint8_t words;

	rd_skip(&data, 2 + 8);
	words = rd_u8(&data);
	rd_skip(&data, 1);
	connection_path(d, &data, words);
}

bool cip_manager_is_open_response(struct rd data)
{
	uint8_t words;

	rd_skip(&data, 24);
	words = rd_u8(&data);
	rd_skip(&data, 1);
	return rd_ok(&data) && data.left == 2u * words;
}

static void tell_connection(struct dissect *d, const struct cip_conn *c)
{
	d->ev.conn_server = c->to_server;
	d->ev.conn_client = c->to_client;
	d->ev.has |= HAS_CONNECTION;
}

static enum cip_conn_kind kind_of(uint32_t cls)
{
	if (cls == CIP_NO_CLASS || cls == CIP_MESSAGE_ROUTER)
		return CIP_CONN_EXPLICIT;
	return cls == CIP_DHPLUS ? CIP_CONN_DHPLUS : CIP_CONN_DATA;
}

void cip_manager_open_response(struct dissect *d, struct rd data, struct cip_conns *all, uint32_t cls)
{
	struct cip_conn c = { .to_server = rd_le32(&data), .kind = (uint8_t)kind_of(cls) };

	c.to_client = rd_le32(&data);
	c.serial = rd_le16(&data);
	c.vendor = rd_le16(&data);
	c.originator = rd_le32(&data);
	rd_skip(&data, 8);                              /* the actual intervals */
	if (!rd_ok(&data)) {
		dissect_anomaly(d, ANOM_TRUNCATED_PDU);
		return;
	}
	if (d->ev.route_len <= sizeof c.route) {
		memcpy(c.route, d->ev.route, d->ev.route_len);
		c.route_len = (uint8_t)d->ev.route_len;
	}
	if (c.to_server || c.to_client)
		cip_conn_open(all, &c);
	tell_connection(d, &c);
}

void cip_manager_close_response(struct dissect *d, struct rd data, struct cip_conns *all)
{
	uint16_t serial = rd_le16(&data);
	uint16_t vendor = rd_le16(&data);
	uint32_t originator = rd_le32(&data);
	struct cip_conn was;

	if (!rd_ok(&data))
		dissect_anomaly(d, ANOM_TRUNCATED_PDU);
	else if (cip_conn_close(all, vendor, serial, originator, &was))
		tell_connection(d, &was);
}
