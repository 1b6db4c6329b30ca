/* A sink: what the receiver answers, and what becomes of the records, the cursor and the figures. */
#include "sink_kit.h"

/* --- all is well ------------------------------------------------------------------------------------------------- */

static void everything_arrives_in_order(void **state)
{
	struct sink *s;

	(void)state;
	kit_reset();
	kit_store_many(25);
	s = kit_sink(&rx_http);
	kit_run(s, 3 * SECOND);
	assert_string_equal(kit_got(), "1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25");
	assert_int_equal(kit_rx.sends, 3);
	assert_int_equal(kit_rx.sizes[2], 5);
	assert_int_equal(kit_db.cursor.confirmed, 25);
	assert_int_equal(kit_db.cursor.settled, 25);
	assert_int_equal(kit_figures(s).state, SINK_IDLE);
	assert_int_equal(kit_figures(s).sent, 25);
	assert_int_equal(kit_figures(s).depth, 0);
	assert_int_equal(kit_figures(s).resent, 0);
	assert_string_equal(kit_news, "");
	sink_end(s);
	sink_free(s);
}

static void a_batch_waits_for_others_but_not_long(void **state)
{
	struct sink *s;

	(void)state;
	kit_reset();
	s = kit_sink(&rx_http);
	kit_run(s, SECOND);
	kit_store(SEV_HIGH);
	kit_run(s, SECOND / 2);
	assert_int_equal(kit_rx.sends, 0);
	kit_store(SEV_HIGH);
	kit_run(s, SECOND);
	assert_int_equal(kit_rx.sends, 1);
	assert_int_equal(kit_rx.sizes[0], 2);
	kit_store_many(10);                             /* full: at once */
	(void)sink_turn(s);
	assert_int_equal(kit_rx.sends, 2);
	kit_store(SEV_HIGH);                            /* somebody waits for it: at once */
	uint32_t asked = sink_drain(s);
	while (sink_turn(s) == 0)
		;
	assert_int_equal(kit_rx.sends, 3);
	assert_int_equal(sink_drained(s), asked);
	sink_free(s);
}

static void bytes_bound_a_batch(void **state)
{
	struct sink *s;

	(void)state;
	kit_reset();
	kit_conf.batch_bytes = 700;                     /* three records of some 220 bytes */
	kit_store_many(7);
	s = kit_sink(&rx_http);
	kit_run(s, 3 * SECOND);
	assert_string_equal(kit_got(), "1 2 3 4 5 6 7");
	assert_int_equal(kit_rx.sizes[0], 3);
	assert_int_equal(kit_rx.sends, 3);
	sink_free(s);
	kit_reset();
	kit_conf.batch_bytes = 100;                     /* less than one: alone */
	kit_store_many(3);
	s = kit_sink(&rx_http);
	kit_run(s, 4 * SECOND);
	assert_string_equal(kit_got(), "1 2 3");
	assert_int_equal(kit_rx.sizes[0], 1);
	sink_free(s);
}

/* --- answers ------------------------------------------------------------------------------------------------------ */

static void later_is_tried_again_and_waits_longer(void **state)
{
	struct sink *s;

	(void)state;
	kit_reset();
	strcpy(kit_rx.script, "- - - s");
	kit_store_many(2);
	s = kit_sink(&rx_http);
	kit_run(s, SECOND);
	assert_int_equal(kit_rx.sends, 1);
	assert_int_equal(kit_figures(s).state, SINK_RETRYING);
	assert_string_equal(kit_figures(s).why, "connection refused");
	assert_string_equal(kit_news, "");              /* once is no news */
	kit_run(s, SECOND);                             /* 0.5 to 1 s */
	assert_int_equal(kit_rx.sends, 2);
	assert_string_equal(kit_news, "down");
	kit_run(s, SECOND * 19 / 10);
	assert_in_range(kit_rx.sends, 2, 3);            /* 1 to 2 s */
	kit_run(s, 6 * SECOND);
	assert_int_equal(kit_rx.sends, 4);
	assert_string_equal(kit_got(), "1 2");
	assert_string_equal(kit_news, "down up");
	assert_int_equal(kit_figures(s).retries, 3);
	assert_int_equal(kit_figures(s).resent, 6);
	assert_int_equal(kit_figures(s).state, SINK_IDLE);
	assert_string_equal(kit_figures(s).why, "");
	sink_free(s);
}

