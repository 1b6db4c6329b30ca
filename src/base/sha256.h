/* sha256.h - SHA-256 of bytes in memory, as hexadecimal text. Any thread. */
#ifndef ZT_BASE_SHA256_H
#define ZT_BASE_SHA256_H

#include <stdbool.h>
#include <stddef.h>

#define SHA256_TEXT 65          /* 64 lower case digits and the NUL */

bool sha256_text(const void *p, size_t n, char hex[SHA256_TEXT]);       /* false: the library failed, hex is "" */

#endif
