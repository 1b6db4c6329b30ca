/* Sinks in the status and the metrics, from figures that the test makes. */
#include "base/clock.h"
#include "sensor/sink_status.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#define SECOND UINT64_C(1000000000)
#define NOW (UINT64_C(1700000000) * SECOND)

static uint64_t read_now(void *arg)
{
	(void)arg;
	return NOW;
}

static struct sink_view v[2];
static struct sbuf out;

static int begin(void **state)
{
	static const struct clock_source source = { read_now, read_now, NULL };

	(void)state;
	clock_use(&source);
	sbuf_init(&out, 1 << 16);
	memset(v, 0, sizeof v);
	v[0].now = (struct sink_figures){
		.name = "soc", .type = "syslog", .format = "rfc5424", .to = "siem.example:6514", .state = SINK_RETRYING,
		.since_ns = NOW - 90 * SECOND, .why = "bell\a refused", .depth = 1200, .oldest_ns = 7260 * SECOND, .sent = 34000,
		.bytes = 17000000, .filtered = 5, .batches = 70, .retries = 12, .resent = 40, .dead = 3,
		.dropped = { [SEV_INFO] = 30, [SEV_MEDIUM] = 10 }, .latency_ns = 12 * SECOND / 1000, .latency_max_ns = 3 * SECOND,
		.last_sent_ns = NOW - 90 * SECOND,
	};
	v[1].now = (struct sink_figures){ .name = "elastic-of-the-plant", .type = "elasticsearch", .format = "ecs", .to = "es:9200",
					  .state = SINK_STARTING, .since_ns = NOW };
	return 0;
}

static int end(void **state)
{
	(void)state;
	sbuf_fini(&out);
	return 0;
}

static void people_get_a_table(void **state)
{
	(void)state;
	sink_status_text(v, 2, &out);
	assert_string_equal(sbuf_text(&out), "\nsinks:\n"
		"  sink                  state       for  waiting     oldest   sent  retries  dead  dropped  latency  to\n"
		"  soc                   retrying  1 min     1200  2 h 1 min  34000       12     3       40    12 ms  siem.example:6514\n"
		"                        bell\\x07 refused\n"
		"  elastic-of-the-plant  starting      -        0          -      0        0     0        0        -  es:9200\n");
}

static void programs_get_json(void **state)
{
	struct json j;

	(void)state;
	json_init(&j, &out);
	json_obj(&j, NULL);
	sink_status_json(v, 2, &j);
	json_obj_end(&j);
	assert_string_equal(sbuf_text(&out), "{\"sinks\":[{\"name\":\"soc\",\"type\":\"syslog\",\"format\":\"rfc5424\",\"to\":\"siem.example:6514\","
		"\"state\":\"retrying\",\"why\":\"bell\\u0007 refused\",\"since_s\":90,\"waiting\":1200,\"oldest_s\":7260.000,\"sent\":34000,"
		"\"bytes\":17000000,\"filtered\":5,\"batches\":70,\"retries\":12,\"resent\":40,\"dead_letters\":3,"
		"\"dropped\":{\"critical\":0,\"high\":0,\"medium\":10,\"low\":0,\"info\":30},\"latency_s\":0.012,\"latency_max_s\":3.000,"
		"\"last_sent\":\"2023-11-14T22:11:50.000000000Z\"},{\"name\":\"elastic-of-the-plant\",\"type\":\"elasticsearch\",\"format\":\"ecs\","
		"\"to\":\"es:9200\",\"state\":\"starting\",\"since_s\":0,\"waiting\":0,\"oldest_s\":0.000,\"sent\":0,\"bytes\":0,\"filtered\":0,"
		"\"batches\":0,\"retries\":0,\"resent\":0,\"dead_letters\":0,\"dropped\":{\"critical\":0,\"high\":0,\"medium\":0,\"low\":0,\"info\":0}}]}");
}

static void has(const char *line)
{
	if (!strstr(sbuf_text(&out), line))
		fail_msg("no line: %s", line);
}

static void prometheus_gets_seconds_and_bytes(void **state)
{
	(void)state;
	sink_status_metrics(v, 2, &out);
	has("# TYPE zonetap_sink_sent_records_total counter\nzonetap_sink_sent_records_total{sink=\"soc\"} 34000\n");
	has("# TYPE zonetap_sink_oldest_waiting_seconds gauge\nzonetap_sink_oldest_waiting_seconds{sink=\"soc\"} 7260.000\n");
	has("\nzonetap_sink_latency_seconds{sink=\"soc\"} 0.012\n");
	has("\nzonetap_sink_sent_bytes_total{sink=\"soc\"} 17000000\n");
	has("\nzonetap_sink_up{sink=\"soc\"} 0\n");
	has("\nzonetap_sink_state{sink=\"soc\",state=\"retrying\"} 1\n");
	has("\nzonetap_sink_state{sink=\"soc\",state=\"idle\"} 0\n");
	has("\nzonetap_sink_dropped_records_total{sink=\"soc\",severity=\"info\"} 30\n");
	has("\nzonetap_sink_last_sent_time_seconds{sink=\"elastic-of-the-plant\"} 0.000\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(people_get_a_table, begin, end),
		cmocka_unit_test_setup_teardown(programs_get_json, begin, end),
		cmocka_unit_test_setup_teardown(prometheus_gets_seconds_and_bytes, begin, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
