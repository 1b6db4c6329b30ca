/* field.h - the registry of fields: one row says name, type, where it is known, how it is read
 * and what the manual says of it. Internal to src/expr. Pure. */
#ifndef ZT_EXPR_FIELD_H
#define ZT_EXPR_FIELD_H

#include "expr/alert_facts.h"
#include "expr/expr.h"

enum field_type {
	TYPE_BOOL, TYPE_NUMBER, TYPE_LEVEL, TYPE_DURATION, TYPE_NUMBERS,        /* NUMBERS: several, any may fit */
	TYPE_ENUM, TYPE_FLAGS,                                                  /* of a closed list; several of it */
	TYPE_RANK,                                                              /* of a list in an order */
	TYPE_ADDR, TYPE_MAC, TYPE_TEXT, TYPE_NAME, TYPE_RANGE,                  /* NAME: one of the site's */
	TYPE_TEXTS,                                                             /* several, any may fit */
	TYPE_COUNT
};

enum field_reach {              /* where it is known */
	REACH_ENDPOINT,         /* addresses, places and time: at every stage */
	REACH_MESSAGE,          /* what one message says: event and history */
	REACH_FLOW,
	REACH_HISTORY,
	REACH_HEALTH,
	REACH_ALERT,            /* of a finished alert: alert_fields, for EXPR_FORWARD alone */
	REACH_COUNT
};

enum field_flag {
	FIELD_SITE = 1,         /* needs a site */
	FIELD_VOLATILE = 2,     /* two messages with the same fingerprint may differ in it */
	FIELD_ASKED = 4,        /* an answer does not always repeat it */
	FIELD_ANSWER = 8,       /* an answer has its own, which its request has not */
	FIELD_VALUE = 16,       /* the same, when something was read */
	FIELD_LABEL = 32,       /* of a flow, once what it speaks is settled; conduits may look at it */
};

enum field_side { SIDE_SRC, SIDE_DST, SIDE_CLIENT, SIDE_SERVER, SIDE_SUBJECT };
enum field_names { NAMES_NONE, NAMES_ZONE, NAMES_ASSET, NAMES_ROLE, NAMES_SEGMENT };

/* Groups of bits in a signature; each event has exactly one bit set in each. */
enum sig_group { SIG_NONE, SIG_PROTO, SIG_OP, SIG_ACT, SIG_DIR, SIG_OUTCOME, SIG_VERDICT, SIG_ANOMALY, SIG_COUNT };
#define SIG_ALL UINT64_MAX
struct sig_place { uint8_t shift, width; };
extern const struct sig_place sig_place[SIG_COUNT];

/* What is looked at. */
struct scope {
	const struct ot_event *ev;
	const struct flow_facts *flow;
	const struct history_facts *history;
	const struct health_facts *health;
	const struct alert_facts *alert;        /* alone: nothing else is there */
	const struct expr_site *site;
	struct geo *geo;
	bool forgiving;         /* what is missing may be there: an answer on its own, a message that was cut */
	bool early;             /* a flow's beginning: nothing was said yet */
};

/* A value; which members count is the type's business. */
struct datum {
	uint64_t n[OT_STATUS_EXT_MAX];  /* numbers; an enumeration's index; bits; RANGE: first, last */
	unsigned count;                 /* NUMBERS, TEXTS */
	const char *const *texts;       /* TEXTS */
	const char *text;
	size_t len;
	const struct ip_addr *ip;
	bool likely;                    /* not known, but nothing else is more likely */
	char buf[2 * OT_VALUE_MAX + 4];
};

struct field {
	const char *name, *help;
	uint8_t type, reach, flags, arg;        /* arg: the getter's own */
	uint8_t names, sig, proto, proto_is_sub;/* proto: what a short name stands for, PROTO_NONE any */
	bool (*get)(const struct scope *s, const struct field *f, struct datum *d);     /* false: does not apply */
	const char *(*word)(unsigned index);    /* ENUM, FLAGS: words from `from` to below `words` */
	uint8_t from, words;
};

