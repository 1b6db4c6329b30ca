#include "base/names.h"

#include <ctype.h>
#include <string.h>

const char *name_of(const struct name *table, size_t n, uint32_t code)
{
	size_t lo = 0, hi = n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (table[mid].code == code)
			return table[mid].name;
		if (table[mid].code < code)
			lo = mid + 1;
		else
			hi = mid;
	}
	return NULL;
}

#define WORD_MAX_LEN 48

/* Damerau-Levenshtein distance (adjacent swaps count one), case folded. */
static size_t distance(const char *a, const char *b)
{
	size_t row[3][WORD_MAX_LEN + 1];
	size_t la = strlen(a), lb = strlen(b);

	if (la > WORD_MAX_LEN || lb > WORD_MAX_LEN)
		return WORD_MAX_LEN;
	for (size_t j = 0; j <= lb; j++)
		row[0][j] = j;
	for (size_t i = 1; i <= la; i++) {
		size_t *now = row[i % 3], *up = row[(i + 2) % 3], *up2 = row[(i + 1) % 3];

		now[0] = i;
		for (size_t j = 1; j <= lb; j++) {
			int ca = tolower((unsigned char)a[i - 1]), cb = tolower((unsigned char)b[j - 1]);
			size_t best = up[j - 1] + (ca != cb);

			if (up[j] + 1 < best)
				best = up[j] + 1;
			if (now[j - 1] + 1 < best)
				best = now[j - 1] + 1;
			if (i > 1 && j > 1 && ca == tolower((unsigned char)b[j - 2]) &&
			    tolower((unsigned char)a[i - 2]) == cb && up2[j - 2] + 1 < best)
				best = up2[j - 2] + 1;
			now[j] = best;
		}
	}
	return row[la % 3][lb];
}

const char *name_nearest(const char *word, const char *const *list)
{
	const char *best = NULL;
	size_t len = strlen(word), best_d = len / 3 + 2;

	for (; *list; list++) {
		size_t other = strlen(*list), d;

		if ((other > len ? other - len : len - other) >= best_d)
			continue;               /* at least as many letters differ */
		d = distance(word, *list);
		if (d < best_d) {
			best_d = d;
			best = *list;
		}
	}
	return best;
}
