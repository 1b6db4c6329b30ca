/* The file and its WAL stay below their bound, whatever is put and whoever reads; what is worth least goes first. */
#include "store_kit.h"

#include "alert/store_db.h"
#include "alert/store_retain.h"

#include <sys/stat.h>

#define BOUND STORE_SIZE_MIN

static uint64_t on_disk(void)
{
	static const char *const suffixes[] = { "", "-wal" };
	struct stat st;
	uint64_t n = 0;

	for (unsigned i = 0; i < 2; i++) {
		char path[128];

		snprintf(path, sizeof path, "%s%s", kit_db, suffixes[i]);
		if (stat(path, &st) == 0)
			n += (uint64_t)st.st_size;
	}
	return n;
}

static bool is_long(void)
{
	const char *v = getenv("ZONETAP_LONG");

	return v && strcmp(v, "yes") == 0;
}

/* Waits until the queue is half empty, so that nothing is lost; the file is looked at meanwhile. */
static void keep_pace(struct store *s, uint64_t *most)
{
	struct store_state now;
	uint64_t end = kit_ms() + 20000;

	do {
		store_live_state(s, &now);
		if (on_disk() > *most)
			*most = on_disk();
		if (now.queued_bytes < now.queue_bytes / 2)
			return;
		usleep(2000);
	} while (kit_ms() < end);
	fail_msg("the queue is not written: %s (%s)", store_health_word(now.health), now.why);
}

static void the_file_stays_below_its_bound(void **state)
{
	struct store *s = kit_open_live(&(struct store_live_config){ .max_bytes = BOUND, .queue_bytes = 4 << 20 });
	unsigned n = 1, times = is_long() ? 40 : 8;
	uint64_t most = 0, put = 0;
	struct store_state now;

	(void)state;
	kit_run(s, "run1");
	for (; n <= 50; n++)
		kit_put(s, n, 1, SEV_INFO, false, 1000);        /* open: must stay */
	for (; n <= 100; n++)
		kit_put(s, n, 1, SEV_CRITICAL, true, 1000);     /* old and ended, but worth most */
	for (; put < times * BOUND; n++) {
		kit_put(s, n, 1, n % 2 ? SEV_INFO : SEV_LOW, true, 4000);
		put += 8000;                                    /* once in the alert, once in the outbox */
		if (n % 50 == 0)
			keep_pace(s, &most);
	}
	assert_true(store_live_wait(s, 20000));
	store_live_state(s, &now);
	if (most > BOUND)
		fail_msg("the file took %llu bytes", (unsigned long long)most);
	assert_true(most > BOUND / 2);
	assert_int_equal(now.health, STORE_OK);
	assert_true(now.removed[SEV_INFO] > 1000);
	assert_int_equal(now.removed[SEV_CRITICAL], 0);
	assert_int_equal(now.removed[SEV_INFO] + now.removed[SEV_LOW], now.removed_revisions);
	for (unsigned i = 0; i < SEV_COUNT; i++)
		assert_int_equal(now.lost[i], 0);
	store_close(s);
	kit_is("SELECT (SELECT count(*) FROM alerts WHERE ended = 0) || ' ' || (SELECT count(*) FROM alerts WHERE level = 4)", "50 50");
	kit_is("SELECT count(*) FROM outbox o WHERE NOT EXISTS (SELECT 1 FROM alerts a WHERE a.uid = o.uid)", "0");
	kit_is("SELECT sum(level = 0) < sum(level = 1) / 4 FROM alerts WHERE ended", "1");      /* but for those of late */
	kit_is("PRAGMA integrity_check", "ok");
}

static void revisions_of_an_open_alert_go_last(void **state)
{
	struct store *s = kit_open_live(&(struct store_live_config){ .max_bytes = BOUND, .queue_bytes = 4 << 20 });
	uint64_t most = 0;
	struct store_state now;

	(void)state;
	kit_run(s, "run1");
	for (uint32_t rev = 1; rev <= 8000; rev++) {
		kit_put(s, 1, rev, SEV_HIGH, false, 4000);
		if (rev % 50 == 0)
			keep_pace(s, &most);
	}
	assert_true(store_live_wait(s, 20000));
	store_live_state(s, &now);
	assert_true(most <= BOUND);
	assert_true(now.removed_revisions > 4000);
	store_close(s);
	kit_is("SELECT rev || ' ' || (SELECT max(rev) FROM outbox) FROM alerts", "8000 8000");
}

static void what_is_all_worth_keeping_waits(void **state)
{
	struct store *s = kit_open_live(&(struct store_live_config){ .max_bytes = BOUND, .queue_bytes = 4 << 20 });
	struct store_state now;
	uint64_t most = 0;

	(void)state;
	kit_run(s, "run1");
	for (unsigned n = 1; n <= 4000; n++) {          /* 32 MiB of open alerts */
		kit_put(s, n, 1, SEV_HIGH, false, 4000);
		if (on_disk() > most)
			most = on_disk();
		if (n % 20 == 0)
			usleep(2000);
	}
	now = kit_until(s, STORE_FULL);
	assert_non_null(strstr(now.why, "no space left"));
	assert_true(on_disk() <= BOUND && most <= BOUND);
	assert_true(now.lost[SEV_HIGH] > 0 && now.queued > 0);
	store_close(s);
}

