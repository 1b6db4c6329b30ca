/* Disks that are full, read-only, gone, broken or slow: nothing stops, what fits in memory waits, all of it arrives. */
#include "store_kit.h"

#include <sys/stat.h>
#include <sys/wait.h>

static const char in_order[] =
	"SELECT count(*) || ' ' || min(id = a.serial) || ' ' || max(id - a.serial) FROM outbox o JOIN alerts a USING (uid)";

static struct store *started(const struct store_live_config *c)
{
	struct store *s = kit_open_live(c);

	kit_run(s, "run1");
	assert_true(store_live_wait(s, 5000));
	return s;
}

static void put_many(struct store *s, unsigned from, unsigned n, unsigned severity, unsigned bytes)
{
	uint64_t start = kit_ms();

	for (unsigned i = 0; i < n; i++)
		kit_put(s, from + i, 1, severity, true, bytes);
	assert_true(kit_ms() - start < 2000);   /* nobody waits for the disk */
}

static uint64_t lost(const struct store_state *s)
{
	uint64_t n = s->lost_inventory;

	for (unsigned i = 0; i < SEV_COUNT; i++)
		n += s->lost[i];
	return n;
}

static void every_fault_is_named_and_survived(void **state)
{
	static const struct { int code; enum store_health health; const char *why; } faults[] = {
		{ SQLITE_FULL, STORE_FULL, "no space left" },
		{ SQLITE_IOERR_WRITE, STORE_UNREACHABLE, "I/O error" },
		{ SQLITE_READONLY, STORE_READ_ONLY, "read-only" },
		{ SQLITE_BUSY, STORE_BUSY, "another program" },
		{ SQLITE_NOMEM, STORE_UNREACHABLE, "out of memory" },
	};
	struct store *s = started(&(struct store_live_config){ 0 });
	struct store_state first, now;
	unsigned put = 0;

	(void)state;
	for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++) {
		put_many(s, put + 1, 100, SEV_LOW, 100);
		assert_true(store_live_wait(s, 5000));
		bad_write = faults[i].code;
		put_many(s, put + 101, 100, SEV_LOW, 100);
		first = now = kit_until(s, faults[i].health);
		if (!strstr(now.why, faults[i].why) || !strstr(now.why, kit_db))
			fail_msg("said: %s", now.why);
		assert_true(now.since_ns > 0);
		for (uint64_t end = kit_ms() + 300; kit_ms() < end; usleep(1000)) {
			store_live_state(s, &now);
			assert_int_equal(now.health, faults[i].health);
			assert_int_equal(now.since_ns, first.since_ns);         /* it is one fault until it is over */
		}
		assert_int_equal(now.queued, 100);
		assert_true(now.retries > 1);
		assert_true(now.oldest_ns > 200000000);
		bad_write = 0;
		assert_true(store_live_wait(s, 5000));
		now = kit_until(s, STORE_OK);
		assert_string_equal(now.why, "");
		assert_int_equal(lost(&now), 0);
		assert_int_equal(now.queued_bytes, 0);
		put += 200;
	}
	store_live_state(s, &now);
	assert_int_equal(now.revisions, put);
	store_close(s);
	kit_is(in_order, "1000 1 0");
}

/* The rows stand in the WAL by then, and the next opening finds them. */
static void a_commit_that_failed_after_all_was_written_is_not_doubled(void **state)
{
	struct store *s = started(&(struct store_live_config){ 0 });

	(void)state;
	for (unsigned i = 0; i < 3; i++) {
		bad_sync = SQLITE_IOERR_FSYNC;
		put_many(s, i * 200 + 1, 200, SEV_LOW, 100);
		assert_non_null(strstr(kit_until(s, STORE_UNREACHABLE).why, "I/O error"));
		bad_sync = 0;
		assert_true(store_live_wait(s, 5000));
	}
	store_close(s);
	kit_is(in_order, "600 1 0");
	kit_is("SELECT count(*) || ' ' || count(DISTINCT uid) FROM outbox", "600 600");
}

static void a_disk_that_cannot_be_read_is_survived(void **state)
{
	struct store *s = started(&(struct store_live_config){ 0 });

	(void)state;
	bad_read = SQLITE_IOERR_READ;
	bad_write = SQLITE_IOERR_WRITE;
	put_many(s, 1, 200, SEV_LOW, 100);
	kit_until(s, STORE_UNREACHABLE);
	usleep(300000);
	bad_read = bad_write = 0;
	assert_true(store_live_wait(s, 5000));
	store_close(s);
	kit_is(in_order, "200 1 0");
}

static void a_file_that_cannot_be_opened_is_tried_again(void **state)
{
	struct store *s = started(&(struct store_live_config){ 0 });

	(void)state;
	bad_write = SQLITE_IOERR_WRITE;         /* closes it, and then it does not open */
	bad_open = SQLITE_CANTOPEN;
	put_many(s, 1, 500, SEV_LOW, 100);
	kit_until(s, STORE_UNREACHABLE);
	bad_write = bad_open = 0;
	assert_true(store_live_wait(s, 5000));
	store_close(s);
	kit_is(in_order, "500 1 0");
}

