/* test_frag.c - IP fragments through the packet decoder. */
#include "net/decode.h"
#include "tests/lib/bytes.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

static struct decoder *dec;
static struct bytes payload;    /* of the datagram: UDP header and 4,000 bytes */
static uint64_t now;

static int setup(void **state)
{
	(void)state;
	dec = decoder_new(4);
	payload.n = 0;
	bytes_udp(&payload, 1000, 2222);
	for (uint32_t i = 0; i < 4000; i++)
		bytes_u8(&payload, i * 7 + i / 256);
	bytes_close_udp(&payload, 0);
	now = 1000000000;
	return dec ? 0 : -1;
}

static int teardown(void **state)
{
	(void)state;
	decoder_free(dec);
	return 0;
}

static struct packet whole;     /* of the last call that completed a datagram */

/* One IPv4 fragment of the payload, from an exact heap block. */
static bool send(uint32_t id, uint32_t from, uint32_t to, bool more)
{
	static struct bytes x;
	struct packet p = { .dlt = 101, .ts_ns = now };
	uint8_t *h;
	uint32_t ip;
	bool ok;

	x.n = 0;
	ip = bytes_ipv4(&x, 17, id, (more ? 0x2000U : 0) | from / 8);
	bytes_put(&x, payload.b + from, to - from);
	bytes_close_ipv4(&x, ip);
	h = bytes_heap(x.b, x.n);
	p.bytes = h;
	p.caplen = p.wirelen = x.n;
	ok = packet_decode(dec, &p);
	if (ok)
		whole = p;
	free(h);
	return ok;
}

static void assert_whole(void)
{
	assert_int_equal(whole.ip_proto, 17);
	assert_int_equal(whole.dport, 2222);
	assert_true(whole.flags & PKT_FRAGMENT);
	assert_int_equal(whole.data_len, 4000);
	assert_memory_equal(whole.data, payload.b + 8, 4000);
	assert_int_equal(whole.ip_len, 20 + 4008);
}

static void test_in_order(void **state)
{
	(void)state;
	assert_false(send(1, 0, 1480, true));
	assert_false(send(1, 1480, 2960, true));
	assert_true(send(1, 2960, 4008, false));
	assert_whole();
	assert_int_equal(decoder_stats(dec)->fragment_held, 2);
	assert_int_equal(decoder_stats(dec)->datagrams, 1);
}

static void test_out_of_order(void **state)
{
	(void)state;
	assert_false(send(1, 2960, 4008, false));
	assert_false(send(1, 1480, 2960, true));
	assert_true(send(1, 0, 1480, true));
	assert_whole();
}

static void test_interleaved(void **state)
{
	(void)state;
	assert_false(send(1, 0, 2000, true));
	assert_false(send(2, 2000, 4008, false));
	assert_true(send(1, 2000, 4008, false));
	assert_whole();
	assert_true(send(2, 0, 2000, true));
	assert_whole();
}

static void test_first_bytes_stand(void **state)
{
	(void)state;
	assert_false(send(1, 0, 1600, true));
	payload.b[1000] ^= 0xff;        /* somebody rewrites what was sent */
	assert_false(send(1, 800, 2400, true));
	payload.b[1000] ^= 0xff;
	assert_true(send(1, 2400, 4008, false));
	assert_whole();
	assert_int_equal(decoder_stats(dec)->fragment_overlaps, 1);
}

/* A mirror shows every fragment twice: the second datagram must not begin with leftovers. */
static void test_copies(void **state)
{
	(void)state;
	assert_false(send(1, 0, 2000, true));
	assert_false(send(1, 0, 2000, true));
	assert_true(send(1, 2000, 4008, false));
	assert_false(send(1, 2000, 4008, false));
	assert_int_equal(decoder_stats(dec)->fragment_copies, 1);
	now += 100000000;
	payload.b[3000] ^= 0xff;
	assert_false(send(1, 0, 2000, true));
	assert_true(send(1, 2000, 4008, false));
	assert_whole();
}

static void test_timeout(void **state)
{
	(void)state;
	assert_false(send(1, 0, 2000, true));
	now += 30000000001;
	assert_false(send(1, 2000, 4008, false));
	assert_int_equal(decoder_stats(dec)->datagrams_timed_out, 1);
	/* a clock that runs backwards does not make it late */
	now -= 20000000000;
	assert_true(send(1, 0, 2000, true));
}

static void test_oldest_is_evicted(void **state)
{
	(void)state;
	for (uint32_t id = 1; id <= 5; id++)
		assert_false(send(id, 0, 2000, true));
	assert_int_equal(decoder_stats(dec)->datagrams_evicted, 1);
	for (uint32_t id = 5; id >= 2; id--) {
		assert_true(send(id, 2000, 4008, false));
		assert_whole();
	}
	assert_false(send(1, 2000, 4008, false));
}

