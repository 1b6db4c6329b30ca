#include "sensor/listener.h"

#include "base/clock.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#define BATCH 512                       /* packets read before anything else is looked at */
#define SECOND UINT64_C(1000000000)
#define REPEAT_PARTS 10                 /* counts of repeats leave in so many parts, one a second */
#define ORDER_STEP LISTENERS_MAX
#define FED_WAIT_MS 5
#define LEAVE_READS 2

struct listener {
	struct listener_config conf;
	pthread_t thread;
	bool running;

	struct live *live;
	enum port_part part;
	uint32_t round;
	bool all_joined;                /* packets of this round have begun to count */
	uint64_t opened_mono;
	uint64_t handed;                /* packets that this round's socket has handed out */
	uint64_t patient_until;         /* monotonic: at the end the recorder is waited for, but not for ever */

	struct decoder *decoder;
	struct worker *worker;
	struct findings findings;
	struct ring out, in;            /* in: of a fed listener, packets as listener 0 decoded them */
	uint64_t now_ns;                /* running time, as read for the batch in hand */
	uint64_t last_order;            /* trigger of what was told last */
	uint64_t tick_ns, second_ns;    /* running time of the next tick; of the last housekeeping */
	uint64_t packet_ns;             /* running time of the last packet */
	unsigned repeat_part;
	uint32_t frame;
	struct listener_counts counts;
	struct live_counts before;      /* of rounds that are over */

	_Atomic bool ended;
	_Atomic uint32_t epoch;
	_Atomic uint64_t fed_ns;        /* of listener 0: everything up to here has been handed on */
	pthread_mutex_t lock;           /* of copy */
	struct listener_counts copy;
};

struct handoff { struct packet p; uint32_t ip_len, pad; };     /* and the packet from its IP header on */

/* --- findings ----------------------------------------------------------------------------- */

static void *room(struct findings *f, uint32_t n, enum finding_kind kind, enum finding_weight weight)
{
	struct listener *l = f->arg;
	void *at = ring_reserve_sparing(f->ring, n, weight == FINDING_HEAVY ? 0 : LISTENER_RING / 8);

	for (unsigned step = 0; !at && clock_mono() < l->patient_until; ring_wait(&step))
		at = ring_reserve(f->ring, n);
	if (at)
		return at;
	l->counts.dropped[kind]++;
	l->counts.heavy_dropped += weight == FINDING_HEAVY && kind != FINDING_MARK;
	return NULL;
}

/* --- order and time ------------------------------------------------------------------------- */

/* Packets of all listeners in the order of their time: its upper bits, and the listener's number below them, so
 * that no two are the same. It rises also where time does not. */
static uint64_t order_at(struct listener *l, uint64_t t_ns)
{
	uint64_t since = t_ns > l->conf.base_ns ? t_ns - l->conf.base_ns : 0;
	uint64_t order = (since & ~(uint64_t)(ORDER_STEP - 1)) | l->conf.number;

	if (order <= l->last_order)
		order = l->last_order + ORDER_STEP;
	l->last_order = order;
	return order;
}

/* Behind the packet that was looked at last. */
static void tick(struct listener *l, uint64_t t_ns)
{
	worker_tick(l->worker, l->last_order, t_ns);
	l->tick_ns = t_ns - t_ns % WORKER_TICK_NS + WORKER_TICK_NS;
	worker_repeats(l->worker, l->repeat_part, REPEAT_PARTS);
	l->repeat_part = (l->repeat_part + 1) % REPEAT_PARTS;
}

/* Nothing that was stamped before t_ns will come any more. */
static void idle(struct listener *l, uint64_t t_ns)
{
	(void)order_at(l, t_ns);
	if (t_ns >= l->tick_ns)
		tick(l, t_ns);
	(void)findings_mark(&l->findings, FINDING_MARK, (struct order){ l->last_order, UINT64_MAX });
	atomic_store_explicit(&l->fed_ns, t_ns, memory_order_release);
}

