/* sbuf.h - a text buffer that grows up to a hard maximum; past it the text is cut and
 * `cut` is set, never an error in the middle of a line. One owner. */
#ifndef ZT_BASE_SBUF_H
#define ZT_BASE_SBUF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sbuf {
	char *s;                /* NUL-terminated whenever len > 0 or s != NULL */
	size_t len, cap, max;   /* bytes */
	bool cut;               /* something did not fit */
	bool no_memory;         /* because there was none, not because of `max` */
};

void sbuf_init(struct sbuf *b, size_t max);     /* allocates nothing yet */
void sbuf_fini(struct sbuf *b);
void sbuf_reset(struct sbuf *b);                /* keeps the memory */
const char *sbuf_text(const struct sbuf *b);    /* "" when empty */

void sbuf_char(struct sbuf *b, char c);
void sbuf_mem(struct sbuf *b, const void *p, size_t n);
void sbuf_str(struct sbuf *b, const char *s);
void sbuf_uint(struct sbuf *b, uint64_t v);
void sbuf_hex(struct sbuf *b, const uint8_t *p, size_t n);      /* lower case, no separator */
void sbuf_fmt(struct sbuf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Wire text for a person's eyes: what is not printable ASCII or well-formed UTF-8 above the
 * C1 controls becomes \xNN; never a control character, never a line break. */
void sbuf_escape(struct sbuf *b, const char *s, size_t n);

#endif
