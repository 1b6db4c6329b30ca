#include "engine/shard.h"

#include "base/ring.h"
#include "engine/finding.h"

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

struct shard {
	struct ring in, out;
	struct findings findings;       /* into out */
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

/* Waits for the taker: the answer shall be whole. */
static void *out_room(struct findings *f, uint32_t n, enum finding_kind kind, enum finding_weight weight)
{
	void *room;
	unsigned step = 0;

	(void)kind;
	(void)weight;
	while (!(room = ring_reserve(f->ring, n)))
		ring_wait(&step);
	return room;
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
			(void)findings_mark(&s->findings, FINDING_MARK, (struct order){ seq, sub });
			since = 0;
		}
	}
	(void)findings_mark(&s->findings, FINDING_END, (struct order){ UINT64_MAX, UINT64_MAX });
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

/* The worker whose next finding is the earliest of all; NULL: not known yet, or all have ended. Each ring is looked
 * at once: what arrives meanwhile may be earlier than what was seen, and must not be overtaken. */
static struct shard *earliest(struct shards *s, const struct finding **head)
{
	struct shard *best = NULL;
	const struct order *silent = NULL;      /* how far the slowest of those is that had nothing to tell */

	*head = NULL;
	for (unsigned i = 0; i < s->n; i++) {
		struct shard *v = &s->v[i];
		uint32_t n;
		const struct finding *h = v->ended ? NULL : ring_peek(&v->out, &n);

		if (h && (!best || order_before(h->order, (*head)->order))) {
			best = v;
			*head = h;
		} else if (!h && !v->ended && (!silent || order_before(v->told, *silent))) {
			silent = &v->told;
		}
	}
	return best && silent && order_before(*silent, (*head)->order) ? NULL : best;
}

bool shards_take(struct shards *s, const struct worker_hooks *hooks)
{
	const struct finding *h;
	struct shard *v;
	unsigned step = 0, left = 0;

	while ((v = earliest(s, &h))) {
		v->told = h->order;
		if (h->kind == FINDING_END)
			v->ended = true;
		else
			finding_tell(h, hooks);
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
		struct worker_hooks h;

		v->findings = (struct findings){ .ring = &v->out, .room = out_room };
		h = findings_hooks(&v->findings);
		v->worker = worker_new(c, &h);
		v->findings.worker = v->worker;
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
