/* The reader at its edges: the last byte, one past it, and everything after a failure. */
#include "base/rd.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

static void reads_in_both_orders(void **state)
{
	static const uint8_t b[] = { 1, 2, 3, 4, 5, 6, 7, 8 };
	struct rd r = rd_init(b, sizeof b);

	(void)state;
	assert_int_equal(rd_be16(&r), 0x0102);
	assert_int_equal(rd_le16(&r), 0x0403);
	assert_int_equal(rd_be32(&r), 0x05060708);
	assert_true(rd_ok(&r));
	assert_int_equal(r.left, 0);
	r = rd_init(b, sizeof b);
	assert_true(rd_le64(&r) == 0x0807060504030201u);
	r = rd_init(b, sizeof b);
	assert_int_equal(rd_be24(&r), 0x010203);
}

static void one_past_the_end_fails_and_stays_failed(void **state)
{
	static const uint8_t b[] = { 1, 2, 3 };
	struct rd r = rd_init(b, sizeof b);

	(void)state;
	assert_int_equal(rd_be32(&r), 0);
	assert_false(rd_ok(&r));
	assert_int_equal(rd_u8(&r), 0);
	assert_int_equal(r.left, 0);
}

static void a_child_that_does_not_fit_fails_both(void **state)
{
	static const uint8_t b[] = { 1, 2, 3 };
	struct rd r = rd_init(b, sizeof b);
	struct rd c = rd_sub(&r, 4);

	(void)state;
	assert_false(rd_ok(&r));
	assert_false(rd_ok(&c));
	assert_int_equal(c.left, 0);
	r = rd_init(b, sizeof b);
	c = rd_sub(&r, 2);
	assert_int_equal(rd_be16(&c), 0x0102);
	assert_int_equal(rd_u8(&r), 3);
	assert_true(rd_ok(&r) && rd_ok(&c));
}

static void peek_takes_nothing(void **state)
{
	static const uint8_t b[] = { 9, 8 };
	struct rd r = rd_init(b, sizeof b);

	(void)state;
	assert_int_equal(rd_peek(&r, 1), 8);
	assert_int_equal(rd_peek(&r, 2), 0);
	assert_int_equal(r.left, 2);
	assert_true(rd_ok(&r));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_in_both_orders),
		cmocka_unit_test(one_past_the_end_fails_and_stays_failed),
		cmocka_unit_test(a_child_that_does_not_fit_fails_both),
		cmocka_unit_test(peek_takes_nothing),
	};

	return cmocka_run_group_tests_name("rd", tests, NULL, NULL);
}
