#include "engine/shard.h"

#include "base/ring.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define IN_BYTES (1u << 20)     /* packets waiting for one worker */
#define OUT_BYTES (1u << 20)    /* findings of one worker waiting to be taken */
#define MARK_EVERY 256          /* packets between two progress marks */

enum in_kind { IN_PACKET, IN_MARK, IN_TICK, IN_END };

struct in_head {
	uint32_t kind, ip_len;
	uint64_t seq, sub, now_ns;      /* MARK: everything up to (seq, sub) has been fed */
	struct packet p;
};

enum out_kind { OUT_EVENT, OUT_FLOW, OUT_COUNT, OUT_NO_ANSWER, OUT_MARK, OUT_END };

struct out_head {
	struct order order;     /* MARK: everything up to here is told */
	uint32_t kind, pad;
};

struct out_flow { struct out_head h; struct ot_head first; struct flow_facts facts; };
struct out_event { struct out_head h; uint64_t n, first_ns, last_ns; struct ot_event ev; };
struct out_no_answer {
	struct out_head h;
	uint64_t req_seq, now_ns;
	uint32_t frame;
	uint16_t capture, pdu;
	bool other_side_seen;
};

struct shard {
	struct ring in, out;
	struct worker *worker;
	pthread_t thread;
	bool running, ended;
	struct order told;      /* the taker's: everything up to here has been taken or does not exist */
};

struct shards {
	unsigned n;
	uint64_t fed;           /* packets since the last mark */
	uint64_t last_seq;      /* of the last packet fed */
	struct shard v[];
};

/* --- the worker's side ------------------------------------------------------------------ */

static void *out_reserve(struct shard *s, uint32_t n, enum out_kind kind)
{
	struct out_head *h;
	unsigned step = 0;

	while (!(h = ring_reserve(&s->out, n)))
		ring_wait(&step);
	h->order = worker_order(s->worker);
	h->kind = kind;
	return h;
}

static void out_event(struct shard *s, enum out_kind kind, const struct ot_event *ev, uint64_t n, uint64_t first_ns, uint64_t last_ns)
{
	uint32_t size = (uint32_t)(offsetof(struct out_event, ev) +
				   (ev->has & HAS_IDENTITY ? sizeof *ev : offsetof(struct ot_event, identity)));
	struct out_event *o = out_reserve(s, size, kind);

	o->n = n;
	o->first_ns = first_ns;
	o->last_ns = last_ns;
	ot_event_copy(&o->ev, ev);
	ring_publish(&s->out);
}

static void on_event(void *arg, const struct ot_event *ev)
{
	out_event(arg, OUT_EVENT, ev, 0, 0, 0);
}

static void on_count(void *arg, const struct ot_event *like, uint64_t n, uint64_t first_ns, uint64_t last_ns)
{
	out_event(arg, OUT_COUNT, like, n, first_ns, last_ns);
}

static void on_flow(void *arg, const struct ot_head *first, const struct flow_facts *facts)
{
	struct shard *s = arg;
	struct out_flow *o = out_reserve(s, sizeof *o, OUT_FLOW);

	o->first = *first;
	o->facts = *facts;
	ring_publish(&s->out);
}

static void on_no_answer(void *arg, uint64_t req_seq, uint16_t capture, uint32_t frame, uint16_t pdu, uint64_t now_ns,
			 bool other_side_seen)
{
	struct shard *s = arg;
	struct out_no_answer *o = out_reserve(s, sizeof *o, OUT_NO_ANSWER);

	o->req_seq = req_seq;
	o->capture = capture;
	o->frame = frame;
	o->pdu = pdu;
	o->now_ns = now_ns;
	o->other_side_seen = other_side_seen;
	ring_publish(&s->out);
}

static void out_mark(struct shard *s, enum out_kind kind, uint64_t seq, uint64_t sub)
{
	struct out_head *h = out_reserve(s, sizeof *h, kind);

	h->order = (struct order){ seq, sub };
	ring_publish(&s->out);
}

