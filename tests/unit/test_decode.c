/* test_decode.c - link layers, IP, layer 4 and tunnels, packet by packet. */
#include "base/addr.h"
#include "net/decode.h"
#include "tests/lib/bytes.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

static struct decoder *dec;
static struct bytes x;

static int setup(void **state)
{
	(void)state;
	dec = decoder_new(0);
	memset(&x, 0, sizeof(x));
	return dec ? 0 : -1;
}

static int teardown(void **state)
{
	(void)state;
	decoder_free(dec);
	return 0;
}

/* Decode what x holds as a packet of link type dlt. The bytes stay in x. */
static bool decode(struct packet *p, uint16_t dlt)
{
	memset(p, 0, sizeof(*p));
	p->bytes = x.b;
	p->caplen = p->wirelen = x.n;
	p->dlt = dlt;
	p->ts_ns = 1000000000;
	return packet_decode(dec, p);
}

static void assert_addr(const struct ip_addr *a, const char *text)
{
	char out[ADDR_TEXT];

	assert_string_equal(addr_text(a, out), text);
}

static void assert_tcp(const struct packet *p, uint32_t len)
{
	assert_addr(&p->src, "10.0.0.1");
	assert_addr(&p->dst, "10.0.0.2");
	assert_int_equal(p->ip_proto, 6);
	assert_int_equal(p->sport, 1025);
	assert_int_equal(p->dport, 502);
	assert_int_equal(p->data_len, len);
	assert_int_equal(p->data_wire_len, len);
	if (len)
		assert_int_equal(p->data[0], 0x41);
}

/* IPv4 and TCP with five bytes */
static void put_tcp(void)
{
	uint32_t ip = bytes_ipv4(&x, 6, 1, 0);

	bytes_tcp(&x, 0x18);
	bytes_hex(&x, "41 42 43 44 45");
	bytes_close_ipv4(&x, ip);
}

static void test_plain(void **state)
{
	struct packet p;

	(void)state;
	bytes_frame(&x, 5);
	assert_true(decode(&p, 1));
	assert_tcp(&p, 5);
	assert_int_equal(p.tcp_seq, 0x01020304);
	assert_int_equal(p.tcp_ack, 0x05060708);
	assert_int_equal(p.tcp_flags, TCP_PSH | TCP_ACK);
	assert_int_equal(p.flags, PKT_HAS_MAC);
	assert_memory_equal(p.smac, "\x02\0\0\0\0\x01", 6);
	assert_memory_equal(p.dmac, "\x02\0\0\0\0\x02", 6);
	assert_ptr_equal(p.ip, x.b + 14);
	assert_int_equal(p.ip_len, 45);
	assert_int_equal(decoder_stats(dec)->followed, 1);
}

static void test_padding_is_no_data(void **state)
{
	struct packet p;

	(void)state;
	bytes_frame(&x, 0);
	bytes_fill(&x, 0xee, 10);
	assert_true(decode(&p, 1));
	assert_tcp(&p, 0);
	assert_int_equal(p.ip_len, 40);
}

static void test_snaplen(void **state)
{
	struct packet p;

	(void)state;
	bytes_frame(&x, 100);
	p = (struct packet){ .bytes = x.b, .caplen = 14 + 40 + 30, .wirelen = x.n, .dlt = 1 };
	assert_true(packet_decode(dec, &p));
	assert_int_equal(p.data_len, 30);
	assert_int_equal(p.data_wire_len, 100);
	assert_true(p.flags & PKT_CUT);
	/* an IP length past the end of an uncut frame is a lie */
	p = (struct packet){ .bytes = x.b, .caplen = 14 + 40 + 30, .wirelen = 14 + 40 + 30, .dlt = 1 };
	assert_true(packet_decode(dec, &p));
	assert_int_equal(p.data_len, 30);
	assert_int_equal(p.data_wire_len, 30);
	assert_false(p.flags & PKT_CUT);
}

static void test_length_zero(void **state)
{
	struct packet p;

	(void)state;
	bytes_frame(&x, 5);
	bytes_set16be(&x, 16, 0);
	assert_true(decode(&p, 1));
	assert_tcp(&p, 5);
}

