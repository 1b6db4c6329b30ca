/* EtherNet/IP: encapsulation, sessions, and the items that carry CIP.
 *
 * Spec: EIP-V2 = EtherNet/IP Adaptation of CIP, CIP Networks Library Volume 2, chapter 2
 *       (encapsulation), 3-2 (class 0 and 1 data over UDP).
 *
 *   encapsulation  command (2), length (2), session (4), status (4), sender context (8), options (4),
 *                  then `length` bytes of data. Little endian throughout.
 *   SendRRData, SendUnitData   interface (4, 0 is CIP), timeout (2), items
 *   items (CPF)    count (2), then type (2), length (2), data of each
 *   class 0/1      over UDP the items alone: sequenced address (0x8002), connected data (0xb1)
 *
 * Ports: TCP and UDP 44818, UDP 2222 for class 0/1; told apart by content, not by port.
 * Direction: requests and replies share a code. A status says reply; so do a session in
 * RegisterSession and items in the List commands; else the usual port and the flow's role decide.
 * Pairing: by sender context; CIP on a connection by its sequence count (cip.c).
 * Not decoded: CIP Security's DTLS, the legacy commands below 0x63, the List commands' items other
 * than the identity. */
#include "dissectors/cip.h"
#include "dissectors/cip_conn.h"
#include "dissectors/cip_identity.h"
#include "ot/dissector.h"

#define HEADER 24               /* EIP-V2 2-3 */
#define DATA_MAX 65511          /* 2-3.3 */
#define ITEMS_MAX 16            /* the standard needs four at most */
#define IO_HEADER 18            /* count, sequenced address item, head of the connected data item */

enum command {
	CMD_NOP = 0x00, CMD_LIST_SERVICES = 0x04, CMD_LIST_IDENTITY = 0x63, CMD_LIST_INTERFACES = 0x64,
	CMD_REGISTER_SESSION = 0x65, CMD_UNREGISTER_SESSION = 0x66, CMD_SEND_RR_DATA = 0x6f,
	CMD_SEND_UNIT_DATA = 0x70, CMD_INDICATE_STATUS = 0x72, CMD_CANCEL = 0x73, CMD_START_DTLS = 0xc8,
};

enum item {                             /* EIP-V2 2-6.2 */
	ITEM_NULL = 0x00, ITEM_IDENTITY = 0x0c, ITEM_CONNECTED_ADDRESS = 0xa1, ITEM_CONNECTED_DATA = 0xb1,
	ITEM_UNCONNECTED_DATA = 0xb2, ITEM_SEQUENCED_ADDRESS = 0x8002,
};

struct header {
	uint16_t command, length;
	uint32_t session, status, context, options;
};

static struct header read_header(struct rd *r)
{
	struct header h = { .command = rd_le16(r) };

	h.length = rd_le16(r);
	h.session = rd_le32(r);
	h.status = rd_le32(r);
	h.context = rd_le32(r);         /* the low half; the high one is not used for pairing */
	rd_skip(r, 4);
	h.options = rd_le32(r);
	return h;
}

/* EIP-V2 2-4; NULL: reserved for what came before the standard. */
static const char *command_name(uint16_t command)
{
	switch (command) {
	case CMD_NOP: return "nop";
	case CMD_LIST_SERVICES: return "list_services";
	case CMD_LIST_IDENTITY: return "list_identity";
	case CMD_LIST_INTERFACES: return "list_interfaces";
	case CMD_REGISTER_SESSION: return "register_session";
	case CMD_UNREGISTER_SESSION: return "unregister_session";
	case CMD_SEND_RR_DATA: return "send_rr_data";
	case CMD_SEND_UNIT_DATA: return "send_unit_data";
	case CMD_INDICATE_STATUS: return "indicate_status";
	case CMD_CANCEL: return "cancel";
	case CMD_START_DTLS: return "start_dtls";
	default: return NULL;
	}
}

static enum ot_op command_op(uint16_t command)
{
	switch (command) {
	case CMD_LIST_IDENTITY:
		return OP_IDENTIFY;
	case CMD_LIST_SERVICES: case CMD_LIST_INTERFACES: case CMD_INDICATE_STATUS:
		return OP_DIAGNOSE;
	case CMD_REGISTER_SESSION: case CMD_UNREGISTER_SESSION: case CMD_START_DTLS:
		return OP_SESSION;
	default:
		return OP_OTHER;
	}
}

