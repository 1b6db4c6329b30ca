#include "alert/store_queue.h"

#include <stdlib.h>
#include <string.h>

void store_queue_init(struct store_queue *q, uint64_t max_bytes)
{
	memset(q, 0, sizeof *q);
	q->max_bytes = max_bytes;
}

static void free_lane(struct store_row *r)
{
	while (r) {
		struct store_row *next = r->next;

		free(r);
		r = next;
	}
}

void store_queue_fini(struct store_queue *q)
{
	free_lane(q->alerts.first);
	free_lane(q->inventory.first);
	store_queue_init(q, 0);
}

static struct store_lane *lane_of(struct store_queue *q, const struct store_row *r)
{
	return r->kind == ROW_ALERT ? &q->alerts : &q->inventory;
}

static void link_last(struct store_queue *q, struct store_row *r)
{
	struct store_lane *lane = lane_of(q, r), *equal = &q->severity[r->severity];

	r->next = NULL;
	r->prev = lane->last;
	*(lane->last ? &lane->last->next : &lane->first) = r;
	lane->last = r;
	q->rows++;
	if (r->kind != ROW_ALERT)
		return;
	q->alert_rows++;
	r->next_equal = NULL;
	r->prev_equal = equal->last;
	*(equal->last ? &equal->last->next_equal : &equal->first) = r;
	equal->last = r;
}

static void link_first(struct store_queue *q, struct store_row *r)
{
	struct store_lane *lane = lane_of(q, r), *equal = &q->severity[r->severity];

	r->prev = NULL;
	r->next = lane->first;
	*(lane->first ? &lane->first->prev : &lane->last) = r;
	lane->first = r;
	q->rows++;
	if (r->kind != ROW_ALERT)
		return;
	q->alert_rows++;
	r->prev_equal = NULL;
	r->next_equal = equal->first;
	*(equal->first ? &equal->first->prev_equal : &equal->last) = r;
	equal->first = r;
}

static void unlink_row(struct store_queue *q, struct store_row *r)
{
	struct store_lane *lane = lane_of(q, r), *equal = &q->severity[r->severity];

	*(r->prev ? &r->prev->next : &lane->first) = r->next;
	*(r->next ? &r->next->prev : &lane->last) = r->prev;
	q->rows--;
	if (r->kind != ROW_ALERT)
		return;
	q->alert_rows--;
	*(r->prev_equal ? &r->prev_equal->next_equal : &equal->first) = r->next_equal;
	*(r->next_equal ? &r->next_equal->prev_equal : &equal->last) = r->prev_equal;
}

void store_queue_lost(struct store_queue *q, enum store_row_kind kind, unsigned severity)
{
	if (kind == ROW_ALERT)
		q->lost[severity < SEV_COUNT ? severity : SEV_COUNT - 1]++;
	else
		q->lost_inventory++;
}

static void lose(struct store_queue *q, struct store_row *r)
{
	store_queue_lost(q, r->kind, r->severity);
	q->bytes -= r->bytes;
	free(r);
}

/* What may go to make room for r; NULL: nothing that is worth less, or as much and is older. */
static struct store_row *least(const struct store_queue *q, const struct store_row *r)
{
	if (q->inventory.first)
		return q->inventory.first;
	for (unsigned s = 0; r->kind == ROW_ALERT && s <= r->severity; s++) {
		if (q->severity[s].first)
			return q->severity[s].first;
	}
	return NULL;
}

void store_queue_put(struct store_queue *q, struct store_row *r)
{
	q->bytes += r->bytes;
	while (q->bytes > q->max_bytes) {
		struct store_row *out = r->bytes <= q->max_bytes ? least(q, r) : NULL;

		if (!out) {
			lose(q, r);
			return;
		}
		unlink_row(q, out);
		lose(q, out);
	}
	link_last(q, r);
}

struct store_row *store_queue_take(struct store_queue *q, uint32_t max_rows, uint64_t max_bytes, bool inventory)
{
	struct store_row *list = NULL, **end = &list;
	uint64_t bytes = 0;

	for (uint32_t n = 0; n < max_rows; n++) {
		struct store_row *r = q->alerts.first ? q->alerts.first : inventory ? q->inventory.first : NULL;

		if (!r || (n && bytes + r->bytes > max_bytes))
			break;
		bytes += r->bytes;
		unlink_row(q, r);
		r->next = NULL;
		*end = r;
		end = &r->next;
	}
	return list;
}

void store_queue_back(struct store_queue *q, struct store_row *list)
{
	struct store_row *reversed = NULL;

	while (list) {
		struct store_row *next = list->next;

		list->next = reversed;
		reversed = list;
		list = next;
	}
	while (reversed) {
		struct store_row *next = reversed->next;

		link_first(q, reversed);
		reversed = next;
	}
}

void store_queue_done(struct store_queue *q, struct store_row *r)
{
	q->bytes -= r->bytes;
	free(r);
}
