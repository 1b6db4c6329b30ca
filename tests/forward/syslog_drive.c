/* syslog_drive.c - sends lines from standard input through one driver, as a sink's thread would: batches, window, confirmation,
 * and after a failure once more from what was confirmed `overlap` ago.
 *
 *     syslog_drive DRIVER [NAME=VALUE]... <records
 *
 * DRIVER: udp, stream, file. NAME: a member of struct sink_conf (url, path, cacert, cert, key, ... ; framing=lf;
 * insecure=yes; connect_timeout, max_time and overlap in milliseconds), or: batch (records, 100), tries (failures in a row
 * until it gives up, 1), pause (milliseconds between batches, 0), backoff (milliseconds after a failure, 200), steps=yes.
 * Each reply that is not a plain success is a line on standard error: "later: TEXT", "pause: TEXT", "never: TEXT".
 * At the end: "sent N resent N". Exits with 0 when every record is confirmed, 3 after a pause, else 1. */
#include "base/clock.h"
#include "forward/driver.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <time.h>

#define STRING(name) { #name, offsetof(struct sink_conf, name) }
static const struct { const char *name; size_t at; } strings[] = {
	STRING(url), STRING(path), STRING(proxy), STRING(noproxy), STRING(proxy_user), STRING(interface), STRING(cacert),
	STRING(capath), STRING(crlfile), STRING(cert), STRING(key), STRING(ciphers), STRING(tls13_ciphers), STRING(pinnedpubkey),
	{ "proxy_password_file", offsetof(struct sink_conf, proxy_password.file) },
	{ "proxy_password_env", offsetof(struct sink_conf, proxy_password.env) },
};

struct run {
	const struct driver_ops *ops;
	struct driver *driver;
	struct sink_conf conf;
	struct driver_env env;
	atomic_bool stop;
	unsigned long batch, tries, pause_ms, backoff_ms;
	char **line;
	size_t lines, room;
	struct sent { uint64_t number, ns; size_t end; } *sent;        /* of this connection: what each batch ends before */
	size_t sents, settled;
	uint64_t number;                /* of the last batch */
	size_t confirmed, next, resent;
};

static _Noreturn void die(const char *what)
{
	fprintf(stderr, "syslog_drive: %s\n", what);
	exit(2);
}

static void *grown(void *p, size_t n, size_t size)
{
	p = realloc(p, n * size);
	if (!p)
		die("no memory");
	return p;
}

static void print_step(void *arg, bool ok, const char *step, const char *text)
{
	(void)arg;
	fprintf(stderr, "step %s %s: %s\n", ok ? "ok" : "not ok", step, text);
}

static void option(struct run *r, const char *arg)
{
	const char *value = strchr(arg, '=');
	size_t n = value ? (size_t)(value - arg) : 0;

	if (!value++)
		die(arg);
	for (size_t i = 0; i < sizeof(strings) / sizeof(strings[0]); i++)
		if (strlen(strings[i].name) == n && memcmp(strings[i].name, arg, n) == 0) {
			memcpy((char *)&r->conf + strings[i].at, &value, sizeof(value));
			return;
		}
	const struct { const char *name; unsigned long *number; uint64_t *ms; uint64_t *plain; } numbers[] = {
		{ "batch=", &r->batch, NULL, NULL }, { "tries=", &r->tries, NULL, NULL }, { "pause=", &r->pause_ms, NULL, NULL },
		{ "backoff=", &r->backoff_ms, NULL, NULL }, { "connect_timeout=", NULL, &r->conf.connect_timeout, NULL },
		{ "max_time=", NULL, &r->conf.max_time, NULL }, { "overlap=", NULL, &r->conf.overlap, NULL },
		{ "rotate_size=", NULL, NULL, &r->conf.rotate_size },
	};
	unsigned long v = strtoul(value, NULL, 10);

	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		if (strncmp(arg, numbers[i].name, n + 1) != 0)
			continue;
		if (numbers[i].number)
			*numbers[i].number = v;
		else if (numbers[i].ms)
			*numbers[i].ms = v * 1000000u;
		else
			*numbers[i].plain = v;
		return;
	}
	if (strncmp(arg, "rotate_keep=", n + 1) == 0)
		r->conf.rotate_keep = (uint32_t)v;
	else if (strcmp(arg, "framing=lf") == 0)
		r->conf.framing = FRAMING_LF;
	else if (strcmp(arg, "insecure=yes") == 0)
		r->conf.insecure = true;
	else if (strcmp(arg, "tls_min=1.3") == 0)
		r->conf.tls_min = SINK_TLS_1_3;
	else if (strcmp(arg, "tls_max=1.2") == 0)
		r->conf.tls_max = SINK_TLS_1_2;
	else if (strncmp(arg, "pass_env=", 9) == 0)
		r->conf.pass.env = value;
	else if (strcmp(arg, "steps=yes") == 0)
		r->env.step = print_step;
	else
		die(arg);
}

static void read_lines(struct run *r)
{
	char *line = NULL;
	size_t cap = 0;
	ssize_t n;

	while ((n = getline(&line, &cap, stdin)) > 0) {
		if (line[n - 1] == '\n')
			line[n - 1] = '\0';
		if (r->lines == r->room) {
			r->room = r->room ? r->room * 2 : 1024;
			r->line = grown(r->line, r->room, sizeof(*r->line));
		}
		r->line[r->lines] = strdup(line);
		if (!r->line[r->lines++])
			die("no memory");
	}
	free(line);
}

