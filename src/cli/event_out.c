#include "cli/event_out.h"

#include "alert/flow_json.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define LINE_MAX_BYTES 65536

static char stdout_buffer[1 << 18];

void event_out_init(struct event_out *o, const char *const *captures, uint32_t n)
{
	o->names.captures = n > 1 ? captures : NULL;
	o->names.ncaptures = n > 1 ? n : 0;
	o->term = term_of(STDOUT_FILENO);
	sbuf_init(&o->line, LINE_MAX_BYTES);
	if (!o->term.tty)
		setvbuf(stdout, stdout_buffer, _IOFBF, sizeof stdout_buffer);
	if (o->format == EVENT_CSV)
		puts("ts,capture,frame,pdu,part,proto,dir,src_ip,src_port,dst_ip,dst_port,client,op,act,func_code,func_sub,"
		     "func_name,unit,txn,space,class,block,first,count,tag,value,status,outcome,latency_us,anomalies,"
		     "rule,verdict");
}

static const char *capture_name(const struct event_out *o, uint16_t i)
{
	return i < o->names.ncaptures ? o->names.captures[i] : NULL;
}

/* --- for people -------------------------------------------------------------------------- */

static void endpoint(struct sbuf *b, const struct event_out *o, const struct ot_side *s)
{
	char ip[ADDR_TEXT];
	const char *asset = o->names.asset ? o->names.asset(o->names.arg, s->asset) : NULL;

	if (asset)
		sbuf_fmt(b, "%s ", asset);
	sbuf_fmt(b, "%s:%u", addr_text(&s->ip, ip), s->port);
}

static void target(struct sbuf *b, const struct ot_event *e)
{
	char space[32];
	const char *name = ot_space_text(e, space);

	if (name[0])
		sbuf_fmt(b, " %s", name);
	if (e->has & HAS_BLOCK)
		sbuf_fmt(b, " #%u", e->block);
	if (e->has & HAS_FIRST) {
		sbuf_fmt(b, " %u", e->first);
		if (e->has & HAS_COUNT && e->count > 1)
			sbuf_fmt(b, "..%llu", (unsigned long long)e->first + e->count - 1);
	}
	if (e->tag_len) {
		sbuf_char(b, ' ');
		sbuf_escape(b, e->tag, e->tag_len);
	}
	if (e->route_len) {
		sbuf_str(b, " via ");
		sbuf_escape(b, e->route, e->route_len);
	}
}

static void outcome(struct sbuf *b, const struct event_out *o, const struct ot_event *a, unsigned word)
{
	enum paint p = word == OUTCOME_OK ? PAINT_GREEN : word == OUTCOME_ERROR ? PAINT_RED : PAINT_YELLOW;

	if (word == OUTCOME_NONE)
		return;
	sbuf_fmt(b, "  %s%s%s", term_paint(&o->term, p), ot_outcome_word(word), term_plain(&o->term, p));
	if (a && a->has & HAS_STATUS && a->status) {
		sbuf_fmt(b, " %u", a->status);
		if (a->status_name)
			sbuf_fmt(b, " %s", a->status_name);
	}
	if (a && a->has & HAS_LATENCY)
		sbuf_fmt(b, "  %u us", a->latency_us);
}

