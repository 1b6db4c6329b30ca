/* Which batches have left a queue that only tells its bytes: never one too early. */
#include "forward/drain.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

static void a_batch_is_out_with_its_last_byte(void **state)
{
	struct drain d = { 0 };

	(void)state;
	drain_put(&d, 1, 100, 10);
	drain_put(&d, 2, 50, 11);
	assert_int_equal(drain_held(&d, 150, 12), 0);
	assert_int_equal(drain_held(&d, 51, 13), 0);
	assert_int_equal(drain_held(&d, 50, 14), 1);
	assert_int_equal(drain_held(&d, 1, 15), 1);
	assert_int_equal(drain_held(&d, 0, 16), 2);
}

/* TLS puts more into the socket than was written: what is left looks more, never less. */
static void overhead_confirms_late(void **state)
{
	struct drain d = { 0 };

	(void)state;
	drain_put(&d, 1, 100, 0);
	drain_put(&d, 2, 100, 0);
	assert_int_equal(drain_held(&d, 244, 1), 0);
	assert_int_equal(drain_held(&d, 122, 2), 0);
	assert_int_equal(drain_held(&d, 100, 3), 1);
	assert_int_equal(drain_held(&d, UINT64_MAX, 4), 1);
	assert_int_equal(drain_held(&d, 0, 5), 2);
}

static void a_new_connection_begins_anew(void **state)
{
	struct drain d = { 0 };

	(void)state;
	drain_put(&d, 1, 100, 0);
	assert_int_equal(drain_held(&d, 0, 1), 1);
	drain_put(&d, 2, 100, 2);
	drain_reset(&d, 3);
	assert_int_equal(drain_held(&d, 0, 4), 1);
	drain_put(&d, 3, 10, 5);
	assert_int_equal(drain_held(&d, 10, 6), 1);
	assert_int_equal(drain_held(&d, 0, 7), 3);
}

static void stuck_is_no_progress_with_something_under_way(void **state)
{
	struct drain d = { 0 };

	(void)state;
	drain_reset(&d, 1000);
	assert_false(drain_stuck(&d, 100, 99999));
	drain_put(&d, 1, 100, 100000);
	assert_false(drain_stuck(&d, 100, 100100));
	assert_true(drain_stuck(&d, 100, 100101));
	assert_int_equal(drain_held(&d, 99, 100150), 0);        /* slow, not stuck */
	assert_false(drain_stuck(&d, 100, 100250));
	assert_true(drain_stuck(&d, 100, 100251));
	assert_int_equal(drain_held(&d, 0, 100300), 1);
	assert_false(drain_stuck(&d, 100, 999999));
}

static void the_window_goes_round(void **state)
{
	struct drain d = { 0 };

	(void)state;
	for (uint64_t n = 1; n <= 10 * DRAIN_WINDOW; n++) {
		drain_put(&d, n, 7, n);
		assert_int_equal(drain_held(&d, n % DRAIN_WINDOW ? 7 : 0, n), n % DRAIN_WINDOW ? n - 1 : n);
	}
	for (uint64_t n = 1; n <= DRAIN_WINDOW + 1; n++)        /* one more than there is room for is not believed */
		drain_put(&d, 1000 + n, 7, 0);
	assert_int_equal(drain_held(&d, 0, 0), 1000 + DRAIN_WINDOW);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_batch_is_out_with_its_last_byte),
		cmocka_unit_test(overhead_confirms_late),
		cmocka_unit_test(a_new_connection_begins_anew),
		cmocka_unit_test(stuck_is_no_progress_with_something_under_way),
		cmocka_unit_test(the_window_goes_round),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
