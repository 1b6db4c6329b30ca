/* The database when it is not what it should be, and runs that must leave no trace. */
#include "alert/store.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include <sqlite3.h>

static char path[64];

static int setup(void **state)
{
	(void)state;
	snprintf(path, sizeof path, "/tmp/zonetap-test-XXXXXX");
	int fd = mkstemp(path);

	close(fd);
	return unlink(path);
}

static int teardown(void **state)
{
	char side[80];

	(void)state;
	unlink(path);
	snprintf(side, sizeof side, "%s-wal", path);
	unlink(side);
	snprintf(side, sizeof side, "%s-shm", path);
	unlink(side);
	return 0;
}

static void sql(const char *what)
{
	sqlite3 *db;

	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, what, NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
}

static int rows(const char *table)
{
	sqlite3 *db;
	sqlite3_stmt *st;
	char what[128];
	int n;

	snprintf(what, sizeof what, "SELECT count(*) FROM %s", table);
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_prepare_v2(db, what, -1, &st, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_step(st), SQLITE_ROW);
	n = sqlite3_column_int(st, 0);
	sqlite3_finalize(st);
	sqlite3_close(db);
	return n;
}

static void refuses(enum store_mode mode, const char *why)
{
	struct diag d = { "" };

	assert_null(store_open(path, mode, &d));
	if (!strstr(d.text, why))
		fail_msg("said: %s", d.text);
	assert_non_null(strstr(d.text, path));
	assert_null(strchr(d.text, '\n'));
}

static void a_missing_file_is_not_made_by_reading(void **state)
{
	(void)state;
	refuses(STORE_READ, "No such file");
	assert_int_not_equal(access(path, F_OK), 0);
}

static void what_is_no_database_is_left_alone(void **state)
{
	int fd = open(path, O_CREAT | O_WRONLY, 0600);

	(void)state;
	for (int i = 0; i < 200; i++)
		assert_int_equal(write(fd, "this is a text, not a database\n", 31), 31);
	close(fd);
	refuses(STORE_RUN, "not a database");
	refuses(STORE_READ, "not a database");
}

static void the_database_of_another_program_is_left_alone(void **state)
{
	(void)state;
	sql("CREATE TABLE recipes (name TEXT)");
	refuses(STORE_RUN, "of another program");
	assert_int_equal(rows("sqlite_master"), 1);
}

static void a_newer_schema_is_not_touched(void **state)
{
	struct diag d;
	struct store *s = store_open(path, STORE_RUN, &d);

	(void)state;
	assert_non_null(s);
	store_close(s);
	sql("PRAGMA user_version = 99");
	refuses(STORE_RUN, "newer zonetap");
	refuses(STORE_READ, "newer zonetap");
}

static void put(struct store *s, const char *run, const char *captures, bool *known)
{
	struct store_alert a = { .serial = 1, .rev = 1, .uid = "u", .rule = "r", .title = "t", .json = "{\"sha\":@1@}" };
	const char *const replace[] = { "@1@", "\"abc\"", NULL };
	struct diag d;

	assert_int_equal(store_alert(s, &a, &d), ZT_OK);
	a.rev = 2;
	assert_int_equal(store_alert(s, &a, &d), ZT_OK);
	assert_int_equal(store_commit(s, &(struct store_run){ .id = run, .captures_hash = captures, .policy_hash = "p",
							      .program = "z", .replace = replace }, known, &d), ZT_OK);
}

static bool one(void *arg, const struct store_alert *a, const char *run)
{
	char *to = arg;

	snprintf(to + strlen(to), 200 - strlen(to), "%s %s %u;", run, a->json, a->rev);
	return true;
}

static void revisions_are_appended_and_the_last_counts(void **state)
{
	char text[200] = "";
	struct diag d;
	bool known;
	struct store *s = store_open(path, STORE_RUN, &d);

	(void)state;
	put(s, "run1", "c", &known);
	assert_false(known);
	store_close(s);
	assert_int_equal(rows("outbox"), 2);
	assert_int_equal(rows("alerts"), 1);
	s = store_open(path, STORE_RUN, &d);
	put(s, "run1", "c", &known);
	assert_true(known);
	store_close(s);
	assert_int_equal(rows("outbox"), 2);
	s = store_open(path, STORE_RUN, &d);
	put(s, "run2", "c", &known);            /* the same captures, judged otherwise */
	store_close(s);
	assert_int_equal(rows("runs"), 2);
	s = store_open(path, STORE_READ, &d);
	assert_int_equal(store_alerts(s, &(struct store_filter){ 0 }, one, text, &d), ZT_OK);
	assert_string_equal(text, "run2 {\"sha\":\"abc\"} 2;");
	text[0] = '\0';
	assert_int_equal(store_alerts(s, &(struct store_filter){ .run = "run1" }, one, text, &d), ZT_OK);
	assert_string_equal(text, "run1 {\"sha\":\"abc\"} 2;");
	store_close(s);
}

static void a_run_that_does_not_end_leaves_nothing(void **state)
{
	struct store_alert a = { .serial = 1, .rev = 1, .uid = "u", .rule = "r", .title = "t", .json = "{}" };
	struct diag d;
	struct store *s = store_open(path, STORE_RUN, &d);

	(void)state;
	assert_int_equal(store_alert(s, &a, &d), ZT_OK);
	store_close(s);
	assert_int_equal(rows("alerts"), 0);
	assert_int_equal(rows("outbox"), 0);
	assert_int_equal(rows("runs"), 0);
}

static void somebody_else_writing_is_said(void **state)
{
	struct diag d = { "" };
	struct store *s = store_open(path, STORE_RUN, &d);
	struct store_alert a = { .serial = 1, .rev = 1, .uid = "u", .rule = "r", .title = "t", .json = "{}" };
	sqlite3 *other;
	bool known;

	(void)state;
	assert_int_equal(sqlite3_open(path, &other), SQLITE_OK);
	assert_int_equal(sqlite3_exec(other, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
	assert_int_equal(store_alert(s, &a, &d), ZT_OK);
	assert_int_equal(store_commit(s, &(struct store_run){ .id = "r", .captures_hash = "c", .policy_hash = "p",
							      .program = "z" }, &known, &d), ZT_EBUSY);
	assert_non_null(strstr(d.text, "another program is writing"));
	sqlite3_close(other);
	store_close(s);
	assert_int_equal(rows("runs"), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_missing_file_is_not_made_by_reading, setup, teardown),
		cmocka_unit_test_setup_teardown(what_is_no_database_is_left_alone, setup, teardown),
		cmocka_unit_test_setup_teardown(the_database_of_another_program_is_left_alone, setup, teardown),
		cmocka_unit_test_setup_teardown(a_newer_schema_is_not_touched, setup, teardown),
		cmocka_unit_test_setup_teardown(revisions_are_appended_and_the_last_counts, setup, teardown),
		cmocka_unit_test_setup_teardown(a_run_that_does_not_end_leaves_nothing, setup, teardown),
		cmocka_unit_test_setup_teardown(somebody_else_writing_is_said, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
