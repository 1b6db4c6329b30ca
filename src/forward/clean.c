#include "forward/clean.h"

#include "base/utf8.h"

#include <stdint.h>
#include <string.h>

#define MARK "\xe2\x80\xa6"             /* U+2026 */
#define MARK_LEN (sizeof MARK - 1)
#define PIECE_MAX 24                    /* four bytes of \\xNN with an escaped backslash */

/* What has to be looked at: everything that is not plain in every place. */
static bool plain(uint8_t c)
{
	return c >= 0x20 && c < 0x7f && c != '"' && c != '\\' && c != ']' && c != '|' && c != '=';
}

static bool escaped(enum clean_place place, uint8_t c)
{
	switch (place) {
	case CLEAN_SD: return c == '"' || c == '\\' || c == ']';
	case CLEAN_CEF_HEADER: return c == '|' || c == '\\';
	case CLEAN_CEF: return c == '=' || c == '\\';
	case CLEAN_JSON: return c == '"' || c == '\\';
	default: return false;
	}
}

static size_t hex_piece(enum clean_place place, const uint8_t *s, size_t n, char *to)
{
	static const char hex[] = "0123456789abcdef";
	size_t len = 0;

	for (size_t i = 0; i < n; i++) {
		if (escaped(place, '\\'))
			to[len++] = '\\';
		to[len++] = '\\';
		to[len++] = 'x';
		to[len++] = hex[s[i] >> 4];
		to[len++] = hex[s[i] & 15];
	}
	return len;
}

/* The character at s as it is written, in `to`; how many bytes of s it takes in *used, and in *told how long it is to who
 * reads it. */
static size_t piece(enum clean_place place, const uint8_t *s, size_t n, char to[PIECE_MAX], size_t *used, size_t *told)
{
	uint32_t cp;

	*used = utf8_next(s, n, &cp);
	*told = *used;
	if (*used == 0) {
		*used = 1;
		*told = 3;
		memcpy(to, "\xef\xbf\xbd", 3);
		return 3;
	}
	if (cp < 0x20 || (cp >= 0x7f && cp < 0xa0) || utf8_is_unsafe(cp)) {
		*told = 4 * *used;
		return hex_piece(place, s, *used, to);
	}
	if (*used == 1 && place == CLEAN_LEEF_HEADER && cp == '|') {
		to[0] = '_';
		return 1;
	}
	if (*used == 1 && escaped(place, s[0])) {
		to[0] = '\\';
		to[1] = (char)cp;
		return 2;
	}
	memcpy(to, s, *used);
	return *used;
}

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

bool clean_text(struct sbuf *out, enum clean_place place, const char *text, size_t max, size_t room)
{
	const uint8_t *s = (const uint8_t *)text;
	size_t n = strlen(text), i = 0, start = out->len, told = 0;
	size_t fits = start;            /* as far as the mark still fits behind it */
	size_t told_max = max > MARK_LEN ? max - MARK_LEN : 0, room_max = room > MARK_LEN ? room - MARK_LEN : 0;
	char to[PIECE_MAX];

	while (i < n && !out->cut) {
		size_t taken = out->len - start, most = least(least(n - i, max - told), room - taken), used = 0, len, more;

		while (used < most && plain(s[i + used]))
			used++;
		if (used) {             /* a run of what is itself everywhere */
			sbuf_mem(out, s + i, used);
			if (told <= told_max && taken <= room_max && !out->cut)
				fits = start + taken + least(used, least(told_max - told, room_max - taken));
			i += used;
			told += used;
			continue;
		}
		len = piece(place, s + i, n - i, to, &used, &more);
		if (more > max - told || len > room - taken)
			break;
		sbuf_mem(out, to, len);
		i += used;
		told += more;
		if (told <= told_max && taken + len <= room_max && !out->cut)
			fits = out->len;
	}
	if (i == n && !out->cut)
		return true;
	out->len = fits;
	if (out->s)
		out->s[fits] = '\0';
	if (room >= MARK_LEN && max >= MARK_LEN)
		sbuf_str(out, MARK);
	return false;
}

void clean_word(struct sbuf *out, const char *s, size_t max)
{
	size_t n = strlen(s);

	for (size_t i = 0; i < n && i < max; i++)
		sbuf_char(out, s[i] > 0x20 && s[i] < 0x7f ? s[i] : '_');
	if (n == 0)
		sbuf_char(out, '-');
}
