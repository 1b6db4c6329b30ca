/* Who is there and who talks to whom: routers, contradictions, limits. */
#include "inventory/asset.h"
#include "classify/app.h"
#include "inventory/conversation.h"
#include "inventory/service.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

static struct ot_event event(uint32_t frame, const char *client, const char *server)
{
	struct ot_event ev;

	memset(&ev, 0, sizeof ev);
	ev.head.frame = frame;
	ev.head.ts_ns = frame * UINT64_C(1000000000);
	assert_true(addr_parse(client, &ev.head.src.ip));
	assert_true(addr_parse(server, &ev.head.dst.ip));
	ev.proto = PROTO_MODBUS;
	ev.op = OP_READ;
	ev.has = HAS_FUNC | HAS_UNIT | HAS_FIRST | HAS_COUNT;
	ev.func = 3;
	ev.unit = 1;
	ev.space = "holding_registers";
	ev.count = 10;
	return ev;
}

static void an_asset_is_a_segment_and_an_address(void **state)
{
	struct assets *a = assets_new(8);
	struct ot_event ev = event(1, "10.0.0.1", "255.255.255.255");
	uint32_t one, two;
	bool is_new;

	(void)state;
	one = assets_see(a, &ev.head, &ev.head.src, &is_new);
	assert_true(is_new);
	assert_int_equal(assets_see(a, &ev.head, &ev.head.src, &is_new), one);
	assert_false(is_new);
	ev.head.segment = 1;
	two = assets_see(a, &ev.head, &ev.head.src, &is_new);
	assert_true(is_new);
	assert_int_not_equal(one, two);
	assert_int_equal(assets_see(a, &ev.head, &ev.head.dst, &is_new), ASSET_NONE);   /* broadcast is nobody */
	assert_int_equal(assets_count(a), 2);
	assets_free(a);
}

static void a_mac_with_many_addresses_is_a_router(void **state)
{
	static const uint8_t mac[6] = { 0, 0x1d, 0x9c, 1, 2, 3 };
	struct assets *a = assets_new(16);
	char ip[16];
	bool is_new;

	(void)state;
	for (int i = 1; i <= 6; i++) {
		snprintf(ip, sizeof ip, "10.1.1.%d", i);
		struct ot_event ev = event(1, ip, "10.0.0.2");

		ev.head.src.has_mac = 1;
		memcpy(ev.head.src.mac, mac, 6);
		assets_see(a, &ev.head, &ev.head.src, &is_new);
		assert_int_equal(assets_mac_is_router(a, 0, mac), i >= ASSET_ROUTER_IPS);
	}
	assets_free(a);
}

static void past_the_limit_new_assets_are_refused_and_counted(void **state)
{
	struct assets *a = assets_new(2);
	char ip[16];
	bool is_new;

	(void)state;
	for (int i = 1; i <= 5; i++) {
		snprintf(ip, sizeof ip, "10.1.1.%d", i);
		struct ot_event ev = event(1, ip, "10.0.0.2");

		assets_see(a, &ev.head, &ev.head.src, &is_new);
	}
	assert_int_equal(assets_count(a), 2);
	assert_int_equal(assets_refused(a), 3);
	assets_free(a);
}

static void what_an_asset_says_stands_side_by_side(void **state)
{
	struct assets *a = assets_new(4);
	struct ot_event ev = event(7, "10.0.0.2", "10.0.0.1");
	const struct asset_saying *x;
	uint32_t asset, said = 0;
	bool is_new;

	(void)state;
	asset = assets_see(a, &ev.head, &ev.head.src, &is_new);
	ev.has |= HAS_IDENTITY;
	snprintf(ev.identity.firmware, OT_IDENTITY_MAX, "1.0");
	assets_identity(a, asset, &ev);
	assets_identity(a, asset, &ev);
	ev.head.frame = 9;
	snprintf(ev.identity.firmware, OT_IDENTITY_MAX, "2.0");
	assets_identity(a, asset, &ev);
	for (uint32_t i = assets_at(a, asset)->said; i != ASSET_NONE; i = x->next, said++) {
		x = assets_saying(a, i);
		assert_string_equal(x->text, said ? "2.0" : "1.0");
		assert_int_equal(x->count, said ? 1 : 2);
		assert_int_equal(x->frame, said ? 9 : 7);
		assert_string_equal(x->part, "unit 1");
	}
	assert_int_equal(said, 2);
	assets_free(a);
}

