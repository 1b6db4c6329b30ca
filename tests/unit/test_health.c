/* What the sensor says of itself, from figures that the test makes and a clock that it is. */
#include "health_kit.h"

static struct config_interface interface = { .name = "no-such-if" };
static struct figures f;
static struct recorder_view view;
static struct health *health;

static void say(void *arg, const struct health_facts *facts)
{
	(void)arg;
	if (facts->kind != HEALTH_CLOCK_ADRIFT)         /* the machine's own affair */
		kit_say(facts);
}

static int begin(void **state)
{
	(void)state;
	kit_reset();
	memset(&f, 0, sizeof f);
	memset(&view, 0, sizeof view);
	config.interfaces = &interface;
	config.interface_count = 1;
	config.health.window = 10 * SECOND;
	config.health.silence = 30 * SECOND;
	config.health.one_way = 500000;
	config.health.duplicates = 600000;
	config.health.undecoded = 50000;
	config.health.drops = 1000;
	f.port.state = PORT_UP;
	f.port.ups = 1;
	health = health_new(&config, say, NULL);
	assert_non_null(health);
	return 0;
}

static int end(void **state)
{
	(void)state;
	health_free(health);
	return 0;
}

/* Time goes on, in which something comes. */
static void look(uint64_t seconds, uint64_t packets)
{
	now += seconds * SECOND;
	f.at_ns = now;
	f.packets += packets;
	f.worker.packets += packets;
	health_look(health, &f, &view, NULL);
}

static void a_good_sensor_says_nothing(void **state)
{
	(void)state;
	for (int i = 0; i < 100; i++) {
		f.pdus += 500;
		f.worker.tcp_looked_at += 30;
		look(1, 1000);
	}
	assert_int_equal(said.n, 0);
}

static void silence_is_said_again_each_minute_and_ends(void **state)
{
	(void)state;
	look(1, 10);
	for (int i = 0; i < 29; i++)
		look(1, 0);
	assert_int_equal(times(HEALTH_SILENCE), 0);
	look(1, 0);
	assert_int_equal(times(HEALTH_SILENCE), 1);
	assert_string_equal(said.v[0].name, "no-such-if");
	assert_int_equal(said.v[0].value, 30);
	assert_int_equal(said.v[0].limit, 30);
	for (int i = 0; i < 119; i++)
		look(1, 0);
	assert_int_equal(times(HEALTH_SILENCE), 2);
	look(1, 5);
	for (int i = 0; i < 29; i++)
		look(1, 0);
	assert_int_equal(times(HEALTH_SILENCE), 2);
	look(1, 0);
	assert_int_equal(times(HEALTH_SILENCE), 3);
}

static void shares_are_taken_over_a_window(void **state)
{
	(void)state;
	look(10, 1000);
	f.worker.tcp_looked_at += 1000;
	f.worker.tcp_one_way += 600;
	f.worker.copies += 700;
	f.pdus += 900;
	f.worker.talk.lost_step += 100;
	f.ring_full += 2;
	look(10, 1000);
	assert_int_equal(times(HEALTH_ONE_WAY), 1);
	assert_int_equal(times(HEALTH_DUPLICATES), 1);
	assert_int_equal(times(HEALTH_UNDECODED), 1);
	assert_int_equal(times(HEALTH_DROPS), 1);
	for (unsigned i = 0; i < said.n; i++) {
		if (said.v[i].kind == HEALTH_ONE_WAY)
			assert_int_equal(said.v[i].value, 600000);
		if (said.v[i].kind == HEALTH_UNDECODED)
			assert_int_equal(said.v[i].value, 100000);
		if (said.v[i].kind == HEALTH_DROPS)
			assert_int_equal(said.v[i].value, 1996);
	}
	said.n = 0;
	for (int i = 0; i < 20; i++) {          /* and all is well again */
		f.worker.tcp_looked_at += 1000;
		f.pdus += 1000;
		look(10, 1000);
	}
	assert_int_equal(said.n, 0);
}

static void a_few_are_no_share(void **state)
{
	(void)state;
	look(10, 10);
	f.worker.tcp_looked_at += 10;
	f.worker.tcp_one_way += 10;
	look(10, 10);
	assert_int_equal(said.n, 0);
}

static void an_interface_that_comes_and_goes(void **state)
{
	(void)state;
	look(1, 1);
	assert_int_equal(said.n, 0);            /* that it came at the start is nothing to tell */
	f.port.state = PORT_WAITING;
	f.port.gone = 1;
	strcpy(f.port.last, "it is gone");
	look(1, 0);
	assert_int_equal(times(HEALTH_INTERFACE_GONE), 1);
	assert_string_equal(said.v[0].text, "it is gone");
	for (int i = 0; i < 61; i++)
		look(1, 0);
	assert_int_equal(times(HEALTH_INTERFACE_GONE), 2);
	assert_int_equal(times(HEALTH_SILENCE), 0);     /* that would be the same again */
	f.port.state = PORT_UP;
	f.port.ups = 2;
	look(1, 0);
	assert_int_equal(times(HEALTH_INTERFACE_BACK), 1);
	f.port.gone = 2;                        /* between two looks */
	f.port.ups = 3;
	look(1, 0);
	assert_int_equal(times(HEALTH_INTERFACE_GONE), 3);
	assert_int_equal(times(HEALTH_INTERFACE_BACK), 2);
}

static void limits_are_said_when_they_are_met_and_at_most_once_a_minute(void **state)
{
	(void)state;
	look(1, 1);
	view.summary.assets_refused = 3;
	look(1, 1);
	assert_int_equal(times(HEALTH_LIMIT), 1);
	assert_string_equal(said.v[0].name, "assets");
	assert_int_equal(said.v[0].value, 3);
	for (int i = 0; i < 120; i++) {
		view.summary.assets_refused++;
		look(1, 1);
	}
	assert_int_equal(times(HEALTH_LIMIT), 3);
	for (int i = 0; i < 120; i++)
		look(1, 1);
	assert_true(times(HEALTH_LIMIT) <= 4);
}

static void what_is_off_is_not_said(void **state)
{
	(void)state;
	config.health.silence = 0;
	config.health.drops = 0;
	look(10, 1000);
	f.ring_full += 500;
	look(10, 1000);
	for (int i = 0; i < 100; i++)
		look(1, 0);
	assert_int_equal(said.n, 0);
}

static void a_heart_beats(void **state)
{
	(void)state;
	config.health.heartbeat = 60 * SECOND;
	for (int i = 0; i < 185; i++)
		look(1, 10);
	assert_int_equal(times(HEALTH_HEARTBEAT), 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_good_sensor_says_nothing, begin, end),
		cmocka_unit_test_setup_teardown(silence_is_said_again_each_minute_and_ends, begin, end),
		cmocka_unit_test_setup_teardown(shares_are_taken_over_a_window, begin, end),
		cmocka_unit_test_setup_teardown(a_few_are_no_share, begin, end),
		cmocka_unit_test_setup_teardown(an_interface_that_comes_and_goes, begin, end),
		cmocka_unit_test_setup_teardown(limits_are_said_when_they_are_met_and_at_most_once_a_minute, begin, end),
		cmocka_unit_test_setup_teardown(what_is_off_is_not_said, begin, end),
		cmocka_unit_test_setup_teardown(a_heart_beats, begin, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
