/* A database that is written for years: what arrives, who may use it, what it survives. */
#include "store_kit.h"

#include <fcntl.h>
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_live_database_is_read_while_it_is_written, kit_setup, kit_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
