/* A live store as its callers see it; its thread is in store_thread.c, what that does to the disk in store_disk.c. */
#include "alert/store_live.h"

#include "alert/store_db.h"
#include "alert/store_inside.h"
#include "base/sha256.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define GRACE_MS 2000           /* for a thread that was told to end and waits for the disk */

static uint64_t system_wall_ns(void *arg)
{
	struct timespec t;

	(void)arg;
	clock_gettime(CLOCK_REALTIME, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

const char *store_health_word(unsigned health)
{
	static const char *const words[STORE_HEALTH_COUNT] = {
		"ok", "opening", "slow", "busy", "full", "read-only", "unreachable", "damaged", "refused",
	};

	return health < STORE_HEALTH_COUNT ? words[health] : "unknown";
}

/* --- opening and closing ------------------------------------------------------------------------------ */

static void wait_told(struct store_live *l, uint64_t until_ns)
{
	const struct timespec until = { (time_t)(until_ns / 1000000000), (long)(until_ns % 1000000000) };

	pthread_cond_timedwait(&l->told, &l->lock, &until);
}

static int init_cond(pthread_cond_t *c)
{
	pthread_condattr_t a;
	int rc = pthread_condattr_init(&a);

	if (rc)
		return rc;
	pthread_condattr_setclock(&a, CLOCK_MONOTONIC);
	rc = pthread_cond_init(c, &a);
	pthread_condattr_destroy(&a);
	return rc;
}

void store_live_fini(struct store_live *l)
{
	store_queue_fini(&l->queue);
	pthread_cond_destroy(&l->wake);
	pthread_cond_destroy(&l->told);
	pthread_mutex_destroy(&l->lock);
	pthread_mutex_destroy(&l->calls);
	free(l->run);
	free(l->run_copy);
	free(l->path);
	free(l);
}

static uint32_t or_default(uint32_t given, uint32_t otherwise)
{
	return given ? given : otherwise;
}

static int fill_in(struct store_live_config *c, struct diag *d)
{
	c->queue_bytes = c->queue_bytes ? c->queue_bytes : STORE_QUEUE_DEFAULT;
	c->max_bytes = c->max_bytes ? c->max_bytes : STORE_SIZE_DEFAULT;
	c->commit_ms = or_default(c->commit_ms, 250);
	c->inventory_ms = or_default(c->inventory_ms, 5000);
	c->slow_ms = or_default(c->slow_ms, 1000);
	c->check_ms = or_default(c->check_ms, 10000);
	c->open_ms = or_default(c->open_ms, 2000);
	c->close_ms = or_default(c->close_ms, 5000);
	c->wall_ns = c->wall_ns ? c->wall_ns : system_wall_ns;
	if (c->queue_bytes < STORE_QUEUE_MIN)
		return diag_fail(d, ZT_EINVAL, "%s: the queue needs at least %llu bytes", c->path,
				 (unsigned long long)STORE_QUEUE_MIN);
	if (c->max_bytes < STORE_SIZE_MIN)
		return diag_fail(d, ZT_EINVAL, "%s: the database needs at least %llu bytes", c->path,
				 (unsigned long long)STORE_SIZE_MIN);
	return ZT_OK;
}

static struct store_live *live_new(const struct store_live_config *c, int *err, struct diag *d)
{
	struct store_live *l = calloc(1, sizeof *l);

	*err = ZT_ENOMEM;
	if (!l) {
		diag_fail(d, ZT_ENOMEM, "out of memory");
		return NULL;
	}
	l->c = *c;
	l->path = strdup(c->path);
	l->c.path = l->path;
	pthread_mutex_init(&l->lock, NULL);
	pthread_mutex_init(&l->calls, NULL);
	if (init_cond(&l->wake) || init_cond(&l->told) || !l->path) {
		diag_fail(d, ZT_ENOMEM, "out of memory");
		store_live_fini(l);
		return NULL;
	}
	*err = fill_in(&l->c, d);
	l->disk = *err ? NULL : store_disk_new(&l->c);
	if (!l->disk) {
		if (!*err)
			*err = diag_fail(d, ZT_ENOMEM, "out of memory");
		store_live_fini(l);
		return NULL;
	}
	store_queue_init(&l->queue, l->c.queue_bytes);
	l->state.health = STORE_OPENING;
	l->state.since_ns = l->c.wall_ns(l->c.arg);
	return l;
}

static int start(struct store_live *l, struct diag *d)
{
	sigset_t all, old;
	int rc;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	rc = pthread_create(&l->thread, NULL, store_thread, l);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	return rc ? diag_fail(d, ZT_ENOMEM, "%s: no thread for the database (%s)", l->path, strerror(rc)) : ZT_OK;
}

/* true: the thread has ended within the time, and everything is freed. */
static bool end(struct store_live *l, uint64_t close_ms, uint64_t grace_ms)
{
	uint64_t now = store_mono_ns(), last = now + (close_ms + grace_ms) * MS;
	bool ended;

	pthread_mutex_lock(&l->lock);
	l->stop = true;
	l->stop_ns = now + close_ms * MS;
	l->retry_ns = 0;
	pthread_cond_signal(&l->wake);
	while (!l->ended && store_mono_ns() < last)
		wait_told(l, last);
	ended = l->ended;
	pthread_mutex_unlock(&l->lock);
	if (!ended) {
		pthread_detach(l->thread);      /* the disk has it; it must find its memory when it comes back, and frees it */
		pthread_mutex_lock(&l->calls);
		l->left = true;
		pthread_mutex_unlock(&l->calls);
		return false;
	}
	pthread_join(l->thread, NULL);
	store_live_fini(l);
	return true;
}

struct store *store_live_open(const struct store_live_config *c, int *err, struct diag *d)
{
	struct store *s = calloc(1, sizeof *s);
	struct store_live *l;
	uint64_t until;
	int unused;

	err = err ? err : &unused;
	l = live_new(c, err, d);
	if (!s || !l || (*err = start(l, d)) != ZT_OK) {
		if (l) {
			store_disk_free(l->disk);
			store_live_fini(l);
		}
		if (!s)
			*err = diag_fail(d, ZT_ENOMEM, "out of memory");
		free(s);
		return NULL;
	}
	until = store_mono_ns() + l->c.open_ms * MS;
	pthread_mutex_lock(&l->lock);
	while (!l->tried && store_mono_ns() < until)
		wait_told(l, until);
	bool refused = l->tried && l->open_err && l->open_health == STORE_REFUSED;

	if (refused) {
		*err = l->open_err;
		if (d)
			*d = l->open_why;
	}
	pthread_mutex_unlock(&l->lock);
	if (refused) {
		end(l, 0, GRACE_MS);
		free(s);
		return NULL;
	}
	s->live = l;
	return s;
}

void store_live_close(struct store *s)
{
	if (s->live)
		end(s->live, s->live->c.close_ms, GRACE_MS);
	s->live = NULL;
}

/* --- puts --------------------------------------------------------------------------------------------- */

int store_live_put(struct store_live *l, enum store_row_kind kind, const void *row)
{
	struct store_row *r = store_row_new(kind, row);
	uint64_t was;

	if (r)
		r->put_ns = store_mono_ns();
	pthread_mutex_lock(&l->lock);
	was = store_rows_due(l);
	if (r)
		store_queue_put(&l->queue, r);
	else
		store_queue_lost(&l->queue, kind, kind == ROW_ALERT ? ((const struct store_alert *)row)->severity_level : 0);
	if (store_rows_due(l) < was)
		pthread_cond_signal(&l->wake);
	pthread_mutex_unlock(&l->lock);
	return ZT_OK;
}

int store_live_run(struct store *s, const struct store_run *r, struct diag *d)
{
	struct store_live *l = s->live;
	struct store_row *row = store_row_new(ROW_RUN, r), *old;

	if (!row)
		return diag_fail(d, ZT_ENOMEM, "out of memory");
	row->put_ns = store_mono_ns();
	pthread_mutex_lock(&l->lock);
	old = l->run;
	if (old && strcmp(old->as.run.id, r->id) != 0) {
		pthread_mutex_unlock(&l->lock);
		free(row);
		return diag_fail(d, ZT_EINVAL, "%s: a sensor has one run from start to end", l->path);
	}
	l->run = row;
	l->run_put++;
	pthread_cond_signal(&l->wake);
	pthread_mutex_unlock(&l->lock);
	free(old);
	return ZT_OK;
}

int store_live_run_id(const char *sensor, uint64_t start_ns, const char *policy_hash, const char *program,
		      char out[STORE_RUN_TEXT], struct diag *d)
{
	struct sha256 *h = sha256_new();

	if (h) {
		sha256_add(h, sensor, strlen(sensor) + 1);
		sha256_add(h, &start_ns, sizeof start_ns);
		sha256_add(h, policy_hash, strlen(policy_hash) + 1);
		sha256_add(h, program, strlen(program) + 1);
	}
	sha256_end(h, out);
	return out[0] ? ZT_OK : diag_fail(d, ZT_ELIB, "SHA-256 failed");
}

/* --- questions -------------------------------------------------------------------------------------------- */

uint32_t store_live_epoch(const struct store *s)
{
	return atomic_load(&s->live->epoch);
}

static uint64_t losses(const struct store_live *l)
{
	uint64_t n = l->queue.lost_inventory + l->state.refused;

	for (unsigned i = 0; i < SEV_COUNT; i++)
		n += l->queue.lost[i];
	return n;
}

bool store_live_wait(struct store *s, uint32_t timeout_ms)
{
	struct store_live *l = s->live;
	uint64_t until = store_mono_ns() + timeout_ms * MS, before;
	bool done;

	pthread_mutex_lock(&l->lock);
	before = losses(l);
	l->flush = true;
	l->retry_ns = 0;
	pthread_cond_signal(&l->wake);
	while ((l->writing || !store_nothing_left(l)) && store_mono_ns() < until)
		wait_told(l, until);
	done = !l->writing && store_nothing_left(l) && losses(l) == before;
	pthread_mutex_unlock(&l->lock);
	return done;
}

void store_live_state(struct store *s, struct store_state *out)
{
	struct store_live *l = s->live;
	uint64_t now, waits;

	pthread_mutex_lock(&l->lock);
	now = store_mono_ns();          /* with the lock: no row was put after it */
	*out = l->state;
	out->queued = l->queue.rows + l->in_hand;
	out->queued_bytes = l->queue.bytes;
	out->queue_bytes = l->queue.max_bytes;
	out->oldest_ns = l->in_hand_ns ? now - l->in_hand_ns : l->queue.alerts.first ? now - l->queue.alerts.first->put_ns : 0;
	memcpy(out->lost, l->queue.lost, sizeof out->lost);
	out->lost_inventory = l->queue.lost_inventory;
	out->max_bytes = l->c.max_bytes;
	waits = l->disk_ns && now > l->disk_ns ? now - l->disk_ns : 0;
	pthread_mutex_unlock(&l->lock);
	if (waits > out->latency_ns)
		out->latency_ns = waits;
	if (waits > out->latency_max_ns)
		out->latency_max_ns = waits;
	if (waits <= l->c.slow_ms * MS || (out->health != STORE_OK && out->health != STORE_SLOW))
		return;
	if (out->health == STORE_OK)
		out->since_ns = l->c.wall_ns(l->c.arg) - waits;
	out->health = STORE_SLOW;
	snprintf(out->why, sizeof out->why, "%s: the disk has not answered for %.1f s", l->path, (double)waits / 1e9);
}
