/* options.h - the options of one subcommand as a table: the parser, `--help` and the test that
 * compares the manual pages with the program all read the same rows. Main thread.
 *
 * Understood: --name VALUE, --name=VALUE, -x VALUE, -xVALUE, flags put together (-ab), options
 * and operands in any order, `--` before operands that begin with a dash, `-` as an operand,
 * and always -h and --help. */
#ifndef ZT_CLI_OPTIONS_H
#define ZT_CLI_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define OPTIONS_TEXTS_MAX 64    /* values of one option that may be given several times */

enum option_type {
	OPTION_FLAG,            /* to: bool * */
	OPTION_TEXT,            /* to: const char **; the last one given counts */
	OPTION_TEXTS,           /* to: struct option_texts *; may be given several times */
	OPTION_NUMBER,          /* to: uint64_t *; min..max, decimal */
	OPTION_WORD,            /* to: unsigned *; index into words */
};

struct option_texts {
	const char *v[OPTIONS_TEXTS_MAX];
	size_t n;
};

struct option {                         /* the table ends with .name == NULL */
	const char *name;               /* without the dashes */
	char letter;                    /* short form, 0 none */
	enum option_type type;
	const char *arg;                /* what the value is called in the help: "FILE"; NULL for a flag */
	const char *help;               /* one line without a full stop */
	void *to;                       /* keeps what it held (the default) when the option is not given */
	uint64_t min, max;
	const char *const *words;       /* NULL-terminated */
};

struct operands {
	char **v;                       /* points into argv, which is reordered */
	int n;
};

/* Goes over argv[1..argc-1] of the subcommand argv[0]. true: go on, the operands are in *rest.
 * false: everything is said (help on stdout, a mistake on stderr), leave with *status.
 * Less than min operands is a mistake, more than max is one too (max < 0: any number). */
bool options_parse(const struct option *rows, int argc, char **argv, int min, int max,
		   struct operands *rest, int *status);

/* A mistake that only the command can find: one line on stderr, and where to read more. Returns EXIT_USAGE. */
int options_wrong(const char *word, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

void options_usage(const char *word, const struct option *rows);        /* what --help prints, on stdout */

#endif
