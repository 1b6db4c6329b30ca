#include "expr/field.h"

#include "base/names.h"

#include <stdio.h>

_Static_assert(PROTO_COUNT <= 16, "a protocol has a bit in the signature");
_Static_assert(OP_COUNT <= 8 && ACT_COUNT <= 24, "operations and acts have bits in the signature");
_Static_assert(OUTCOME_UNKNOWN < 6 && VERDICT_UNZONED < 4 && DIR_NOTIFY < 3, "these have bits in the signature");
_Static_assert(APP_COUNT <= 255 && CATEGORY_COUNT <= 64 && RISK_COUNT <= 16, "words of labels");
_Static_assert(ANOM_COUNT <= 64, "anomalies are a set of bits");

const struct sig_place sig_place[SIG_COUNT] = {
	[SIG_PROTO] = { 0, 16 }, [SIG_OP] = { 16, 8 }, [SIG_ACT] = { 24, 24 }, [SIG_DIR] = { 48, 3 },
	[SIG_OUTCOME] = { 51, 6 }, [SIG_VERDICT] = { 57, 4 }, [SIG_ANOMALY] = { 61, 2 },
};

static const char *space_word(unsigned i)
{
	static const char *const words[] = {
		"coils", "discrete_inputs", "input_registers", "holding_registers", "fifo", "file",
		"db", "di", "inputs", "outputs", "flags", "peripheral", "local", "v", "timers", "counters",
		"system_info", "system_flags", "analog_inputs", "analog_outputs", "block", "szl",
	};
	return i < sizeof words / sizeof words[0] ? words[i] : NULL;
}

static const char *day_word(unsigned i)
{
	static const char *const words[] = { "mon", "tue", "wed", "thu", "fri", "sat", "sun" };

	return i < 7 ? words[i] : NULL;
}

static const char *bool_word(unsigned i)
{
	return i ? "true" : "false";
}

#define M REACH_MESSAGE
#define E REACH_ENDPOINT
#define BOOL TYPE_BOOL, .word = bool_word, .words = 2
#define PROTO_WORDS .word = ot_proto_word, .from = 1, .words = PROTO_COUNT
#define VERDICT_WORDS .word = ot_verdict_word, .from = 1, .words = VERDICT_UNZONED + 1

#define NAMED_PROTO(n, id, what) { .name = n, .help = "true for messages of " what, .type = BOOL, .reach = M, .arg = id, \
	.sig = SIG_PROTO, .get = get_is_proto }

#define SIDE(p, which, r, who, portf) \
	{ .name = p ".ip", .help = "address of " who, .type = TYPE_ADDR, .reach = r, .arg = which, .get = get_ip }, \
	{ .name = p ".port", .help = "TCP or UDP port of " who, .type = TYPE_NUMBER, .reach = r, .flags = portf, .arg = which, \
	  .get = get_port }, \
	{ .name = p ".mac", .help = "MAC address of " who ", as this packet shows it (a router's when routed)", \
	  .type = TYPE_MAC, .reach = r, .flags = FIELD_VOLATILE, .arg = which, .get = get_mac }, \
	{ .name = p ".zone", .help = "zone of " who, .type = TYPE_NAME, .reach = r, .flags = FIELD_SITE, .arg = which, \
	  .names = NAMES_ZONE, .get = get_zone }, \
	{ .name = p ".level", .help = "Purdue level of that zone, 0 to 5; 3.5 is the DMZ", .type = TYPE_LEVEL, .reach = r, \
	  .flags = FIELD_SITE, .arg = which, .get = get_level }, \
	{ .name = p ".asset", .help = "name of " who " in the site's assets", .type = TYPE_NAME, .reach = r, \
	  .flags = FIELD_SITE, .arg = which, .names = NAMES_ASSET, .get = get_asset }, \
	{ .name = p ".role", .help = "role of that asset", .type = TYPE_NAME, .reach = r, .flags = FIELD_SITE, .arg = which, \
	  .names = NAMES_ROLE, .get = get_role }, \
	{ .name = p ".listed", .help = "the site lists " who " as an asset; does not apply when it lists none at all", \
	  .type = BOOL, .reach = r, .flags = FIELD_SITE, .arg = which, .get = get_listed }, \
	{ .name = p ".segment", .help = "network segment in which the packet was seen", .type = TYPE_NAME, .reach = r, \
	  .flags = FIELD_SITE, .arg = which, .names = NAMES_SEGMENT, .get = get_segment }, \
	{ .name = p ".public", .help = who " has a public (internet) address", .type = BOOL, .reach = r, .arg = which, \
	  .get = get_public }, \
	{ .name = p ".geo.country", .help = "country of " who ", ISO 3166 code of two letters, in a database given with --geo", \
	  .type = TYPE_TEXT, .reach = r, .arg = which, .get = get_country }, \
	{ .name = p ".geo.name", .help = "name of that country", .type = TYPE_TEXT, .reach = r, .arg = which, .get = get_country_name }, \
	{ .name = p ".asn", .help = "number of the network (autonomous system) of " who ", in a database given with --geo", \
	  .type = TYPE_NUMBER, .reach = r, .arg = which, .get = get_asn }, \
	{ .name = p ".org", .help = "organisation of that network", .type = TYPE_TEXT, .reach = r, .arg = which, .get = get_org }

