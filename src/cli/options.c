#include "cli/options.h"

#include "base/names.h"
#include "base/sbuf.h"
#include "cli/command.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define ROWS_MAX 48             /* options of one command, help included */
#define COLUMN 26               /* where the help texts begin */

int options_wrong(const char *word, const char *fmt, ...)
{
	struct sbuf b;
	char said[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(said, sizeof said, fmt, ap);
	va_end(ap);
	sbuf_init(&b, 4 * sizeof said);
	sbuf_escape(&b, said, strlen(said));
	fprintf(stderr, "zonetap %s: %s\nTry 'zonetap %s --help'.\n", word, sbuf_text(&b), word);
	sbuf_fini(&b);
	return EXIT_USAGE;
}

static void usage_row(char letter, const char *name, const char *arg, const char *help)
{
	char left[80];
	int n = letter ? snprintf(left, sizeof left, "  -%c, --%s%s%s", letter, name, arg ? " " : "", arg ? arg : "")
		       : snprintf(left, sizeof left, "      --%s%s%s", name, arg ? " " : "", arg ? arg : "");

	if (n + 2 > COLUMN)
		printf("%s\n%*s%s", left, COLUMN, "", help);
	else
		printf("%-*s%s", COLUMN, left, help);
}

void options_usage(const char *word, const struct option *rows)
{
	const struct command *c = command_find(word);

	printf("Usage: zonetap %s %s\n\n", word, c ? c->args : "[OPTION]...");
	if (c)
		printf("%c%s.\n\n", c->help[0] - ('a' <= c->help[0] && c->help[0] <= 'z' ? 'a' - 'A' : 0), c->help + 1);
	for (const struct option *o = rows; o->name; o++) {
		usage_row(o->letter, o->name, o->arg, o->help);
		if (o->type == OPTION_WORD) {
			printf(": ");
			for (const char *const *w = o->words; *w; w++)
				printf("%s%s", w == o->words ? "" : ", ", *w);
		}
		if (o->type == OPTION_NUMBER)
			printf(" (%" PRIu64 " to %" PRIu64 ")", o->min, o->max);
		putchar('\n');
	}
	usage_row('h', "help", NULL, "print this and leave");
	putchar('\n');
}

/* The value goes where the row says; the mistake, if any, is said here. */
static bool take(const char *word, const struct option *o, const char *value)
{
	struct option_texts *t = o->to;
	uint64_t n = 0;
	const char *s = value;
	unsigned i = 0;

	switch (o->type) {
	case OPTION_FLAG:
		*(bool *)o->to = true;
		return true;
	case OPTION_TEXT:
		*(const char **)o->to = value;
		return true;
	case OPTION_TEXTS:
		if (t->n == OPTIONS_TEXTS_MAX) {
			options_wrong(word, "--%s: more than %d", o->name, OPTIONS_TEXTS_MAX);
			return false;
		}
		t->v[t->n++] = value;
		return true;
	case OPTION_NUMBER:
		while (*s >= '0' && *s <= '9' && !__builtin_mul_overflow(n, 10, &n) &&
		       !__builtin_add_overflow(n, (uint64_t)(*s - '0'), &n))
			s++;
		if (*s || s == value || n < o->min || n > o->max) {
			options_wrong(word, "--%s: not a number from %" PRIu64 " to %" PRIu64 ": '%s'", o->name,
					     o->min, o->max, value);
			return false;
		}
		*(uint64_t *)o->to = n;
		return true;
	case OPTION_WORD:
		while (o->words[i] && strcmp(o->words[i], value) != 0)
			i++;
		if (!o->words[i]) {
			const char *near = name_nearest(value, o->words);

			options_wrong(word, "--%s: unknown word '%s'%s%s%s", o->name, value,
				      near ? ": did you mean '" : "", near ? near : "", near ? "'?" : "");
			return false;
		}
		*(unsigned *)o->to = i;
		return true;
	}
	return false;
}

static void unknown_long(const char *word, const struct option *rows, const char *given, size_t len)
{
	const char *names[ROWS_MAX] = { "help" };
	char cut[64];
	size_t n = 1;

	snprintf(cut, sizeof cut, "%.*s", (int)(len < sizeof cut ? len : sizeof cut - 1), given);
	for (const struct option *o = rows; o->name && n < ROWS_MAX - 1; o++)
		names[n++] = o->name;
	const char *near = name_nearest(cut, names);

	options_wrong(word, "unknown option '--%s'%s%s%s", cut, near ? ": did you mean '--" : "", near ? near : "",
		      near ? "'?" : "");
}

struct walk {
	const char *word;
	const struct option *rows;
	int argc, at;                   /* at: argument in hand */
	char **argv;
	bool help;
};

/* --name, --name=VALUE, --name VALUE. false: a mistake was said. */
static bool long_option(struct walk *w)
{
	const char *name = w->argv[w->at] + 2, *eq = strchr(name, '=');
	size_t len = eq ? (size_t)(eq - name) : strlen(name);
	const struct option *o = w->rows;

	if (len == 4 && memcmp(name, "help", 4) == 0 && !eq) {
		w->help = true;
		return true;
	}
	while (o->name && (strlen(o->name) != len || memcmp(o->name, name, len) != 0))
		o++;
	if (!o->name) {
		unknown_long(w->word, w->rows, name, len);
		return false;
	}
	if (o->type == OPTION_FLAG) {
		if (eq) {
			options_wrong(w->word, "--%s takes no value: '%s'", o->name, eq + 1);
			return false;
		}
		return take(w->word, o, NULL);
	}
	if (eq)
		return take(w->word, o, eq + 1);
	if (w->at + 1 >= w->argc) {
		options_wrong(w->word, "--%s: %s is missing", o->name, o->arg);
		return false;
	}
	return take(w->word, o, w->argv[++w->at]);
}

/* -x, -xy, -xVALUE, -x VALUE. */
static bool short_options(struct walk *w)
{
	for (const char *s = w->argv[w->at] + 1; *s; s++) {
		const struct option *o = w->rows;

		if (*s == 'h') {
			w->help = true;
			continue;
		}
		while (o->name && o->letter != *s)
			o++;
		if (!o->name) {
			options_wrong(w->word, "unknown option '-%c'", *s);
			return false;
		}
		if (o->type == OPTION_FLAG) {
			take(w->word, o, NULL);
			continue;
		}
		if (s[1])
			return take(w->word, o, s + 1);
		if (w->at + 1 >= w->argc) {
			options_wrong(w->word, "-%c: %s is missing", *s, o->arg);
			return false;
		}
		return take(w->word, o, w->argv[++w->at]);
	}
	return true;
}

bool options_parse(const struct option *rows, int argc, char **argv, int min, int max,
		   struct operands *rest, int *status)
{
	struct walk w = { .word = argv[0], .rows = rows, .argc = argc, .at = 1, .argv = argv };
	bool only_operands = false;
	int n = 0;

	*status = EXIT_USAGE;
	for (; w.at < argc; w.at++) {
		char *a = argv[w.at];

		if (only_operands || a[0] != '-' || a[1] == '\0')
			argv[1 + n++] = a;
		else if (strcmp(a, "--") == 0)
			only_operands = true;
		else if (!(a[1] == '-' ? long_option(&w) : short_options(&w)))
			return false;
		if (w.help) {
			options_usage(w.word, rows);
			*status = EXIT_DONE;
			return false;
		}
	}
	if (n < min || (max >= 0 && n > max)) {
		const struct command *c = command_find(w.word);

		if (n < min)
			options_wrong(w.word, "an operand is missing: zonetap %s %s", w.word, c ? c->args : "");
		else
			options_wrong(w.word, "unexpected operand '%s'", argv[1 + max]);
		return false;
	}
	*rest = (struct operands){ .v = argv + 1, .n = n };
	return true;
}