static void test_contradictions(void **state)
{
	(void)state;
	assert_false(send(1, 0, 1001, true));           /* not a multiple of eight, and more follow */
	assert_int_equal(decoder_stats(dec)->fragment_bad, 1);
	assert_false(send(1, 0, 2000, true));
	assert_false(send(1, 8, 800, false));           /* the end, where there was more */
	assert_int_equal(decoder_stats(dec)->fragment_bad, 2);
	assert_false(send(1, 2400, 4008, false));
	assert_false(send(1, 2400, 4000, false));       /* another end */
	assert_false(send(1, 3200, 3999, true));
	assert_int_equal(decoder_stats(dec)->fragment_bad, 4);
	assert_true(send(1, 2000, 2400, true));
	assert_whole();
}

static void test_past_64k(void **state)
{
	struct bytes *x = calloc(1, sizeof(*x));
	struct packet p = { .dlt = 101, .ts_ns = now };
	uint32_t ip;

	(void)state;
	assert_non_null(x);
	ip = bytes_ipv4(x, 17, 1, 0x1fff);
	bytes_fill(x, 1, 1000);
	bytes_close_ipv4(x, ip);
	p.bytes = x->b;
	p.caplen = p.wirelen = x->n;
	assert_false(packet_decode(dec, &p));
	assert_int_equal(decoder_stats(dec)->fragment_bad, 1);
	/* cut by the capture: it can never be put together */
	p.wirelen = p.caplen;
	p.caplen -= 100;
	assert_false(packet_decode(dec, &p));
	assert_int_equal(decoder_stats(dec)->fragment_cut, 1);
	free(x);
}

static void test_ipv6(void **state)
{
	static const struct { uint32_t from, to; const char *head; } pieces[] = {
		{ 1600, 4008, "11 00 0640 00000007" },
		{ 0, 1600, "11 00 0001 00000007" },
	};
	static struct bytes x;
	bool ok = false;

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct packet p = { .dlt = 229, .ts_ns = now };
		uint32_t ip;

		assert_false(ok);
		x.n = 0;
		ip = bytes_ipv6(&x, 44);
		bytes_hex(&x, pieces[i].head);
		bytes_put(&x, payload.b + pieces[i].from, pieces[i].to - pieces[i].from);
		bytes_close_ipv6(&x, ip);
		p.bytes = x.b;
		p.caplen = p.wirelen = x.n;
		ok = packet_decode(dec, &p);
		whole = p;
	}
	assert_true(ok);
	assert_int_equal(whole.data_len, 4000);
	assert_memory_equal(whole.data, payload.b + 8, 4000);
	assert_int_equal(whole.ip_len, 40 + 4008);
}

/* A fragmented datagram inside a tunnel whose packets are fragments themselves. */
static void test_fragments_in_fragments(void **state)
{
	static struct bytes inner, x;
	struct packet p = { 0 };
	uint32_t ip;
	bool ok = false;

	(void)state;
	for (uint32_t half = 0; half < 2; half++) {
		inner.n = 0;
		ip = bytes_ipv4(&inner, 17, 50, half ? 250 : 0x2000);
		bytes_put(&inner, payload.b + half * 2000, half ? 2008 : 2000);
		bytes_close_ipv4(&inner, ip);
		for (uint32_t q = 0; q < 2; q++) {
			assert_false(ok);
			x.n = 0;
			ip = bytes_ipv4(&x, 4, 60 + half, q ? 128 : 0x2000);
			bytes_put(&x, inner.b + q * 1024, q ? inner.n - 1024 : 1024);
			bytes_close_ipv4(&x, ip);
			p = (struct packet){ .bytes = x.b, .caplen = x.n, .wirelen = x.n, .dlt = 101, .ts_ns = now };
			ok = packet_decode(dec, &p);
		}
	}
	assert_true(ok);
	assert_int_equal(p.flags, PKT_FRAGMENT | PKT_TUNNELLED);
	assert_int_equal(p.data_len, 4000);
	assert_memory_equal(p.data, payload.b + 8, 4000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_in_order, setup, teardown),
		cmocka_unit_test_setup_teardown(test_out_of_order, setup, teardown),
		cmocka_unit_test_setup_teardown(test_interleaved, setup, teardown),
		cmocka_unit_test_setup_teardown(test_first_bytes_stand, setup, teardown),
		cmocka_unit_test_setup_teardown(test_copies, setup, teardown),
		cmocka_unit_test_setup_teardown(test_timeout, setup, teardown),
		cmocka_unit_test_setup_teardown(test_oldest_is_evicted, setup, teardown),
		cmocka_unit_test_setup_teardown(test_contradictions, setup, teardown),
		cmocka_unit_test_setup_teardown(test_past_64k, setup, teardown),
		cmocka_unit_test_setup_teardown(test_ipv6, setup, teardown),
		cmocka_unit_test_setup_teardown(test_fragments_in_fragments, setup, teardown),
	};

	return cmocka_run_group_tests_name("frag", tests, NULL, NULL);
}