static void who_is_sent_away_stays_away(void **state)
{
	struct sink *s;

	(void)state;
	kit_reset();
	strcpy(kit_rx.script, "-30 -90000 s");
	kit_store(SEV_HIGH);
	s = kit_sink(&rx_http);
	kit_run(s, 30 * SECOND);
	assert_int_equal(kit_rx.sends, 1);
	kit_run(s, 2 * SECOND);
	assert_int_equal(kit_rx.sends, 2);
	kit_run(s, 3590 * SECOND);                      /* but for an hour at most */
	assert_int_equal(kit_rx.sends, 2);
	kit_run(s, 15 * SECOND);
	assert_int_equal(kit_rx.sends, 3);
	assert_string_equal(kit_got(), "1");
	sink_free(s);
}

static void partly_refused_means_only_that_again(void **state)
{
	struct sink *s;

	(void)state;
	kit_reset();
	strcpy(kit_rx.script, "sasns so s");
	kit_store_many(12);
	s = kit_sink(&rx_http);
	kit_run(s, SECOND / 4);
	assert_int_equal(kit_db.cursor.confirmed, 1);   /* 2 is open */
	kit_run(s, 4 * SECOND);
	assert_string_equal(kit_got(), "1 3 5 6 7 8 9 10 2 11 12");
	assert_int_equal(kit_rx.sizes[1], 1);
	assert_int_equal(kit_db.deads, 1);
	assert_int_equal(kit_db.dead[0].id, 4);
	assert_string_equal(kit_db.dead[0].why, "400 mapper_parsing_exception");
	assert_int_equal(kit_db.cursor.confirmed, 12);
	assert_string_equal(kit_news, "dead");
	assert_int_equal(kit_figures(s).dead, 1);
	sink_free(s);
}

static void what_was_not_spoken_of_goes_again_at_once(void **state)
{
	struct sink *s;

	(void)state;
	kit_reset();
	strcpy(kit_rx.script, "ssno s");                /* HEC: invalid event number 2 */
	kit_store_many(10);
	s = kit_sink(&rx_http);
	while (sink_turn(s) == 0)
		;
	assert_string_equal(kit_got(), "1 2 4 5 6 7 8 9 10");
	assert_int_equal(kit_rx.sends, 2);
	assert_int_equal(kit_figures(s).retries, 0);
	sink_free(s);
	kit_reset();
	strcpy(kit_rx.script, "o");                     /* but not for ever at once */
	kit_store_many(10);
	s = kit_sink(&rx_http);
	kit_run(s, 60 * SECOND);
	assert_in_range(kit_rx.sends, 4, 9);
	sink_free(s);
}

static void too_much_is_halved_and_grows_again(void **state)
{
	struct sink *s;

	(void)state;
	kit_reset();
	kit_rx.most = 3;
	kit_store_many(20);
	s = kit_sink(&rx_http);
	kit_run(s, 3 * SECOND);
	assert_int_equal(kit_rx.gots, 20);
	assert_int_equal(kit_db.cursor.confirmed, 20);
	assert_int_equal(kit_rx.sizes[1], 5);
	assert_int_equal(kit_rx.sizes[2], 2);
	assert_string_equal(kit_got(), "1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20");
	kit_rx.most = 0;
	kit_store_many(900);
	kit_run(s, 100 * SECOND);
	assert_int_equal(kit_rx.gots, 920);
	assert_int_equal(s->size, 10);
	sink_free(s);
}

static void one_that_is_too_large_alone_is_a_dead_letter(void **state)
{
	struct sink *s;

	(void)state;
	kit_reset();
	strcpy(kit_rx.script, "< < < < s");
	kit_store_many(10);
	s = kit_sink(&rx_http);
	kit_run(s, 3 * SECOND);
	assert_int_equal(kit_db.deads, 1);
	assert_int_equal(kit_db.dead[0].id, 1);
	assert_string_equal(kit_db.dead[0].why, "413 too much");
	assert_int_equal(kit_rx.gots, 9);
	assert_int_equal(kit_rx.sends, 8);              /* 10, 5, 2, 1; then 1, 2, 4 and what is left */
	assert_int_equal(s->size, 10);
	sink_free(s);
}

