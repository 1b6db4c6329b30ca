#include "forward/once.h"

#include "base/clock.h"
#include "expr/expr.h"
#include "forward/backoff.h"
#include "forward/curl_init.h"
#include "forward/facts.h"
#include "forward/format.h"
#include "forward/load.h"
#include "forward/sink.h"

#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define SECOND UINT64_C(1000000000)
#define NAP_NS UINT64_C(20000000)       /* between two looks at *stop */
#define CONFIRM_NS (60 * SECOND)        /* a batch that is not confirmed by then is sent again */

struct once {
	struct once_config c;
	const struct driver_ops *ops;
	struct driver *driver;
	bool connected;
	struct expr *filter;            /* NULL: everything passes */
	struct format_env env;
	char hostname[HOST_NAME_MAX + 1];
	struct sbuf line;
	struct load load;
	uint32_t size;                  /* records that the receiver takes at a time */
	uint64_t number;                /* of the last batch */
	struct backoff backoff;
	uint64_t trouble_ns;            /* monotonic: since when the receiver takes nothing; 0: it does */
	bool shown;                     /* the first record was described */
};

struct once *once_open(const struct once_config *c, int *err, struct diag *d)
{
	const struct driver_env env = { .conf = c->conf, .stop = c->stop, .sensor = c->sensor, .step = c->step, .step_arg = c->step_arg };
	struct once *o = calloc(1, sizeof *o);

	*err = ZT_ENOMEM;
	if (!o || !load_init(&o->load, c->conf->batch_count, c->conf->batch_bytes)) {
		free(o);
		diag_fail(d, *err, "out of memory");
		return NULL;
	}
	o->c = *c;
	o->ops = driver_for(c->conf);
	o->size = c->conf->batch_count;
	sbuf_init(&o->line, RECORD_JSON_MAX * 2);
	backoff_init(&o->backoff, c->conf->backoff_min, c->conf->backoff_max, clock_mono());
	sink_describe(c->conf, c->sensor, o->hostname, &o->env);
	*err = curl_init() ? ZT_OK : diag_fail(d, ZT_ELIB, "libcurl cannot be used");
	if (!*err && c->filter)
		*err = sink_filter(c->conf, &o->filter, d);
	if (!*err) {
		o->driver = o->ops->open(&env, d);
		*err = o->driver ? ZT_OK : ZT_EIO;
	}
	if (!*err)
		return o;
	once_close(o);
	return NULL;
}

void once_close(struct once *o)
{
	if (!o)
		return;
	if (o->driver)
		o->ops->close(o->driver);
	expr_free(o->filter);
	load_fini(&o->load);
	sbuf_fini(&o->line);
	free(o);
}

/* --- the receiver ----------------------------------------------------------------------------------------------- */

static bool stopped(const struct once *o, uint64_t for_ns)
{
	uint64_t until_ns = clock_mono() + for_ns;

	while (!atomic_load(o->c.stop) && clock_mono() < until_ns) {
		struct timespec t = { .tv_nsec = (long)NAP_NS };

		nanosleep(&t, NULL);
	}
	return atomic_load(o->c.stop);
}

/* It took nothing. ZT_OK: it is to be tried again, and the time for that has come. */
static int took_nothing(struct once *o, const struct reply *r, struct diag *d)
{
	uint64_t now_ns = clock_mono(), wait = backoff_after(&o->backoff, r->retry_after_ns);

	o->connected = false;
	if (r->what == REPLY_PAUSE)
		return diag_fail(d, ZT_EPERM, "%s", r->text);
	o->trouble_ns = o->trouble_ns ? o->trouble_ns : now_ns;
	if (now_ns + wait - o->trouble_ns > o->c.patience)
		return diag_fail(d, ZT_EIO, "%s", *r->text ? r->text : "the receiver took none of the records");
	return stopped(o, wait) ? diag_fail(d, ZT_EBUSY, "interrupted") : ZT_OK;
}

/* false: r says why what was sent must be sent again. */
static bool is_confirmed(struct once *o, struct reply *r)
{
	uint64_t until_ns = clock_mono() + CONFIRM_NS;

	if (!o->ops->confirmed)
		return true;
	for (;;) {
		uint64_t number = o->ops->confirmed(o->driver, r);

		if (r->what == REPLY_DONE && number >= o->number)
			return true;
		if (r->what == REPLY_DONE && clock_mono() > until_ns) {
			r->what = REPLY_LATER;
			snprintf(r->text, sizeof r->text, "the receiver does not confirm what it got");
		}
		if (r->what != REPLY_DONE)
			return false;
		if (stopped(o, o->ops->poll_ms * UINT64_C(1000000))) {
			r->what = REPLY_LATER;
			return false;
		}
	}
}

