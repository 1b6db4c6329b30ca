#include "cli/command.h"

#include "base/names.h"

#include <stdio.h>
#include <string.h>

const struct command commands[] = {
	{ 0 },
};

int command_main(int argc, char **argv)
{
	const char *words[64] = { 0 };
	size_t n = 0;

	for (const struct command *c = commands; c->word; c++) {
		if (argc > 1 && strcmp(argv[1], c->word) == 0)
			return c->run(argc - 1, argv + 1);
		if (n < sizeof words / sizeof words[0] - 1)
			words[n++] = c->word;
	}
	const char *near = argc > 1 ? name_nearest(argv[1], words) : NULL;

	fprintf(stderr, "zonetap: unknown command '%s'%s%s%s\n", argc > 1 ? argv[1] : "",
		near ? ": did you mean '" : "", near ? near : "", near ? "'?" : "");
	return EXIT_USAGE;
}
