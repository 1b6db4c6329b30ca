/* A database that is written for years: what arrives, who may use it, what it survives. */
#include "store_kit.h"
#include "store_schemas.h"

#include "alert/store_files.h"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>

static void put_inventory(struct store *s, uint64_t count)
{
	assert_int_equal(store_rule(s, &(struct store_rule){ .id = "r", .title = "t", .why = "because" }, NULL), ZT_OK);
	assert_int_equal(store_asset(s, &(struct store_asset){ .segment = "", .ip = "10.0.0.2", .sort = "0a000002", .name = "plc",
							       .roles = "modbus server", .first_ns = 1, .last_ns = count }, NULL), ZT_OK);
	assert_int_equal(store_saying(s, &(struct store_saying){ .segment = "", .ip = "10.0.0.2", .part = "", .field = "vendor",
								 .value = "Example", .proto = "modbus", .capture = "eth1",
								 .count = count }, NULL), ZT_OK);
	assert_int_equal(store_conversation(s, &(struct store_conversation){
		.serial = 7, .segment = "", .client = "10.0.0.1", .server = "10.0.0.2", .proto = "modbus", .op = "read", .func = 3,
		.sub = -1, .unit = 1, .block = -1, .from = 0, .to = (int64_t)count, .count = count, .first_ns = 1,
		.last_ns = count }, NULL), ZT_OK);
	assert_int_equal(store_capture(s, &(struct store_capture){ .name = "eth1", .packets = count }, NULL), ZT_OK);
}

static bool count_alert(void *arg, const struct store_alert *a, const char *run)
{
	assert_string_equal(run, "run1");
	assert_int_equal(a->rev, 2);
	++*(unsigned *)arg;
	return true;
}

static bool check_asset(void *arg, const struct store_asset *a)
{
	assert_string_equal(a->name, "plc");
	++*(unsigned *)arg;
	return true;
}

static bool check_conversation(void *arg, const struct store_conversation *c)
{
	assert_int_equal(c->count, 20);
	assert_int_equal(c->to, 20);
	++*(unsigned *)arg;
	return true;
}

static bool add_up(void *arg, const struct store_conversation *c)
{
	uint64_t *sums = arg;

	sums[0]++;
	sums[1] += c->count;
	sums[2] = c->last_ns;
	return true;
}

static void explained(void *arg, const struct store_explain *e)
{
	assert_string_equal(e->why, "because");
	++*(unsigned *)arg;
}

static void a_live_database_is_read_while_it_is_written(void **state)
{
	struct store *s = kit_open_live(&(struct store_live_config){ 0 }), *r;
	const struct store_filter all = { 0 };
	unsigned n = 0;
	struct diag d;

	(void)state;
	kit_run(s, "run1");
	for (uint32_t rev = 1; rev <= 2; rev++) {
		kit_put(s, 1, rev, SEV_HIGH, false, 10);
		put_inventory(s, rev * 10);
		assert_true(store_live_wait(s, 5000));
	}
	r = store_open(kit_db, STORE_READ, &d);
	assert_non_null(r);
	assert_int_equal(store_alerts(r, &all, count_alert, &n, &d), ZT_OK);
	assert_int_equal(store_assets(r, &all, check_asset, &n, &d), ZT_OK);
	assert_int_equal(store_conversations(r, &all, "10.0.0.2", check_conversation, &n, &d), ZT_OK);
	assert_int_equal(store_explain(r, &all, "run1", "00000000000000000000000000000001", explained, &n, &d), ZT_OK);
	assert_int_equal(n, 4);
	store_close(r);
	store_close(s);
	kit_is("SELECT group_concat(uid || ' ' || rev, ',') FROM outbox",
	       "00000000000000000000000000000001 1,00000000000000000000000000000001 2");
	kit_is("SELECT count || ' ' || (SELECT count(*) FROM asset_identity) FROM asset_identity", "20 1");
	kit_is("SELECT packets FROM captures", "20");
	kit_is("SELECT sensor || ' ' || live || ' ' || policy_hash FROM runs", "gate 1 p");
}