/* --- packets ---------------------------------------------------------------------------------- */

static void work(struct listener *l, struct packet *p)
{
	if (p->ts_ns >= l->tick_ns)
		tick(l, p->ts_ns);
	p->seq = order_at(l, p->ts_ns);
	worker_packet(l->worker, p);
}

static void hand_over(struct listener *l, struct listener *to, const struct packet *p)
{
	struct handoff *h = ring_reserve(&to->in, (uint32_t)sizeof *h + p->ip_len);

	if (!h) {
		l->counts.handoff_full++;
		return;
	}
	h->p = *p;
	h->ip_len = p->ip_len;
	memcpy(h + 1, p->ip, p->ip_len);
	ring_publish(&to->in);
}

/* Frames are numbered through the whole interface: the listeners take turns. 0 is no number. */
static uint32_t next_frame(struct listener *l)
{
	l->frame += l->conf.port->listeners;
	if (l->frame < l->conf.port->listeners)
		l->frame = l->conf.index + 1;
	return l->frame;
}

static void on_packet(void *arg, struct packet *p)
{
	struct listener *l = arg;
	unsigned n = l->conf.port->listeners, to;

	l->handed++;
	if (!l->all_joined) {
		uint64_t go = l->conf.port->go_ns;

		if (!go || (p->ts_ns < go && clock_mono() - l->opened_mono < SECOND)) {
			l->counts.early++;
			return;
		}
		l->all_joined = true;
	}
	l->counts.packets++;
	l->counts.bytes += p->wirelen;
	p->ts_ns = clock_of_stamp(p->ts_ns, l->now_ns);
	l->packet_ns = p->ts_ns;
	p->frame = next_frame(l);
	p->capture = l->conf.capture;
	if (!packet_decode(l->decoder, p))
		return;
	if (l->counts.packets % TALKERS_EVERY == 0)
		talkers_add(&l->counts.talkers, &p->src, (uint64_t)p->wirelen * TALKERS_EVERY);
	to = l->part == PORT_READS_FOR_ALL ? p->shard % n : l->conf.index;
	if (to == l->conf.index)
		work(l, p);
	else
		hand_over(l, l->conf.of_port[to], p);
}

/* --- rounds of the port ------------------------------------------------------------------------- */

static void close_socket(struct listener *l)
{
	struct live_counts n;

	if (l->live) {
		live_counts(l->live, &n);
		l->before.received += n.received;
		l->before.dropped += n.dropped;
		l->counts.unread += n.received > n.dropped + l->handed ? n.received - n.dropped - l->handed : 0;
		live_close(l->live);
	}
	l->live = NULL;
	l->part = PORT_NOT_YET;
}

/* Sleeps in steps, so that time goes on for the recorder and the sensor can stop. */
static void sleep_ms(struct listener *l, unsigned ms)
{
	while (ms && !*l->conf.stop) {
		unsigned step = ms < LIVE_TIMEOUT_MS ? ms : LIVE_TIMEOUT_MS;
		struct timespec t = { .tv_nsec = (long)step * 1000000 };

		idle(l, clock_now() - LISTENER_LATE_NS);
		nanosleep(&t, NULL);
		ms -= step;
	}
}

/* What the socket's ring has already, but not what keeps coming: the interface may be there again, and busy. */
static void read_out(struct listener *l, uint64_t until_mono)
{
	struct diag d;

	do {
		l->now_ns = clock_now();
	} while (clock_mono() < until_mono && live_read(l->live, BATCH, on_packet, l, &d) > 0);
}

/* What the ring still has comes first: the kernel hands the last block out when its time is over. */
static void leave_socket(struct listener *l)
{
	uint64_t until = clock_mono() + SECOND;

	for (unsigned i = 0; i < LEAVE_READS && l->live; i++) {
		sleep_ms(l, LIVE_TIMEOUT_MS);
		read_out(l, until);
	}
	close_socket(l);
}

