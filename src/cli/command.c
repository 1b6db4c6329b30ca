#include "cli/command.h"

#include "base/hash.h"
#include "base/names.h"
#include "base/sbuf.h"
#include "engine/versions.h"
#include "forward/curl_init.h"
#include "forward/record.h"
#include "sensor/priv.h"

#include <config.h>
#include <stdio.h>
#include <string.h>

const struct command commands[] = {
#define COMMAND(word, args, help) { #word, args, help, cmd_##word },
#include "cli/commands.def"
#undef COMMAND
	{ 0 },
};

#define WORDS_MAX 64

const struct command *command_find(const char *word)
{
	for (const struct command *c = commands; c->word; c++) {
		if (strcmp(c->word, word) == 0)
			return c;
	}
	return NULL;
}

static void usage(FILE *out)
{
	fprintf(out, "Usage: zonetap COMMAND [OPTION]... [OPERAND]...\n"
		     "\n"
		     "Zonetap reads captures of industrial networks, tells what was said and by whom, holds\n"
		     "it against the zones and conduits of the plant, and says what should not have been.\n"
		     "\n"
		     "Commands:\n");
	for (const struct command *c = commands; c->word; c++)
		fprintf(out, "  %-12s%s\n", c->word, c->help);
	fprintf(out, "\n"
		     "      --help       print this and leave; after a command: its options\n"
		     "      --version    print the version and those of the libraries in use\n"
		     "\n"
		     "Exit status: 0 done; 1 something could not be read or written, the rest was done;\n"
		     "2 the command line, a site or a rule is wrong, nothing was done; 3 --fail-on was met.\n"
		     "The manual: zonetap(1).\n");
}

static void print_version(void)
{
	printf("zonetap %s\n", PACKAGE_VERSION);
	for (const struct version *v = versions; v->library; v++)
		printf("%s %s\n", v->library, v->text() ? v->text() : "not built in");
	printf("libcurl %s\n", curl_init_version());
	printf("%s\n", priv_filters());
}

static int unknown(const char *given, const char *kind, const char *const *words)
{
	const char *near = name_nearest(given, words);
	struct sbuf b;

	sbuf_init(&b, 1024);
	sbuf_escape(&b, given, strlen(given));
	fprintf(stderr, "zonetap: unknown %s '%s'%s%s%s\nTry 'zonetap --help'.\n", kind, sbuf_text(&b),
		near ? ": did you mean '" : "", near ? near : "", near ? "'?" : "");
	sbuf_fini(&b);
	return EXIT_USAGE;
}

static int unknown_command(const char *given)
{
	const char *words[WORDS_MAX] = { "help" };
	size_t n = 1;

	for (const struct command *c = commands; c->word && n < WORDS_MAX - 1; c++)
		words[n++] = c->word;
	return unknown(given, "command", words);
}

static int help(const char *word)
{
	const struct command *c = command_find(word);
	char *argv[] = { (char *)(c ? c->word : NULL), (char *)"--help", NULL };

	return c ? c->run(2, argv) : unknown_command(word);
}

int command_main(int argc, char **argv)
{
	static const char *const own[] = { "--help", "--version", NULL };
	const char *word = argc > 1 ? argv[1] : NULL;
	const struct command *c;

	hash_init();
	if (!word) {
		usage(stderr);
		return EXIT_USAGE;
	}
	if (strcmp(word, "help") == 0 && argc > 2)
		return help(argv[2]);
	if (strcmp(word, "help") == 0 || strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0) {
		usage(stdout);
		return EXIT_DONE;
	}
	if (strcmp(word, "--version") == 0 || strcmp(word, "-V") == 0) {
		print_version();
		return EXIT_DONE;
	}
	if (word[0] == '-')
		return unknown(word, "option", own);
	c = command_find(word);
	return c ? c->run(argc - 1, argv + 1) : unknown_command(word);
}
