/* sink_read.c - a sink's side of the outbox: opening it, and rows into the load. */
#include "forward/sink_inside.h"

#include "base/clock.h"
#include "forward/facts.h"
#include "forward/notice.h"

#include <stdio.h>
#include <string.h>

#define SECOND UINT64_C(1000000000)
#define LOOK_NS SECOND                  /* how often the file and the cursor's row are looked at */
#define AGAIN_NS SECOND                 /* after a failure of the database */
#define BUSY_NS (SECOND / 5)            /* when somebody else writes */
#define AHEAD_ROWS 32                   /* of one reading while the driver waits: a fraction of a millisecond */
#define READ_MAX 2000                   /* rows of one reading, so that filtered ones do not hold up a turn */

/* --- opening ---------------------------------------------------------------------------------------------------- */

void sink_read_close(struct sink *s)
{
	outbox_close(s->outbox);
	s->outbox = NULL;
}

void sink_read_lost(struct sink *s, int err, const char *why)
{
	s->outbox_ns = clock_mono() + (err == ZT_EBUSY ? BUSY_NS : AGAIN_NS);
	if (err != ZT_EBUSY)
		sink_read_close(s);
	if (s->failures == 0 || s->connected)   /* else what the receiver said stands: nothing is sent before it is there */
		sink_say_state(s, s->known ? SINK_RETRYING : SINK_STARTING, why);
}

void sink_read_rewind(struct sink *s, int64_t to)
{
	if (load_has(&s->load, LOAD_HEARTBEAT))
		s->beat_ns = 0;
	load_clear(&s->load, to);
	sink_read_forget(s);
	inflight_clear(&s->flight);
	s->stuck = 0;
	s->more = true;
}

/* Another file stands where the old one was: its ids are its own, and all of it is new. */
static void another_file(struct sink *s)
{
	sink_read_close(s);
	s->known = false;
	s->start = 0;
	s->sent_max = 0;
	memset(s->owed, 0, sizeof s->owed);
	s->draining = false;
	s->drain_seen = atomic_load(&s->drain_done);
	s->cursor = (struct outbox_cursor){ .confirmed = 0 };
	sink_read_rewind(s, 0);
}

static void know(struct sink *s, const struct outbox_cursor *c)
{
	s->known = true;
	s->cursor = (struct outbox_cursor){ .confirmed = c->confirmed, .settled = c->settled };
	s->kept = c->confirmed;
	settle_init(&s->settle, s->conf->overlap, c->settled);
	sink_read_rewind(s, s->ops->connect ? c->settled : c->confirmed);
	if (s->now.state == SINK_STARTING)
		sink_say_state(s, SINK_IDLE, "");
}

/* People hear of it now, the receiver in its turn. */
static void see_dropped(struct sink *s, const struct outbox_cursor *c)
{
	uint64_t more = 0;
	char text[120];

	for (unsigned i = 0; i < SEV_COUNT; i++) {
		if (c->dropped[i] > s->cursor.dropped[i]) {
			more += c->dropped[i] - s->cursor.dropped[i];
			s->now.dropped[i] += c->dropped[i] - s->cursor.dropped[i];
		}
		s->cursor.dropped[i] = c->dropped[i];
	}
	if (!more)
		return;
	snprintf(text, sizeof text, "%llu records that waited for it were dropped for the limits of the spool", (unsigned long long)more);
	sink_say(s, NEWS_DROPPED, more, text);
}

static bool look(struct sink *s, uint64_t now_ns)
{
	struct outbox_cursor c;
	int64_t start = s->known ? s->cursor.confirmed : s->start;
	struct diag d;
	int err = ZT_OK;

	if (start == SINK_FROM_END)
		err = outbox_end(s->outbox, &start, &d);
	err = err ? err : outbox_cursor(s->outbox, s->conf->name, start, &c, &d);
	if (err) {
		sink_read_lost(s, err, d.text);
		return false;
	}
	s->looked_ns = now_ns;
	if (!s->known)
		know(s, &c);
	see_dropped(s, &c);
	return true;
}