static void as_text(struct event_out *o, const struct ot_event *e, const struct event_outcome *merged)
{
	struct sbuf *b = &o->line;
	char ts[TIME_TEXT];

	sbuf_fmt(b, "%s  ", time_text(e->head.ts_ns, ts));
	endpoint(b, o, &e->head.src);
	sbuf_str(b, e->dir == DIR_RESPONSE ? " => " : " -> ");
	endpoint(b, o, &e->head.dst);
	sbuf_fmt(b, "  %s%s%s ", term_paint(&o->term, PAINT_BOLD), ot_proto_word(e->proto), term_plain(&o->term, PAINT_BOLD));
	sbuf_fmt(b, "%s%s%s", ot_op_word(e->op), e->act ? "/" : "", e->act ? ot_act_word(e->act) : "");
	if (e->func_name)
		sbuf_fmt(b, " %s", e->func_name);
	else if (e->has & HAS_FUNC)
		sbuf_fmt(b, " function 0x%02x", e->func);
	if (e->has & HAS_UNIT && e->proto == PROTO_MODBUS)
		sbuf_fmt(b, " unit %u", e->unit);
	target(b, e);
	if (e->has & HAS_VALUE && e->value_len) {
		sbuf_str(b, " = ");
		sbuf_hex(b, e->value, e->value_len < 16 ? e->value_len : 16);
		if (e->value_total > 16)
			sbuf_str(b, "...");
	}
	if (merged)
		outcome(b, o, merged->answer, merged->outcome);
	else
		outcome(b, o, e, e->outcome);
	for (unsigned i = 0; i < ANOM_COUNT; i++)
		if (e->anomalies >> i & 1)
			sbuf_fmt(b, " [%s]", ot_anomaly_word(i));
	if (e->verdict)
		sbuf_fmt(b, "  %s", ot_verdict_word(e->verdict));
}

/* --- CSV (RFC 4180) ---------------------------------------------------------------------- */

/* A cell that a spreadsheet would take for a formula gets an apostrophe: the text is the wire's. */
static void cell(struct sbuf *b, const char *s, size_t n)
{
	struct sbuf safe;

	sbuf_init(&safe, 4096);
	if (n && strchr("=+-@\t\r", s[0]))
		sbuf_char(&safe, '\'');
	sbuf_escape(&safe, s, n);
	sbuf_char(b, '"');
	for (size_t i = 0; i < safe.len; i++) {
		if (safe.s[i] == '"')
			sbuf_char(b, '"');
		sbuf_char(b, safe.s[i]);
	}
	sbuf_char(b, '"');
	sbuf_fini(&safe);
}

static void number(struct sbuf *b, bool has, uint64_t v)
{
	sbuf_char(b, ',');
	if (has)
		sbuf_uint(b, v);
}

static void word(struct sbuf *b, const char *s)
{
	sbuf_char(b, ',');
	if (s)
		sbuf_str(b, s);
}

static void csv_place(struct event_out *o, const struct ot_event *e)
{
	struct sbuf *b = &o->line;
	const char *capture = capture_name(o, e->head.capture);
	char text[ADDR_TEXT];

	sbuf_str(b, time_text(e->head.ts_ns, text));
	sbuf_char(b, ',');
	if (capture)
		cell(b, capture, strlen(capture));
	number(b, true, e->head.frame);
	number(b, true, e->head.pdu);
	number(b, e->part > 0, e->part);
	word(b, ot_proto_word(e->proto));
	word(b, ot_dir_word(e->dir));
	word(b, addr_text(&e->head.src.ip, text));
	number(b, true, e->head.src.port);
	word(b, addr_text(&e->head.dst.ip, text));
	number(b, true, e->head.dst.port);
	word(b, e->flags & EV_CLIENT_IS_DST ? "dst" : "src");
}

