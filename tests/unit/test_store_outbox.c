/* The outbox as sinks see it: rows in order, cursors, dead letters, and files of earlier versions. */
#include "store_kit.h"
#include "store_schemas.h"

#include "alert/store_outbox.h"

#include <sys/stat.h>

static struct outbox *opened(void)
{
	struct diag d = { "" };
	int err;
	struct outbox *o = outbox_open(kit_db, &err, &d);

	if (!o)
		fail_msg("%s", d.text);
	return o;
}

static uint64_t some_time(void *arg)
{
	(void)arg;
	return UINT64_C(1700000000000000000);
}

/* A live store with a run and alerts 1 to n in it. */
static struct store *stored(unsigned n)
{
	struct store *s = kit_open_live(&(struct store_live_config){ 0 });

	kit_run(s, "run1");
	for (unsigned i = 1; i <= n; i++)
		kit_put(s, i, 1, SEV_LOW, true, 10);
	assert_true(store_live_wait(s, 5000));
	return s;
}

/* --- reading --- */

struct seen {
	int64_t last;
	uint32_t n, stop_at;
	struct outbox_row row;          /* the newest, without texts */
	char uid[40], json[200];
};

static bool see(void *arg, const struct outbox_row *r)
{
	struct seen *s = arg;

	assert_true(r->id > s->last);
	assert_int_equal(strlen(r->json), r->json_len);
	s->last = r->id;
	s->row = *r;
	snprintf(s->uid, sizeof s->uid, "%s", r->uid);
	snprintf(s->json, sizeof s->json, "%s", r->json);
	return ++s->n != s->stop_at;
}

static uint32_t read_after(struct outbox *o, int64_t after, uint32_t count, uint32_t stop_at, struct seen *s)
{
	struct diag d;

	*s = (struct seen){ .last = after, .stop_at = stop_at };
	assert_int_equal(outbox_read(o, after, count, see, s, &d), ZT_OK);
	return s->n;
}

static void rows_come_in_order_with_what_is_known_of_them(void **state)
{
	struct store *s = kit_open_live(&(struct store_live_config){ .wall_ns = some_time });
	struct outbox *o;
	struct seen seen;
	int64_t end;

	(void)state;
	kit_run(s, "run1");
	for (unsigned n = 1; n <= 300; n++)
		kit_put(s, n, 1, n % SEV_COUNT, true, 10);
	assert_true(store_live_wait(s, 5000));
	o = opened();
	assert_int_equal(outbox_end(o, &end, NULL), ZT_OK);
	assert_int_equal(end, 300);
	assert_int_equal(read_after(o, 0, 1000, 0, &seen), 300);
	assert_int_equal(seen.row.id, 300);
	assert_string_equal(seen.uid, "0000000000000000000000000000012c");
	assert_int_equal(seen.row.rev, 1);
	assert_int_equal(seen.row.severity, 300 % SEV_COUNT);
	assert_int_equal(seen.row.ts_ns, 301);
	assert_int_equal(seen.row.stored_ns, some_time(NULL));
	assert_non_null(strstr(seen.json, "\"fill\":\"0000000000\""));
	assert_int_equal(read_after(o, 290, 1000, 0, &seen), 10);
	assert_int_equal(read_after(o, 0, 100, 0, &seen), 100);
	assert_int_equal(read_after(o, 0, 1000, 70, &seen), 70);
	assert_int_equal(read_after(o, 300, 1000, 0, &seen), 0);
	outbox_close(o);
	store_close(s);
}