static void starts_of_one_sensor_are_read_together(void **state)
{
	uint64_t sums[3] = { 0, 0, 0 };
	struct store *s;
	struct diag d;
	char run[8];

	(void)state;
	for (unsigned i = 1; i <= 3; i++) {
		s = kit_open_live(&(struct store_live_config){ 0 });
		snprintf(run, sizeof run, "run%u", i);
		kit_run(s, run);
		kit_put(s, 1, 1, SEV_LOW, true, 10);
		put_inventory(s, 20);
		assert_true(store_live_wait(s, 5000));
		store_close(s);
	}
	s = store_open(kit_db, STORE_READ, &d);
	assert_int_equal(store_conversations(s, &(struct store_filter){ 0 }, NULL, add_up, sums, &d), ZT_OK);
	store_close(s);
	assert_int_equal(sums[0], 1);
	assert_int_equal(sums[1], 60);
	assert_int_equal(sums[2], 20);
	kit_is("SELECT count(*) FROM alerts", "3");     /* alerts of every start are listed */
}

/* --- who may use it -------------------------------------------------------------------------------- */

static void refuses(int want, const char *why)
{
	struct store_live_config c = { .path = kit_db };
	struct diag d = { "" };
	int err = 0;

	assert_null(store_live_open(&c, &err, &d));
	if (!strstr(d.text, why) || strchr(d.text, '\n') || !strstr(d.text, kit_dir))
		fail_msg("said: %s", d.text);
	assert_int_equal(err, want);
}

static void a_second_sensor_is_refused(void **state)
{
	struct store *s = kit_open_live(&(struct store_live_config){ 0 });
	char real[sizeof kit_db];

	(void)state;
	kit_run(s, "run1");
	kit_put(s, 1, 1, SEV_LOW, true, 10);
	assert_true(store_live_wait(s, 5000));
	refuses(ZT_EBUSY, "another sensor");
	memcpy(real, kit_db, sizeof real);      /* by another name, too */
	snprintf(kit_db, sizeof kit_db, "%s/other.db", kit_dir);
	assert_int_equal(symlink(real, kit_db), 0);
	refuses(ZT_EBUSY, "another sensor");
	memcpy(kit_db, real, sizeof real);
	store_close(s);
	s = kit_open_live(&(struct store_live_config){ 0 });
	kit_run(s, "run2");
	assert_true(store_live_wait(s, 5000));
	store_close(s);
	kit_is("SELECT count(*) FROM runs", "2");
}

static void a_killed_sensor_keeps_nobody_out(void **state)
{
	int pipes[2], status;
	char c;

	(void)state;
	assert_int_equal(pipe(pipes), 0);
	pid_t child = fork();

	if (child == 0) {
		struct store_live_config conf = { .path = kit_db };

		if (store_live_open(&conf, NULL, NULL))
			(void)!write(pipes[1], "x", 1);
		pause();
		_exit(1);
	}
	assert_int_equal(read(pipes[0], &c, 1), 1);
	refuses(ZT_EBUSY, "another sensor");
	kill(child, SIGKILL);
	waitpid(child, &status, 0);
	close(pipes[0]);
	close(pipes[1]);
	store_close(kit_open_live(&(struct store_live_config){ 0 }));
}

static void a_replay_may_be_stored_beside_a_sensor(void **state)
{
	struct store *s = kit_open_live(&(struct store_live_config){ 0 }), *r;
	struct diag d;
	bool known;

	(void)state;
	kit_run(s, "run1");
	kit_put(s, 1, 1, SEV_LOW, true, 10);
	assert_true(store_live_wait(s, 5000));
	r = store_open(kit_db, STORE_RUN, &d);
	assert_non_null(r);
	kit_put(r, 1, 1, SEV_LOW, true, 10);
	assert_int_equal(store_commit(r, &(struct store_run){ .id = "replay", .captures_hash = "c", .policy_hash = "p",
							      .program = "z" }, &known, &d), ZT_OK);
	store_close(r);
	kit_put(s, 2, 1, SEV_LOW, true, 10);
	assert_true(store_live_wait(s, 5000));
	store_close(s);
	kit_is("SELECT run FROM alerts ORDER BY run, serial", "replay run1 run1");
}

