#include "forward/record.h"

#include "base/addr.h"
#include "base/sbuf.h"
#include "forward/reader.h"
#include "forward/record_text.h"
#include "policy/policy.h"

#include <stdlib.h>
#include <string.h>

#define VALUES_MAX 8192                 /* an alert with 32 targets has about five hundred */
#define UID_MAX 128
#define LINE_MAX (2 * RECORD_JSON_MAX)  /* whatever such an object says fits: where it is cut is the format's business */

struct inside {
	struct reader rd;
	struct jtree *tree;
	struct sbuf target, value, anomalies;   /* lines that are put together */
};

static void end_address(struct reader *rd, const struct jvalue *o, struct record_end *e)
{
	struct ip_addr ip;
	uint8_t mac[6];

	e->ip = reader_text(rd, o, "ip");
	if (e->ip && !addr_parse(e->ip, &ip))
		reader_wrong(rd, "ip", "is not an address");
	e->mac = reader_text(rd, o, "mac");
	if (e->mac && !mac_parse(e->mac, mac))
		reader_wrong(rd, "mac", "is not an address");
	e->has_port = reader_number32(rd, o, "port", UINT16_MAX, &e->port);
}

static bool end(struct reader *rd, const struct jvalue *root, const char *key, const char *where, struct record_end *e)
{
	const struct jvalue *o = reader_object(rd, root, key), *level, *inner;

	if (!o)
		return false;
	rd->where = where;
	end_address(rd, o, e);
	e->segment = reader_text(rd, o, "segment");
	e->zone = reader_text(rd, o, "zone");
	e->asset = reader_text(rd, o, "asset");
	e->role = reader_text(rd, o, "role");
	level = jvalue_get(o, "level");
	if (level) {
		double v;

		if (jvalue_real(level, &v) && v >= 0 && v <= 25) {
			e->level10 = (uint32_t)(v * 10 + 0.5);
			e->has_level = true;
		} else {
			reader_wrong(rd, "level", "is not a number in its range");
		}
	}
	inner = reader_object(rd, o, "geo");
	if (inner) {
		e->country = reader_text(rd, inner, "country");
		e->country_name = reader_text(rd, inner, "name");
	}
	inner = reader_object(rd, o, "asn");
	if (inner) {
		e->has_asn = reader_number32(rd, inner, "number", UINT32_MAX, &e->asn);
		e->as_org = reader_text(rd, inner, "org");
	}
	rd->where = "";
	return true;
}

static const char *line_of(struct sbuf *b)
{
	return b->len ? b->s : NULL;
}

static void target(struct reader *rd, const struct jvalue *root, struct record *r)
{
	const struct jvalue *o = reader_object(rd, root, "target"), *all = reader_array(rd, root, "targets");
	struct inside *in = r->inside;
	struct record_target t = { 0 };
	uint64_t more;

	reader_number(rd, root, "targets_more", UINT32_MAX, &more);
	if (!o)
		return;
	if (jvalue_count(all, JKIND_LIST) > 1)
		more += jvalue_count(all, JKIND_LIST) - 1;
	rd->where = "target.";
	t.space = reader_text(rd, o, "space");
	t.granule = reader_text(rd, o, "granule");
	t.tag = reader_text(rd, o, "tag");
	t.path = reader_text(rd, o, "path");
	t.route = reader_text(rd, o, "route");
	t.has_cls = reader_number(rd, o, "class", UINT32_MAX, &t.cls);
	t.has_block = reader_number(rd, o, "block", UINT32_MAX, &t.block);
	t.has_first = reader_number(rd, o, "first", UINT32_MAX, &t.first);
	t.has_count = reader_number(rd, o, "count", UINT32_MAX, &t.count);
	rd->where = "";
	record_target_text(&in->target, &t, more);
	r->target = line_of(&in->target);
}

static void value(struct reader *rd, const struct jvalue *root, struct record *r)
{
	const struct jvalue *o = reader_object(rd, root, "value");
	struct inside *in = r->inside;
	const char *hex;
	uint64_t total;

	if (!o)
		return;
	rd->where = "value.";
	hex = reader_text(rd, o, "bytes");
	reader_number(rd, o, "total", UINT32_MAX, &total);
	rd->where = "";
	if (hex)
		record_value_text(&in->value, hex, total);
	r->value = line_of(&in->value);
}