/* EIP-V2 2-3.5. */
static const char *status_name(uint32_t status)
{
	switch (status) {
	case 0x00: return "success";
	case 0x01: return "unsupported_command";
	case 0x02: return "insufficient_memory";
	case 0x03: return "incorrect_data";
	case 0x64: return "invalid_session";
	case 0x65: return "invalid_length";
	case 0x69: return "unsupported_protocol_version";
	case 0x6a: return "service_not_allowed";
	default: return NULL;
	}
}

/* 2-4: reserved for legacy use up to 0xc7, apart from two ranges for the future. */
static bool is_command(uint16_t command)
{
	return command <= 0x05 || (command >= CMD_LIST_IDENTITY && command <= CMD_START_DTLS);
}

/* --- direction ------------------------------------------------------------------------ */

static const uint16_t encapsulation_port[4] = { 44818 };

/* What ports and history say of the sender: the usual port of this very packet before the flow's
 * role, unless that one rests on a message. */
static enum flow_role known_role(const struct dissect *d)
{
	enum flow_role port = dissect_port_role(d, encapsulation_port);

	if (d->ground == GROUND_CONTENT || port == ROLE_UNKNOWN)
		return (enum flow_role)d->role;
	return port;
}

static enum ot_dir by_role(const struct dissect *d, enum ot_dir of_server)
{
	return known_role(d) == ROLE_DST_CLIENT ? of_server : DIR_REQUEST;
}

/* The direction of a command without CIP, by its content where that tells. */
static enum ot_dir direction_of(const struct dissect *d, const struct header *h)
{
	if (h->status)
		return DIR_RESPONSE;
	switch (h->command) {
	case CMD_LIST_SERVICES: case CMD_LIST_IDENTITY: case CMD_LIST_INTERFACES:
		return h->length ? DIR_RESPONSE : by_role(d, DIR_RESPONSE);
	case CMD_REGISTER_SESSION:                      /* 2-4.4: the target hands the session out */
		if (h->session == 0)
			return DIR_REQUEST;
		return known_role(d) == ROLE_SRC_CLIENT ? DIR_REQUEST : DIR_RESPONSE;
	case CMD_NOP: case CMD_UNREGISTER_SESSION:      /* never answered; either side may send them */
		return by_role(d, DIR_NOTIFY);
	default:
		return by_role(d, DIR_RESPONSE);
	}
}

/* --- commands that carry no CIP --------------------------------------------------------- */

static bool fits_command(const struct dissect *d, const struct txn *t)
{
	return t->note[0] == CIP_NOTE_ENCAPSULATION && t->func == d->ev.func;
}

static bool fits_unconnected(const struct dissect *d, const struct txn *t)
{
	(void)d;
	return (t->note[0] & CIP_NOTE_KIND) == CIP_NOTE_UNCONNECTED;
}

static void pair(struct dissect *d, const struct header *h)
{
	struct txn *t;

	if (d->ev.dir == DIR_REQUEST) {
		if (h->command == CMD_NOP || h->command == CMD_UNREGISTER_SESSION)
			return;                         /* never answered */
		t = dissect_open(d, h->context);
		if (t)
			t->note[0] = CIP_NOTE_ENCAPSULATION;
		return;
	}
	if (d->ev.dir != DIR_RESPONSE)
		return;
	t = dissect_reply(d, h->context, TXN_KEY, fits_command);
	if (!t && h->command == CMD_SEND_RR_DATA) {     /* refused before CIP saw it: the request was CIP */
		t = dissect_reply(d, h->context, TXN_KEY, fits_unconnected);
		if (t && dissect_part(d, t, 0)) {
			d->ev.func = h->command;
			d->ev.has &= ~(uint32_t)HAS_SUB;
			d->ev.func_name = command_name(h->command);
		}
	}
}

static void start_command(struct dissect *d, const struct header *h, enum ot_dir dir)
{
	d->ev.proto = PROTO_ENIP;
	dissect_dir(d, dir);
	d->ev.func = h->command;
	d->ev.unit = h->session;
	d->ev.txn = h->context;
	d->ev.has |= HAS_FUNC | HAS_UNIT | HAS_TXN;
	d->ev.func_name = command_name(h->command);
	d->ev.op = (uint8_t)command_op(h->command);
	pair(d, h);
	if (dir == DIR_RESPONSE)
		dissect_status(d, h->status, status_name(h->status));
	if (!d->ev.func_name)
		dissect_anomaly(d, ANOM_UNKNOWN_FUNCTION);
}