bool sink_read_open(struct sink *s, uint64_t now_ns)
{
	struct diag d;
	int err;

	if (now_ns < s->outbox_ns)
		return false;
	if (s->outbox && now_ns - s->looked_ns < LOOK_NS)
		return true;
	if (s->outbox && !outbox_current(s->outbox))
		another_file(s);
	if (!s->outbox) {
		s->outbox = outbox_open(s->o.database, &err, &d);
		if (!s->outbox && err == ZT_ENOENT && !s->known)
			s->start = 0;           /* what is there when it comes is new */
		if (!s->outbox) {
			sink_read_lost(s, err, d.text);
			return false;
		}
	}
	return look(s, now_ns);
}

/* --- rows into the load ----------------------------------------------------------------------------------------- */

struct taking {
	struct sink *s;
	struct load *into;              /* of the sink: load, or next */
	uint64_t now_ns;
	uint32_t seen, filtered;
	bool stopped;                   /* before the end */
	int err;                        /* of reading the last row */
};

/* Of what is read ahead it is found out again when its turn has come. */
static void stuck_at(struct sink *s, const struct load *into, int64_t id, const char *why)
{
	if (into != &s->load)
		return;
	s->stuck = id;
	snprintf(s->stuck_why, sizeof s->stuck_why, "%.*s", REPLY_TEXT - 1, why);
}

static bool passes(const struct sink *s, const struct record *r)
{
	struct facts f;

	if (!s->filter)
		return true;
	facts_of(&f, r);
	return expr_forward(s->filter, &f.a);
}

/* false: nothing more is taken now. */
static bool put(struct sink *s, struct load *into, const struct record *r, const struct load_item *like, uint64_t now_ns)
{
	sbuf_reset(&s->line);
	s->env.now_ns = clock_wall();
	if (!format_record(s->conf->format, r, &s->env, &s->line) || s->line.cut) {
		if (like->id && !s->line.no_memory)
			stuck_at(s, into, like->id, "too large for the format");
		return false;
	}
	return load_fits(into, s->line.len) && load_add(into, like, r->uid, sbuf_text(&s->line), s->line.len, now_ns);
}

static bool take_row(void *arg, const struct outbox_row *row)
{
	struct taking *t = arg;
	struct sink *s = t->s;
	const struct load_item like = { .kind = LOAD_ROW, .id = row->id, .ts_ns = row->ts_ns, .stored_ns = row->stored_ns, .rev = row->rev };
	struct record r;
	struct diag d;
	bool taken = true;

	t->seen++;
	t->stopped = true;
	t->err = record_read(&r, row->id, row->ts_ns, row->json, row->json_len, &d);
	if (t->err == ZT_ENOMEM)
		return false;           /* no fault of the row's: it is read again */
	if (t->err) {
		stuck_at(s, t->into, row->id, d.text);
		return false;
	}
	if (!passes(s, &r))
		t->filtered += row->id > s->sent_max;
	else
		taken = put(s, t->into, &r, &like, t->now_ns);
	record_fini(&r);
	if (!taken && s->line.no_memory)
		t->err = ZT_ENOMEM;
	if (taken)
		t->into->to = row->id;
	t->stopped = !taken || !load_open(t->into);
	return !t->stopped;
}

/* A record of the forwarder's own, from its JSON in s->object. */
static bool put_notice(struct sink *s, enum load_kind kind, uint64_t now_ns)
{
	const struct load_item like = { .kind = kind, .ts_ns = clock_wall(), .rev = 1 };
	struct record r;
	struct diag d;
	bool taken;

	if (record_read(&r, 0, like.ts_ns, sbuf_text(&s->object), s->object.len, &d) != ZT_OK)
		return false;
	taken = put(s, &s->load, &r, &like, now_ns);
	record_fini(&r);
	s->load.urgent = true;          /* also when it did not fit: then it is in the next one */
	return taken;
}