static void a_reader_does_not_let_the_wal_grow(void **state)
{
	struct store *s = kit_open_live(&(struct store_live_config){ .max_bytes = BOUND, .queue_bytes = 64 << 20 });
	uint64_t most = 0;
	sqlite3_stmt *st;
	sqlite3 *reader;
	unsigned n = 1;

	(void)state;
	kit_run(s, "run1");
	for (; n <= 10; n++)
		kit_put(s, n, 1, SEV_LOW, true, 100);
	assert_true(store_live_wait(s, 5000));
	assert_int_equal(sqlite3_open_v2(kit_db, &reader, SQLITE_OPEN_READONLY, kit_under->zName), SQLITE_OK);
	assert_int_equal(sqlite3_prepare_v2(reader, "SELECT uid FROM alerts", -1, &st, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_step(st), SQLITE_ROW);         /* and now it looks at that row for long */
	for (; n <= 4000; n++) {
		kit_put(s, n, 1, SEV_LOW, true, 4000);
		if (on_disk() > most)
			most = on_disk();
		if (n % 50 == 0)
			usleep(5000);
	}
	assert_non_null(strstr(kit_until(s, STORE_BUSY).why, "a reader"));
	assert_true(on_disk() <= BOUND && most <= BOUND);
	sqlite3_finalize(st);
	sqlite3_close(reader);
	assert_true(store_live_wait(s, 20000));
	kit_until(s, STORE_OK);
	assert_true(on_disk() <= BOUND);
	store_close(s);
	kit_is("SELECT max(serial) FROM alerts", "4000");
}

struct printer { struct store *sensor; unsigned printed; };

static bool print_slowly(void *arg, const struct store_alert *a, const char *run)
{
	struct printer *p = arg;

	assert_string_equal(run, "run1");
	assert_true(a->serial > 0);
	if (p->printed++ > 0)
		return true;
	for (unsigned n = 100; n <= 3000; n++)
		kit_put(p->sensor, n, 1, SEV_LOW, true, 4000);
	assert_true(store_live_wait(p->sensor, 20000));         /* more than the WAL may hold */
	return true;
}

static void who_prints_into_a_pager_holds_nobody_up(void **state)
{
	struct printer p = { kit_open_live(&(struct store_live_config){ .max_bytes = BOUND }), 0 };
	struct store *r;
	struct diag d;

	(void)state;
	kit_run(p.sensor, "run1");
	for (unsigned n = 1; n <= 10; n++)
		kit_put(p.sensor, n, 1, SEV_CRITICAL, true, 100);
	assert_true(store_live_wait(p.sensor, 5000));
	r = store_open(kit_db, STORE_READ, &d);
	assert_int_equal(store_alerts(r, &(struct store_filter){ 0 }, print_slowly, &p, &d), ZT_OK);
	assert_int_equal(p.printed, 10);
	store_close(r);
	store_close(p.sensor);
}

static void the_bound_is_lowered(void **state)
{
	struct store *s = kit_open_live(&(struct store_live_config){ .max_bytes = 4 * BOUND });
	uint64_t end;

	(void)state;
	kit_run(s, "run1");
	for (unsigned n = 1; n <= 5000; n++)
		kit_put(s, n, 1, SEV_LOW, true, 4000);
	assert_true(store_live_wait(s, 20000));
	store_close(s);
	assert_true(on_disk() > 2 * BOUND);
	s = kit_open_live(&(struct store_live_config){ .max_bytes = BOUND });
	kit_run(s, "run2");
	for (end = kit_ms() + 20000; on_disk() > BOUND && kit_ms() < end;)
		usleep(10000);
	assert_true(on_disk() <= BOUND);
	store_close(s);
	kit_is("SELECT max(serial) FROM alerts", "5000");
	kit_is("PRAGMA integrity_check", "ok");
}

/* --- steps, one by one ------------------------------------------------------------------------------ */

static struct db opened(void)
{
	struct db c = { .path = kit_db };

	assert_int_equal(db_open(&c, kit_db, SQLITE_OPEN_READWRITE, NULL), ZT_OK);
	return c;
}

static void inventory_of(struct store *s, unsigned n, uint64_t last_ns)
{
	char ip[32];

	for (unsigned i = 0; i < n; i++) {
		snprintf(ip, sizeof ip, "10.0.%u.%u", i / 250, i % 250);
		store_asset(s, &(struct store_asset){ .segment = "", .ip = ip, .last_ns = last_ns + i }, NULL);
		store_saying(s, &(struct store_saying){ .segment = "", .ip = ip, .part = "", .field = "vendor", .value = "x" }, NULL);
		store_conversation(s, &(struct store_conversation){ .serial = i, .segment = "", .client = ip, .server = "10.1.1.1",
								    .last_ns = last_ns + i }, NULL);
	}
}

static void what_is_old_goes_but_replays_stay(void **state)
{
	struct store *s = kit_open_live(&(struct store_live_config){ 0 });
	struct store_removed removed = { .assets = 0 };
	bool more, known;
	unsigned steps = 0;
	struct diag d;

	(void)state;
	kit_run(s, "run1");
	for (unsigned n = 1; n <= 250; n++)
		kit_put(s, n, 1, n % SEV_COUNT, n != 7, 10);    /* last hit at n + 1 */
	inventory_of(s, 150, 100);
	assert_true(store_live_wait(s, 5000));
	store_close(s);
	s = store_open(kit_db, STORE_RUN, &d);
	kit_put(s, 1, 1, SEV_LOW, true, 10);
	assert_int_equal(store_commit(s, &(struct store_run){ .id = "replay", .captures_hash = "c", .policy_hash = "p",
							      .program = "z" }, &known, &d), ZT_OK);
	store_close(s);
	struct db c = opened();

	do
		assert_int_equal(store_retain_older(&c, 200, INT64_MAX, &removed, &more, &d), ZT_OK);
	while (more && ++steps < 100);
	db_close(&c);
	assert_int_equal(removed.assets, 101);
	assert_int_equal(removed.conversations, 101);
	kit_is("SELECT min(serial) || ' ' || count(*) FROM alerts WHERE run = 'run1' AND serial <> 7", "200 51");
	kit_is("SELECT (SELECT ended FROM alerts WHERE serial = 7) || ' ' || (SELECT count(*) FROM alerts WHERE run = 'replay')", "0 1");
	kit_is("SELECT (SELECT count(*) FROM assets) || ' ' || (SELECT count(*) FROM asset_identity)", "49 49");
	kit_is("SELECT count(*) FROM outbox WHERE run = 'run1'", "52");
}

static void runs_of_which_nothing_is_left_go(void **state)
{
	struct store_removed removed = { .assets = 0 };
	struct store_backlog b = { .floor = INT64_MAX };
	bool nothing = false, more, known;
	struct diag d;
	struct store *s = kit_open_live(&(struct store_live_config){ 0 });

	(void)state;
	kit_run(s, "run1");
	kit_put(s, 1, 1, SEV_LOW, true, 10);
	store_rule(s, &(struct store_rule){ .id = "r" }, NULL);
	inventory_of(s, 3, 1);
	assert_true(store_live_wait(s, 5000));
	store_close(s);
	for (unsigned again = 0; again < 2; again++) {
		s = store_open(kit_db, STORE_RUN, &d);
		kit_put(s, 1, 1, SEV_LOW, true, 10);
		kit_put(s, 2, 1, SEV_CRITICAL, true, 10);
		assert_int_equal(store_commit(s, &(struct store_run){ .id = "replay", .captures_hash = "c", .policy_hash = "p",
								      .program = "z" }, &known, &d), ZT_OK);
		assert_false(known);            /* it was trimmed, so it is stored again */
		store_close(s);
		kit_is("SELECT count(*) FROM alerts WHERE run = 'replay'", "2");
		struct db c = opened();

		for (unsigned i = 0; i < 20 && !nothing && !again; i++) {
			assert_int_equal(store_retain_least(&c, &removed, &b, &nothing, &d), ZT_OK);
			if (removed.alerts[SEV_LOW])
				break;
		}
		while (again && !nothing)
			assert_int_equal(store_retain_least(&c, &removed, &b, &nothing, &d), ZT_OK);
		assert_int_equal(store_retain_runs(&c, "run2", &more, &d), ZT_OK);
		db_close(&c);
	}
	kit_is("SELECT (SELECT count(*) FROM runs) || ' ' || (SELECT count(*) FROM rules) || ' ' || (SELECT count(*) FROM outbox)", "0 0 0");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(the_file_stays_below_its_bound, kit_setup, kit_teardown),
		cmocka_unit_test_setup_teardown(revisions_of_an_open_alert_go_last, kit_setup, kit_teardown),
		cmocka_unit_test_setup_teardown(what_is_all_worth_keeping_waits, kit_setup, kit_teardown),
		cmocka_unit_test_setup_teardown(a_reader_does_not_let_the_wal_grow, kit_setup, kit_teardown),
		cmocka_unit_test_setup_teardown(who_prints_into_a_pager_holds_nobody_up, kit_setup, kit_teardown),
		cmocka_unit_test_setup_teardown(the_bound_is_lowered, kit_setup, kit_teardown),
		cmocka_unit_test_setup_teardown(what_is_old_goes_but_replays_stay, kit_setup, kit_teardown),
		cmocka_unit_test_setup_teardown(runs_of_which_nothing_is_left_go, kit_setup, kit_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