static void a_replay_fills_the_outbox_too(void **state)
{
	static const char *const replace[] = { "@1@", "\"abcdefgh\"", NULL };
	struct store *s = store_open(kit_db, STORE_RUN, NULL);
	struct outbox *o;
	struct seen seen;
	bool known;

	(void)state;
	for (uint32_t rev = 1; rev <= 3; rev++)
		assert_int_equal(store_alert(s, &(struct store_alert){
			.serial = 1, .rev = rev, .uid = "u", .rule = "r", .severity_level = SEV_HIGH, .ended = rev == 3,
			.json = "{\"sha\":@1@}" }, NULL), ZT_OK);
	assert_int_equal(store_commit(s, &(struct store_run){ .id = "run", .captures_hash = "c", .policy_hash = "p", .program = "z",
							      .replace = replace }, &known, NULL), ZT_OK);
	store_close(s);
	o = opened();
	assert_int_equal(read_after(o, 0, 100, 0, &seen), 3);
	assert_string_equal(seen.json, "{\"sha\":\"abcdefgh\"}");
	assert_int_equal(seen.row.severity, SEV_HIGH);
	assert_true(seen.row.stored_ns / 1000000000 + 60 > (uint64_t)time(NULL));
	kit_is("SELECT sum(bytes = length(json)) FROM outbox", "3");
	kit_is("SELECT last_id FROM alerts", "3");
	outbox_close(o);
}

static void ids_only_grow(void **state)
{
	struct store *s = stored(1);
	struct seen seen;
	struct outbox *o;
	int64_t end;

	(void)state;
	kit_sql("DELETE FROM outbox");
	o = opened();
	assert_int_equal(outbox_end(o, &end, NULL), ZT_OK);
	assert_int_equal(end, 1);
	kit_put(s, 2, 1, SEV_LOW, true, 10);
	assert_true(store_live_wait(s, 5000));
	assert_int_equal(read_after(o, 0, 10, 0, &seen), 1);
	assert_int_equal(seen.last, 2);
	outbox_close(o);
	store_close(s);
}

/* --- figures --- */

static _Atomic uint64_t clock_s = 1000;

static uint64_t set_clock(void *arg)
{
	(void)arg;
	return clock_s * 1000000000;
}

static void depth_and_age_are_told(void **state)
{
	struct store *s = kit_open_live(&(struct store_live_config){ .wall_ns = set_clock });
	uint64_t rows, oldest;
	struct outbox *o;
	int64_t id;

	(void)state;
	kit_run(s, "run1");
	for (unsigned n = 1; n <= 10; n++) {
		clock_s = 1000 + n;
		kit_put(s, n, 1, n % SEV_COUNT, true, 10);
		assert_true(store_live_wait(s, 5000));
	}
	o = opened();
	assert_int_equal(outbox_depth(o, 0, &rows, &oldest, NULL), ZT_OK);
	assert_int_equal(rows, 10);
	assert_int_equal(oldest, UINT64_C(1001) * 1000000000);
	assert_int_equal(outbox_depth(o, 7, &rows, &oldest, NULL), ZT_OK);
	assert_int_equal(rows, 3);
	assert_int_equal(oldest, UINT64_C(1008) * 1000000000);
	assert_int_equal(outbox_depth(o, 10, &rows, &oldest, NULL), ZT_OK);
	assert_int_equal(rows, 0);
	assert_int_equal(oldest, 0);
	assert_int_equal(outbox_since(o, UINT64_C(1004) * 1000000000, &id, NULL), ZT_OK);
	assert_int_equal(id, 3);
	assert_int_equal(outbox_since(o, 0, &id, NULL), ZT_OK);
	assert_int_equal(id, 0);
	assert_int_equal(outbox_since(o, UINT64_C(2000) * 1000000000, &id, NULL), ZT_OK);
	assert_int_equal(id, 10);
	outbox_close(o);
	store_close(s);
}

/* --- cursors --- */

static void a_cursor_is_kept_and_never_goes_back(void **state)
{
	struct store *s = kit_open_live(&(struct store_live_config){ 0 });
	struct outbox *o = opened();
	struct outbox_cursor c;

	(void)state;
	assert_int_equal(outbox_move(o, "soc", 1, 1, NULL), ZT_ENOENT);
	assert_int_equal(outbox_cursor(o, "soc", 7, &c, NULL), ZT_OK);
	assert_int_equal(c.confirmed, 7);
	assert_int_equal(c.settled, 7);
	assert_int_equal(outbox_move(o, "soc", 20, 12, NULL), ZT_OK);
	outbox_close(o);
	o = opened();
	assert_int_equal(outbox_cursor(o, "soc", 99, &c, NULL), ZT_OK);
	assert_int_equal(c.confirmed, 20);
	assert_int_equal(c.settled, 12);
	assert_int_equal(outbox_move(o, "soc", 15, 15, NULL), ZT_OK);
	assert_int_equal(outbox_cursor(o, "soc", 0, &c, NULL), ZT_OK);
	assert_int_equal(c.confirmed, 20);
	assert_int_equal(c.settled, 15);
	outbox_close(o);
	store_close(s);
}