#define NUM(n, r, f, g, a, h) { .name = n, .help = h, .type = TYPE_NUMBER, .reach = r, .flags = f, .arg = a, .get = g }
#define TXT(n, f, g, a, h) { .name = n, .help = h, .type = TYPE_TEXT, .reach = M, .flags = f, .arg = a, .get = g }
#define OF(p, n, t, f, g, a, h) { .name = n, .help = h, .type = t, .reach = M, .flags = f, .arg = a, .proto = p, .get = g }
#define ASKED FIELD_ASKED
#define VOL FIELD_VOLATILE
#define ANS FIELD_ANSWER

const struct field fields[] = {
	{ .name = "proto", .help = "protocol", .type = TYPE_ENUM, .reach = M, .sig = SIG_PROTO, .get = get_proto, PROTO_WORDS },
	NAMED_PROTO("modbus", PROTO_MODBUS, "Modbus/TCP, also over UDP"),
	NAMED_PROTO("s7comm", PROTO_S7COMM, "S7comm (protocol id 0x32)"),
	NAMED_PROTO("s7", PROTO_S7COMM, "S7comm, as s7comm"),
	NAMED_PROTO("s7comm-plus", PROTO_S7COMM_PLUS, "S7comm-plus (protocol id 0x72)"),
	NAMED_PROTO("s7plus", PROTO_S7COMM_PLUS, "S7comm-plus, as s7comm-plus"),
	NAMED_PROTO("enip", PROTO_ENIP, "EtherNet/IP encapsulation commands that carry no CIP"),
	NAMED_PROTO("cip", PROTO_CIP, "CIP, also inside EtherNet/IP"),
	{ .name = "tcp", .help = "came over TCP", .type = BOOL, .reach = E, .arg = FLAG_TCP, .get = get_flag },
	{ .name = "udp", .help = "came over UDP", .type = BOOL, .reach = E, .arg = FLAG_UDP, .get = get_flag },
	NUM("ip.proto", E, 0, get_head, HEAD_IP_PROTO, "protocol number of the IP header: 6 TCP, 17 UDP"),
	{ .name = "dir", .help = "request, response, or notify (unsolicited or cyclic)", .type = TYPE_ENUM, .reach = M, .flags = ANS, .sig = SIG_DIR,
	  .arg = ENUM_DIR, .get = get_enum, .word = ot_dir_word, .words = DIR_NOTIFY + 1 },
	{ .name = "op", .help = "what kind of operation it is", .type = TYPE_ENUM, .reach = M, .sig = SIG_OP, .arg = ENUM_OP,
	  .get = get_enum, .word = ot_op_word, .words = OP_COUNT },
	{ .name = "act", .help = "what it amounts to, when that is more than its op", .type = TYPE_ENUM, .reach = M, .sig = SIG_ACT,
	  .arg = ENUM_ACT, .get = get_enum, .word = ot_act_word, .from = 1, .words = ACT_COUNT },
	NUM("func.code", M, 0, get_func, FUNC_CODE, "function code: Modbus function, S7 function or group, CIP service, ENIP command"),
	NUM("func.sub", M, 0, get_func, FUNC_SUB, "sub-function, where the protocol has one"),
	TXT("func.name", 0, get_text, TEXT_FUNC_NAME, "name of the function, in snake_case"),
	NUM("unit", M, 0, get_body, BODY_UNIT, "Modbus unit id, S7 rack and slot, CIP connection id, ENIP session"),
	NUM("txn", M, VOL, get_body, BODY_TXN, "the protocol's transaction id"),
	NUM("part", M, VOL, get_body, BODY_PART, "which item of its PDU this is, from 1"),
	NUM("parts", M, VOL, get_body, BODY_PARTS, "items of that PDU"),
	{ .name = "target.space", .help = "address space: holding_registers, db, ..., or the CIP class in snake_case", .type = TYPE_TEXT,
	  .reach = M, .flags = ASKED, .get = get_space, .word = space_word, .words = 22 },
	NUM("target.class", M, ASKED, get_body, BODY_CLASS, "CIP class"),
	NUM("target.block", M, ASKED, get_body, BODY_BLOCK, "S7 data block number or SZL id, CIP instance"),
	NUM("target.first", M, ASKED, get_body, BODY_FIRST, "first address, as on the wire (from 0); CIP attribute"),
	NUM("target.last", M, ASKED, get_body, BODY_LAST, "last address"),
	NUM("target.count", M, ASKED, get_body, BODY_COUNT, "how many addresses"),
	{ .name = "target.addr", .help = "all addresses from first to last", .type = TYPE_RANGE, .reach = M, .flags = ASKED,
	  .get = get_range },
	{ .name = "target.granule", .help = "what one address holds", .type = TYPE_ENUM, .reach = M, .flags = ASKED,
	  .arg = ENUM_GRANULE, .get = get_enum, .word = ot_granule_word, .from = 1, .words = GRANULE_OBJECT + 1 },
	TXT("target.tag", ASKED, get_text, TEXT_TAG, "symbolic name, S7 block or PI service, PCCC address"),
	TXT("target.path", ASKED, get_text, TEXT_PATH, "CIP path of more than one class"),
	TXT("target.route", VOL | ASKED, get_text, TEXT_ROUTE, "CIP route through ports"),
	TXT("value.bytes", VOL | FIELD_VALUE, get_value_hex, 0, "the first 64 bytes read or written, as hex digits"),
	NUM("value.total", M, VOL | FIELD_VALUE, get_body, BODY_VALUE_TOTAL, "bytes read or written"),
	NUM("value.uint", M, VOL | FIELD_VALUE, get_value_uint, 0, "a value of 1 to 8 bytes as a number, in the protocol's byte order"),
	NUM("status.code", M, ANS, get_status_code, 0, "status of a response; 0 is success"),
	{ .name = "status.ext", .help = "additional status words", .type = TYPE_NUMBERS, .reach = M, .flags = VOL | ANS,
	  .get = get_status_ext },
	TXT("status.name", ANS, get_text, TEXT_STATUS_NAME, "name of the status"),
	{ .name = "outcome", .help = "what became of it; on responses, and on merged operations", .type = TYPE_ENUM, .reach = M,
	  .flags = ANS, .sig = SIG_OUTCOME, .arg = ENUM_OUTCOME, .get = get_enum, .word = ot_outcome_word, .from = 1, .words = OUTCOME_UNKNOWN + 1 },
	{ .name = "latency", .help = "time since the request", .type = TYPE_DURATION, .reach = M, .flags = VOL | ANS, .arg = BODY_LATENCY,
	  .get = get_body },
	{ .name = "anomalies", .help = "what is malformed or unusual about it; == is true when it is one of them", .type = TYPE_FLAGS,
	  .reach = M, .flags = ANS, .sig = SIG_ANOMALY, .get = get_anomalies, .word = ot_anomaly_word, .words = ANOM_COUNT },
	{ .name = "anomaly", .help = "the same as anomalies", .type = TYPE_FLAGS, .reach = M, .flags = ANS, .sig = SIG_ANOMALY,
	  .get = get_anomalies, .word = ot_anomaly_word, .words = ANOM_COUNT },
	{ .name = "identity", .help = "it says what a device is", .type = BOOL, .reach = M, .flags = ANS, .arg = FLAG_IDENTITY, .get = get_flag },
	TXT("identity.vendor", VOL | ANS, get_identity, ID_VENDOR, "vendor that a device names"),
	NUM("identity.vendor_id", M, VOL | ANS, get_identity_number, 0, "vendor number"),
	TXT("identity.product", VOL | ANS, get_identity, ID_PRODUCT, "product name"),
	NUM("identity.product_code", M, VOL | ANS, get_identity_number, 1, "product code"),
	TXT("identity.order_number", VOL | ANS, get_identity, ID_ORDER, "order number"),
	TXT("identity.serial", VOL | ANS, get_identity, ID_SERIAL, "serial number"),
	TXT("identity.firmware", VOL | ANS, get_identity, ID_FIRMWARE, "firmware version"),
	TXT("identity.hardware", VOL | ANS, get_identity, ID_HARDWARE, "hardware version"),
	TXT("identity.name", VOL | ANS, get_identity, ID_NAME, "name given to the device"),
	NUM("rosctr", M, 0, get_body, BODY_ROSCTR, "S7 ROSCTR: 1 job, 2 ack, 3 ack-data, 7 userdata"),
	NUM("opcode", M, 0, get_body, BODY_OPCODE, "S7comm-plus opcode"),
	{ .name = "vlan", .help = "VLAN ids of the packet, outer and inner", .type = TYPE_NUMBERS, .reach = E, .flags = VOL, .get = get_vlan },
	{ .name = "cut", .help = "the capture holds only the beginning of the PDU", .type = BOOL, .reach = M, .arg = FLAG_CUT, .get = get_flag },
	NUM("frame", E, VOL, get_head, HEAD_FRAME, "number of the packet in its capture, from 1"),
	NUM("pdu", M, VOL, get_head, HEAD_PDU, "place of the PDU among those that the frame completes"),
	NUM("time.hour", E, VOL, get_time, TIME_HOUR, "hour of the packet's time, 0 to 23, UTC"),
	{ .name = "time.day", .help = "day of the week of the packet's time, UTC", .type = TYPE_ENUM, .reach = E, .flags = VOL,
	  .arg = TIME_DAY, .get = get_time, .word = day_word, .words = 7 },
	{ .name = "verdict", .help = "what the conduits say: allowed, denied, or unzoned (an address in no zone)", .type = TYPE_ENUM,
	  .reach = E, .flags = FIELD_SITE, .sig = SIG_VERDICT, .get = get_flow_verdict, VERDICT_WORDS },

	SIDE("src", SIDE_SRC, E, "the sender", VOL),
	SIDE("dst", SIDE_DST, E, "the receiver", VOL),
	SIDE("client", SIDE_CLIENT, E, "who asks", VOL),
	SIDE("server", SIDE_SERVER, E, "who is asked", 0),

	OF(PROTO_MODBUS, "modbus.func", TYPE_NUMBER, 0, get_func, FUNC_CODE, "Modbus function code"),
	OF(PROTO_MODBUS, "modbus.sub", TYPE_NUMBER, 0, get_func, FUNC_SUB, "diagnostics sub-function, MEI type or UMAS code"),
	OF(PROTO_MODBUS, "modbus.unit", TYPE_NUMBER, 0, get_body, BODY_UNIT, "unit id"),
	OF(PROTO_MODBUS, "modbus.addr", TYPE_RANGE, ASKED, get_range, 0, "addresses of coils or registers, from 0 as on the wire"),
	OF(PROTO_MODBUS, "modbus.first", TYPE_NUMBER, ASKED, get_body, BODY_FIRST, "first address"),
	OF(PROTO_MODBUS, "modbus.last", TYPE_NUMBER, ASKED, get_body, BODY_LAST, "last address"),
	OF(PROTO_MODBUS, "modbus.count", TYPE_NUMBER, ASKED, get_body, BODY_COUNT, "number of coils or registers"),
	OF(PROTO_MODBUS, "modbus.exception", TYPE_NUMBER, ANS, get_status_code, 0, "exception code; 0 on success"),
	OF(PROTO_MODBUS, "umas.func", TYPE_NUMBER, 0, get_func, FUNC_UMAS, "UMAS code inside Modbus function 90"),
	OF(PROTO_S7COMM, "s7.func", TYPE_NUMBER, 0, get_func, FUNC_JOB, "function of a job: 4 read, 5 write, 0x29 stop, ..."),
	OF(PROTO_S7COMM, "s7.group", TYPE_NUMBER, 0, get_func, FUNC_GROUP, "function group of userdata"),
	OF(PROTO_S7COMM, "s7.sub", TYPE_NUMBER, 0, get_func, FUNC_SUB, "sub-function of userdata"),
	OF(PROTO_S7COMM, "s7.rosctr", TYPE_NUMBER, 0, get_body, BODY_ROSCTR, "1 job, 2 ack, 3 ack-data, 7 userdata"),
	OF(PROTO_S7COMM, "s7.db", TYPE_NUMBER, ASKED, get_body, BODY_BLOCK, "data block number"),
	OF(PROTO_S7COMM, "s7.addr", TYPE_RANGE, ASKED, get_range, 0, "byte addresses (bit addresses for BIT: byte x 8 + bit)"),
	OF(PROTO_S7COMM, "s7.block", TYPE_TEXT, ASKED, get_text, TEXT_TAG, "block or PI service: DB1, _INSE DB1"),
	OF(PROTO_S7COMM_PLUS, "s7plus.func", TYPE_NUMBER, 0, get_func, FUNC_CODE, "S7comm-plus function"),
	OF(PROTO_S7COMM_PLUS, "s7plus.opcode", TYPE_NUMBER, 0, get_body, BODY_OPCODE, "0x31 request, 0x32 response, 0x33 notification"),
	OF(PROTO_ENIP, "enip.command", TYPE_NUMBER, 0, get_func, FUNC_CODE, "encapsulation command"),
	OF(PROTO_ENIP, "enip.session", TYPE_NUMBER, 0, get_body, BODY_UNIT, "session handle"),
	OF(PROTO_CIP, "cip.service", TYPE_NUMBER, 0, get_func, FUNC_CODE, "CIP service, without the response bit"),
	OF(PROTO_CIP, "cip.class", TYPE_NUMBER, ASKED, get_body, BODY_CLASS, "class of the request path"),
	OF(PROTO_CIP, "cip.instance", TYPE_NUMBER, ASKED, get_body, BODY_BLOCK, "instance"),
	OF(PROTO_CIP, "cip.attribute", TYPE_NUMBER, ASKED, get_body, BODY_FIRST, "attribute"),
	OF(PROTO_CIP, "cip.tag", TYPE_TEXT, ASKED, get_text, TEXT_TAG, "symbolic path: Program:Main.Speed"),
	OF(PROTO_CIP, "cip.path", TYPE_TEXT, ASKED, get_text, TEXT_PATH, "path of more than one class"),
	OF(PROTO_CIP, "cip.status", TYPE_NUMBER, ANS, get_status_code, 0, "general status"),
	OF(PROTO_CIP, "pccc.func", TYPE_NUMBER, 0, get_pccc, 0, "PCCC command x 256 + function"),

	{ .name = "flow.new", .help = "the first packet of a conversation", .type = BOOL, .reach = REACH_FLOW, .arg = FLOW_NEW, .get = get_flow },
	{ .name = "flow.mismatch", .help = "the bytes are not the protocol that the usual port says", .type = BOOL, .reach = REACH_FLOW,
	  .arg = FLOW_MISMATCH, .get = get_flow },
	{ .name = "flow.expected", .help = "protocol that the port suggests", .type = TYPE_ENUM, .reach = REACH_FLOW,
	  .arg = FLOW_EXPECTED, .get = get_flow, PROTO_WORDS },
	NUM("flow.port", REACH_FLOW, 0, get_flow, FLOW_PORT, "port of the server"),
	{ .name = "flow.conduit", .help = "some conduit leads from client to server, or both are in one zone", .type = BOOL,
	  .reach = REACH_FLOW, .flags = FIELD_SITE, .arg = FLOW_CONDUIT, .get = get_flow },
	{ .name = "flow.decided", .help = "what protocol the flow speaks is settled", .type = BOOL, .reach = REACH_FLOW,
	  .arg = FLOW_DECIDED, .get = get_flow },

	{ .name = "app", .help = "application that a flow without a decoded protocol speaks, as its bytes show", .type = TYPE_ENUM,
	  .reach = REACH_FLOW, .flags = FIELD_LABEL, .arg = LABEL_APP, .get = get_app, .word = app_word, .from = 1, .words = APP_COUNT },
	{ .name = "app.category", .help = "what kind of application that is", .type = TYPE_ENUM, .reach = REACH_FLOW,
	  .flags = FIELD_LABEL, .arg = LABEL_CATEGORY, .get = get_app, .word = app_category_word, .from = 1, .words = CATEGORY_COUNT },
	{ .name = "app.risk", .help = "what its first packets show to be risky", .type = TYPE_FLAGS, .reach = REACH_FLOW,
	  .flags = FIELD_LABEL, .arg = LABEL_RISK, .get = get_app, .word = app_risk_word, .words = RISK_COUNT },
	{ .name = "app.guess", .help = "application that only the server's port suggests, where none was recognised", .type = TYPE_ENUM,
	  .reach = REACH_FLOW, .flags = FIELD_LABEL, .arg = LABEL_GUESS, .get = get_app, .word = app_word, .from = 1, .words = APP_COUNT },

	{ .name = "new.asset", .help = "the first packet ever of a machine: subject", .type = BOOL, .reach = REACH_HISTORY,
	  .arg = HISTORY_ASSET, .get = get_history },
	{ .name = "new.conversation", .help = "this client never asked this server for an operation of this op before", .type = BOOL,
	  .reach = REACH_HISTORY, .arg = HISTORY_CONVERSATION, .get = get_history },
	{ .name = "new.client", .help = "this client never spoke to this server before", .type = BOOL, .reach = REACH_HISTORY,
	  .arg = HISTORY_CLIENT, .get = get_history },
	{ .name = "new.service", .help = "a machine that has been seen for an hour answers over TCP with an application, or on a port, "
	  "for the first time", .type = BOOL, .reach = REACH_HISTORY, .arg = HISTORY_SERVICE, .get = get_history },
	{ .name = "new.foreign", .help = "a machine that answers an industrial protocol opens or is offered a conversation on a port "
	  "that none of them uses", .type = BOOL, .reach = REACH_HISTORY, .arg = HISTORY_FOREIGN, .get = get_history },
	SIDE("subject", SIDE_SUBJECT, REACH_HISTORY, "the machine that is new", VOL),

	{ .name = "health.kind", .help = "what the sensor says of itself", .type = TYPE_ENUM, .reach = REACH_HEALTH,
	  .arg = HEALTH_IS_KIND, .get = get_health, .word = health_kind_word, .words = HEALTH_COUNT },
	{ .name = "health.name", .help = "the interface, table, file or sink that it is about", .type = TYPE_TEXT, .reach = REACH_HEALTH,
	  .arg = HEALTH_IS_NAME, .get = get_health },
	NUM("health.value", REACH_HEALTH, 0, get_health, HEALTH_IS_VALUE, "how much: shares in millionths, times in seconds, else a count"),
	NUM("health.limit", REACH_HEALTH, 0, get_health, HEALTH_IS_LIMIT, "the limit that the configuration sets for it"),
	{ .name = NULL },
};

