/* pattern.h - the regular expressions of `matches`: . [..] * + ? | ( ) ^ $ \d \w \s and (?i).
 *
 * A pattern has at most 64 positions (single characters or classes) and is run as a set of
 * positions, so the time is the text's length times a constant whatever either holds. Bytes,
 * not characters, are matched. */
#ifndef ZT_EXPR_PATTERN_H
#define ZT_EXPR_PATTERN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PATTERN_POSITIONS 64

struct pattern {
	uint64_t mask[256];                     /* by byte: the positions that take it */
	uint64_t follow[PATTERN_POSITIONS];     /* by position: those that may come next */
	uint64_t first, last;
	bool nullable, at_start, at_end;        /* takes nothing; anchored */
};

/* false: *wrong says why (static text), *at where (bytes). */
bool pattern_compile(const char *s, size_t n, struct pattern *p, const char **wrong, size_t *at);
bool pattern_match(const struct pattern *p, const char *s, size_t n);

#endif
