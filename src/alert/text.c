#include "alert/text.h"

#include "alert/flow_json.h"
#include "alert/text_target.h"

#include <ctype.h>
#include <string.h>

/* How an act is put into words. order TARGET_FIRST: "verb [target] prep server"; SERVER_FIRST: "verb server tail". */
enum order { TARGET_FIRST, SERVER_FIRST };

struct phrase {
	enum order order;
	const char *past, *base;        /* "wrote", "write" */
	const char *link;               /* the preposition, or the tail */
	bool target;                    /* the target belongs into the sentence */
	bool detail;                    /* the function does too */
};

static const struct phrase acts[ACT_COUNT] = {
	[ACT_MODE_CHANGE] = { SERVER_FIRST, "told", "tell", "to change its operating mode", false, true },
	[ACT_RESTART] = { SERVER_FIRST, "told", "tell", "to restart", false, true },
	[ACT_STOP] = { SERVER_FIRST, "told", "tell", "to stop", false, true },
	[ACT_START] = { SERVER_FIRST, "told", "tell", "to start", false, true },
	[ACT_FIRMWARE] = { TARGET_FIRST, "sent firmware", "send firmware", "to", false, true },
	[ACT_FORCE] = { TARGET_FIRST, "forced", "force", "of", true, true },
	[ACT_MEMORY_RESET] = { SERVER_FIRST, "told", "tell", "to clear its memory", false, true },
	[ACT_PROGRAM_DOWNLOAD] = { TARGET_FIRST, "downloaded", "download", "to", true, false },
	[ACT_PROGRAM_UPLOAD] = { TARGET_FIRST, "read", "read", "out of", true, false },
	[ACT_PROGRAM_DELETE] = { TARGET_FIRST, "deleted", "delete", "from", true, false },
	[ACT_PROGRAM_LOCK] = { TARGET_FIRST, "took the program lock", "take the program lock", "of", false, true },
	[ACT_TIME_CHANGE] = { TARGET_FIRST, "set the clock", "set the clock", "of", false, true },
	[ACT_NETWORK_CONFIG] = { TARGET_FIRST, "changed the network settings", "change the network settings", "of", false, true },
	[ACT_CREDENTIAL] = { TARGET_FIRST, "used or changed a password", "use or change a password", "on", false, true },
	[ACT_ALARM_SUPPRESSION] = { TARGET_FIRST, "suppressed alarms", "suppress alarms", "of", false, true },
	[ACT_BLOCK_COMMUNICATION] = { SERVER_FIRST, "told", "tell", "to stop answering", false, true },
	[ACT_CLEAR_LOG] = { TARGET_FIRST, "cleared counters or logs", "clear counters or logs", "of", false, true },
	[ACT_FACTORY_RESET] = { SERVER_FIRST, "told", "tell", "to return to its factory settings", false, true },
	[ACT_TAG_ENUMERATION] = { TARGET_FIRST, "listed the tags", "list the tags", "of", false, true },
};
static const struct phrase unlock = { TARGET_FIRST, "released the program lock", "release the program lock", "of", false, true };

static const struct phrase ops[OP_COUNT] = {
	[OP_OTHER] = { TARGET_FIRST, "sent", "send", "to", false, true },
	[OP_SESSION] = { TARGET_FIRST, "sent", "send", "to", false, true },
	[OP_IDENTIFY] = { SERVER_FIRST, "asked", "ask", "what it is", true, true },
	[OP_DIAGNOSE] = { TARGET_FIRST, "sent the diagnostic", "send the diagnostic", "to", false, true },
	[OP_READ] = { TARGET_FIRST, "read", "read", "of", true, false },
	[OP_WRITE] = { TARGET_FIRST, "wrote", "write", "of", true, false },
	[OP_CONTROL] = { TARGET_FIRST, "sent the command", "send the command", "to", false, true },
	[OP_PROGRAM] = { TARGET_FIRST, "sent the engineering command", "send the engineering command", "to", false, true },
};

/* Roles are the site's words; short ones are abbreviations. */
static void role_text(struct sbuf *out, const char *role)
{
	size_t n = strlen(role);

	for (size_t i = 0; i < n; i++)
		sbuf_char(out, n <= 4 ? (char)toupper((unsigned char)role[i]) : role[i]);
	if (n)
		sbuf_char(out, ' ');
}

