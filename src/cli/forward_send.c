#include "cli/forward_send.h"

#include "alert/store_outbox.h"
#include "base/clock.h"
#include "cli/alert_out.h"
#include "cli/command.h"
#include "cli/progress.h"
#include "forward/notice.h"
#include "forward/once.h"

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define SECOND UINT64_C(1000000000)
#define PATIENCE (60 * SECOND)          /* with a receiver that takes nothing, when much is sent */
#define READ_ROWS 1000
#define STEP_COLUMNS 12                 /* of the word for a step */

static atomic_bool interrupted;

static void on_signal(int number)
{
	(void)number;
	atomic_store(&interrupted, true);
}

static void catch_interrupts(void)
{
	struct sigaction a = { .sa_handler = on_signal };

	signal(SIGPIPE, SIG_IGN);
	sigaction(SIGINT, &a, NULL);
	sigaction(SIGTERM, &a, NULL);
}

/* --- a test ----------------------------------------------------------------------------------------------------- */

struct test {
	struct term term;
	bool delivered;
	char why[REPLY_TEXT];
};

static void escaped(const char *s)
{
	struct sbuf b;

	sbuf_init(&b, 4096);
	sbuf_escape(&b, s, strlen(s));
	fputs(sbuf_text(&b), stdout);
	sbuf_fini(&b);
}

static void on_step(void *arg, bool ok, const char *step, const char *text)
{
	struct test *t = arg;
	enum paint p = ok ? PAINT_GREEN : PAINT_BOLD_RED;

	printf("%s%-4s%s  %-*s  ", term_paint(&t->term, p), ok ? "ok" : "FAIL", term_plain(&t->term, p), STEP_COLUMNS, step);
	escaped(text);
	putchar('\n');
	(void)fflush(stdout);
}

static void on_test_done(void *arg, int64_t id, bool delivered, const char *why)
{
	struct test *t = arg;

	(void)id;
	t->delivered = delivered;
	snprintf(t->why, sizeof t->why, "%s", why);
}

/* What is known of a test alert that was not refused. */
static const char *arrival(const struct sink_conf *sink)
{
	if (sink->type == SINK_FILE)
		return "The test alert was written";
	if (sink->type == SINK_SYSLOG && strncmp(sink->url, "udp:", 4) == 0)
		return "The test alert was sent; UDP does not tell whether it arrived";
	if (sink->type == SINK_SYSLOG)
		return "The receiver's side took the test alert; syslog has no answer";
	return "The receiver has the test alert";
}

static int conclude(struct test *t, const struct sink_conf *sink, const struct sbuf *uid)
{
	if (t->delivered) {
		printf("\n%s: look for %s there.\n", arrival(sink), sbuf_text(uid));
		return EXIT_DONE;
	}
	printf("\nThe test alert did not reach %s: ", sink->name);
	escaped(t->why);
	putchar('\n');
	return EXIT_OPERATION;
}

/* ZT_OK: the receiver has answered, one way or the other. */
static int try(const struct sensor_config *c, const struct sink_conf *sink, struct test *t, const struct sbuf *json, struct diag *d)
{
	const struct once_config oc = {
		.conf = sink, .sensor = c->sensor, .step = on_step, .step_arg = t, .done = on_test_done, .arg = t, .stop = &interrupted,
	};
	int err;
	struct once *o = once_open(&oc, &err, d);

	if (!o) {
		on_step(t, false, "settings", d->text);
		return err;
	}
	err = once_send(o, 0, clock_wall(), sbuf_text(json), json->len, NULL, d);
	err = err ? err : once_finish(o, d);
	once_close(o);
	return err;
}

int forward_send_test(const struct sensor_config *c, const struct sink_conf *sink)
{
	struct test t = { .term = term_of(STDOUT_FILENO) };
	char uid[NOTICE_UID_TEXT], to[SINK_TO_TEXT];
	struct sbuf json, shown;
	struct diag d = { "" };
	int status;

	catch_interrupts();
	sbuf_init(&json, 4096);
	sbuf_init(&shown, sizeof uid);
	notice_test(&(struct notice){ c->sensor, sink->name, clock_wall() }, &json, uid);
	sbuf_str(&shown, uid);
	printf("%s%s%s: %s to %s\n", term_paint(&t.term, PAINT_BOLD), sink->name, term_plain(&t.term, PAINT_BOLD), sink_type_word(sink->type),
	       sink_to(sink, to));
	if (try(c, sink, &t, &json, &d) != ZT_OK) {
		t.delivered = false;
		snprintf(t.why, sizeof t.why, "%.*s", REPLY_TEXT - 1, d.text);
	}
	status = conclude(&t, sink, &shown);
	sbuf_fini(&json);
	sbuf_fini(&shown);
	return alert_out_fini("forward") ? status : EXIT_OPERATION;
}

/* --- what is stored --------------------------------------------------------------------------------------------- */

struct sending {
	struct outbox *outbox;
	const struct sink_conf *sink;
	struct once *once;
	struct progress progress;
	uint64_t read, delivered, refused;
	uint64_t filtered, spoiled;     /* left out: by the sink's filter, and because they are no alert */
	char why[REPLY_TEXT];           /* of the last that was refused */
	bool letters;                   /* they are dead letters: those that are delivered are taken out */
	uint64_t until_ns;              /* of letters: those that were refused before */
	int64_t last, end;
	int err;
	struct diag d;
};

