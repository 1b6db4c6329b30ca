/* Expressions: whatever compiles must evaluate, and what it is true of must be inside its mask.
 *
 * Input: one byte that says the use, the expression up to a NUL, then bytes for an event. */
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

static void evaluate(const struct expr *e, const struct ot_event *ev)
{
	struct flow_facts flow = { .is_new = true, .server_port = 502, .verdict = VERDICT_DENIED, .decided = ev->op & 1 };
	struct history_facts history = { .new_asset = true, .subject = &ev->head.src };
	struct judged j = { .ev = ev };

	if (expr_stage(e) == STAGE_FLOW)
		j.flow = &flow;
	if (expr_stage(e) == STAGE_HISTORY)
		j.history = &history;
	if (expr_truth(e, &j) != EXPR_NO && !j.flow && expr_signature(ev) & ~expr_mask(e))
		abort();
	if (expr_eval(e, &j) && !j.flow && expr_signature(ev) & ~expr_mask(e))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct ot_event ev;
	struct expr_errors errs;
	const uint8_t *end;
	struct expr *e;
	char *text;
	size_t n;

	if (size < 2)
		return 0;
	end = memchr(data + 1, 0, size - 1);
	n = end ? (size_t)(end - data - 1) : size - 1;
	text = malloc(n ? n : 1);               /* exactly as long: reading past it is seen */
	if (!text)
		return 0;
	memcpy(text, data + 1, n);
	e = expr_compile(text, n, data[0] % 3, data[0] & 4 ? NULL : &site, &errs);
	free(text);
	if (e) {
		fill(&ev, data + 1 + n, size - 1 - n);
		evaluate(e, &ev);
	} else if (errs.n == 0) {
		abort();                        /* refused without a word */
	}
	expr_free(e);
	return 0;
}