static void side_text(struct sbuf *out, const struct policy *p, const struct ot_side *side, const char *more)
{
	const struct site_asset *known = policy_asset(p, side->asset);
	char ip[ADDR_TEXT];

	addr_text(&side->ip, ip);
	if (known) {
		role_text(out, known->role);
		sbuf_escape(out, known->name, strlen(known->name));
		sbuf_fmt(out, " (%s%s%s)", ip, more[0] ? ", " : "", more);
	} else {
		sbuf_str(out, ip);
		if (more[0])
			sbuf_fmt(out, " (%s)", more);
	}
}

void alert_side_text(struct sbuf *out, const struct policy *p, const struct ot_side *side)
{
	side_text(out, p, side, "");
}

/* The part of the server that is meant: the unit behind the address, the slot in the rack. */
static void server_text(struct sbuf *out, const struct policy *p, const struct ot_event *ev)
{
	struct sbuf more;

	sbuf_init(&more, 512);
	if (ev->has & HAS_UNIT && ev->proto == PROTO_MODBUS)
		sbuf_fmt(&more, "unit %u", ev->unit);
	else if (ev->has & HAS_UNIT && ev->proto == PROTO_S7COMM)
		sbuf_fmt(&more, "rack %u, slot %u", (ev->unit & 0xff) >> 5, ev->unit & 31);
	if (ev->route_len) {
		sbuf_str(&more, "route ");
		sbuf_escape(&more, ev->route, ev->route_len);
	}
	side_text(out, p, ot_server(ev), sbuf_text(&more));
	sbuf_fini(&more);
}

static void function_text(struct sbuf *out, const struct ot_event *ev)
{
	if (ev->func_name)
		alert_words(out, ev->func_name);
	else if (ev->has & HAS_FUNC)
		sbuf_fmt(out, "function 0x%02x", ev->func);
	else
		sbuf_fmt(out, "%s message", ot_proto_word(ev->proto));
}

static void detail_text(struct sbuf *out, const struct ot_event *ev)
{
	sbuf_str(out, " (");
	function_text(out, ev);
	if (ev->tag_len) {
		sbuf_char(out, ' ');
		sbuf_escape(out, ev->tag, ev->tag_len);
	}
	sbuf_char(out, ')');
}

static const struct phrase *phrase_of(const struct alert *a)
{
	const struct ot_event *ev = &a->first;

	if (a->acts_differ)
		return &ops[ev->op < OP_COUNT ? ev->op : OP_OTHER];
	if (ev->act == ACT_PROGRAM_LOCK && ev->func_name && (strstr(ev->func_name, "release") || strstr(ev->func_name, "unlock")))
		return &unlock;
	if (ev->act > ACT_NONE && ev->act < ACT_COUNT && acts[ev->act].past)
		return &acts[ev->act];
	return &ops[ev->op < OP_COUNT ? ev->op : OP_OTHER];
}

/* "program block DB1"; without blocks "a program (routine instances 1-3)" or "a program (pi service _MODU EP)". */
static void program_text(struct sbuf *out, const struct alert *a)
{
	struct sbuf t;

	sbuf_init(&t, 4096);
	if (alert_blocks_text(&t, a))
		sbuf_fmt(out, " program %s", sbuf_text(&t));
	else if (a->first.tag_len && a->first.tag[0] == '_') {
		sbuf_str(out, " a program");
		detail_text(out, &a->first);
	} else if (alert_targets_text(&t, a))
		sbuf_fmt(out, " a program (%s)", sbuf_text(&t));
	else {
		sbuf_str(out, " a program");
		detail_text(out, &a->first);
	}
	sbuf_fini(&t);
}

static bool about_program(const struct ot_event *ev)
{
	return ev->act == ACT_PROGRAM_DOWNLOAD || ev->act == ACT_PROGRAM_UPLOAD || ev->act == ACT_PROGRAM_DELETE;
}

