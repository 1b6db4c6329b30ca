/* Expressions: whatever compiles must evaluate, what it is true of must be inside its mask, and what is certain of
 * an event in part must hold of all of it.
 *
 * Input: one byte that says the use (by three; from 240 on it is that of a sink), whether there is no site (2) and
 * whether mistakes are printed (3), the expression up to a NUL, then bytes for an event. It is held against that event and the typical ones. */
#include "expr/alert_facts.h"
#include "expr/expr.h"

#include <stdlib.h>
#include <string.h>

static const char *const zones[] = { NULL, "scada", "cell-1" }, *const assets[] = { NULL, "hmi-1", "plc-filler" },
			*const roles[] = { NULL, "hmi", "plc" }, *const segments[] = { NULL, "line-3" };
static const uint8_t levels[] = { 0, 20, 35 };
static const uint16_t asset_roles[] = { 0, 1, 2 };
static const struct expr_site site = { 3, 3, 3, 2, zones, assets, roles, segments, levels, asset_roles };

static uint8_t take(const uint8_t **p, size_t *n)
{
	if (*n == 0)
		return 0;
	--*n;
	return *(*p)++;
}

static void fill_side(struct ot_side *s, const uint8_t **p, size_t *n)
{
	uint8_t v4[4] = { 192, 168, take(p, n), take(p, n) };

	s->ip = addr_v4(v4);
	s->port = (uint16_t)(take(p, n) << 8 | take(p, n));
	s->zone = take(p, n) % 3;
	s->asset = take(p, n) % 3;
	s->has_mac = take(p, n) & 1;
}

static void fill(struct ot_event *e, const uint8_t *p, size_t n)
{
	memset(e, 0, sizeof *e);
	e->proto = take(&p, &n) % PROTO_COUNT;
	e->op = take(&p, &n) % OP_COUNT;
	e->act = take(&p, &n) % ACT_COUNT;
	e->dir = take(&p, &n) % 3;
	e->outcome = take(&p, &n) % 6;
	e->verdict = take(&p, &n) % 4;
	e->granule = take(&p, &n) % 5;
	e->has = (uint32_t)take(&p, &n) << 8 | take(&p, &n);
	e->anomalies = take(&p, &n);
	e->flags = take(&p, &n);
	e->rosctr = take(&p, &n) % 8;
	fill_side(&e->head.src, &p, &n);
	fill_side(&e->head.dst, &p, &n);
	e->head.vlans = take(&p, &n) % 3;
	e->head.ip_proto = take(&p, &n);
	e->head.segment = take(&p, &n) % 2;
	e->func = take(&p, &n);
	e->sub = take(&p, &n);
	e->cls = take(&p, &n);
	e->first = take(&p, &n);
	e->count = take(&p, &n);
	e->status = take(&p, &n);
	e->status_exts = take(&p, &n) % 5;
	e->value_len = take(&p, &n) % (OT_VALUE_MAX + 1);
	e->value_total = take(&p, &n);
	e->space = take(&p, &n) & 1 ? "holding_registers" : NULL;
	e->tag_len = (uint16_t)(n < OT_TAG_MAX ? n : OT_TAG_MAX);
	memcpy(e->tag, p, e->tag_len);
}

/* --- events of every protocol, so that whatever compiles meets values -------------------------- */

#define TYPICAL 5

static struct ot_event typical[TYPICAL];

static void text_of(char *to, uint16_t *len, const char *s)
{
	*len = (uint16_t)strlen(s);
	memcpy(to, s, *len);
}

static void ends(struct ot_event *e)
{
	static const uint8_t hmi[4] = { 192, 168, 2, 10 }, plc[4] = { 192, 168, 1, 10 }, mac[6] = { 0, 0x1d, 0x9c, 1, 2, 3 };

	e->head = (struct ot_head){ .frame = 7, .pdu = 1, .segment = 1, .vlans = 1, .vlan = { 12 }, .ip_proto = 6,
				    .ts_ns = 1764086400000000000 };
	e->head.src = (struct ot_side){ .ip = addr_v4(hmi), .port = 40000, .zone = 1, .asset = 1, .has_mac = 1 };
	e->head.dst = (struct ot_side){ .ip = addr_v4(plc), .port = 502, .zone = 2, .asset = 2, .has_mac = 1 };
	memcpy(e->head.src.mac, mac, 6);
	memcpy(e->head.dst.mac, mac, 6);
}

