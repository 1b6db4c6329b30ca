/* test_dup.c - copies made by a mirror, and what only looks like one. */
#include "net/decode.h"
#include "net/dup.h"
#include "tests/lib/bytes.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#define MS 1000000U

static struct decoder *dec;
static struct dup *dup_table;
static struct bytes x;

static int setup(void **state)
{
	(void)state;
	dec = decoder_new(0);
	dup_table = dup_new();
	memset(&x, 0, sizeof(x));
	return dec && dup_table ? 0 : -1;
}

static int teardown(void **state)
{
	(void)state;
	decoder_free(dec);
	dup_free(dup_table);
	return 0;
}

static bool seen_at(uint64_t ts_ns)
{
	struct packet p = { .bytes = x.b, .caplen = x.n, .wirelen = x.n, .dlt = 1, .ts_ns = ts_ns };

	assert_true(packet_decode(dec, &p));
	return dup_seen(dup_table, &p);
}

static void test_routed_copy(void **state)
{
	(void)state;
	bytes_frame(&x, 100);
	assert_false(seen_at(1000 * MS));
	x.b[5] = 0x77;          /* another MAC */
	x.b[22]--;              /* TTL */
	x.b[24] ^= 0x55;        /* checksum */
	x.b[15] = 0xb8;         /* DSCP */
	assert_true(seen_at(1009 * MS));
	/* behind a VLAN tag, with padding */
	memmove(x.b + 18, x.b + 14, x.n - 14);
	x.b[12] = 0x81;
	x.b[13] = 0;
	x.b[14] = 0;
	x.b[15] = 9;
	x.b[16] = 8;
	x.b[17] = 0;
	x.n += 4;
	bytes_fill(&x, 0, 6);
	assert_true(seen_at(1010 * MS));
	assert_false(seen_at(1011 * MS));       /* counted from the first, not from the last copy */
}

static void test_what_is_no_copy(void **state)
{
	(void)state;
	bytes_frame(&x, 100);
	assert_false(seen_at(1000 * MS));
	x.b[18] ^= 1;           /* a retransmission has an id of its own */
	assert_false(seen_at(1001 * MS));
	x.b[14 + 40 + 99] ^= 1; /* the last byte of data */
	assert_false(seen_at(1002 * MS));
	x.b[14 + 20 + 13] ^= 1; /* a TCP flag */
	assert_false(seen_at(1003 * MS));
	x.b[33] ^= 1;           /* another receiver */
	assert_false(seen_at(1004 * MS));
}

static void test_stamps_may_run_backwards(void **state)
{
	(void)state;
	bytes_frame(&x, 10);
	assert_false(seen_at(1000 * MS));
	assert_true(seen_at(995 * MS));
	assert_false(seen_at(900 * MS));
	assert_true(seen_at(900 * MS));
	assert_false(seen_at(5));
	assert_true(seen_at(0));
}

static void test_ipv6_hop_limit(void **state)
{
	uint32_t ip;

	(void)state;
	bytes_ethernet(&x, 0x86dd);
	ip = bytes_ipv6(&x, 6);
	bytes_tcp(&x, 0x18);
	bytes_close_ipv6(&x, ip);
	assert_false(seen_at(1000 * MS));
	x.b[14 + 7]--;                  /* hop limit */
	x.b[14 + 1] = 0x80;             /* traffic class */
	assert_true(seen_at(1001 * MS));
	x.b[14 + 3] = 1;                /* a flow label is the sender's */
	assert_false(seen_at(1002 * MS));
}

/* Thousands of packets in the window: nearly all their copies are known. */
static void test_many(void **state)
{
	uint32_t missed = 0;

	(void)state;
	bytes_frame(&x, 20);
	for (uint32_t round = 0; round < 2; round++) {
		for (uint32_t i = 0; i < 4000; i++) {
			bytes_set16be(&x, 18, i);
			missed += seen_at(1000 * MS + i) != (round == 1);
		}
	}
	assert_true(missed < 200);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_routed_copy, setup, teardown),
		cmocka_unit_test_setup_teardown(test_what_is_no_copy, setup, teardown),
		cmocka_unit_test_setup_teardown(test_stamps_may_run_backwards, setup, teardown),
		cmocka_unit_test_setup_teardown(test_ipv6_hop_limit, setup, teardown),
		cmocka_unit_test_setup_teardown(test_many, setup, teardown),
	};

	return cmocka_run_group_tests_name("dup", tests, NULL, NULL);
}
