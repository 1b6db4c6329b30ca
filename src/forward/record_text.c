#include "forward/record_text.h"

#include <string.h>

#define BYTES_SHOWN 32

/* Spaces that a person calls otherwise. Names of blocks and classes are searched for as they are: no plural there. */
static const struct { const char *space, *one, *many; } nouns[] = {
	{ "coils", "coil", "coils" }, { "discrete_inputs", "discrete input", "discrete inputs" },
	{ "input_registers", "input register", "input registers" },
	{ "holding_registers", "holding register", "holding registers" },
	{ "fifo", "FIFO queue", "FIFO queue" }, { "file", "file record", "file records" },
	{ "timers", "timer", "timers" }, { "counters", "counter", "counters" },
	{ "db", "DB", "DB" }, { "di", "DI", "DI" },
};

/* Whether units are named beside the space: its cells are not all of one size. */
static bool sized(const char *space)
{
	return !space || !(strstr(space, "coils") || strstr(space, "registers") || strstr(space, "discrete"));
}

static void noun(struct sbuf *out, const char *space, bool many)
{
	for (size_t i = 0; i < sizeof nouns / sizeof nouns[0]; i++) {
		if (strcmp(space, nouns[i].space) == 0) {
			sbuf_str(out, many ? nouns[i].many : nouns[i].one);
			return;
		}
	}
	sbuf_str(out, space);
}

/* S7 counts bits as byte.bit. */
static void number(struct sbuf *out, uint64_t n, bool bits)
{
	sbuf_uint(out, bits ? n / 8 : n);
	if (bits) {
		sbuf_char(out, '.');
		sbuf_uint(out, n % 8);
	}
}

static void range(struct sbuf *out, const struct record_target *t, bool bits)
{
	uint64_t last;

	sbuf_char(out, ' ');
	number(out, t->first, bits);
	if (t->has_count && t->count > 1 && !__builtin_add_overflow(t->first, t->count - 1, &last)) {
		sbuf_char(out, '-');
		number(out, last, bits);
	}
}

static void object(struct sbuf *out, const struct record_target *t)
{
	if (t->space)
		sbuf_str(out, t->space);
	else
		sbuf_fmt(out, "class_0x%02llx", (unsigned long long)t->cls);
	if (t->has_block)
		sbuf_fmt(out, " instance %llu", (unsigned long long)t->block);
	if (t->has_block && t->has_first)
		sbuf_fmt(out, " attribute %llu", (unsigned long long)t->first);
}

static void cells(struct sbuf *out, const struct record_target *t)
{
	bool many = t->has_count && t->count > 1, bits = t->granule && strcmp(t->granule, "bit") == 0 && sized(t->space);

	if (t->space)
		noun(out, t->space, many);
	if (t->has_block) {
		if (t->space && strcmp(t->space, "szl") == 0) {
			sbuf_fmt(out, " 0x%04llx", (unsigned long long)t->block);
			return;
		}
		if (t->space && strcmp(t->space, "db") != 0 && strcmp(t->space, "di") != 0)
			sbuf_char(out, ' ');
		sbuf_uint(out, t->block);
	}
	if (!t->has_first)
		return;
	if (t->granule && sized(t->space))
		sbuf_fmt(out, "%s%s%s", out->len ? " " : "", t->granule, many ? "s" : "");
	else if (!t->space)
		sbuf_str(out, many ? "addresses" : "address");
	range(out, t, bits);
}

void record_target_text(struct sbuf *out, const struct record_target *t, uint64_t more)
{
	size_t before = out->len;

	if (t->tag) {
		sbuf_fmt(out, "%s ", t->space && strcmp(t->space, "block") == 0 ? "block" : "tag");
		sbuf_str(out, t->tag);
	} else if (t->path) {
		sbuf_str(out, "object ");
		sbuf_str(out, t->path);
	} else if (t->has_cls) {
		object(out, t);
	} else {
		cells(out, t);
	}
	if (t->route)
		sbuf_fmt(out, "%s(route %s)", out->len > before ? " " : "", t->route);
	if (more && out->len > before)
		sbuf_fmt(out, " and %llu more", (unsigned long long)more);
}

void record_value_text(struct sbuf *out, const char *hex, uint64_t total)
{
	size_t n = strspn(hex, "0123456789abcdefABCDEF");
	bool all = n <= 2 * BYTES_SHOWN;

	if (n == 0)
		return;
	sbuf_str(out, "0x");
	sbuf_mem(out, hex, all ? n : 2 * BYTES_SHOWN);
	if (!all || total > n / 2)
		sbuf_fmt(out, "... (%llu bytes)", (unsigned long long)(total > n / 2 ? total : n / 2));
}
