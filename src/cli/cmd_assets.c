/* cmd_assets.c - `zonetap assets`: who was seen, what they said of themselves, whom they talk to. */
#include "alert/store.h"
#include "base/json.h"
#include "base/names.h"
#include "cli/alert_out.h"
#include "cli/command.h"
#include "cli/options.h"
#include "cli/table.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LINE_MAX_BYTES (1u << 20)

struct assets_out {
	struct store *store;
	const struct store_filter *filter;
	struct term term;
	struct table *table;            /* list as text */
	struct sbuf line;               /* of JSON */
	struct json json;
	struct diag *d;
	uint64_t n;
	int err;
	char segment[128], ip[64];      /* of the asset in hand */
};

/* "a, b, a" to "a, b": several runs may have seen the same. */
static void once(struct sbuf *out, const char *list)
{
	sbuf_reset(out);
	while (list && *list) {
		size_t n = strcspn(list, ",");
		bool seen = false;

		for (const char *at = sbuf_text(out); *at;) {
			size_t m = strcspn(at, ",");

			seen |= m == n && memcmp(at, list, n) == 0;
			at += m + strspn(at + m, ", ");
		}
		if (!seen && n) {
			sbuf_str(out, out->len ? ", " : "");
			sbuf_mem(out, list, n);
		}
		list += n + strspn(list + n, ", ");
	}
}

/* --- list ------------------------------------------------------------------------------------ */

struct short_identity { char text[256]; };

static bool best(void *arg, const struct store_saying *a)
{
	struct short_identity *id = arg;
	static const char *const shown[] = { "vendor", "product", "order_number", "firmware" };

	for (size_t i = 0; i < sizeof shown / sizeof shown[0]; i++) {
		size_t n = strlen(id->text);

		if (strcmp(a->field, shown[i]) == 0 && !a->part[0] && n + strlen(a->value) + 2 < sizeof id->text)
			snprintf(id->text + n, sizeof id->text - n, "%s%s", n ? " " : "", a->value);
	}
	return true;
}

static bool list_row(void *arg, const struct store_asset *a)
{
	struct assets_out *o = arg;
	struct short_identity id = { "" };
	struct sbuf roles;
	char last[24];

	sbuf_init(&roles, 65536);
	once(&roles, a->roles);
	o->err = store_sayings(o->store, o->filter, a->segment, a->ip, best, &id, o->d);
	table_text(o->table, a->ip);
	table_text(o->table, a->name ? a->name : "");
	table_text(o->table, a->zone ? a->zone : "");
	table_text(o->table, sbuf_text(&roles));
	table_text(o->table, id.text);
	table_text(o->table, a->mac ? a->mac : "");
	table_text(o->table, alert_out_time(a->last_ns, last));
	sbuf_fini(&roles);
	return o->err == ZT_OK;
}

static int list_text(struct assets_out *o)
{
	static const struct table_column columns[] = {
		{ "address", TABLE_LEFT, false }, { "name", TABLE_LEFT, true }, { "zone", TABLE_LEFT, true },
		{ "seen as", TABLE_LEFT, true }, { "says it is", TABLE_LEFT, true }, { "MAC", TABLE_LEFT, true },
		{ "last seen", TABLE_LEFT, false },
	};
	int err;

	o->table = table_new(columns, sizeof columns / sizeof columns[0]);
	if (!o->table)
		return diag_fail(o->d, ZT_ENOMEM, "out of memory");
	err = store_assets(o->store, o->filter, list_row, o, o->d);
	err = err ? err : o->err;
	if (!err && table_rows(o->table))
		table_print(o->table, stdout, &o->term);
	else if (!err)
		puts("no assets");
	table_free(o->table);
	return err;
}

/* --- JSON ------------------------------------------------------------------------------------- */

static void text_if(struct json *j, const char *key, const char *s)
{
	if (s && s[0])
		json_str(j, key, s);
}