static void a_pause_is_long_and_reads_the_secrets_again(void **state)
{
	struct sink *s;

	(void)state;
	kit_reset();
	strcpy(kit_rx.script, "! ! s");
	kit_store(SEV_HIGH);
	s = kit_sink(&rx_http);
	kit_run(s, 2 * SECOND);
	assert_int_equal(kit_figures(s).state, SINK_PAUSED);
	assert_string_equal(kit_news, "paused");
	assert_int_equal(kit_rx.opens, 1);
	kit_run(s, 290 * SECOND);
	assert_int_equal(kit_rx.sends, 1);
	kit_rx.open_fails = true;
	kit_run(s, 15 * SECOND);
	assert_int_equal(kit_rx.opens, 2);
	assert_string_equal(kit_figures(s).why, "the token cannot be read");
	assert_int_equal(kit_rx.sends, 1);
	kit_rx.open_fails = false;
	kit_run(s, 900 * SECOND);
	assert_string_equal(kit_got(), "1");
	assert_string_equal(kit_news, "paused up");     /* said once */
	assert_int_equal(kit_rx.opens, 4);
	sink_end(s);
	assert_int_equal(kit_rx.closes, 3);
	sink_free(s);
}

static void a_filter_leaves_out_without_holding_up(void **state)
{
	struct sink *s;

	(void)state;
	kit_reset();
	kit_conf.filter = "severity >= high";
	for (unsigned i = 0; i < 3000; i++)             /* more in a row than one reading takes */
		kit_store(i == 1500 ? SEV_CRITICAL : SEV_LOW);
	s = kit_sink(&rx_http);
	kit_run(s, 3 * SECOND);
	assert_string_equal(kit_got(), "1501");
	assert_int_equal(kit_db.cursor.confirmed, 3000);
	assert_int_equal(kit_figures(s).filtered, 2999);
	assert_int_equal(kit_figures(s).state, SINK_IDLE);
	sink_free(s);
	kit_reset();
	kit_conf.filter = "severity == low";            /* behind what is on its way the cursor waits */
	s = kit_sink(&rx_ack);
	kit_store(SEV_LOW);
	kit_store(SEV_HIGH);
	kit_run(s, 3 * SECOND);
	assert_int_equal(kit_db.cursor.confirmed, 0);
	kit_rx.confirmed = 1;
	kit_run(s, 3 * SECOND);
	assert_int_equal(kit_db.cursor.confirmed, 2);
	sink_free(s);
}

/* --- what cannot be sent ------------------------------------------------------------------------------------------ */

static void what_is_no_alert_is_put_aside(void **state)
{
	struct sink *s;

	(void)state;
	kit_reset();
	kit_store_many(3);
	strcpy(kit_db.row[2].json, "{\"uid\":5}");
	s = kit_sink(&rx_http);
	kit_run(s, 3 * SECOND);
	assert_string_equal(kit_got(), "1 3");
	assert_int_equal(kit_db.deads, 1);
	assert_int_equal(kit_db.dead[0].id, 2);
	assert_int_equal(kit_db.cursor.confirmed, 3);
	sink_free(s);
}

static void nothing_is_passed_over_while_it_cannot_be_put_aside(void **state)
{
	struct sink *s;

	(void)state;
	kit_reset();
	strcpy(kit_rx.script, "ns ns s");
	kit_db.dead_fails = ZT_EBUSY;
	kit_store_many(3);
	strcpy(kit_db.row[3].json, "x");
	s = kit_sink(&rx_http);
	kit_run(s, SECOND);
	assert_int_equal(kit_db.cursor.confirmed, 0);
	kit_db.dead_fails = 0;
	kit_run(s, 10 * SECOND);
	assert_int_equal(kit_db.deads, 2);
	assert_int_equal(kit_db.dead[0].id, 1);
	assert_int_equal(kit_db.dead[1].id, 3);
	assert_int_equal(kit_db.cursor.confirmed, 3);
	sink_free(s);
}

/* --- crashes, connections ------------------------------------------------------------------------------------------ */

static void after_a_crash_it_is_sent_again_never_lost(void **state)
{
	struct sink *s;

	(void)state;
	kit_reset();
	kit_store_many(25);
	kit_db.move_fails = ZT_EBUSY;
	s = kit_sink(&rx_http);
	kit_run(s, 3 * SECOND);
	assert_int_equal(kit_rx.gots, 25);
	assert_int_equal(kit_db.cursor.confirmed, 0);
	sink_free(s);                                   /* killed: nothing was kept */
	kit_db.move_fails = 0;
	kit_rx.sends = 0;
	s = kit_sink(&rx_http);
	kit_run(s, 3 * SECOND);
	assert_int_equal(kit_rx.gots, 50);
	for (unsigned i = 0; i < 25; i++)
		assert_string_equal(kit_rx.got[i], kit_rx.got[i + 25]);
	assert_int_equal(kit_db.cursor.confirmed, 25);
	sink_free(s);
}

