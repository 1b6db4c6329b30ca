/* The ring of operations that wait for their answer: found by place, the newest first, the oldest overwritten. */
#include "alert/waiting.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#define MAX 8

static struct waiting *add(struct waitings *w, uint32_t frame, uint16_t part, struct waiting *gone)
{
	struct ot_event ev = { .head = { .frame = frame, .pdu = 1 }, .part = part, .matches = 1, .match = { 7 } };

	return waitings_add(w, &ev, gone);
}

static void an_entry_is_found_by_its_place(void **state)
{
	struct waitings *w = waitings_new(MAX);
	struct waiting gone, *e;

	(void)state;
	add(w, 5, 1, &gone);
	assert_false(gone.used);
	add(w, 5, 2, &gone);
	add(w, 6, 1, &gone);
	e = waitings_first(w, 0, 5, 1);
	assert_int_equal(e->part, 2);
	e = waitings_next(w, e);
	assert_int_equal(e->part, 1);
	assert_int_equal(e->match[0], 7);
	assert_null(waitings_next(w, e));
	assert_null(waitings_first(w, 0, 5, 2));
	assert_null(waitings_first(w, 1, 5, 1));
	waitings_free(w);
}

static void the_oldest_is_overwritten_and_no_longer_found(void **state)
{
	struct waitings *w = waitings_new(MAX);
	struct waiting gone;

	(void)state;
	for (uint32_t frame = 1; frame <= 100; frame++) {
		add(w, frame, 0, &gone);
		assert_int_equal(gone.used, frame > MAX);
		if (gone.used)
			assert_int_equal(gone.frame, frame - MAX);
		for (uint32_t old = 1; old <= frame; old++)
			assert_int_equal(waitings_first(w, 0, old, 1) != NULL, old + MAX > frame);
	}
	waitings_free(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_entry_is_found_by_its_place),
		cmocka_unit_test(the_oldest_is_overwritten_and_no_longer_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