const char *health_kind_word(unsigned kind)
{
	static const char *const words[HEALTH_COUNT] = {
#define HEALTH(id, word) [id] = word,
#include "expr/health.def"
#undef HEALTH
	};
	return kind < HEALTH_COUNT ? words[kind] : "unknown";
}

const char *field_type_word(unsigned type)
{
	static const char *const words[TYPE_COUNT] = {
		"true or false", "number", "level", "duration", "numbers", "enumeration", "several of an enumeration",
		"ordered enumeration", "address", "MAC address", "text", "name", "address range", "texts",
	};
	return type < TYPE_COUNT ? words[type] : "unknown";
}

const struct field *field_find(const struct field *table, const char *name, size_t n)
{
	for (const struct field *f = table; f->name; f++) {
		if (strlen(f->name) == n && memcmp(f->name, name, n) == 0)
			return f;
	}
	return NULL;
}

#define FIELDS_MAX (sizeof fields / sizeof fields[0])
#define WORD_BYTES 64

/* The wanted word terminated in buf; false: too long to be near anything. */
static bool terminated(const char *word, size_t n, char buf[WORD_BYTES])
{
	if (n >= WORD_BYTES)
		return false;
	memcpy(buf, word, n);
	buf[n] = '\0';
	return true;
}

const char *field_near(const struct field *table, const char *name, size_t n)
{
	const char *list[FIELDS_MAX];
	char word[WORD_BYTES];
	size_t i = 0;

	for (; table[i].name && i < FIELDS_MAX - 1; i++)
		list[i] = table[i].name;
	list[i] = NULL;
	return terminated(name, n, word) ? name_nearest(word, list) : NULL;
}

