/* What the sensor says of its sinks, from what their threads told and a clock that the test is. */
#include "health_kit.h"

#include "sensor/sink_health.h"

#include <stdio.h>

static struct sink_conf confs[2] = { { .name = "soc" }, { .name = "a-name-of-31-bytes-for-the-siem" } };
static struct sink_view v[2];
static struct sink_health *health;
static bool plant_answers;              /* every fact becomes an alert, which a full spool pays for with another one */

static void say(void *arg, const struct health_facts *facts)
{
	(void)arg;
	kit_say(facts);
	v[0].told.dropped += plant_answers;
}

static int begin(void **state)
{
	(void)state;
	kit_reset();
	memset(v, 0, sizeof v);
	plant_answers = false;
	config.sinks = confs;
	config.sink_count = 2;
	config.health.behind = 600 * SECOND;
	for (unsigned i = 0; i < 2; i++) {
		v[i].now.name = confs[i].name;
		snprintf(v[i].now.to, sizeof v[i].now.to, "siem.example:6514");
	}
	health = sink_health_new(&config, say, NULL);
	assert_non_null(health);
	return 0;
}

static int end(void **state)
{
	(void)state;
	sink_health_free(health);
	return 0;
}

static void look(unsigned seconds)
{
	while (seconds--) {
		now += SECOND;
		sink_health_look(health, v);
	}
}

static const struct health_facts *last(void)
{
	assert_true(said.n > 0);
	return &said.v[said.n - 1];
}

static void sinks_that_deliver_say_nothing(void **state)
{
	(void)state;
	v[0].now.sent = 1000;
	v[0].now.oldest_ns = 599 * SECOND;
	v[0].now.dead = 3;                      /* about sinks, all of them */
	look(4000);
	assert_int_equal(said.n, 0);
}

static void down_is_said_each_minute_until_it_is_up(void **state)
{
	(void)state;
	v[0].told.downs = 1;
	v[0].told.down = true;
	snprintf(v[0].told.why, sizeof v[0].told.why, "connection refused");
	look(1);
	assert_int_equal(said.n, 1);
	assert_int_equal(last()->kind, HEALTH_SINK_DOWN);
	assert_string_equal(last()->name, "soc");
	assert_string_equal(last()->text, "Sink soc (siem.example:6514) takes no alerts: connection refused");
	snprintf(v[0].now.why, sizeof v[0].now.why, "no route to host");
	look(119);
	assert_int_equal(said.n, 2);
	assert_string_equal(last()->text, "Sink soc (siem.example:6514) takes no alerts: no route to host");
	assert_int_equal(last()->value, 60);
	v[0].told.down = false;
	v[0].told.ups = 1;
	look(1);
	assert_int_equal(said.n, 3);
	assert_int_equal(last()->kind, HEALTH_SINK_UP);
	assert_int_equal(last()->value, 120);
	look(1000);
	assert_int_equal(said.n, 3);
}

static void what_came_and_went_between_two_looks_is_said(void **state)
{
	(void)state;
	v[1].told.downs = v[1].told.ups = 1;
	look(1);
	assert_int_equal(said.n, 2);
	assert_int_equal(said.v[0].kind, HEALTH_SINK_DOWN);
	assert_int_equal(said.v[1].kind, HEALTH_SINK_UP);
	assert_string_equal(said.v[1].name, confs[1].name);
}

static void who_is_not_let_in_is_paused(void **state)
{
	(void)state;
	v[0].told.pauses = 1;
	v[0].told.paused = true;
	snprintf(v[0].told.why, sizeof v[0].told.why, "HTTP 401: unable to authenticate");
	look(61);
	assert_int_equal(times(HEALTH_SINK_PAUSED), 2);
	assert_int_equal(times(HEALTH_SINK_DOWN), 0);
	assert_string_equal(last()->text, "The receiver of sink soc (siem.example:6514) does not let this sensor in: HTTP 401: unable to authenticate");
}

