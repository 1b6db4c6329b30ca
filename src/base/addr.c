#include "base/addr.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>

bool addr_is_v4(const struct ip_addr *a)
{
	static const uint8_t mapped[12] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff };

	return memcmp(a->b, mapped, 12) == 0;
}

bool addr_is_zero(const struct ip_addr *a)
{
	static const uint8_t zero[4];

	return (a->q[0] == 0 && a->q[1] == 0) || (addr_is_v4(a) && memcmp(a->b + 12, zero, 4) == 0);
}

bool addr_is_multicast(const struct ip_addr *a)
{
	if (!addr_is_v4(a))
		return a->b[0] == 0xff;
	return (a->b[12] & 0xf0) == 0xe0 ||
	       (a->b[12] == 255 && a->b[13] == 255 && a->b[14] == 255 && a->b[15] == 255);
}

/* RFC 1918, 1122 (0/8, 127/8), 3927 (169.254/16), 6598 (100.64/10), 5737 (documentation), 2544 (198.18/15). */
static bool v4_is_private(const uint8_t *b)
{
	switch (b[0]) {
	case 0: case 10: case 127: return true;
	case 100: return (b[1] & 0xc0) == 64;
	case 169: return b[1] == 254;
	case 172: return (b[1] & 0xf0) == 16;
	case 192: return b[1] == 168 || (b[1] == 0 && b[2] == 2);
	case 198: return (b[1] & 0xfe) == 18 || (b[1] == 51 && b[2] == 100);
	case 203: return b[1] == 0 && b[2] == 113;
	default: return false;
	}
}

/* RFC 4193 (fc00::/7), 4291 (::1, fe80::/10), 3849 (2001:db8::/32). */
bool addr_is_private(const struct ip_addr *a)
{
	static const uint8_t loopback[16] = { [15] = 1 };

	if (addr_is_v4(a))
		return v4_is_private(a->b + 12);
	return (a->b[0] & 0xfe) == 0xfc || (a->b[0] == 0xfe && (a->b[1] & 0xc0) == 0x80) ||
	       (a->b[0] == 0x20 && a->b[1] == 0x01 && a->b[2] == 0x0d && a->b[3] == 0xb8) ||
	       memcmp(a->b, loopback, 16) == 0;
}

bool addr_is_public(const struct ip_addr *a)
{
	return !addr_is_zero(a) && !addr_is_multicast(a) && !addr_is_private(a);
}

char *addr_text(const struct ip_addr *a, char out[ADDR_TEXT])
{
	bool v4 = addr_is_v4(a);

	if (!inet_ntop(v4 ? AF_INET : AF_INET6, v4 ? a->b + 12 : a->b, out, ADDR_TEXT))
		out[0] = '\0';
	return out;
}

bool addr_parse(const char *s, struct ip_addr *out)
{
	uint8_t b[16];

	if (inet_pton(AF_INET, s, b) == 1) {
		*out = addr_v4(b);
		return true;
	}
	if (inet_pton(AF_INET6, s, b) == 1) {
		*out = addr_v6(b);
		return true;
	}
	return false;
}

static void clear_host_bits(struct ip_net *n)
{
	for (unsigned i = 0; i < 16; i++) {
		unsigned keep = n->bits > i * 8 ? n->bits - i * 8u : 0;

		if (keep < 8)
			n->addr.b[i] = (uint8_t)(n->addr.b[i] & (0xff00u >> keep));
	}
}

bool net_parse(const char *s, struct ip_net *out)
{
	const char *slash = strchr(s, '/');
	size_t len = slash ? (size_t)(slash - s) : strlen(s);
	char text[ADDR_TEXT];
	unsigned max, bits = 0;

	if (len >= sizeof text)
		return false;
	memcpy(text, s, len);
	text[len] = '\0';
	if (!addr_parse(text, &out->addr))
		return false;
	max = addr_is_v4(&out->addr) && !strchr(text, ':') ? 32 : 128;
	if (slash) {
		const char *d = slash + 1;

		if (!isdigit((unsigned char)*d))
			return false;
		for (; isdigit((unsigned char)*d) && bits <= max; d++)
			bits = bits * 10 + (unsigned)(*d - '0');
		if (*d || bits > max)
			return false;
	} else {
		bits = max;
	}
	out->bits = (uint8_t)(bits + (128 - max));
	clear_host_bits(out);
	return true;
}

bool net_has(const struct ip_net *n, const struct ip_addr *a)
{
	unsigned whole = n->bits / 8, rest = n->bits % 8;

	if (memcmp(n->addr.b, a->b, whole) != 0)
		return false;
	return rest == 0 || ((n->addr.b[whole] ^ a->b[whole]) & (0xff00u >> rest) & 0xff) == 0;
}

char *net_text(const struct ip_net *n, char out[ADDR_TEXT + 4])
{
	bool v4 = n->bits >= 96 && addr_is_v4(&n->addr);

	addr_text(&n->addr, out);
	snprintf(out + strlen(out), 5, "/%u", v4 ? n->bits - 96u : n->bits);
	return out;
}

char *mac_text(const uint8_t mac[6], char out[MAC_TEXT])
{
	static const char hex[] = "0123456789abcdef";

	for (int i = 0; i < 6; i++) {
		out[i * 3] = hex[mac[i] >> 4];
		out[i * 3 + 1] = hex[mac[i] & 15];
		out[i * 3 + 2] = i < 5 ? ':' : '\0';
	}
	return out;
}

bool mac_parse(const char *s, uint8_t out[6])
{
	for (int i = 0; i < 6; i++) {
		char pair[3] = { 0 };

		if (!isxdigit((unsigned char)s[0]) || !isxdigit((unsigned char)s[1]))
			return false;
		memcpy(pair, s, 2);
		out[i] = (uint8_t)strtoul(pair, NULL, 16);
		s += 2;
		if (i < 5) {
			if (*s != ':' && *s != '-')
				return false;
			s++;
		}
	}
	return *s == '\0';
}
