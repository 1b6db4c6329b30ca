/* bytes.h - captures and packets built byte by byte in tests. A length that is not known yet
 * is written as 0 and set with bytes_set16be() when what it covers is there. */
#ifndef ZT_TESTS_LIB_BYTES_H
#define ZT_TESTS_LIB_BYTES_H

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

struct bytes {
	uint8_t b[200000];
	uint32_t n;
};

static inline void bytes_put(struct bytes *x, const void *p, size_t n)
{
	assert(n <= sizeof(x->b) - x->n);
	memcpy(x->b + x->n, p, n);
	x->n += (uint32_t)n;
}

static inline void bytes_u8(struct bytes *x, uint32_t v)
{
	uint8_t b = (uint8_t)v;

	bytes_put(x, &b, 1);
}

static inline void bytes_be16(struct bytes *x, uint32_t v)
{
	bytes_u8(x, v >> 8);
	bytes_u8(x, v);
}

static inline void bytes_be32(struct bytes *x, uint32_t v)
{
	bytes_be16(x, v >> 16);
	bytes_be16(x, v);
}

static inline void bytes_le16(struct bytes *x, uint32_t v)
{
	bytes_u8(x, v);
	bytes_u8(x, v >> 8);
}

static inline void bytes_le32(struct bytes *x, uint32_t v)
{
	bytes_le16(x, v);
	bytes_le16(x, v >> 16);
}

static inline void bytes_fill(struct bytes *x, uint32_t v, size_t n)
{
	while (n--)
		bytes_u8(x, v);
}

/* "00 11 22" or "001122" */
static inline void bytes_hex(struct bytes *x, const char *hex)
{
	char pair[3] = { 0 };

	while (*hex) {
		if (*hex == ' ') {
			hex++;
			continue;
		}
		pair[0] = hex[0];
		pair[1] = hex[1];
		bytes_u8(x, (uint32_t)strtoul(pair, NULL, 16));
		hex += 2;
	}
}

static inline void bytes_set16be(struct bytes *x, uint32_t at, uint32_t v)
{
	x->b[at] = (uint8_t)(v >> 8);
	x->b[at + 1] = (uint8_t)v;
}

/* A heap block of exactly these bytes: the sanitizers see a read past its end. */
static inline uint8_t *bytes_heap(const void *p, size_t n)
{
	uint8_t *h = malloc(n ? n : 1);

	assert(h);
	if (n)
		memcpy(h, p, n);
	return h;
}

/* Headers. Each returns where it begins; what has a length gets it from bytes_close_*(). */
static inline uint32_t bytes_ethernet(struct bytes *x, uint32_t type)
{
	uint32_t at = x->n;

	bytes_hex(x, "020000000002 020000000001");
	bytes_be16(x, type);
	return at;
}

/* 10.0.0.1 to 10.0.0.2; frag: flags and offset as on the wire */
static inline uint32_t bytes_ipv4(struct bytes *x, uint32_t proto, uint32_t id, uint32_t frag)
{
	uint32_t at = x->n;

	bytes_hex(x, "4500 0000");
	bytes_be16(x, id);
	bytes_be16(x, frag);
	bytes_u8(x, 64);
	bytes_u8(x, proto);
	bytes_hex(x, "0000 0a000001 0a000002");
	return at;
}

static inline void bytes_close_ipv4(struct bytes *x, uint32_t at)
{
	bytes_set16be(x, at + 2, x->n - at);
}

/* fd00::1 to fd00::2 */
static inline uint32_t bytes_ipv6(struct bytes *x, uint32_t next)
{
	uint32_t at = x->n;

	bytes_hex(x, "60000000 0000");
	bytes_u8(x, next);
	bytes_u8(x, 64);
	bytes_hex(x, "fd000000000000000000000000000001 fd000000000000000000000000000002");
	return at;
}

static inline void bytes_close_ipv6(struct bytes *x, uint32_t at)
{
	bytes_set16be(x, at + 4, x->n - at - 40);
}

/* 1025 to 502, sequence number 0x01020304 */
static inline void bytes_tcp(struct bytes *x, uint32_t flags)
{
	bytes_hex(x, "0401 01f6 01020304 05060708 50");
	bytes_u8(x, flags);
	bytes_hex(x, "ffff 0000 0000");
}

static inline uint32_t bytes_udp(struct bytes *x, uint32_t sport, uint32_t dport)
{
	uint32_t at = x->n;

	bytes_be16(x, sport);
	bytes_be16(x, dport);
	bytes_be32(x, 0);
	return at;
}

static inline void bytes_close_udp(struct bytes *x, uint32_t at)
{
	bytes_set16be(x, at + 4, x->n - at);
}

/* A whole Ethernet frame with TCP and n bytes of 0x41... in it. */
static inline void bytes_frame(struct bytes *x, uint32_t n)
{
	uint32_t ip;

	bytes_ethernet(x, 0x0800);
	ip = bytes_ipv4(x, 6, 0x1234, 0x4000);
	bytes_tcp(x, 0x18);
	for (uint32_t i = 0; i < n; i++)
		bytes_u8(x, 0x41 + i % 26);
	bytes_close_ipv4(x, ip);
}

#endif