static void anomalies(struct reader *rd, const struct jvalue *root, struct record *r)
{
	const struct jvalue *list = reader_array(rd, root, "anomalies");
	struct inside *in = r->inside;

	for (const struct jvalue *v = jvalue_first(list); v; v = v->next) {
		const char *word = reader_text_value(rd, "anomalies", v);

		if (word)
			sbuf_fmt(&in->anomalies, "%s%s", in->anomalies.len ? "," : "", word);
	}
	r->anomalies = line_of(&in->anomalies);
}

static void operation(struct reader *rd, const struct jvalue *root, struct record *r)
{
	const struct jvalue *o;

	r->proto = reader_text(rd, root, "proto");
	r->op = reader_text(rd, root, "op");
	r->act = reader_text(rd, root, "act");
	r->has_unit = reader_number32(rd, root, "unit", UINT32_MAX, &r->unit);
	o = reader_object(rd, root, "func");
	if (o) {
		rd->where = "func.";
		r->has_func = reader_number(rd, o, "code", UINT32_MAX, &r->func);
		r->func_name = reader_text(rd, o, "name");
		rd->where = "";
	}
	o = reader_object(rd, root, "flow");
	if (o) {
		rd->where = "flow.";
		reader_number32(rd, o, "ip_proto", UINT8_MAX, &r->ip_proto);
		r->app = reader_text(rd, o, "app");
		rd->where = "";
	}
	target(rd, root, r);
	value(rd, root, r);
	anomalies(rd, root, r);
	r->outcome = reader_text(rd, root, "outcome");
	o = reader_object(rd, root, "status");
	if (o) {
		rd->where = "status.";
		r->has_status = reader_number(rd, o, "code", UINT32_MAX, &r->status);
		r->status_name = reader_text(rd, o, "name");
		rd->where = "";
	}
}

static uint32_t words(struct reader *rd, const struct jvalue *root, const char *key, const char **out, uint32_t max)
{
	const struct jvalue *list = reader_array(rd, root, key);
	uint32_t n = 0;

	for (const struct jvalue *v = jvalue_first(list); v && n < max; v = v->next) {
		const char *word = reader_text_value(rd, key, v);

		if (word)
			out[n++] = word;
	}
	return n;
}

static void attacks(struct reader *rd, const struct jvalue *root, struct record *r)
{
	const struct jvalue *list = reader_array(rd, root, "attack");

	rd->where = "attack.";
	for (const struct jvalue *o = jvalue_first(list); o && r->attacks < RECORD_ATTACKS_MAX; o = o->next) {
		struct record_attack *a = &r->attack[r->attacks];

		if (!jvalue_is(o, JKIND_OBJECT)) {
			reader_wrong(rd, "", "is not an object");
			break;
		}
		a->id = reader_needed(rd, o, "id");
		a->id_legacy = reader_text(rd, o, "id_legacy");
		a->name = reader_text(rd, o, "name");
		a->version = reader_text(rd, o, "version");
		r->attacks++;
	}
	rd->where = "";
}

static void origin(struct reader *rd, const struct jvalue *root, struct record *r)
{
	const struct jvalue *o;

	r->sensor = reader_text(rd, root, "sensor");
	r->site = reader_text(rd, root, "site");
	r->run = reader_text(rd, root, "run");
	o = reader_object(rd, root, "evidence");
	if (o) {
		rd->where = "evidence.";
		r->capture = reader_text(rd, o, "capture");
		r->sha256 = reader_text(rd, o, "sha256");
		r->interface = reader_text(rd, o, "interface");
		reader_number(rd, o, "first_frame", INT64_MAX, &r->first_frame);
		reader_number(rd, o, "last_frame", INT64_MAX, &r->last_frame);
	}
	o = reader_object(rd, root, "health");
	if (o) {
		rd->where = "health.";
		r->health_kind = reader_text(rd, o, "kind");
		r->health_name = reader_text(rd, o, "name");
		r->has_health_value = reader_number(rd, o, "value", INT64_MAX, &r->health_value);
	}
	rd->where = "";
}

