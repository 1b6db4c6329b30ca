/* One line for each operation: in the order of requests, with what came of them. */
#include "engine/merge.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

struct line { uint32_t frame; uint16_t part; unsigned outcome; bool answered; };
struct lines { struct line v[64]; unsigned n; };

static void on_line(void *arg, const struct ot_event *request, unsigned outcome, const struct ot_event *answer)
{
	struct lines *l = arg;

	assert_true(l->n < 64);
	l->v[l->n++] = (struct line){ request->head.frame, request->part, outcome, answer != NULL };
}

static struct ot_event request(uint32_t frame, uint16_t part)
{
	struct ot_event e = { .dir = DIR_REQUEST, .part = part };

	e.head.frame = frame;
	e.head.pdu = 1;
	return e;
}

static struct ot_event answer(uint32_t frame, uint32_t to, uint16_t part, unsigned outcome)
{
	struct ot_event e = { .dir = DIR_RESPONSE, .part = part, .has = HAS_REQUEST, .req_frame = to, .req_pdu = 1,
			      .outcome = (uint8_t)outcome };

	e.head.frame = frame;
	e.head.pdu = 1;
	return e;
}

static void operations_leave_in_the_order_of_requests(void **state)
{
	struct lines l = { .n = 0 };
	struct merge *m = merge_new(on_line, &l);
	struct ot_event r1 = request(1, 0), r2 = request(2, 0), a2 = answer(3, 2, 0, OUTCOME_OK), a1 = answer(4, 1, 0, OUTCOME_ERROR);

	(void)state;
	merge_event(m, &r1);
	merge_event(m, &r2);
	merge_event(m, &a2);
	assert_int_equal(l.n, 0);
	merge_event(m, &a1);
	assert_int_equal(l.n, 2);
	assert_int_equal(l.v[0].frame, 1);
	assert_int_equal(l.v[0].outcome, OUTCOME_ERROR);
	assert_int_equal(l.v[1].outcome, OUTCOME_OK);
	merge_free(m);
}

static void parts_are_answered_one_by_one_refusals_all_at_once(void **state)
{
	struct lines l = { .n = 0 };
	struct merge *m = merge_new(on_line, &l);
	struct ot_event p1 = request(1, 1), p2 = request(1, 2), a1 = answer(2, 1, 1, OUTCOME_OK), a2 = answer(2, 1, 2, OUTCOME_ERROR);
	struct ot_event q1 = request(3, 1), q2 = request(3, 2), no = answer(4, 3, 0, OUTCOME_ERROR);

	(void)state;
	merge_event(m, &p1);
	merge_event(m, &p2);
	merge_event(m, &a1);
	merge_event(m, &a2);
	merge_event(m, &q1);
	merge_event(m, &q2);
	merge_event(m, &no);
	assert_int_equal(l.n, 4);
	assert_int_equal(l.v[0].outcome, OUTCOME_OK);
	assert_int_equal(l.v[1].outcome, OUTCOME_ERROR);
	assert_int_equal(l.v[2].outcome, OUTCOME_ERROR);
	assert_int_equal(l.v[3].outcome, OUTCOME_ERROR);
	merge_free(m);
}

static void silence_is_told_from_not_seeing(void **state)
{
	struct lines l = { .n = 0 };
	struct merge *m = merge_new(on_line, &l);
	struct ot_event r1 = request(1, 0), r2 = request(2, 0), r3 = request(3, 0), alone = answer(4, 9, 0, OUTCOME_OK);

	(void)state;
	merge_event(m, &r1);
	merge_event(m, &r2);
	merge_event(m, &r3);
	merge_event(m, &alone);         /* its request was never seen: a line of its own */
	merge_no_answer(m, 0, 1, 1, true);
	merge_no_answer(m, 0, 2, 1, false);
	merge_finish(m);
	assert_int_equal(l.n, 4);
	assert_int_equal(l.v[0].outcome, OUTCOME_NO_RESPONSE);
	assert_false(l.v[0].answered);
	assert_int_equal(l.v[1].outcome, OUTCOME_UNKNOWN);
	assert_int_equal(l.v[2].outcome, OUTCOME_UNKNOWN);
	assert_int_equal(l.v[3].outcome, OUTCOME_OK);
	merge_free(m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(operations_leave_in_the_order_of_requests),
		cmocka_unit_test(parts_are_answered_one_by_one_refusals_all_at_once),
		cmocka_unit_test(silence_is_told_from_not_seeing),
	};

	return cmocka_run_group_tests_name("merge", tests, NULL, NULL);
}
