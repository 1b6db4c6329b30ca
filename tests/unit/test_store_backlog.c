/* What sinks have not delivered: its limits, what each of them is told it lost, and what retention keeps for them. */
#include "store_kit.h"

#include "alert/store_backlog.h"
#include "alert/store_db.h"
#include "alert/store_outbox.h"
#include "alert/store_retain.h"

static struct db c;
static struct outbox *o;

static _Atomic uint64_t clock_s = 1000;

static uint64_t set_clock(void *arg)
{
	(void)arg;
	return clock_s * 1000000000;
}

/* A database with so many ended alerts, of each severity in turn, stored one second after another from 1000 on when
 * that is asked for, and two connections to it. */
static void with_alerts(unsigned alerts, bool seconds)
{
	struct store *s = kit_open_live(&(struct store_live_config){ .wall_ns = set_clock });
	struct diag d = { "" };
	int err;

	kit_run(s, "run1");
	for (unsigned n = 1; n <= alerts; n++) {
		clock_s = 999 + n;
		kit_put(s, n, 1, (n - 1) % SEV_COUNT, true, 100);
		if (seconds)
			assert_true(store_live_wait(s, 5000));
	}
	assert_true(store_live_wait(s, 5000));
	store_close(s);
	c = (struct db){ .path = strdup(kit_db) };
	assert_int_equal(db_open(&c, kit_db, SQLITE_OPEN_READWRITE, &d), ZT_OK);
	o = outbox_open(kit_db, &err, &d);
	assert_non_null(o);
}

static int ends(void **state)
{
	outbox_close(o);
	o = NULL;
	if (c.path) {
		db_close(&c);
		free(c.path);
	}
	c = (struct db){ .path = NULL };
	return kit_teardown(state);
}

static void sink(const char *name, int64_t at)
{
	struct outbox_cursor cursor;

	assert_int_equal(outbox_cursor(o, name, at, &cursor, NULL), ZT_OK);
}

static void lost(const char *name, const char *want)
{
	struct outbox_cursor cursor;
	char got[100];

	assert_int_equal(outbox_cursor(o, name, 0, &cursor, NULL), ZT_OK);
	snprintf(got, sizeof got, "%llu %llu %llu %llu %llu", (unsigned long long)cursor.dropped[0],
		 (unsigned long long)cursor.dropped[1], (unsigned long long)cursor.dropped[2],
		 (unsigned long long)cursor.dropped[3], (unsigned long long)cursor.dropped[4]);
	if (strcmp(got, want) != 0)
		fail_msg("%s lost %s, not %s", name, got, want);
}

static void limit(struct store_backlog *b, const struct store_backlog_limits *limits, uint64_t old_ns)
{
	struct diag d = { "" };
	bool more = true;

	for (unsigned i = 0; more; i++) {
		assert_true(i < 100);
		if (store_backlog_limit(b, &c, limits, old_ns, &more, &d) != ZT_OK)
			fail_msg("%s", d.text);
	}
}

/* --- limits --- */

static void without_sinks_nothing_waits(void **state)
{
	struct store_backlog b = { 0 };

	(void)state;
	with_alerts(50, false);
	limit(&b, &(struct store_backlog_limits){ .rows = 1, .bytes = 1 }, UINT64_MAX);
	assert_int_equal(b.rows, 0);
	kit_is("SELECT count(*) FROM outbox", "50");
	sink("soc", 10);
	assert_int_equal(outbox_sinks(o, (const char *const[]){ "other" }, 1, NULL), ZT_OK);
	limit(&b, &(struct store_backlog_limits){ .rows = 1 }, 0);
	kit_is("SELECT count(*) FROM outbox", "50");
}