static void tell(struct once *o, const struct batch *b, enum item_result which, bool delivered)
{
	for (uint32_t i = 0; i < b->count; i++) {
		struct load_item *l = &o->load.item[i];

		if (b->item[i].result != which || l->done)
			continue;
		l->done = true;
		o->c.done(o->c.arg, l->id, delivered, b->item[i].why);
	}
}

static int answered(struct once *o, struct batch *b, struct reply *r, struct diag *d)
{
	uint32_t count = o->load.count;
	bool again = false, sent = false;

	tell(o, b, ITEM_NEVER, false);
	for (uint32_t i = 0; i < b->count; i++) {
		sent = sent || b->item[i].result == ITEM_SENT;
		if (b->item[i].result == ITEM_AGAIN && !*r->text)
			snprintf(r->text, sizeof r->text, "%s", b->item[i].why);
		again = again || b->item[i].result == ITEM_AGAIN;
	}
	if (sent && is_confirmed(o, r))         /* of nothing there is no confirmation */
		tell(o, b, ITEM_SENT, true);
	(void)load_settle(&o->load);
	if (o->load.count < count) {
		o->trouble_ns = 0;
		backoff_over(&o->backoff);
	}
	if (r->what == REPLY_DONE && (again || o->load.count == count))
		r->what = REPLY_LATER;
	return r->what == REPLY_DONE ? ZT_OK : took_nothing(o, r, d);
}

static int send_batch(struct once *o, struct diag *d)
{
	struct batch b = { .number = o->number + 1 };
	struct reply r = { .what = REPLY_DONE };

	if (o->ops->connect && !o->connected) {
		o->ops->connect(o->driver, &r);
		if (r.what != REPLY_DONE)
			return took_nothing(o, &r, d);
	}
	o->connected = true;
	load_batch(&o->load, o->size, &b);
	o->number++;
	o->ops->send(o->driver, &b, &r);
	if (r.what == REPLY_SMALLER && b.count > 1) {
		o->size = b.count / 2;
		return ZT_OK;
	}
	if (r.what == REPLY_SMALLER) {
		b.item[0].result = ITEM_NEVER;
		snprintf(b.item[0].why, sizeof b.item[0].why, "%.*s", REPLY_TEXT - 1, *r.text ? r.text : "too large for the receiver");
		r.what = REPLY_DONE;
	}
	return r.what == REPLY_DONE ? answered(o, &b, &r, d) : took_nothing(o, &r, d);
}

int once_finish(struct once *o, struct diag *d)
{
	int err = ZT_OK;

	while (!err && o->load.count)
		err = atomic_load(o->c.stop) ? diag_fail(d, ZT_EBUSY, "interrupted") : send_batch(o, d);
	load_clear(&o->load, 0);
	return err;
}

/* --- a record --------------------------------------------------------------------------------------------------- */

static void show(struct once *o)
{
	char text[80];

	if (o->shown || !o->c.step)
		return;
	o->shown = true;
	snprintf(text, sizeof text, "%zu bytes as %s", o->line.len, sink_format_word(o->c.conf->format));
	o->c.step(o->c.step_arg, true, "record", text);
}

static bool passes(const struct once *o, const struct record *r)
{
	struct facts f;

	if (!o->filter)
		return true;
	facts_of(&f, r);
	return expr_forward(o->filter, &f.a);
}

/* Formats it and puts it to the others. */
static int hold(struct once *o, const struct record *r, struct diag *d)
{
	const struct load_item like = { .kind = LOAD_ROW, .id = r->id, .ts_ns = r->ts_ns, .rev = r->rev };
	int err = ZT_OK;

	sbuf_reset(&o->line);
	o->env.now_ns = clock_wall();
	if (!format_record(o->c.conf->format, r, &o->env, &o->line) || o->line.cut) {
		o->c.done(o->c.arg, r->id, false, "too large for the format");
		return ZT_OK;
	}
	show(o);
	if (!load_open(&o->load) || !load_fits(&o->load, o->line.len))
		err = once_finish(o, d);
	if (!err && !load_add(&o->load, &like, r->uid, sbuf_text(&o->line), o->line.len, clock_mono()))
		err = diag_fail(d, ZT_ENOMEM, "out of memory");
	return err;
}

int once_send(struct once *o, int64_t id, uint64_t ts_ns, const char *json, size_t n, bool *filtered, struct diag *d)
{
	struct record r;
	int err = record_read(&r, id, ts_ns, json, n, d);
	bool taken;

	if (err)
		return err;
	taken = passes(o, &r);
	if (filtered)
		*filtered = !taken;
	if (taken)
		err = hold(o, &r, d);
	record_fini(&r);
	return err;
}
