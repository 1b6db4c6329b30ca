/* Capture filters: what is one, where a wrong one is wrong, and that no name ever reaches libpcap. */
#include "capture/filter.h"

#include <arpa/inet.h>
#include <dlfcn.h>
#include <netdb.h>
#include <netinet/ether.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#define SNAPLEN 262144

/* What libpcap asks the C library for a name; these stand before the library's own. */
static unsigned lookups;

static bool is_address(const char *s)
{
	uint8_t bytes[16];

	return inet_pton(AF_INET, s, bytes) == 1 || inet_pton(AF_INET6, s, bytes) == 1;
}

int getaddrinfo(const char *node, const char *service, const struct addrinfo *hints, struct addrinfo **res)
{
	int (*real)(const char *, const char *, const struct addrinfo *, struct addrinfo **);

	*(void **)&real = dlsym(RTLD_NEXT, "getaddrinfo");
	if (node && is_address(node))
		return real(node, service, hints, res);
	lookups++;
	return EAI_NONAME;
}

struct netent *getnetbyname(const char *name)
{
	(void)name;
	lookups++;
	return NULL;
}

int ether_hostton(const char *name, struct ether_addr *addr)
{
	(void)name;
	(void)addr;
	lookups++;
	return -1;
}

static void filters_compile(void **state)
{
	static const char *const good[] = {
		"", "tcp", "tcp port 502 or udp port 502", "not port 22", "host 192.168.1.10", "net 10.1", "net 10.0.0.0/8",
		"net 10.0.0.0 mask 255.0.0.0", "src net 192.168.0.0/16 && dst host 10.0.0.1", "ether host 00:1d:9c:aa:bb:cc",
		"ether host 00-1d-9c-aa-bb-cc", "ip6 host fe80::1", "ip6 net fd00::/64", "portrange 100-200", "vlan 110 and tcp",
		"tcp[tcpflags] & (tcp-syn|tcp-ack) != 0", "ip[2:2]-5 > 0x20", "ip[0]-5>3", "ip proto \\tcp", "ether proto 0x8892",
		"greater 100", "len <= 1500", "ether[0] & 1 = 0", "(port 102 or\n port 44818)", "icmp[icmptype] == icmp-echo",
		"ether multicast", "mpls 5", "llc",
	};
	struct filter_wrong w;

	(void)state;
	for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
		if (!filter_compiles(good[i], SNAPLEN, &w))
			fail_msg("'%s': %s", good[i], w.what);
	}
}

static void names_are_refused(void **state)
{
	static const struct { const char *text; size_t at; } bad[] = {
		{ "host plc1.plant.example", 5 }, { "tcp and host localhost", 13 }, { "gateway router", 0 }, { "net office", 4 },
		{ "port http", 5 }, { "ip proto ospf", 9 }, { "host \\tcp", 5 }, { "host 100-200", 5 }, { "host 1.2.3.4.5", 5 },
		{ "host 1.2.", 5 }, { "host fe:2", 5 }, { "host 1a", 5 }, { "len-5 > 3", 0 }, { "ether host server", 11 },
		{ "host ::ffff:1.2.3.4", 5 }, { "host 0x", 5 }, { "portrange 1-x", 10 }, { "portrange 1-2-3", 10 },
		{ "host 1:2:3", 5 }, { "ether host 1:2:3:4:5:", 11 }, { "host tcp.", 5 },
	};
	struct filter_wrong w;

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		assert_false(filter_compiles(bad[i].text, SNAPLEN, &w));
		if (w.at != bad[i].at)
			fail_msg("'%s': complained of at %zu: %s", bad[i].text, w.at, w.what);
	}
	assert_false(filter_compiles("tpc port 502", SNAPLEN, &w));
	assert_string_equal(w.what, "unknown word in the capture filter: 'tpc'");
	assert_string_equal(w.hint, "did you mean 'tcp'? names are not looked up");
}

/* Whatever is put together from what filters are made of: no name is asked for. */
static void nothing_is_looked_up(void **state)
{
	static const char *const pieces[] = {
		"host", "net", "port", "portrange", "proto", "ether", "ip", "ip6", "src", "and", "or", "not", "gateway", "a",
		"f", "fe", "tcp", "len", "x", "plc", "1", "10", "0x", "0x1f", "255", "1.2", "1.2.3.4", "fe80", ":", "::", ".", "-",
		"_", "\\", "/", "[", "]", "(", ")", "&", "|", "=", "<", "00:11", "22:33:44:55", "00-11-22-33-44-55", "001122334455",
		"1122.3344.5566", "mask", "vlan", "byte",
	};
	uint32_t random = 7;
	struct filter_wrong w;
	unsigned taken = 0;
	char text[256];

	(void)state;
	lookups = 0;
	for (unsigned n = 0; n < 60000; n++) {
		size_t len = 0;

		random = random * 1664525u + 1013904223u;
		for (unsigned k = (random >> 20) % 6 + 1; k; k--) {
			random = random * 1664525u + 1013904223u;
			len += (size_t)snprintf(text + len, sizeof text - len, "%s%s",
						pieces[(random >> 8) % (sizeof pieces / sizeof pieces[0])], random >> 31 ? " " : "");
		}
		taken += filter_compiles(text, SNAPLEN, &w);
		if (lookups)
			fail_msg("'%s' was looked up", text);
	}
	assert_true(taken > 100);
	assert_int_equal(getaddrinfo("plc1", NULL, NULL, NULL), EAI_NONAME);
	assert_int_equal(lookups, 1);
}

static void what_libpcap_refuses(void **state)
{
	struct filter_wrong w;

	(void)state;
	assert_false(filter_compiles("tcp port", SNAPLEN, &w));
	assert_non_null(strstr(w.what, "syntax error"));
	assert_false(filter_compiles("ip broadcast", SNAPLEN, &w));
	assert_non_null(strstr(w.what, "netmask"));
	assert_false(filter_compiles("tcp $ 4", SNAPLEN, &w));
	assert_int_equal(w.at, 4);
	assert_false(filter_compiles("(tcp", SNAPLEN, &w));
	assert_false(filter_compiles("tcp and not tcp", SNAPLEN, &w));
	assert_non_null(strstr(w.what, "rejects all"));
}

static void long_words_are_no_trouble(void **state)
{
	char text[4096];
	struct filter_wrong w;

	(void)state;
	memset(text, 'a', sizeof text - 1);
	text[sizeof text - 1] = '\0';
	assert_false(filter_compiles(text, SNAPLEN, &w));
	memset(text, '1', sizeof text - 1);
	assert_false(filter_compiles(text, SNAPLEN, &w));
	memset(text, '(', sizeof text - 1);
	assert_false(filter_compiles(text, SNAPLEN, &w));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(filters_compile),
		cmocka_unit_test(names_are_refused),
		cmocka_unit_test(nothing_is_looked_up),
		cmocka_unit_test(what_libpcap_refuses),
		cmocka_unit_test(long_words_are_no_trouble),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