/* ListIdentity, ListServices, ListInterfaces: the answer is a list of items. */
static void list_items(struct dissect *d, struct rd data)
{
	uint16_t count = rd_le16(&data);

	for (unsigned i = 0; i < count && data.left; i++) {
		uint16_t type = rd_le16(&data);
		struct rd item = rd_sub(&data, rd_le16(&data));

		if (i == ITEMS_MAX) {
			dissect_anomaly(d, ANOM_TOO_MANY_ITEMS);
			return;
		}
		if (!rd_ok(&item))
			break;
		if (type == ITEM_IDENTITY)
			cip_identity_item(d, item);
	}
	if (!rd_ok(&data))
		dissect_anomaly(d, ANOM_TRUNCATED_PDU);
	else if (data.left)
		dissect_anomaly(d, ANOM_TRAILING_BYTES);
}

static void command_pdu(struct dissect *d, const struct header *h, struct rd data)
{
	enum ot_dir dir = direction_of(d, h);

	start_command(d, h, dir);
	switch (h->command) {
	case CMD_LIST_SERVICES: case CMD_LIST_IDENTITY: case CMD_LIST_INTERFACES:
		if (h->length)
			list_items(d, data);
		break;
	case CMD_REGISTER_SESSION:
		if (h->length != 4 && (dir == DIR_REQUEST || h->status == 0))
			dissect_anomaly(d, ANOM_BAD_LENGTH);
		if (dir == DIR_REQUEST && h->session == 0)
			dissect_learn_role(d, true);
		else if (dir == DIR_RESPONSE)
			dissect_learn_role(d, false);
		break;
	case CMD_UNREGISTER_SESSION:
		if (h->length)
			dissect_anomaly(d, ANOM_BAD_LENGTH);
		break;
	default:
		break;
	}
	dissect_emit(d);
}

/* --- items that carry CIP --------------------------------------------------------------- */

struct items {
	struct rd message;              /* of the data item */
	uint32_t connection;
	uint16_t data_type;             /* of the data item; 0 none */
	bool connected;                 /* there is a connected address */
	uint64_t anomalies;
};

static uint64_t bit(enum ot_anomaly a)
{
	return UINT64_C(1) << a;
}

/* EIP-V2 2-6. Lengths that contradict the standard are noted, and such an item is not believed. */
static void read_item(struct items *it, uint16_t type, struct rd item, bool whole)
{
	switch (type) {
	case ITEM_CONNECTED_ADDRESS:
		it->connected = item.left == 4;
		if (!it->connected)
			it->anomalies |= bit(ANOM_BAD_LENGTH);
		it->connection = rd_le32(&item);
		break;
	case ITEM_NULL:
		if (item.left)
			it->anomalies |= bit(ANOM_BAD_LENGTH);
		break;
	case ITEM_CONNECTED_DATA: case ITEM_UNCONNECTED_DATA:
		if (it->data_type || !whole)
			break;
		it->message = item;
		it->data_type = type;
		break;
	default:
		break;
	}
}

static struct items read_items(const struct dissect *d, struct rd data)
{
	struct items it = { .anomalies = 0 };
	uint16_t count = rd_le16(&data);

	for (unsigned i = 0; i < count; i++) {
		uint16_t type = rd_le16(&data), length = rd_le16(&data);

		if (!rd_ok(&data) || i == ITEMS_MAX)
			break;
		bool whole = length <= data.left || d->cut;

		if (!whole)
			it.anomalies |= bit(ANOM_BAD_LENGTH);
		read_item(&it, type, rd_upto(&data, length), whole);
	}
	if (!rd_ok(&data) && !d->cut)
		it.anomalies |= bit(ANOM_TRUNCATED_PDU);
	if (count > ITEMS_MAX)
		it.anomalies |= bit(ANOM_TOO_MANY_ITEMS);
	else if (rd_ok(&data) && data.left)
		it.anomalies |= bit(ANOM_TRAILING_BYTES);
	return it;
}