const char *field_word_near(const struct field *f, const char *word, size_t n)
{
	const char *list[FIELD_WORDS_MAX] = { 0 };
	char buf[WORD_BYTES];
	size_t k = 0;

	for (unsigned i = f->from; f->word && i < f->words && k < FIELD_WORDS_MAX - 1; i++)
		list[k++] = f->word(i);
	return terminated(word, n, buf) ? name_nearest(buf, list) : NULL;
}

bool field_word(const struct field *f, const char *word, size_t n, unsigned *index)
{
	for (unsigned i = f->from; f->word && i < f->words; i++) {
		const char *w = f->word(i);

		if (strlen(w) == n && memcmp(w, word, n) == 0) {
			*index = i;
			return true;
		}
	}
	return false;
}

const char *field_name_text(const struct expr_site *site, unsigned names, uint64_t i)
{
	switch (site ? names : NAMES_NONE) {
	case NAMES_ZONE:
		return i < site->zones ? site->zone_name[i] : NULL;
	case NAMES_ASSET:
		return i < site->assets ? site->asset_name[i] : NULL;
	case NAMES_ROLE:
		return i < site->roles ? site->role_name[i] : NULL;
	case NAMES_SEGMENT:
		return i < site->segments ? site->segment_name[i] : NULL;
	default:
		return NULL;
	}
}