static void cursors_alone_do_not_let_the_wal_grow(void **state)
{
	struct store *s = store_open(kit_db, STORE_RUN, NULL);
	struct outbox *o;
	struct outbox_cursor c;
	struct stat st;
	char wal[128];
	off_t most = 0;

	(void)state;
	store_close(s);
	o = opened();
	assert_int_equal(outbox_cursor(o, "soc", 0, &c, NULL), ZT_OK);
	snprintf(wal, sizeof wal, "%s-wal", kit_db);
	for (int64_t i = 1; i <= 10000; i++) {
		assert_int_equal(outbox_move(o, "soc", i, i, NULL), ZT_OK);
		if (stat(wal, &st) == 0 && st.st_size > most)
			most = st.st_size;
	}
	assert_in_range(most, 1, 3 << 20);
	outbox_close(o);
	kit_is("SELECT confirmed FROM sinks", "10000");
}

/* --- dead letters --- */

struct letters { unsigned n; int64_t first, last; char why[40], json[40], uid[40], sink[40]; uint64_t dead_ns; };

static bool letter(void *arg, const struct outbox_letter *l)
{
	struct letters *s = arg;

	if (!s->n++)
		s->first = l->id;
	s->last = l->id;
	s->dead_ns = l->dead_ns;
	snprintf(s->why, sizeof s->why, "%s", l->why);
	snprintf(s->json, sizeof s->json, "%s", l->json);
	snprintf(s->uid, sizeof s->uid, "%s", l->uid);
	snprintf(s->sink, sizeof s->sink, "%s", l->sink);
	return true;
}

static void dead_letters_are_kept_once_and_bounded(void **state)
{
	struct store *s = kit_open_live(&(struct store_live_config){ 0 });
	struct outbox *o = opened();
	struct outbox_row r = { .uid = "u", .json = "{}", .json_len = 2, .rev = 4, .severity = SEV_HIGH };
	struct letters l = { 0 };

	(void)state;
	for (r.id = 1; r.id <= 10005; r.id++)
		assert_int_equal(outbox_dead(o, "soc", &r, "no such field", NULL), ZT_OK);
	r.id = 10000;
	assert_int_equal(outbox_dead(o, "soc", &r, "again", NULL), ZT_OK);
	r.id = 3;
	assert_int_equal(outbox_dead(o, "other", &r, "too old", NULL), ZT_OK);
	assert_int_equal(outbox_letters(o, "soc", letter, &l, NULL), ZT_OK);
	assert_int_equal(l.n, 10000);
	assert_int_equal(l.first, 6);
	assert_int_equal(l.last, 10005);
	assert_string_equal(l.why, "no such field");
	l = (struct letters){ 0 };
	assert_int_equal(outbox_letters(o, NULL, letter, &l, NULL), ZT_OK);
	assert_int_equal(l.n, 10001);
	assert_string_equal(l.sink, "other");
	assert_string_equal(l.why, "too old");
	assert_string_equal(l.json, "{}");
	assert_string_equal(l.uid, "u");
	assert_true(l.dead_ns / 1000000000 + 60 > (uint64_t)time(NULL));
	outbox_close(o);
	store_close(s);
}