static void modbus_write(struct ot_event *e)
{
	static const uint8_t value[4] = { 1, 2, 3, 4 };

	ends(e);
	e->proto = PROTO_MODBUS;
	e->op = OP_WRITE;
	e->verdict = VERDICT_DENIED;
	e->granule = GRANULE_WORD;
	e->has = HAS_UNIT | HAS_TXN | HAS_FUNC | HAS_FIRST | HAS_COUNT | HAS_VALUE;
	e->unit = 1;
	e->func = 16;
	e->func_name = "write_multiple_registers";
	e->space = "holding_registers";
	e->first = 100;
	e->count = 20;
	e->value_len = 4;
	e->value_total = 40;
	memcpy(e->value, value, sizeof value);
}

static void s7_answer(struct ot_event *e)
{
	modbus_write(e);
	e->proto = PROTO_S7COMM;
	e->dir = DIR_RESPONSE;
	e->flags = EV_CLIENT_IS_DST;
	e->outcome = OUTCOME_ERROR;
	e->act = ACT_PROGRAM_DOWNLOAD;
	e->has |= HAS_BLOCK | HAS_ROSCTR | HAS_STATUS | HAS_LATENCY | HAS_REQUEST | HAS_SUB;
	e->rosctr = 3;
	e->block = 10;
	e->space = "db";
	e->status = 5;
	e->status_name = "invalid_address";
	e->latency_us = 250000;
	e->part = 1;
	e->parts = 3;
	e->anomalies = 3;
	text_of(e->tag, &e->tag_len, "DB 10");
}

static void cip_identity(struct ot_event *e)
{
	s7_answer(e);
	e->proto = PROTO_CIP;
	e->flags |= EV_CUT;
	e->has |= HAS_CLASS | HAS_IDENTITY | HAS_CONNECTION;
	e->has &= ~(uint32_t)HAS_REQUEST;
	e->func = 0x4b;
	e->cls = 0x67;
	e->space = NULL;
	e->status_exts = OT_STATUS_EXT_MAX;
	for (unsigned i = 0; i < OT_STATUS_EXT_MAX; i++)
		e->status_ext[i] = 0x100 + i;
	text_of(e->tag, &e->tag_len, "Program:Main.Speed");
	text_of(e->path, &e->path_len, "class 6 instance 1");
	text_of(e->route, &e->route_len, "1,0");
	e->identity = (struct ot_identity){ .vendor_id = 1, .product_code = 166, .has_vendor_id = 1, .has_product_code = 1,
					    .vendor = "Rockwell", .product = "1756-L61", .order_number = "6ES7", .serial = "c0ffee",
					    .firmware = "20.11", .hardware = "A", .name = "Mixer" };
}

static void userdata(struct ot_event *e)
{
	s7_answer(e);
	e->dir = DIR_NOTIFY;
	e->rosctr = 7;
	e->func = 4;
	e->sub = 1;
}

static void make_typical(void)
{
	static void (*const makers[TYPICAL - 1])(struct ot_event *) = { modbus_write, s7_answer, cip_identity, userdata };

	for (unsigned i = 0; i < TYPICAL - 1; i++)
		makers[i](&typical[i]);
	ends(&typical[TYPICAL - 1]);            /* a flow without a message */
}

/* --- what must hold ---------------------------------------------------------------------------- */

enum when { NOW, FLOW_BEGINS, FLOW_DECIDED };    /* a conduit looks at both kinds of flow, whatever the stage */

static void evaluate(const struct expr *e, const struct ot_event *ev, enum when when)
{
	struct flow_facts flow = { .is_new = true, .server_port = 502, .verdict = VERDICT_DENIED, .decided = when == FLOW_DECIDED,
				   .expected = PROTO_MODBUS, .ip_proto = 6 };
	struct history_facts history = { .new_asset = true, .subject = &ev->head.src };
	struct judged j = { .ev = ev };
	enum expr_truth truth;
	bool met;

	if (expr_stage(e) == STAGE_FLOW || when != NOW)
		j.flow = &flow;
	if (expr_stage(e) == STAGE_HISTORY)
		j.history = &history;
	truth = expr_truth(e, &j);
	met = expr_eval(e, &j);
	if ((truth != EXPR_NO || met) && !j.flow && expr_signature(ev) & ~expr_mask(e))
		abort();
	if ((truth == EXPR_NO && met) || (truth == EXPR_YES && !met))
		abort();                        /* knowing less may leave it open, not turn it round */
}