enum expr_truth field_get(const struct scope *s, const struct field *f, struct datum *d)
{
	d->likely = false;
	if (f->flags & FIELD_LABEL && s->flow && !s->flow->decided)
		return EXPR_MAYBE;
	if (s->early && f->reach == REACH_MESSAGE) {
		/* Only the protocol itself is certain, and only once it is settled. */
		if (!s->flow->decided)
			return EXPR_MAYBE;
		if (f->sig == SIG_PROTO)
			return f->get(s, f, d) ? EXPR_YES : EXPR_NO;
		return s->ev->proto == PROTO_NONE || (f->proto && f->proto != s->ev->proto) ? EXPR_NO : EXPR_MAYBE;
	}
	if (f->proto && f->proto != s->ev->proto)
		return EXPR_NO;
	if (f->get(s, f, d))
		return EXPR_YES;
	return s->forgiving && f->flags & FIELD_ASKED ? EXPR_MAYBE : EXPR_NO;
}

/* --- for the outside ------------------------------------------------------------------- */

const struct field *expr_field(const char *name)
{
	return field_find(fields, name, strlen(name));
}

const char *expr_field_nearest(const char *name)
{
	return field_near(fields, name, strlen(name));
}

enum stage expr_field_stage(const struct field *f)
{
	return f->reach == REACH_FLOW ? STAGE_FLOW : f->reach == REACH_HISTORY ? STAGE_HISTORY :
	       f->reach == REACH_HEALTH ? STAGE_HEALTH : STAGE_EVENT;
}