static void on_done(void *arg, int64_t id, bool delivered, const char *why)
{
	struct sending *s = arg;
	struct diag d;

	s->delivered += delivered;
	s->refused += !delivered;
	if (!delivered)
		snprintf(s->why, sizeof s->why, "%s", why);
	else if (s->letters && outbox_letter_gone(s->outbox, s->sink->name, id, &d) != ZT_OK)
		fprintf(stderr, "zonetap: forward: %s\n", d.text);
	progress_at(&s->progress, s->delivered + s->refused, NULL);
}

/* false: no further. */
static bool send_one(struct sending *s, int64_t id, uint64_t ts_ns, const char *json, size_t n)
{
	bool filtered = false;
	int err = once_send(s->once, id, ts_ns, json, n, &filtered, &s->d);

	s->read++;
	s->filtered += filtered;
	s->spoiled += err == ZT_ESYNTAX;
	s->err = err == ZT_ESYNTAX ? ZT_OK : err;
	return !s->err;
}

static bool on_row(void *arg, const struct outbox_row *r)
{
	struct sending *s = arg;

	if (r->id > s->end)
		return false;
	s->last = r->id;
	return send_one(s, r->id, r->ts_ns, r->json, r->json_len);
}

static bool on_letter(void *arg, const struct outbox_letter *l)
{
	struct sending *s = arg;

	return l->dead_ns > s->until_ns || send_one(s, l->id, 0, l->json, strlen(l->json));     /* its own time, not that of its death */
}

static void send_rows(struct sending *s)
{
	uint64_t before;

	do {
		before = s->read;
		s->err = outbox_read(s->outbox, s->last, READ_ROWS, on_row, s, &s->d) == ZT_OK ? s->err : ZT_EIO;
	} while (!s->err && s->read != before && s->last < s->end);
}

static int tell(struct sending *s, const char *what)
{
	progress_end(&s->progress);
	printf("%" PRIu64 " %s%s delivered to %s", s->delivered, what, s->delivered == 1 ? "" : "s", s->sink->name);
	if (s->refused)
		printf(", %" PRIu64 " refused for good", s->refused);
	if (s->spoiled)
		printf(", %" PRIu64 " not readable", s->spoiled);
	if (s->filtered)
		printf(", %" PRIu64 " left out by its filter", s->filtered);
	if (s->err)
		printf(", not all of them");
	putchar('\n');
	if (s->refused) {
		fputs("the receiver said of the last one: ", stdout);
		escaped(s->why);
		putchar('\n');
	}
	(void)fflush(stdout);
	if (s->err)
		fprintf(stderr, "zonetap: forward: %s: %s\n", s->sink->name, s->d.text);
	return alert_out_fini("forward") && !s->err && !s->refused && !s->spoiled ? EXIT_DONE : EXIT_OPERATION;
}

/* Both of the following: open, send, say. since_ns 0: the dead letters. */
static int send_stored(const struct sensor_config *c, const struct sink_conf *sink, uint64_t since_ns)
{
	struct sending s = { .sink = sink, .letters = !since_ns, .until_ns = clock_wall() };
	const struct once_config oc = { .conf = sink, .sensor = c->sensor, .done = on_done, .arg = &s, .filter = since_ns != 0,
					.stop = &interrupted, .patience = PATIENCE };
	uint64_t total = 0, oldest_ns;
	int status = EXIT_OPERATION;

	catch_interrupts();
	s.outbox = outbox_open(c->database.path, &s.err, &s.d);
	if (!s.err && s.letters)
		s.err = outbox_letter_count(s.outbox, sink->name, &total, &s.d);
	if (!s.err && !s.letters)
		s.err = outbox_since(s.outbox, since_ns, &s.last, &s.d);
	if (!s.err && !s.letters)
		s.err = outbox_end(s.outbox, &s.end, &s.d);
	if (!s.err && !s.letters)
		s.err = outbox_depth(s.outbox, s.last, &total, &oldest_ns, &s.d);
	s.once = s.err ? NULL : once_open(&oc, &s.err, &s.d);
	if (!s.once) {
		fprintf(stderr, "zonetap: forward: %s\n", s.d.text);
		goto out;
	}
	progress_start(&s.progress, "forward", total);
	if (!s.letters)
		send_rows(&s);
	else if (outbox_letters(s.outbox, sink->name, on_letter, &s, &s.d) != ZT_OK)
		s.err = ZT_EIO;
	s.err = s.err ? s.err : once_finish(s.once, &s.d);
	status = tell(&s, s.letters ? "dead letter" : "record");
out:
	once_close(s.once);
	outbox_close(s.outbox);
	return status;
}

int forward_send_since(const struct sensor_config *c, const struct sink_conf *sink, uint64_t wall_ns)
{
	return send_stored(c, sink, wall_ns ? wall_ns : 1);
}

int forward_send_dead(const struct sensor_config *c, const struct sink_conf *sink)
{
	return send_stored(c, sink, 0);
}
