#include "engine/run.h"

#include "engine/connections.h"
#include "engine/shard.h"

#include <pthread.h>
#include <string.h>

#define PROGRESS_EVERY 16384    /* packets */

struct feed {
	const struct run_config *conf;
	struct run_result *out;
	struct decoder *decoder;
	struct worker *worker;          /* inline */
	struct shards *shards;          /* or threaded */
	uint64_t tick_ns;               /* packet time of the next tick; 0: none yet */
	uint64_t now_ns;
	_Atomic uint64_t done, total, packets;
	_Atomic bool stop;

	/* between the workers and the caller's hooks: all events pass here in order */
	const struct worker_hooks *hooks;
	struct connections *connections;
};

static void pass_event(void *arg, const struct ot_event *ev)
{
	const struct feed *f = arg;

	f->hooks->event(f->hooks->arg, connections_pass(f->connections, ev));
}

static void pass_flow(void *arg, const struct ot_head *first, const struct flow_facts *facts)
{
	const struct feed *f = arg;

	f->hooks->flow(f->hooks->arg, first, facts);
}

static void pass_count(void *arg, const struct ot_event *like, uint64_t n, uint64_t first_ns, uint64_t last_ns)
{
	const struct feed *f = arg;

	f->hooks->count(f->hooks->arg, like, n, first_ns, last_ns);
}

static void pass_no_answer(void *arg, uint64_t req_seq, uint16_t capture, uint32_t frame, uint16_t pdu, uint64_t now_ns,
			   bool other_side_seen)
{
	const struct feed *f = arg;

	f->hooks->no_answer(f->hooks->arg, req_seq, capture, frame, pdu, now_ns, other_side_seen);
}

static const char *source_name(void *arg, uint16_t capture)
{
	const struct feed *f = arg;
	const struct capture_info *i = source_capture(f->out->source, capture);

	return i ? i->name : "";
}

/* Ticks come between packets, when packet time has passed a second: the same place for any number of workers. */
static void tick(struct feed *f, const struct packet *p)
{
	if (p->ts_ns > f->now_ns)
		f->now_ns = p->ts_ns;
	if (f->now_ns < f->tick_ns)
		return;
	if (f->tick_ns) {
		if (f->shards)
			shards_tick(f->shards, p->seq - 1, f->now_ns);
		else
			worker_tick(f->worker, p->seq - 1, f->now_ns);
	}
	f->tick_ns = f->now_ns - f->now_ns % WORKER_TICK_NS + WORKER_TICK_NS;
}

static void one_packet(struct feed *f, struct packet *p)
{
	struct run_result *r = f->out;

	r->packets++;
	if (r->packets == 1 || p->ts_ns < r->first_ns)
		r->first_ns = p->ts_ns;
	if (p->ts_ns > r->last_ns)
		r->last_ns = p->ts_ns;
	if (!packet_decode(f->decoder, p))
		return;
	tick(f, p);
	if (f->shards)
		shards_packet(f->shards, p);
	else
		worker_packet(f->worker, p);
}

static bool say_progress(struct feed *f)
{
	const struct run_config *c = f->conf;

	return !c->progress || c->progress(c->arg, f->done, f->total, f->packets);
}

static void feed_all(struct feed *f)
{
	struct packet p;
	uint64_t done, total;

	while (!f->stop && source_next(f->out->source, &p) == 1) {
		one_packet(f, &p);
		if (f->out->packets % PROGRESS_EVERY == 0) {
			source_progress(f->out->source, &done, &total);
			f->done = done;
			f->total = total;
			f->packets = f->out->packets;
			if (!f->shards && !say_progress(f))
				break;
		}
	}
	if (f->shards)
		shards_end(f->shards, f->now_ns);
	else
		worker_finish(f->worker, f->now_ns);
}

static void *feeder(void *arg)
{
	feed_all(arg);
	return NULL;
}

static int run_threaded(struct feed *f, const struct worker_config *wc, const struct worker_hooks *hooks, struct diag *d)
{
	pthread_t thread;
	uint64_t told = 0;

	f->shards = shards_new(wc, f->conf->workers);
	if (!f->shards)
		return diag_fail(d, ZT_ENOMEM, "no memory for %u workers", f->conf->workers);
	if (pthread_create(&thread, NULL, feeder, f) != 0) {
		shards_end(f->shards, 0);
		while (shards_take(f->shards, hooks))
			;
		shards_free(f->shards);
		return diag_fail(d, ZT_ELIB, "cannot start a thread");
	}
	while (shards_take(f->shards, hooks)) {
		if (f->packets != told) {
			told = f->packets;
			if (!say_progress(f))
				f->stop = true;
		}
	}
	pthread_join(thread, NULL);
	shards_counts(f->shards, &f->out->counts);
	shards_free(f->shards);
	return ZT_OK;
}

static int run_inline(struct feed *f, const struct worker_config *wc, const struct worker_hooks *hooks, struct diag *d)
{
	f->worker = worker_new(wc, hooks);
	if (!f->worker)
		return diag_fail(d, ZT_ENOMEM, "no memory for the packet path");
	feed_all(f);
	worker_counts(f->worker, &f->out->counts);
	worker_free(f->worker);
	return ZT_OK;
}

int run_captures(const struct run_config *c, const struct worker_hooks *hooks, struct run_result *out, struct diag *d)
{
	struct source_options o = { .hash = c->hash, .link_known = decode_link_known };
	struct feed f = { .conf = c, .out = out, .hooks = hooks };
	const struct worker_hooks pass = { &f, pass_event, pass_flow, pass_count, pass_no_answer };
	struct worker_config wc = { .policy = c->policy, .source_name = source_name, .source_arg = &f,
				    .every_event = c->every_event, .classify = c->classify };
	int err;

	memset(out, 0, sizeof *out);
	err = source_open(c->captures, c->ncaptures, &o, &out->source, d);
	if (err)
		return err;
	f.decoder = decoder_new(0);
	f.connections = connections_new();
	if (!f.decoder || !f.connections)
		err = diag_fail(d, ZT_ENOMEM, "no memory for the packet decoder");
	else if (c->workers > 1)
		err = run_threaded(&f, &wc, &pass, d);
	else
		err = run_inline(&f, &wc, &pass, d);
	if (f.decoder)
		out->decode = *decoder_stats(f.decoder);
	decoder_free(f.decoder);
	connections_free(f.connections);
	for (uint32_t i = 0; i < source_captures(out->source); i++)
		out->failed += source_capture(out->source, i)->status != CAPTURE_OK;
	return err;
}