static void test_link_types(void **state)
{
	static const struct { uint16_t dlt; const char *head; } links[] = {
		{ 0, "02000000" }, { 0, "00000002" }, { 108, "00000002" }, { 101, "" }, { 12, "" }, { 14, "" },
		{ 228, "" },
		{ 113, "0000 0001 0006 020000000009 0000 0800" },
		{ 276, "0800 0000 00000001 0001 00 06 020000000009 0000" },
		{ 1, "020000000002 020000000001 8100 0064 0800" },
		{ 1, "020000000002 020000000001 88a8 0064 8100 00c8 0800" },
		{ 1, "020000000002 020000000001 9100 0064 8100 e0c8 0800" },
		{ 1, "020000000002 020000000001 8847 00001040 00002140" },
		{ 1, "020000000002 020000000001 0035 aaaa03 000000 0800" },
		{ 1, "020000000002 020000000001 892f 1035 0001 0800" },
		{ 1, "020000000002 020000000001 8864 1100 0001 002f 0021" },
	};
	struct packet p;

	(void)state;
	for (size_t i = 0; i < sizeof(links) / sizeof(links[0]); i++) {
		x.n = 0;
		bytes_hex(&x, links[i].head);
		put_tcp();
		assert_true(decode_link_known(links[i].dlt));
		assert_true(decode(&p, links[i].dlt));
		assert_tcp(&p, 5);
		if (i == 7 || i == 8) {
			assert_memory_equal(p.smac, "\x02\0\0\0\0\x09", 6);
			assert_int_equal(p.flags, PKT_HAS_MAC | PKT_NO_DMAC);
		}
		assert_int_equal(p.vlans, i == 9 ? 1 : i == 10 || i == 11 ? 2 : 0);
		if (p.vlans)
			assert_int_equal(p.vlan[0], 100);
		if (p.vlans == 2)
			assert_int_equal(p.vlan[1], 200);
	}
	assert_false(decode_link_known(147));
	assert_false(decode(&p, 147));
	assert_int_equal(decoder_stats(dec)->unknown_link, 1);
}

static void test_ipv6_extensions(void **state)
{
	struct packet p;
	uint32_t ip;

	(void)state;
	bytes_ethernet(&x, 0x86dd);
	ip = bytes_ipv6(&x, 0);
	bytes_hex(&x, "3c 00 010400000000");            /* hop by hop, destination options next */
	bytes_hex(&x, "2b 01 010c000000000000 000000000000");   /* 16 bytes, routing next */
	bytes_hex(&x, "33 00 0000 00000000");           /* AH next */
	bytes_hex(&x, "06 04 0000 00000001 00000001 000000000000000000000000"); /* 24 bytes */
	bytes_tcp(&x, 2);
	bytes_hex(&x, "41 42");
	bytes_close_ipv6(&x, ip);
	bytes_fill(&x, 0, 9);
	assert_true(decode(&p, 1));
	assert_addr(&p.src, "fd00::1");
	assert_int_equal(p.ip_proto, 6);
	assert_int_equal(p.dport, 502);
	assert_int_equal(p.data_len, 2);
	assert_int_equal(p.data[0], 0x41);
}

static void test_endless_extensions(void **state)
{
	struct packet p;
	uint32_t ip;

	(void)state;
	bytes_ethernet(&x, 0x86dd);
	ip = bytes_ipv6(&x, 60);
	for (int i = 0; i < 100; i++)
		bytes_hex(&x, "3c 00 010400000000");
	bytes_close_ipv6(&x, ip);
	assert_false(decode(&p, 1));
	assert_int_equal(decoder_stats(dec)->too_many_layers, 1);
}

static void test_not_followed(void **state)
{
	static const struct { const char *hex; size_t counter; } bad[] = {
		{ "020000000002 020000000001 0806 0001", offsetof(struct decode_stats, no_ip) },
		{ "020000000002 020000000001 0026 424203 0000", offsetof(struct decode_stats, no_ip) },
		{ "020000000002 020000000001 0800 65000014 00000000 40060000 0a000001 0a000002",
		  offsetof(struct decode_stats, bad_header) },
		{ "020000000002 020000000001 0800 44000014 00000000 40060000 0a000001 0a000002",
		  offsetof(struct decode_stats, bad_header) },
		{ "020000000002 020000000001 0800 45000013 00000000 40060000 0a000001 0a000002",
		  offsetof(struct decode_stats, bad_header) },
		{ "020000000002 020000000001 0800 45000018 00000000 40060000 0a000001 0a000002 00010002",
		  offsetof(struct decode_stats, bad_header) },
	};
	struct packet p;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		const uint64_t *counter = (const uint64_t *)(const void *)
			((const char *)decoder_stats(dec) + bad[i].counter);
		uint64_t before = *counter;

		x.n = 0;
		bytes_hex(&x, bad[i].hex);
		assert_false(decode(&p, 1));
		assert_int_equal(*counter, before + 1);
	}
	/* the same cut by the capture is no fault of the sender */
	p.wirelen = p.caplen;
	p.caplen = 30;
	assert_false(packet_decode(dec, &p));
	assert_int_equal(decoder_stats(dec)->cut_header, 1);
}