static void in_packet(struct shard *s, const struct in_head *h)
{
	struct packet p = h->p;
	const uint8_t *ip = (const uint8_t *)(h + 1);

	if (p.data)
		p.data = ip + (p.data - p.ip);
	p.ip = ip;
	p.bytes = NULL;
	p.caplen = 0;
	worker_packet(s->worker, &p);
}

static void *work(void *arg)
{
	struct shard *s = arg;
	unsigned step = 0, since = 0;

	for (;;) {
		uint32_t n;
		const struct in_head *h = ring_peek(&s->in, &n);
		uint64_t seq, sub;
		uint32_t kind;

		if (!h) {
			ring_wait(&step);
			continue;
		}
		step = 0;
		kind = h->kind;
		seq = h->seq;
		sub = h->sub;
		if (kind == IN_PACKET)
			in_packet(s, h);
		else if (kind == IN_TICK)
			worker_tick(s->worker, seq, h->now_ns);
		else if (kind == IN_END)
			worker_finish(s->worker, h->now_ns);
		ring_release(&s->in);
		if (kind == IN_END)
			break;
		if (kind != IN_PACKET || ++since >= MARK_EVERY) {
			out_mark(s, OUT_MARK, seq, sub);
			since = 0;
		}
	}
	out_mark(s, OUT_END, UINT64_MAX, UINT64_MAX);
	return NULL;
}

/* --- the feeder's side ------------------------------------------------------------------ */

static bool put_mark(struct shard *s, enum in_kind kind, uint64_t seq, uint64_t sub, uint64_t now_ns)
{
	struct in_head *h = ring_reserve(&s->in, sizeof *h);

	if (!h)
		return false;
	h->kind = kind;
	h->seq = seq;
	h->sub = sub;
	h->now_ns = now_ns;
	ring_publish(&s->in);
	return true;
}

/* While one worker is behind the others must be told how far the run is: the taker waits for the slowest, and
 * one that hears nothing says nothing. */
static void mark_others(struct shards *s, const struct shard *but, uint64_t seq, uint64_t sub)
{
	for (unsigned i = 0; i < s->n; i++)
		if (&s->v[i] != but)
			(void)put_mark(&s->v[i], IN_MARK, seq, sub, 0);
}

void shards_packet(struct shards *s, const struct packet *p)
{
	struct shard *v = &s->v[p->shard % s->n];
	struct in_head *h;
	unsigned step = 0;

	while (!(h = ring_reserve(&v->in, (uint32_t)sizeof *h + p->ip_len))) {
		if (step == 0)          /* the tick behind the packet before this one, if any, has been fed */
			mark_others(s, v, p->seq - 1, UINT64_MAX);
		ring_wait(&step);
	}
	h->kind = IN_PACKET;
	h->seq = p->seq;
	h->sub = 0;
	h->ip_len = p->ip_len;
	h->p = *p;
	memcpy(h + 1, p->ip, p->ip_len);
	ring_publish(&v->in);
	s->last_seq = p->seq;
	if (++s->fed >= MARK_EVERY) {
		s->fed = 0;
		mark_others(s, v, p->seq, 0);
	}
}

static void all(struct shards *s, enum in_kind kind, uint64_t seq, uint64_t now_ns)
{
	for (unsigned i = 0; i < s->n; i++) {
		unsigned step = 0;

		while (!put_mark(&s->v[i], kind, seq, UINT64_MAX, now_ns)) {
			if (step == 0)
				mark_others(s, &s->v[i], s->last_seq, 0);
			ring_wait(&step);
		}
	}
}

void shards_tick(struct shards *s, uint64_t seq, uint64_t now_ns)
{
	all(s, IN_TICK, seq, now_ns);
}

void shards_end(struct shards *s, uint64_t now_ns)
{
	all(s, IN_END, UINT64_MAX, now_ns);
}

/* --- the taker's side ------------------------------------------------------------------- */

