#include "forward/forward.h"

#include "alert/store_outbox.h"
#include "base/clock.h"
#include "forward/curl_init.h"
#include "forward/lock.h"
#include "forward/sink.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define MS UINT64_C(1000000)
#define LOCK_AGAIN_NS UINT64_C(1000000000)
#define REGISTER_MS 3000                /* for a database that somebody writes to at the start */

/* One sink with its thread. */
struct runner {
	struct forward *f;
	struct sink *sink;
	struct sink_conf *conf;         /* ours: a thread that hangs may outlive the configuration */
	pthread_t thread;
	bool started;
	bool woken;                     /* of f->lock: something may be new */
};

struct forward {
	struct forward_config c;
	char *database, *sensor;        /* ours, as runner.conf */
	struct lock *database_lock;
	atomic_bool stop;
	pthread_mutex_t lock;
	pthread_cond_t turn;            /* a sink has something to do, or shall end */
	pthread_cond_t told;            /* a sink has ended, or got further */
	uint32_t alive;                 /* of lock: threads */
	bool left;                      /* of lock: nobody waits for them any more; the last one frees everything */
	uint32_t n;
	struct runner runner[];
};

const char *sink_state_word(unsigned state)
{
	static const char *const words[] = {
		[SINK_STARTING] = "starting", [SINK_IDLE] = "idle", [SINK_SENDING] = "sending", [SINK_RETRYING] = "retrying",
		[SINK_PAUSED] = "paused", [SINK_ENDED] = "ended",
	};

	return state < SINK_STATES ? words[state] : "?";
}

static void free_all(struct forward *f)
{
	for (uint32_t i = 0; i < f->n; i++) {
		sink_free(f->runner[i].sink);
		sink_conf_free(f->runner[i].conf);
	}
	lock_free(f->database_lock);
	free(f->database);
	free(f->sensor);
	pthread_cond_destroy(&f->turn);
	pthread_cond_destroy(&f->told);
	pthread_mutex_destroy(&f->lock);
	free(f);
}

/* --- waiting ---------------------------------------------------------------------------------------------------- */

static struct timespec in(uint64_t ns)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	ns += (uint64_t)t.tv_nsec;
	t.tv_sec += (time_t)(ns / 1000000000);
	t.tv_nsec = (long)(ns % 1000000000);
	return t;
}

static void sleep_until_woken(struct runner *r, uint64_t ns)
{
	struct forward *f = r->f;
	struct timespec until = in(ns);
	int err = 0;

	pthread_mutex_lock(&f->lock);
	pthread_cond_broadcast(&f->told);
	while (!r->woken && !atomic_load(&f->stop) && err != ETIMEDOUT && ns)
		err = pthread_cond_timedwait(&f->turn, &f->lock, &until);
	r->woken = false;
	pthread_mutex_unlock(&f->lock);
}

/* One step of the sink, or why there can be none yet. Returns how long there is nothing to do. */
static uint64_t step(struct runner *r)
{
	struct diag d = { "" };

	if (lock_held(r->f->database_lock, &d))
		return sink_turn(r->sink);
	sink_wait(r->sink, d.text);
	return LOCK_AGAIN_NS;
}

static void *run(void *arg)
{
	struct runner *r = arg;
	struct forward *f = r->f;
	bool last;

	if (f->c.thread_start)
		f->c.thread_start(f->c.arg);
	while (!atomic_load(&f->stop))
		sleep_until_woken(r, step(r));
	sink_end(r->sink);
	pthread_mutex_lock(&f->lock);
	last = --f->alive == 0 && f->left;
	pthread_cond_broadcast(&f->told);
	pthread_mutex_unlock(&f->lock);
	if (last)
		free_all(f);
	return NULL;
}

/* --- starting --------------------------------------------------------------------------------------------------- */

/* The cursors of sinks that are new, so that what is stored from now on is theirs. *start: see struct sink_options. */
static int register_in(struct outbox *o, const struct forward_config *c, struct diag *d)
{
	const char *names[SINKS_MAX];
	struct outbox_cursor cursor;
	int64_t end;
	int err = outbox_end(o, &end, d);

	for (uint32_t i = 0; !err && i < c->sinks; i++) {
		names[i] = c->sink[i].name;
		err = outbox_cursor(o, c->sink[i].name, end, &cursor, d);
	}
	return err || c->keep_others ? err : outbox_sinks(o, names, c->sinks, d);
}

static int64_t register_sinks(const struct forward_config *c)
{
	uint64_t until_ns = clock_mono() + REGISTER_MS * MS;
	const struct timespec pause = { .tv_nsec = 50 * MS };
	struct outbox *o;
	struct diag d;
	int err;

	do {
		o = outbox_open(c->database, &err, &d);
		err = o ? register_in(o, c, &d) : err;
		outbox_close(o);
		if (err == ZT_OK || err == ZT_ENOENT)
			return err == ZT_OK ? SINK_FROM_END : 0;
		nanosleep(&pause, NULL);
	} while (err == ZT_EBUSY && clock_mono() < until_ns);
	return SINK_FROM_END;
}

void forward_to_nobody(const char *database)
{
	(void)register_sinks(&(struct forward_config){ .database = database });
}

