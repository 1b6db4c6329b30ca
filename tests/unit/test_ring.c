/* The ring between threads: records whole and in order, around the end, full and empty. */
#include "base/ring.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#define RECORDS 200000u

static uint32_t length_of(uint32_t i)
{
	return 4 + i * 7919u % 900;
}

static void *produce(void *arg)
{
	struct ring *r = arg;

	for (uint32_t i = 0; i < RECORDS; i++) {
		unsigned step = 0;
		uint8_t *p;

		while (!(p = ring_reserve(r, length_of(i))))
			ring_wait(&step);
		memset(p, (int)(i & 0xff), length_of(i));
		memcpy(p, &i, sizeof i);
		ring_publish(r);
	}
	return NULL;
}

static void records_arrive_whole_and_in_order(void **state)
{
	struct ring r;
	pthread_t t;

	(void)state;
	assert_true(ring_init(&r, 4096));
	assert_int_equal(pthread_create(&t, NULL, produce, &r), 0);
	for (uint32_t i = 0; i < RECORDS; i++) {
		unsigned step = 0;
		const uint8_t *p;
		uint32_t n, got;

		while (!(p = ring_peek(&r, &n)))
			ring_wait(&step);
		memcpy(&got, p, sizeof got);
		assert_int_equal(got, i);
		assert_int_equal(n, length_of(i));
		if (n > 4)
			assert_int_equal(p[n - 1], i & 0xff);
		ring_release(&r);
	}
	pthread_join(t, NULL);
	ring_fini(&r);
}

static void a_full_ring_refuses_until_something_leaves(void **state)
{
	struct ring r;
	unsigned n = 0;
	uint32_t len;

	(void)state;
	assert_true(ring_init(&r, 1024));
	assert_null(ring_peek(&r, &len));
	while (ring_reserve(&r, 100)) {
		ring_publish(&r);
		n++;
	}
	assert_true(n >= 7 && n <= 8);
	assert_non_null(ring_peek(&r, &len));
	ring_release(&r);
	assert_non_null(ring_reserve(&r, 100));
	ring_fini(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(records_arrive_whole_and_in_order),
		cmocka_unit_test(a_full_ring_refuses_until_something_leaves),
	};

	return cmocka_run_group_tests_name("ring", tests, NULL, NULL);
}