static void as_csv(struct event_out *o, const struct ot_event *e, const struct event_outcome *merged)
{
	struct sbuf *b = &o->line;
	const struct ot_event *a = merged ? merged->answer : e;
	unsigned out = merged ? merged->outcome : e->outcome;
	const char *rule = o->names.rule && e->matches ? o->names.rule(o->names.arg, e->match[0]) : NULL;
	char space[32];
	bool first = true;

	csv_place(o, e);
	word(b, ot_op_word(e->op));
	word(b, e->act ? ot_act_word(e->act) : NULL);
	number(b, e->has & HAS_FUNC, e->func);
	number(b, e->has & HAS_SUB, e->sub);
	word(b, e->func_name);
	number(b, e->has & HAS_UNIT, e->unit);
	number(b, e->has & HAS_TXN, e->txn);
	word(b, ot_space_text(e, space));
	number(b, e->has & HAS_CLASS, e->cls);
	number(b, e->has & HAS_BLOCK, e->block);
	number(b, e->has & HAS_FIRST, e->first);
	number(b, e->has & HAS_COUNT, e->count);
	sbuf_char(b, ',');
	if (e->tag_len)
		cell(b, e->tag, e->tag_len);
	sbuf_char(b, ',');
	if (e->has & HAS_VALUE)
		sbuf_hex(b, e->value, e->value_len);
	number(b, a && a->has & HAS_STATUS, a ? a->status : 0);
	word(b, out ? ot_outcome_word(out) : NULL);
	number(b, a && a->has & HAS_LATENCY, a ? a->latency_us : 0);
	sbuf_char(b, ',');
	for (unsigned i = 0; i < ANOM_COUNT; i++) {
		if (!(e->anomalies >> i & 1))
			continue;
		sbuf_fmt(b, "%s%s", first ? "" : " ", ot_anomaly_word(i));
		first = false;
	}
	word(b, rule);
	word(b, e->verdict ? ot_verdict_word(e->verdict) : NULL);
}

static void print_line(struct event_out *o)
{
	sbuf_char(&o->line, '\n');
	if (fwrite(sbuf_text(&o->line), 1, o->line.len, stdout) != o->line.len)
		o->failed = true;
}

void event_out(struct event_out *o, const struct ot_event *e, const struct event_outcome *merged)
{
	struct json j;

	sbuf_reset(&o->line);
	switch ((enum event_format)o->format) {
	case EVENT_TEXT:
		as_text(o, e, merged);
		break;
	case EVENT_JSONL:
		json_init(&j, &o->line);
		event_json(&j, e, &o->names, o->omit, merged);
		break;
	case EVENT_CSV:
		as_csv(o, e, merged);
		break;
	}
	print_line(o);
}

static void flow_as_text(struct event_out *o, const struct ot_event *e, const struct flow_facts *f)
{
	struct sbuf *b = &o->line;
	char ts[TIME_TEXT];

	sbuf_fmt(b, "%s  ", time_text(e->head.ts_ns, ts));
	endpoint(b, o, ot_client(e));
	sbuf_str(b, " -> ");
	endpoint(b, o, ot_server(e));
	sbuf_fmt(b, "  %s%s%s", term_paint(&o->term, PAINT_BOLD), f->app != APP_NONE ? app_word(f->app) : "not decoded",
		 term_plain(&o->term, PAINT_BOLD));
	if (f->app != APP_NONE)
		sbuf_fmt(b, " %s", app_category_word(app_category(f->app)));
	else if (f->guess != APP_NONE)
		sbuf_fmt(b, " (the port suggests %s)", app_word(f->guess));
	for (unsigned i = 0; i < RISK_COUNT; i++) {
		if (f->risks >> i & 1)
			sbuf_fmt(b, " [%s]", app_risk_word(i));
	}
	if (f->verdict)
		sbuf_fmt(b, "  %s", ot_verdict_word(f->verdict));
}

void event_out_flow(struct event_out *o, const struct ot_event *e, const struct flow_facts *f)
{
	struct json j;

	sbuf_reset(&o->line);
	if (o->format == EVENT_TEXT) {
		flow_as_text(o, e, f);
	} else {
		json_init(&j, &o->line);
		json_obj(&j, NULL);
		event_json_place(&j, e, &o->names, o->omit);
		event_json_sides(&j, e, &o->names, o->omit);
		flow_json(&j, "flow", f);
		if (f->verdict)
			json_str(&j, "verdict", ot_verdict_word(f->verdict));
		json_obj_end(&j);
	}
	print_line(o);
}

bool event_out_fini(struct event_out *o)
{
	bool ok = fflush(stdout) == 0 && !o->failed;

	sbuf_fini(&o->line);
	return ok;
}