/* SendRRData and SendUnitData: the CIP message is the event; without one the command is. */
static void send_pdu(struct dissect *d, const struct header *h, struct rd data)
{
	uint32_t interface = rd_le32(&data);
	struct items it = { .anomalies = 0 };

	rd_skip(&data, 2);
	if (rd_ok(&data) && interface == 0)
		it = read_items(d, data);

	struct cip_carrier on = { .conns = d->state, .unit = h->session, .txn = h->context };

	if (it.data_type == ITEM_CONNECTED_DATA && it.connected) {
		on.unit = it.connection;
		on.txn = rd_le16(&it.message);
		on.connected = true;
	}
	if ((on.connected || it.data_type == ITEM_UNCONNECTED_DATA) && it.message.left >= 2) {
		d->ev.anomalies |= it.anomalies;
		cip_message(d, it.message, &on);
		return;
	}
	start_command(d, h, h->status ? DIR_RESPONSE : by_role(d, DIR_RESPONSE));
	d->ev.anomalies |= it.anomalies;
	if (rd_ok(&data) && interface != 0)
		dissect_anomaly(d, ANOM_BAD_VALUE);
	else if (it.data_type && !on.connected && !it.anomalies)
		dissect_anomaly(d, ANOM_BAD_VALUE);     /* connected data without a connection */
	else if (h->status == 0 && !it.anomalies)
		dissect_anomaly(d, ANOM_TRUNCATED_PDU);
	dissect_emit(d);
}

/* Class 0 and 1 over UDP: the items alone. */
static void io_pdu(struct dissect *d, struct rd pdu)
{
	struct rd data;
	uint32_t connection, sequence;

	rd_skip(&pdu, 6);                               /* count, type and length: io_frame() saw them */
	connection = rd_le32(&pdu);
	sequence = rd_le32(&pdu);
	rd_skip(&pdu, 2);
	data = rd_upto(&pdu, rd_le16(&pdu));
	d->ev.proto = PROTO_CIP;
	cip_io(d, connection, sequence, data);
}

/* --- the dissector -------------------------------------------------------------------- */

/* 0x0002 is no command in use, so the count of two items tells class 0/1 from the encapsulation. */
static bool is_io(const struct rd *r)
{
	return rd_peek(r, 0) == 2 && rd_peek(r, 1) == 0 && rd_peek(r, 2) == 0x02 && rd_peek(r, 3) == 0x80;
}

static enum frame_verdict io_frame(struct rd head, uint32_t *len)
{
	uint16_t count = rd_le16(&head), type = rd_le16(&head), size = rd_le16(&head);

	rd_skip(&head, 8);

	uint16_t data_type = rd_le16(&head), data_size = rd_le16(&head);

	if (!rd_ok(&head))
		return FRAME_MORE;
	if (count != 2 || type != ITEM_SEQUENCED_ADDRESS || size != 8 || data_type != ITEM_CONNECTED_DATA)
		return FRAME_BAD;
	*len = IO_HEADER + (uint32_t)data_size;
	return FRAME_PDU;
}

static void enip_pdu(struct dissect *d, struct rd pdu)
{
	struct header h;
	struct rd data;

	if (is_io(&pdu)) {
		io_pdu(d, pdu);
		return;
	}
	h = read_header(&pdu);
	data = rd_rest(&pdu);
	if (h.command == CMD_SEND_UNIT_DATA || h.command == CMD_SEND_RR_DATA)
		send_pdu(d, &h, data);
	else
		command_pdu(d, &h, data);
}

static enum frame_verdict enip_frame(struct rd head, uint32_t *len)
{
	struct header h;
	uint32_t have = head.left;

	if (is_io(&head))
		return io_frame(head, len);
	h = read_header(&head);
	if (have >= 2 && !is_command(h.command))
		return FRAME_BAD;
	if (have < HEADER)
		return FRAME_MORE;
	if (h.options != 0 || h.status > UINT16_MAX)    /* 2-3.7: such a packet is to be discarded */
		return FRAME_BAD;
	if (h.length > DATA_MAX)
		return FRAME_MALFORMED;
	*len = HEADER + (uint32_t)h.length;
	return FRAME_PDU;
}

/* Interface 0, then an address item and a data item that reaches to the end of the message. */
static enum frame_verdict probe_send(struct rd data, const struct header *h)
{
	uint32_t interface = rd_le32(&data), length = h->length;
	uint16_t count, type, size;

