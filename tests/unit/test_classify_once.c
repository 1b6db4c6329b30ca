/* Memory that a library loads once. */
#include "classify/once.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void blocks_are_zeroed_and_apart(void **state)
{
	struct once *o = once_new(4096);
	uint8_t *block[20];

	(void)state;
	assert_non_null(o);
	for (size_t i = 0; i < 20; i++) {
		block[i] = once_get(o, i * 3);
		assert_non_null(block[i]);
		assert_int_equal((uintptr_t)block[i] % _Alignof(max_align_t), 0);
		assert_int_equal(once_room(block[i]), i * 3);
		for (size_t k = 0; k < i * 3; k++)
			assert_int_equal(block[i][k], 0);
		memset(block[i], 0xa5, i * 3);
	}
	for (size_t i = 0; i < 20; i++)
		assert_int_equal(once_room(block[i]), i * 3);
	once_free(o);
}

static void more_than_there_is_is_refused(void **state)
{
	struct once *o = once_new(4096);
	void *last;

	(void)state;
	assert_non_null(o);
	assert_null(once_get(o, SIZE_MAX));
	assert_null(once_get(o, SIZE_MAX - 20));
	assert_null(once_get(o, 4096));
	last = once_get(o, 4080);
	assert_non_null(last);
	memset(last, 1, 4080);
	assert_null(once_get(o, 1));
	once_free(o);
}

static void it_knows_its_own(void **state)
{
	struct once *o = once_new(4096);
	int other = 0;

	(void)state;
	assert_non_null(o);
	assert_true(once_has(o, once_get(o, 8)));
	assert_false(once_has(o, &other));
	assert_false(once_has(o, NULL));
	once_free(o);
	once_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(blocks_are_zeroed_and_apart),
		cmocka_unit_test(more_than_there_is_is_refused),
		cmocka_unit_test(it_knows_its_own),
	};

	return cmocka_run_group_tests_name("once", tests, NULL, NULL);
}