static bool before(struct order a, struct order b)
{
	return a.trigger != b.trigger ? a.trigger < b.trigger : a.sub < b.sub;
}

static void tell(const struct out_head *h, const struct worker_hooks *k)
{
	const struct out_event *e = (const void *)h;
	const struct out_flow *f = (const void *)h;
	const struct out_no_answer *a = (const void *)h;

	switch ((enum out_kind)h->kind) {
	case OUT_EVENT:
		k->event(k->arg, &e->ev);
		break;
	case OUT_COUNT:
		k->count(k->arg, &e->ev, e->n, e->first_ns, e->last_ns);
		break;
	case OUT_FLOW:
		k->flow(k->arg, &f->first, &f->facts);
		break;
	case OUT_NO_ANSWER:
		k->no_answer(k->arg, a->req_seq, a->capture, a->frame, a->pdu, a->now_ns, a->other_side_seen);
		break;
	case OUT_MARK:
	case OUT_END:
		break;
	}
}

/* The worker whose next finding is the earliest of all; NULL: not known yet, or all have ended. Each ring is looked
 * at once: what arrives meanwhile may be earlier than what was seen, and must not be overtaken. */
static struct shard *earliest(struct shards *s, const struct out_head **head)
{
	struct shard *best = NULL;
	const struct order *silent = NULL;      /* how far the slowest of those is that had nothing to tell */

	*head = NULL;
	for (unsigned i = 0; i < s->n; i++) {
		struct shard *v = &s->v[i];
		uint32_t n;
		const struct out_head *h = v->ended ? NULL : ring_peek(&v->out, &n);

		if (h && (!best || before(h->order, (*head)->order))) {
			best = v;
			*head = h;
		} else if (!h && !v->ended && (!silent || before(v->told, *silent))) {
			silent = &v->told;
		}
	}
	return best && silent && before(*silent, (*head)->order) ? NULL : best;
}

bool shards_take(struct shards *s, const struct worker_hooks *hooks)
{
	const struct out_head *h;
	struct shard *v;
	unsigned step = 0, left = 0;

	while ((v = earliest(s, &h))) {
		v->told = h->order;
		if (h->kind == OUT_END)
			v->ended = true;
		else
			tell(h, hooks);
		ring_release(&v->out);
	}
	for (unsigned i = 0; i < s->n; i++)
		left += !s->v[i].ended;
	if (left)
		ring_wait(&step);
	return left > 0;
}

/* --- life ------------------------------------------------------------------------------- */

struct shards *shards_new(const struct worker_config *c, unsigned workers)
{
	struct shards *s = aligned_alloc(64, (sizeof *s + workers * sizeof s->v[0] + 63) & ~(size_t)63);

	if (!s)
		return NULL;
	memset(s, 0, sizeof *s + workers * sizeof s->v[0]);
	s->n = workers;
	for (unsigned i = 0; i < workers; i++) {
		struct shard *v = &s->v[i];
		struct worker_hooks h = { v, on_event, on_flow, on_count, on_no_answer };

		v->worker = worker_new(c, &h);
		if (!v->worker || !ring_init(&v->in, IN_BYTES) || !ring_init(&v->out, OUT_BYTES) ||
		    pthread_create(&v->thread, NULL, work, v) != 0) {
			shards_end(s, 0);
			shards_free(s);
			return NULL;
		}
		v->running = true;
	}
	return s;
}

void shards_free(struct shards *s)
{
	for (unsigned i = 0; s && i < s->n; i++) {
		if (s->v[i].running)
			pthread_join(s->v[i].thread, NULL);
		worker_free(s->v[i].worker);
		ring_fini(&s->v[i].in);
		ring_fini(&s->v[i].out);
	}
	free(s);
}

void shards_counts(const struct shards *s, struct worker_counts *out)
{
	memset(out, 0, sizeof *out);
	for (unsigned i = 0; i < s->n; i++) {
		struct worker_counts c;

		worker_counts(s->v[i].worker, &c);
		worker_counts_add(out, &c);
	}
}