static void polls_make_one_row_with_a_range(void **state)
{
	struct conversations *c = conversations_new(1000, 10);
	struct conversation_news n;

	(void)state;
	for (uint32_t i = 0; i < 100; i++) {
		struct ot_event ev = event(i + 1, "10.0.0.1", "10.0.0.2");

		ev.first = i * 10;
		n = conversations_see(c, &ev);
		assert_int_equal(n.new_client, i == 0);
		assert_int_equal(n.new_conversation, i == 0);
	}
	struct ot_event w = event(200, "10.0.0.1", "10.0.0.2");

	w.op = OP_WRITE;
	n = conversations_see(c, &w);
	assert_false(n.new_client);
	assert_true(n.new_conversation);
	w = event(1, "10.0.0.1", "10.0.0.2");
	conversations_count(c, &w, 900, 5, 300 * UINT64_C(1000000000));
	assert_int_equal(conversations_rows(c), 2);
	assert_int_equal(conversations_at(c, 0)->count, 1000);
	assert_int_equal(conversations_at(c, 0)->from, 0);
	assert_int_equal(conversations_at(c, 0)->to, 1000);
	assert_true(conversations_at(c, 0)->last_ns == 300 * UINT64_C(1000000000));
	conversations_free(c);
}

static void a_pair_with_endless_targets_is_bounded(void **state)
{
	struct conversations *c = conversations_new(10000, 10);

	(void)state;
	for (uint32_t i = 0; i < 5000; i++) {
		struct ot_event ev = event(i + 1, "10.0.0.1", "10.0.0.2");

		ev.has |= HAS_BLOCK;
		ev.block = i;
		conversations_see(c, &ev);
	}
	assert_int_equal(conversations_rows(c), CONVERSATION_ROWS + 1);
	assert_int_equal(conversations_at(c, CONVERSATION_ROWS)->count, 5000 - CONVERSATION_ROWS);
	conversations_free(c);
}

static void a_service_is_new_once(void **state)
{
	struct services *s = services_new(2);

	(void)state;
	assert_true(services_see(s, 0, 6, APP_NONE, 22));
	assert_false(services_see(s, 0, 6, APP_NONE, 22));
	assert_true(services_see(s, 1, 6, APP_NONE, 22));
	assert_int_equal(services_refused(s), 0);
	assert_false(services_see(s, 1, 6, APP_SSH, 22));       /* full: nothing is new any more */
	assert_int_equal(services_refused(s), 1);
	assert_false(services_see(s, 0, 6, APP_NONE, 22));
	assert_int_equal(services_refused(s), 1);
	services_free(s);
	s = services_new(8);
	assert_true(services_see(s, 3, 6, APP_SSH, 22));
	assert_false(services_see(s, 3, 6, APP_SSH, 2222));     /* the application counts, not its port */
	assert_true(services_see(s, 3, 17, APP_SSH, 22));
	services_free(s);
}

/* A run without an end: who was seen longest ago gives its place, whom the site lists last. */
static void a_full_table_makes_room(void **state)
{
	struct assets *a = assets_new(8);
	struct ot_event ev = event(1, "10.0.0.1", "10.0.0.2");
	bool is_new;

	(void)state;
	assets_replace(a);
	ev.head.src.asset = 3;                  /* the site knows this one */
	(void)assets_see(a, &ev.head, &ev.head.src, &is_new);
	for (uint32_t i = 2; i < 200; i++) {
		char ip[32];

		snprintf(ip, sizeof ip, "10.0.1.%u", i);
		ev = event(i, ip, "10.0.0.2");
		assert_int_not_equal(assets_see(a, &ev.head, &ev.head.src, &is_new), ASSET_NONE);
		assert_true(is_new);
		ev.has |= HAS_IDENTITY;
		snprintf(ev.identity.name, sizeof ev.identity.name, "name %u", i);
		assets_identity(a, assets_see(a, &ev.head, &ev.head.src, &is_new), &ev);
		assert_false(is_new);
	}
	assert_int_equal(assets_count(a), 8);
	assert_int_equal(assets_refused(a), 200 - 2 - 7);       /* the places made, nothing else */
	ev = event(300, "10.0.0.1", "10.0.1.199");
	(void)assets_see(a, &ev.head, &ev.head.src, &is_new);
	assert_false(is_new);
	(void)assets_see(a, &ev.head, &ev.head.dst, &is_new);
	assert_false(is_new);
	ev = event(301, "10.0.1.5", "10.0.0.2");
	(void)assets_see(a, &ev.head, &ev.head.src, &is_new);
	assert_true(is_new);
	assets_free(a);
}

