/* The queue, the thread and the state of a live store; what it does to the disk is in store_disk.c. */
#include "alert/store_live.h"

#include "alert/store_db.h"
#include "alert/store_disk.h"
#include "alert/store_queue.h"
#include "base/sha256.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define MS UINT64_C(1000000)
#define BATCH_ROWS 512
#define BATCH_BYTES (256u << 10)
#define RETRY_MS 100
#define RETRY_MAX_MS 10000
#define RETRY_BUSY_MS 1000      /* another program is done sooner than a disk is repaired */
#define TIDY_MS 1000
#define GRACE_MS 2000           /* for a thread that was told to end and waits for the disk */

struct store_live {
	struct store_live_config c;
	char *path;
	pthread_t thread;
	pthread_mutex_t lock;           /* of all below, but for what is the thread's own */
	pthread_cond_t wake;            /* for the thread */
	pthread_cond_t told;            /* by the thread: something was done */
	struct store_queue queue;
	struct store_row *run;          /* NULL until it is known */
	uint32_t run_put, run_written;  /* versions of it */
	bool stop, flush, ended;
	uint64_t stop_ns;               /* when the thread ends whatever still waits */
	bool tried;                     /* the first opening is over, and how: */
	int open_err;
	enum store_health open_health;
	struct diag open_why;
	bool writing;                   /* rows are with the thread */
	uint64_t disk_ns;               /* since when the thread waits for the disk; 0: it does not */
	uint64_t retry_ns;              /* not before, after a failure */
	struct store_state state;
	uint64_t lost_inventory;        /* at the last look */
	_Atomic uint32_t epoch;

	/* the thread's own */
	struct store_disk *disk;
	struct store_row *run_copy;     /* of `run`, */
	uint32_t run_copied;            /* this version */
	uint64_t retry_ms, tidy_ns;
	uint64_t files;                 /* damaged and replaced ones at the last look */
	int64_t outbox_id;
};

static uint64_t mono_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

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

/* --- state: with the lock held -------------------------------------------------------------------- */

static void become(struct store_live *l, enum store_health health, const char *why)
{
	if (l->state.health != health)
		l->state.since_ns = l->c.wall_ns(l->c.arg);
	l->state.health = health;
	snprintf(l->state.why, sizeof l->state.why, "%.255s", health == STORE_OK ? "" : why);
}

/* What the database lacks since it was replaced, or since rows were let go, is asked for again once it can be written. */
static void note_losses(struct store_live *l, const struct store_disk_figures *f)
{
	uint64_t files = f->damaged + f->replaced;

	if (files != l->files) {
		l->files = files;
		l->run_written = l->run_put - 1;
		atomic_fetch_add(&l->epoch, 1);
	}
	if (l->queue.lost_inventory != l->lost_inventory && l->state.health == STORE_OK && !l->queue.rows) {
		l->lost_inventory = l->queue.lost_inventory;
		atomic_fetch_add(&l->epoch, 1);
	}
}

static void publish(struct store_live *l)
{
	struct store_disk_figures f;

	store_disk_figures(l->disk, &f);
	pthread_mutex_lock(&l->lock);
	l->state.file_bytes = f.file_bytes;
	l->state.wal_bytes = f.wal_bytes;
	l->state.damaged = f.damaged;
	l->state.replaced = f.replaced;
	memcpy(l->state.set_aside, f.set_aside, sizeof l->state.set_aside);
	memcpy(l->state.removed, f.removed.alerts, sizeof l->state.removed);
	l->state.removed_revisions = f.removed.revisions;
	l->state.removed_assets = f.removed.assets;
	l->state.removed_conversations = f.removed.conversations;
	note_losses(l, &f);
	pthread_cond_broadcast(&l->told);
	pthread_mutex_unlock(&l->lock);
}

/* --- the thread ------------------------------------------------------------------------------------- */

static void disk_begins(struct store_live *l)
{
	pthread_mutex_lock(&l->lock);
	l->disk_ns = mono_ns();
	pthread_mutex_unlock(&l->lock);
}

