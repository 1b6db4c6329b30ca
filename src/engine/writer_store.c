#include "engine/writer_store.h"

#include "alert/store.h"
#include "base/clock.h"
#include "classify/classify.h"
#include "inventory/geo.h"

#include <config.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PROGRAM PACKAGE_NAME " " PACKAGE_VERSION

static const char *segment_name(const struct writer *w, uint16_t segment)
{
	const char *s = policy_segment_name(w->policy, segment);

	return s ? s : "";
}

/* "modbus server, s7comm client": what was seen of it. */
static void roles_text(struct sbuf *out, const struct asset *a)
{
	sbuf_reset(out);
	for (unsigned proto = 1; proto < PROTO_COUNT; proto++) {
		if (a->as_server >> proto & 1)
			sbuf_fmt(out, "%s%s server", out->len ? ", " : "", ot_proto_word(proto));
		if (a->as_client >> proto & 1)
			sbuf_fmt(out, "%s%s client", out->len ? ", " : "", ot_proto_word(proto));
	}
}

/* Its own MACs; a router's says nothing about the asset behind it. */
static void macs_text(struct sbuf *out, const struct writer *w, const struct asset *a)
{
	char text[MAC_TEXT];

	sbuf_reset(out);
	for (unsigned i = 0; i < a->macs; i++) {
		if (!assets_mac_is_router(w->assets, a->segment, a->mac[i]))
			sbuf_fmt(out, "%s%s", out->len ? ", " : "", mac_text(a->mac[i], text));
	}
}

static bool contradicted(const struct writer *w, const struct asset *a, const struct asset_saying *x)
{
	for (uint32_t i = a->said; i != ASSET_NONE; i = assets_saying(w->assets, i)->next) {
		const struct asset_saying *y = assets_saying(w->assets, i);

		if (y != x && y->field == x->field && strcmp(y->part, x->part) == 0)
			return true;
	}
	return false;
}

/* Wire text as it is stored: escaped, so that nothing that reads the database meets control characters. */
static const char *clean(struct sbuf *out, const char *s, size_t n)
{
	sbuf_reset(out);
	sbuf_escape(out, s, n);
	return sbuf_text(out);
}

int writer_store_asset(struct writer *w, const struct asset *a, struct diag *d)
{
	const struct site_asset *site = policy_asset(w->policy, a->site_asset);
	const struct zone *zone = policy_zone(w->policy, a->zone);
	char ip[ADDR_TEXT], sort[33];
	int err;

	for (unsigned i = 0; i < 16; i++)
		snprintf(sort + i * 2, 3, "%02x", a->ip.b[i]);
	addr_text(&a->ip, ip);
	roles_text(&w->text, a);
	macs_text(&w->client, w, a);
	err = store_asset(w->store, &(struct store_asset){
		.segment = segment_name(w, a->segment), .ip = ip, .sort = sort, .name = site ? site->name : NULL,
		.role = site ? site->role : NULL, .zone = zone ? zone->name : NULL, .mac = sbuf_text(&w->client),
		.roles = sbuf_text(&w->text), .first_ns = clock_told(a->first_ns), .last_ns = clock_told(a->last_ns),
		.first_capture = writer_capture_name(w, a->first_capture), .first_frame = a->first_frame,
	}, d);
	for (uint32_t i = a->said; !err && i != ASSET_NONE; i = assets_saying(w->assets, i)->next) {
		const struct asset_saying *x = assets_saying(w->assets, i);

		err = store_saying(w->store, &(struct store_saying){
			.segment = segment_name(w, a->segment), .ip = ip,
			.part = clean(&w->client, x->part, strlen(x->part)), .field = identity_field_word(x->field),
			.value = clean(&w->server, x->text, strlen(x->text)), .proto = ot_proto_word(x->proto),
			.capture = writer_capture_name(w, x->capture), .frame = x->frame, .count = x->count,
			.first_ns = clock_told(x->first_ns), .last_ns = clock_told(x->last_ns), .contradicted = contradicted(w, a, x),
		}, d);
	}
	return err;
}

static int64_t if_has(const struct conversation *c, uint32_t bit, uint64_t v)
{
	return c->has & bit ? (int64_t)v : -1;
}

