#include "sensor/recorder.h"

#include "alert/store.h"
#include "alert/store_live.h"
#include "base/clock.h"
#include "engine/connections.h"
#include "engine/writer_live.h"
#include "sensor/gather.h"
#include "sensor/said.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define SECOND UINT64_C(1000000000)
#define KEEP_EVERY_NS (60 * SECOND)     /* what is new in the inventory goes to the store */
#define BATCH 1024                      /* findings taken before the clock is looked at */
#define REST_MAX_MS 20
#define MINUTES 60
#define HEALTH_RING (256u << 10)        /* bytes */

struct recorder {
	struct recorder_config conf;
	pthread_t thread;
	bool running;
	struct writer *writer;
	struct writer_live live;
	char run_json[72];
	struct connections *connections;
	struct worker_hooks hooks;
	struct gather gather;
	bool *passed;                   /* by listener: its findings are of the newest policy */
	uint32_t used_epoch;            /* the policy that the writer uses */
	_Atomic uint32_t epoch;         /* and that everybody's findings are of */
	struct ring said, health;
	uint64_t findings, not_shown;
	uint64_t second_ns, keep_ns;
	uint32_t store_epoch;
	uint64_t minute[MINUTES], minute_now, made;     /* alerts made, by the minute */
	bool learning;
	_Atomic uint64_t learn_until_ns;        /* wall clock */

	pthread_mutex_t lock;           /* of view */
	struct recorder_view view;
};

/* --- what the writer tells ------------------------------------------------------------------ */

static void on_told(void *arg, const struct store_alert *a)
{
	struct recorder *r = arg;

	if (r->conf.show && !said_put(&r->said, a))
		r->not_shown++;
}

static void on_event(void *arg, const struct ot_event *ev)
{
	const struct recorder *r = arg;

	writer_event(r->writer, connections_pass(r->connections, ev));
}

static void on_flow(void *arg, const struct ot_head *first, const struct flow_facts *facts)
{
	writer_flow(((struct recorder *)arg)->writer, first, facts);
}

static void on_count(void *arg, const struct ot_event *like, uint64_t n, uint64_t first_ns, uint64_t last_ns)
{
	writer_count(((struct recorder *)arg)->writer, like, n, first_ns, last_ns);
}

static void on_no_answer(void *arg, uint64_t req_seq, uint16_t capture, uint32_t frame, uint16_t pdu, uint64_t now_ns,
			 bool other_side_seen)
{
	(void)req_seq;
	writer_no_answer(((struct recorder *)arg)->writer, capture, frame, pdu, now_ns, other_side_seen);
}

/* --- policies ---------------------------------------------------------------------------------- */

/* The first listener that goes over takes the writer along; findings of the others are mapped until they follow. */
static void pass_over(struct recorder *r, unsigned source)
{
	const struct publication *p = r->conf.policies;
	uint32_t newest = atomic_load_explicit(&p->epoch, memory_order_acquire);
	bool all = true;

	if (r->used_epoch != newest) {
		writer_policy(r->writer, p->policy, p->map);
		r->used_epoch = newest;
		memset(r->passed, 0, r->conf.n * sizeof *r->passed);
	}
	r->passed[source] = true;
	for (unsigned i = 0; i < r->conf.n; i++)
		all = all && (r->passed[i] || r->gather.source[i].ended);
	if (all)
		atomic_store_explicit(&r->epoch, newest, memory_order_release);
}

static void take(struct recorder *r, struct finding *f, unsigned source)
{
	if (f->kind == FINDING_POLICY) {
		pass_over(r, source);
		return;
	}
	if (f->kind == FINDING_MARK)
		return;
	if (r->used_epoch != r->epoch && !r->passed[source])
		finding_map(f, r->conf.policies->map);
	finding_tell(f, &r->hooks);
	r->findings++;
}

/* --- time ---------------------------------------------------------------------------------------- */

static void learn(struct recorder *r)
{
	uint64_t until_ns = r->learn_until_ns;
	bool on = until_ns && clock_wall() < until_ns;

	if (on != r->learning)
		writer_learning(r->writer, on);
	r->learning = on;
}

