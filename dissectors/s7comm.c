/* S7comm and S7comm-plus over ISO on TCP: the frame, the fragments, and who is meant.
 *
 * Spec: RFC 1006, ITU-T X.224 (see iso.c). Siemens publishes no document of S7comm; what is decoded
 * here is what captures of its stations show and what Wireshark's users and the Snap7 documentation
 * describe of it.
 *
 * PDU:  0x32 | rosctr | redundancy id 2 | PDU reference 2 | parameter length 2 | data length 2 |
 *       error class, error code (rosctr 2 and 3 only) | parameter | data
 * Port: TCP 102, which S7comm-plus (0x72), MMS and ICCP share: which one it is stands behind COTP.
 * What is none of ours says nothing here.
 * Pairing: the PDU reference, together with the function. Downloads turn the roles around: the PLC
 * sends the jobs 0x1b and 0x1c, and they belong to the station that requested the download.
 * Unit: the second byte of the called TSAP (rack and slot), when the connect was seen.
 * Not decoded: program code in blocks, message texts, what is in S7comm-plus objects beyond their ids. */
#include "dissectors/iso.h"
#include "dissectors/s7_plus.h"

#include <assert.h>
#include <string.h>

#define S7_ID 0x32
#define S7_PLUS_ID 0x72
#define HEADER_MIN 10           /* bytes; two more with rosctr 2 and 3 */

static_assert(sizeof(struct s7_state) <= DISSECT_STATE_MAX, "the state of a flow");

static bool has_error(uint8_t rosctr)
{
	return rosctr == ROSCTR_ACK || rosctr == ROSCTR_ACK_DATA;
}

static bool known_rosctr(uint8_t rosctr)
{
	return rosctr == ROSCTR_JOB || rosctr == ROSCTR_USERDATA || has_error(rosctr);
}

void s7_next_part(struct s7 *s)
{
	struct ot_event *e = &s->d->ev;

	e->has &= ~(uint32_t)(HAS_CLASS | HAS_BLOCK | HAS_FIRST | HAS_COUNT | HAS_VALUE | HAS_STATUS | HAS_IDENTITY);
	e->space = NULL;
	e->granule = GRANULE_NONE;
	e->outcome = OUTCOME_NONE;
	e->status = 0;
	e->status_name = NULL;
	e->tag_len = e->path_len = e->route_len = 0;
	e->value_len = 0;
	e->value_total = 0;
	e->anomalies = s->anomalies;
}

void s7_emit_part(struct s7 *s, unsigned i, unsigned n)
{
	if (n > 1)
		dissect_emit_part(s->d, (uint16_t)(i + 1), (uint16_t)n);
	else
		dissect_emit(s->d);
}

void s7_short(struct s7 *s)
{
	if (!s->d->cut)
		dissect_anomaly(s->d, ANOM_TRUNCATED_PDU);
}

bool s7_header_error(struct s7 *s)
{
	if (!s->error)
		return false;
	dissect_status(s->d, s->error, s7_error_name(s->error));
	return true;
}

/* A window of n bytes, or of what there is of them. */
static struct rd declared(struct s7 *s, struct rd *r, uint16_t n)
{
	if (r->left < n)
		s7_short(s);
	return rd_upto(r, n);
}

static void s7_pdu(struct dissect *d, struct s7_state *st, struct rd whole)
{
	struct s7 s = { .d = d, .st = st };
	uint8_t rosctr;
	uint16_t param, data;

	rd_skip(&whole, 1);
	rosctr = rd_u8(&whole);
	rd_skip(&whole, 2);
	s.ref = rd_be16(&whole);
	param = rd_be16(&whole);
	data = rd_be16(&whole);
	if (has_error(rosctr))
		s.error = rd_be16(&whole);
	if (!st->sure[d->direction]) {
		if (!rd_ok(&whole) || !known_rosctr(rosctr) || (uint32_t)param + data != whole.left)
			return;         /* perhaps the tail of a message whose head was not seen */
		st->sure[d->direction] = 1;
	}
	d->ev.rosctr = rosctr;
	d->ev.has |= HAS_ROSCTR;
	if (st->has_slot) {
		d->ev.unit = st->slot;
		d->ev.has |= HAS_UNIT;
	}
	if (rd_ok(&whole)) {
		d->ev.txn = s.ref;
		d->ev.has |= HAS_TXN;
	} else {
		s7_short(&s);
	}
	s.param = declared(&s, &whole, param);
	s.data = declared(&s, &whole, data);
	if (whole.left)
		dissect_anomaly(d, ANOM_TRAILING_BYTES);
	s.anomalies = d->ev.anomalies;
	switch (rosctr) {
	case ROSCTR_JOB:
		s7_job(&s);
		return;
	case ROSCTR_ACK: case ROSCTR_ACK_DATA:
		s7_ack(&s, rosctr == ROSCTR_ACK_DATA);
		return;
	case ROSCTR_USERDATA:
		s7_userdata(&s);
		return;
	default:
		dissect_dir(d, DIR_NOTIFY);
		dissect_anomaly(d, ANOM_UNKNOWN_FUNCTION);
		dissect_emit(d);
	}
}

static void message(struct dissect *d, struct s7_state *st, struct rd whole)
{
	if (rd_peek(&whole, 0) == S7_ID) {
		d->ev.proto = PROTO_S7COMM;
		s7_pdu(d, st, whole);
	} else if (rd_peek(&whole, 0) == S7_PLUS_ID) {
		d->ev.proto = PROTO_S7COMM_PLUS;
		s7_plus(d, st, whole);
	}
}

