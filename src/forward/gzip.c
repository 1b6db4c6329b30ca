#include "forward/gzip.h"

#include <limits.h>
#include <stdint.h>
#include <stdlib.h>
#include <zlib.h>

#define GZIP_WINDOW (15 + 16)           /* zlib: the largest window, with gzip's header */
#define GZIP_LEVEL 3                    /* JSON at a tenth of its size; 6 takes twice the time for a few per cent more */

struct gzip {
	z_stream z;
	char *out;
	size_t room;
};

struct gzip *gzip_new(void)
{
	struct gzip *g = calloc(1, sizeof *g);

	if (g && deflateInit2(&g->z, GZIP_LEVEL, Z_DEFLATED, GZIP_WINDOW, 8, Z_DEFAULT_STRATEGY) != Z_OK) {
		free(g);
		g = NULL;
	}
	return g;
}

void gzip_free(struct gzip *g)
{
	if (!g)
		return;
	deflateEnd(&g->z);
	free(g->out);
	free(g);
}

bool gzip_pack(struct gzip *g, const char *p, size_t n, const char **out, size_t *len)
{
	size_t most;

	if (n > INT_MAX || deflateReset(&g->z) != Z_OK)
		return false;
	most = deflateBound(&g->z, n);
	if (most > g->room) {
		free(g->out);
		g->out = malloc(most);
		g->room = g->out ? most : 0;
	}
	if (!g->out)
		return false;
	g->z.next_in = (Bytef *)(uintptr_t)p;
	g->z.avail_in = (uInt)n;
	g->z.next_out = (Bytef *)g->out;
	g->z.avail_out = (uInt)g->room;
	if (deflate(&g->z, Z_FINISH) != Z_STREAM_END)
		return false;
	*out = g->out;
	*len = g->room - g->z.avail_out;
	return true;
}