static void failed(struct store_live *l, const struct diag *d)
{
	uint64_t most = store_disk_health(l->disk) == STORE_BUSY ? RETRY_BUSY_MS : RETRY_MAX_MS;

	l->retry_ms = !l->retry_ms ? RETRY_MS : l->retry_ms * 2 < most ? l->retry_ms * 2 : most;
	pthread_mutex_lock(&l->lock);
	l->retry_ns = mono_ns() + (l->stop ? RETRY_MS : l->retry_ms) * MS;
	become(l, store_disk_health(l->disk), d->text);
	pthread_mutex_unlock(&l->lock);
}

static void open_file(struct store_live *l)
{
	struct diag d = { "" };
	int err = store_disk_open(l->disk, &d);

	pthread_mutex_lock(&l->lock);
	if (!l->tried) {
		l->tried = true;
		l->open_err = err;
		l->open_health = store_disk_health(l->disk);
		l->open_why = d;
	}
	if (!err)
		become(l, STORE_OK, "");
	pthread_mutex_unlock(&l->lock);
	if (err) {
		failed(l, &d);
	} else {
		l->retry_ms = 0;
		l->tidy_ns = 0;
	}
}

/* After a commit: what was written is done with. */
static void written(struct store_live *l, struct store_row *list, uint64_t took_ns, bool revisions)
{
	struct diag why;

	pthread_mutex_lock(&l->lock);
	while (list) {
		struct store_row *next = list->next;

		l->state.rows++;
		l->state.revisions += list->kind == ROW_ALERT;
		store_queue_done(&l->queue, list);
		list = next;
	}
	l->run_written = l->run_copied;
	l->state.commits++;
	l->state.committed_ns = l->c.wall_ns(l->c.arg);
	l->state.latency_ns = took_ns;
	if (took_ns > l->state.latency_max_ns)
		l->state.latency_max_ns = took_ns;
	if (took_ns > l->c.slow_ms * MS) {
		diag_fail(&why, ZT_OK, "%s: the last commit took %.1f s", l->path, (double)took_ns / 1e9);
		become(l, STORE_SLOW, why.text);
	} else {
		become(l, STORE_OK, "");
	}
	l->writing = false;
	pthread_mutex_unlock(&l->lock);
	l->retry_ms = 0;
	if (revisions && l->c.committed)
		l->c.committed(l->c.arg, l->outbox_id);
}

/* Takes the row that the database will not have out of the list. */
static struct store_row *without(struct store_live *l, struct store_row *list, struct store_row *row)
{
	for (struct store_row **at = &list; *at; at = &(*at)->next) {
		if (*at != row)
			continue;
		*at = row->next;
		l->state.refused++;
		store_queue_done(&l->queue, row);
		break;
	}
	return list;
}

static void write_rows(struct store_live *l, struct store_row *list, bool run_changed)
{
	struct store_row *culprit = NULL;
	struct diag d = { "" };
	int64_t before = l->outbox_id;
	uint64_t start = mono_ns();
	int err = store_disk_write(l->disk, l->run_copy, run_changed, list, &culprit, &l->outbox_id, &d);

	if (!err) {
		written(l, list, mono_ns() - start, l->outbox_id != before);
		return;
	}
	pthread_mutex_lock(&l->lock);
	if (culprit)
		list = without(l, list, culprit);
	else
		l->state.retries++;
	store_queue_back(&l->queue, list);
	l->writing = false;
	pthread_mutex_unlock(&l->lock);
	if (!culprit)
		failed(l, &d);
}

/* When the next rows should be written: now, later, or never. With the lock held. */
static uint64_t rows_due(const struct store_live *l)
{
	const struct store_queue *q = &l->queue;
	uint64_t due = UINT64_MAX;

	if (!l->run)
		return UINT64_MAX;
	if (l->flush || l->stop || q->rows >= BATCH_ROWS)
		return q->rows || l->run_put != l->run_written ? 0 : UINT64_MAX;
	if (q->alerts.first)
		due = q->alerts.first->put_ns + l->c.commit_ms * MS;
	if (q->inventory.first && q->inventory.first->put_ns + l->c.inventory_ms * MS < due)
		due = q->inventory.first->put_ns + l->c.inventory_ms * MS;
	if (l->run_put != l->run_written && l->run->put_ns + l->c.commit_ms * MS < due)
		due = l->run->put_ns + l->c.commit_ms * MS;
	return due;
}