static void doze(unsigned long ms)
{
	struct timespec t = { (time_t)(ms / 1000), (long)(ms % 1000) * 1000000 };

	nanosleep(&t, NULL);
}

/* What was confirmed `overlap` ago. */
static size_t settled(struct run *r)
{
	uint64_t now = clock_mono();

	for (size_t i = 0; i < r->sents; i++)
		if (r->sent[i].end > r->settled && r->sent[i].end <= r->confirmed && now - r->sent[i].ns >= r->conf.overlap)
			r->settled = r->sent[i].end;
	return r->settled;
}

static const char *word(const struct reply *reply)
{
	static const char *const words[] = { "done", "later", "smaller", "pause" };

	return words[reply->what];
}

static void took(struct run *r, uint64_t number)
{
	for (size_t i = 0; i < r->sents; i++)
		if (r->sent[i].number <= number && r->sent[i].end > r->confirmed)
			r->confirmed = r->sent[i].end;
}

static bool send_one(struct run *r, struct reply *reply)
{
	size_t n = r->lines - r->next < r->batch ? r->lines - r->next : r->batch;
	struct item *items = calloc(n, sizeof(*items));
	struct batch b = { .number = ++r->number, .item = items, .count = (uint32_t)n };

	if (!items)
		die("no memory");
	for (size_t i = 0; i < n; i++) {
		items[i].text = r->line[r->next + i];
		items[i].len = strlen(items[i].text);
		items[i].uid = "";
	}
	r->ops->send(r->driver, &b, reply);
	for (size_t i = 0; i < n && reply->what == REPLY_DONE; i++)
		if (items[i].result == ITEM_NEVER)
			fprintf(stderr, "never: %s\n", items[i].why);
	free(items);
	if (reply->what != REPLY_DONE)
		return false;
	if (reply->text[0])
		fprintf(stderr, "done: %s\n", reply->text);
	r->next += n;
	r->sent = grown(r->sent, r->sents + 1, sizeof(*r->sent));
	r->sent[r->sents++] = (struct sent){ r->number, clock_mono(), r->next };
	if (!r->ops->confirmed)
		took(r, r->number);
	return true;
}

static size_t under_way(const struct run *r)
{
	size_t n = 0;

	for (size_t i = r->sents; i > 0 && r->sent[i - 1].end > r->confirmed; i--)
		n++;
	return n;
}

/* One connection, until it fails or everything is confirmed. */
static void connection(struct run *r, struct reply *reply)
{
	*reply = (struct reply){ .what = REPLY_DONE };
	if (r->ops->connect)
		r->ops->connect(r->driver, reply);
	size_t from = r->ops == &driver_file ? r->confirmed : settled(r);

	if (reply->what == REPLY_DONE) {
		r->resent += r->next - from;
		r->next = from;
		/* What was confirmed stays so; what is sent again is confirmed again. */
		r->sents = 0;
		r->confirmed = from;
	}
	while (reply->what == REPLY_DONE && (r->next < r->lines || r->confirmed < r->lines)) {
		if (r->next < r->lines && under_way(r) < r->ops->window) {
			if (!send_one(r, reply))
				break;
			if (r->pause_ms)
				doze(r->pause_ms);
		} else {
			doze(r->ops->poll_ms ? r->ops->poll_ms : 1);
		}
		if (r->ops->confirmed)
			took(r, r->ops->confirmed(r->driver, reply));
		settled(r);
	}
}

int main(int argc, char **argv)
{
	static const struct { const char *name; const struct driver_ops *ops; } drivers[] = {
		{ "udp", &driver_syslog_udp }, { "stream", &driver_syslog_stream }, { "file", &driver_file } };
	static struct run r = { .batch = 100, .tries = 1, .backoff_ms = 200 };
	struct reply reply = { .what = REPLY_DONE };
	struct diag d;
	unsigned long failures = 0;

	for (size_t i = 0; i < sizeof(drivers) / sizeof(drivers[0]); i++)
		if (argc > 1 && strcmp(argv[1], drivers[i].name) == 0)
			r.ops = drivers[i].ops;
	if (!r.ops)
		die("which driver?");
	r.conf = (struct sink_conf){ .name = "test", .connect_timeout = 5000000000u, .max_time = 5000000000u,
		.overlap = 60000000000u, .tls_max = SINK_TLS_1_3 };
	r.env = (struct driver_env){ .conf = &r.conf, .stop = &r.stop, .sensor = "test" };
	for (int i = 2; i < argc; i++)
		option(&r, argv[i]);
	read_lines(&r);
	r.driver = r.ops->open(&r.env, &d);
	if (!r.driver)
		die(d.text);
	while (reply.what != REPLY_PAUSE && failures < r.tries) {
		size_t before = r.confirmed;

		connection(&r, &reply);
		if (reply.what == REPLY_DONE)
			break;
		fprintf(stderr, "%s: %s\n", word(&reply), reply.text);
		failures = r.confirmed > before ? 1 : failures + 1;
		if (failures < r.tries)
			doze(r.backoff_ms);
	}
	r.ops->close(r.driver);
	fprintf(stderr, "sent %zu resent %zu\n", reply.what == REPLY_DONE ? r.confirmed : 0, r.resent);
	for (size_t i = 0; i < r.lines; i++)
		free(r.line[i]);
	free(r.line);
	free(r.sent);
	return reply.what == REPLY_DONE ? 0 : reply.what == REPLY_PAUSE ? 3 : 1;
}
