/* gzip.h - the body of a request, compressed (RFC 1952). One owner. */
#ifndef ZT_FORWARD_GZIP_H
#define ZT_FORWARD_GZIP_H

#include <stdbool.h>
#include <stddef.h>

struct gzip;

struct gzip *gzip_new(void);            /* NULL: no memory */
void gzip_free(struct gzip *g);         /* NULL is allowed */
/* n bytes of p, whole, into *out, which is the compressor's until the next call. false: no memory, or 2 GiB and more. */
bool gzip_pack(struct gzip *g, const char *p, size_t n, const char **out, size_t *len);

#endif
