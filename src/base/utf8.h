/* utf8.h - the one UTF-8 decoder (RFC 3629). Pure. */
#ifndef ZT_BASE_UTF8_H
#define ZT_BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Length in bytes of the well-formed character at s, its code point in *cp; 0 when the bytes
 * there are not one (overlong, surrogate, past U+10FFFF, cut). */
size_t utf8_next(const uint8_t *s, size_t n, uint32_t *cp);

/* Characters that change how the text around them is shown or split: line and paragraph
 * separators, bidirectional controls, invisible characters, tags, byte order mark. */
bool utf8_is_unsafe(uint32_t cp);

#endif