/* " 55 (0x0037) to holding register 100", " pi service _GARB". */
static void target_first(struct sbuf *out, const struct alert *a, const struct phrase *ph)
{
	const struct ot_event *ev = &a->first;
	struct sbuf t, v;

	sbuf_init(&t, 4096);
	sbuf_init(&v, 256);
	if (ph->target)
		alert_targets_text(&t, a);
	if (ev->op == OP_WRITE && a->count == 1 && t.len && alert_value_text(&v, ev))
		sbuf_fmt(out, " %s to", sbuf_text(&v));
	if (t.len)
		sbuf_fmt(out, " %s", sbuf_text(&t));
	else if (ph->target && ph == &ops[ev->op])
		sbuf_str(out, ev->op == OP_WRITE ? " data" : " something");
	if (ph->detail && ph != &acts[ev->act] && ph != &unlock) {
		sbuf_char(out, ' ');
		function_text(out, ev);
		if (ev->tag_len) {
			sbuf_char(out, ' ');
			sbuf_escape(out, ev->tag, ev->tag_len);
		}
		sbuf_str(out, a->funcs_differ ? " and others" : "");
	}
	sbuf_fini(&t);
	sbuf_fini(&v);
}

/* "was refused" is told after the colon; an attempt is called one. */
static void operation(struct sbuf *out, const struct policy *p, const struct alert *a)
{
	const struct ot_event *ev = &a->first;
	const struct phrase *ph = phrase_of(a);
	bool tried = a->outcome == ALERT_REFUSED;

	alert_side_text(out, p, ot_client(ev));
	sbuf_fmt(out, " %s%s", tried ? "tried to " : "", tried ? ph->base : ph->past);
	if (ph->order == TARGET_FIRST) {
		if (about_program(ev) && !a->acts_differ)
			program_text(out, a);
		else
			target_first(out, a, ph);
		sbuf_fmt(out, " %s ", ph->link);
		server_text(out, p, ev);
	} else {
		sbuf_char(out, ' ');
		server_text(out, p, ev);
		sbuf_fmt(out, " %s", ph->link);
	}
	if (ph->detail && !a->funcs_differ && (ph == &acts[ev->act] || ph == &unlock || ph->order == SERVER_FIRST))
		detail_text(out, ev);
	if (a->count > 1)
		sbuf_fmt(out, ", %llu messages", (unsigned long long)a->count);
}

/* What the bytes are wrong in, told of the one who sent them. */
static void malformed(struct sbuf *out, const struct policy *p, const struct alert *a)
{
	const struct ot_event *ev = &a->first;
	unsigned said = 0;

	alert_side_text(out, p, &ev->head.src);
	sbuf_str(out, " sent ");
	alert_side_text(out, p, &ev->head.dst);
	if (ev->anomalies == UINT64_C(1) << ANOM_UNKNOWN_FUNCTION) {
		sbuf_fmt(out, " a %s message with a function that is not decoded", ot_proto_word(ev->proto));
		if (ev->has & HAS_FUNC)
			sbuf_fmt(out, ": %u (0x%02x)", ev->func, ev->func);
	} else {
		sbuf_fmt(out, " a malformed %s message (", ot_proto_word(ev->proto));
		for (unsigned i = 0; i < ANOM_COUNT; i++) {
			if (!(ev->anomalies >> i & 1))
				continue;
			sbuf_str(out, said++ ? ", " : "");
			alert_words(out, ot_anomaly_word(i));
		}
		sbuf_char(out, ')');
	}
	if (a->count > 1)
		sbuf_fmt(out, ", %llu times", (unsigned long long)a->count);
}

/* What a device says by itself is nobody's order. */
static void notice(struct sbuf *out, const struct policy *p, const struct alert *a)
{
	const struct ot_event *ev = &a->first;

	alert_side_text(out, p, &ev->head.src);
	sbuf_str(out, " reported ");
	function_text(out, ev);
	if (ev->tag_len) {
		sbuf_char(out, ' ');
		sbuf_escape(out, ev->tag, ev->tag_len);
	}
	sbuf_str(out, " to ");
	alert_side_text(out, p, &ev->head.dst);
	if (a->count > 1)
		sbuf_fmt(out, ", %llu times", (unsigned long long)a->count);
}

