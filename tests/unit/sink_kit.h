/* A sink with everything around it in a test's hands: a clock that goes when it is told to, an outbox in memory that
 * fails on request, a receiver that answers from a script. Included by one .c.
 *
 * The script: one word for each batch, in order; the last one stays. "sna" says what becomes of the records: s sent,
 * n never, a again, o open, the last letter of the word for all the rest. "-" later, "-30" later, in 30 seconds, "<" too
 * large, "!" pause. */
#ifndef TESTS_UNIT_SINK_KIT_H
#define TESTS_UNIT_SINK_KIT_H

#include "alert/store_outbox.h"
#include "base/clock.h"
#include "forward/notice.h"
#include "forward/sink.h"
#include "forward/sink_inside.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#define SECOND UINT64_C(1000000000)
#define EPOCH (UINT64_C(1700000000) * SECOND)
#define KIT_ROWS 4096

/* --- time --------------------------------------------------------------------------------------------------------- */

static uint64_t kit_ns;

static uint64_t kit_mono(void *arg)
{
	(void)arg;
	return kit_ns;
}

static uint64_t kit_wall(void *arg)
{
	(void)arg;
	return EPOCH + kit_ns;
}

/* --- the outbox ------------------------------------------------------------------------------------------------------ */

struct outbox {
	int unused;
};

static struct {
	struct { bool there; unsigned severity; char json[700]; char uid[40]; uint64_t stored_ns; } row[KIT_ROWS + 1];
	int64_t end;
	bool made;                      /* the cursor */
	struct outbox_cursor cursor;
	struct { int64_t id; char why[REPLY_TEXT]; } dead[64];
	unsigned deads, moves, opens, told;
	int open_fails, read_fails, move_fails, dead_fails, told_fails;     /* enum zt_err; 0: works */
	bool replaced;
} kit_db;
static struct outbox kit_outbox;

struct outbox *outbox_open(const char *path, int *err, struct diag *d)
{
	(void)path;
	*err = kit_db.open_fails ? diag_fail(d, kit_db.open_fails, "no database") : ZT_OK;
	kit_db.replaced = false;
	kit_db.opens += !*err;
	return *err ? NULL : &kit_outbox;
}

void outbox_close(struct outbox *o)
{
	(void)o;
}

bool outbox_current(const struct outbox *o)
{
	(void)o;
	return !kit_db.replaced;
}

int outbox_read(struct outbox *o, int64_t after, uint32_t count, outbox_fn *fn, void *arg, struct diag *d)
{
	(void)o;
	if (kit_db.read_fails)
		return diag_fail(d, kit_db.read_fails, "the database cannot be read");
	for (int64_t id = after + 1; id <= kit_db.end && count; id++) {
		struct outbox_row r = { .id = id, .uid = kit_db.row[id].uid, .json = kit_db.row[id].json, .rev = 1, .severity = kit_db.row[id].severity,
					.ts_ns = EPOCH, .stored_ns = kit_db.row[id].stored_ns, .json_len = strlen(kit_db.row[id].json) };

		if (!kit_db.row[id].there)
			continue;
		count--;
		if (!fn(arg, &r))
			break;
	}
	return ZT_OK;
}

int outbox_end(struct outbox *o, int64_t *id, struct diag *d)
{
	(void)o;
	(void)d;
	*id = kit_db.end;
	return ZT_OK;
}

int outbox_depth(struct outbox *o, int64_t after, uint64_t *rows, uint64_t *oldest_ns, struct diag *d)
{
	(void)o;
	(void)d;
	*rows = *oldest_ns = 0;
	for (int64_t id = after + 1; id <= kit_db.end; id++) {
		if (kit_db.row[id].there && !*oldest_ns)
			*oldest_ns = kit_db.row[id].stored_ns;
		*rows += kit_db.row[id].there;
	}
	return ZT_OK;
}

int outbox_cursor(struct outbox *o, const char *sink, int64_t start, struct outbox_cursor *out, struct diag *d)
{
	(void)o;
	(void)sink;
	(void)d;
	if (!kit_db.made)
		kit_db.cursor = (struct outbox_cursor){ .confirmed = start, .settled = start };
	kit_db.made = true;
	*out = kit_db.cursor;
	return ZT_OK;
}

int outbox_move(struct outbox *o, const char *sink, int64_t confirmed, int64_t settled, struct diag *d)
{
	(void)o;
	(void)sink;
	if (kit_db.move_fails)
		return diag_fail(d, kit_db.move_fails, "the database cannot be written");
	assert_true(settled <= confirmed && confirmed >= kit_db.cursor.confirmed && confirmed <= kit_db.end);
	kit_db.cursor.confirmed = confirmed;
	kit_db.cursor.settled = settled;
	kit_db.moves++;
	return ZT_OK;
}