static void letters_that_are_taken_out_do_not_let_the_wal_grow(void **state)
{
	struct store *s = store_open(kit_db, STORE_RUN, NULL);
	struct outbox_row r = { .uid = "u", .json = "{}", .json_len = 2, .rev = 1, .severity = SEV_HIGH };
	struct outbox *o;
	struct stat st;
	char wal[128];
	off_t most = 0;

	(void)state;
	store_close(s);
	o = opened();
	for (r.id = 1; r.id <= 2000; r.id++)
		assert_int_equal(outbox_dead(o, "soc", &r, "no such field", NULL), ZT_OK);
	snprintf(wal, sizeof wal, "%s-wal", kit_db);
	for (int64_t i = 1; i <= 2000; i++) {
		assert_int_equal(outbox_letter_gone(o, "soc", i, NULL), ZT_OK);
		if (stat(wal, &st) == 0 && st.st_size > most)
			most = st.st_size;
	}
	assert_in_range(most, 1, 5 << 20);
	outbox_close(o);
	kit_is("SELECT count(*) FROM dead_letters", "0");
}

/* --- files that are not there, or others --- */

static int open_error(void)
{
	struct diag d = { "" };
	int err = ZT_OK;

	assert_null(outbox_open(kit_db, &err, &d));
	assert_true(d.text[0] != '\0');
	return err;
}

static void a_file_without_an_outbox_is_waited_for(void **state)
{
	(void)state;
	assert_int_equal(open_error(), ZT_ENOENT);
	kit_sql("PRAGMA user_version = 0");
	assert_int_equal(open_error(), ZT_ENOENT);
	kit_sql("PRAGMA application_id = 2054447472; PRAGMA user_version = 2");
	assert_int_equal(open_error(), ZT_ENOENT);
	kit_sql("PRAGMA user_version = 99");
	assert_int_equal(open_error(), ZT_EINVAL);
}

static void a_database_that_was_replaced_is_noticed(void **state)
{
	struct store *s = stored(1);
	struct outbox *o, *new;
	struct outbox_cursor c;
	struct store_state now;
	char path[128];

	(void)state;
	o = opened();
	assert_int_equal(outbox_cursor(o, "soc", 1, &c, NULL), ZT_OK);
	assert_true(outbox_current(o));
	snprintf(path, sizeof path, "%s/moved.db", kit_dir);
	assert_int_equal(rename(kit_db, path), 0);
	assert_false(outbox_current(o));
	for (unsigned i = 0; i < 500; i++) {
		store_live_state(s, &now);
		if (now.replaced)
			break;
		usleep(10000);
	}
	assert_int_equal(now.replaced, 1);
	kit_put(s, 2, 1, SEV_LOW, true, 10);
	assert_true(store_live_wait(s, 5000));
	assert_false(outbox_current(o));
	new = opened();
	outbox_close(o);                        /* and what it closes with harms the new file nothing */
	assert_int_equal(outbox_cursor(new, "soc", 0, &c, NULL), ZT_OK);
	assert_int_equal(c.confirmed, 0);
	assert_int_equal(outbox_move(new, "soc", 1, 1, NULL), ZT_OK);
	kit_put(s, 3, 1, SEV_LOW, true, 10);
	assert_true(store_live_wait(s, 5000));
	store_close(s);
	outbox_close(new);
	kit_is("PRAGMA integrity_check", "ok");
	kit_is("SELECT count(*) || ' ' || (SELECT confirmed FROM sinks) FROM outbox", "2 1");
}