static void the_oldest_of_the_lowest_severity_go_first(void **state)
{
	struct store_backlog b = { 0 };

	(void)state;
	with_alerts(1000, false);
	sink("soc", 0);
	sink("half", 500);
	limit(&b, &(struct store_backlog_limits){ .rows = 750 }, 0);
	assert_int_equal(b.rows, 750);
	kit_is("SELECT group_concat(n, ' ') FROM (SELECT count(*) AS n FROM outbox GROUP BY level ORDER BY level)", "150 200 200 200");
	kit_is("SELECT min(id) FROM outbox WHERE level = 1", "252");
	lost("soc", "200 50 0 0 0");
	lost("half", "100 0 0 0 0");
	kit_is("SELECT count(*) FROM alerts", "1000");

	/* who is ahead of all that goes has lost nothing */
	assert_int_equal(outbox_move(o, "half", 1000, 1000, NULL), ZT_OK);
	limit(&b, &(struct store_backlog_limits){ .rows = 600 }, 0);
	assert_int_equal(b.rows, 600);
	lost("soc", "200 200 0 0 0");
	lost("half", "100 0 0 0 0");
	assert_int_equal(b.dropped[SEV_INFO] + b.dropped[SEV_LOW], 400);

	assert_int_equal(outbox_told(o, "soc", (const uint64_t[SEV_COUNT]){ 200, 50 }, NULL), ZT_OK);
	lost("soc", "0 150 0 0 0");
}

static void bytes_are_limited(void **state)
{
	struct store_backlog b = { 0 };
	char got[400];

	(void)state;
	with_alerts(500, false);
	sink("soc", 0);
	kit_ask("SELECT sum(length(json)) FROM outbox", got);
	uint64_t all = strtoull(got, NULL, 10);

	limit(&b, &(struct store_backlog_limits){ .bytes = all }, 0);
	kit_is("SELECT count(*) FROM outbox", "500");
	assert_int_equal(b.bytes, all);
	limit(&b, &(struct store_backlog_limits){ .bytes = all / 2 }, 0);
	kit_is("SELECT count(*) FROM outbox", "250");
	kit_is("SELECT group_concat(n, ' ') FROM (SELECT count(*) AS n FROM outbox GROUP BY level ORDER BY level)", "50 100 100");
	assert_true(b.bytes <= all / 2);
	lost("soc", "100 100 50 0 0");
}

static void age_is_limited_whatever_the_severity(void **state)
{
	struct store_backlog b = { 0 };

	(void)state;
	with_alerts(20, true);          /* alert n is stored at 999 + n */
	sink("soc", 2);
	limit(&b, &(struct store_backlog_limits){ .age_ns = 1 }, UINT64_C(1009) * 1000000000);
	kit_is("SELECT group_concat(id, ' ') FROM outbox WHERE id < 12", "1 2 10 11");  /* 1 and 2 are delivered */
	lost("soc", "1 1 2 2 1");
	assert_int_equal(b.rows, 11);
}

static void what_is_delivered_is_no_backlog(void **state)
{
	struct store_backlog b = { 0 };
	struct store *s;

	(void)state;
	with_alerts(100, false);
	sink("soc", 0);
	sink("slow", 0);
	assert_int_equal(store_backlog_look(&b, &c, NULL), ZT_OK);
	assert_int_equal(b.rows, 100);
	assert_int_equal(outbox_move(o, "soc", 90, 80, NULL), ZT_OK);
	assert_int_equal(store_backlog_look(&b, &c, NULL), ZT_OK);
	assert_int_equal(b.rows, 100);
	assert_int_equal(outbox_move(o, "slow", 30, 30, NULL), ZT_OK);
	assert_int_equal(store_backlog_look(&b, &c, NULL), ZT_OK);
	assert_int_equal(b.rows, 70);
	s = kit_open_live(&(struct store_live_config){ 0 });
	kit_run(s, "run2");
	for (unsigned n = 1; n <= 50; n++)
		kit_put(s, 1000 + n, 1, SEV_HIGH, true, 100);
	assert_true(store_live_wait(s, 5000));
	store_close(s);
	assert_int_equal(outbox_move(o, "slow", 120, 120, NULL), ZT_OK);
	assert_int_equal(store_backlog_look(&b, &c, NULL), ZT_OK);
	assert_int_equal(b.floor, 90);
	assert_int_equal(b.rows, 60);
	assert_int_equal(outbox_sinks(o, (const char *const[]){ "slow" }, 1, NULL), ZT_OK);
	assert_int_equal(store_backlog_look(&b, &c, NULL), ZT_OK);
	assert_int_equal(b.rows, 30);
	sink("soc", 0);                 /* there again: where it was */
	assert_int_equal(store_backlog_look(&b, &c, NULL), ZT_OK);
	assert_int_equal(b.rows, 60);
	assert_int_equal(outbox_move(o, "slow", 150, 150, NULL), ZT_OK);
	assert_int_equal(outbox_move(o, "soc", 150, 150, NULL), ZT_OK);
	assert_int_equal(store_backlog_look(&b, &c, NULL), ZT_OK);
	assert_int_equal(b.rows, 0);
	assert_int_equal(b.bytes, 0);
}