static void test_icmp_is_not_the_quoted_packet(void **state)
{
	struct packet p;
	uint32_t ip;

	(void)state;
	bytes_ethernet(&x, 0x0800);
	ip = bytes_ipv4(&x, 1, 1, 0);
	bytes_hex(&x, "0303 0000 00000000");
	put_tcp();
	bytes_close_ipv4(&x, ip);
	assert_true(decode(&p, 1));
	assert_int_equal(p.ip_proto, 1);
	assert_int_equal(p.sport, 0);
	assert_int_equal(p.dport, 0);
}

static void test_udp_length(void **state)
{
	struct packet p;
	uint32_t ip, udp;

	(void)state;
	bytes_ethernet(&x, 0x0800);
	ip = bytes_ipv4(&x, 17, 1, 0);
	udp = bytes_udp(&x, 1000, 2222);
	bytes_hex(&x, "01020304");
	bytes_close_udp(&x, udp);
	bytes_hex(&x, "ffff");
	bytes_close_ipv4(&x, ip);
	assert_true(decode(&p, 1));
	assert_int_equal(p.ip_proto, 17);
	assert_int_equal(p.dport, 2222);
	assert_int_equal(p.data_len, 4);
	bytes_set16be(&x, udp + 4, 7);
	assert_false(decode(&p, 1));
	assert_int_equal(decoder_stats(dec)->bad_header, 1);
}

/* Outer IPv4 and what is on it, the inner Ethernet frame (or IP packet), both closed. */
struct tunnel {
	const char *name;
	uint32_t proto, dport;  /* dport 0: no UDP */
	const char *head;
	bool frame;             /* an Ethernet frame inside, with VLAN 300 */
};

static const struct tunnel tunnels[] = {
	{ "IP in IP", 4, 0, "", false },
	{ "GRE", 47, 0, "0000 0800", false },
	{ "GRE with checksum, key, sequence", 47, 0, "b000 0800 0000 0000 00000001 00000002", false },
	{ "GRE bridging", 47, 0, "2000 6558 00000007", true },
	{ "ERSPAN I", 47, 0, "0000 88be", true },
	{ "ERSPAN II", 47, 0, "1000 88be 00000001 1064 0001 00000005", true },
	{ "ERSPAN III", 47, 0, "1000 22eb 00000001 2064 0001 00000005 0000 0000", true },
	{ "ERSPAN III with a subheader", 47, 0, "1000 22eb 00000001 2064 0001 00000005 0000 0001 0000000000000000",
	  true },
	{ "VXLAN", 17, 4789, "08000000 00002a00", true },
	{ "VXLAN of old Linux", 17, 8472, "08000000 00002a00", true },
	{ "VXLAN with a group policy", 17, 4789, "88000005 00002a00", true },
	{ "Geneve", 17, 6081, "0000 6558 00002a00", true },
	{ "Geneve with options", 17, 6081, "0200 6558 00002a00 0102030405060708", true },
	{ "Geneve with IP", 17, 6081, "0000 0800 00002a00", false },
};

static void put_tunnel(const struct tunnel *t)
{
	uint32_t ip = bytes_ipv4(&x, t->proto, 9, 0), udp = 0;

	x.b[ip + 15] = 99;      /* 10.0.0.99: not the inner one */
	if (t->dport)
		udp = bytes_udp(&x, 5555, t->dport);
	bytes_hex(&x, t->head);
	if (t->frame)
		bytes_hex(&x, "020000000022 020000000021 8100 012c 0800");
	put_tcp();
	if (t->dport)
		bytes_close_udp(&x, udp);
	bytes_close_ipv4(&x, ip);
}