static uint64_t due(const struct store_live *l)
{
	uint64_t rows = rows_due(l), at;

	if (!store_disk_is_open(l->disk))
		return l->retry_ns;
	at = rows < l->retry_ns ? l->retry_ns : rows;
	return at < l->tidy_ns ? at : l->tidy_ns;
}

static bool nothing_left(const struct store_live *l)
{
	return !l->queue.rows && (!l->run || l->run_put == l->run_written);
}

static void tidy(struct store_live *l)
{
	struct diag d = { "" };
	bool more = false;
	uint64_t start = mono_ns(), now;
	bool had_room = store_disk_has_room(l->disk);
	int err = store_disk_tidy(l->disk, l->run_copy ? l->run_copy->as.run.id : NULL, &more, &d);

	if (err)
		failed(l, &d);
	now = mono_ns();
	l->tidy_ns = more && !err ? now : now + TIDY_MS * MS;
	pthread_mutex_lock(&l->lock);
	if (!err && !had_room && store_disk_has_room(l->disk))
		l->retry_ns = 0;
	if (!err && nothing_left(l) && now - start < l->c.slow_ms * MS)
		become(l, STORE_OK, "");        /* it could be slow or busy since the last row */
	pthread_mutex_unlock(&l->lock);
}

/* What is due, off the queue; *run_changed: so is the run's row. With the lock held. */
static bool take(struct store_live *l, struct store_row **list, bool *run_changed)
{
	const struct store_row *oldest = l->queue.inventory.first;
	uint64_t now = mono_ns();
	bool inventory;

	if (rows_due(l) > now || now < l->retry_ns)
		return false;
	if (l->run_copied != l->run_put) {
		struct store_row *copy = store_row_new(ROW_RUN, &l->run->as.run);

		if (!copy) {
			l->retry_ns = now + RETRY_MS * MS;
			return false;
		}
		free(l->run_copy);
		l->run_copy = copy;
		l->run_copied = l->run_put;
	}
	inventory = l->flush || l->stop || l->queue.rows >= BATCH_ROWS ||
		    (oldest && now >= oldest->put_ns + l->c.inventory_ms * MS);
	*list = store_queue_take(&l->queue, BATCH_ROWS, BATCH_BYTES, inventory);
	*run_changed = l->run_copied != l->run_written;
	l->writing = true;
	return true;
}

/* One round: rows that are due are written, and then the file gets one step of care. */
static void one_round(struct store_live *l)
{
	struct store_row *list = NULL;
	bool run_changed = false, some;

	pthread_mutex_lock(&l->lock);
	some = take(l, &list, &run_changed);
	pthread_mutex_unlock(&l->lock);
	if (some)
		write_rows(l, list, run_changed);
	if (store_disk_is_open(l->disk) && (mono_ns() >= l->tidy_ns || (some && store_disk_wants_care(l->disk))))
		tidy(l);
}

/* Sleeps until something is due. false: it is time to end. */
static bool wait_for_work(struct store_live *l)
{
	uint64_t at, now;
	bool go_on;

	pthread_mutex_lock(&l->lock);
	l->disk_ns = 0;
	if (nothing_left(l))
		l->flush = false;
	for (;;) {
		now = mono_ns();
		at = due(l);
		go_on = !l->stop || (!nothing_left(l) && now < l->stop_ns);
		if (!go_on || at <= now)
			break;
		if (l->stop && l->stop_ns < at)
			at = l->stop_ns;

		const struct timespec until = { (time_t)(at / 1000000000), (long)(at % 1000000000) };

		pthread_cond_timedwait(&l->wake, &l->lock, &until);
	}
	pthread_mutex_unlock(&l->lock);
	return go_on;
}