	rd_skip(&data, 2);
	count = rd_le16(&data);
	type = rd_le16(&data);
	size = rd_le16(&data);
	if (!rd_ok(&data))
		return length < 16 ? FRAME_BAD : FRAME_MORE;
	if (interface != 0 || count < 2 || count > 4 || h->session == 0)
		return FRAME_BAD;
	if (!(type == ITEM_NULL && size == 0) && !(type == ITEM_CONNECTED_ADDRESS && size == 4))
		return FRAME_BAD;
	rd_skip(&data, size);

	uint16_t want = type == ITEM_NULL ? ITEM_UNCONNECTED_DATA : ITEM_CONNECTED_DATA;
	uint16_t got = rd_le16(&data), data_size = rd_le16(&data);

	if (!rd_ok(&data))
		return FRAME_MORE;
	return got == want && 16u + size + data_size <= length ? FRAME_PDU : FRAME_BAD;
}

static enum frame_verdict probe_list(struct rd data, const struct header *h, bool whole)
{
	uint16_t count, type, size;

	if (h->length == 0)                             /* a request: everything but the context is fixed */
		return h->session == 0 && h->status == 0 && whole && data.left == 0 ? FRAME_PDU : FRAME_BAD;
	count = rd_le16(&data);
	type = rd_le16(&data);
	size = rd_le16(&data);
	if (!rd_ok(&data))
		return FRAME_MORE;
	if (h->command == CMD_LIST_IDENTITY)
		return count == 1 && type == ITEM_IDENTITY && size + 6u <= h->length && size >= 33 ? FRAME_PDU : FRAME_BAD;
	return h->command == CMD_LIST_SERVICES && count == 1 && type == 0x100 && size + 6u == h->length ?
	       FRAME_PDU : FRAME_BAD;
}

static enum frame_verdict enip_probe(struct rd head, bool whole)
{
	uint32_t len, have = head.left;
	enum frame_verdict v = enip_frame(head, &len);
	struct header h;

	if (v != FRAME_PDU)
		return v == FRAME_MORE && !whole ? FRAME_MORE : FRAME_BAD;
	if (is_io(&head))
		return whole && len == have ? FRAME_PDU : FRAME_BAD;
	if (whole && len > have)
		return FRAME_BAD;
	h = read_header(&head);
	if (h.status && !status_name(h.status))
		return FRAME_BAD;
	switch (h.command) {
	case CMD_SEND_RR_DATA: case CMD_SEND_UNIT_DATA:
		v = probe_send(head, &h);
		break;
	case CMD_LIST_SERVICES: case CMD_LIST_IDENTITY:
		v = probe_list(head, &h, whole);
		break;
	case CMD_REGISTER_SESSION:                      /* 2-4.4: version 1, no options */
		if (h.length != 4)
			return FRAME_BAD;
		v = head.left < 4 ? FRAME_MORE : rd_le32(&head) == 1 ? FRAME_PDU : FRAME_BAD;
		break;
	default:
		return FRAME_BAD;                       /* too little that is fixed */
	}
	return v == FRAME_MORE && whole ? FRAME_BAD : v;
}

static void enip_bad(struct dissect *d, struct rd head)
{
	struct header h = read_header(&head);

	start_command(d, &h, h.status ? DIR_RESPONSE : by_role(d, DIR_RESPONSE));
	dissect_anomaly(d, ANOM_BAD_LENGTH);
	dissect_emit(d);
}

const struct dissector dissector_enip = {
	.name = "enip",
	.title = "EtherNet/IP and CIP",
	.spec = "The CIP Networks Library Volume 1 (CIP) and Volume 2 (EtherNet/IP); Rockwell 1756-PM020; "
		"Allen-Bradley 1770-6.5.16 (PCCC)",
	.tcp_ports = { 44818 },
	.udp_ports = { 44818, 2222 },
	.max_pdu = HEADER + DATA_MAX,
	.state_size = sizeof(struct cip_conns),
	.proto = PROTO_ENIP,
	.probe = enip_probe,
	.frame = enip_frame,
	.pdu = enip_pdu,
	.bad = enip_bad,
};
_Static_assert(sizeof(struct cip_conns) <= DISSECT_STATE_MAX, "the flow's state is bounded");
