/* complain.h - mistakes in files that people write: all of them, each with its place. */
#ifndef ZT_POLICY_COMPLAIN_H
#define ZT_POLICY_COMPLAIN_H

#include <stddef.h>
#include <stdint.h>

#define COMPLAINTS_MAX 50

struct complaint {
	char file[256];
	uint32_t line, col;             /* from 1; 0: the file as a whole */
	char text[256];                 /* what is wrong, with the token */
	char hint[160];                 /* what would be right, "" when nobody knows */
};

struct complaints {
	struct complaint v[COMPLAINTS_MAX];
	uint32_t n;                     /* kept */
	uint32_t more;                  /* not kept */
};

void complain(struct complaints *c, const char *file, uint32_t line, uint32_t col, const char *hint,
	      const char *fmt, ...) __attribute__((format(printf, 6, 7)));

/* Puts those of one file that stand together into the order of its lines. */
void complaints_sort(struct complaints *c);

struct sbuf;
void complaints_write(const struct complaints *c, struct sbuf *out);    /* lines as complaints_print() has them */

/* "file:line:column: what: 'token'", the hint behind it, one a line, on stderr. */
void complaints_print(const struct complaints *c);

#endif