/* One attempt; waits a little when it fails. */
static void open_socket(struct listener *l, unsigned *attempt)
{
	unsigned wait_ms;

	l->all_joined = false;
	l->handed = 0;
	l->part = port_open(l->conf.port, l->conf.index, *attempt, &l->live, &l->round, &wait_ms);
	l->opened_mono = clock_mono();
	if (l->part == PORT_NOT_YET) {
		*attempt += wait_ms > LIVE_TIMEOUT_MS;
		sleep_ms(l, wait_ms);
	} else {
		*attempt = 0;
	}
}

static bool still_there(struct listener *l, int n, struct diag *d)
{
	if (l->part == PORT_IS_FED || (n >= 0 && live_alive(l->live, d)))
		return true;
	port_failed(l->conf.port, l->round, d);
	return false;
}

/* --- the loop ------------------------------------------------------------------------------------ */

static void copy_counts(struct listener *l)
{
	struct live_counts n = { 0 };

	if (l->live)
		live_counts(l->live, &n);
	l->counts.received = l->before.received + n.received;
	l->counts.ring_full = l->before.dropped + n.dropped;
	l->counts.now_ns = clock_now();
	l->counts.decode = *decoder_stats(l->decoder);
	worker_counts(l->worker, &l->counts.worker);
	if (l->counts.now_ns % (60 * SECOND) < SECOND)
		talkers_fade(&l->counts.talkers);
	pthread_mutex_lock(&l->lock);
	l->copy = l->counts;
	pthread_mutex_unlock(&l->lock);
}

/* What is found under the new policy comes behind a mark; while there is no room for that, the old one stays. */
static void take_policy(struct listener *l)
{
	const struct publication *p = l->conf.policies;
	uint32_t epoch = atomic_load_explicit(&p->epoch, memory_order_acquire);

	if (epoch == l->epoch ||
	    !findings_mark(&l->findings, FINDING_POLICY, (struct order){ l->last_order, UINT64_MAX }))
		return;
	worker_policy(l->worker, p->policy, p->map);
	atomic_store_explicit(&l->epoch, epoch, memory_order_release);
}

static void read_socket(struct listener *l)
{
	struct diag d;
	uint64_t second = l->now_ns - l->now_ns % SECOND;
	int n = live_read(l->live, BATCH, on_packet, l, &d);

	if ((n < 0 || second != l->second_ns) && !still_there(l, n, &d)) {
		leave_socket(l);
		return;
	}
	if (n > 0) {
		(void)findings_mark(&l->findings, FINDING_MARK, (struct order){ l->last_order, 0 });
		atomic_store_explicit(&l->fed_ns, l->packet_ns, memory_order_release);
		return;
	}
	idle(l, l->now_ns - LISTENER_LATE_NS);
	live_wait(l->live, LIVE_TIMEOUT_MS);
}

static void read_handoff(struct listener *l)
{
	uint64_t fed_ns = atomic_load_explicit(&l->conf.of_port[0]->fed_ns, memory_order_acquire);
	unsigned n = 0;

	for (const struct handoff *h; n < BATCH; n++) {
		uint32_t size;
		struct packet p;
		const uint8_t *ip;

		h = ring_peek(&l->in, &size);
		if (!h)
			break;
		p = h->p;
		ip = (const uint8_t *)(h + 1);
		if (p.data)
			p.data = ip + (p.data - p.ip);
		p.ip = ip;
		p.bytes = NULL;
		p.caplen = 0;
		work(l, &p);
		ring_release(&l->in);
	}
	l->counts.packets += n;
	if (n) {
		(void)findings_mark(&l->findings, FINDING_MARK, (struct order){ l->last_order, 0 });
	} else {
		struct timespec t = { .tv_nsec = FED_WAIT_MS * 1000000 };

		if (fed_ns)
			idle(l, fed_ns);
		nanosleep(&t, NULL);
	}
}

