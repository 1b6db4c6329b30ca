#include "forward/words.h"

#include "base/sbuf.h"
#include "base/utf8.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#define SCAN_MAX 4096                   /* more of s cannot be shown */

static int hex(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

/* One character as it was before somebody escaped it; how many bytes it takes. */
static size_t unescaped(const char *s, size_t n, char *c)
{
	*c = *s;
	if (*s == '%' && n >= 3 && hex(s[1]) >= 0 && hex(s[2]) >= 0) {
		*c = (char)(hex(s[1]) << 4 | hex(s[2]));
		return 3;
	}
	/* In JSON, and in the names of a certificate (RFC 4514, 2.4). */
	if (*s == '\\' && n >= 2 && s[1] && strchr("/\"\\ #+,;<=>", s[1])) {
		*c = s[1];
		return 2;
	}
	return 1;
}

/* How many bytes at s are the secret; 0: it does not begin there. As it is, or escaped. */
static size_t is_secret(const char *s, size_t n, const struct secret *x)
{
	size_t at = 0, i;
	char c;

	for (i = 0; i < x->len && i < n && lower(s[i]) == lower(x->text[i]); i++)
		;
	if (i == x->len)
		return i;
	for (i = 0; i < x->len && at < n; i++) {
		at += unescaped(s + at, n - at, &c);
		if (lower(c) != lower(x->text[i]))
			return 0;
	}
	/* What is cut off at the end may be the beginning of it. */
	return i == x->len || (i >= 4 && at == n) ? at : 0;
}

static size_t secret_at(const char *s, size_t n, const struct words_hide *hide)
{
	size_t longest = 0, len;

	for (size_t i = 0; hide && i < WORDS_SECRETS; i++) {
		if (!hide->secret[i] || !hide->secret[i]->text || hide->secret[i]->len == 0)
			continue;
		len = is_secret(s, n, hide->secret[i]);
		longest = len > longest ? len : longest;
	}
	return longest;
}

/* Without the character that a cut went through, and with "..." behind. */
static void cut(char *out, size_t size)
{
	size_t end = size - 4, at = 0, step;
	uint32_t cp;

	while (at < end && (step = utf8_next((const uint8_t *)out + at, size - 1 - at, &cp)) != 0 && at + step <= end)
		at += step;
	memcpy(out + at, "...", 4);
}

static void append(char *out, size_t size, const struct sbuf *b)
{
	size_t at = strlen(out), room = size - 1 - at, n = b->len < room ? b->len : room;

	if (n)
		memcpy(out + at, b->s, n);
	out[at + n] = '\0';
	if ((b->len > room || b->cut) && size > 4)
		cut(out, size);
}

void words_add(char *out, size_t size, const char *s, size_t n, const struct words_hide *hide)
{
	struct sbuf b;
	bool blank = true;              /* the last was one, or it is the beginning */

	sbuf_init(&b, 4 * SCAN_MAX + 16);
	for (size_t i = 0, len; i < n && b.len < size; i += len) {
		uint32_t cp;

		len = secret_at(s + i, n - i, hide);
		if (len) {
			sbuf_str(&b, "***");
			blank = false;
			continue;
		}
		len = 1;
		if (strchr(" \t\r\n", s[i]) && s[i]) {
			if (!blank)
				sbuf_char(&b, ' ');
			blank = true;
			continue;
		}
		len = utf8_next((const uint8_t *)s + i, n - i, &cp);
		len = len ? len : 1;
		sbuf_escape(&b, s + i, len);
		blank = false;
	}
	if (b.len && b.s[b.len - 1] == ' ')
		b.s[--b.len] = '\0';
	append(out, size, &b);
	sbuf_fini(&b);
}

void words_add_text(char *out, size_t size, const char *s)
{
	struct sbuf b;

	sbuf_init(&b, strlen(s) + 2);
	sbuf_str(&b, s);
	append(out, size, &b);
	sbuf_fini(&b);
}