static void dead_letters_are_said_with_the_receivers_words(void **state)
{
	(void)state;
	v[0].told.dead = 1;
	snprintf(v[0].told.dead_why, sizeof v[0].told.dead_why, "mapper_parsing_exception");
	look(1);
	assert_int_equal(said.n, 1);
	assert_int_equal(last()->kind, HEALTH_SINK_DEAD_LETTERS);
	assert_string_equal(last()->text, "The receiver of sink soc refused 1 alert for good; it said: mapper_parsing_exception");
	for (unsigned i = 0; i < 59; i++) {
		v[0].told.dead += 10;
		look(1);
	}
	assert_int_equal(said.n, 1);            /* at most each minute */
	look(2);
	assert_int_equal(said.n, 2);
	assert_int_equal(last()->value, 591);
	look(1000);
	assert_int_equal(said.n, 2);            /* not what has been said */
}

static void long_words_are_cut_between_characters(void **state)
{
	(void)state;
	v[0].told.dead = 1;
	memset(v[0].told.dead_why, 'x', sizeof v[0].told.dead_why - 1);
	for (size_t i = 1; i + 2 < sizeof v[0].told.dead_why; i += 2)
		memcpy(v[0].told.dead_why + i, "\xc3\xa4", 2);
	look(1);
	assert_true(strlen(last()->text) >= HEALTH_TEXT - 3);
	assert_string_equal(last()->text + strlen(last()->text) - 5, "\xc3\xa4\xe2\x80\xa6");
}

static void late_is_said_of_those_that_are_not_down(void **state)
{
	(void)state;
	v[0].now.depth = 7;
	v[0].now.oldest_ns = 600 * SECOND;
	look(1);
	assert_int_equal(last()->kind, HEALTH_SINK_BEHIND);
	assert_int_equal(last()->value, 600);
	assert_int_equal(last()->limit, 600);
	look(60);
	assert_int_equal(times(HEALTH_SINK_BEHIND), 2);
	v[0].told.downs = 1;
	v[0].told.down = true;
	look(600);
	assert_int_equal(times(HEALTH_SINK_BEHIND), 2);
	v[0].told.down = false;
	config.health.behind = 0;
	look(600);
	assert_int_equal(times(HEALTH_SINK_BEHIND), 2);
}

static void who_is_not_verified_is_said_each_hour(void **state)
{
	(void)state;
	v[0].told.insecure = true;
	look(3600 + 2);
	assert_int_equal(times(HEALTH_SINK_INSECURE), 2);
}

/* The spool is full: each alert that is made, also one about that, costs another. */
static void what_is_dropped_does_not_feed_itself(void **state)
{
	(void)state;
	plant_answers = true;
	v[0].told.dropped = 1;
	look(24 * 3600);
	assert_in_range(times(HEALTH_SPOOL_DROPPED), 1, 3);
	said.n = 0;
	v[0].told.dropped += 1000000;
	look(24 * 3600);
	assert_int_equal(times(HEALTH_SPOOL_DROPPED), 1);
	assert_in_range(last()->value, 1000001, 1000010);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(sinks_that_deliver_say_nothing, begin, end),
		cmocka_unit_test_setup_teardown(down_is_said_each_minute_until_it_is_up, begin, end),
		cmocka_unit_test_setup_teardown(what_came_and_went_between_two_looks_is_said, begin, end),
		cmocka_unit_test_setup_teardown(who_is_not_let_in_is_paused, begin, end),
		cmocka_unit_test_setup_teardown(dead_letters_are_said_with_the_receivers_words, begin, end),
		cmocka_unit_test_setup_teardown(long_words_are_cut_between_characters, begin, end),
		cmocka_unit_test_setup_teardown(late_is_said_of_those_that_are_not_down, begin, end),
		cmocka_unit_test_setup_teardown(who_is_not_verified_is_said_each_hour, begin, end),
		cmocka_unit_test_setup_teardown(what_is_dropped_does_not_feed_itself, begin, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