static void a_new_connection_begins_with_the_overlap(void **state)
{
	struct sink *s;

	(void)state;
	kit_reset();
	kit_conf.overlap = 60 * SECOND;
	kit_conf.type = SINK_SYSLOG;
	kit_conf.url = "tcp://h";
	s = kit_sink(&rx_stream);
	for (unsigned i = 0; i < 10; i++) {             /* one each 10 s, confirmed at once */
		kit_store(SEV_HIGH);
		kit_run(s, 2 * SECOND);
		kit_rx.confirmed = kit_rx.sends;
		kit_run(s, 8 * SECOND);
	}
	assert_int_equal(kit_db.cursor.confirmed, 10);
	assert_in_range(kit_db.cursor.settled, 3, 4);   /* 60 s ago */
	strcpy(kit_rx.script, "- s");
	kit_store(SEV_HIGH);
	kit_run(s, 10 * SECOND);
	assert_int_equal(kit_rx.connects, 2);
	assert_string_equal(kit_got(), "1 2 3 4 5 6 7 8 9 10 5 6 7 8 9 10 11");
	assert_int_equal(kit_figures(s).resent, 7);
	kit_rx.confirmed = kit_rx.sends;
	kit_run(s, 100 * SECOND);
	assert_int_equal(kit_db.cursor.settled, 11);
	sink_free(s);
}

static void what_is_settled_follows_what_is_confirmed(void **state)
{
	struct settle s;
	uint64_t t;

	(void)state;
	settle_init(&s, 60 * SECOND, 7);
	for (t = 1000 * SECOND; t < 4000 * SECOND; t += SECOND / 10) {  /* id: ten a second */
		settle_confirmed(&s, t, (int64_t)(t / (SECOND / 10)));
		if (t < 1060 * SECOND)
			assert_int_equal(settle_at(&s, t), 7);
		else if (t > 1063 * SECOND)
			assert_in_range(settle_at(&s, t), t / (SECOND / 10) - 630, t / (SECOND / 10) - 600);
	}
	assert_int_equal(settle_at(&s, t + 61 * SECOND), t / (SECOND / 10) - 1);
	settle_confirmed(&s, t + 62 * SECOND, 5);       /* it never goes back */
	assert_int_equal(settle_at(&s, t + 200 * SECOND), t / (SECOND / 10) - 1);
	settle_init(&s, 0, 7);
	settle_confirmed(&s, t, 8);
	assert_int_equal(settle_at(&s, t), 8);
}

static void what_is_not_confirmed_is_sent_again(void **state)
{
	struct sink *s;

	(void)state;
	kit_reset();
	kit_store_many(60);
	s = kit_sink(&rx_ack);
	kit_run(s, 3 * SECOND);
	assert_int_equal(kit_rx.sends, 3);              /* the window */
	assert_int_equal(kit_db.cursor.confirmed, 0);
	kit_rx.confirmed = 2;
	kit_run(s, 3 * SECOND);
	assert_int_equal(kit_db.cursor.confirmed, 20);
	assert_int_equal(kit_rx.sends, 5);
	kit_rx.confirm_fails = true;
	kit_run(s, SECOND / 5);
	kit_rx.confirm_fails = false;
	kit_run(s, 3 * SECOND);
	assert_int_equal(kit_rx.sends, 8);
	assert_string_equal(kit_rx.got[50], "u21");
	kit_rx.confirmed = 8;
	kit_run(s, 3 * SECOND);
	kit_rx.confirmed = 100;
	kit_run(s, 3 * SECOND);
	assert_int_equal(kit_db.cursor.confirmed, 60);
	assert_int_equal(kit_figures(s).sent, 60);
	assert_int_equal(kit_figures(s).resent, 30);
	sink_free(s);
}

