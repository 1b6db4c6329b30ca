/* sink_keep.c - the cursor in the database, and what else is to be known of the outbox behind it. */
#include "forward/sink_inside.h"

#include "base/clock.h"

#define SECOND UINT64_C(1000000000)
#define KEEP_NS (SECOND / 10)           /* the cursor is written so often while there is much to send */
#define DEPTH_NS (SECOND / 4)

/* --- what the limits took --------------------------------------------------------------------------------------- */

struct pruning {
	struct load *load;
	uint32_t at;                    /* items before it are looked at */
};

/* Rows come in the order of the load's items; those that are passed over are gone. */
static bool still_there(void *arg, const struct outbox_row *row)
{
	struct pruning *p = arg;
	struct load *l = p->load;

	for (; p->at < l->count && l->item[p->at].id <= row->id; p->at++)
		l->item[p->at].done = l->item[p->at].id && l->item[p->at].id < row->id;
	return p->at < l->count;
}

void sink_keep_prune(struct sink *s)
{
	struct pruning p = { &s->load, 0 };
	int64_t first = 0, last = 0;
	struct diag d;

	for (uint32_t i = 0; i < s->load.count; i++) {
		first = first ? first : s->load.item[i].id;
		last = s->load.item[i].id ? s->load.item[i].id : last;
	}
	if (!first || !s->outbox)
		return;
	if (outbox_read(s->outbox, first - 1, (uint32_t)(last - first + 1), still_there, &p, &d) == ZT_OK) {
		for (; p.at < s->load.count; p.at++)
			s->load.item[p.at].done = s->load.item[p.at].id != 0;
	}
	(void)load_settle(&s->load);
}

/* --- the cursor ------------------------------------------------------------------------------------------------- */

void sink_keep_cursor(struct sink *s, uint64_t now_ns, bool at_once)
{
	int64_t settled;
	struct diag d;
	int err;

	if (!s->outbox || !s->known || now_ns < s->outbox_ns || (!at_once && now_ns - s->kept_ns < KEEP_NS))
		return;
	settle_confirmed(&s->settle, now_ns, s->cursor.confirmed);
	settled = s->ops->connect ? settle_at(&s->settle, now_ns) : s->cursor.confirmed;
	if (s->cursor.confirmed == s->kept && settled == s->cursor.settled)
		return;
	s->kept_ns = now_ns;
	err = outbox_move(s->outbox, s->conf->name, s->cursor.confirmed, settled, &d);
	if (err) {
		sink_read_lost(s, err, d.text);
		return;
	}
	s->kept = s->cursor.confirmed;
	s->cursor.settled = settled;
}

void sink_keep_depth(struct sink *s, uint64_t now_ns)
{
	uint64_t stored_ns = 0, wall_ns = clock_wall();
	struct diag d;

	if (!s->outbox || !s->known || now_ns < s->outbox_ns || (s->depth_ns && now_ns - s->depth_ns < DEPTH_NS))
		return;
	s->depth_ns = now_ns;
	if (outbox_depth(s->outbox, s->cursor.confirmed, &s->now.depth, &stored_ns, &d) != ZT_OK)
		return;
	s->now.oldest_ns = stored_ns && stored_ns < wall_ns ? wall_ns - stored_ns : 0;
}

/* How far somebody waits for. */
void sink_keep_drain(struct sink *s)
{
	uint32_t asked = atomic_load(&s->drain_asked);

	if (asked != s->drain_seen && s->outbox && s->known) {
		s->draining = s->more = true;   /* it may have come since the last reading */
		s->drain_seen = asked;
		s->ended = false;
	}
	if (!s->draining || !s->ended || s->load.count || s->flight.count || s->kept != s->cursor.confirmed)
		return;
	s->draining = false;
	atomic_store(&s->drain_done, s->drain_seen);
}