static void what_is_known_from_before_is_not_new(void **state)
{
	struct assets *a = assets_new(8);
	struct conversations *c = conversations_new(8, 8);
	struct asset_known k = { .as_server = 1u << PROTO_MODBUS, .first_ns = 5, .last_ns = 7 };
	struct ot_event ev = event(10, "10.0.0.1", "10.0.0.2");
	struct conversation_news news;
	bool is_new;
	uint32_t i;

	(void)state;
	assert_true(addr_parse("10.0.0.2", &k.ip));
	assets_know(a, &k);
	assert_false(assets_at(a, 0)->seen);
	i = assets_see(a, &ev.head, &ev.head.dst, &is_new);
	assert_false(is_new);
	assert_true(assets_at(a, i)->seen);
	assert_int_equal(assets_at(a, i)->first_ns, 5);
	assert_int_equal(assets_at(a, i)->run_ns, ev.head.ts_ns);
	assert_int_equal(assets_at(a, i)->as_server, 1u << PROTO_MODBUS);

	conversations_know(c, 0, &ev.head.src.ip, &ev.head.dst.ip, PROTO_MODBUS, OP_READ, 7);
	assert_int_equal(conversations_rows(c), 0);
	news = conversations_see(c, &ev);
	assert_false(news.new_client || news.new_conversation);
	ev.op = OP_WRITE;
	news = conversations_see(c, &ev);
	assert_false(news.new_client);
	assert_true(news.new_conversation);
	assets_free(a);
	conversations_free(c);
}

static void conversations_make_room(void **state)
{
	struct conversations *c = conversations_new(16, 8);
	uint64_t last = 0;

	(void)state;
	conversations_replace(c);
	for (uint32_t i = 1; i < 500; i++) {
		char ip[32];
		struct ot_event ev;

		snprintf(ip, sizeof ip, "10.0.%u.%u", i / 200, i % 200 + 1);
		ev = event(i, ip, "10.9.0.1");
		assert_true(conversations_see(c, &ev).new_client);
		assert_false(conversations_see(c, &ev).new_client);
	}
	assert_int_equal(conversations_rows(c), 16);
	for (uint32_t i = 0; i < 16; i++)
		last = conversations_at(c, i)->serial > last ? conversations_at(c, i)->serial : last;
	assert_int_equal(last, 499);            /* never used again */
	conversations_free(c);
}

static void services_of_assets_that_are_gone_make_room(void **state)
{
	struct services *s = services_new(100);
	uint32_t kept[] = { 3, 50, 99 };

	(void)state;
	for (uint32_t i = 0; i < 100; i++)
		assert_true(services_see(s, i, 6, 0, 22));
	assert_false(services_see(s, 100, 6, 0, 22));
	assert_int_equal(services_refused(s), 1);
	assert_true(services_keep(s, kept, 3));
	assert_false(services_see(s, 50, 6, 0, 22));
	assert_true(services_see(s, 51, 6, 0, 22));
	assert_true(services_see(s, 100, 6, 0, 22));
	services_free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_full_table_makes_room), cmocka_unit_test(what_is_known_from_before_is_not_new),
		cmocka_unit_test(conversations_make_room), cmocka_unit_test(services_of_assets_that_are_gone_make_room),
		cmocka_unit_test(a_service_is_new_once), cmocka_unit_test(an_asset_is_a_segment_and_an_address),
		cmocka_unit_test(a_mac_with_many_addresses_is_a_router),
		cmocka_unit_test(past_the_limit_new_assets_are_refused_and_counted),
		cmocka_unit_test(what_an_asset_says_stands_side_by_side),
		cmocka_unit_test(polls_make_one_row_with_a_range),
		cmocka_unit_test(a_pair_with_endless_targets_is_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