static void it_does_not_connect_in_a_loop(void **state)
{
	struct sink *s;

	(void)state;
	kit_reset();
	kit_rx.connect = "-";
	s = kit_sink(&rx_stream);
	kit_store(SEV_HIGH);
	kit_run(s, 600 * SECOND);
	assert_in_range(kit_rx.connects, 8, 14);
	assert_int_equal(kit_rx.sends, 0);
	assert_string_equal(kit_news, "down");
	kit_rx.connect = NULL;
	kit_run(s, 600 * SECOND);
	assert_string_equal(kit_got(), "1");
	kit_rx.confirmed = 1;
	kit_run(s, SECOND);
	assert_string_equal(kit_news, "down up");
	sink_free(s);
}

/* --- the database ------------------------------------------------------------------------------------------------------ */

static void another_file_is_another_outbox(void **state)
{
	struct sink *s;

	(void)state;
	kit_reset();
	kit_store_many(5);
	s = kit_sink(&rx_http);
	kit_run(s, 3 * SECOND);
	assert_int_equal(kit_rx.gots, 5);
	kit_db.end = 0;
	kit_db.made = false;
	kit_db.cursor = (struct outbox_cursor){ 0 };
	kit_db.replaced = true;
	kit_store_many(2);
	kit_run(s, 3 * SECOND);
	assert_string_equal(kit_got(), "1 2 3 4 5 1 2");
	assert_int_equal(kit_db.cursor.confirmed, 2);
	assert_int_equal(kit_figures(s).resent, 0);
	sink_free(s);
}

static void without_a_database_it_waits_and_beats(void **state)
{
	struct sink *s;

	(void)state;
	kit_reset();
	kit_conf.heartbeat = 60 * SECOND;
	kit_db.open_fails = ZT_ENOENT;
	s = kit_sink(&rx_http);
	kit_run(s, 5 * SECOND);
	assert_int_equal(kit_figures(s).state, SINK_STARTING);
	assert_string_equal(kit_got(), "*");
	kit_store_many(3);                              /* it was not there: all of it is new */
	kit_db.open_fails = 0;
	kit_run(s, 5 * SECOND);
	assert_string_equal(kit_got(), "* 1 2 3");
	kit_db.read_fails = ZT_EIO;
	kit_store_many(2);
	kit_run(s, 20 * SECOND);
	assert_int_equal(kit_rx.gots, 4);
	assert_string_equal(kit_figures(s).why, "the database cannot be read");
	assert_in_range(kit_db.opens, 10, 30);
	kit_db.read_fails = 0;
	kit_run(s, 5 * SECOND);
	assert_string_equal(kit_got(), "* 1 2 3 4 5");
	assert_int_equal(kit_figures(s).state, SINK_IDLE);
	sink_free(s);
}

/* Whoever waits is told for what: once it is connected it is not the receiver. */
static void a_database_that_is_locked_is_the_reason(void **state)
{
	struct sink *s;

	(void)state;
	kit_reset();
	kit_rx.connect = "-";
	kit_conf.type = SINK_SYSLOG;
	kit_conf.url = "tcp://h";
	s = kit_sink(&rx_stream);
	kit_run(s, 5 * SECOND);
	assert_int_equal(kit_figures(s).state, SINK_RETRYING);
	assert_string_equal(kit_figures(s).why, "connection refused");
	kit_db.read_fails = ZT_EBUSY;
	kit_store_many(2);
	kit_run(s, 5 * SECOND);
	assert_string_equal(kit_figures(s).why, "connection refused");
	kit_rx.connect = NULL;
	kit_run(s, 20 * SECOND);
	assert_true(s->connected);
	assert_int_equal(kit_figures(s).state, SINK_RETRYING);
	assert_string_equal(kit_figures(s).why, "the database cannot be read");
	kit_db.read_fails = 0;
	kit_run(s, 5 * SECOND);
	kit_rx.confirmed = kit_rx.sends;
	kit_run(s, 5 * SECOND);
	assert_string_equal(kit_got(), "1 2");
	assert_int_equal(kit_figures(s).state, SINK_IDLE);
	assert_string_equal(kit_figures(s).why, "");
	sink_free(s);
}

static void a_new_sink_begins_at_the_end(void **state)
{
	const struct sink_options o = { .conf = &kit_conf, .ops = &rx_http, .database = "db", .sensor = "north", .start = SINK_FROM_END };
	struct sink *s;
	struct diag d;
	int err;

	(void)state;
	kit_reset();
	kit_store_many(5);
	s = sink_new(&o, &err, &d);
	kit_run(s, 3 * SECOND);
	assert_int_equal(kit_rx.gots, 0);
	kit_store(SEV_LOW);
	kit_run(s, 3 * SECOND);
	assert_string_equal(kit_got(), "6");
	sink_free(s);
}