static bool saying_json(void *arg, const struct store_saying *a)
{
	struct json *j = arg;

	json_obj(j, NULL);
	json_str(j, "field", a->field);
	json_str(j, "value", a->value);
	text_if(j, "part", a->part);
	text_if(j, "proto", a->proto);
	text_if(j, "capture", a->capture);
	json_uint(j, "frame", a->frame);
	json_uint(j, "count", a->count);
	if (a->contradicted)
		json_bool(j, "contradicted", true);
	json_obj_end(j);
	return true;
}

static void words_json(struct json *j, const char *key, const char *list)
{
	struct sbuf b;

	sbuf_init(&b, 65536);
	once(&b, list);
	if (b.len) {
		json_arr(j, key);
		for (const char *at = sbuf_text(&b); *at;) {
			size_t n = strcspn(at, ",");

			json_strn(j, NULL, at, n);
			at += n + strspn(at + n, ", ");
		}
		json_arr_end(j);
	}
	sbuf_fini(&b);
}

static bool asset_json(void *arg, const struct store_asset *a)
{
	struct assets_out *o = arg;
	struct json *j = &o->json;

	sbuf_reset(&o->line);
	json_init(j, &o->line);
	json_obj(j, NULL);
	json_str(j, "ip", a->ip);
	text_if(j, "segment", a->segment);
	text_if(j, "asset", a->name);
	text_if(j, "role", a->role);
	text_if(j, "zone", a->zone);
	words_json(j, "mac", a->mac);
	words_json(j, "seen_as", a->roles);
	json_time(j, "first_seen", a->first_ns);
	json_time(j, "last_seen", a->last_ns);
	json_obj(j, "evidence");
	text_if(j, "capture", a->first_capture);
	json_uint(j, "first_frame", a->first_frame);
	json_obj_end(j);
	json_arr(j, "identity");
	o->err = store_sayings(o->store, o->filter, a->segment, a->ip, saying_json, j, o->d);
	json_arr_end(j);
	json_obj_end(j);
	puts(sbuf_text(&o->line));
	o->n++;
	return o->err == ZT_OK;
}

/* --- show --------------------------------------------------------------------------------------- */

static bool show_saying(void *arg, const struct store_saying *a)
{
	struct assets_out *o = arg;

	if (!o->n++)
		printf("\n  says of itself\n");
	printf("    %s%s%s: %s  (%s, ", a->part, a->part[0] ? " " : "", a->field, a->value, a->proto);
	sbuf_reset(&o->line);
	sbuf_escape(&o->line, a->capture, strlen(a->capture));
	printf("%s frame %" PRIu32 "%s%s)\n", sbuf_text(&o->line), a->frame, a->count > 1 ? ", repeated" : "",
	       a->contradicted ? ", contradicted by another value" : "");
	return true;
}

static bool show_conversation(void *arg, const struct store_conversation *c)
{
	struct assets_out *o = arg;

	table_text(o->table, c->client);
	table_text(o->table, c->server);
	table_fmt(o->table, "%s %s", c->proto, c->op);
	table_text(o->table, c->func_name ? c->func_name : "");
	struct sbuf b;

	sbuf_init(&b, 1024);
	if (c->unit >= 0)
		sbuf_fmt(&b, "unit %" PRId64 " ", c->unit);
	sbuf_str(&b, c->space ? c->space : "");
	if (c->block >= 0)
		sbuf_fmt(&b, " #%" PRId64, c->block);
	if (c->from >= 0 && c->to > c->from)
		sbuf_fmt(&b, " %" PRId64 "-%" PRId64, c->from, c->to);
	else if (c->from >= 0)
		sbuf_fmt(&b, " %" PRId64, c->from);
	if (c->tag)
		sbuf_fmt(&b, " %s", c->tag);
	table_text(o->table, sbuf_text(&b));
	sbuf_fini(&b);
	table_fmt(o->table, "%" PRIu64, c->count);
	return true;
}