static void a_sensor_keeps_the_limits(void **state)
{
	struct store *s;
	struct store_state now;
	uint64_t end = kit_ms() + 10000;

	(void)state;
	with_alerts(10, false);
	sink("soc", 0);
	s = kit_open_live(&(struct store_live_config){ .backlog.rows = 300 });
	kit_run(s, "run2");
	for (unsigned n = 1; n <= 2000; n++)
		kit_put(s, n, 1, n % SEV_COUNT, true, 100);
	assert_true(store_live_wait(s, 10000));
	do {
		usleep(10000);
		store_live_state(s, &now);
	} while ((now.undelivered != 300 || now.dropped[SEV_INFO] != 402) && kit_ms() < end);
	assert_int_equal(now.health, STORE_OK);
	assert_int_equal(now.undelivered, 300);
	assert_int_equal(now.dropped[SEV_INFO], 402);
	assert_int_equal(now.dropped[SEV_CRITICAL], 102);
	assert_true(now.undelivered_bytes > 300 * 100);
	lost("soc", "402 402 402 402 102");
	store_close(s);
	kit_is("SELECT count(*) || ' ' || min(level) FROM outbox", "300 4");
}

/* --- retention --- */

static unsigned steps_until(const char *sql, const char *want, struct store_backlog *b, struct store_removed *removed)
{
	char got[400] = "";
	bool nothing = false;
	unsigned n = 0;

	for (kit_ask(sql, got); strcmp(got, want) != 0; kit_ask(sql, got), n++) {
		if (n > 100 || nothing)
			fail_msg("%s: %s, not %s", sql, got, want);
		assert_int_equal(store_retain_least(&c, removed, b, &nothing, NULL), ZT_OK);
	}
	return n;
}

static void what_a_sink_waits_for_goes_last_of_its_severity(void **state)
{
	struct store_removed removed = { .assets = 0 };
	struct store_backlog b = { 0 };

	(void)state;
	with_alerts(1000, false);
	/* Alert n was hit at n; the newest half is the one that is delivered. */
	kit_sql("UPDATE alerts SET last_ns = 2000 - last_ns");
	sink("soc", 500);
	assert_int_equal(outbox_dead(o, "soc", &(struct outbox_row){ .id = 6, .uid = "u", .json = "{}", .severity = SEV_INFO }, "no",
				     NULL), ZT_OK);
	assert_int_equal(store_backlog_look(&b, &c, NULL), ZT_OK);
	assert_int_equal(b.rows, 500);
	steps_until("SELECT count(*) FROM alerts WHERE level = 0", "100", &b, &removed);
	kit_is("SELECT min(last_id) || ' ' || max(last_id) FROM alerts WHERE level = 0", "501 996");
	lost("soc", "0 0 0 0 0");
	steps_until("SELECT count(*) FROM dead_letters", "0", &b, &removed);
	kit_is("SELECT count(*) FROM alerts WHERE level = 0", "100");
	assert_int_equal(removed.letters, 1);

	steps_until("SELECT count(*) FROM alerts WHERE level = 0", "0", &b, &removed);
	lost("soc", "100 0 0 0 0");
	assert_int_equal(b.rows, 400);
	kit_is("SELECT count(*) FROM alerts WHERE level = 1", "200");
	steps_until("SELECT count(*) FROM alerts WHERE level = 1", "100", &b, &removed);
	lost("soc", "100 0 0 0 0");
	assert_int_equal(removed.alerts[SEV_INFO], 200);
	assert_int_equal(removed.alerts[SEV_LOW], 100);
}