/* Alerts of the last hour, by the minute. */
static uint64_t last_hour(struct recorder *r, uint64_t now_ns, uint64_t made)
{
	uint64_t minute = now_ns / (60 * SECOND), sum = 0;

	for (uint64_t m = r->minute_now + 1; m <= minute && m <= r->minute_now + MINUTES; m++)
		r->minute[m % MINUTES] = 0;
	r->minute_now = minute;
	r->minute[minute % MINUTES] += made - r->made;
	r->made = made;
	for (unsigned i = 0; i < MINUTES; i++)
		sum += r->minute[i];
	return sum;
}

static void look_up(struct recorder *r, uint64_t now_ns)
{
	struct recorder_view v = {
		.now_ns = now_ns, .findings = r->findings, .not_shown = r->not_shown, .silent = writer_silent(r->writer),
		.learning = r->learning,
	};

	writer_summary(r->writer, &v.summary);
	v.site_assets = writer_site_assets(r->writer);
	v.last_hour = last_hour(r, now_ns, v.summary.alerts);
	pthread_mutex_lock(&r->lock);
	r->view = v;
	pthread_mutex_unlock(&r->lock);
}

/* The inventory goes to the store now and then; all of it when the store has lost some. */
static void keep(struct recorder *r, uint64_t now_ns)
{
	uint32_t epoch = r->conf.store ? store_live_epoch(r->conf.store) : r->store_epoch;

	if (epoch == r->store_epoch && now_ns < r->keep_ns)
		return;
	writer_keep(r->writer, epoch != r->store_epoch);
	r->store_epoch = epoch;
	r->keep_ns = now_ns + KEEP_EVERY_NS;
}

static void take_health(struct recorder *r)
{
	const struct health_facts *f;
	uint32_t n;

	while ((f = ring_peek(&r->health, &n))) {
		writer_health(r->writer, f, clock_now());
		ring_release(&r->health);
	}
}

static void tick(struct recorder *r)
{
	uint64_t now_ns = clock_now();

	take_health(r);

	if (now_ns < r->second_ns + SECOND / 4)
		return;
	r->second_ns = now_ns;
	learn(r);
	writer_clock(r->writer, now_ns - LISTENER_LATE_NS - GATHER_HOLD_NS);
	keep(r, now_ns);
	look_up(r, now_ns);
}

/* --- the loop --------------------------------------------------------------------------------------- */

static unsigned take_some(struct recorder *r)
{
	uint64_t mono_ns = clock_mono();
	struct finding *f;
	unsigned source, n = 0;

	for (unsigned i = 0; i < r->conf.n; i++)
		r->gather.source[i].ended = listener_ended(r->conf.listeners[i]);
	while (n < BATCH && (f = gather_next(&r->gather, mono_ns, &source))) {
		take(r, f, source);
		gather_done(&r->gather, source);
		n++;
	}
	return n;
}

static bool all_ended(const struct recorder *r)
{
	for (unsigned i = 0; i < r->conf.n; i++)
		if (!listener_ended(r->conf.listeners[i]))
			return false;
	return true;
}

static void *record(void *arg)
{
	struct recorder *r = arg;
	unsigned rest_ms = 0;

	if (r->conf.enter && !r->conf.enter(r->conf.arg))
		return NULL;
	for (;;) {
		bool last = all_ended(r);       /* before the rings are looked at */

		if (take_some(r)) {
			rest_ms = 0;
		} else if (last) {
			break;
		} else {
			struct timespec t = { .tv_nsec = (long)(rest_ms = rest_ms < REST_MAX_MS ? rest_ms + 1 : rest_ms) * 1000000 };

			nanosleep(&t, NULL);
		}
		tick(r);
	}
	take_health(r);
	writer_stop(r->writer);
	look_up(r, clock_now());
	return NULL;
}

/* --- life -------------------------------------------------------------------------------------------- */

