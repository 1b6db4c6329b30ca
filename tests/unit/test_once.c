/* Records sent by hand: a receiver that answers from a script, one word for each batch; see sink_kit.h for the letters. */
#include "base/clock.h"
#include "forward/once.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#define MS UINT64_C(1000000)

struct driver {
	struct driver_base base;
};

static struct {
	const char *script;             /* "ssa - <": the last word stays */
	char got[256], words[256];      /* uids accepted; what was told of each record */
	unsigned sends, connects, largest;
	uint64_t confirmed;             /* polls after which a batch is confirmed */
	uint64_t taken;                 /* the last batch of which it took something: the others it never confirms */
	bool lost;                      /* the first batch's confirmation never comes */
} rx;
static atomic_bool stop;

static struct driver *rx_open(const struct driver_env *env, struct diag *d)
{
	struct driver *r = calloc(1, sizeof *r);

	(void)d;
	r->base.env = *env;
	return r;
}

static void rx_close(struct driver *d)
{
	free(d);
}

static void rx_connect(struct driver *d, struct reply *r)
{
	(void)d;
	(void)r;
	rx.connects++;
}

static void rx_item(struct item *it, char c)
{
	it->result = c == 's' ? ITEM_SENT : c == 'n' ? ITEM_NEVER : c == 'a' ? ITEM_AGAIN : ITEM_OPEN;
	if (c == 'n' || c == 'a')
		snprintf(it->why, sizeof it->why, "%s", c == 'n' ? "mapper_parsing_exception" : "queue full");
	if (c == 's')
		rx.taken = rx.sends;
	if (c == 's')
		snprintf(rx.got + strlen(rx.got), sizeof rx.got - strlen(rx.got), "%s%s", *rx.got ? " " : "", it->uid);
}

static void rx_send(struct driver *d, struct batch *b, struct reply *r)
{
	size_t n = strcspn(rx.script, " ");
	const char *word = rx.script;

	(void)d;
	rx.sends++;
	rx.largest = b->count > rx.largest ? b->count : rx.largest;
	if (word[n])
		rx.script += n + 1;
	r->what = *word == '-' ? REPLY_LATER : *word == '!' ? REPLY_PAUSE : *word == '<' ? REPLY_SMALLER : REPLY_DONE;
	snprintf(r->text, sizeof r->text, "%s", *word == '-' ? "connection refused" : *word == '!' ? "401 who are you" : "");
	for (uint32_t i = 0; r->what == REPLY_DONE && i < b->count; i++)
		rx_item(&b->item[i], word[i < n ? i : n - 1]);
}

static uint64_t rx_confirmed(struct driver *d, struct reply *r)
{
	(void)d;
	if (rx.lost) {
		rx.lost = false;
		r->what = REPLY_LATER;
		snprintf(r->text, sizeof r->text, "the connection broke");
		return 0;
	}
	if (rx.confirmed) {
		rx.confirmed--;
		return 0;
	}
	return rx.taken;
}

static const struct driver_ops answers = { .name = "answers", .open = rx_open, .send = rx_send, .window = 1, .close = rx_close };
static const struct driver_ops confirms = { .name = "confirms", .open = rx_open, .connect = rx_connect, .send = rx_send,
					    .confirmed = rx_confirmed, .poll_ms = 1, .window = 4, .close = rx_close };
static const struct driver_ops *ops;

/* In the place of driver.c. */
const struct driver_ops *driver_for(const struct sink_conf *c)
{
	(void)c;
	return ops;
}

static void on_done(void *arg, int64_t id, bool delivered, const char *why)
{
	(void)arg;
	snprintf(rx.words + strlen(rx.words), sizeof rx.words - strlen(rx.words), "%s%d%s", *rx.words ? " " : "", (int)id, delivered ? "+" : "-");
	if (!delivered)
		assert_true(*why);
}

static struct sink_conf conf;
static struct once_config config;

static void begin(const struct driver_ops *o, const char *script)
{
	memset(&rx, 0, sizeof rx);
	rx.script = script;
	ops = o;
	atomic_store(&stop, false);
	conf = (struct sink_conf){ .name = "soc", .type = SINK_FILE, .format = FORMAT_JSON, .path = "/nowhere", .batch_count = 4,
				   .batch_bytes = 1 << 20, .backoff_min = MS, .backoff_max = 4 * MS };
	config = (struct once_config){ .conf = &conf, .sensor = "north", .done = on_done, .stop = &stop, .patience = 2000 * MS };
}

/* n records, all of them; what once_send() or once_finish() said at last. */
static int send_all(unsigned n, struct diag *d)
{
	int err;
	struct once *o = once_open(&config, &err, d);

	if (!o)
		return err;
	for (unsigned i = 1; !err && i <= n; i++) {
		char json[512];

		snprintf(json, sizeof json, "{\"uid\":\"u%u\",\"rev\":1,\"rule\":\"r\",\"title\":\"t\",\"class\":\"c\",\"severity\":\"%s\",\"count\":1,"
			 "\"first_seen\":\"2023-11-14T22:13:20.000000000Z\",\"last_seen\":\"2023-11-14T22:13:20.000000000Z\",\"ended\":false,"
			 "\"sensor\":\"north\",\"text\":\"x\"}", i, i % 2 ? "high" : "low");
		err = once_send(o, i, 1, json, strlen(json), NULL, d);
	}
	err = err ? err : once_finish(o, d);
	once_close(o);
	return err;
}

