#include "ot/txn.h"

#include <string.h>

static void parts_free(struct dissect_core *c, struct txn *t)
{
	while (t->first) {
		struct txn_part *p = t->first;

		t->first = p->next;
		pool_put(c->parts, p);
	}
	t->last = NULL;
}

void txn_end(struct dissect_core *c, struct talk *k, struct txn *t)
{
	struct txn **link = &k->txns[t->direction];

	while (*link && *link != t)
		link = &(*link)->next;
	if (!*link)
		return;
	*link = t->next;
	k->txn_count[t->direction]--;
	if (t->older)
		t->older->newer = t->newer;
	else
		c->oldest_txn = t->newer;
	if (t->newer)
		t->newer->older = t->older;
	else
		c->newest_txn = t->older;
	if (c->opened == t)
		c->opened = NULL;
	if (c->answered == t)
		c->answered = NULL;
	parts_free(c, t);
	pool_put(c->txns, t);
}

void txn_give_up(struct dissect_core *c, struct txn *t)
{
	struct flow *f = t->flow;

	if (c->hooks.no_answer && !(t->flags & TXN_ANSWERED))
		c->hooks.no_answer(c->hooks.arg, t, f->side[!t->direction].packets > 0);
	txn_end(c, f->upper, t);
}

struct txn *dissect_open(struct dissect *d, uint32_t key)
{
	struct dissect_core *c = d->core;
	struct talk *k = c->talk;
	struct txn *t, **link;

	if (k->txn_count[d->direction] >= TALK_TXNS_MAX)
		txn_give_up(c, k->txns[d->direction]);
	t = pool_get(c->txns);
	if (!t && k->txns[d->direction]) {
		txn_give_up(c, k->txns[d->direction]);
		t = pool_get(c->txns);
	}
	if (!t) {
		c->counts.txns_spent++;
		return NULL;
	}
	memset(t, 0, sizeof *t);
	t->seq = d->ev.head.seq;
	t->ts_ns = d->ev.head.ts_ns;
	t->frame = d->ev.head.frame;
	t->capture = d->ev.head.capture;
	t->pdu = d->ev.head.pdu;
	t->key = key;
	t->func = d->ev.func;
	t->unit = d->ev.unit;
	t->direction = d->direction;
	for (link = &k->txns[d->direction]; *link; link = &(*link)->next)
		;
	*link = t;
	k->txn_count[d->direction]++;
	t->flow = c->flow;
	t->order = c->order;
	t->older = c->newest_txn;
	if (t->older)
		t->older->newer = t;
	else
		c->oldest_txn = t;
	c->newest_txn = t;
	c->opened = t;
	return t;
}

void txn_remember(struct dissect_core *c, struct txn *t, const struct ot_event *ev)
{
	struct txn_part *p = pool_get(c->parts);

	if (!p) {
		c->counts.parts_spent++;
		return;
	}
	p->next = NULL;
	p->has = ev->has & (HAS_FUNC | HAS_SUB | HAS_CLASS | HAS_BLOCK | HAS_FIRST | HAS_COUNT);
	p->op = ev->op;
	p->act = ev->act;
	p->granule = ev->granule;
	p->verdict = ev->verdict;
	p->flags = (uint8_t)((ev->flags & EV_BY_VALUE) | (ev->matches ? EV_REQUEST_MATCHED : 0));
	p->func = ev->func;
	p->sub = ev->sub;
	p->cls = ev->cls;
	p->block = ev->block;
	p->first = ev->first;
	p->count = ev->count;
	p->func_name = ev->func_name;
	p->space = ev->space;
	p->tag_len = ev->tag_len;
	p->path_len = ev->path_len;
	p->route_len = ev->route_len;
	memcpy(p->text, ev->tag, ev->tag_len);
	memcpy(p->text + ev->tag_len, ev->path, ev->path_len);
	memcpy(p->text + ev->tag_len + ev->path_len, ev->route, ev->route_len);
	if (t->last)
		t->last->next = p;
	else
		t->first = p;
	t->last = p;
	t->parts++;
}

static struct txn *match_exact(struct dissect *d, uint32_t key, enum txn_match match,
			       bool (*fits)(const struct dissect *d, const struct txn *t))
{
	for (struct txn *t = d->core->talk->txns[!d->direction]; t; t = t->next) {
		if (t->key != key || (match != TXN_KEY && (t->func != d->ev.func || t->unit != d->ev.unit)))
			continue;
		if (!fits || fits(d, t))
			return t;
	}
	return NULL;
}

