/* rd.h - the only way to touch bytes that came from the wire or from a file.
 *
 * A reader is a window over bytes that somebody else owns. Each read checks the
 * bounds itself; a read that does not fit gives zero, empties the window and sets
 * `failed`, which stays set. So read a whole header, then ask rd_ok() once. A length
 * that the sender declares becomes a child window with rd_sub() before anything
 * behind it is read.
 *
 * Pure functions: any thread, no allocation. */
#ifndef ZT_BASE_RD_H
#define ZT_BASE_RD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct rd {
	const uint8_t *p;       /* next unread byte */
	uint32_t left;          /* bytes from p to the end of the window */
	uint32_t failed;        /* sticky: 1 once a read did not fit */
};

static inline struct rd rd_init(const void *p, uint32_t n)
{
	return (struct rd){ .p = p, .left = n, .failed = 0 };
}

static inline bool rd_ok(const struct rd *r)
{
	return !r->failed;
}

/* The one bounds check. NULL when n bytes are not there. */
static inline const uint8_t *rd_take(struct rd *r, uint32_t n)
{
	if (n > r->left) {
		r->left = 0;
		r->failed = 1;
		return NULL;
	}
	const uint8_t *p = r->p;

	if (n && !p)
		__builtin_unreachable();        /* a window that begins nowhere is empty: spares a test in every read */
	r->p += n;
	r->left -= n;
	return p;
}

static inline void rd_skip(struct rd *r, uint32_t n)
{
	(void)rd_take(r, n);
}

static inline uint8_t rd_u8(struct rd *r)
{
	const uint8_t *p = rd_take(r, 1);

	return p ? p[0] : 0;
}

static inline uint16_t rd_be16(struct rd *r)
{
	const uint8_t *p = rd_take(r, 2);

	return (uint16_t)(p ? (unsigned)p[0] << 8 | p[1] : 0u);
}

static inline uint16_t rd_le16(struct rd *r)
{
	const uint8_t *p = rd_take(r, 2);

	return (uint16_t)(p ? (unsigned)p[1] << 8 | p[0] : 0u);
}

static inline uint32_t rd_be24(struct rd *r)
{
	const uint8_t *p = rd_take(r, 3);

	return p ? (uint32_t)p[0] << 16 | (uint32_t)p[1] << 8 | p[2] : 0;
}

static inline uint32_t rd_be32(struct rd *r)
{
	const uint8_t *p = rd_take(r, 4);

	return p ? (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3] : 0;
}

static inline uint32_t rd_le32(struct rd *r)
{
	const uint8_t *p = rd_take(r, 4);

	return p ? (uint32_t)p[3] << 24 | (uint32_t)p[2] << 16 | (uint32_t)p[1] << 8 | p[0] : 0;
}

static inline uint64_t rd_be64(struct rd *r)
{
	uint64_t hi = rd_be32(r);

	return hi << 32 | rd_be32(r);
}

static inline uint64_t rd_le64(struct rd *r)
{
	uint64_t lo = rd_le32(r);

	return (uint64_t)rd_le32(r) << 32 | lo;
}

/* A child window of exactly n bytes, taken off the parent. When it does not fit both
 * fail and the child is empty. */
static inline struct rd rd_sub(struct rd *r, uint32_t n)
{
	const uint8_t *p = rd_take(r, n);

	return (struct rd){ .p = p ? p : r->p, .left = p ? n : 0, .failed = p ? 0 : 1 };
}

/* A child window of at most n bytes: what there is of a body that may have been cut. */
static inline struct rd rd_upto(struct rd *r, uint32_t n)
{
	return rd_sub(r, n < r->left ? n : r->left);
}

/* Everything that is left, taken off the parent. */
static inline struct rd rd_rest(struct rd *r)
{
	return rd_sub(r, r->left);
}

/* The byte at offset `at` from here without taking it; 0 when it is not there. */
static inline uint8_t rd_peek(const struct rd *r, uint32_t at)
{
	return at < r->left ? r->p[at] : 0;
}

#endif
