/* Running time: it does not notice when somebody sets the wall clock. The test is the clock. */
#include "base/clock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#define SECOND UINT64_C(1000000000)
#define START (UINT64_C(1700000000) * SECOND)

static uint64_t wall, mono;

static uint64_t read_wall(void *arg)
{
	(void)arg;
	return wall;
}

static uint64_t read_mono(void *arg)
{
	(void)arg;
	return mono;
}

static void goes_on(uint64_t ns)
{
	wall += ns;
	mono += ns;
}

static int begin(void **state)
{
	static const struct clock_source source = { read_wall, read_mono, NULL };

	(void)state;
	wall = START;
	mono = 5 * SECOND;
	clock_use(&source);
	clock_start();
	return 0;
}

static void without_a_jump_it_is_the_wall_clock(void **state)
{
	(void)state;
	goes_on(3 * SECOND);
	assert_int_equal(clock_check(), 0);
	assert_int_equal(clock_now(), wall);
	assert_int_equal(clock_of_stamp(wall - 123, clock_now()), wall - 123);
	assert_int_equal(clock_told(wall), wall);
}

static void forward_and_back_it_goes_on(void **state)
{
	uint64_t before, at;

	(void)state;
	goes_on(SECOND);
	before = clock_now();
	wall += 3600 * SECOND;                  /* somebody sets the clock */
	assert_int_equal(clock_check(), 3600 * SECOND);
	goes_on(SECOND);
	assert_int_equal(clock_check(), 0);     /* told once */
	assert_int_equal(clock_now(), before + SECOND);
	at = clock_of_stamp(wall - 100, clock_now());
	assert_int_equal(at, clock_now() - 100);
	assert_int_equal(clock_told(at), wall - 100);
	assert_int_equal(clock_told(before - 1), before - 1);   /* what was is told as it was */

	goes_on(SECOND);
	wall -= 50 * 365 * 86400 * SECOND;      /* and another sets it to 1976 */
	assert_int_equal(clock_check(), -(int64_t)(50 * 365 * 86400 * SECOND));
	assert_int_equal(clock_now(), before + 2 * SECOND);
	assert_int_equal(clock_told(clock_now()), wall);
	assert_int_equal(clock_told(at), at + 3600 * SECOND);
}

static void stamps_from_before_the_jump_are_read_right(void **state)
{
	uint64_t stamp = wall, at;

	(void)state;
	goes_on(SECOND / 10);
	wall += 86400 * SECOND;
	(void)clock_check();
	at = clock_of_stamp(stamp, clock_now());
	assert_int_equal(at, clock_now() - SECOND / 10);
}

static void a_stamp_that_cannot_be_is_now(void **state)
{
	(void)state;
	assert_int_equal(clock_of_stamp(0, clock_now()), clock_now());
	assert_int_equal(clock_of_stamp(UINT64_MAX, clock_now()), clock_now());
	assert_int_equal(clock_of_stamp(wall + 10 * SECOND, clock_now()), clock_now());
}

static void small_corrections_are_followed_without_a_jump(void **state)
{
	struct clock_jumps j;

	(void)state;
	wall += SECOND / 20;
	assert_int_equal(clock_check(), 0);
	assert_int_equal(clock_now(), wall);
	clock_jumps(&j);
	assert_int_equal(j.count, 0);
	assert_int_equal(j.moves, 1);
	assert_int_equal(j.last_ns, SECOND / 20);
}

static void many_jumps_are_bounded(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 100; i++) {
		goes_on(SECOND);
		wall = i % 2 ? wall + 1000 * SECOND : wall - 1000 * SECOND;
		assert_int_not_equal(clock_check(), 0);
	}
	assert_int_equal(clock_now(), START + 100 * SECOND);
	assert_int_equal(clock_told(clock_now()), wall);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(without_a_jump_it_is_the_wall_clock, begin),
		cmocka_unit_test_setup(forward_and_back_it_goes_on, begin),
		cmocka_unit_test_setup(stamps_from_before_the_jump_are_read_right, begin),
		cmocka_unit_test_setup(a_stamp_that_cannot_be_is_now, begin),
		cmocka_unit_test_setup(small_corrections_are_followed_without_a_jump, begin),
		cmocka_unit_test_setup(many_jumps_are_bounded, begin),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