static void a_file_of_the_second_schema_is_taken_over(void **state)
{
	struct outbox_cursor c;
	struct outbox *o;
	struct store *s;
	struct seen seen;
	uint64_t rows, oldest;
	int64_t id;

	(void)state;
	kit_sql(schema_1);
	kit_sql(schema_2);
	kit_sql("INSERT INTO runs (id, captures_hash, policy_hash, program, live) VALUES ('old', 'c', 'p', 'z', 1);"
		"INSERT INTO alerts (run, serial, uid, rev, rule, level, first_ns, last_ns, ended, json)"
		" VALUES ('old', 1, 'u', 1, 'r', 3, 1, 7000, 0, '{\"rev\":1}'), ('old', 2, 'v', 1, 'r', 1, 1, 9000, 1, '{}');"
		"INSERT INTO outbox (run, uid, rev, ts_ns, json) VALUES ('old', 'u', 1, 7000, '{\"rev\":1}'), ('old', 'v', 1, 9000, '{}');"
		"DELETE FROM outbox WHERE uid = 'v'; INSERT INTO outbox (run, uid, rev, ts_ns, json) VALUES ('old', 'v', 1, 9000, '{}')");
	assert_int_equal(open_error(), ZT_ENOENT);
	s = kit_open_live(&(struct store_live_config){ .wall_ns = some_time });
	kit_run(s, "run1");
	kit_put(s, 1, 1, SEV_LOW, true, 10);
	assert_true(store_live_wait(s, 5000));
	o = opened();
	assert_int_equal(outbox_cursor(o, "soc", 0, &c, NULL), ZT_OK);
	for (unsigned i = 0; i < 500 && (outbox_end(o, &id, NULL) != ZT_OK || id < 5); i++)
		usleep(10000);          /* the alert that was left open is ended */
	store_close(s);
	kit_is("PRAGMA user_version", "3");
	kit_is("SELECT id FROM outbox", "1 3 4 5");
	assert_int_equal(read_after(o, 0, 1, 0, &seen), 1);
	assert_int_equal(seen.row.severity, SEV_HIGH);
	assert_int_equal(seen.row.stored_ns, 0);
	assert_int_equal(seen.row.ts_ns, 7000);
	assert_int_equal(outbox_depth(o, 0, &rows, &oldest, NULL), ZT_OK);
	assert_int_equal(rows, 4);
	assert_int_equal(outbox_since(o, 8000, &id, NULL), ZT_OK);
	assert_int_equal(id, 2);
	outbox_close(o);
	kit_is("SELECT last_id FROM alerts WHERE uid = 'v'", "0");
	kit_is("PRAGMA integrity_check", "ok");
}

static void a_damaged_database_is_left_for_the_new_one(void **state)
{
	struct store *s = stored(10);
	struct outbox *o, *new;
	struct outbox_cursor c;
	struct seen seen;
	char got[400];

	(void)state;
	o = opened();
	assert_int_equal(outbox_cursor(o, "soc", 0, &c, NULL), ZT_OK);
	assert_int_equal(outbox_move(o, "soc", 5, 5, NULL), ZT_OK);
	bad_write = SQLITE_CORRUPT;
	kit_put(s, 11, 1, SEV_LOW, true, 10);
	kit_until(s, STORE_DAMAGED);
	bad_write = 0;
	assert_true(store_live_wait(s, 15000));
	assert_false(outbox_current(o));
	assert_int_equal(outbox_move(o, "soc", 9, 9, NULL), ZT_OK);     /* into the one that was set aside */
	new = opened();
	assert_int_equal(outbox_cursor(new, "soc", 0, &c, NULL), ZT_OK);
	assert_int_equal(c.confirmed, 0);
	outbox_close(o);
	assert_int_equal(read_after(new, 0, 100, 0, &seen), 1);
	assert_string_equal(seen.uid, "0000000000000000000000000000000b");
	assert_int_equal(outbox_move(new, "soc", seen.last, seen.last, NULL), ZT_OK);
	store_close(s);
	outbox_close(new);
	kit_is("PRAGMA integrity_check", "ok");
	kit_ask("SELECT confirmed FROM sinks", got);
	assert_int_equal(strtoll(got, NULL, 10), seen.last);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, kit_setup, kit_teardown)
		TEST(rows_come_in_order_with_what_is_known_of_them),
		TEST(a_replay_fills_the_outbox_too),
		TEST(ids_only_grow),
		TEST(depth_and_age_are_told),
		TEST(a_cursor_is_kept_and_never_goes_back),
		TEST(cursors_alone_do_not_let_the_wal_grow),
		TEST(dead_letters_are_kept_once_and_bounded),
		TEST(letters_that_are_taken_out_do_not_let_the_wal_grow),
		TEST(a_file_without_an_outbox_is_waited_for),
		TEST(a_file_of_the_second_schema_is_taken_over),
		TEST(a_damaged_database_is_left_for_the_new_one),
		TEST(a_database_that_was_replaced_is_noticed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
