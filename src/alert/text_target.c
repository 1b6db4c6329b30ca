#include "alert/text_target.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DASH "\xe2\x80\x93"             /* U+2013 */
#define KINDS_SHOWN 3
#define RANGES_SHOWN 4
#define NAMES_SHOWN 6

struct range { uint64_t from, to; };    /* [from, to) */

void alert_words(struct sbuf *out, const char *snake)
{
	for (; *snake; snake++)
		sbuf_char(out, *snake == '_' ? ' ' : *snake);
}

/* Spaces that a person calls otherwise, or that are not counted by adding an s. */
static const struct { const char *space, *one, *many; } nouns[] = {
	{ "coils", "coil", "coils" }, { "discrete_inputs", "discrete input", "discrete inputs" },
	{ "input_registers", "input register", "input registers" },
	{ "holding_registers", "holding register", "holding registers" },
	{ "fifo", "FIFO queue", "FIFO queues" }, { "file", "file record", "file records" },
	{ "timers", "timer", "timers" }, { "counters", "counter", "counters" },
	{ "szl", "system status list", "system status lists" },
	{ "flags", "flag", "flag" }, { "inputs", "input", "input" }, { "outputs", "output", "output" },
	{ "analog_inputs", "analog input", "analog input" }, { "analog_outputs", "analog output", "analog output" },
};

static void noun(struct sbuf *out, const char *space, bool many)
{
	for (size_t i = 0; i < sizeof nouns / sizeof nouns[0]; i++) {
		if (strcmp(space, nouns[i].space) == 0) {
			sbuf_str(out, many ? nouns[i].many : nouns[i].one);
			return;
		}
	}
	alert_words(out, space);
}

static bool same_kind(const struct alert_target_node *a, const struct alert_target_node *b)
{
	if (a->tag_len || b->tag_len || a->path_len || b->path_len || a->t.space != b->t.space ||
	    (a->t.has ^ b->t.has) & HAS_CLASS || a->t.cls != b->t.cls)
		return false;
	return a->t.has & HAS_CLASS || (a->t.block == b->t.block && a->t.granule == b->t.granule);
}

static struct range range_of(const struct alert_target_node *n)
{
	struct range r = { n->t.first, 0 };

	if (n->t.has & HAS_CLASS)
		r = (struct range){ n->t.block, (uint64_t)n->t.block + 1 };
	else
		r.to = r.from + (n->t.has & HAS_COUNT && n->t.count ? n->t.count : 1);
	return r;
}

static int by_from(const void *x, const void *y)
{
	const struct range *a = x, *b = y;

	return a->from < b->from ? -1 : a->from > b->from;
}

static unsigned merge(struct range *v, unsigned n)
{
	unsigned to = 0;

	qsort(v, n, sizeof *v, by_from);
	for (unsigned i = 1; i < n; i++) {
		if (v[i].from <= v[to].to)
			v[to].to = v[i].to > v[to].to ? v[i].to : v[to].to;
		else
			v[++to] = v[i];
	}
	return n ? to + 1 : 0;
}

/* S7 counts bits as byte.bit. */
static void number(struct sbuf *out, uint64_t n, bool bits)
{
	if (bits)
		sbuf_fmt(out, "%llu.%llu", (unsigned long long)n / 8, (unsigned long long)n % 8);
	else
		sbuf_uint(out, n);
}

static void ranges(struct sbuf *out, const struct range *v, unsigned n, bool bits)
{
	for (unsigned i = 0; i < n && i < RANGES_SHOWN; i++) {
		sbuf_str(out, i ? ", " : " ");
		number(out, v[i].from, bits);
		if (v[i].to - v[i].from > 1) {
			sbuf_str(out, DASH);
			number(out, v[i].to - 1, bits);
		}
	}
	if (n > RANGES_SHOWN)
		sbuf_fmt(out, " and %u more", n - RANGES_SHOWN);
}

static bool modbus_space(const char *space)
{
	return strstr(space, "coils") || strstr(space, "registers") || strstr(space, "discrete");
}

/* Targets of one kind: "DB10 bytes 4-7", "holding registers 0-9, 20", "routine instances 1-3". */
static void kind(struct sbuf *out, const struct alert *a, const struct alert_target_node *n, struct range *v, unsigned got)
{
	const struct alert_target *t = &n->t;
	bool bits = t->granule == GRANULE_BIT && t->space && !modbus_space(t->space);
	unsigned merged = merge(v, got);
	bool many = merged > 1 || (merged == 1 && v[0].to - v[0].from > 1);

	if (t->has & HAS_CLASS) {
		char name[32];

		snprintf(name, sizeof name, "class_0x%02x", t->cls);
		alert_words(out, t->space ? t->space : name);
		if (!(t->has & HAS_BLOCK))
			return;
		sbuf_str(out, many ? " instances" : " instance");
		ranges(out, v, merged, false);
		if (t->has & HAS_FIRST && a->targets == 1)
			sbuf_fmt(out, " attribute %u", t->first);
		return;
	}
	if (t->space && (strcmp(t->space, "db") == 0 || strcmp(t->space, "di") == 0)) {
		sbuf_str(out, strcmp(t->space, "db") == 0 ? "DB" : "DI");
		if (t->has & HAS_BLOCK)
			sbuf_uint(out, t->block);
		if (!(t->has & HAS_FIRST))
			return;
		sbuf_str(out, bits ? " bit" : " byte");
		sbuf_str(out, many ? "s" : "");
	} else if (t->space && strcmp(t->space, "szl") == 0) {
		sbuf_fmt(out, "system status list 0x%04x", t->block);
		return;
	} else {
		noun(out, t->space ? t->space : "address", many);
		if (!t->space || (!modbus_space(t->space) && (bits || t->granule == GRANULE_BYTE)))
			sbuf_fmt(out, " %s%s", bits ? "bit" : "byte", many ? "s" : "");
	}
	if (t->has & HAS_FIRST)
		ranges(out, v, merged, bits);
}