extern const struct field fields[], alert_fields[];     /* end with .name == NULL */

const char *field_type_word(unsigned type);
/* `table`: fields or alert_fields. */
const struct field *field_find(const struct field *table, const char *name, size_t n);
const char *field_near(const struct field *table, const char *name, size_t n);  /* NULL: none is near */
const char *field_word_near(const struct field *f, const char *word, size_t n);
bool field_word(const struct field *f, const char *word, size_t n, unsigned *index);

/* Reads; EXPR_MAYBE when it does not show here but may be so. */
enum expr_truth field_get(const struct scope *s, const struct field *f, struct datum *d);

/* Whether a compiled expression is met; node.h. */
bool expr_holds(const struct expr *e, const struct scope *s);

/* The text of a site's name by index, NULL for none. */
const char *field_name_text(const struct expr_site *site, unsigned names, uint64_t index);

/* Getters, in get.c. */
#define GETTER(x) bool x(const struct scope *s, const struct field *f, struct datum *d)
GETTER(get_is_proto); GETTER(get_proto); GETTER(get_head); GETTER(get_body); GETTER(get_func); GETTER(get_text);
GETTER(get_space); GETTER(get_range); GETTER(get_value_uint); GETTER(get_value_hex); GETTER(get_status_ext);
GETTER(get_status_code); GETTER(get_identity); GETTER(get_identity_number); GETTER(get_enum); GETTER(get_anomalies);
GETTER(get_vlan); GETTER(get_ip); GETTER(get_port); GETTER(get_mac); GETTER(get_zone); GETTER(get_level);
GETTER(get_asset); GETTER(get_role); GETTER(get_segment); GETTER(get_public); GETTER(get_listed); GETTER(get_time);
GETTER(get_flow); GETTER(get_app); GETTER(get_country); GETTER(get_country_name); GETTER(get_asn); GETTER(get_org);
GETTER(get_flow_verdict); GETTER(get_history); GETTER(get_flag); GETTER(get_pccc);
GETTER(get_health);

enum body_member { BODY_UNIT, BODY_TXN, BODY_ROSCTR, BODY_OPCODE, BODY_PART, BODY_PARTS, BODY_CLASS, BODY_BLOCK,
		   BODY_FIRST, BODY_LAST, BODY_COUNT, BODY_VALUE_TOTAL, BODY_LATENCY };
enum head_member { HEAD_FRAME, HEAD_PDU, HEAD_IP_PROTO };
enum text_member { TEXT_FUNC_NAME, TEXT_TAG, TEXT_PATH, TEXT_ROUTE, TEXT_STATUS_NAME };
enum identity_member { ID_VENDOR, ID_PRODUCT, ID_ORDER, ID_SERIAL, ID_FIRMWARE, ID_HARDWARE, ID_NAME };
enum enum_member { ENUM_OP, ENUM_ACT, ENUM_DIR, ENUM_GRANULE, ENUM_OUTCOME };
enum flow_member { FLOW_NEW, FLOW_MISMATCH, FLOW_EXPECTED, FLOW_PORT, FLOW_CONDUIT, FLOW_DECIDED };
enum app_member { LABEL_APP, LABEL_CATEGORY, LABEL_RISK, LABEL_GUESS };
enum history_member { HISTORY_ASSET, HISTORY_CONVERSATION, HISTORY_CLIENT, HISTORY_FOREIGN, HISTORY_SERVICE };
enum health_member { HEALTH_IS_KIND, HEALTH_IS_NAME, HEALTH_IS_VALUE, HEALTH_IS_LIMIT };
enum flag_member { FLAG_TCP, FLAG_UDP, FLAG_CUT, FLAG_IDENTITY };
enum time_member { TIME_HOUR, TIME_DAY };
#define FUNC_CODE 0             /* get_func: the code; of S7 jobs or userdata alone; of UMAS */
#define FUNC_SUB 1
#define FUNC_JOB 2
#define FUNC_GROUP 3
#define FUNC_UMAS 4

#endif