static void tell_dropped(struct sink *s, uint64_t now_ns)
{
	const struct notice n = { s->o.sensor, s->conf->name, clock_wall() };
	char uid[NOTICE_UID_TEXT];
	uint64_t all = 0;

	if (sink_send_owes(s))
		return;
	for (unsigned i = 0; i < SEV_COUNT; i++)
		all += s->cursor.dropped[i];
	if (all == 0 || load_has(&s->load, LOAD_DROPPED) || inflight_telling(&s->flight))
		return;
	sbuf_reset(&s->object);
	notice_dropped(&n, s->cursor.dropped, s->cursor.confirmed, &s->object, uid);
	if (put_notice(s, LOAD_DROPPED, now_ns))
		memcpy(s->telling, s->cursor.dropped, sizeof s->telling);
}

static void beat(struct sink *s, uint64_t now_ns)
{
	const struct notice n = { s->o.sensor, s->conf->name, clock_wall() };
	char uid[NOTICE_UID_TEXT];

	if (!s->conf->heartbeat || now_ns < s->beat_ns)
		return;
	sbuf_reset(&s->object);
	notice_heartbeat(&n, s->conf->heartbeat, &s->object, uid);
	if (put_notice(s, LOAD_HEARTBEAT, now_ns) || s->load.count == 0)
		s->beat_ns = now_ns + s->conf->heartbeat;
}

bool sink_read_ahead(void *sink)
{
	struct sink *s = sink;
	struct taking t = { .s = s, .into = &s->next, .now_ns = clock_mono() };
	struct diag d;

	if (!s->outbox || !s->full)
		return false;
	if (s->next_from != s->load.to) {
		sink_read_forget(s);
		load_clear(&s->next, s->load.to);
		s->next_from = s->load.to;
	}
	if (s->next_full)
		return false;
	s->next_full = outbox_read(s->outbox, s->next.to, AHEAD_ROWS, take_row, &t, &d) != ZT_OK || t.stopped;
	s->next_filtered += t.filtered;
	return !s->next_full && t.seen == AHEAD_ROWS;
}

void sink_read_forget(struct sink *s)
{
	s->next_from = NEXT_NONE;
	s->next_filtered = 0;
	s->next_full = false;
}

/* What was read ahead is what is next, unless something came between. */
static void take_next(struct sink *s)
{
	struct load empty = s->load;

	if (s->next_from == s->load.to && s->load.count == 0) {
		s->load = s->next;
		s->next = empty;
		s->now.filtered += s->next_filtered;
	}
	sink_read_forget(s);
}

void sink_read_fill(struct sink *s, uint64_t now_ns)
{
	struct taking t = { .s = s, .into = &s->load, .now_ns = now_ns };
	struct diag d;
	int err;

	if (!load_open(&s->load))
		return;
	beat(s, now_ns);
	s->more = s->ended = s->full = false;
	if (!s->outbox || !s->known || now_ns < s->outbox_ns)
		return;
	if (s->stuck) {
		if (!sink_aside(s, s->stuck, s->stuck_why))
			return;
		s->load.to = s->stuck;
		s->stuck = 0;
	}
	tell_dropped(s, now_ns);
	take_next(s);
	if (!load_open(&s->load)) {
		s->more = s->full = true;
		return;
	}
	err = outbox_read(s->outbox, s->load.to, READ_MAX, take_row, &t, &d);
	if (err)
		sink_read_lost(s, err, d.text);
	else if (t.err == ZT_ENOMEM)
		sink_read_lost(s, t.err, "too little memory for a record");
	s->now.filtered += t.filtered;
	s->more = t.stopped || t.seen == READ_MAX;
	s->full = t.stopped && !s->stuck;
	s->ended = !err && !s->more;
	if (s->load.count)
		return;
	if (s->flight.count)
		inflight_extend(&s->flight, s->load.to);
	else if (s->load.to > s->cursor.confirmed)
		s->cursor.confirmed = s->load.to;
}
