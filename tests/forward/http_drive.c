/* http_drive.c - one driver over HTTP by itself: opens it, sends what stands in standard input, prints what came of it.
 *
 *     http_drive TYPE [NAME=VALUE]... <records
 *
 * TYPE: splunk, elasticsearch, sentinel, webhook. A record is a line: UID, tab, REV, tab, TEXT. NAME: a member of struct
 * sink_conf (url, token_file, user ..., gzip=yes), times in milliseconds; or:
 *     batch=N     records of a batch (all); batch_count is the configuration's
 *     times=N     each batch is sent so often (1)
 *     pause=MS    between two sends
 *     confirm=MS  wait so long for confirmation of all
 *     stop=MS     *stop becomes true then
 *     steps=yes   print steps
 * Each batch gives "WHAT status=N retry=S: TEXT" and a line for each run of items with the same result. */
#include "base/clock.h"
#include "forward/driver.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define MS UINT64_C(1000000)
#define LINES_MAX 200000

static atomic_bool stop;
static struct sink_conf conf = {
	.name = "test", .batch_count = 500, .connect_timeout = 2000 * MS, .max_time = 5000 * MS, .tls_max = SINK_TLS_1_3,
	.authority = "https://login.microsoftonline.com",
};
static unsigned long batch_size, times = 1, pause_ms, confirm_ms, stop_ms;
static bool steps;

#define TEXT(name) { #name, &conf.name }
static const struct { const char *name; const char **to; } texts[] = {
	TEXT(url), TEXT(proxy), TEXT(noproxy), TEXT(proxy_user), TEXT(interface), TEXT(cacert), TEXT(capath), TEXT(crlfile), TEXT(cert),
	TEXT(key), TEXT(ciphers), TEXT(tls13_ciphers), TEXT(pinnedpubkey), TEXT(user), TEXT(tenant), TEXT(client_id), TEXT(authority),
	TEXT(index), TEXT(source), TEXT(sourcetype), TEXT(dcr), TEXT(stream), TEXT(content_type),
	{ "token_file", &conf.token.file }, { "token_env", &conf.token.env }, { "password_file", &conf.password.file },
	{ "password_env", &conf.password.env }, { "proxy_password_file", &conf.proxy_password.file },
	{ "proxy_password_env", &conf.proxy_password.env }, { "pass_file", &conf.pass.file }, { "pass_env", &conf.pass.env },
};
static const struct { const char *name; uint64_t *to; } waits[] = {
	{ "connect_timeout", &conf.connect_timeout }, { "max_time", &conf.max_time },
};
static const struct { const char *name; bool *to; } flags[] = {
	{ "insecure", &conf.insecure }, { "gzip", &conf.gzip }, { "ack", &conf.ack }, { "steps", &steps },
};
static const struct { const char *name; unsigned long *to; } numbers[] = {
	{ "batch", &batch_size }, { "times", &times }, { "pause", &pause_ms }, { "confirm", &confirm_ms }, { "stop", &stop_ms },
};

static _Noreturn void die(const char *what, const char *text)
{
	fprintf(stderr, "http_drive: %s %s\n", what, text);
	exit(2);
}

static bool is(const char *arg, const char *name, const char **value)
{
	size_t n = strlen(name);

	*value = arg + n + 1;
	return strncmp(arg, name, n) == 0 && arg[n] == '=';
}

static void option(const char *arg)
{
	const char *value;

	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
		if (is(arg, texts[i].name, &value)) {
			*texts[i].to = value;
			return;
		}
	for (size_t i = 0; i < sizeof waits / sizeof waits[0]; i++)
		if (is(arg, waits[i].name, &value)) {
			*waits[i].to = strtoul(value, NULL, 10) * MS;
			return;
		}
	for (size_t i = 0; i < sizeof flags / sizeof flags[0]; i++)
		if (is(arg, flags[i].name, &value)) {
			*flags[i].to = strcmp(value, "yes") == 0;
			return;
		}
	for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
		if (is(arg, numbers[i].name, &value)) {
			*numbers[i].to = strtoul(value, NULL, 10);
			return;
		}
	if (is(arg, "batch_count", &value))
		conf.batch_count = (uint32_t)strtoul(value, NULL, 10);
	else if (is(arg, "tls_min", &value))
		conf.tls_min = strcmp(value, "tlsv1.3") == 0 ? SINK_TLS_1_3 : SINK_TLS_1_2;
	else if (is(arg, "tls_max", &value))
		conf.tls_max = strcmp(value, "tlsv1.2") == 0 ? SINK_TLS_1_2 : SINK_TLS_1_3;
	else
		die("unknown option", arg);
}

static void nap(unsigned long ms)
{
	const struct timespec t = { (time_t)(ms / 1000), (long)(ms % 1000) * 1000000 };

	nanosleep(&t, NULL);
}

static void on_alarm(int sig)
{
	(void)sig;
	atomic_store(&stop, true);
}

