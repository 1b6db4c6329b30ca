/* alert_field.c - the fields of a finished alert, which the filter of a sink may look at. */
#include "expr/field.h"

#include "classify/app.h"

#include <string.h>

enum { CLIENT, SERVER };
enum side_member { S_ZONE, S_ASSET, S_ROLE, S_SEGMENT, S_COUNTRY, S_COUNTRY_NAME, S_ORG,
		   S_IP, S_PUBLIC, S_PORT, S_MAC, S_LEVEL, S_ASN };
#define SIDE_ARG(which, member) ((which) << 4 | (member))

static const struct alert_side *side_of(const struct scope *s, const struct field *f)
{
	return f->arg >> 4 == CLIENT ? &s->alert->client : &s->alert->server;
}

static bool number(struct datum *d, bool has, uint64_t v)
{
	d->n[0] = v;
	return has;
}

static bool text(struct datum *d, const char *s)
{
	d->text = s;
	d->len = s ? strlen(s) : 0;
	return s != NULL;
}

static GETTER(side_text)
{
	const struct alert_side *e = side_of(s, f);
	const char *const all[] = { e->zone, e->asset, e->role, e->segment, e->country, e->country_name, e->org };

	return text(d, all[f->arg & 15]);
}

static GETTER(side_number)
{
	const struct alert_side *e = side_of(s, f);

	switch (f->arg & 15) {
	case S_IP:
		d->ip = &e->ip;
		return e->has_ip;
	case S_PUBLIC:
		return number(d, e->has_ip, e->has_ip && addr_is_public(&e->ip));
	case S_PORT:
		return number(d, e->has_port, e->port);
	case S_MAC:
		return number(d, e->has_mac, e->mac);
	case S_LEVEL:
		return number(d, e->has_level, e->level10);
	default:
		return number(d, e->has_asn, e->asn);
	}
}

enum text_fact { T_RULE, T_CLASS, T_TITLE, T_TEXT, T_SENSOR, T_SITE, T_PROTO, T_OP, T_ACT, T_FUNC, T_APP, T_OUTCOME, T_STATUS, T_TARGET,
		 T_KIND, T_NAME };

static const char *fact(const struct alert_facts *a, unsigned which)
{
	const char *const all[] = {
		a->rule, a->class_word, a->title, a->text, a->sensor, a->site, a->proto, a->op, a->act, a->func, a->app,
		a->outcome, a->status, a->target, a->health_kind, a->health_name,
	};
	return all[which];
}

static GETTER(fact_text)
{
	return text(d, fact(s->alert, f->arg));
}

/* A word of a closed list. One that a newer program wrote is none of them. */
static GETTER(fact_word)
{
	const char *word = fact(s->alert, f->arg);
	unsigned index = 0;
	bool known = word && field_word(f, word, strlen(word), &index);

	return number(d, known, index);
}

static GETTER(is_proto)
{
	const char *proto = s->alert->proto;

	return number(d, true, proto && strcmp(proto, ot_proto_word(f->arg)) == 0);
}

enum number_fact { N_SEVERITY, N_REV, N_UNIT, N_COUNT, N_ENDED };

static GETTER(fact_number)
{
	const struct alert_facts *a = s->alert;
	const uint64_t all[] = { a->severity, a->rev, a->unit, a->count, a->ended };

	return number(d, f->arg != N_UNIT || a->has_unit, all[f->arg]);
}

enum list_fact { L_ATTACK, L_SR, L_ALSO };

static GETTER(fact_list)
{
	const struct alert_facts *a = s->alert;
	const char *const *const all[] = { a->attack, a->sr, a->also };
	const uint32_t n[] = { a->attacks, a->srs, a->alsos };

	d->texts = all[f->arg];
	d->count = n[f->arg];
	return d->count > 0;
}

static const char *severity_rank(unsigned i)
{
	static const char *const words[] = { "info", "low", "medium", "high", "critical" };

	return i < 5 ? words[i] : "";
}

static const char *outcome_word(unsigned i)
{
	static const char *const words[] = { "accepted", "refused", "pending", "no_response", "unknown", "mixed" };

	return i < 6 ? words[i] : "";
}

static const char *truth_word(unsigned i)
{
	return i ? "true" : "false";
}

#define A REACH_ALERT
#define TXT(n, g, a, h) { .name = n, .help = h, .type = TYPE_TEXT, .reach = A, .arg = a, .get = g }
#define NUM(n, g, a, h) { .name = n, .help = h, .type = TYPE_NUMBER, .reach = A, .arg = a, .get = g }
#define YES(n, g, a, h) { .name = n, .help = h, .type = TYPE_BOOL, .reach = A, .arg = a, .get = g, .word = truth_word, .words = 2 }
#define LST(n, a, h) { .name = n, .help = h, .type = TYPE_TEXTS, .reach = A, .arg = a, .get = fact_list }
#define WRD(n, a, h, w, first, count) { .name = n, .help = h, .type = TYPE_ENUM, .reach = A, .arg = a, .get = fact_word, \
	.word = w, .from = first, .words = count }