static void texts(struct sbuf *out, const struct alert_target_node *n)
{
	if (n->tag_len) {
		if (n->t.space && strcmp(n->t.space, "block") == 0)
			sbuf_str(out, n->tag[0] == '_' ? "" : "block ");
		else
			sbuf_str(out, "tag ");
		sbuf_escape(out, n->tag, n->tag_len);
	} else {
		sbuf_str(out, "object ");
		sbuf_escape(out, n->path, n->path_len);
	}
}

bool alert_targets_text(struct sbuf *out, const struct alert *a)
{
	struct range v[ALERT_TARGETS_MAX];
	uint64_t left = a->targets_more;
	unsigned kinds = 0;

	for (const struct alert_target_node *n = a->target; n; n = n->next) {
		const struct alert_target_node *before = a->target;
		unsigned got = 0;

		while (before != n && !same_kind(before, n))
			before = before->next;
		if (before != n)
			continue;                       /* told with the first of its kind */
		if (kinds >= KINDS_SHOWN) {
			left++;
			continue;
		}
		sbuf_str(out, kinds++ ? ", " : "");
		if (n->tag_len || n->path_len) {
			texts(out, n);
			continue;
		}
		for (const struct alert_target_node *m = n; m; m = m->next) {
			if (m == n || same_kind(n, m))
				v[got++] = range_of(m);
		}
		kind(out, a, n, v, got);
	}
	if (left)
		sbuf_fmt(out, " and %llu more", (unsigned long long)left);
	return kinds > 0;
}

/* --- programs ----------------------------------------------------------------------------- */

/* The block in a tag: all of it, or what stands behind the service ("_INSE DB1"); 0 when there is none. */
static size_t block_name(const struct alert_target_node *n, const char **name)
{
	const char *at = n->tag[0] == '_' ? memchr(n->tag, ' ', n->tag_len) : NULL;

	*name = at ? at + 1 : n->tag;
	if (n->tag[0] != '_')
		return n->tag_len;
	return at && n->tag_len - (size_t)(*name - n->tag) > 2 ? n->tag_len - (size_t)(*name - n->tag) : 0;
}

bool alert_blocks_text(struct sbuf *out, const struct alert *a)
{
	const char *name[ALERT_TARGETS_MAX];
	size_t len[ALERT_TARGETS_MAX];
	unsigned got = 0;

	for (const struct alert_target_node *n = a->target; n; n = n->next) {
		unsigned i = 0;

		len[got] = block_name(n, &name[got]);
		if (!len[got] || !n->t.space || strcmp(n->t.space, "block") != 0)
			continue;
		while (i < got && (len[i] != len[got] || memcmp(name[i], name[got], len[i]) != 0))
			i++;
		got += i == got;
	}
	if (!got)
		return false;
	sbuf_str(out, got > 1 ? "blocks " : "block ");
	for (unsigned i = 0; i < got && i < NAMES_SHOWN; i++) {
		sbuf_str(out, i ? ", " : "");
		sbuf_escape(out, name[i], len[i]);
	}
	uint64_t more = (got > NAMES_SHOWN ? got - NAMES_SHOWN : 0) + a->targets_more;

	if (more)
		sbuf_fmt(out, " and %llu more", (unsigned long long)more);
	return true;
}

/* --- values -------------------------------------------------------------------------------- */

static bool little_endian(const struct ot_event *ev)
{
	return ev->proto == PROTO_CIP || ev->proto == PROTO_ENIP;
}

static void modbus_registers(struct sbuf *out, const struct ot_event *ev)
{
	for (unsigned i = 0; i + 1 < ev->value_len; i += 2)
		sbuf_fmt(out, "%s%u", i ? ", " : "", (unsigned)ev->value[i] << 8 | ev->value[i + 1]);
	if (ev->value_len == 2)
		sbuf_fmt(out, " (0x%02x%02x)", ev->value[0], ev->value[1]);
}

bool alert_value_text(struct sbuf *out, const struct ot_event *ev)
{
	uint64_t n = 0;

	if (!(ev->has & HAS_VALUE) || ev->value_len == 0 || ev->value_len > 8 || ev->value_total > 8)
		return false;
	if (ev->proto == PROTO_MODBUS && ev->space && strcmp(ev->space, "coils") == 0) {
		if (ev->value_len != 2 || ev->value[1] || ev->func != 5)
			return false;
		sbuf_str(out, ev->value[0] == 0xff ? "on" : ev->value[0] == 0 ? "off" : "an undefined value");
		return true;
	}
	if (ev->proto == PROTO_MODBUS && ev->space && strcmp(ev->space, "holding_registers") == 0 &&
	    ev->func != 22 && ev->value_len % 2 == 0) {
		modbus_registers(out, ev);
		return true;
	}
	for (unsigned i = 0; i < ev->value_len; i++)
		n = n << 8 | ev->value[little_endian(ev) ? ev->value_len - 1 - i : i];
	sbuf_fmt(out, "%llu (0x%0*llx)", (unsigned long long)n, ev->value_len * 2, (unsigned long long)n);
	return true;
}