static void listen_once(struct listener *l, unsigned *attempt)
{
	uint64_t second;

	(void)clock_check();
	l->now_ns = clock_now();
	second = l->now_ns - l->now_ns % SECOND;
	take_policy(l);
	if (l->part != PORT_NOT_YET && l->round != l->conf.port->round)
		leave_socket(l);
	if (l->part == PORT_NOT_YET)
		open_socket(l, attempt);
	else if (l->part == PORT_IS_FED)
		read_handoff(l);
	else
		read_socket(l);
	if (second != l->second_ns) {
		l->second_ns = second;
		copy_counts(l);
	}
}

static void read_the_rest(struct listener *l)
{
	uint64_t until = clock_mono() + SECOND;

	if (l->live)
		read_out(l, until);
	while (l->part == PORT_IS_FED && clock_mono() < until) {
		l->now_ns = clock_now();
		read_handoff(l);
	}
}

static void *listen(void *arg)
{
	struct listener *l = arg;
	unsigned attempt = 0;

	ring_touch(&l->out);            /* no page is missing when the first burst comes, and nothing grows later */
	if (!l->conf.enter || l->conf.enter(l->conf.arg)) {
		while (!*l->conf.stop)
			listen_once(l, &attempt);
		read_the_rest(l);
		l->now_ns = clock_now();
		l->patient_until = clock_mono() + LISTENER_PATIENCE_NS;
		worker_finish(l->worker, l->now_ns);
	}
	close_socket(l);
	copy_counts(l);
	atomic_store_explicit(&l->ended, true, memory_order_release);
	return NULL;
}

/* --- life ----------------------------------------------------------------------------------------- */

struct listener *listener_new(const struct listener_config *c)
{
	struct listener *l = aligned_alloc(64, (sizeof *l + 63) & ~(size_t)63);
	struct worker_hooks hooks;
	struct worker_config wc = c->worker;

	if (!l)
		return NULL;
	memset(l, 0, sizeof *l);
	l->conf = *c;
	l->frame = c->index + 1;
	l->last_order = c->number;
	l->findings = (struct findings){ .ring = &l->out, .room = room, .arg = l };
	hooks = findings_hooks(&l->findings);
	wc.policy = c->policies->policy;
	l->epoch = c->policies->epoch;
	l->decoder = decoder_new(0);
	l->worker = worker_new(&wc, &hooks);
	l->findings.worker = l->worker;
	if (!l->decoder || !l->worker || !ring_init(&l->out, LISTENER_RING) ||
	    (c->index && !ring_init(&l->in, LISTENER_HANDOFF)) || pthread_mutex_init(&l->lock, NULL) != 0) {
		listener_free(l);
		return NULL;
	}
	return l;
}

bool listener_start(struct listener *l)
{
	l->running = pthread_create(&l->thread, NULL, listen, l) == 0;
	return l->running;
}

void listener_join(struct listener *l)
{
	if (l->running)
		pthread_join(l->thread, NULL);
	l->running = false;
	atomic_store_explicit(&l->ended, true, memory_order_release);   /* one that never started as well */
}

void listener_free(struct listener *l)
{
	if (!l)
		return;
	worker_free(l->worker);
	decoder_free(l->decoder);
	ring_fini(&l->out);
	ring_fini(&l->in);
	free(l);
}

struct ring *listener_findings(struct listener *l)
{
	return &l->out;
}

bool listener_ended(const struct listener *l)
{
	return atomic_load_explicit(&l->ended, memory_order_acquire);
}

void listener_counts(struct listener *l, struct listener_counts *out)
{
	pthread_mutex_lock(&l->lock);
	*out = l->copy;
	pthread_mutex_unlock(&l->lock);
}

uint32_t listener_epoch(const struct listener *l)
{
	return atomic_load_explicit(&l->epoch, memory_order_acquire);
}
