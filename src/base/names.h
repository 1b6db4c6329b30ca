/* names.h - tables that give numbers their names, and words their nearest neighbour. Pure. */
#ifndef ZT_BASE_NAMES_H
#define ZT_BASE_NAMES_H

#include <stddef.h>
#include <stdint.h>

struct name {
	uint32_t code;
	const char *name;       /* static text */
};

/* The name of code in a table of n rows sorted by code; NULL when it has none. */
const char *name_of(const struct name *table, size_t n, uint32_t code);
#define NAME_OF(table, code) name_of((table), sizeof(table) / sizeof((table)[0]), (code))

/* "did you mean": the word of the NULL-terminated list nearest to `word` by edit distance,
 * NULL when none is near enough to be worth saying. */
const char *name_nearest(const char *word, const char *const *list);

#endif