/* Some devices answer with id 0 always, or repeat one: then order is all there is. Two answers in a row
 * that met nothing prove the same of any other id. */
static bool ids_are_lies(const struct talk *k, uint32_t key)
{
	return key == 0 || (k->has_reply_key && k->last_reply_key == key) || k->ids_lie >= 2;
}

/* The oldest request that this may answer; one that an earlier answer may have met only when there is no other. */
static struct txn *match_in_order(struct dissect *d, bool (*fits)(const struct dissect *d, const struct txn *t))
{
	struct txn *doubted = NULL;

	for (struct txn *t = d->core->talk->txns[!d->direction]; t; t = t->next) {
		if (t->func != d->ev.func || t->unit != d->ev.unit || t->flags & TXN_ANSWERED || (fits && !fits(d, t)))
			continue;
		if (!(t->flags & TXN_DOUBTED))
			return t;
		if (!doubted)
			doubted = t;
	}
	return doubted;
}

struct txn *dissect_reply(struct dissect *d, uint32_t key, enum txn_match match,
			  bool (*fits)(const struct dissect *d, const struct txn *t))
{
	struct dissect_core *c = d->core;
	struct talk *k = c->talk;
	struct txn *t = match_exact(d, key, match, fits);

	if (t) {
		k->ids_lie = 0;
	} else if (match == TXN_LOOSE && k->txns[!d->direction]) {
		struct txn *next = match_in_order(d, fits);

		if (ids_are_lies(k, key))
			t = next;
		else if (next)
			next->flags |= TXN_DOUBTED;
		if (k->ids_lie < 255)
			k->ids_lie++;
	}
	k->last_reply_key = key;
	k->has_reply_key = 1;
	if (!t)
		return NULL;
	d->ev.has |= HAS_REQUEST | HAS_LATENCY;
	d->ev.req_seq = t->seq;
	d->ev.req_frame = t->frame;
	d->ev.req_pdu = t->pdu;
	d->ev.req_capture = t->capture;
	d->ev.latency_us = d->ev.head.ts_ns > t->ts_ns ? (uint32_t)((d->ev.head.ts_ns - t->ts_ns) / 1000) : 0;
	t->flags |= TXN_ANSWERED;
	c->answered = t;
	c->keep = 0;
	return t;
}

bool dissect_part(struct dissect *d, const struct txn *t, unsigned i)
{
	struct dissect_core *c = d->core;
	const struct txn_part *p = t ? t->first : NULL;
	struct ot_event *e = &d->ev;
	unsigned at = 0;

	if (t && t == c->part_of && c->part_at <= i) {  /* answers go through the parts in order */
		p = c->part;
		at = c->part_at;
	}
	for (; p && at < i; at++)
		p = p->next;
	if (!p)
		return false;
	c->part_of = t;
	c->part = p;
	c->part_at = at;
	e->has |= p->has;
	e->op = p->op;
	e->act = p->act;
	e->granule = p->granule;
	e->verdict = p->verdict;
	e->flags = (uint8_t)((e->flags & ~(EV_REQUEST_MATCHED | EV_BY_VALUE)) | p->flags);
	e->func = p->func;
	e->sub = p->sub;
	e->cls = p->cls;
	e->block = p->block;
	e->first = p->first;
	e->count = p->count;
	e->func_name = p->func_name;
	e->space = p->space;
	e->tag_len = p->tag_len;
	e->path_len = p->path_len;
	e->route_len = p->route_len;
	memcpy(e->tag, p->text, p->tag_len);
	memcpy(e->path, p->text + p->tag_len, p->path_len);
	memcpy(e->route, p->text + p->tag_len + p->path_len, p->route_len);
	return true;
}

void dissect_keep(struct dissect *d, struct txn *t)
{
	if (d->core->answered == t)
		d->core->keep = 1;
}

struct txn *dissect_find(struct dissect *d, bool (*want)(const struct txn *t, uint32_t arg), uint32_t arg)
{
	for (struct txn *t = d->core->talk->txns[!d->direction]; t; t = t->next)
		if (want(t, arg))
			return t;
	return NULL;
}