static void a_folder_that_is_missing_is_waited_for(void **state)
{
	struct store_live_config c = { .path = kit_db };
	struct store_state now;
	struct store *s;

	(void)state;
	assert_int_equal(rmdir(kit_dir), 0);
	s = kit_open_live(&c);
	kit_run(s, "run1");
	put_many(s, 1, 500, SEV_LOW, 100);
	now = kit_until(s, STORE_UNREACHABLE);
	assert_non_null(strstr(now.why, "No such file or directory"));
	assert_int_equal(mkdir(kit_dir, 0700), 0);
	assert_true(store_live_wait(s, 5000));
	store_close(s);
	kit_is(in_order, "500 1 0");
}

static void a_folder_that_may_not_be_written_is_said(void **state)
{
	struct store_live_config c = { .path = kit_db };
	int status;

	(void)state;
	assert_int_equal(chmod(kit_dir, 0555), 0);
	pid_t child = fork();

	if (child == 0) {                       /* as somebody whom permissions hold back */
		struct store_state now = { 0 };
		struct store *s;

		if (getuid() == 0 && setuid(65534) != 0)
			_exit(2);
		s = store_live_open(&c, NULL, NULL);
		if (s)
			store_live_state(s, &now);
		_exit(s && now.health == STORE_UNREACHABLE && strstr(now.why, "Permission denied") ? 0 : 1);
	}
	waitpid(child, &status, 0);
	chmod(kit_dir, 0700);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

static void what_does_not_fit_goes_by_severity_and_age(void **state)
{
	struct store *s = started(&(struct store_live_config){ .queue_bytes = STORE_QUEUE_MIN });
	uint32_t epoch = store_live_epoch(s);
	struct store_state now;

	(void)state;
	bad_write = SQLITE_FULL;
	put_many(s, 800, 1, SEV_CRITICAL, 10);
	do {                                    /* until tries are far apart: what is being written cannot go */
		usleep(5000);
		store_live_state(s, &now);
	} while (now.retries < 6);
	for (unsigned i = 0; i < 500; i++)
		store_rule(s, &(struct store_rule){ .id = "r", .title = "t", .why = "a rule that goes first of all" }, NULL);
	put_many(s, 1, 300, SEV_INFO, 2000);
	put_many(s, 301, 300, SEV_HIGH, 2000);
	put_many(s, 601, 100, SEV_LOW, 2000);
	put_many(s, 701, 99, SEV_CRITICAL, 2000);
	kit_until(s, STORE_FULL);
	store_live_state(s, &now);
	assert_true(now.queued_bytes <= STORE_QUEUE_MIN);
	assert_int_equal(now.lost_inventory, 500);
	assert_int_equal(now.lost[SEV_INFO], 300);
	assert_int_equal(now.lost[SEV_HIGH], 0);
	assert_int_equal(now.lost[SEV_CRITICAL], 0);
	assert_in_range(now.lost[SEV_LOW], 1, 99);
	bad_write = 0;
	assert_true(store_live_wait(s, 5000));
	usleep(50000);
	assert_true(store_live_epoch(s) > epoch);       /* the rules are asked for again */
	store_close(s);
	kit_is("SELECT (SELECT count(*) FROM alerts WHERE level = 3) || ' ' || (SELECT count(*) FROM alerts WHERE level = 4) || ' ' ||"
	       " (SELECT max(serial) FROM alerts WHERE level = 1) || ' ' || (SELECT count(*) FROM alerts WHERE level = 0)",
	       "300 100 700 0");                /* of the low ones the newest stayed */
}

static void a_row_that_no_database_takes_stops_nothing(void **state)
{
	struct store *s = started(&(struct store_live_config){ .commit_ms = 200 });
	struct store_state now;

	(void)state;
	put_many(s, 1, 10, SEV_LOW, 10);
	store_alert(s, &(struct store_alert){ .serial = 11, .rev = 1, .uid = "u", .rule = "r", .json = NULL }, NULL);
	put_many(s, 11, 10, SEV_LOW, 10);
	(void)store_live_wait(s, 5000);
	store_live_state(s, &now);
	assert_int_equal(now.health, STORE_OK);
	assert_int_equal(now.refused, 1);
	assert_int_equal(now.queued, 0);
	store_close(s);
	kit_is(in_order, "20 1 0");
}

static void a_slow_disk_is_told_and_costs_nothing(void **state)
{
	struct store *s = started(&(struct store_live_config){ .slow_ms = 200, .commit_ms = 20 });
	struct store_state now;

	(void)state;
	bad_sync_ms = 1500;
	put_many(s, 1, 2000, SEV_LOW, 500);
	now = kit_until(s, STORE_SLOW);         /* while it still waits */
	assert_true(now.latency_ns >= 200000000 && now.queued > 0);
	put_many(s, 2001, 2000, SEV_LOW, 500);
	bad_sync_ms = 0;
	assert_true(store_live_wait(s, 10000));
	now = kit_until(s, STORE_OK);
	assert_true(now.latency_max_ns >= 1000000000);
	assert_int_equal(lost(&now), 0);
	store_close(s);
	kit_is(in_order, "4000 1 0");
}

static void a_disk_that_hangs_at_the_start_delays_nobody(void **state)
{
	uint64_t start = kit_ms();
	struct store_state now;
	struct store *s;

	(void)state;
	bad_sync_ms = 1500;
	s = kit_open_live(&(struct store_live_config){ .open_ms = 100 });
	assert_in_range(kit_ms() - start, 90, 1000);
	store_live_state(s, &now);
	assert_int_equal(now.health, STORE_OPENING);
	kit_run(s, "run1");
	put_many(s, 1, 500, SEV_LOW, 100);
	bad_sync_ms = 0;
	assert_true(store_live_wait(s, 10000));
	store_close(s);
	kit_is(in_order, "500 1 0");
}

static void the_end_does_not_wait_for_ever(void **state)
{
	struct store *s = started(&(struct store_live_config){ .close_ms = 300 });
	uint64_t start;

	(void)state;
	bad_write = SQLITE_FULL;
	put_many(s, 1, 10, SEV_LOW, 10);
	start = kit_ms();
	store_close(s);
	assert_in_range(kit_ms() - start, 250, 2000);
	bad_write = 0;
	s = started(&(struct store_live_config){ .close_ms = 3000 });
	bad_sync_ms = 300;
	put_many(s, 1, 10, SEV_LOW, 10);
	store_close(s);                         /* a slow disk gets its time */
	kit_is("SELECT count(*) FROM outbox", "10");
}

static _Atomic bool gone;               /* the owner of the store */
static _Atomic unsigned calls, late;    /* it was told, so often when it was gone */

static void on_told(void *arg, int64_t outbox_id)
{
	(void)arg;
	(void)outbox_id;
	calls++;
	late += gone;
}

/* The disk comes back when nobody waits any more. */
static void a_thread_left_behind_tells_nobody(void **state)
{
	struct store *s = started(&(struct store_live_config){ .close_ms = 100, .committed = on_told });
	uint64_t start;
	char rows[400] = "";

	(void)state;
	put_many(s, 1, 10, SEV_LOW, 10);
	assert_true(store_live_wait(s, 5000));
	for (uint64_t end = kit_ms() + 5000; !calls && kit_ms() < end; usleep(1000))
		;                               /* it is told after the commit */
	assert_true(calls > 0);
	bad_sync_ms = 4000;
	put_many(s, 11, 10, SEV_LOW, 10);
	usleep(100000);
	start = kit_ms();
	store_close(s);
	gone = true;
	assert_in_range(kit_ms() - start, 2000, 3800);
	bad_sync_ms = 0;
	for (uint64_t end = kit_ms() + 10000; strcmp(rows, "20") != 0 && kit_ms() < end; usleep(10000))
		kit_ask("SELECT count(*) FROM outbox", rows);
	assert_string_equal(rows, "20");
	usleep(300000);                         /* and then it would be told */
	assert_int_equal(late, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(every_fault_is_named_and_survived, kit_setup, kit_teardown),
		cmocka_unit_test_setup_teardown(a_commit_that_failed_after_all_was_written_is_not_doubled, kit_setup, kit_teardown),
		cmocka_unit_test_setup_teardown(a_disk_that_cannot_be_read_is_survived, kit_setup, kit_teardown),
		cmocka_unit_test_setup_teardown(a_file_that_cannot_be_opened_is_tried_again, kit_setup, kit_teardown),
		cmocka_unit_test_setup_teardown(a_folder_that_is_missing_is_waited_for, kit_setup, kit_teardown),
		cmocka_unit_test_setup_teardown(a_folder_that_may_not_be_written_is_said, kit_setup, kit_teardown),
		cmocka_unit_test_setup_teardown(what_does_not_fit_goes_by_severity_and_age, kit_setup, kit_teardown),
		cmocka_unit_test_setup_teardown(a_row_that_no_database_takes_stops_nothing, kit_setup, kit_teardown),
		cmocka_unit_test_setup_teardown(a_slow_disk_is_told_and_costs_nothing, kit_setup, kit_teardown),
		cmocka_unit_test_setup_teardown(a_disk_that_hangs_at_the_start_delays_nobody, kit_setup, kit_teardown),
		cmocka_unit_test_setup_teardown(the_end_does_not_wait_for_ever, kit_setup, kit_teardown),
		cmocka_unit_test_setup_teardown(a_thread_left_behind_tells_nobody, kit_setup, kit_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
