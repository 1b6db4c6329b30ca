/* sink_send.c - a sink's side of the receiver: batches out, answers in, and what is made of each. */
#include "forward/sink_inside.h"

#include "base/clock.h"

#include <stdio.h>
#include <string.h>

#define GROW_AFTER 16                   /* batches that went well at a size that the receiver made smaller */
#define DOWN_AFTER 2                    /* failures in a row before people are told: one may be a restart */

/* --- well and unwell -------------------------------------------------------------------------------------------- */

static void failed(struct sink *s, bool pause, uint64_t asked_ns, const char *why)
{
	uint64_t wait = backoff_after(&s->backoff, asked_ns);

	if (pause && wait < s->conf->backoff_max)
		wait = s->conf->backoff_max;
	s->until_ns = clock_mono() + wait;
	s->now.retries++;
	s->failures++;
	s->connected = false;
	s->reopen = s->reopen || pause;
	sink_read_forget(s);            /* the spool's limits may take of it while it waits */
	sink_say_state(s, pause ? SINK_PAUSED : SINK_RETRYING, why);
	if (pause && !s->said_paused) {
		s->said_paused = true;
		sink_say(s, NEWS_PAUSED, s->failures, why);
	} else if (!pause && s->failures >= DOWN_AFTER && !s->said_down && !s->said_paused) {
		s->said_down = true;
		sink_say(s, NEWS_DOWN, s->failures, why);
	}
}

static void well(struct sink *s)
{
	if (s->said_down || s->said_paused)
		sink_say(s, NEWS_UP, s->failures, "");
	s->said_down = s->said_paused = false;
	s->failures = 0;
	backoff_over(&s->backoff);
}

void sink_send_idle(struct sink *s)
{
	if (s->failures)
		well(s);
	sink_say_state(s, SINK_IDLE, "");
	s->now.depth = s->now.oldest_ns = 0;
	s->depth_ns = 0;
}

/* --- the connection --------------------------------------------------------------------------------------------- */

struct driver *sink_send_driver(struct sink *s, struct diag *d)
{
	const struct driver_env env = { .conf = s->conf, .stop = &s->stop, .sensor = s->o.sensor, .meanwhile = sink_read_ahead,
					.meanwhile_arg = s };

	return s->ops->open(&env, d);
}

static bool open_again(struct sink *s)
{
	struct diag d = { "" };

	if (s->driver)
		s->ops->close(s->driver);
	s->driver = sink_send_driver(s, &d);
	if (!s->driver) {
		failed(s, true, 0, d.text);
		return false;
	}
	s->reopen = false;
	if (s->ops->confirmed)          /* it knows nothing of what the one before had sent */
		sink_read_rewind(s, s->cursor.confirmed);
	return true;
}

bool sink_send_ready(struct sink *s, uint64_t now_ns)
{
	struct reply r = { .what = REPLY_DONE };

	if ((s->reopen || !s->driver) && !open_again(s))
		return false;
	if (!s->ops->connect || s->connected)
		return true;
	s->ops->connect(s->driver, &r);
	if (r.what != REPLY_DONE) {
		failed(s, r.what == REPLY_PAUSE, r.retry_after_ns, r.text);
		return false;
	}
	s->connected = true;
	if (s->known)
		sink_read_rewind(s, settle_at(&s->settle, now_ns));
	return true;
}

/* --- what is confirmed ------------------------------------------------------------------------------------------ */

bool sink_send_owes(struct sink *s)
{
	static const uint64_t nothing[SEV_COUNT];
	struct diag d;

	if (memcmp(s->owed, nothing, sizeof s->owed) == 0)
		return false;
	if (!s->outbox || outbox_told(s->outbox, s->conf->name, s->owed, &d) != ZT_OK)
		return true;
	for (unsigned i = 0; i < SEV_COUNT; i++)
		s->cursor.dropped[i] -= s->owed[i] < s->cursor.dropped[i] ? s->owed[i] : s->cursor.dropped[i];
	memset(s->owed, 0, sizeof s->owed);
	return false;
}

/* When the database does not take it now it is tried again, before anything more is told. */
static void told(struct sink *s, const uint64_t dropped[SEV_COUNT])
{
	memcpy(s->owed, dropped, sizeof s->owed);
	sink_send_owes(s);
}

static void arrived(struct sink *s, const struct flight *f, uint64_t now_ns)
{
	uint64_t wall_ns = clock_wall();

	if (f->to > s->cursor.confirmed) {
		s->cursor.confirmed = f->to;
		settle_confirmed(&s->settle, now_ns, f->to);
	}
	s->now.sent += f->records;
	s->now.bytes += f->bytes;
	s->now.last_sent_ns = wall_ns;
	if (f->stored_ns && f->stored_ns < wall_ns) {
		s->now.latency_ns = wall_ns - f->stored_ns;
		if (s->now.latency_ns > s->now.latency_max_ns)
			s->now.latency_max_ns = s->now.latency_ns;
	}
	if (f->telling)
		told(s, f->dropped);
}

static void confirmed_to(struct sink *s, uint64_t number, uint64_t now_ns)
{
	struct flight f;
	bool any = false;

	for (; inflight_take(&s->flight, number, &f); any = true)
		arrived(s, &f, now_ns);
	if (any)
		well(s);
	if (any && s->load.count == 0 && s->flight.count == 0 && s->load.to > s->cursor.confirmed)
		s->cursor.confirmed = s->load.to;
}