static void test_tunnels(void **state)
{
	struct packet p;

	(void)state;
	for (size_t i = 0; i < sizeof(tunnels) / sizeof(tunnels[0]); i++) {
		const struct tunnel *t = &tunnels[i];

		x.n = 0;
		bytes_hex(&x, "020000000002 020000000001 8100 0064 0800");
		put_tunnel(t);
		bytes_fill(&x, 0, 4);
		if (!decode(&p, 1))
			fail_msg("%s is not unwrapped", t->name);
		assert_tcp(&p, 5);
		assert_int_equal(p.flags, PKT_HAS_MAC | PKT_TUNNELLED);
		assert_int_equal(p.vlans, 1);
		assert_int_equal(p.vlan[0], t->frame ? 300 : 100);
		assert_int_equal(p.smac[5], t->frame ? 0x21 : 1);
	}
	assert_int_equal(decoder_stats(dec)->tunnels, sizeof(tunnels) / sizeof(tunnels[0]));
}

static void test_6in4(void **state)
{
	struct packet p;
	uint32_t ip, ip6;

	(void)state;
	ip = bytes_ipv4(&x, 41, 9, 0);
	ip6 = bytes_ipv6(&x, 6);
	bytes_tcp(&x, 0x18);
	bytes_close_ipv6(&x, ip6);
	bytes_close_ipv4(&x, ip);
	assert_true(decode(&p, 101));
	assert_addr(&p.dst, "fd00::2");
	assert_int_equal(p.dport, 502);
	assert_int_equal(p.flags, PKT_TUNNELLED);
}

/* A mirror that cuts what it wraps: the inner length is right, the bytes are missing. */
static void test_tunnel_cut_by_the_mirror(void **state)
{
	struct packet p;
	uint32_t ip;

	(void)state;
	bytes_ethernet(&x, 0x0800);
	ip = bytes_ipv4(&x, 47, 9, 0);
	bytes_hex(&x, "1000 88be 00000001 1064 0001 00000005");
	bytes_frame(&x, 100);
	x.n -= 60;
	bytes_close_ipv4(&x, ip);
	assert_true(decode(&p, 1));
	assert_int_equal(p.data_len, 40);
	assert_int_equal(p.data_wire_len, 100);
	assert_true(p.flags & PKT_CUT);
}

static void test_tunnel_depth(void **state)
{
	uint32_t ip[PACKET_TUNNELS_MAX + 1];
	struct packet p;

	(void)state;
	for (int i = 0; i <= PACKET_TUNNELS_MAX; i++)
		ip[i] = bytes_ipv4(&x, 4, 1, 0);
	put_tcp();
	for (int i = PACKET_TUNNELS_MAX; i >= 0; i--)
		bytes_close_ipv4(&x, ip[i]);
	assert_true(decode(&p, 101));
	assert_int_equal(p.ip_proto, 4);
	assert_int_equal(p.dport, 0);
	assert_int_equal(decoder_stats(dec)->tunnel_depth, 1);
	assert_int_equal(decoder_stats(dec)->tunnels, PACKET_TUNNELS_MAX);
}

static void test_udp_that_is_no_tunnel(void **state)
{
	static const struct { uint32_t dport; const char *payload; } plain[] = {
		{ 4789, "0800000000002a00 0102" },
		{ 4789, "0000000000002a00 020000000022020000000021 0800 4500" },
		{ 4789, "0800000000002a00 020000000022020000000021 0800 6500" },
		{ 4789, "0800000000002a01 020000000022020000000021 0800 4500" },
		{ 4789, "0800000000002a00 020000000022020000000021 1234 4500" },
		{ 6081, "4000 6558 00002a00 020000000022020000000021 0800 4500" },
		{ 6081, "0000 0800 00002a00 60" },
		{ 6081, "3f00 0800 00002a00 45" },
		{ 502, "0800000000002a00 020000000022020000000021 0800 4500" },
	};
	struct packet p;

	(void)state;
	for (size_t i = 0; i < sizeof(plain) / sizeof(plain[0]); i++) {
		uint32_t ip, udp;

		x.n = 0;
		ip = bytes_ipv4(&x, 17, 9, 0);
		udp = bytes_udp(&x, 5555, plain[i].dport);
		bytes_hex(&x, plain[i].payload);
		bytes_close_udp(&x, udp);
		bytes_close_ipv4(&x, ip);
		assert_true(decode(&p, 101));
		assert_int_equal(p.dport, plain[i].dport);
		assert_int_equal(p.data_len, x.n - udp - 8);
		assert_int_equal(p.flags, 0);
	}
}

