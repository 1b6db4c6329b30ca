/* From events to alerts and into the database, driven by hand-made events. */
#include "fake_policy.h"

#include "alert/store.h"
#include "engine/writer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <unistd.h>
#include <cmocka.h>

#define SECOND UINT64_C(1000000000)
#define DAY0 (UINT64_C(1700000000) * SECOND)

struct got { unsigned n; struct { char uid[40], text[512], outcome[16], severity[16], json[8192]; uint64_t count, first, last; uint32_t rev; } a[16]; };

static struct policy policy;
static struct store *store;
static struct writer *writer;
static struct got got;
static struct writer_limits limits;

static bool take(void *arg, const struct store_alert *a, const char *run)
{
	struct got *g = arg;

	(void)run;
	assert_true(g->n < 16);
	snprintf(g->a[g->n].uid, sizeof g->a[0].uid, "%s", a->uid);
	snprintf(g->a[g->n].text, sizeof g->a[0].text, "%s", a->text);
	snprintf(g->a[g->n].outcome, sizeof g->a[0].outcome, "%s", a->outcome);
	snprintf(g->a[g->n].severity, sizeof g->a[0].severity, "%s", a->severity);
	snprintf(g->a[g->n].json, sizeof g->a[0].json, "%s", a->json);
	g->a[g->n].count = a->count;
	g->a[g->n].first = a->first_ns;
	g->a[g->n].last = a->last_ns;
	g->a[g->n++].rev = a->rev;
	return true;
}

static void begin(const char *db)
{
	struct diag d;

	store = store_open(db, STORE_RUN, &d);
	assert_non_null(store);
	writer = writer_new(&policy, store, &limits, &d);
	assert_non_null(writer);
	assert_int_equal(writer_capture(writer, 0, "/some/where/a.pcap", NULL, &d), ZT_OK);
}

