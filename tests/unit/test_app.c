/* Words of applications, and the heap that a library may use. */
#include "classify/app.h"
#include "classify/heap.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void every_word_is_told_apart(void **state)
{
	(void)state;
	for (unsigned i = 1; i < APP_COUNT; i++) {
		assert_true(app_word(i)[0]);
		assert_int_equal(strspn(app_word(i), "abcdefghijklmnopqrstuvwxyz0123456789-"), strlen(app_word(i)));
		assert_true(app_category(i) > CATEGORY_NONE && app_category(i) < CATEGORY_COUNT);
		for (unsigned k = 0; k < i; k++)
			assert_string_not_equal(app_word(i), app_word(k));
	}
	for (unsigned i = 0; i < CATEGORY_COUNT; i++)
		assert_non_null(app_category_word(i));
	for (unsigned i = 0; i < RISK_COUNT; i++)
		assert_non_null(app_risk_word(i));
	assert_string_equal(app_word(APP_COUNT), "unknown");
}

static void a_port_suggests(void **state)
{
	(void)state;
	assert_int_equal(app_of_port(6, 3389), APP_RDP);
	assert_int_equal(app_of_port(6, 445), APP_SMB);
	assert_int_equal(app_of_port(17, 53), APP_DNS);
	assert_int_equal(app_of_port(17, 22), APP_NONE);
	assert_int_equal(app_of_port(6, 0), APP_NONE);
	assert_int_equal(app_of_port(1, 53), APP_NONE);
	assert_int_equal(app_of_port(6, 502), APP_NONE);
}

static void the_heap_is_bounded(void **state)
{
	struct heap *h = heap_new(64 * 1024);
	unsigned n = 0;
	void *a, *b, *all[2000];

	(void)state;
	assert_non_null(h);
	a = heap_get(h, 100);
	assert_non_null(a);
	assert_int_equal((uintptr_t)a % 16, 0);
	assert_true(heap_room(a) >= 100);
	assert_true(heap_has(h, a));
	assert_false(heap_has(h, &n));
	memset(a, 0xff, heap_room(a));
	heap_put(h, a);
	b = heap_get(h, 90);
	assert_ptr_equal(a, b);                 /* of the same size: the same block again */
	assert_null(heap_get(h, HEAP_BLOCK_MAX));
	assert_null(heap_get(h, SIZE_MAX));
	while (n < 2000 && (all[n] = heap_get(h, 1000)))
		n++;
	assert_in_range(n, 50, 64);
	assert_int_equal(heap_spent(h), 1);
	while (n)
		heap_put(h, all[--n]);
	assert_non_null(heap_get(h, 1000));
	heap_free(h);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_word_is_told_apart), cmocka_unit_test(a_port_suggests),
		cmocka_unit_test(the_heap_is_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
