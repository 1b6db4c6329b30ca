/* One row out of several rings: in order, waiting for those who may still have something earlier, but not for ever. */
#include "sensor/gather.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#define RING 65536u
#define SECOND UINT64_C(1000000000)

static struct ring ring[3];
static struct gather_source source[3];
static struct gather all = { 3, source };

static int begin(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 3; i++) {
		assert_true(ring_init(&ring[i], RING));
		source[i] = (struct gather_source){ .ring = &ring[i], .heard_ns = SECOND };
	}
	return 0;
}

static int end(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 3; i++)
		ring_fini(&ring[i]);
	return 0;
}

static void put(unsigned i, uint64_t at)
{
	struct finding *f = ring_reserve(&ring[i], sizeof *f);

	assert_non_null(f);
	*f = (struct finding){ { at, 0 }, FINDING_MARK, 0 };
	ring_publish(&ring[i]);
}

/* The order of the next finding; 0: none may be handed out. */
static uint64_t take(uint64_t now)
{
	unsigned from;
	struct finding *f = gather_next(&all, now, &from);
	uint64_t at = f ? f->order.trigger : 0;

	if (f)
		gather_done(&all, from);
	return at;
}

static void in_order_over_all(void **state)
{
	(void)state;
	put(0, 10), put(0, 40);
	put(1, 20), put(1, 50);
	put(2, 30), put(2, 60);
	for (uint64_t at = 10; at <= 40; at += 10)
		assert_int_equal(take(SECOND), at);
	assert_int_equal(take(SECOND), 0);      /* 0 has told up to 40 and may come with 45 */
	put(0, 45);
	assert_int_equal(take(SECOND), 45);
	put(0, 99);
	assert_int_equal(take(SECOND), 50);
}

static void who_is_silent_is_waited_for_but_not_for_ever(void **state)
{
	(void)state;
	put(0, 10);
	put(1, 20);
	assert_int_equal(take(SECOND), 0);                      /* 2 has said nothing yet */
	assert_int_equal(take(SECOND + GATHER_HOLD_NS / 2), 0);
	assert_int_equal(take(SECOND + GATHER_HOLD_NS), 10);
	put(2, 5);                                              /* late, but not lost */
	assert_int_equal(take(SECOND + GATHER_HOLD_NS), 5);
}

static void who_has_ended_is_not_waited_for(void **state)
{
	(void)state;
	source[2].ended = true;
	put(0, 10);
	put(1, 20);
	assert_int_equal(take(SECOND), 10);
}

static void nobody_is_waited_for_when_a_ring_fills(void **state)
{
	(void)state;
	for (uint64_t i = 0; ring_used(&ring[0]) <= RING / 2; i++)
		put(0, 100 + i);
	assert_int_equal(take(SECOND), 100);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(in_order_over_all, begin, end),
		cmocka_unit_test_setup_teardown(who_is_silent_is_waited_for_but_not_for_ever, begin, end),
		cmocka_unit_test_setup_teardown(who_has_ended_is_not_waited_for, begin, end),
		cmocka_unit_test_setup_teardown(nobody_is_waited_for_when_a_ring_fills, begin, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