/* Ends the run and collects its alerts; returns whether the database had it. */
static bool finish(void)
{
	const struct store_filter all = { .spool = true };
	bool known;
	struct diag d;

	writer_capture_done(writer, 0, &(struct writer_capture_end){
		.sha256 = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef", .packets = 7 });
	assert_int_equal(writer_finish(writer, &(struct writer_totals){ 7, 3 }, &known, &d), ZT_OK);
	memset(&got, 0, sizeof got);
	assert_int_equal(store_alerts(store, &all, take, &got, &d), ZT_OK);
	writer_free(writer);
	store_close(store);
	return known;
}

static int setup(void **state)
{
	(void)state;
	memset(&policy, 0, sizeof policy);
	memset(&limits, 0, sizeof limits);
	return 0;
}

static struct ot_event event(uint32_t frame, double seconds, const char *client, const char *server)
{
	struct ot_event ev;

	memset(&ev, 0, sizeof ev);
	ev.head.ts_ns = DAY0 + (uint64_t)(seconds * 1e9);
	ev.head.seq = ev.head.frame = frame;
	ev.head.pdu = 1;
	assert_true(addr_parse(client, &ev.head.src.ip));
	assert_true(addr_parse(server, &ev.head.dst.ip));
	ev.head.src.port = 1500;
	ev.head.dst.port = 502;
	ev.proto = PROTO_MODBUS;
	ev.dir = DIR_REQUEST;
	ev.op = OP_WRITE;
	ev.has = HAS_FUNC | HAS_UNIT | HAS_FIRST | HAS_COUNT;
	ev.func = 6;
	ev.func_name = "write_single_register";
	ev.unit = 1;
	ev.space = "holding_registers";
	ev.granule = GRANULE_WORD;
	ev.first = 100;
	ev.count = 1;
	return ev;
}

static void met(struct ot_event *ev, uint16_t rule)
{
	ev->match[ev->matches++] = rule;
}

static struct ot_event reply(const struct ot_event *request, uint32_t frame, double seconds, unsigned outcome, uint32_t status)
{
	struct ot_event ev = *request;

	ev.head.src = request->head.dst;
	ev.head.dst = request->head.src;
	ev.head.frame = frame;
	ev.head.ts_ns = DAY0 + (uint64_t)(seconds * 1e9);
	ev.dir = DIR_RESPONSE;
	ev.flags = EV_CLIENT_IS_DST;
	ev.has |= HAS_REQUEST | HAS_STATUS;
	ev.req_frame = request->head.frame;
	ev.req_pdu = request->head.pdu;
	ev.outcome = (uint8_t)outcome;
	ev.status = status;
	ev.status_name = status ? "illegal_data_address" : NULL;
	return ev;
}

static void one_write_taken_by_the_device(void **state)
{
	struct ot_event q = event(1, 0, "192.168.2.10", "192.168.1.10"), r;

	(void)state;
	fake_rule(&policy, "write-denied", SEV_HIGH, 1, 0);
	policy.site = true;
	q.head.src.asset = 1;
	q.head.dst.asset = 2;
	q.head.src.zone = 1;
	q.has |= HAS_VALUE;
	q.value[1] = 55;
	q.value_len = 2;
	q.value_total = 2;
	met(&q, 0);
	r = reply(&q, 2, 0.1, OUTCOME_OK, 0);
	begin(NULL);
	writer_event(writer, &q);
	writer_event(writer, &r);
	assert_false(finish());
	assert_int_equal(got.n, 1);
	assert_string_equal(got.a[0].text, "HMI hmi-1 (192.168.2.10) wrote 55 (0x0037) to holding register 100 of PLC plc-filler "
			    "(192.168.1.10, unit 1): accepted. No conduit allows it.");
	assert_string_equal(got.a[0].outcome, "accepted");
	assert_int_equal(got.a[0].count, 1);            /* the answer is no second hit */
	assert_int_equal(got.a[0].rev, 3);              /* seen, accepted, ended */
	assert_non_null(strstr(got.a[0].json, "\"client\":{\"ip\":\"192.168.2.10\",\"port\":1500,\"zone\":\"dmz\",\"level\":3.5,"
					      "\"asset\":\"hmi-1\",\"role\":\"hmi\"}"));
	assert_non_null(strstr(got.a[0].json, "\"evidence\":{\"capture\":\"a.pcap\",\"sha256\":\"0123456789abcdef"));
	assert_non_null(strstr(got.a[0].json, "\"run\":\""));
	assert_null(strpbrk(got.a[0].json, "\x01\x02"));
}

static void a_refusal_is_milder_when_the_rule_says_so(void **state)
{
	struct ot_event q = event(1, 0, "10.0.0.1", "10.0.0.2"), r;

	(void)state;
	policy.rule[fake_rule(&policy, "write", SEV_HIGH, 1, 0)].severity_refused = SEV_LOW;
	met(&q, 0);
	r = reply(&q, 2, 0.1, OUTCOME_ERROR, 2);
	begin(NULL);
	writer_event(writer, &q);
	writer_event(writer, &r);
	finish();
	assert_string_equal(got.a[0].text, "10.0.0.1 tried to write holding register 100 of 10.0.0.2 (unit 1): refused "
			    "(illegal data address, code 0x02).");
	assert_string_equal(got.a[0].severity, "low");
	assert_non_null(strstr(got.a[0].json, "\"outcome\":\"refused\",\"status\":{\"code\":2,\"name\":\"illegal_data_address\"}"));
}

static void silence_is_told_apart_from_not_seeing(void **state)
{
	struct ot_event a = event(1, 0, "10.0.0.1", "10.0.0.2"), b = event(2, 1, "10.0.0.3", "10.0.0.2"),
			c = event(3, 2, "10.0.0.4", "10.0.0.2");

	(void)state;
	fake_rule(&policy, "write", SEV_HIGH, 1, 0);
	met(&a, 0);
	met(&b, 0);
	met(&c, 0);
	begin(NULL);
	writer_event(writer, &a);
	writer_event(writer, &b);
	writer_event(writer, &c);
	writer_no_answer(writer, 0, 1, 1, DAY0 + 10 * SECOND, true);
	writer_no_answer(writer, 0, 2, 1, DAY0 + 10 * SECOND, false);
	finish();                                       /* nobody ever spoke of the third */
	assert_int_equal(got.n, 3);
	assert_string_equal(got.a[0].outcome, "no_response");
	assert_string_equal(got.a[1].outcome, "unknown");
	assert_string_equal(got.a[2].outcome, "unknown");
}

static void repeats_are_one_alert_that_counts(void **state)
{
	(void)state;
	fake_rule(&policy, "write", SEV_HIGH, 1, 0);
	begin(NULL);
	for (uint32_t i = 0; i < 120; i++) {
		struct ot_event q = event(1 + i * 2, i, "10.0.0.1", "10.0.0.2"), r;

		q.first = 100 + i % 50;
		met(&q, 0);
		r = reply(&q, 2 + i * 2, i + 0.5, i % 10 ? OUTCOME_OK : OUTCOME_ERROR, i % 10 ? 0 : 2);
		writer_event(writer, &q);
		writer_event(writer, &r);
	}
	finish();
	assert_int_equal(got.n, 1);
	assert_int_equal(got.a[0].count, 120);
	assert_string_equal(got.a[0].outcome, "mixed");
	assert_non_null(strstr(got.a[0].json, "\"outcomes\":{\"accepted\":108,\"refused\":12}"));
	assert_non_null(strstr(got.a[0].json, "\"targets_more\":18"));
	assert_non_null(strstr(got.a[0].json, "\"first_frame\":1,\"last_frame\":239,\"frames\":[3,5,7,"));
	/* seen, refused, mixed, the 10th, the 100th, ended */
	assert_int_equal(got.a[0].rev, 6);
	assert_non_null(strstr(got.a[0].text, "wrote holding registers 100\xe2\x80\x93" "131 and 18 more of 10.0.0.2"));
}

static void a_threshold_counts_what_came_before_it(void **state)
{
	(void)state;
	fake_rule(&policy, "point-scan", SEV_MEDIUM, 3, 60);
	begin(NULL);
	for (uint32_t i = 0; i < 5; i++) {              /* 100 s apart: never three within a minute */
		struct ot_event q = event(1 + i, i * 100, "10.0.0.9", "10.0.0.2");

		met(&q, 0);
		writer_event(writer, &q);
	}
	for (uint32_t i = 0; i < 4; i++) {
		struct ot_event q = event(10 + i * 2, 1000 + i * 20, "10.0.0.1", "10.0.0.2"), r;

		q.first = i;
		met(&q, 0);
		r = reply(&q, 11 + i * 2, 1000 + i * 20 + 1, OUTCOME_ERROR, 2);
		writer_event(writer, &q);
		writer_event(writer, &r);
	}
	finish();
	assert_int_equal(got.n, 1);
	assert_int_equal(got.a[0].count, 4);
	assert_true(got.a[0].first == DAY0 + 1000 * SECOND);
	assert_string_equal(got.a[0].outcome, "refused");
	assert_non_null(strstr(got.a[0].json, "\"first_frame\":10,\"last_frame\":16,\"frames\":[12,14]"));
	assert_non_null(strstr(got.a[0].text, "holding registers 0\xe2\x80\x93" "3 of"));
}

static void an_event_makes_one_alert_and_names_the_other_rules(void **state)
{
	struct ot_event q = event(1, 0, "10.0.0.1", "10.0.0.2");

	(void)state;
	fake_rule(&policy, "never-met", SEV_CRITICAL, 5, 60);
	fake_rule(&policy, "severe", SEV_HIGH, 1, 0);
	fake_rule(&policy, "mild", SEV_LOW, 1, 0);
	met(&q, 0);
	met(&q, 1);
	met(&q, 2);
	begin(NULL);
	writer_event(writer, &q);
	finish();
	assert_int_equal(got.n, 1);
	assert_non_null(strstr(got.a[0].json, "\"rule\":\"severe\""));
	assert_non_null(strstr(got.a[0].json, "\"also\":[\"mild\"]"));
}

static void an_answer_can_be_a_hit_of_its_own(void **state)
{
	struct ot_event q = event(1, 0, "10.0.0.1", "10.0.0.2"), r;

	(void)state;
	fake_rule(&policy, "write", SEV_LOW, 1, 0);
	fake_rule(&policy, "refused", SEV_HIGH, 1, 0);
	met(&q, 0);
	r = reply(&q, 2, 0.1, OUTCOME_ERROR, 2);
	r.matches = 0;
	met(&r, 1);
	met(&r, 0);
	begin(NULL);
	writer_event(writer, &q);
	writer_event(writer, &r);
	finish();
	assert_int_equal(got.n, 2);
	assert_int_equal(got.a[0].count, 1);
	assert_non_null(strstr(got.a[1].json, "\"rule\":\"refused\""));
	assert_non_null(strstr(got.a[1].json, "\"client\":{\"ip\":\"10.0.0.1\""));
}

static void a_quiet_time_ends_an_alert(void **state)
{
	struct ot_event a = event(1, 0, "10.0.0.1", "10.0.0.2"), b = event(2, 599, "10.0.0.1", "10.0.0.2"),
			c = event(3, 1300, "10.0.0.1", "10.0.0.2");

	(void)state;
	fake_rule(&policy, "write", SEV_HIGH, 1, 0);
	met(&a, 0);
	met(&b, 0);
	met(&c, 0);
	begin(NULL);
	writer_event(writer, &a);
	writer_event(writer, &b);
	writer_event(writer, &c);
	finish();
	assert_int_equal(got.n, 2);
	assert_int_equal(got.a[0].count, 2);
	assert_int_equal(got.a[1].count, 1);
	assert_string_not_equal(got.a[0].uid, got.a[1].uid);
}

static void block(struct ot_event *ev, const char *tag)
{
	ev->proto = PROTO_S7COMM;
	ev->op = OP_PROGRAM;
	ev->act = ACT_PROGRAM_DOWNLOAD;
	ev->has = HAS_FUNC;
	ev->func_name = "request_download";
	ev->space = "block";
	ev->tag_len = (uint16_t)strlen(tag);
	memcpy(ev->tag, tag, ev->tag_len);
}

static void a_download_names_its_blocks_and_escapes_them(void **state)
{
	static const char *const tags[] = { "DB1", "DB1", "_INSE DB1", "OB1\x1b[31m" };

	(void)state;
	fake_rule(&policy, "program-download", SEV_HIGH, 1, 0);
	begin(NULL);
	for (uint32_t i = 0; i < 4; i++) {
		struct ot_event q = event(i + 1, i, "10.0.0.1", "10.0.0.2");

		block(&q, tags[i]);
		met(&q, 0);
		writer_event(writer, &q);
	}
	finish();
	assert_int_equal(got.n, 1);
	assert_string_equal(got.a[0].text, "10.0.0.1 downloaded program blocks DB1, OB1\\x1b[31m to 10.0.0.2, 4 messages: "
			    "the answer was not seen.");
}

static void a_new_asset_is_an_alert_of_its_own(void **state)
{
	struct ot_event q = event(1, 0, "10.0.0.1", "10.0.0.2");

	(void)state;
	policy.new_asset_rule = fake_rule(&policy, "new-asset", SEV_LOW, 1, 0) + 1u;
	fake_rule(&policy, "write", SEV_HIGH, 1, 0);
	met(&q, 1);
	begin(NULL);
	writer_event(writer, &q);
	writer_event(writer, &q);
	finish();
	assert_int_equal(got.n, 3);
	assert_string_equal(got.a[0].text, "10.0.0.1 was seen for the first time, talking to 10.0.0.2.");
	assert_string_equal(got.a[1].text, "10.0.0.2 was seen for the first time, talking to 10.0.0.1.");
	assert_null(strstr(got.a[0].json, "\"outcome\""));
	assert_non_null(strstr(got.a[1].json, "\"subject\":\"server\""));
}

static void a_new_client_that_writes_has_an_outcome(void **state)
{
	struct ot_event q = event(1, 0, "10.0.0.1", "10.0.0.2"), r = reply(&q, 2, 0.1, OUTCOME_OK, 0);

	(void)state;
	policy.new_client_rule = fake_rule(&policy, "new-writer", SEV_LOW, 1, 0) + 1u;
	begin(NULL);
	writer_event(writer, &q);
	writer_event(writer, &r);
	finish();
	assert_int_equal(got.n, 1);
	assert_int_equal(got.a[0].count, 1);
	assert_string_equal(got.a[0].text, "For the first time 10.0.0.1 wrote holding register 100 of 10.0.0.2 (unit 1): accepted.");
}

/* Firmware refused seven times is one alert about firmware, not a second one about refusals. */
static void what_an_answer_meets_stands_in_its_requests_alert(void **state)
{
	(void)state;
	fake_rule(&policy, "firmware", SEV_HIGH, 1, 0);
	fake_rule(&policy, "refusals", SEV_LOW, 3, 60);
	begin(NULL);
	for (uint32_t i = 0; i < 5; i++) {
		struct ot_event q = event(1 + i * 2, i, "10.0.0.1", "10.0.0.2"), r;

		met(&q, 0);
		r = reply(&q, 2 + i * 2, i + 0.5, OUTCOME_ERROR, 2);
		r.matches = 0;
		met(&r, 1);
		writer_event(writer, &q);
		writer_event(writer, &r);
	}
	finish();
	assert_int_equal(got.n, 1);
	assert_non_null(strstr(got.a[0].json, "\"also\":[\"refusals\"]"));
}

static void too_many_alerts_end_the_quietest(void **state)
{
	static const char *const clients[] = { "10.0.0.1", "10.0.0.3", "10.0.0.4" };
	struct writer_summary s;

	(void)state;
	limits.alerts = 2;
	fake_rule(&policy, "write", SEV_HIGH, 1, 0);
	begin(NULL);
	for (uint32_t i = 0; i < 3; i++) {
		struct ot_event q = event(i + 1, i, clients[i], "10.0.0.2");

		met(&q, 0);
		writer_event(writer, &q);
	}
	writer_summary(writer, &s);
	assert_int_equal(s.alerts_evicted, 1);
	finish();
	assert_int_equal(got.n, 3);                     /* none is lost */
}

/* The same packets into the same database: found, nothing changed, the same output. Another site: another run,
 * and the list shows that one. */
static void a_run_is_stored_once(void **state)
{
	char path[] = "/tmp/zonetap-test-XXXXXX", first[8192];
	struct ot_event q = event(1, 0, "10.0.0.1", "10.0.0.2");
	const struct store_filter all = { 0 };
	struct diag d;
	int fd = mkstemp(path);

	(void)state;
	assert_true(fd >= 0);
	close(fd);
	fake_rule(&policy, "write", SEV_HIGH, 1, 0);
	met(&q, 0);
	begin(path);
	writer_event(writer, &q);
	assert_false(finish());
	snprintf(first, sizeof first, "%s", got.a[0].json);
	begin(path);
	writer_event(writer, &q);
	assert_true(finish());
	assert_string_equal(got.a[0].json, first);
	policy.site = true;
	begin(path);
	writer_event(writer, &q);
	assert_false(finish());
	store = store_open(path, STORE_READ, &d);
	assert_non_null(store);
	memset(&got, 0, sizeof got);
	assert_int_equal(store_alerts(store, &all, take, &got, &d), ZT_OK);
	assert_int_equal(got.n, 1);
	assert_string_not_equal(got.a[0].json, first);
	store_close(store);
	for (unsigned i = 0; i < 3; i++) {
		char name[sizeof path + 4];

		snprintf(name, sizeof name, "%s%s", path, (const char *[]){ "", "-wal", "-shm" }[i]);
		unlink(name);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(one_write_taken_by_the_device, setup),
		cmocka_unit_test_setup(a_refusal_is_milder_when_the_rule_says_so, setup),
		cmocka_unit_test_setup(silence_is_told_apart_from_not_seeing, setup),
		cmocka_unit_test_setup(repeats_are_one_alert_that_counts, setup),
		cmocka_unit_test_setup(a_threshold_counts_what_came_before_it, setup),
		cmocka_unit_test_setup(an_event_makes_one_alert_and_names_the_other_rules, setup),
		cmocka_unit_test_setup(an_answer_can_be_a_hit_of_its_own, setup),
		cmocka_unit_test_setup(a_quiet_time_ends_an_alert, setup),
		cmocka_unit_test_setup(a_download_names_its_blocks_and_escapes_them, setup),
		cmocka_unit_test_setup(a_new_asset_is_an_alert_of_its_own, setup),
		cmocka_unit_test_setup(a_new_client_that_writes_has_an_outcome, setup),
		cmocka_unit_test_setup(what_an_answer_meets_stands_in_its_requests_alert, setup),
		cmocka_unit_test_setup(too_many_alerts_end_the_quietest, setup),
		cmocka_unit_test_setup(a_run_is_stored_once, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
