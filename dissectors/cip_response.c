/* CIP responses: what became of a request.
 *
 * Spec: CIP-V1 as in cip.c. */
#include "dissectors/cip_conn.h"
#include "dissectors/cip_identity.h"
#include "dissectors/cip_manager.h"
#include "dissectors/cip_part.h"
#include "dissectors/cip_table.h"
#include "dissectors/pccc.h"

#include <string.h>

static bool fits_unconnected(const struct dissect *d, const struct txn *t)
{
	(void)d;
	return (t->note[0] & CIP_NOTE_KIND) == CIP_NOTE_UNCONNECTED;
}

static bool fits_sent_on(const struct dissect *d, const struct txn *t)
{
	(void)d;
	return t->note[0] & CIP_NOTE_SENT_ON;
}

/* On a connection the answer bears the other direction's id. */
static bool fits_connection(const struct dissect *d, const struct txn *t)
{
	const struct cip_conn *c = cip_conn_to_client(d->state, d->ev.unit);

	if ((t->note[0] & CIP_NOTE_KIND) != CIP_NOTE_CONNECTED || t->func != d->ev.func)
		return false;
	if (c)
		return t->unit == c->to_server;
	c = cip_conn_to_server(d->state, t->unit);
	return !c || !c->to_client;
}

static bool fits_any_connection(const struct dissect *d, const struct txn *t)
{
	return (t->note[0] & CIP_NOTE_KIND) == CIP_NOTE_CONNECTED && t->func == d->ev.func;
}

static struct txn *find_connected(const struct cip_context *c)
{
	struct dissect *d = c->d;
	const struct cip_conn *known = cip_conn_to_client(c->on->conns, d->ev.unit);
	struct txn *t = dissect_reply(d, c->on->txn, TXN_KEY, fits_connection);

	if (!t && (!known || known->learned))           /* what was learned may have been wrong */
		t = dissect_reply(d, c->on->txn, TXN_KEY, fits_any_connection);
	if (t && !known)
		cip_conn_learn(c->on->conns, t->unit, d->ev.unit);
	return t;
}

/* The services of a packet all answer the same request. */
static void keep_pairing(struct cip_context *c)
{
	const struct ot_event *e = &c->d->ev;

	c->pairing = e->has & (HAS_REQUEST | HAS_LATENCY);
	c->latency_us = e->latency_us;
	c->req_frame = e->req_frame;
	c->req_pdu = e->req_pdu;
	c->req_capture = e->req_capture;
	c->req_seq = e->req_seq;
}

static void set_pairing(const struct cip_context *c)
{
	struct ot_event *e = &c->d->ev;

	e->has |= c->pairing;
	e->latency_us = c->latency_us;
	e->req_frame = c->req_frame;
	e->req_pdu = c->req_pdu;
	e->req_capture = c->req_capture;
	e->req_seq = c->req_seq;
}

void cip_response_find(struct cip_context *c, uint8_t service)
{
	struct txn *t = c->on->connected ? find_connected(c) :
			dissect_reply(c->d, c->on->txn, TXN_LOOSE, fits_unconnected);

	if (!t && service == SVC_UNCONNECTED_SEND)
		t = dissect_reply(c->d, c->on->txn, TXN_KEY, fits_sent_on);
	c->answered = t;
	keep_pairing(c);
}

static void response_status(struct dissect *d, uint8_t status, struct rd ext)
{
	dissect_status(d, status, cip_status_name(status));
	if (status == 0x06)                             /* CIP-V1 B-1: partial transfer, more will follow */
		d->ev.outcome = OUTCOME_OK;
	while (ext.left >= 2 && d->ev.status_exts < OT_STATUS_EXT_MAX)
		d->ev.status_ext[d->ev.status_exts++] = rd_le16(&ext);
}

/* The request's body, or what can be said of a service whose class nobody saw. */
void cip_response_subject(struct cip_context *c, uint8_t service)
{
	struct dissect *d = c->d;

	if (c->answered && dissect_part(d, c->answered, c->index++)) {
		if (d->ev.func != service) {
			if (service == SVC_UNCONNECTED_SEND && c->answered->note[0] & CIP_NOTE_SENT_ON)
				d->ev.func_name = "unconnected_send";
			else
				dissect_anomaly(d, ANOM_UNEXPECTED_RESPONSE);
			d->ev.func = service;
		}
	} else {
		struct cip_service is = cip_service_of(service, CIP_NO_CLASS);

		d->ev.op = is.op;
		d->ev.act = is.act;
		d->ev.func_name = is.name;
		cip_set_route(c);
	}
}

