/* Class 1 data told whose they are: by connection id and producer, multicast or not, until it is closed. */
#include "engine/connections.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

static struct ot_event opened(uint32_t to_server, uint32_t to_client)
{
	struct ot_event e = { .proto = PROTO_CIP, .dir = DIR_RESPONSE, .func = 0x54, .has = HAS_CONNECTION | HAS_FUNC,
			      .flags = EV_CLIENT_IS_DST, .conn_server = to_server, .conn_client = to_client };

	addr_parse("10.0.0.2", &e.head.src.ip);
	addr_parse("10.0.0.1", &e.head.dst.ip);
	memcpy(e.path, "class 0x04 point 101", 20);
	e.path_len = 20;
	return e;
}

static struct ot_event data(const char *from, const char *to, uint32_t id)
{
	struct ot_event e = { .proto = PROTO_CIP, .dir = DIR_NOTIFY, .flags = EV_IO, .unit = id, .has = HAS_UNIT };

	addr_parse(from, &e.head.src.ip);
	addr_parse(to, &e.head.dst.ip);
	return e;
}

/* Passes it, and takes over what is known of it. */
static bool known(struct connections *c, struct ot_event *e)
{
	const struct ot_event *told = connections_pass(c, e);

	if (told == e)
		return false;
	ot_event_copy(e, told);
	return true;
}

static void both_directions_belong_to_the_opener(void **state)
{
	struct connections *c = connections_new();
	struct ot_event open = opened(7, 9), out = data("10.0.0.1", "10.0.0.2", 7), in = data("10.0.0.2", "239.192.1.1", 9);

	(void)state;
	assert_false(known(c, &open));
	assert_true(known(c, &out));
	assert_false(out.flags & EV_CLIENT_IS_DST);
	assert_int_equal(out.path_len, 20);
	assert_true(known(c, &in));
	assert_true(in.flags & EV_CLIENT_IS_DST);
	connections_free(c);
}

static void an_id_is_only_its_producers(void **state)
{
	struct connections *c = connections_new();
	struct ot_event open = opened(7, 9), other = data("10.0.0.3", "10.0.0.2", 7);

	(void)state;
	assert_false(known(c, &open));
	assert_false(known(c, &other));
	open.func = 0x4e;
	assert_false(known(c, &open));
	other = data("10.0.0.1", "10.0.0.2", 7);
	assert_false(known(c, &other));
	connections_free(c);
}

static void many_connections_stay_within_the_table(void **state)
{
	struct connections *c = connections_new();
	uint32_t n = 0;

	(void)state;
	for (uint32_t i = 0; i < 20000; i++) {
		struct ot_event open = opened(100 + 2 * i, 101 + 2 * i);

		open.head.ts_ns = i;
		assert_false(known(c, &open));
	}
	for (uint32_t i = 0; i < 20000; i++) {
		struct ot_event e = data("10.0.0.1", "10.0.0.2", 100 + 2 * i);

		n += known(c, &e);
	}
	assert_true(n > 0 && n <= CONNECTIONS_MAX);
	connections_free(c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_directions_belong_to_the_opener),
		cmocka_unit_test(an_id_is_only_its_producers),
		cmocka_unit_test(many_connections_stay_within_the_table),
	};

	return cmocka_run_group_tests_name("connections", tests, NULL, NULL);
}