/* --- what is next is read while the receiver is busy ---------------------------------------------------------------- */

static void what_is_next_is_ready(void **state)
{
	struct sink *s;

	(void)state;
	kit_reset();
	kit_store_many(35);
	s = kit_sink(&rx_http);
	assert_int_equal(sink_turn(s), 0);              /* 10 sent; 10 more are ready */
	kit_db.read_fails = ZT_EIO;
	kit_run(s, SECOND / 2);
	assert_string_equal(kit_got(), "1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20");
	kit_db.read_fails = 0;
	kit_run(s, 5 * SECOND);
	assert_int_equal(kit_rx.gots, 35);
	assert_int_equal(kit_db.cursor.confirmed, 35);
	sink_free(s);
}

static void what_is_no_alert_is_put_aside_in_its_turn(void **state)
{
	struct sink *s;

	(void)state;
	kit_reset();
	strcpy(kit_rx.script, "s - s");
	kit_store_many(30);
	strcpy(kit_db.row[15].json, "{\"uid\":5}");
	strcpy(kit_db.row[21].json, "{\"uid\":6}");
	s = kit_sink(&rx_http);
	assert_int_equal(sink_turn(s), 0);
	assert_int_equal(kit_db.deads, 0);
	kit_run(s, 8 * SECOND);
	assert_string_equal(kit_got(), "1 2 3 4 5 6 7 8 9 10 11 12 13 14 16 17 18 19 20 22 23 24 25 26 27 28 29 30");
	assert_int_equal(kit_db.deads, 2);
	assert_int_equal(kit_db.dead[0].id, 15);
	assert_int_equal(kit_db.dead[1].id, 21);
	assert_int_equal(kit_db.cursor.confirmed, 30);
	sink_free(s);
}

static void a_filter_counts_each_row_once(void **state)
{
	struct sink *s;

	(void)state;
	kit_reset();
	strcpy(kit_rx.script, "s - - s < s");
	kit_conf.filter = "severity >= high";
	for (unsigned i = 0; i < 400; i++)
		kit_store(i % 4 == 0 ? SEV_HIGH : SEV_LOW);
	s = kit_sink(&rx_http);
	kit_run(s, 20 * SECOND);
	assert_int_equal(kit_rx.gots, 100);
	assert_string_equal(kit_rx.got[99], "u397");
	assert_int_equal(kit_figures(s).filtered, 300);
	assert_int_equal(kit_db.cursor.confirmed, 400);
	sink_free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TWICE(everything_arrives_in_order),
		TWICE(a_batch_waits_for_others_but_not_long),
		TWICE(bytes_bound_a_batch),
		TWICE(later_is_tried_again_and_waits_longer),
		TWICE(who_is_sent_away_stays_away),
		TWICE(partly_refused_means_only_that_again),
		TWICE(what_was_not_spoken_of_goes_again_at_once),
		TWICE(too_much_is_halved_and_grows_again),
		TWICE(one_that_is_too_large_alone_is_a_dead_letter),
		TWICE(a_pause_is_long_and_reads_the_secrets_again),
		TWICE(a_filter_leaves_out_without_holding_up),
		TWICE(what_is_no_alert_is_put_aside),
		TWICE(nothing_is_passed_over_while_it_cannot_be_put_aside),
		TWICE(after_a_crash_it_is_sent_again_never_lost),
		TWICE(a_new_connection_begins_with_the_overlap),
		cmocka_unit_test(what_is_settled_follows_what_is_confirmed),
		TWICE(what_is_not_confirmed_is_sent_again),
		TWICE(it_does_not_connect_in_a_loop),
		TWICE(another_file_is_another_outbox),
		TWICE(without_a_database_it_waits_and_beats),
		TWICE(a_database_that_is_locked_is_the_reason),
		TWICE(a_new_sink_begins_at_the_end),
		TWICE(what_is_no_alert_is_put_aside_in_its_turn),
		TWICE(a_filter_counts_each_row_once),
		cmocka_unit_test_setup_teardown(what_is_next_is_ready, kit_is_busy, kit_is_not),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