static void test_shard_is_of_the_pair(void **state)
{
	struct packet p;
	uint32_t shard;

	(void)state;
	bytes_frame(&x, 5);
	assert_true(decode(&p, 1));
	shard = p.shard;
	for (int i = 0; i < 4; i++) {
		uint8_t t = x.b[26 + i];

		x.b[26 + i] = x.b[30 + i];
		x.b[30 + i] = t;
	}
	assert_true(decode(&p, 1));
	assert_int_equal(p.shard, shard);
	x.b[29] = 77;
	assert_true(decode(&p, 1));
	assert_int_not_equal(p.shard, shard);
}

/* Every packet above, cut at every length, in a block of exactly that length. */
static void cut_everywhere(uint16_t dlt)
{
	for (uint32_t n = 0; n <= x.n; n++) {
		uint8_t *h = bytes_heap(x.b, n);

		for (uint32_t wire = n; wire <= x.n; wire += x.n - n ? x.n - n : 1) {
			struct packet p = { .bytes = h, .caplen = n, .wirelen = wire, .dlt = dlt };

			if (packet_decode(dec, &p) && p.data_len) {
				assert_true(p.data >= h && p.data + p.data_len <= h + n);
				assert_true(p.ip >= h && p.ip + p.ip_len <= h + n);
				assert_true(p.data_wire_len >= p.data_len);
			}
		}
		free(h);
	}
}

static void test_cut_everywhere(void **state)
{
	const struct decode_stats *s = decoder_stats(dec);
	uint32_t ip;

	(void)state;
	for (size_t i = 0; i < sizeof(tunnels) / sizeof(tunnels[0]); i++) {
		x.n = 0;
		bytes_ethernet(&x, 0x0800);
		put_tunnel(&tunnels[i]);
		cut_everywhere(1);
	}
	x.n = 0;
	bytes_hex(&x, "0800 0000 00000001 0001 00 06 020000000009 0000");
	put_tcp();
	cut_everywhere(276);
	x.n = 0;
	ip = bytes_ipv6(&x, 0);
	bytes_hex(&x, "3c 00 010400000000 2c 00 010400000000 06 00 0000 00000001");
	bytes_tcp(&x, 0x18);
	bytes_close_ipv6(&x, ip);
	cut_everywhere(101);
	assert_int_equal(s->packets, s->followed + s->no_ip + s->unknown_link + s->cut_header + s->bad_header +
			 s->too_many_layers + s->fragment_held + s->fragment_copies + s->fragment_bad +
			 s->fragment_cut + s->fragment_no_memory);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_plain, setup, teardown),
		cmocka_unit_test_setup_teardown(test_padding_is_no_data, setup, teardown),
		cmocka_unit_test_setup_teardown(test_snaplen, setup, teardown),
		cmocka_unit_test_setup_teardown(test_length_zero, setup, teardown),
		cmocka_unit_test_setup_teardown(test_link_types, setup, teardown),
		cmocka_unit_test_setup_teardown(test_ipv6_extensions, setup, teardown),
		cmocka_unit_test_setup_teardown(test_endless_extensions, setup, teardown),
		cmocka_unit_test_setup_teardown(test_not_followed, setup, teardown),
		cmocka_unit_test_setup_teardown(test_icmp_is_not_the_quoted_packet, setup, teardown),
		cmocka_unit_test_setup_teardown(test_udp_length, setup, teardown),
		cmocka_unit_test_setup_teardown(test_tunnels, setup, teardown),
		cmocka_unit_test_setup_teardown(test_6in4, setup, teardown),
		cmocka_unit_test_setup_teardown(test_tunnel_cut_by_the_mirror, setup, teardown),
		cmocka_unit_test_setup_teardown(test_tunnel_depth, setup, teardown),
		cmocka_unit_test_setup_teardown(test_udp_that_is_no_tunnel, setup, teardown),
		cmocka_unit_test_setup_teardown(test_shard_is_of_the_pair, setup, teardown),
		cmocka_unit_test_setup_teardown(test_cut_everywhere, setup, teardown),
	};

	return cmocka_run_group_tests_name("decode", tests, NULL, NULL);
}