static void identity_body(struct dissect *d, struct rd data)
{
	if (!(d->ev.has & HAS_BLOCK) || d->ev.block != 1 || d->ev.path_len)
		return;
	if (d->ev.func == SVC_GET_ALL)
		cip_identity_all(d, data);
	else if (d->ev.func == SVC_GET_LIST)
		cip_identity_list(d, data);
	else if (d->ev.func == SVC_GET_SINGLE && d->ev.has & HAS_FIRST)
		cip_identity_single(d, d->ev.first, data);
}

static void response_body(struct cip_context *c, struct rd data)
{
	struct dissect *d = c->d;
	uint32_t cls = d->ev.has & HAS_CLASS ? d->ev.cls : CIP_NO_CLASS;
	bool open = d->ev.func == SVC_FORWARD_OPEN || d->ev.func == SVC_LARGE_FORWARD_OPEN;

	if (cls == CIP_PCCC && d->ev.func == SVC_EXECUTE_PCCC) {
		pccc_response(d, data);
		return;
	}
	if (open && (cls == CIP_CONNECTION_MANAGER || (!c->answered && cip_manager_is_open_response(data))))
		cip_manager_open_response(d, data, c->on->conns, c->answered ? c->answered->note[1] : CIP_NO_CLASS);
	else if (d->ev.func == SVC_FORWARD_CLOSE && cls == CIP_CONNECTION_MANAGER)
		cip_manager_close_response(d, data, c->on->conns);
	else if (cls == CIP_IDENTITY)
		identity_body(d, data);
	if (data.left && (d->ev.op == OP_READ || d->ev.act == ACT_PROGRAM_UPLOAD))
		dissect_value(d, data);
}

static void tell_response(struct cip_context *c, struct rd msg, uint16_t part, unsigned depth);

static void response_services(struct cip_context *c, const struct cip_bundle *b, uint16_t part, unsigned depth)
{
	struct rd offsets = b->offsets;
	uint16_t n = 0;

	while (offsets.left) {
		struct rd service = cip_next_service(b->whole, &offsets);

		n++;
		dissect_reset(c->d);
		if (service.left < 4 && c->d->cut)
			break;
		tell_response(c, service, part ? part : n, depth + 1);
	}
}

/* One response and what it holds; part 0: the PDU's own. */
static void tell_response(struct cip_context *c, struct rd msg, uint16_t part, unsigned depth)
{
	struct dissect *d = c->d;
	uint8_t service = rd_u8(&msg) & 0x7f, status, words;
	struct rd ext;

	rd_skip(&msg, 1);
	status = rd_u8(&msg);
	words = rd_u8(&msg);
	ext = rd_upto(&msg, 2u * words);
	dissect_dir(d, DIR_RESPONSE);
	cip_set_head(c, service);
	if (part == 0)
		cip_response_find(c, service);
	else
		set_pairing(c);
	cip_response_subject(c, service);
	if (!rd_ok(&msg) || ext.left < 2u * words)
		dissect_anomaly(d, ANOM_TRUNCATED_PDU);
	if (rd_ok(&msg))
		response_status(d, status, ext);
	if (service != SVC_MULTIPLE) {
		if (status == 0 || status == 0x06)
			response_body(c, msg);
		cip_emit(c, part);
		return;
	}
	if (msg.left == 0 && status != 0) {             /* refused as a whole */
		cip_emit(c, part);
		return;
	}

	struct cip_bundle b = cip_read_bundle(d, msg);

	cip_bundle_anomalies(d, &b, depth);
	if (part == 0) {
		d->ev.parts = c->parts = b.count;
		if (c->answered && c->answered->note[2] != b.count)
			dissect_anomaly(d, ANOM_UNEXPECTED_RESPONSE);
	}
	cip_emit(c, part);
	if (b.fits && depth < CIP_DEPTH_MAX)
		response_services(c, &b, part, depth);
}

void cip_response_tell(struct cip_context *c, struct rd msg)
{
	tell_response(c, msg, 0, 0);
}