void sink_send_confirm(struct sink *s, uint64_t now_ns)
{
	struct reply r = { .what = REPLY_DONE };
	uint64_t number;

	if (s->ops->connect && !s->connected)
		return;                 /* nothing more comes of it; the next connection begins with the overlap */
	if (!s->ops->confirmed || s->flight.count == 0 || !s->driver || now_ns - s->polled_ns < s->ops->poll_ms * UINT64_C(1000000))
		return;
	s->polled_ns = now_ns;
	number = s->ops->confirmed(s->driver, &r);
	confirmed_to(s, number, now_ns);
	if (r.what == REPLY_DONE)
		return;
	sink_read_rewind(s, s->cursor.confirmed);
	failed(s, r.what == REPLY_PAUSE, r.retry_after_ns, r.text);
}

/* --- a batch ---------------------------------------------------------------------------------------------------- */

struct outcome {
	uint32_t sent, never, again, open;
	struct flight flight;
	const char *why;                /* of the first that was refused for now */
};

/* Where there is no row to put aside, people are told; but not of the word on what was dropped, see is_about_sinks(). */
static bool put_aside(struct sink *s, const struct load_item *l, const char *why)
{
	if (l->id)
		return sink_aside(s, l->id, why);
	if (l->kind != LOAD_DROPPED)
		sink_say(s, NEWS_DEAD, s->now.dead, why);
	return true;
}

static void sort_out(struct sink *s, const struct batch *b, struct outcome *o)
{
	for (uint32_t i = 0; i < b->count; i++) {
		struct load_item *l = &s->load.item[i];
		const struct item *it = &b->item[i];

		if (it->result == ITEM_SENT) {
			l->done = true;
			o->sent++;
			o->flight.records++;
			o->flight.bytes += it->len;
			o->flight.telling = o->flight.telling || l->kind == LOAD_DROPPED;
			if (!o->flight.stored_ns)
				o->flight.stored_ns = l->stored_ns;
		} else if (it->result == ITEM_NEVER && put_aside(s, l, it->why)) {
			l->done = true;
			o->never++;
			if (l->kind == LOAD_DROPPED)
				told(s, s->telling);    /* it would be refused again, and again */
		} else if (it->result == ITEM_OPEN) {
			o->open++;
		} else {
			o->again++;
			o->why = o->why ? o->why : it->why;
		}
	}
}

/* Slowly, where the receiver has a limit; at once, when a single record was the trouble and is gone. */
static void grow(struct sink *s)
{
	if (s->size >= s->conf->batch_count || (!s->alone && ++s->good < GROW_AFTER))
		return;
	s->size += s->alone ? s->size : s->size / 4 + 1;
	s->size = s->size < s->conf->batch_count ? s->size : s->conf->batch_count;
	s->good = 0;
}

static void answered(struct sink *s, const struct batch *b, const struct reply *r, uint64_t now_ns)
{
	struct outcome o = { .flight = { .number = b->number } };

	sort_out(s, b, &o);
	o.flight.to = load_settle(&s->load);
	if (o.flight.telling)
		memcpy(o.flight.dropped, s->telling, sizeof o.flight.dropped);
	if (o.sent)
		inflight_add(&s->flight, &o.flight);
	else if (s->flight.count)
		inflight_extend(&s->flight, o.flight.to);
	else if (o.flight.to > s->cursor.confirmed)
		s->cursor.confirmed = o.flight.to;
	if (!s->ops->confirmed)
		confirmed_to(s, b->number, now_ns);
	if (o.again || (o.open && !o.sent && !o.never))
		failed(s, false, r->retry_after_ns, o.why && *o.why ? o.why : *r->text ? r->text : "the receiver took none of the records");
	else if (o.sent)
		grow(s);
}

static void too_much(struct sink *s, struct batch *b, const struct reply *r, uint64_t now_ns)
{
	if (b->count > 1) {
		s->size = b->count / 2;
		s->good = 0;
		s->alone = false;
		return;
	}
	s->alone = true;
	if (b->item[0].result != ITEM_NEVER)
		snprintf(b->item[0].why, sizeof b->item[0].why, "%s", *r->text ? r->text : "too large for the receiver");
	b->item[0].result = ITEM_NEVER;
	answered(s, b, r, now_ns);
}

/* Of a batch of which the driver took a part, what it left open was not sent. */
static void count_resent(struct sink *s, const struct batch *b, bool part)
{
	int64_t last = s->sent_max;

	for (uint32_t i = 0; i < b->count; i++) {
		struct load_item *l = &s->load.item[i];

		if (part && b->item[i].result == ITEM_OPEN)
			continue;
		s->now.resent += l->again || (l->id && l->id <= s->sent_max);
		l->again = true;
		last = l->id > last ? l->id : last;
	}
	s->sent_max = last;
}

void sink_send_batch(struct sink *s, uint64_t now_ns)
{
	struct batch b = { .number = s->number + 1 };
	struct reply r = { .what = REPLY_DONE };

	if (s->failures && s->load.tried)
		sink_keep_prune(s);
	if (s->load.count == 0)
		return;
	load_batch(&s->load, s->size, &b);
	s->number++;
	s->load.tried = true;
	if (s->failures == 0)
		sink_say_state(s, SINK_SENDING, "");
	sink_say_show(s);
	s->ops->send(s->driver, &b, &r);
	s->now.batches++;
	count_resent(s, &b, r.what == REPLY_DONE);
	now_ns = clock_mono();
	if (r.what == REPLY_DONE)
		answered(s, &b, &r, now_ns);
	else if (r.what == REPLY_SMALLER)
		too_much(s, &b, &r, now_ns);
	else
		failed(s, r.what == REPLY_PAUSE, r.retry_after_ns, r.text);
}