bool expr_field_by_value(const struct field *f)
{
	return f->flags & FIELD_VOLATILE;
}

bool expr_field_any_stage(const struct field *f)
{
	return f->reach == REACH_ENDPOINT;
}

size_t expr_field_bytes(const struct field *f, const struct expr_site *site, const struct judged *j,
			uint8_t *out, size_t max)
{
	struct scope s = { .ev = j->ev, .flow = j->flow, .history = j->history, .health = j->health, .site = site, .geo = j->geo };
	struct datum d;
	const void *from = d.n;
	size_t n = sizeof d.n[0];

	if ((f->proto && f->proto != j->ev->proto) || !f->get(&s, f, &d))
		return 0;
	if (f->names) {                 /* by name: numbers change with the site, and keys outlive that */
		from = field_name_text(site, f->names, d.n[0]);
		n = from ? strlen(from) : 0;
		from = from ? from : "";
	} else if (f->type == TYPE_TEXT) {
		from = d.text;
		n = d.len;
	} else if (f->type == TYPE_ADDR) {
		from = d.ip->b;
		n = sizeof d.ip->b;
	} else if (f->type == TYPE_RANGE) {
		n = 2 * sizeof d.n[0];
	} else if (f->type == TYPE_NUMBERS) {
		n = d.count * sizeof d.n[0];
	}
	n = n < max ? n : max;
	memcpy(out, from, n);
	return n;
}

