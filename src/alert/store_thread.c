/* The thread of a live store: it takes rows off the queue, writes them, and keeps the file small. */
#include "alert/store_inside.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define BATCH_ROWS 512
#define BATCH_BYTES (256u << 10)
#define RETRY_MS 100
#define RETRY_MAX_MS 10000
#define RETRY_BUSY_MS 1000      /* another program is done sooner than a disk is repaired */
#define TIDY_MS 1000

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
	l->state.removed_letters = f.removed.letters;
	l->state.undelivered = f.backlog.rows;
	l->state.undelivered_bytes = f.backlog.bytes;
	memcpy(l->state.dropped, f.backlog.dropped, sizeof l->state.dropped);
	note_losses(l, &f);
	pthread_cond_broadcast(&l->told);
	pthread_mutex_unlock(&l->lock);
}

/* --- the thread ------------------------------------------------------------------------------------- */

static void disk_begins(struct store_live *l)
{
	pthread_mutex_lock(&l->lock);
	l->disk_ns = store_mono_ns();
	pthread_mutex_unlock(&l->lock);
}

static void failed(struct store_live *l, const struct diag *d)
{
	uint64_t most = store_disk_health(l->disk) == STORE_BUSY ? RETRY_BUSY_MS : RETRY_MAX_MS;

	l->retry_ms = !l->retry_ms ? RETRY_MS : l->retry_ms * 2 < most ? l->retry_ms * 2 : most;
	pthread_mutex_lock(&l->lock);
	l->retry_ns = store_mono_ns() + (l->stop ? RETRY_MS : l->retry_ms) * MS;
	become(l, store_disk_health(l->disk), d->text);
	pthread_mutex_unlock(&l->lock);
}

/* A file that opens is not well before something was written to it: a disk may fail at that alone. It may be another
 * one than before: the run's row is written again, with the first rows that belong to it. */
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
	if (!err && l->state.health == STORE_OPENING)
		become(l, STORE_OK, "");
	if (!err)
		l->run_written = l->run_put - 1;
	pthread_mutex_unlock(&l->lock);
	if (err)
		failed(l, &d);
	else
		l->tidy_ns = 0;
}

static void tell_owner(struct store_live *l)
{
	pthread_mutex_lock(&l->calls);
	if (!l->left && l->c.committed)
		l->c.committed(l->c.arg, l->outbox_id);
	pthread_mutex_unlock(&l->calls);
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
	l->in_hand = l->in_hand_ns = 0;
	pthread_mutex_unlock(&l->lock);
	l->retry_ms = 0;
	if (revisions)
		tell_owner(l);
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
	uint64_t start = store_mono_ns();
	int err = store_disk_write(l->disk, l->run_copy, run_changed, list, &culprit, &l->outbox_id, &d);

	if (!err) {
		written(l, list, store_mono_ns() - start, l->outbox_id != before);
		return;
	}
	pthread_mutex_lock(&l->lock);
	if (culprit)
		list = without(l, list, culprit);
	else
		l->state.retries++;
	store_queue_back(&l->queue, list);
	l->writing = false;
	l->in_hand = l->in_hand_ns = 0;
	pthread_mutex_unlock(&l->lock);
	if (!culprit)
		failed(l, &d);
}

uint64_t store_rows_due(const struct store_live *l)
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
	uint64_t rows = store_rows_due(l), at;

	if (!store_disk_is_open(l->disk))
		return l->retry_ns;
	at = rows < l->retry_ns ? l->retry_ns : rows;
	return at < l->tidy_ns ? at : l->tidy_ns;
}

bool store_nothing_left(const struct store_live *l)
{
	return !l->queue.rows && (!l->run || l->run_put == l->run_written);
}

static void tidy(struct store_live *l)
{
	struct diag d = { "" };
	bool more = false;
	uint64_t start = store_mono_ns(), now;
	bool had_room = store_disk_has_room(l->disk);
	int err = store_disk_tidy(l->disk, l->run_copy ? l->run_copy->as.run.id : NULL, &more, &d);

	if (err)
		failed(l, &d);
	now = store_mono_ns();
	l->tidy_ns = more && !err ? now : now + TIDY_MS * MS;
	pthread_mutex_lock(&l->lock);
	if (!err && !had_room && store_disk_has_room(l->disk))
		l->retry_ns = 0;
	if (!err && store_nothing_left(l) && now - start < l->c.slow_ms * MS) {
		become(l, STORE_OK, "");        /* it could be slow or busy since the last row */
		l->retry_ms = 0;
	}
	pthread_mutex_unlock(&l->lock);
}

/* What is due, off the queue; *run_changed: so is the run's row. With the lock held. */
static bool take(struct store_live *l, struct store_row **list, bool *run_changed)
{
	const struct store_row *oldest = l->queue.inventory.first;
	uint64_t now = store_mono_ns();
	bool inventory;

	if (store_rows_due(l) > now || now < l->retry_ns)
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
	for (const struct store_row *r = *list; r; r = r->next)
		l->in_hand++;
	if (*list && (*list)->kind == ROW_ALERT)
		l->in_hand_ns = (*list)->put_ns;
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
	if (store_disk_is_open(l->disk) && (store_mono_ns() >= l->tidy_ns || (some && store_disk_wants_care(l->disk))))
		tidy(l);
}

/* Sleeps until something is due. false: it is time to end. */
static bool wait_for_work(struct store_live *l)
{
	uint64_t at, now;
	bool go_on;

	pthread_mutex_lock(&l->lock);
	l->disk_ns = 0;
	if (store_nothing_left(l))
		l->flush = false;
	for (;;) {
		now = store_mono_ns();
		at = due(l);
		go_on = !l->stop || (!store_nothing_left(l) && now < l->stop_ns);
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

void *store_thread(void *arg)
{
	struct store_live *l = arg;
	bool left;

	pthread_mutex_lock(&l->calls);
	if (!l->left && l->c.thread_start)
		l->c.thread_start(l->c.arg);
	pthread_mutex_unlock(&l->calls);
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
	pthread_mutex_lock(&l->calls);
	left = l->left;
	pthread_mutex_unlock(&l->calls);
	if (left)
		store_live_fini(l);
	return NULL;
}