static void *thread(void *arg)
{
	struct store_live *l = arg;

	if (l->c.thread_start)
		l->c.thread_start(l->c.arg);
	while (wait_for_work(l)) {
		disk_begins(l);
		if (!store_disk_is_open(l->disk))
			open_file(l);
		if (store_disk_is_open(l->disk))
			one_round(l);
		publish(l);
	}
	disk_begins(l);
	store_disk_free(l->disk);
	pthread_mutex_lock(&l->lock);
	l->ended = true;
	pthread_cond_broadcast(&l->told);
	pthread_mutex_unlock(&l->lock);
	return NULL;
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

static void fini(struct store_live *l)
{
	store_queue_fini(&l->queue);
	pthread_cond_destroy(&l->wake);
	pthread_cond_destroy(&l->told);
	pthread_mutex_destroy(&l->lock);
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
	if (init_cond(&l->wake) || init_cond(&l->told) || !l->path) {
		diag_fail(d, ZT_ENOMEM, "out of memory");
		fini(l);
		return NULL;
	}
	*err = fill_in(&l->c, d);
	l->disk = *err ? NULL : store_disk_new(&l->c);
	if (!l->disk) {
		if (!*err)
			*err = diag_fail(d, ZT_ENOMEM, "out of memory");
		fini(l);
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
	rc = pthread_create(&l->thread, NULL, thread, l);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	return rc ? diag_fail(d, ZT_ENOMEM, "%s: no thread for the database (%s)", l->path, strerror(rc)) : ZT_OK;
}

/* true: the thread has ended within the time, and everything is freed. */
static bool end(struct store_live *l, uint64_t close_ms, uint64_t grace_ms)
{
	uint64_t now = mono_ns(), last = now + (close_ms + grace_ms) * MS;
	bool ended;

	pthread_mutex_lock(&l->lock);
	l->stop = true;
	l->stop_ns = now + close_ms * MS;
	l->retry_ns = 0;
	pthread_cond_signal(&l->wake);
	while (!l->ended && mono_ns() < last)
		wait_told(l, last);
	ended = l->ended;
	pthread_mutex_unlock(&l->lock);
	if (!ended) {
		pthread_detach(l->thread);      /* the disk has it; it must find its memory when it comes back */
		return false;
	}
	pthread_join(l->thread, NULL);
	fini(l);
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
			fini(l);
		}
		if (!s)
			*err = diag_fail(d, ZT_ENOMEM, "out of memory");
		free(s);
		return NULL;
	}
	until = mono_ns() + l->c.open_ms * MS;
	pthread_mutex_lock(&l->lock);
	while (!l->tried && mono_ns() < until)
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
		r->put_ns = mono_ns();
	pthread_mutex_lock(&l->lock);
	was = rows_due(l);
	if (r)
		store_queue_put(&l->queue, r);
	else
		store_queue_lost(&l->queue, kind, kind == ROW_ALERT ? ((const struct store_alert *)row)->severity_level : 0);
	if (rows_due(l) < was)
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
	row->put_ns = mono_ns();
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
	uint64_t until = mono_ns() + timeout_ms * MS, before;
	bool done;

	pthread_mutex_lock(&l->lock);
	before = losses(l);
	l->flush = true;
	l->retry_ns = 0;
	pthread_cond_signal(&l->wake);
	while ((l->writing || !nothing_left(l)) && mono_ns() < until)
		wait_told(l, until);
	done = !l->writing && nothing_left(l) && losses(l) == before;
	pthread_mutex_unlock(&l->lock);
	return done;
}

void store_live_state(struct store *s, struct store_state *out)
{
	struct store_live *l = s->live;
	uint64_t now = mono_ns(), waits;

	pthread_mutex_lock(&l->lock);
	*out = l->state;
	out->queued = l->queue.rows;
	out->queued_bytes = l->queue.bytes;
	out->queue_bytes = l->queue.max_bytes;
	out->oldest_ns = l->queue.alerts.first ? now - l->queue.alerts.first->put_ns : 0;
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