static const char *operators(unsigned type)
{
	switch (type) {
	case TYPE_BOOL:
		return "alone, == !=";
	case TYPE_ENUM:
		return "== != in";
	case TYPE_FLAGS:
		return "== != in contains";
	case TYPE_ADDR: case TYPE_MAC:
		return "== != in";
	case TYPE_TEXT: case TYPE_NAME: case TYPE_TEXTS:
		return "== != in contains matches";
	case TYPE_RANGE:
		return "== != < <= > >= in overlaps";
	case TYPE_NUMBERS:
		return "== != < <= > >= in contains";
	default:
		return "== != < <= > >= in";
	}
}

bool expr_field_row(unsigned i, struct field_row *out)
{
	static const char *const stages[] = { "any", "event", "flow", "history", "health", "alert" };
	const struct field *f;
	size_t k = 0;

	f = i < FIELDS_MAX - 1 ? &fields[i] : &alert_fields[i - (FIELDS_MAX - 1)];
	if (!f->name)           /* the end of the second table, behind which nobody asks */
		return false;
	*out = (struct field_row){ .name = f->name, .type = field_type_word(f->type), .stage = stages[f->reach],
				   .help = f->help, .site = f->flags & FIELD_SITE };
	for (unsigned w = f->from; f->word && f->type != TYPE_BOOL && w < f->words && k < FIELD_WORDS_MAX - 1; w++)
		out->words[k++] = f->word(w);
	snprintf(out->operators, sizeof out->operators, "%s", operators(f->type));
	return true;
}