static int fill(struct recorder *r, struct diag *d)
{
	const struct recorder_config *c = &r->conf;
	int err = ZT_OK;

	r->hooks = (struct worker_hooks){ r, on_event, on_flow, on_count, on_no_answer };
	r->live = (struct writer_live){ .sensor = c->sensor, .run_json = r->run_json, .told = on_told, .arg = r };
	snprintf(r->run_json, sizeof r->run_json, "\"%s\"", c->run);
	r->epoch = r->used_epoch = c->policies->epoch;
	r->connections = connections_new();
	r->passed = calloc(c->n, sizeof *r->passed);
	r->gather.n = c->n;
	r->gather.source = calloc(c->n, sizeof *r->gather.source);
	if (!r->connections || !r->passed || !r->gather.source || !ring_init(&r->health, HEALTH_RING) || (c->show && !ring_init(&r->said, RECORDER_SAID)))
		return diag_fail(d, ZT_ENOMEM, "out of memory");
	for (unsigned i = 0; i < c->n; i++)
		r->gather.source[i] = (struct gather_source){ .ring = listener_findings(c->listeners[i]),
							      .heard_ns = clock_mono() };
	r->writer = writer_new(c->policies->policy, c->store, &c->limits, d);
	if (!r->writer)
		return ZT_ENOMEM;
	err = writer_go_live(r->writer, &r->live, d);
	for (unsigned i = 0; !err && i < c->interface_count; i++)
		err = writer_capture(r->writer, (uint16_t)i, c->interfaces[i], NULL, d);
	if (!err)
		learn(r);
	return err;
}

struct recorder *recorder_new(const struct recorder_config *c, struct diag *d)
{
	struct recorder *r = aligned_alloc(64, (sizeof *r + 63) & ~(size_t)63);

	if (!r) {
		(void)diag_fail(d, ZT_ENOMEM, "out of memory");
		return NULL;
	}
	memset(r, 0, sizeof *r);
	r->conf = *c;
	r->learn_until_ns = c->learn_until_ns;
	if (pthread_mutex_init(&r->lock, NULL) != 0 || fill(r, d) != ZT_OK) {
		recorder_free(r);
		return NULL;
	}
	return r;
}

void recorder_recall(struct recorder *r, const char *database, uint64_t learn_ns, struct recalled *out)
{
	struct diag d;

	if (recall(r->writer, database, out, &d) != ZT_OK)
		memset(out, 0, sizeof *out);    /* a damaged file is the store's to see to */
	if (learn_ns)
		r->learn_until_ns = (out->first_ns ? out->first_ns : clock_wall()) + learn_ns;
	learn(r);
}

bool recorder_start(struct recorder *r)
{
	r->running = pthread_create(&r->thread, NULL, record, r) == 0;
	return r->running;
}

void recorder_join(struct recorder *r)
{
	if (r->running)
		pthread_join(r->thread, NULL);
	r->running = false;
}

void recorder_free(struct recorder *r)
{
	if (!r)
		return;
	writer_free(r->writer);
	connections_free(r->connections);
	ring_fini(&r->said);
	ring_fini(&r->health);
	free(r->gather.source);
	free(r->passed);
	free(r);
}

uint32_t recorder_epoch(const struct recorder *r)
{
	return atomic_load_explicit(&r->epoch, memory_order_acquire);
}

bool recorder_health(struct recorder *r, const struct health_facts *f)
{
	void *to = ring_reserve(&r->health, sizeof *f);

	if (!to)
		return false;
	memcpy(to, f, sizeof *f);
	ring_publish(&r->health);
	return true;
}

void recorder_learn(struct recorder *r, bool on)
{
	r->learn_until_ns = on ? UINT64_MAX : 0;
}

void recorder_view(struct recorder *r, struct recorder_view *out)
{
	pthread_mutex_lock(&r->lock);
	*out = r->view;
	pthread_mutex_unlock(&r->lock);
}

bool recorder_said(struct recorder *r, void (*fn)(void *arg, const struct store_alert *a), void *arg)
{
	return r->conf.show && said_take(&r->said, fn, arg);
}
