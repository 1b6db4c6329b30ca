#include "base/sbuf.h"

#include "base/utf8.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void sbuf_init(struct sbuf *b, size_t max)
{
	*b = (struct sbuf){ .max = max };
}

void sbuf_fini(struct sbuf *b)
{
	free(b->s);
	*b = (struct sbuf){ .max = b->max };
}

void sbuf_reset(struct sbuf *b)
{
	b->len = 0;
	b->cut = b->no_memory = false;
	if (b->s)
		b->s[0] = '\0';
}

const char *sbuf_text(const struct sbuf *b)
{
	return b->s ? b->s : "";
}

/* Room for n bytes and the NUL. */
static bool sbuf_room(struct sbuf *b, size_t n)
{
	size_t want = b->len + n + 1, cap = b->cap ? b->cap : 256;

	if (want <= b->cap)
		return true;
	if (want > b->max || b->cut) {
		b->cut = true;
		return false;
	}
	while (cap < want)
		cap *= 2;
	if (cap > b->max)
		cap = b->max;
	char *s = realloc(b->s, cap);

	if (!s) {
		b->cut = b->no_memory = true;
		return false;
	}
	b->s = s;
	b->cap = cap;
	return true;
}

void sbuf_mem(struct sbuf *b, const void *p, size_t n)
{
	if (n == 0 || !sbuf_room(b, n))
		return;
	memcpy(b->s + b->len, p, n);
	b->len += n;
	b->s[b->len] = '\0';
}

void sbuf_char(struct sbuf *b, char c)
{
	if (!sbuf_room(b, 1))
		return;
	b->s[b->len++] = c;
	b->s[b->len] = '\0';
}

void sbuf_str(struct sbuf *b, const char *s)
{
	sbuf_mem(b, s, strlen(s));
}

void sbuf_uint(struct sbuf *b, uint64_t v)
{
	char d[20];
	size_t n = sizeof d;

	do {
		d[--n] = (char)('0' + v % 10);
		v /= 10;
	} while (v);
	sbuf_mem(b, d + n, sizeof d - n);
}

void sbuf_hex(struct sbuf *b, const uint8_t *p, size_t n)
{
	static const char hex[] = "0123456789abcdef";

	if (n == 0 || !sbuf_room(b, n * 2))
		return;
	for (size_t i = 0; i < n; i++) {
		b->s[b->len++] = hex[p[i] >> 4];
		b->s[b->len++] = hex[p[i] & 15];
	}
	b->s[b->len] = '\0';
}

void sbuf_fmt(struct sbuf *b, const char *fmt, ...)
{
	va_list ap, again;
	int n;

	va_start(ap, fmt);
	va_copy(again, ap);
	n = vsnprintf(NULL, 0, fmt, ap);
	if (n > 0 && sbuf_room(b, (size_t)n)) {
		vsnprintf(b->s + b->len, (size_t)n + 1, fmt, again);
		b->len += (size_t)n;
	}
	va_end(again);
	va_end(ap);
}

void sbuf_escape(struct sbuf *b, const char *s, size_t n)
{
	static const char hex[] = "0123456789abcdef";

	for (size_t i = 0; i < n;) {
		uint32_t cp;
		size_t len = utf8_next((const uint8_t *)s + i, n - i, &cp);

		if (len && cp >= 0x20 && cp != 0x7f && !(cp >= 0x80 && cp < 0xa0) && !utf8_is_unsafe(cp)) {
			sbuf_mem(b, s + i, len);
			i += len;
		} else {
			uint8_t c = (uint8_t)s[i++];
			char esc[4] = { '\\', 'x', hex[c >> 4], hex[c & 15] };

			sbuf_mem(b, esc, sizeof esc);
		}
	}
}
