/* Flows that wait for the verdict on their application. */
#include "classify/classify.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static uint8_t wire[1500];

/* An IPv4 packet with UDP and this payload, from port 50000. */
static struct packet datagram(const void *payload, uint32_t n, uint16_t port, uint64_t ts_ns, uint64_t seq)
{
	uint32_t len = 28 + n;
	const uint8_t head[28] = { 0x45, 0, (uint8_t)(len >> 8), (uint8_t)len, 0, 1, 0, 0, 64, 17, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2,
				   50000 >> 8, 50000 & 255, (uint8_t)(port >> 8), (uint8_t)port, (uint8_t)((8 + n) >> 8), (uint8_t)(8 + n) };
	struct packet p = { .ts_ns = ts_ns, .seq = seq, .frame = (uint32_t)seq, .ip = wire, .ip_len = len, .data = wire + 28,
			    .data_len = n, .data_wire_len = n, .ip_proto = 17, .sport = 50000, .dport = port };

	memcpy(wire, head, sizeof head);
	memcpy(wire + 28, payload, n);
	return p;
}

static const uint8_t query[] = "\x12\x34\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00\x03www\x07" "example\x03org\x00\x00\x01\x00\x01";
static const uint8_t noise[] = { 0xe1, 0x17, 0x93, 0x5c, 0xd2, 0x08, 0x44, 0xfa, 0x91, 0x6b, 0x0e, 0xc3, 0x77, 0x2d, 0x58, 0xa4 };

static void what_was_seen_counts_at_the_end(void **state)
{
	struct classify_last last;
	struct classify *c;
	struct app_label label;
	struct flow f;
	uint16_t place = 0;
	struct packet p = datagram(query, sizeof query - 1, 53, 1, 1);

	(void)state;
	c = classify_new(4, true);
	assert_non_null(c);
	assert_false(classify_packet(c, &f, &place, 0, &p, &label));     /* the answer may show more */
	classify_end(c, &place, &last, &label);
	assert_int_equal(label.app, APP_DNS);
	assert_int_equal(place, 0);
	classify_free(c);
}

static void what_nobody_knows_is_given_up(void **state)
{
	struct classify *c;
	struct app_label label;
	struct flow f;
	uint16_t place = 0;
	unsigned n = 0;

	(void)state;
	c = classify_new(4, true);
	for (;;) {
		struct packet p = datagram(noise, sizeof noise, 40001, n, n + 1);

		assert_true(n++ < CLASSIFY_PACKETS);
		if (classify_packet(c, &f, &place, 0, &p, &label))
			break;
		assert_int_not_equal(place, 0);
	}
	assert_int_equal(label.app, APP_NONE);
	assert_int_equal(place, 0);
	assert_null(classify_overdue(c, UINT64_MAX));
	classify_free(c);
}

static void places_are_few_and_age(void **state)
{
	struct classify *c;
	struct classify_last last;
	struct classify_counts counts;
	struct app_label label;
	struct flow f[3];
	uint16_t place[3] = { 0 };

	(void)state;
	c = classify_new(2, false);
	for (unsigned i = 0; i < 2; i++) {
		struct packet p = datagram(noise, sizeof noise, 40001, 1000 + i, 7 + i);

		assert_null(classify_crowded(c));
		assert_false(classify_packet(c, &f[i], &place[i], 1, &p, &label));
	}
	assert_ptr_equal(classify_crowded(c), &f[0]);
	assert_null(classify_overdue(c, 1000 + CLASSIFY_WAIT_NS));
	assert_ptr_equal(classify_overdue(c, 1001 + CLASSIFY_WAIT_NS), &f[0]);
	assert_int_equal(classify_since(c, place[0]), 7);
	classify_end(c, &place[0], &last, &label);
	assert_int_equal(place[0], 0);
	assert_int_equal(last.first_seq, 7);
	assert_int_equal(last.mark.ts_ns, 1000);
	assert_int_equal(last.direction, 1);
	assert_int_equal(label.app, APP_NONE);
	assert_null(classify_crowded(c));
	classify_drop(c, &place[1]);
	assert_null(classify_overdue(c, UINT64_MAX));
	for (unsigned i = 0; i < 2; i++) {
		struct packet p = datagram(noise, sizeof noise, 40001, 5000, 20);

		assert_false(classify_packet(c, &f[2], &place[i], 0, &p, &label));
	}
	classify_counts(c, &counts);
	assert_int_equal(counts.flows, 4);
	classify_free(c);                       /* with two flows in it */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_seen_counts_at_the_end),
		cmocka_unit_test(what_nobody_knows_is_given_up), cmocka_unit_test(places_are_few_and_age),
	};

	if (!classify_version()) {
		puts("1..0 # SKIP built without nDPI");
		return 0;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