/* It becomes the name of documents, so it is held to what every receiver takes. */
static const char *uid(struct reader *rd, const struct jvalue *root)
{
	const char *s = reader_needed(rd, root, "uid");
	size_t n = strlen(s);

	for (size_t i = 0; i < n && !rd->err; i++) {
		if (s[i] <= ' ' || s[i] > '~' || s[i] == '"' || s[i] == '\\')
			reader_wrong(rd, "uid", "has a character that no identifier has");
	}
	if (n > UID_MAX)
		reader_wrong(rd, "uid", "is too long");
	return s;
}

static void identity(struct reader *rd, const struct jvalue *root, struct record *r)
{
	const char *word;
	enum severity severity = SEV_INFO;
	uint64_t rev;

	r->uid = uid(rd, root);
	if (!reader_number(rd, root, "rev", UINT32_MAX, &rev))
		reader_wrong(rd, "rev", "is missing");
	r->rev = (uint32_t)rev;
	r->rule = reader_needed(rd, root, "rule");
	r->title = reader_needed(rd, root, "title");
	r->class_word = reader_text(rd, root, "class");
	if (!r->class_word)
		r->class_word = r->rule;
	word = reader_needed(rd, root, "severity");
	if (!severity_parse(word, &severity))
		reader_wrong(rd, "severity", "is not one of its words");
	r->severity = severity;
	r->text = reader_needed(rd, root, "text");
}

static void members(struct reader *rd, const struct jvalue *root, struct record *r)
{
	const struct jvalue *ended = jvalue_get(root, "ended");

	identity(rd, root, r);
	r->has_client = end(rd, root, "client", "client.", &r->client);
	r->has_server = end(rd, root, "server", "server.", &r->server);
	operation(rd, root, r);
	if (!reader_number(rd, root, "count", INT64_MAX, &r->count))
		r->count = 1;
	r->first_ns = reader_time(rd, root, "first_seen", r->ts_ns);
	r->last_ns = reader_time(rd, root, "last_seen", r->ts_ns ? r->ts_ns : r->first_ns);
	if (!r->ts_ns)
		r->ts_ns = r->last_ns;
	r->ended = jvalue_is(ended, JKIND_TRUE);
	if (ended && !r->ended && !jvalue_is(ended, JKIND_FALSE))
		reader_wrong(rd, "ended", "is neither true nor false");
	attacks(rd, root, r);
	r->srs = words(rd, root, "iec62443", r->sr, RECORD_SRS_MAX);
	r->alsos = words(rd, root, "also", r->also, RECORD_ALSO_MAX);
	origin(rd, root, r);
}

/* --- the whole ----------------------------------------------------------------------------- */

static void inside_free(struct inside *in)
{
	if (!in)
		return;
	sbuf_fini(&in->target);
	sbuf_fini(&in->value);
	sbuf_fini(&in->anomalies);
	arena_free(in->rd.copies);
	jtree_free(in->tree);
	free(in);
}

static int parse(struct record *r, struct inside *in, struct diag *d)
{
	struct diag why;
	int err;

	in->tree = jtree_read(r->json, r->json_len, VALUES_MAX, &err, &why);
	if (err)
		return diag_fail(d, err, "the alert %s", why.text);
	if (!jvalue_is(jtree_root(in->tree), JKIND_OBJECT))
		return diag_fail(d, ZT_ESYNTAX, "the alert is not a JSON object");
	members(&in->rd, jtree_root(in->tree), r);
	return in->rd.err;
}

int record_read(struct record *r, int64_t id, uint64_t ts_ns, const char *json, size_t n, struct diag *d)
{
	struct inside *in;
	int err;

	*r = (struct record){ .id = id, .ts_ns = ts_ns, .json = json, .json_len = n };
	if (n > RECORD_JSON_MAX)
		return diag_fail(d, ZT_ESYNTAX, "the alert is longer than %u bytes", RECORD_JSON_MAX);
	in = calloc(1, sizeof *in);
	if (!in)
		return diag_fail(d, ZT_ENOMEM, "no memory for an alert");
	in->rd = (struct reader){ .where = "", .d = d };
	sbuf_init(&in->target, LINE_MAX);
	sbuf_init(&in->value, LINE_MAX);
	sbuf_init(&in->anomalies, LINE_MAX);
	r->inside = in;
	err = parse(r, in, d);
	if (err)
		record_fini(r);
	return err;
}

void record_fini(struct record *r)
{
	inside_free(r->inside);
	memset(r, 0, sizeof *r);
}
