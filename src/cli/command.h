/* command.h - `zonetap WORD ...`: one row a subcommand in commands.def, one cmd_WORD.c, one
 * section in zonetap(1). Main thread. */
#ifndef ZT_CLI_COMMAND_H
#define ZT_CLI_COMMAND_H

enum exit_status {
	EXIT_DONE = 0,
	EXIT_OPERATION = 1,     /* something could not be read or written; the rest was done */
	EXIT_USAGE = 2,         /* the command line or a configuration file is wrong; nothing was done */
	EXIT_ALERTS = 3,        /* --fail-on was met */
};

struct command {
	const char *word, *args, *help;         /* "replay", "[OPTION]... CAPTURE...", one line */
	int (*run)(int argc, char **argv);      /* argv[0] is the word; returns enum exit_status */
};

extern const struct command commands[];         /* ends with .word == NULL */

const struct command *command_find(const char *word);   /* NULL: there is none */
int command_main(int argc, char **argv);        /* argv[0] is the program; returns enum exit_status */

#define COMMAND(word, args, help) int cmd_##word(int argc, char **argv);
#include "cli/commands.def"
#undef COMMAND

#endif