static void on_step(void *arg, bool ok, const char *step, const char *text)
{
	(void)arg;
	printf("step %s %s: %s\n", ok ? "ok" : "bad", step, text);
}

static struct item *read_items(uint32_t *count)
{
	struct item *item = calloc(LINES_MAX, sizeof *item);
	char *line = NULL;
	size_t room = 0;
	ssize_t n;

	for (*count = 0; item && *count < LINES_MAX && (n = getline(&line, &room, stdin)) > 0; line = NULL, room = 0) {
		struct item *it = &item[(*count)++];
		char *rev = strchr(line, '\t'), *text = rev ? strchr(rev + 1, '\t') : NULL;

		if (!text)
			die("not a record:", line);
		line[n - 1] = *rev = *text = '\0';
		it->uid = line;
		it->rev = (uint32_t)strtoul(rev + 1, NULL, 10);
		it->text = text + 1;
		it->len = strlen(it->text);
		it->ts_ns = UINT64_C(1764072000123456789);
	}
	free(line);                     /* of the end of the file */
	if (!item)
		die("no", "memory");
	return item;
}

static void print_reply(const struct reply *r)
{
	static const char *const words[] = { "done", "later", "smaller", "pause" };

	printf("%s status=%ld retry=%.0f: %s\n", words[r->what], r->status, (double)r->retry_after_ns / 1e9, r->text);
}

static void print_items(const struct batch *b)
{
	static const char *const words[] = { "open", "sent", "again", "never" };
	uint32_t from = 0;

	for (uint32_t i = 1; i <= b->count; i++) {
		const struct item *first = &b->item[from];

		if (i < b->count && b->item[i].result == first->result && strcmp(b->item[i].why, first->why) == 0)
			continue;
		printf("  %u-%u %s%s%s\n", from, i - 1, words[first->result], first->why[0] ? ": " : "", first->why);
		from = i;
	}
}

static void wait_confirmed(const struct driver_ops *ops, struct driver *d, uint64_t last)
{
	uint64_t end = clock_mono() + confirm_ms * MS, number = 0;
	struct reply r = { .what = REPLY_DONE };

	while (ops->confirmed && number < last && r.what == REPLY_DONE && clock_mono() < end) {
		number = ops->confirmed(d, &r);
		if (number < last && r.what == REPLY_DONE)
			nap(50);
	}
	printf("confirmed %llu of %llu\n", (unsigned long long)number, (unsigned long long)last);
	if (r.what != REPLY_DONE)
		print_reply(&r);
}

static void send_all(const struct driver_ops *ops, struct driver *driver, struct item *item, uint32_t count)
{
	uint64_t number = 0;

	batch_size = batch_size ? batch_size : count;
	for (uint32_t at = 0; at < count; at += (uint32_t)batch_size) {
		uint32_t n = count - at < batch_size ? count - at : (uint32_t)batch_size;

		for (unsigned long t = 0; t < times; t++) {
			struct batch b = { ++number, item + at, n };
			struct reply r = { .what = REPLY_DONE };

			for (uint32_t i = 0; i < n; i++) {
				b.item[i].result = ITEM_OPEN;
				b.item[i].why[0] = '\0';
			}
			if (pause_ms && number > 1)
				nap(pause_ms);
			ops->send(driver, &b, &r);
			print_reply(&r);
			print_items(&b);
		}
	}
	if (confirm_ms)
		wait_confirmed(ops, driver, number);
}

static const struct driver_ops *ops_of(const char *type)
{
	static const struct { const char *name; const struct driver_ops *ops; } types[] = {
		{ "splunk", &driver_splunk }, { "elasticsearch", &driver_bulk }, { "sentinel", &driver_sentinel },
		{ "webhook", &driver_webhook },
	};

	for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
		if (strcmp(type, types[i].name) == 0)
			return types[i].ops;
	}
	die("no type", type);
}

int main(int argc, char **argv)
{
	const struct driver_ops *ops = ops_of(argc > 1 ? argv[1] : "");
	struct driver_env env = { .conf = &conf, .stop = &stop, .sensor = "sensor-1" };
	struct diag d = { "" };
	struct driver *driver;
	struct item *item;
	uint32_t count;

	for (int i = 2; i < argc; i++)
		option(argv[i]);
	ops = conf.ack ? &driver_splunk_ack : ops;
	env.step = steps ? on_step : NULL;
	setvbuf(stdout, NULL, _IOLBF, 0);
	item = read_items(&count);
	driver = ops->open(&env, &d);
	if (!driver)
		printf("not opened: %s\n", d.text);
	signal(SIGALRM, on_alarm);
	if (stop_ms)
		ualarm((useconds_t)(stop_ms * 1000), 0);
	if (driver)
		send_all(ops, driver, item, count);
	ops->close(driver);
	for (uint32_t i = 0; i < count; i++)
		free((char *)(uintptr_t)item[i].uid);
	free(item);
	return driver == NULL;
}