static bool show_asset(void *arg, const struct store_asset *a)
{
	static const struct table_column columns[] = {
		{ "client", TABLE_LEFT, false }, { "server", TABLE_LEFT, false }, { "what", TABLE_LEFT, false },
		{ "function", TABLE_LEFT, true }, { "target", TABLE_LEFT, true }, { "count", TABLE_RIGHT, false },
	};
	struct assets_out *o = arg;
	char from[24], to[24];
	struct sbuf roles;

	sbuf_init(&roles, 65536);
	once(&roles, a->roles);
	printf("%s%s%s\n", a->ip, a->name ? "  " : "", a->name ? a->name : "");
	alert_out_line("role", a->role);
	alert_out_line("zone", a->zone);
	alert_out_line("segment", a->segment);
	alert_out_line("MAC", a->mac);
	alert_out_line("seen as", sbuf_text(&roles));
	alert_out_line("first seen", alert_out_time(a->first_ns, from));
	alert_out_line("last seen", alert_out_time(a->last_ns, to));
	sbuf_fini(&roles);
	o->n = 0;
	o->err = store_sayings(o->store, o->filter, a->segment, a->ip, show_saying, o, o->d);
	o->table = table_new(columns, sizeof columns / sizeof columns[0]);
	if (!o->err && o->table)
		o->err = store_conversations(o->store, o->filter, a->ip, show_conversation, o, o->d);
	if (o->table && table_rows(o->table)) {
		putchar('\n');
		table_print(o->table, stdout, &o->term);
	}
	table_free(o->table);
	o->n = 1;
	return o->err == ZT_OK;
}

static int show(struct assets_out *o, bool as_json)
{
	int err = store_assets(o->store, o->filter, as_json ? asset_json : show_asset, o, o->d);

	err = err ? err : o->err;
	if (!err && !o->n && o->filter->address)
		err = diag_fail(o->d, ZT_ENOENT, "no asset has the address or name '%s': `zonetap assets` lists them",
				o->filter->address);
	return err;
}

/* --- the command ----------------------------------------------------------------------------------- */

/* false: wrong, and said. */
static bool operands_ok(const struct operands *rest, const char **name)
{
	static const char *const words[] = { "list", "show", NULL };
	const char *word = rest->n ? rest->v[0] : "list";
	const char *near;

	if (strcmp(word, "show") == 0 && rest->n == 2) {
		*name = rest->v[1];
		return true;
	}
	if (strcmp(word, "list") == 0 && rest->n < 2)
		return true;
	near = name_nearest(word, words);
	if (strcmp(word, "show") == 0)
		options_wrong("assets", "show wants the address or name of one asset");
	else if (strcmp(word, "list") == 0)
		options_wrong("assets", "list takes no operand: '%s'", rest->v[1]);
	else
		options_wrong("assets", "unknown word '%s'%s%s%s", word, near ? ": did you mean '" : "", near ? near : "",
			      near ? "'?" : "");
	return false;
}

int cmd_assets(int argc, char **argv)
{
	static const char *const formats[] = { "text", "jsonl", NULL };
	struct store_filter f = { 0 };
	const char *db = "zonetap.db";
	unsigned format = 0;
	const struct option options[] = {
		{ .name = "db", .type = OPTION_TEXT, .arg = "FILE", .help = "database to read (zonetap.db)", .to = &db },
		{ .name = "run", .type = OPTION_TEXT, .arg = "ID", .help = "only this run; otherwise of each set of captures the run stored last", .to = &f.run },
		{ .name = "format", .type = OPTION_WORD, .arg = "FORMAT", .help = "how to print them", .to = &format, .words = formats },
		{ 0 },
	};
	struct operands rest;
	struct alert_out out;
	struct diag d;
	struct assets_out o = { .filter = &f, .d = &d };
	int status, err;

	if (!options_parse(options, argc, argv, 0, 2, &rest, &status))
		return status;
	if (!operands_ok(&rest, &f.address))
		return EXIT_USAGE;
	alert_out_init(&out, format);
	o.term = out.term;
	sbuf_init(&o.line, LINE_MAX_BYTES);
	o.store = store_open(db, STORE_READ, &d);
	err = !o.store ? ZT_EIO : f.address || format ? show(&o, format == ALERTS_JSONL) : list_text(&o);
	store_close(o.store);
	sbuf_fini(&o.line);
	if (err)
		fprintf(stderr, "zonetap: assets: %s\n", d.text);
	return alert_out_fini("assets") && !err ? EXIT_DONE : EXIT_OPERATION;
}
