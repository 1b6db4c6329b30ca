/* What keeps the file of a live store sound and small: the WAL, the bounds of size and age, what is over. */
#include "alert/store_disk.h"

#include "alert/store_disk_inside.h"
#include "alert/store_files.h"

#include <stdio.h>

#define AGE_NS (UINT64_C(60) * 1000000000)      /* between looks for what is too old */
#define JUMP_NS (UINT64_C(60) * 1000000000)
#define WAL_MIN (UINT64_C(4) << 20)
#define WAL_MAX (UINT64_C(64) << 20)
#define VACUUM_PAGES 256

static uint64_t wal_bound(const struct store_disk *k)
{
	uint64_t part = k->conf->max_bytes / 8;

	return part < WAL_MIN ? WAL_MIN : part > WAL_MAX ? WAL_MAX : part;
}

static uint64_t checkpoint_bytes(const struct store_disk *k)
{
	return wal_bound(k) / 4 < STORE_CHECKPOINT_MAX ? wal_bound(k) / 4 : STORE_CHECKPOINT_MAX;
}

static uint64_t file_bound(const struct store_disk *k)
{
	return k->conf->max_bytes - wal_bound(k);
}

int store_disk_bound(struct store_disk *k, struct diag *d)
{
	return db_runf(&k->db, d, "PRAGMA max_page_count = %llu", (unsigned long long)(file_bound(k) / k->page_bytes));
}

static int pages(struct store_disk *k, struct diag *d, uint64_t *file, uint64_t *used)
{
	int64_t all = 0, unused = 0;
	int err = db_int(&k->db, d, "PRAGMA page_count", &all);

	err = err ? err : db_int(&k->db, d, "PRAGMA freelist_count", &unused);
	*file = (uint64_t)all * k->page_bytes;
	*used = (uint64_t)(all - unused) * k->page_bytes;
	return err;
}

bool store_disk_wants_care(struct store_disk *k)
{
	uint64_t file, used;

	return k->full || k->held || k->wal_bytes >= checkpoint_bytes(k) ||
	       (pages(k, NULL, &file, &used) == ZT_OK && used > file_bound(k) / 100 * 95);
}

/* Pages go from the WAL into the file, so that it starts over; a reader of an old state prevents that. */
static int checkpoint(struct store_disk *k, struct diag *d)
{
	bool shorter = k->vacuums && k->wal_bytes && store_files_size(k->file, "") > file_bound(k);   /* it may be, by the WAL */
	bool hard = shorter || k->wal_bytes >= wal_bound(k) / 2;
	int log = 0, done = 0, rc;

	if (!shorter && k->wal_bytes < checkpoint_bytes(k))
		return ZT_OK;
	rc = sqlite3_wal_checkpoint_v2(k->db.h, "main", hard ? SQLITE_CHECKPOINT_TRUNCATE : SQLITE_CHECKPOINT_PASSIVE, &log, &done);
	if (rc != SQLITE_OK && (rc & 0xff) != SQLITE_BUSY)
		return db_fail(&k->db, d, rc, "checkpointing");
	if (rc == SQLITE_OK && log == done)
		k->wal_bytes = 0;
	k->held = k->wal_bytes >= wal_bound(k) / 2;     /* a transaction or a step of removing fits into the rest */
	return ZT_OK;
}

/* Rows go while the pages in use are too many; their pages are used again, and given back only when the
 * bound was lowered since the file was made. */
static int shrink(struct store_disk *k, bool *more, struct diag *d)
{
	uint64_t bound = file_bound(k), file, used;
	int err = pages(k, d, &file, &used);
	bool nothing = false;

	if (err)
		return err;
	if (used > bound / 100 * 95 || (k->full && used > bound / 100 * 90))
		k->shrinking = true;
	if (used < bound / 100 * 90)
		k->shrinking = false;
	if (k->shrinking) {
		err = store_retain_least(&k->db, &k->removed, &k->backlog, &nothing, d);
		k->empty_runs = true;
		*more = !nothing;
		k->full &= nothing;
	} else if (file > bound && file > used && k->vacuums) {
		err = db_runf(&k->db, d, "PRAGMA incremental_vacuum(%d)", VACUUM_PAGES);
		err = err ? err : store_disk_bound(k, d);
		*more = true;
	}
	return err;
}

