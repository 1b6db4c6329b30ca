/* sha256.h - SHA-256 over texts, as hex. One owner. */
#ifndef ZT_BASE_SHA256_H
#define ZT_BASE_SHA256_H

#include <stddef.h>

#define SHA256_TEXT 65          /* 64 hex digits and the NUL */

struct sha256;

struct sha256 *sha256_new(void);                                /* NULL: no memory */
void sha256_add(struct sha256 *s, const void *p, size_t n);
void sha256_end(struct sha256 *s, char out[SHA256_TEXT]);       /* and frees it; s NULL: out is "" */

#endif
