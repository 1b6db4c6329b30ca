#include "ot/buffer.h"

#include <string.h>

bool buffers_init(struct buffers *b, uint32_t small, uint32_t large)
{
	b->spent = 0;
	b->small = pool_new("small buffers", sizeof(struct buffer) + BUFFER_SMALL, small);
	b->large = pool_new("large buffers", sizeof(struct buffer) + BUFFER_LARGE, large);
	return b->small && b->large;
}

void buffers_fini(struct buffers *b)
{
	pool_free(b->small);
	pool_free(b->large);
	b->small = b->large = NULL;
}

static struct buffer *buffer_new(struct buffers *b, bool large)
{
	struct buffer *n = pool_get(large ? b->large : b->small);

	if (!n) {
		b->spent++;
		return NULL;
	}
	n->len = 0;
	n->large = large;
	return n;
}

bool buffer_add(struct buffers *b, struct buffer **buf, const void *p, uint32_t n)
{
	uint32_t have = *buf ? (*buf)->len : 0;
	bool large = n > BUFFER_LARGE - have ? false : have + n > BUFFER_SMALL;

	if (n > BUFFER_LARGE - have)
		return false;
	if (!*buf || (large && !(*buf)->large)) {
		struct buffer *bigger = buffer_new(b, large);

		if (!bigger)
			return false;
		if (*buf) {
			memcpy(bigger->bytes, (*buf)->bytes, have);
			bigger->len = have;
			buffer_drop(b, buf);
		}
		*buf = bigger;
	}
	if (n)
		memcpy((*buf)->bytes + have, p, n);
	(*buf)->len = have + n;
	return true;
}

void buffer_drop(struct buffers *b, struct buffer **buf)
{
	if (*buf)
		pool_put((*buf)->large ? b->large : b->small, *buf);
	*buf = NULL;
}

void buffer_take(struct buffer *buf, uint32_t n)
{
	memmove(buf->bytes, buf->bytes + n, buf->len - n);
	buf->len -= n;
}