/* The wall clock when it is time to look for what is too old; 0: it is not. A clock that was set says nothing of age for
 * an hour: a wrong one must not empty the database. */
static uint64_t time_for_age(struct store_disk *k)
{
	uint64_t now = store_mono_ns(), wall = k->conf->wall_ns(k->conf->arg);
	int64_t apart = (int64_t)(wall - now), moved = apart - k->clocks_apart;

	k->clocks_apart = apart;
	if (moved > (int64_t)JUMP_NS || moved < -(int64_t)JUMP_NS)
		k->hold_ns = now + STORE_HOLD_NS;
	return now < k->hold_ns || now < k->age_ns ? 0 : wall;
}

static int age(struct store_disk *k, uint64_t wall, bool *more, struct diag *d)
{
	int err = ZT_OK;

	if (!wall)
		return ZT_OK;
	if (k->conf->max_age_ns && wall > k->conf->max_age_ns) {
		err = store_retain_older(&k->db, wall - k->conf->max_age_ns, k->backlog.floor, &k->removed, more, d);
		k->empty_runs = true;
	}
	if (!err && !*more)
		k->age_ns = store_mono_ns() + AGE_NS;
	return err;
}

static int limit_backlog(struct store_disk *k, uint64_t wall, bool *more, struct diag *d)
{
	const struct store_backlog_limits *limits = &k->conf->backlog;
	uint64_t old_ns = limits->age_ns && wall > limits->age_ns ? wall - limits->age_ns : 0;

	return store_backlog_limit(&k->backlog, &k->db, limits, old_ns, more, d);
}

/* The WAL of a file that is gone would be taken for that of the one in its place. */
static int still_there(struct store_disk *k, struct diag *d)
{
	int moved = 0;

	if (sqlite3_file_control(k->db.h, "main", SQLITE_FCNTL_HAS_MOVED, &moved) != SQLITE_OK || !moved) {
		k->wal = store_files_wal(k->file);
		return ZT_OK;
	}
	store_disk_close(k);
	store_files_drop_wal(k->file, k->wal);
	k->taken = true;
	store_files_unlock(&k->lock);           /* its file may be gone as well */
	k->health = STORE_UNREACHABLE;
	return diag_fail(d, ZT_ENOENT, "%s: the file was taken away", db_name(&k->db));
}

int store_disk_tidy(struct store_disk *k, const char *run, bool *more, struct diag *d)
{
	int err = still_there(k, d);
	uint64_t wall;

	*more = false;
	if (err)
		return err;
	wall = time_for_age(k);
	err = checkpoint(k, d);
	if (!err && k->held)
		return ZT_OK;
	err = err ? err : store_backlog_look(&k->backlog, &k->db, d);
	err = err ? err : shrink(k, more, d);
	if (!err && !*more)
		err = limit_backlog(k, wall, more, d);
	if (!err && !*more)
		err = age(k, wall, more, d);
	if (!err && !*more && run && k->orphans) {
		err = store_retain_orphans(&k->db, run, k->conf->wall_ns(k->conf->arg), &k->orphans, d);
		*more = k->orphans;
	}
	if (!err && !*more && run && k->empty_runs) {
		err = store_retain_runs(&k->db, run, &k->empty_runs, d);
		*more = k->empty_runs;
	}
	return err ? store_disk_failed(k, err) : ZT_OK;
}

void store_disk_figures(const struct store_disk *k, struct store_disk_figures *out)
{
	*out = (struct store_disk_figures){
		.file_bytes = store_files_size(k->file, ""), .wal_bytes = store_files_size(k->file, "-wal"),
		.damaged = k->damaged, .replaced = k->replaced, .removed = k->removed, .backlog = k->backlog,
	};
	snprintf(out->set_aside, sizeof out->set_aside, "%s", k->set_aside);
}