#define SIDE(p, w, who) \
	{ .name = p ".ip", .help = "address of " who, .type = TYPE_ADDR, .reach = A, .arg = SIDE_ARG(w, S_IP), .get = side_number }, \
	NUM(p ".port", side_number, SIDE_ARG(w, S_PORT), "TCP or UDP port of " who), \
	{ .name = p ".mac", .help = "MAC address of " who, .type = TYPE_MAC, .reach = A, .arg = SIDE_ARG(w, S_MAC), .get = side_number }, \
	TXT(p ".zone", side_text, SIDE_ARG(w, S_ZONE), "zone of " who), \
	{ .name = p ".level", .help = "Purdue level of that zone, 0 to 5; 3.5 is the DMZ", .type = TYPE_LEVEL, .reach = A, \
	  .arg = SIDE_ARG(w, S_LEVEL), .get = side_number }, \
	TXT(p ".asset", side_text, SIDE_ARG(w, S_ASSET), "name of " who " in the site's assets"), \
	TXT(p ".role", side_text, SIDE_ARG(w, S_ROLE), "role of that asset"), \
	TXT(p ".segment", side_text, SIDE_ARG(w, S_SEGMENT), "network segment of " who), \
	YES(p ".public", side_number, SIDE_ARG(w, S_PUBLIC), who " has a public (internet) address"), \
	TXT(p ".geo.country", side_text, SIDE_ARG(w, S_COUNTRY), "country of " who ", ISO 3166 code of two letters"), \
	TXT(p ".geo.name", side_text, SIDE_ARG(w, S_COUNTRY_NAME), "name of that country"), \
	NUM(p ".asn", side_number, SIDE_ARG(w, S_ASN), "number of the network (autonomous system) of " who), \
	TXT(p ".org", side_text, SIDE_ARG(w, S_ORG), "organisation of that network")

const struct field alert_fields[] = {
	{ .name = "severity", .help = "severity of this revision, from the mildest", .type = TYPE_RANK, .reach = A,
	  .arg = N_SEVERITY, .get = fact_number, .word = severity_rank, .words = 5 },
	TXT("rule", fact_text, T_RULE, "id of the rule"),
	LST("also", L_ALSO, "ids of other rules that the same event met"),
	TXT("class", fact_text, T_CLASS, "class of the rule"),
	TXT("title", fact_text, T_TITLE, "title of the rule"),
	TXT("text", fact_text, T_TEXT, "the sentence"),
	SIDE("client", CLIENT, "who did it"),
	SIDE("server", SERVER, "who was asked"),
	WRD("proto", T_PROTO, "protocol", ot_proto_word, 1, PROTO_COUNT),
	YES("modbus", is_proto, PROTO_MODBUS, "true for alerts about Modbus"),
	YES("s7comm", is_proto, PROTO_S7COMM, "true for alerts about S7comm"),
	YES("s7", is_proto, PROTO_S7COMM, "as s7comm"),
	YES("s7comm-plus", is_proto, PROTO_S7COMM_PLUS, "true for alerts about S7comm-plus"),
	YES("s7plus", is_proto, PROTO_S7COMM_PLUS, "as s7comm-plus"),
	YES("enip", is_proto, PROTO_ENIP, "true for alerts about EtherNet/IP encapsulation commands"),
	YES("cip", is_proto, PROTO_CIP, "true for alerts about CIP"),
	WRD("op", T_OP, "what kind of operation it was", ot_op_word, 0, OP_COUNT),
	WRD("act", T_ACT, "what it amounted to, when that is more than its op", ot_act_word, 1, ACT_COUNT),
	TXT("func.name", fact_text, T_FUNC, "name of the function, in snake_case"),
	NUM("unit", fact_number, N_UNIT, "Modbus unit id, S7 rack and slot, CIP connection id, ENIP session"),
	TXT("target", fact_text, T_TARGET, "what was read or written, as in the formats of zonetap-siem(5)"),
	TXT("app", fact_text, T_APP, "application of a flow that no dissector decodes"),
	WRD("outcome", T_OUTCOME, "what became of it", outcome_word, 0, 6),
	TXT("status.name", fact_text, T_STATUS, "name of the status of the first refusal"),
	NUM("count", fact_number, N_COUNT, "hits so far"),
	NUM("rev", fact_number, N_REV, "number of the revision; 1 is the first"),
	YES("ended", fact_number, N_ENDED, "nothing more is expected of it"),
	LST("attack", L_ATTACK, "ids of MITRE ATT&CK techniques, current and legacy"),
	LST("iec62443", L_SR, "requirements of IEC 62443-3-3, like \"SR 2.1\""),
	TXT("health.kind", fact_text, T_KIND, "of the sensor itself: what it says"),
	TXT("health.name", fact_text, T_NAME, "of the sensor itself: the interface, table or sink it is about"),
	TXT("sensor", fact_text, T_SENSOR, "name of the sensor"),
	TXT("site", fact_text, T_SITE, "name of the site"),
	{ .name = NULL },
};

bool expr_forward(const struct expr *e, const struct alert_facts *a)
{
	struct scope s = { .alert = a };

	return expr_holds(e, &s);
}