/* A message that could not be put together: said once, and the rest of it passed over. */
static void lost_fragments(struct dissect *d, struct s7_state *st, bool eot)
{
	st->skip[d->direction] = !eot;
	d->ev.proto = st->joining[d->direction] == S7_PLUS_ID ? PROTO_S7COMM_PLUS : PROTO_S7COMM;
	if (d->ev.proto == PROTO_S7COMM) {
		d->ev.rosctr = st->joining_rosctr[d->direction];
		d->ev.has |= HAS_ROSCTR;
	}
	dissect_dir(d, DIR_NOTIFY);
	dissect_emit(d);
}

/* RFC 8446 section 5.1: the type of a TLS record. */
static bool is_tls(uint8_t type)
{
	return type >= 20 && type <= 24;
}

static void data_tpdu(struct dissect *d, struct s7_state *st, const struct iso_tpdu *t)
{
	bool joining = dissect_join_open(d, S7_JOIN_COTP);
	uint8_t id = rd_peek(&t->data, 0);
	struct rd whole;

	if (st->skip[d->direction]) {
		st->skip[d->direction] = !t->eot;
		return;
	}
	if (!joining) {
		if (t->data.left == 0)
			return;         /* a DT with nothing in it: some stations send them between jobs */
		if (id != S7_ID && id != S7_PLUS_ID) {
			st->skip[d->direction] = !t->eot;
			if (st->plus_tls && is_tls(id))
				s7_plus_opaque(d, "opaque");
			return;
		}
		st->joining[d->direction] = id;
		st->joining_rosctr[d->direction] = rd_peek(&t->data, 1);
	}
	if (d->cut && (joining || !t->eot)) {
		dissect_join_drop(d, S7_JOIN_COTP);
		st->skip[d->direction] = !t->eot;
		return;
	}
	if (dissect_join(d, S7_JOIN_COTP, t->data, t->eot, &whole))
		message(d, st, whole);
	else if (d->ev.anomalies & 1ull << ANOM_INCOMPLETE_FRAGMENTS)
		lost_fragments(d, st, t->eot);
}

static void s7comm_pdu(struct dissect *d, struct rd pdu)
{
	struct s7_state *st = d->state;
	struct iso_tpdu t;

	if (!iso_read(pdu, &t))
		return;
	switch (t.kind) {
	case ISO_CONNECT:
		memset(st, 0, sizeof *st);
		dissect_join_drop(d, S7_JOIN_COTP);
		dissect_join_drop(d, S7_JOIN_USERDATA);
		/* fall through */
	case ISO_CONFIRM:
		st->sure[0] = st->sure[1] = 1;
		dissect_learn_role(d, t.kind == ISO_CONNECT);
		if (t.has_called) {
			st->has_slot = 1;
			st->slot = t.called[1];
		}
		return;
	case ISO_DATA:
		data_tpdu(d, st, &t);
		return;
	case ISO_OTHER:
		return;
	}
}

static void s7comm_gap(struct dissect *d)
{
	struct s7_state *st = d->state;

	dissect_join_drop(d, S7_JOIN_COTP);
	dissect_join_drop(d, S7_JOIN_USERDATA);
	st->skip[d->direction] = 0;
	st->sure[d->direction] = 0;
	st->plus_more[d->direction] = 0;
	st->units[d->direction].open = 0;
}

/* The head of a S7comm message: every length must add up. */
static bool plausible(struct rd body, bool eot)
{
	uint32_t all = body.left, sum;
	uint8_t rosctr;

	rd_skip(&body, 1);
	rosctr = rd_u8(&body);
	if (!known_rosctr(rosctr) || rd_be16(&body) != 0)
		return false;
	rd_skip(&body, 2);
	sum = HEADER_MIN + (has_error(rosctr) ? 2u : 0u);
	sum += rd_be16(&body);
	sum += rd_be16(&body);
	return rd_ok(&body) && (eot ? sum == all : sum > all);
}

static enum frame_verdict s7comm_probe(struct rd head, bool whole)
{
	struct rd packet;
	struct iso_tpdu t;
	uint32_t len = 0;
	enum frame_verdict v = iso_frame(head, &len);

	if (v == FRAME_PDU && rd_peek(&head, 1) != 0)
		return FRAME_BAD;       /* RFC 1006 section 6: reserved */
	if (v == FRAME_PDU && len > head.left)
		v = FRAME_MORE;
	if (v == FRAME_MORE)
		return whole ? FRAME_BAD : FRAME_MORE;
	if (v != FRAME_PDU)
		return FRAME_BAD;
	packet = rd_sub(&head, len);
	if (!iso_read(packet, &t))
		return FRAME_BAD;
	if (t.kind == ISO_CONNECT || t.kind == ISO_CONFIRM)
		return iso_connect_plausible(packet) ? FRAME_PDU : FRAME_BAD;
	if (t.kind != ISO_DATA)
		return FRAME_BAD;
	if (rd_peek(&t.data, 0) == S7_ID)
		return plausible(t.data, t.eot) ? FRAME_PDU : FRAME_BAD;
	if (rd_peek(&t.data, 0) == S7_PLUS_ID)
		return s7_plus_plausible(t.data) ? FRAME_PDU : FRAME_BAD;
	return FRAME_BAD;
}

const struct dissector dissector_s7comm = {
	.name = "s7comm",
	.title = "S7comm and S7comm-plus",
	.spec = "RFC 1006; ITU-T X.224 (11/1995); S7comm itself is unpublished",
	.tcp_ports = { 102 },
	.max_pdu = ISO_TPDU_MAX,
	.state_size = sizeof(struct s7_state),
	.proto = PROTO_S7COMM,
	.probe = s7comm_probe,
	.frame = iso_frame,
	.pdu = s7comm_pdu,
	.gap = s7comm_gap,
};
