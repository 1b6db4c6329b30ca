#include "engine/merge.h"

#include "base/hash.h"

#include <stdlib.h>
#include <string.h>

#define BUCKETS 16384

struct waiting {                /* in the order of arrival */
	struct waiting *next;           /* later */
	struct waiting *bucket;         /* of the same place in the table */
	struct ot_event *answer;        /* NULL: none yet */
	uint8_t outcome;                /* OUTCOME_NONE: still open */
	struct ot_event ev;
};

struct merge {
	merge_fn *fn;
	void *arg;
	struct waiting *oldest, **newest;
	struct waiting *spare;
	uint32_t count;
	struct waiting *table[BUCKETS];
};

struct merge *merge_new(merge_fn *fn, void *arg)
{
	struct merge *m = calloc(1, sizeof *m);

	if (m) {
		m->fn = fn;
		m->arg = arg;
		m->newest = &m->oldest;
	}
	return m;
}

static struct waiting **bucket_of(struct merge *m, uint16_t capture, uint32_t frame, uint16_t pdu)
{
	uint32_t key[3] = { capture, frame, pdu };

	return &m->table[hash_mem(key, sizeof key) % BUCKETS];
}

static void leave(struct merge *m)
{
	struct waiting *w = m->oldest, **link;

	m->fn(m->arg, &w->ev, w->outcome ? w->outcome : OUTCOME_UNKNOWN, w->answer);
	m->oldest = w->next;
	if (!m->oldest)
		m->newest = &m->oldest;
	link = bucket_of(m, w->ev.head.capture, w->ev.head.frame, w->ev.head.pdu);
	while (*link && *link != w)
		link = &(*link)->bucket;
	if (*link)
		*link = w->bucket;
	free(w->answer);
	w->next = m->spare;
	m->spare = w;
	m->count--;
}

/* What has been settled leaves, up to the first that still waits. */
static void drain(struct merge *m)
{
	while (m->oldest && m->oldest->outcome != OUTCOME_NONE)
		leave(m);
}

static bool is_of(const struct waiting *w, uint16_t capture, uint32_t frame, uint16_t pdu)
{
	return w->ev.head.frame == frame && w->ev.head.pdu == pdu && w->ev.head.capture == capture;
}

/* The answer goes to the request with the same part; an answer that has none (an error for all of it) to each. */
static bool settle(struct merge *m, const struct ot_event *ev)
{
	bool any = false;

	for (struct waiting *w = *bucket_of(m, ev->req_capture, ev->req_frame, ev->req_pdu); w; w = w->bucket) {
		if (!is_of(w, ev->req_capture, ev->req_frame, ev->req_pdu) || (ev->part && w->ev.part != ev->part) ||
		    (!ev->part && w->ev.part && ev->outcome == OUTCOME_OK))
			continue;
		if (!w->answer)
			w->answer = malloc(sizeof *w->answer);
		if (w->answer)
			ot_event_copy(w->answer, ev);
		w->outcome = ev->outcome == OUTCOME_NONE ? OUTCOME_OK : ev->outcome;
		any = true;
	}
	return any;
}

static struct waiting *add(struct merge *m, const struct ot_event *ev)
{
	struct waiting *w = m->spare;

	if (w)
		m->spare = w->next;
	else
		w = malloc(sizeof *w);
	if (!w)
		return NULL;
	ot_event_copy(&w->ev, ev);
	w->answer = NULL;
	w->outcome = OUTCOME_NONE;
	w->next = w->bucket = NULL;
	*m->newest = w;
	m->newest = &w->next;
	m->count++;
	return w;
}

void merge_event(struct merge *m, const struct ot_event *ev)
{
	struct waiting *w;

	if (ev->dir == DIR_RESPONSE && ev->has & HAS_REQUEST && settle(m, ev)) {
		drain(m);
		return;
	}
	if (m->count >= MERGE_WAITING_MAX)
		leave(m);
	w = add(m, ev);
	if (!w)
		return;
	if (ev->dir == DIR_REQUEST) {
		struct waiting **b = bucket_of(m, ev->head.capture, ev->head.frame, ev->head.pdu);

		w->bucket = *b;
		*b = w;
	} else {
		w->outcome = ev->outcome == OUTCOME_NONE ? OUTCOME_UNKNOWN : ev->outcome;
		w->answer = malloc(sizeof *w->answer);
		if (w->answer)
			ot_event_copy(w->answer, ev);
	}
	drain(m);
}

void merge_no_answer(struct merge *m, uint16_t capture, uint32_t frame, uint16_t pdu, bool other_side_seen)
{
	for (struct waiting *w = *bucket_of(m, capture, frame, pdu); w; w = w->bucket)
		if (is_of(w, capture, frame, pdu) && w->outcome == OUTCOME_NONE)
			w->outcome = other_side_seen ? OUTCOME_NO_RESPONSE : OUTCOME_UNKNOWN;
	drain(m);
}

void merge_finish(struct merge *m)
{
	while (m->oldest)
		leave(m);
}

void merge_free(struct merge *m)
{
	if (!m)
		return;
	while (m->oldest) {
		struct waiting *w = m->oldest;

		m->oldest = w->next;
		free(w->answer);
		free(w);
	}
	while (m->spare) {
		struct waiting *w = m->spare;

		m->spare = w->next;
		free(w);
	}
	free(m);
}