int outbox_told(struct outbox *o, const char *sink, const uint64_t dropped[SEV_COUNT], struct diag *d)
{
	(void)o;
	(void)sink;
	if (kit_db.told_fails)
		return diag_fail(d, kit_db.told_fails, "the database cannot be written");
	for (unsigned i = 0; i < SEV_COUNT; i++)
		kit_db.cursor.dropped[i] -= dropped[i];
	kit_db.told++;
	return ZT_OK;
}

int outbox_dead(struct outbox *o, const char *sink, const struct outbox_row *r, const char *why, struct diag *d)
{
	(void)o;
	(void)sink;
	if (kit_db.dead_fails)
		return diag_fail(d, kit_db.dead_fails, "the database cannot be written");
	for (unsigned i = 0; i < kit_db.deads; i++) {
		if (kit_db.dead[i].id == r->id)
			return ZT_OK;
	}
	kit_db.dead[kit_db.deads].id = r->id;
	snprintf(kit_db.dead[kit_db.deads++].why, REPLY_TEXT, "%s", why);
	return ZT_OK;
}

/* --- the receiver ------------------------------------------------------------------------------------------------- */

struct driver {
	struct driver_base base;
	bool connected;
};

static bool kit_busy;                   /* it takes its time with each batch: as long as there is something to do meanwhile */

static struct {
	char script[512];
	size_t at;                      /* in it */
	char got[KIT_ROWS * 4][40];     /* uids, as they were accepted */
	unsigned gots, sends, sizes[512], opens, connects, closes;
	unsigned most;                  /* records of a batch; 0: any number */
	const char *connect;            /* "-", "!" or NULL: it connects */
	uint64_t confirmed;             /* batch number */
	bool confirm_fails, open_fails;
} kit_rx;

static struct driver *rx_open(const struct driver_env *env, struct diag *d)
{
	struct driver *r = kit_rx.open_fails ? NULL : calloc(1, sizeof *r);

	kit_rx.opens++;
	if (!r) {
		diag_fail(d, ZT_EIO, "the token cannot be read");
		return NULL;
	}
	r->base.env = *env;
	return r;
}

static void rx_close(struct driver *d)
{
	kit_rx.closes++;
	free(d);
}

static void rx_reply(char sign, struct reply *r)
{
	r->what = sign == '-' ? REPLY_LATER : sign == '!' ? REPLY_PAUSE : sign == '<' ? REPLY_SMALLER : REPLY_DONE;
	snprintf(r->text, sizeof r->text, "%s", sign == '-' ? "connection refused" : sign == '!' ? "401 who are you" : sign == '<' ? "413 too much" : "");
}

static void rx_connect(struct driver *d, struct reply *r)
{
	kit_rx.connects++;
	rx_reply(kit_rx.connect ? *kit_rx.connect : 's', r);
	d->connected = r->what == REPLY_DONE;
}

static void rx_items(struct batch *b, const char *word, size_t n)
{
	for (uint32_t i = 0; i < b->count; i++) {
		char c = word[i < n ? i : n - 1];
		struct item *it = &b->item[i];

		it->result = c == 's' ? ITEM_SENT : c == 'n' ? ITEM_NEVER : c == 'a' ? ITEM_AGAIN : ITEM_OPEN;
		if (c == 'n' || c == 'a')
			snprintf(it->why, sizeof it->why, "%s", c == 'n' ? "400 mapper_parsing_exception" : "429 queue is full");
		if (c == 's')
			snprintf(kit_rx.got[kit_rx.gots++], 40, "%s", it->uid);
	}
}

static void rx_send(struct driver *d, struct batch *b, struct reply *r)
{
	const char *word = kit_rx.script + kit_rx.at;
	size_t n = strcspn(word, " ");

	assert_true(b->number == kit_rx.sends + 1);
	kit_rx.sizes[kit_rx.sends++ % 512] = b->count;
	while (kit_busy && driver_meanwhile(&d->base.env))
		;
	if (kit_rx.most && b->count > kit_rx.most) {
		rx_reply('<', r);
		return;
	}
	if (word[n])
		kit_rx.at += n + 1;
	rx_reply(*word, r);
	d->connected = d->connected && *word != '-';
	r->retry_after_ns = *word == '-' ? (uint64_t)atoi(word + 1) * SECOND : 0;
	if (r->what == REPLY_DONE)
		rx_items(b, n ? word : "s", n ? n : 1);
}

static uint64_t rx_confirmed(struct driver *d, struct reply *r)
{
	rx_reply(kit_rx.confirm_fails || (kit_rx.connects && !d->connected) ? '-' : 's', r);
	return kit_rx.confirmed;
}