static int make_sink(struct forward *f, const struct sink_conf *conf, int64_t start, struct diag *d)
{
	struct runner *r = &f->runner[f->n];
	int err = ZT_ENOMEM;

	r->f = f;
	r->conf = sink_conf_copy(conf);
	if (!r->conf)
		return diag_fail(d, err, "out of memory");
	f->n++;
	r->sink = sink_new(&(struct sink_options){ .conf = r->conf, .ops = driver_for(r->conf), .database = f->database, .sensor = f->sensor,
						   .start = start, .news = f->c.news, .arg = f->c.arg }, &err, d);
	return r->sink ? ZT_OK : err;
}

static int start_threads(struct forward *f, struct diag *d)
{
	sigset_t all, before;
	int err = 0;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	pthread_mutex_lock(&f->lock);
	for (uint32_t i = 0; !err && i < f->n; i++) {
		err = pthread_create(&f->runner[i].thread, NULL, run, &f->runner[i]);
		f->runner[i].started = !err;
		f->alive += !err;
	}
	pthread_mutex_unlock(&f->lock);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return err ? diag_fail(d, ZT_ENOMEM, "a thread cannot be started (%s)", strerror(err)) : ZT_OK;
}

static int prepare(struct forward *f, struct diag *d)
{
	int64_t start;
	int err;

	f->database = strdup(f->c.database);
	f->sensor = strdup(f->c.sensor);
	if (!f->database || !f->sensor)
		return diag_fail(d, ZT_ENOMEM, "out of memory");
	if (!curl_init())
		return diag_fail(d, ZT_ELIB, "libcurl cannot be used");
	f->database_lock = lock_new(f->database, &err, d);
	if (!f->database_lock)
		return err;
	start = register_sinks(&f->c);
	for (uint32_t i = 0; !err && i < f->c.sinks; i++)
		err = make_sink(f, &f->c.sink[i], start, d);
	return err;
}

static struct forward *made(const struct forward_config *c)
{
	struct forward *f = calloc(1, sizeof *f + c->sinks * sizeof f->runner[0]);
	pthread_condattr_t attr;

	if (!f)
		return NULL;
	f->c = *c;
	pthread_mutex_init(&f->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&f->turn, &attr);
	pthread_cond_init(&f->told, &attr);
	pthread_condattr_destroy(&attr);
	return f;
}

struct forward *forward_start(const struct forward_config *c, int *err, struct diag *d)
{
	struct forward *f = made(c);

	if (!f) {
		*err = diag_fail(d, ZT_ENOMEM, "out of memory");
		return NULL;
	}
	*err = prepare(f, d);
	*err = *err ? *err : start_threads(f, d);
	if (!*err)
		return f;
	forward_stop(f, 1000);
	return NULL;
}

/* --- while it runs ---------------------------------------------------------------------------------------------- */

void forward_wake(struct forward *f)
{
	pthread_mutex_lock(&f->lock);
	for (uint32_t i = 0; i < f->n; i++)
		f->runner[i].woken = true;
	pthread_cond_broadcast(&f->turn);
	pthread_mutex_unlock(&f->lock);
}

uint32_t forward_figures(struct forward *f, struct sink_figures *out, uint32_t max)
{
	for (uint32_t i = 0; i < f->n && i < max; i++)
		sink_figures(f->runner[i].sink, &out[i]);
	return f->n;
}

bool forward_drain(struct forward *f, uint32_t timeout_ms)
{
	struct timespec until = in(timeout_ms * MS);
	uint32_t asked[SINKS_MAX], i;
	bool all = false;
	int err = 0;

	for (i = 0; i < f->n; i++)
		asked[i] = sink_drain(f->runner[i].sink);
	forward_wake(f);
	pthread_mutex_lock(&f->lock);
	while (!all && err != ETIMEDOUT) {
		for (i = 0; i < f->n && (int32_t)(sink_drained(f->runner[i].sink) - asked[i]) >= 0; i++)
			;
		all = i == f->n;
		if (!all)
			err = pthread_cond_timedwait(&f->told, &f->lock, &until);
	}
	pthread_mutex_unlock(&f->lock);
	return all;
}

/* A driver that does not return is left behind with its thread, and with all that it may still touch. */
void forward_stop(struct forward *f, uint32_t timeout_ms)
{
	struct timespec until = in(timeout_ms * MS);
	bool left;
	int err = 0;

	atomic_store(&f->stop, true);
	for (uint32_t i = 0; i < f->n; i++) {
		if (f->runner[i].sink)
			sink_stop(f->runner[i].sink);
	}
	forward_wake(f);
	pthread_mutex_lock(&f->lock);
	while (f->alive && err != ETIMEDOUT)
		err = pthread_cond_timedwait(&f->told, &f->lock, &until);
	f->left = f->alive > 0;
	for (uint32_t i = 0; i < f->n; i++) {
		if (f->runner[i].started && f->left)
			pthread_detach(f->runner[i].thread);
	}
	left = f->left;
	pthread_mutex_unlock(&f->lock);
	for (uint32_t i = 0; !left && i < f->n; i++) {
		if (f->runner[i].started)
			pthread_join(f->runner[i].thread, NULL);
	}
	if (!left)
		free_all(f);
}