static void all_arrive_in_batches(void **state)
{
	struct diag d;

	(void)state;
	begin(&answers, "s");
	assert_int_equal(send_all(10, &d), ZT_OK);
	assert_string_equal(rx.got, "u1 u2 u3 u4 u5 u6 u7 u8 u9 u10");
	assert_string_equal(rx.words, "1+ 2+ 3+ 4+ 5+ 6+ 7+ 8+ 9+ 10+");
	assert_int_equal(rx.sends, 3);
}

static void only_what_was_refused_for_now_goes_again(void **state)
{
	struct diag d;

	(void)state;
	begin(&answers, "sanso s");
	assert_int_equal(send_all(4, &d), ZT_OK);
	assert_string_equal(rx.got, "u1 u4 u2");
	assert_string_equal(rx.words, "3- 1+ 4+ 2+");
}

static void a_receiver_that_comes_back_in_time_gets_all(void **state)
{
	struct diag d;

	(void)state;
	begin(&answers, "- - - s");
	assert_int_equal(send_all(5, &d), ZT_OK);
	assert_string_equal(rx.got, "u1 u2 u3 u4 u5");
}

static void patience_ends(void **state)
{
	struct diag d;
	uint64_t start_ns = clock_mono();

	(void)state;
	begin(&answers, "-");
	config.patience = 50 * MS;
	assert_int_equal(send_all(5, &d), ZT_EIO);
	assert_string_equal(d.text, "connection refused");
	assert_string_equal(rx.words, "");
	assert_true(clock_mono() - start_ns < 2000 * MS);
	begin(&answers, "-");
	config.patience = 0;
	assert_int_equal(send_all(1, &d), ZT_EIO);
	assert_int_equal(rx.sends, 1);
}

static void who_is_not_let_in_does_not_knock_again(void **state)
{
	struct diag d;

	(void)state;
	begin(&answers, "!");
	assert_int_equal(send_all(2, &d), ZT_EPERM);
	assert_string_equal(d.text, "401 who are you");
	assert_int_equal(rx.sends, 1);
}

static void too_much_is_halved(void **state)
{
	struct diag d;

	(void)state;
	begin(&answers, "< < s");
	assert_int_equal(send_all(4, &d), ZT_OK);
	assert_string_equal(rx.got, "u1 u2 u3 u4");
	begin(&answers, "<");
	assert_int_equal(send_all(2, &d), ZT_OK);
	assert_string_equal(rx.words, "1- 2-");
}

static void what_is_confirmed_later_is_waited_for(void **state)
{
	struct diag d;

	(void)state;
	begin(&confirms, "s");
	rx.confirmed = 5;
	assert_int_equal(send_all(2, &d), ZT_OK);
	assert_string_equal(rx.words, "1+ 2+");
	assert_int_equal(rx.connects, 1);
	begin(&confirms, "s");
	rx.lost = true;
	assert_int_equal(send_all(2, &d), ZT_OK);
	assert_string_equal(rx.got, "u1 u2 u1 u2");
	assert_string_equal(rx.words, "1+ 2+");
	assert_int_equal(rx.connects, 2);
}

static void of_a_batch_that_was_refused_no_confirmation_is_waited_for(void **state)
{
	uint64_t start_ns = clock_mono();
	struct diag d;

	(void)state;
	begin(&confirms, "n s");
	assert_int_equal(send_all(5, &d), ZT_OK);
	assert_string_equal(rx.words, "1- 2- 3- 4- 5+");
	begin(&confirms, "na s");
	assert_int_equal(send_all(2, &d), ZT_OK);
	assert_string_equal(rx.words, "1- 2+");
	assert_true(clock_mono() - start_ns < 5000 * MS);
}

static void an_interruption_ends_it(void **state)
{
	struct diag d;

	(void)state;
	begin(&answers, "-");
	atomic_store(&stop, true);
	assert_int_equal(send_all(2, &d), ZT_EBUSY);
	assert_string_equal(rx.words, "");
}

static void the_filter_is_the_sinks(void **state)
{
	struct diag d;

	(void)state;
	begin(&answers, "s");
	conf.filter = "severity >= medium";
	config.filter = true;
	assert_int_equal(send_all(4, &d), ZT_OK);
	assert_string_equal(rx.got, "u1 u3");
	config.filter = false;
	assert_int_equal(send_all(4, &d), ZT_OK);
	assert_string_equal(rx.got, "u1 u3 u1 u2 u3 u4");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_arrive_in_batches),
		cmocka_unit_test(only_what_was_refused_for_now_goes_again),
		cmocka_unit_test(a_receiver_that_comes_back_in_time_gets_all),
		cmocka_unit_test(patience_ends),
		cmocka_unit_test(who_is_not_let_in_does_not_knock_again),
		cmocka_unit_test(too_much_is_halved),
		cmocka_unit_test(what_is_confirmed_later_is_waited_for),
		cmocka_unit_test(of_a_batch_that_was_refused_no_confirmation_is_waited_for),
		cmocka_unit_test(an_interruption_ends_it),
		cmocka_unit_test(the_filter_is_the_sinks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