static void another_program_that_writes_for_long_is_waited_for(void **state)
{
	struct store *s = kit_open_live(&(struct store_live_config){ 0 });
	sqlite3 *other;
	uint64_t start;

	(void)state;
	kit_run(s, "run1");
	assert_true(store_live_wait(s, 5000));
	assert_int_equal(sqlite3_open_v2(kit_db, &other, SQLITE_OPEN_READWRITE, kit_under->zName), SQLITE_OK);
	assert_int_equal(sqlite3_exec(other, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
	start = kit_ms();
	for (unsigned i = 1; i <= 1000; i++)
		kit_put(s, i, 1, SEV_LOW, true, 100);
	assert_true(kit_ms() - start < 500);
	assert_non_null(strstr(kit_until(s, STORE_BUSY).why, "another program"));
	sqlite3_close(other);
	assert_true(store_live_wait(s, 5000));
	kit_until(s, STORE_OK);
	store_close(s);
	kit_is("SELECT count(*) || ' ' || max(serial = rowid) FROM alerts", "1000 1");
}

/* --- files that are not what they should be ------------------------------------------------------------ */

static void scribble(const char *path, off_t at, unsigned n)
{
	int fd = open(path, O_RDWR | O_CREAT, 0600);

	assert_true(fd >= 0);
	for (unsigned i = 0; i < n; i++)
		assert_int_equal(pwrite(fd, "no database at all, this is text", 32, at + i * 32), 32);
	close(fd);
}

static unsigned files_named(const char *pattern)
{
	char cmd[200];
	unsigned n = 0;
	FILE *f;

	snprintf(cmd, sizeof cmd, "ls %s/ | grep -cE '%s'", kit_dir, pattern);
	f = popen(cmd, "r");
	assert_int_equal(fscanf(f, "%u", &n), 1);
	pclose(f);
	return n;
}

static void touch(const char *name)
{
	char path[200];
	FILE *f;

	snprintf(path, sizeof path, "%s/%s", kit_dir, name);
	f = fopen(path, "w");
	assert_non_null(f);
	fclose(f);
}

static void fill(unsigned alerts)
{
	struct store *s = kit_open_live(&(struct store_live_config){ 0 });

	kit_run(s, "run1");
	for (unsigned i = 1; i <= alerts; i++)
		kit_put(s, i, 1, SEV_LOW, true, 2000);
	assert_true(store_live_wait(s, 10000));
	store_close(s);
}

static void a_damaged_file_is_set_aside(void **state)
{
	struct store_state now;
	struct store *s;

	(void)state;
	for (unsigned i = 1; i <= 4; i++) {
		fill(500);
		scribble(kit_db, i % 2 ? 16384 : 0, i % 2 ? 4000 : 100);        /* pages of a table; the file's head */
		s = kit_open_live(&(struct store_live_config){ 0 });
		store_live_state(s, &now);
		assert_int_equal(now.damaged, 1);
		assert_int_equal(now.health, STORE_OK);
		assert_ptr_equal(strstr(now.set_aside, "plant.db.damaged-20"), now.set_aside);
		assert_true(store_live_epoch(s) > 0);
		kit_run(s, "run2");
		kit_put(s, 1, 1, SEV_LOW, true, 10);
		assert_true(store_live_wait(s, 5000));
		store_close(s);
		kit_is("SELECT run FROM alerts", "run2");
		assert_int_equal(files_named("damaged-[0-9]{8}T[0-9]{6}Z(.[0-9]+)?$"), i < 2 ? i : 2);
		unlink(kit_db);
	}
}

/* A database without its WAL lacks rows, and the new file must not find that of the old one. */
static void a_file_is_set_aside_with_all_that_belongs_to_it_or_not_at_all(void **state)
{
	static const char *const in_the_way[] = { "plant.db.damaged-20231114T221320Z-wal", "plant.db-shm" };
	const uint64_t now = UINT64_C(1700000000000000000);
	char name[256], path[400];
	struct diag d;

	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		touch("plant.db");
		touch("plant.db-wal");
		snprintf(path, sizeof path, "%s/%s", kit_dir, in_the_way[i]);
		assert_int_equal(mkdir(path, 0700), 0);
		d.text[0] = '\0';
		assert_int_not_equal(store_files_set_aside(kit_db, now, name, &d), ZT_OK);
		if (!strstr(d.text, i ? "/plant.db-shm: " : "/plant.db-wal: "))
			fail_msg("said: %s", d.text);
		assert_int_equal(files_named("^plant.db(-wal)?$"), 2);
		assert_int_equal(files_named("damaged-[0-9]{8}T[0-9]{6}Z$"), 0);
		assert_int_equal(rmdir(path), 0);
	}
	assert_int_equal(store_files_set_aside(kit_db, now, name, &d), ZT_OK);
	assert_string_equal(name, "plant.db.damaged-20231114T221320Z");
	assert_int_equal(files_named("^plant.db.damaged-20231114T221320Z(-wal)?$"), 2);
	assert_int_equal(files_named("."), 2);
}

static void damage_is_noticed_while_it_runs(void **state)
{
	struct store *s = kit_open_live(&(struct store_live_config){ 0 });
	struct store_state now;
	uint32_t epoch;

	(void)state;
	kit_run(s, "run1");
	kit_put(s, 1, 1, SEV_LOW, false, 10);
	assert_true(store_live_wait(s, 5000));
	epoch = store_live_epoch(s);
	bad_write = SQLITE_CORRUPT;
	kit_put(s, 1, 2, SEV_LOW, false, 10);
	kit_until(s, STORE_DAMAGED);
	bad_write = 0;
	assert_true(store_live_wait(s, 15000));
	store_live_state(s, &now);
	assert_in_range(now.damaged, 1, 2);     /* the new one may have met the bad disk, too */
	assert_true(store_live_epoch(s) > epoch);
	store_close(s);
	kit_is("SELECT run || ' ' || rev FROM alerts", "run1 2");
	kit_is("SELECT id FROM runs", "run1");
}

static void what_is_not_ours_is_left_alone(void **state)
{
	(void)state;
	scribble(kit_db, 0, 200);
	for (unsigned i = 0; i < 2; i++)
		refuses(ZT_EINVAL, "not a database");
	assert_int_equal(files_named("."), 1);
	unlink(kit_db);
	kit_sql("CREATE TABLE recipes (name TEXT)");
	refuses(ZT_EINVAL, "of another program");
	kit_is("SELECT count(*) FROM sqlite_master", "1");
	unlink(kit_db);
	fill(1);
	kit_sql("PRAGMA user_version = 99");
	refuses(ZT_EINVAL, "newer zonetap");
}

/* What the sensor makes of it when that command has its way with the file. */
static void taken_away_by(const char *command)
{
	struct store *s = kit_open_live(&(struct store_live_config){ 0 });
	struct store_state now;
	uint32_t epoch;
	uint64_t end = kit_ms() + 5000;

	kit_run(s, "run1");
	kit_put(s, 1, 1, SEV_LOW, false, 10);
	assert_true(store_live_wait(s, 5000));
	epoch = store_live_epoch(s);
	assert_int_equal(system(command), 0);
	do {
		usleep(10000);
		store_live_state(s, &now);
	} while (!now.replaced && kit_ms() < end);
	assert_int_equal(now.replaced, 1);
	kit_put(s, 1, 2, SEV_LOW, false, 10);
	assert_true(store_live_wait(s, 5000));
	assert_true(store_live_epoch(s) > epoch);
	store_close(s);
	kit_is("SELECT run || ' ' || rev FROM alerts WHERE run = 'run1'", "run1 2");
	kit_is("SELECT id FROM runs WHERE id = 'run1'", "run1");
}

static void a_file_that_is_taken_away_is_made_again(void **state)
{
	char cmd[200];

	(void)state;
	snprintf(cmd, sizeof cmd, "rm %s*", kit_db);    /* the lock's file as well */
	taken_away_by(cmd);
}

static void another_file_in_its_place_is_taken_over(void **state)
{
	struct store *s = kit_open_live(&(struct store_live_config){ 0 });
	char cmd[300];

	(void)state;
	kit_run(s, "run0");
	kit_put(s, 1, 1, SEV_LOW, true, 10);
	assert_true(store_live_wait(s, 5000));
	store_close(s);
	snprintf(cmd, sizeof cmd, "mv %s %s.backup", kit_db, kit_db);
	assert_int_equal(system(cmd), 0);
	snprintf(cmd, sizeof cmd, "mv %s.backup %s", kit_db, kit_db);
	taken_away_by(cmd);
	kit_is("SELECT group_concat(run) FROM alerts", "run0,run1");
}

/* Alerts without their run would never be ended when the sensor dies before that is written. */
static void look_for_strays(void *arg, int64_t outbox_id)
{
	_Atomic unsigned *strays = arg;
	sqlite3 *db = NULL;
	sqlite3_stmt *st = NULL;

	(void)outbox_id;
	if (sqlite3_open_v2(kit_db, &db, SQLITE_OPEN_READWRITE, kit_under->zName) == SQLITE_OK &&
	    sqlite3_prepare_v2(db, "SELECT count(*) FROM alerts WHERE run NOT IN (SELECT id FROM runs)", -1, &st, NULL) == SQLITE_OK &&
	    sqlite3_step(st) == SQLITE_ROW)
		*strays += (unsigned)sqlite3_column_int(st, 0);
	sqlite3_finalize(st);
	sqlite3_close(db);
}

static void a_new_file_has_the_run_before_its_alerts(void **state)
{
	_Atomic unsigned strays = 0;
	struct store *s = kit_open_live(&(struct store_live_config){ .committed = look_for_strays, .arg = &strays });
	struct store_state now;
	uint64_t end = kit_ms() + 5000;
	char cmd[200];
	unsigned n = 0;

	(void)state;
	kit_run(s, "run1");
	assert_true(store_live_wait(s, 5000));
	snprintf(cmd, sizeof cmd, "rm %s*", kit_db);
	assert_int_equal(system(cmd), 0);
	do {
		kit_put(s, ++n, 1, SEV_LOW, false, 10);
		usleep(2000);
		store_live_state(s, &now);
	} while (!now.replaced && kit_ms() < end);
	assert_int_equal(now.replaced, 1);
	assert_true(store_live_wait(s, 5000));
	store_close(s);
	assert_int_equal(strays, 0);
	kit_is("SELECT count(*) > 0 FROM alerts", "1");
}

/* --- questions ------------------------------------------------------------------------------------------ */

static uint64_t slow_clock(void *arg)
{
	(void)arg;
	usleep(2000);
	return UINT64_C(1700000000000000000);
}

struct asking { struct store *s; _Atomic bool stop; _Atomic uint64_t oldest_ns; };

static void *ask_on(void *arg)
{
	struct asking *a = arg;
	struct store_state now;

	while (!a->stop) {
		store_live_state(a->s, &now);
		if (now.oldest_ns > a->oldest_ns)
			a->oldest_ns = now.oldest_ns;
	}
	return NULL;
}

/* Also when a row is put while the one who asks waits for the lock: the clock of the store makes that last. */
static void no_row_waits_since_before_it_was_put(void **state)
{
	struct asking a = { .s = kit_open_live(&(struct store_live_config){ .wall_ns = slow_clock, .commit_ms = 1 }) };
	pthread_t t;

	(void)state;
	kit_run(a.s, "run1");
	assert_int_equal(pthread_create(&t, NULL, ask_on, &a), 0);
	for (unsigned i = 1; i <= 400; i++) {
		kit_put(a.s, i, 1, SEV_LOW, true, 10);
		usleep(1000);
	}
	a.stop = true;
	pthread_join(t, NULL);
	store_close(a.s);
	assert_in_range(a.oldest_ns, 0, UINT64_C(60000000000));
}

/* --- what a sensor leaves behind -------------------------------------------------------------------------- */

static void alerts_that_a_sensor_left_open_are_ended(void **state)
{
	struct store *s = kit_open_live(&(struct store_live_config){ 0 });

	(void)state;
	kit_run(s, "run1");
	kit_put(s, 1, 3, SEV_HIGH, false, 10);
	kit_put(s, 2, 1, SEV_HIGH, true, 10);
	assert_true(store_live_wait(s, 5000));
	store_close(s);
	s = kit_open_live(&(struct store_live_config){ 0 });
	kit_run(s, "run2");
	kit_put(s, 1, 1, SEV_HIGH, false, 10);
	assert_true(store_live_wait(s, 5000));
	usleep(1500000);                        /* a look at the file a second */
	store_close(s);
	kit_is("SELECT run || ' ' || rev || ' ' || ended || ' ' || json_extract(json, '$.rev') || ' ' || json_extract(json, '$.ended')"
	       " FROM alerts ORDER BY run, serial", "run1 4 1 4 1 run1 1 1 1 1 run2 1 0 1 0");
	kit_is("SELECT rev || ' ' || json_extract(json, '$.ended') FROM outbox WHERE run = 'run1' ORDER BY id", "3 0 1 1 4 1");
}

static bool any_alert(void *arg, const struct store_alert *a, const char *run)
{
	snprintf(arg, 64, "%s %s", run, a->uid);
	return true;
}

static void a_file_of_the_first_schema_is_read_and_taken_over(void **state)
{
	char got[64] = "";
	struct store *s;
	struct diag d;

	(void)state;
	kit_sql(schema_1);
	kit_sql(schema_1_rows);
	s = store_open(kit_db, STORE_READ, &d);
	assert_non_null(s);
	assert_int_equal(store_alerts(s, &(struct store_filter){ 0 }, any_alert, got, &d), ZT_OK);
	store_close(s);
	assert_string_equal(got, "old u");
	kit_is("PRAGMA user_version", "1");
	s = kit_open_live(&(struct store_live_config){ 0 });
	kit_run(s, "run1");
	kit_put(s, 1, 1, SEV_LOW, false, 10);
	put_inventory(s, 3);
	put_inventory(s, 4);
	assert_true(store_live_wait(s, 5000));
	store_close(s);
	kit_is("PRAGMA user_version", "3");
	kit_is("SELECT run || ' ' || ended FROM alerts ORDER BY run", "old 0 run1 0");  /* a replay's is not ended */
	kit_is("SELECT run || ' ' || count FROM conversations ORDER BY count", "run1 4 old 5 old 6");
	kit_is("PRAGMA integrity_check", "ok");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_live_database_is_read_while_it_is_written, kit_setup, kit_teardown),
		cmocka_unit_test_setup_teardown(starts_of_one_sensor_are_read_together, kit_setup, kit_teardown),
		cmocka_unit_test_setup_teardown(a_second_sensor_is_refused, kit_setup, kit_teardown),
		cmocka_unit_test_setup_teardown(a_killed_sensor_keeps_nobody_out, kit_setup, kit_teardown),
		cmocka_unit_test_setup_teardown(a_replay_may_be_stored_beside_a_sensor, kit_setup, kit_teardown),
		cmocka_unit_test_setup_teardown(another_program_that_writes_for_long_is_waited_for, kit_setup, kit_teardown),
		cmocka_unit_test_setup_teardown(a_damaged_file_is_set_aside, kit_setup, kit_teardown),
		cmocka_unit_test_setup_teardown(a_file_is_set_aside_with_all_that_belongs_to_it_or_not_at_all, kit_setup, kit_teardown),
		cmocka_unit_test_setup_teardown(damage_is_noticed_while_it_runs, kit_setup, kit_teardown),
		cmocka_unit_test_setup_teardown(what_is_not_ours_is_left_alone, kit_setup, kit_teardown),
		cmocka_unit_test_setup_teardown(a_file_that_is_taken_away_is_made_again, kit_setup, kit_teardown),
		cmocka_unit_test_setup_teardown(another_file_in_its_place_is_taken_over, kit_setup, kit_teardown),
		cmocka_unit_test_setup_teardown(a_new_file_has_the_run_before_its_alerts, kit_setup, kit_teardown),
		cmocka_unit_test_setup_teardown(no_row_waits_since_before_it_was_put, kit_setup, kit_teardown),
		cmocka_unit_test_setup_teardown(alerts_that_a_sensor_left_open_are_ended, kit_setup, kit_teardown),
		cmocka_unit_test_setup_teardown(a_file_of_the_first_schema_is_read_and_taken_over, kit_setup, kit_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