static void flow_text(struct sbuf *out, const struct policy *p, const struct alert *a)
{
	const struct ot_event *ev = &a->first;
	const struct flow_facts *f = &a->flow;
	const char *l4 = f->ip_proto == 6 ? "TCP" : f->ip_proto == 17 ? "UDP" : "";

	alert_side_text(out, p, ot_client(ev));
	sbuf_str(out, " talked to ");
	alert_side_text(out, p, ot_server(ev));
	if (l4[0])
		sbuf_fmt(out, ", %s port %u", l4, f->server_port);
	else
		sbuf_fmt(out, ", IP protocol %u", f->ip_proto);
	flow_app_text(out, f);
	if (a->history.foreign && ot_client(ev)->port)
		sbuf_fmt(out, " (from port %u)", ot_client(ev)->port);
	if (f->mismatch && f->expected)
		sbuf_fmt(out, ", but not %s", ot_proto_word(f->expected));
	if (a->count > 1)
		sbuf_fmt(out, ", %llu connections", (unsigned long long)a->count);
}

static void history_text(struct sbuf *out, const struct policy *p, const struct alert *a)
{
	const struct ot_event *ev = &a->first;
	const struct ot_side *subject = a->subject_is_server ? ot_server(ev) : ot_client(ev);
	const struct ot_side *other = a->subject_is_server ? ot_client(ev) : ot_server(ev);

	if (history_of_flow(&a->history)) {
		flow_text(out, p, a);
		return;
	}
	if (!a->history.new_asset) {
		sbuf_str(out, "For the first time ");
		operation(out, p, a);
		return;
	}
	alert_side_text(out, p, subject);
	sbuf_str(out, " was seen for the first time, talking to ");
	alert_side_text(out, p, other);
}

static void times(struct sbuf *out, const char *what, uint64_t n, bool *any)
{
	if (!n)
		return;
	sbuf_fmt(out, "%s%s %llu", *any ? ", " : "", what, (unsigned long long)n);
	*any = true;
}

static void status_text(struct sbuf *out, const struct alert *a)
{
	if (!a->has_status)
		return;
	sbuf_str(out, " (");
	if (a->status_name) {
		alert_words(out, a->status_name);
		sbuf_fmt(out, ", code 0x%02x)", a->status);
	} else {
		sbuf_fmt(out, "code 0x%02x)", a->status);
	}
}

static void outcome_text(struct sbuf *out, const struct alert *a)
{
	bool any = false;

	switch (a->outcome) {
	case ALERT_ACCEPTED: sbuf_str(out, ": accepted"); return;
	case ALERT_REFUSED: sbuf_str(out, ": refused"); status_text(out, a); return;
	case ALERT_PENDING: sbuf_str(out, ": taken, still running"); return;
	case ALERT_NO_RESPONSE: sbuf_str(out, ": no answer"); return;
	case ALERT_UNKNOWN: sbuf_str(out, ": the answer was not seen"); return;
	case ALERT_MIXED: break;
	default: return;
	}
	sbuf_str(out, ": ");
	times(out, "accepted", a->result[RESULT_ACCEPTED], &any);
	times(out, "refused", a->result[RESULT_REFUSED], &any);
	if (a->result[RESULT_REFUSED])
		status_text(out, a);
	times(out, "still running", a->result[RESULT_PENDING], &any);
	times(out, "unanswered", a->result[RESULT_NO_RESPONSE], &any);
	times(out, "answer not seen", a->result[RESULT_UNKNOWN], &any);
}

void alert_text(struct sbuf *out, const struct policy *p, const struct alert *a)
{
	char reason[512] = "";

	if (a->stage == STAGE_HEALTH)
		sbuf_escape(out, a->health.text, strlen(a->health.text));
	else if (a->stage == STAGE_FLOW)
		flow_text(out, p, a);
	else if (a->stage == STAGE_HISTORY)
		history_text(out, p, a);
	else if (a->first.anomalies && a->about_bytes)
		malformed(out, p, a);
	else if (a->first.dir == DIR_NOTIFY)
		notice(out, p, a);
	else
		operation(out, p, a);
	outcome_text(out, a);
	sbuf_char(out, '.');
	policy_reason(p, a->rule, &a->first, reason, sizeof reason);
	if (reason[0])
		sbuf_fmt(out, " %s", reason);
}
