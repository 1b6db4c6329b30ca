/* addr.h - IPv4 and IPv6 addresses in one shape: IPv4 is kept as ::ffff:a.b.c.d. Pure. */
#ifndef ZT_BASE_ADDR_H
#define ZT_BASE_ADDR_H

#include <endian.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

struct ip_addr {
	union {
		uint8_t b[16];          /* network order */
		uint64_t q[2];          /* the same bytes, for comparing and hashing */
	};
};

struct ip_net {
	struct ip_addr addr;            /* host bits are zero */
	uint8_t bits;                   /* 0..128 over the 16-byte form; an IPv4 /8 is 104 */
};

#define ADDR_TEXT 46                    /* bytes with the NUL of any printed address */
#define MAC_TEXT 18

static inline struct ip_addr addr_v4(const uint8_t b[4])
{
	struct ip_addr a = { .q = { 0, 0 } };

	a.b[10] = 0xff;
	a.b[11] = 0xff;
	memcpy(a.b + 12, b, 4);
	return a;
}

static inline struct ip_addr addr_v6(const uint8_t b[16])
{
	struct ip_addr a;

	memcpy(a.b, b, 16);
	return a;
}

static inline bool addr_eq(const struct ip_addr *a, const struct ip_addr *b)
{
	return a->q[0] == b->q[0] && a->q[1] == b->q[1];
}

/* In the order of their bytes. */
static inline int addr_cmp(const struct ip_addr *a, const struct ip_addr *b)
{
	uint64_t x = be64toh(a->q[0]), y = be64toh(b->q[0]);

	if (x == y) {
		x = be64toh(a->q[1]);
		y = be64toh(b->q[1]);
	}
	return (x > y) - (x < y);
}

bool addr_is_v4(const struct ip_addr *a);
bool addr_is_zero(const struct ip_addr *a);             /* no address: ::, also 0.0.0.0 */
bool addr_is_multicast(const struct ip_addr *a);        /* and the IPv4 limited broadcast */
bool addr_is_private(const struct ip_addr *a);          /* RFC 1918, 4193, 3927, 6598, loopback, link local, documentation */
bool addr_is_public(const struct ip_addr *a);           /* neither of the three above */

char *addr_text(const struct ip_addr *a, char out[ADDR_TEXT]);          /* RFC 5952; returns out */
bool addr_parse(const char *s, struct ip_addr *out);                    /* "192.168.1.1", "fd00::1" */

bool net_parse(const char *s, struct ip_net *out);      /* "10.0.0.0/8", "fd00::/64", a bare address; false: not a network */
bool net_has(const struct ip_net *n, const struct ip_addr *a);
char *net_text(const struct ip_net *n, char out[ADDR_TEXT + 4]);

char *mac_text(const uint8_t mac[6], char out[MAC_TEXT]);               /* lower case, colons */
bool mac_parse(const char *s, uint8_t out[6]);                          /* colons or hyphens */

#endif