/* One that answers, one with a connection that does not, one that confirms later. */
static const struct driver_ops rx_http = { .name = "http", .open = rx_open, .send = rx_send, .window = 1, .close = rx_close };
static const struct driver_ops rx_stream = { .name = "stream", .open = rx_open, .connect = rx_connect, .send = rx_send, .confirmed = rx_confirmed,
					     .poll_ms = 100, .window = 4, .close = rx_close };
static const struct driver_ops rx_ack = { .name = "ack", .open = rx_open, .send = rx_send, .confirmed = rx_confirmed, .poll_ms = 100,
					  .window = 3, .close = rx_close };

/* --- news ----------------------------------------------------------------------------------------------------------- */

static char kit_news[4096];

static void on_news(void *arg, enum forward_news what, const char *sink, uint64_t value, const char *text)
{
	static const char *const words[] = { "down", "up", "paused", "dead", "dropped", "insecure" };

	(void)arg;
	(void)text;
	(void)value;
	assert_string_equal(sink, "soc");
	strcat(strcat(kit_news, *kit_news ? " " : ""), words[what]);
}

/* --- all of it ---------------------------------------------------------------------------------------------------------- */

static struct sink_conf kit_conf;

static void kit_reset(void)
{
	static const struct clock_source clock = { kit_wall, kit_mono, NULL };

	kit_ns = 1000 * SECOND;
	clock_use(&clock);
	memset(&kit_db, 0, sizeof kit_db);
	memset(&kit_rx, 0, sizeof kit_rx);
	*kit_news = '\0';
	kit_conf = (struct sink_conf){
		.name = "soc", .type = SINK_FILE, .format = FORMAT_JSON, .path = "/nowhere", .batch_count = 10, .batch_bytes = 1 << 20,
		.batch_age = SECOND, .backoff_min = SECOND, .backoff_max = 300 * SECOND,
	};
}

/* The next revision of the plant. */
static int64_t kit_store(unsigned severity)
{
	int64_t id = ++kit_db.end;

	kit_db.row[id].there = true;
	kit_db.row[id].severity = severity;
	kit_db.row[id].stored_ns = EPOCH + kit_ns;
	snprintf(kit_db.row[id].uid, sizeof kit_db.row[id].uid, "u%d", (int)id);
	snprintf(kit_db.row[id].json, sizeof kit_db.row[id].json,
		 "{\"uid\":\"u%d\",\"rev\":1,\"rule\":\"write-denied\",\"title\":\"t\",\"class\":\"c\",\"severity\":\"%s\",\"count\":1,"
		 "\"first_seen\":\"2023-11-14T22:13:20.000000000Z\",\"last_seen\":\"2023-11-14T22:13:20.000000000Z\",\"ended\":false,"
		 "\"sensor\":\"north\",\"text\":\"x\"}", (int)id, severity_word(severity));
	return id;
}

static void kit_store_many(unsigned n)
{
	while (n--)
		kit_store(SEV_HIGH);
}

static struct sink *kit_sink(const struct driver_ops *ops)
{
	const struct sink_options o = { .conf = &kit_conf, .ops = ops, .database = "db", .sensor = "north", .news = on_news };
	struct diag d = { "" };
	int err;
	struct sink *s = sink_new(&o, &err, &d);

	if (!s)
		fail_msg("%s", d.text);
	return s;
}

/* As the sink's thread would turn it for so long. */
static void kit_run(struct sink *s, uint64_t ns)
{
	uint64_t until = kit_ns + ns, wait;

	for (unsigned turns = 0; kit_ns <= until; turns++) {
		wait = sink_turn(s);
		assert_true(turns < 100000);
		if (wait && kit_ns + wait > until)
			break;
		kit_ns += wait;
	}
	kit_ns = until;
}

/* "1 2 3": the numbers of what arrived, others by their uid's first letters. */
static const char *kit_got(void)
{
	static char text[65536];
	size_t n = 0;

	*text = '\0';
	for (unsigned i = 0; i < kit_rx.gots; i++)
		n += (size_t)snprintf(text + n, sizeof text - n, "%s%s", i ? " " : "", kit_rx.got[i][0] == 'u' ? kit_rx.got[i] + 1 : "*");
	return text;
}

static struct sink_figures kit_figures(struct sink *s)
{
	struct sink_figures f;

	sink_figures(s, &f);
	return f;
}

/* --- with a receiver that takes its time ------------------------------------------------------------------------------- */

static inline int kit_is_busy(void **state)
{
	(void)state;
	kit_busy = true;
	return 0;
}

static inline int kit_is_not(void **state)
{
	(void)state;
	kit_busy = false;
	return 0;
}

/* A test as it is, and once more while the receiver is busy with each batch. */
#define TWICE(test) cmocka_unit_test(test), { #test "_while_it_reads_ahead", test, kit_is_busy, kit_is_not, NULL }

#endif
