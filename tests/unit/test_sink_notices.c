/* A sink: the records of its own, which are a sign of life and its word on what was dropped. */
#include "sink_kit.h"

static void a_heartbeat_comes_also_beside_work(void **state)
{
	struct sink *s;

	(void)state;
	kit_reset();
	kit_conf.heartbeat = 10 * SECOND;
	s = kit_sink(&rx_http);
	kit_run(s, 95 * SECOND);
	assert_string_equal(kit_got(), "* * * * * * * * * *");
	for (unsigned i = 0; i < 9; i++)
		assert_string_not_equal(kit_rx.got[i], kit_rx.got[i + 1]);
	kit_rx.gots = 0;
	for (unsigned i = 0; i < 50; i++) {             /* more than a batch each second */
		kit_store_many(30);
		kit_run(s, SECOND);
	}
	for (unsigned i = kit_rx.sends = 0; i < kit_rx.gots; i++)
		kit_rx.sends += kit_rx.got[i][0] != 'u';
	assert_in_range(kit_rx.sends, 5, 6);
	assert_int_equal(kit_rx.gots - kit_rx.sends, 1500);
	sink_free(s);
	kit_reset();
	kit_conf.heartbeat = 10 * SECOND;
	strcpy(kit_rx.script, "- - - - - - - - s");
	s = kit_sink(&rx_http);
	for (unsigned i = 0; i < 300 && kit_rx.gots == 0; i++)
		kit_run(s, SECOND);
	kit_run(s, SECOND);
	assert_in_range(kit_rx.gots, 1, 2);             /* they do not pile up while nobody takes them */
	sink_free(s);
}

static void what_was_dropped_is_told_first(void **state)
{
	struct sink *s;
	struct sink_figures f;

	(void)state;
	kit_reset();
	strcpy(kit_rx.script, "- s");
	kit_store_many(10);
	s = kit_sink(&rx_http);
	kit_run(s, SECOND / 10);                        /* they are in memory when the limits take them */
	for (int64_t id = 2; id <= 9; id++)
		kit_db.row[id].there = false;
	kit_db.cursor.dropped[SEV_LOW] = 7;
	kit_db.cursor.dropped[SEV_HIGH] = 1;
	kit_run(s, 5 * SECOND);
	assert_string_equal(kit_got(), "1 10 *");
	assert_int_equal(kit_db.cursor.confirmed, 10);
	assert_int_equal(kit_db.told, 1);
	assert_int_equal(kit_db.cursor.dropped[SEV_LOW], 0);
	f = kit_figures(s);
	assert_int_equal(f.dropped[SEV_LOW], 7);
	assert_int_equal(f.dropped[SEV_HIGH], 1);
	assert_string_equal(kit_news, "dropped");
	kit_run(s, 5 * SECOND);
	assert_int_equal(kit_rx.gots, 3);
	sink_free(s);
}

/* Refused, it would be told at every turn. */
static void what_was_dropped_is_told_once(void **state)
{
	struct sink *s;

	(void)state;
	kit_reset();
	kit_store_many(1);
	kit_db.cursor.dropped[SEV_LOW] = 7;
	kit_db.made = true;
	kit_db.told_fails = ZT_EBUSY;
	s = kit_sink(&rx_http);
	kit_run(s, 5 * SECOND);
	assert_string_equal(kit_got(), "* 1");
	assert_int_equal(kit_db.cursor.dropped[SEV_LOW], 7);
	kit_store_many(1);
	kit_run(s, 5 * SECOND);
	kit_db.told_fails = 0;
	kit_store_many(1);
	kit_run(s, 5 * SECOND);
	assert_string_equal(kit_got(), "* 1 2 3");
	assert_int_equal(kit_db.cursor.dropped[SEV_LOW], 0);
	assert_int_equal(kit_db.told, 1);
	sink_free(s);
}

static void a_connection_that_breaks_is_one_failure(void **state)
{
	struct sink *s;

	(void)state;
	kit_reset();
	strcpy(kit_rx.script, "s - s");
	s = kit_sink(&rx_stream);
	kit_store_many(1);
	kit_run(s, 2 * SECOND);
	kit_store_many(1);
	kit_run(s, 3 * SECOND);                         /* 1 is not confirmed when the connection breaks under 2 */
	assert_int_equal(kit_rx.sends, 3);
	assert_int_equal(kit_figures(s).retries, 1);
	assert_string_equal(kit_news, "");
	kit_rx.confirmed = kit_rx.sends;
	kit_run(s, 2 * SECOND);
	assert_string_equal(kit_got(), "1 1 2");
	assert_int_equal(kit_db.cursor.confirmed, 2);
	sink_free(s);
}

static void what_was_left_open_was_not_sent(void **state)
{
	struct sink *s;

	(void)state;
	kit_reset();
	strcpy(kit_rx.script, "ssso ssso s");           /* a request takes three */
	kit_store_many(10);
	s = kit_sink(&rx_http);
	kit_run(s, 3 * SECOND);
	assert_int_equal(kit_rx.gots, 10);
	assert_int_equal(kit_figures(s).resent, 0);
	sink_free(s);
}

static void a_refused_word_on_what_was_dropped_is_not_said_again(void **state)
{
	struct sink *s;

	(void)state;
	kit_reset();
	strcpy(kit_rx.script, "s n s");
	s = kit_sink(&rx_http);
	kit_store_many(1);
	kit_run(s, 3 * SECOND);
	kit_db.cursor.dropped[SEV_LOW] = 7;
	kit_run(s, 5 * SECOND);
	kit_store_many(1);
	kit_run(s, 5 * SECOND);
	assert_string_equal(kit_got(), "1 2");
	assert_int_equal(kit_rx.sends, 3);
	assert_int_equal(kit_db.told, 1);
	assert_int_equal(kit_db.cursor.dropped[SEV_LOW], 0);
	assert_string_equal(kit_news, "dropped");
	sink_free(s);
}

/* A plant whose every piece of news becomes an alert, which goes to the sink that it is about. */
static void a_dead_letter_does_not_make_the_next_one(void **state)
{
	char *json;
	struct sink *s;

	(void)state;
	kit_reset();
	strcpy(kit_rx.script, "n");
	s = kit_sink(&rx_http);
	kit_store_many(1);
	kit_run(s, 3 * SECOND);
	assert_string_equal(kit_news, "dead");
	json = kit_db.row[kit_store(SEV_MEDIUM)].json;
	snprintf(strstr(json, "\"count\""), 300, "\"health\":{\"kind\":\"sink_dead_letters\",\"name\":\"another\",\"value\":1},\"count\":1,"
		 "\"first_seen\":\"2023-11-14T22:13:20.000000000Z\",\"last_seen\":\"2023-11-14T22:13:20.000000000Z\",\"ended\":false,"
		 "\"sensor\":\"north\",\"text\":\"x\"}");
	kit_run(s, 3 * SECOND);
	assert_int_equal(kit_db.deads, 2);
	assert_int_equal(kit_figures(s).dead, 2);
	assert_string_equal(kit_news, "dead");
	kit_store_many(1);
	kit_run(s, 3 * SECOND);
	assert_string_equal(kit_news, "dead dead");
	sink_free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TWICE(a_heartbeat_comes_also_beside_work),
		TWICE(what_was_dropped_is_told_first),
		TWICE(what_was_dropped_is_told_once),
		TWICE(a_connection_that_breaks_is_one_failure),
		TWICE(what_was_left_open_was_not_sent),
		TWICE(a_refused_word_on_what_was_dropped_is_not_said_again),
		TWICE(a_dead_letter_does_not_make_the_next_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