static void age_takes_nothing_that_a_sink_waits_for(void **state)
{
	struct store_removed removed = { .assets = 0 };
	struct store_backlog b = { 0 };
	bool more = true;

	(void)state;
	with_alerts(100, false);
	sink("soc", 60);
	assert_int_equal(store_backlog_look(&b, &c, NULL), ZT_OK);
	while (more)
		assert_int_equal(store_retain_older(&c, 1000000, b.floor, &removed, &more, NULL), ZT_OK);
	kit_is("SELECT count(*) || ' ' || min(id) FROM outbox", "40 61");
	kit_is("SELECT count(*) FROM alerts", "40");
	lost("soc", "0 0 0 0 0");
}

static void replaced_revisions_that_go_are_counted(void **state)
{
	struct store_removed removed = { .assets = 0 };
	struct store_backlog b = { 0 };
	struct store *s;
	bool nothing;

	(void)state;
	with_alerts(0, false);
	s = kit_open_live(&(struct store_live_config){ 0 });
	kit_run(s, "run1");
	for (uint32_t rev = 1; rev <= 10; rev++)
		kit_put(s, 1, rev, SEV_HIGH, false, 100);
	assert_true(store_live_wait(s, 5000));
	sink("soc", 4);
	assert_int_equal(store_backlog_look(&b, &c, NULL), ZT_OK);
	assert_int_equal(store_retain_least(&c, &removed, &b, &nothing, NULL), ZT_OK);
	store_close(s);
	assert_int_equal(removed.revisions, 9);
	assert_int_equal(b.rows, 1);
	lost("soc", "0 0 0 5 0");
}

static void alerts_of_a_sensor_that_is_gone_end_in_the_outbox(void **state)
{
	struct store *s;
	struct outbox_cursor cursor;

	(void)state;
	with_alerts(0, false);
	s = kit_open_live(&(struct store_live_config){ 0 });
	kit_run(s, "run1");
	for (unsigned n = 1; n <= 3; n++)
		kit_put(s, n, 1, SEV_HIGH, false, 100);
	assert_true(store_live_wait(s, 5000));
	store_close(s);
	assert_int_equal(outbox_cursor(o, "soc", 3, &cursor, NULL), ZT_OK);
	clock_s = 5000;
	s = kit_open_live(&(struct store_live_config){ .wall_ns = set_clock });
	kit_run(s, "run2");
	assert_true(store_live_wait(s, 5000));
	for (unsigned i = 0; i < 500; i++) {
		int64_t end;

		assert_int_equal(outbox_end(o, &end, NULL), ZT_OK);
		if (end == 6)
			break;
		usleep(10000);
	}
	store_close(s);
	kit_is("SELECT last_id FROM alerts ORDER BY serial", "4 5 6");
	kit_is("SELECT (bytes = length(json)) || ' ' || level || ' ' || (stored_ns / 1000000000) FROM outbox WHERE id > 3",
	       "1 3 5000 1 3 5000 1 3 5000");
	kit_is("SELECT json = (SELECT json FROM alerts a WHERE a.last_id = outbox.id) FROM outbox WHERE id > 3", "1 1 1");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, kit_setup, ends)
		TEST(without_sinks_nothing_waits),
		TEST(the_oldest_of_the_lowest_severity_go_first),
		TEST(bytes_are_limited),
		TEST(age_is_limited_whatever_the_severity),
		TEST(what_is_delivered_is_no_backlog),
		TEST(a_sensor_keeps_the_limits),
		TEST(what_a_sink_waits_for_goes_last_of_its_severity),
		TEST(age_takes_nothing_that_a_sink_waits_for),
		TEST(replaced_revisions_that_go_are_counted),
		TEST(alerts_of_a_sensor_that_is_gone_end_in_the_outbox),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