/* The text as the name of a field, as `group:` takes it. */
static void key_of(const char *name, bool with_site, const struct ot_event *ev)
{
	struct flow_facts flow = { .server_port = 502 };
	struct history_facts history = { .subject = &ev->head.dst };
	struct judged j = { .ev = ev };
	const struct field *f = expr_field(name);
	uint8_t key[32];

	if (!f)
		return;
	j.flow = expr_field_stage(f) == STAGE_FLOW ? &flow : NULL;
	j.history = expr_field_stage(f) == STAGE_HISTORY ? &history : NULL;
	if (expr_field_bytes(f, with_site ? &site : NULL, &j, key, sizeof key) > sizeof key)
		abort();
}

/* Held against an alert of which everything is known, and one of which nothing is. */
static void forward(const struct expr *e)
{
	static const char *const list[] = { "T0855", "SR 2.1", "" };
	static const uint8_t ip[4] = { 192, 168, 2, 10 };
	static const struct alert_side side = {
		.zone = "scada", .asset = "hmi-1", .role = "hmi", .segment = "line-3", .country = "DE", .country_name = "Germany",
		.org = "Example", .mac = 0x001d9c010203, .port = 502, .level10 = 35, .asn = 64496, .has_ip = true, .has_mac = true,
		.has_port = true, .has_level = true, .has_asn = true,
	};
	struct alert_facts a = {
		.client = side, .server = side, .rule = "write-denied", .class_word = "unauthorised-write", .title = "A title",
		.text = "A sentence.", .sensor = "north", .site = "plant", .proto = "modbus", .op = "write", .act = "stop", .func = "write_single_coil",
		.app = "rdp", .outcome = "accepted", .status = "", .target = "coils 1", .health_kind = "drops", .health_name = "eth0",
		.attack = list, .sr = list, .also = list, .attacks = 3, .srs = 3, .alsos = 3, .severity = 4, .rev = 1, .unit = 1, .count = 1,
		.has_unit = true,
	};

	a.client.ip = a.server.ip = addr_v4(ip);
	expr_forward(e, &a);
	expr_forward(e, &(struct alert_facts){ 0 });
}

static void refused(const char *text, size_t n, const struct expr_errors *errs, bool print)
{
	static FILE *nowhere;
	char *line;

	if (errs->n == 0)
		abort();                        /* refused without a word */
	for (uint32_t i = 0; i < errs->n; i++) {
		if (errs->v[i].at > n || errs->v[i].len > n - errs->v[i].at || !errs->v[i].text[0])
			abort();                /* its place is not in the text */
	}
	if (!print)
		return;
	if (!nowhere)
		nowhere = fopen("/dev/null", "w");
	line = strndup(text, n);
	if (!nowhere || !line)
		abort();
	expr_errors_print(nowhere, line, errs);
	free(line);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct ot_event ev;
	struct expr_errors errs;
	enum expr_use use;
	bool no_site;
	struct expr *e;
	char *text;
	size_t n;

	if (size < 2)
		return 0;
	if (!typical[0].proto)
		make_typical();
	n = strnlen((const char *)data + 1, size - 1);
	no_site = data[0] & 4;
	text = malloc(n ? n : 1);               /* exactly as long: reading past it is seen */
	if (!text)
		return 0;
	memcpy(text, data + 1, n);
	use = data[0] >= 240 ? EXPR_FORWARD : data[0] % 3;
	e = expr_compile(text, n, use, no_site ? NULL : &site, &errs);
	free(text);
	if (!e) {
		refused((const char *)data + 1, n, &errs, data[0] & 8);
		return 0;
	}
	if (use == EXPR_FORWARD) {
		forward(e);
		expr_free(e);
		return 0;
	}
	fill(&ev, data + 1 + n, size - 1 - n);
	evaluate(e, &ev, NOW);
	for (unsigned i = 0; i < TYPICAL; i++) {
		evaluate(e, &typical[i], NOW);
		evaluate(e, &typical[i], i % 2 ? FLOW_DECIDED : FLOW_BEGINS);
		if (n < size - 1)               /* a NUL stands behind it */
			key_of((const char *)data + 1, !no_site, &typical[i]);
	}
	expr_free(e);
	return 0;
}
