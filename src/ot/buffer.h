/* buffer.h - a worker's buffers for PDUs that straddle segments and messages that come in
 * fragments: small ones that grow into large ones, all from two pools. One owner. */
#ifndef ZT_OT_BUFFER_H
#define ZT_OT_BUFFER_H

#include "base/pool.h"
#include "base/rd.h"

#define BUFFER_SMALL 2048       /* bytes */
#define BUFFER_LARGE 69632

struct buffer {
	uint32_t len;
	uint8_t  large;
	uint8_t  bytes[];
};

struct buffers {
	struct pool *small, *large;
	uint64_t spent;         /* times that a buffer was wanted and none was left */
};

bool buffers_init(struct buffers *b, uint32_t small, uint32_t large);   /* false: no memory */
void buffers_fini(struct buffers *b);

/* Appends n bytes to *buf, which may be NULL. false: too long, or none left; *buf is then unchanged. */
bool buffer_add(struct buffers *b, struct buffer **buf, const void *p, uint32_t n);
void buffer_drop(struct buffers *b, struct buffer **buf);       /* gives it back; *buf becomes NULL */
void buffer_take(struct buffer *buf, uint32_t n);               /* removes the first n bytes */

#endif