int writer_store_conversation(struct writer *w, const struct conversation *c, struct diag *d)
{
	char client[ADDR_TEXT], server[ADDR_TEXT], space[32] = "";

	if (c->space)
		snprintf(space, sizeof space, "%s", c->space);
	else if (c->has & HAS_CLASS)
		snprintf(space, sizeof space, "class_0x%02x", c->cls);
	return store_conversation(w->store, &(struct store_conversation){
		.serial = c->serial,
		.segment = segment_name(w, c->segment), .client = addr_text(&c->client, client),
		.server = addr_text(&c->server, server), .proto = ot_proto_word(c->proto), .op = ot_op_word(c->op),
		.func = if_has(c, HAS_FUNC, c->func), .sub = if_has(c, HAS_SUB, c->sub), .func_name = c->func_name,
		.unit = if_has(c, HAS_UNIT, c->unit), .space = space[0] ? space : NULL,
		.block = if_has(c, HAS_BLOCK, c->block), .granule = c->granule ? ot_granule_word(c->granule) : NULL,
		.tag = c->tag_len ? clean(&w->text, c->tag, c->tag_len) : NULL, .from = if_has(c, HAS_FIRST, c->from),
		.to = if_has(c, HAS_FIRST, c->to - 1), .count = c->count, .first_ns = clock_told(c->first_ns), .last_ns = clock_told(c->last_ns),
		.capture = writer_capture_name(w, c->capture), .frame = c->frame,
	}, d);
}

static int store_captures(struct writer *w, struct diag *d)
{
	int err = ZT_OK;

	for (uint32_t i = 0; !err && i < w->captures; i++) {
		const struct writer_capture *c = &w->capture[i];

		if (c->used)
			err = store_capture(w->store, &(struct store_capture){
				.name = c->name, .sha256 = c->sha256, .error = c->error[0] ? c->error : NULL,
				.bytes = c->bytes, .packets = c->packets, .first_ns = c->first_ns, .last_ns = c->last_ns,
			}, d);
	}
	return err;
}

/* The run is what went into it: the captures that could be read, site and rules, the program. */
static int name_run(struct writer *w, char captures_hash[SHA256_TEXT], struct diag *d)
{
	struct sha256 *captures = sha256_new(), *run = sha256_new();
	const char *engine = classify_version() ? classify_version() : "";
	uint64_t geo = geo_identity(policy_geo(w->policy));

	for (uint32_t i = 0; captures && i < w->captures; i++) {
		if (w->capture[i].used && w->capture[i].sha256[0])
			sha256_add(captures, w->capture[i].sha256, SHA256_TEXT);
	}
	sha256_end(captures, captures_hash);
	if (run) {
		sha256_add(run, captures_hash, SHA256_TEXT);
		sha256_add(run, policy_hash(w->policy), strlen(policy_hash(w->policy)) + 1);
		sha256_add(run, PROGRAM, sizeof PROGRAM);
		sha256_add(run, engine, strlen(engine) + 1);
		sha256_add(run, &geo, sizeof geo);
	}
	sha256_end(run, w->run);
	return captures_hash[0] && w->run[0] ? ZT_OK : diag_fail(d, ZT_ELIB, "SHA-256 failed");
}

/* What stands for the run and the captures' hashes in the spooled JSON, and what it is: kept by the writer. */
static bool fill_in(struct writer *w)
{
	uint32_t n = 0;

	w->replace = calloc((size_t)w->captures * 2 + 3, sizeof *w->replace);
	w->replace_text = calloc(w->captures + 1u, sizeof *w->replace_text);
	if (!w->replace || !w->replace_text)
		return false;
	for (uint32_t i = 0; i <= w->captures; i++) {
		char (*text)[80] = w->replace_text[i];

		if (i < w->captures && !w->capture[i].used)
			continue;
		snprintf(text[0], sizeof text[0], "%s", i == w->captures ? WRITER_RUN_LATER : writer_sha_later(w, (uint16_t)i));
		snprintf(text[1], sizeof text[1], "\"%s\"", i == w->captures ? w->run : w->capture[i].sha256);
		w->replace[n++] = text[0];
		w->replace[n++] = text[1];
	}
	return true;
}

int writer_store_run(struct writer *w, const struct writer_totals *totals, bool *known, struct diag *d)
{
	char captures_hash[SHA256_TEXT];
	int err = name_run(w, captures_hash, d);

	for (uint32_t i = 0; !err && i < assets_count(w->assets); i++)
		err = writer_store_asset(w, assets_at(w->assets, i), d);
	for (uint32_t i = 0; !err && i < conversations_rows(w->conversations); i++)
		err = writer_store_conversation(w, conversations_at(w->conversations, i), d);
	err = err ? err : store_captures(w, d);
	if (!err && !fill_in(w))
		err = diag_fail(d, ZT_ENOMEM, "out of memory");
	return err ? err : store_commit(w->store, &(struct store_run){
		.id = w->run, .captures_hash = captures_hash, .site = policy_site_name(w->policy),
		.policy_hash = policy_hash(w->policy), .program = PROGRAM, .packets = totals->packets,
		.events = totals->events, .first_ns = clock_told(w->first_ns), .last_ns = clock_told(w->last_ns),
		.replace = w->replace,
	}, known, d);
}
