/* The file of a live store: opening it whatever it finds, and keeping it small. Writing is in store_write.c. */
#include "alert/store_disk.h"

#include "alert/store_db.h"
#include "alert/store_files.h"
#include "alert/store_write.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define BUSY_MS 250             /* another program's lock is waited for so long; then the rows wait in memory */
#define ASIDE_NS (UINT64_C(10) * 1000000000)    /* a disk that damages every file must not be filled with them */
#define AGE_NS (UINT64_C(60) * 1000000000)      /* between looks for what is too old */
#define HOLD_NS (UINT64_C(3600) * 1000000000)   /* nothing is too old so soon after start, or after the clock was set */
#define JUMP_NS (UINT64_C(60) * 1000000000)
#define WAL_MIN (UINT64_C(4) << 20)
#define WAL_MAX (UINT64_C(64) << 20)
#define CHECKPOINT_MAX (UINT64_C(4) << 20)
#define VACUUM_PAGES 256

struct store_disk {
	const struct store_live_config *conf;
	struct db db;                   /* its path is the one given: for messages */
	char file[PATH_MAX];            /* what that means */
	int lock;
	bool used;                      /* a sensor had this database before */
	bool opened, checked;           /* once */
	bool condemned;                 /* found damaged, not set aside yet */
	bool taken;                     /* the file was taken away, or another one put in its place */
	struct store_writes writes;
	enum store_health health;       /* of the last failure */
	bool full;                      /* the last write found no room */
	bool held;                      /* half of the WAL's bound is used, and it cannot start over */
	bool shrinking;                 /* the bound was reached: until there is some room again */
	bool vacuums;                   /* the file can give pages back */
	bool orphans, empty_runs;       /* there may be some */
	uint64_t page_bytes, wal_bytes; /* wal_bytes: of the WAL in use */
	uint64_t wal;                   /* the WAL's number */
	uint64_t aside_ns, age_ns, hold_ns;     /* monotonic */
	int64_t clocks_apart;           /* wall - monotonic, at the last look */
	uint64_t damaged, replaced;
	char set_aside[256];
	struct store_removed removed;
};

static uint64_t mono_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

struct store_disk *store_disk_new(const struct store_live_config *c)
{
	struct store_disk *k = calloc(1, sizeof *k);

	if (!k)
		return NULL;
	k->conf = c;
	k->lock = -1;
	k->db.path = strdup(c->path);
	k->hold_ns = mono_ns() + HOLD_NS;
	k->clocks_apart = (int64_t)(c->wall_ns(c->arg) - mono_ns());
	if (!k->db.path) {
		free(k);
		return NULL;
	}
	return k;
}

void store_disk_free(struct store_disk *k)
{
	if (!k)
		return;
	store_disk_close(k);
	store_files_unlock(&k->lock);
	free(k->db.path);
	free(k);
}

void store_disk_close(struct store_disk *k)
{
	store_writes_fini(&k->writes);
	db_close(&k->db);
}

bool store_disk_is_open(const struct store_disk *k)
{
	return k->db.h;
}

enum store_health store_disk_health(const struct store_disk *k)
{
	return k->health;
}

/* --- failures --------------------------------------------------------------------------------- */

static bool is_damage(int rc)
{
	return (rc & 0xff) == SQLITE_CORRUPT || (rc & 0xff) == SQLITE_NOTADB;
}

static enum store_health meaning(const struct store_disk *k)
{
	int error = k->db.h ? sqlite3_system_errno(k->db.h) : 0;

	switch (k->db.rc & 0xff) {
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return STORE_BUSY;
	case SQLITE_FULL:
		return STORE_FULL;
	case SQLITE_READONLY:
	case SQLITE_PERM:
		return STORE_READ_ONLY;
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
		return STORE_DAMAGED;
	case SQLITE_IOERR:
	case SQLITE_CANTOPEN:
		return error == ENOSPC || error == EDQUOT ? STORE_FULL : error == EROFS ? STORE_READ_ONLY : STORE_UNREACHABLE;
	default:
		return STORE_UNREACHABLE;
	}
}

static enum store_health meaning_of_file(int err)
{
	return err == ZT_EBUSY ? STORE_REFUSED : err == ZT_EFULL ? STORE_FULL : err == ZT_EPERM ? STORE_READ_ONLY : STORE_UNREACHABLE;
}

/* --- opening ------------------------------------------------------------------------------------ */

static uint64_t wal_bound(const struct store_disk *k)
{
	uint64_t part = k->conf->max_bytes / 8;

	return part < WAL_MIN ? WAL_MIN : part > WAL_MAX ? WAL_MAX : part;
}

static uint64_t checkpoint_bytes(const struct store_disk *k)
{
	return wal_bound(k) / 4 < CHECKPOINT_MAX ? wal_bound(k) / 4 : CHECKPOINT_MAX;
}

static uint64_t file_bound(const struct store_disk *k)
{
	return k->conf->max_bytes - wal_bound(k);
}

static int bound_pages(struct store_disk *k, struct diag *d)
{
	return db_runf(&k->db, d, "PRAGMA max_page_count = %llu", (unsigned long long)(file_bound(k) / k->page_bytes));
}

static int on_commit(void *arg, sqlite3 *h, const char *name, int frames)
{
	struct store_disk *k = arg;

	(void)h;
	(void)name;
	k->wal_bytes = (uint64_t)frames * k->page_bytes;
	return SQLITE_OK;
}

/* synchronous=FULL: what is committed is on the disk, also over a power cut, for one flush a commit. With NORMAL the
 * last commits before it could be gone again, after their alerts had been passed on. Checkpoints are made by hand, so
 * that no commit has to wait for one. */
static int settings(struct store_disk *k, struct diag *d)
{
	struct db *c = &k->db;
	int64_t page = DB_PAGE_BYTES, vacuum = 0;
	int err;

	sqlite3_busy_timeout(c->h, BUSY_MS);
	err = db_runf(c, d, "PRAGMA page_size = %d; PRAGMA auto_vacuum = INCREMENTAL; PRAGMA journal_mode = WAL;"
		      "PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 0; PRAGMA journal_size_limit = %llu;"
		      "PRAGMA secure_delete = FAST; PRAGMA temp_store = MEMORY; PRAGMA cache_size = -4096", DB_PAGE_BYTES,
		      (unsigned long long)CHECKPOINT_MAX);
	sqlite3_wal_hook(c->h, on_commit, k);
	err = err ? err : db_int(c, d, "PRAGMA page_size", &page);
	err = err ? err : db_int(c, d, "PRAGMA auto_vacuum", &vacuum);
	k->page_bytes = (uint64_t)page;
	k->vacuums = vacuum == 2;
	return err ? err : bound_pages(k, d);
}

static int expired(void *arg)
{
	const uint64_t *until = arg;

	return mono_ns() > *until;
}

static int check_table(struct store_disk *k, const char *table, struct diag *d)
{
	struct db *c = &k->db;
	sqlite3_stmt *st;
	char sql[128];
	int rc, err;

	sqlite3_snprintf(sizeof sql, sql, "PRAGMA quick_check(%Q)", table);
	err = db_query(c, d, &st, sql, "");
	if (err)
		return err;
	rc = sqlite3_step(st);
	if (rc == SQLITE_ROW && strcmp(db_text(st, 0), "ok") != 0) {
		c->rc = SQLITE_CORRUPT;
		err = diag_fail(d, ZT_EIO, "%s: the database is damaged (%s)", db_name(c), db_text(st, 0));
	}
	if (rc == SQLITE_INTERRUPT)
		rc = SQLITE_DONE;
	if (err) {
		sqlite3_finalize(st);
		return err;
	}
	return db_query_end(c, d, st, rc);
}

/* Within check_ms: SQLite can be interrupted in most of a table, and always between two. */
static int quick_check(struct store_disk *k, struct diag *d)
{
	uint64_t until = mono_ns() + (uint64_t)k->conf->check_ms * 1000000;
	sqlite3_stmt *names;
	int rc = SQLITE_DONE;
	int err = db_query(&k->db, d, &names, "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'", "");

	if (err)
		return err;
	while (!err && !expired(&until) && (rc = sqlite3_step(names)) == SQLITE_ROW) {
		sqlite3_progress_handler(k->db.h, 1000, expired, &until);
		err = check_table(k, db_text(names, 0), d);
		sqlite3_progress_handler(k->db.h, 0, NULL, NULL);
	}
	if (err) {
		sqlite3_finalize(names);
		return err;
	}
	return db_query_end(&k->db, d, names, rc);
}

static int attach(struct store_disk *k, struct diag *d)
{
	struct db *c = &k->db;
	int64_t version;
	int err;

	c->rc = SQLITE_OK;
	err = db_open(c, k->file, SQLITE_OPEN_READWRITE, d);
	err = err ? err : db_check(c, d, &version);
	if (!err && sqlite3_db_readonly(c->h, "main") == 1)
		err = db_fail(c, d, SQLITE_READONLY, "opening");
	if (!err && !k->checked)
		err = quick_check(k, d);
	err = err ? err : settings(k, d);
	err = err ? err : db_migrate(c, d);
	if (!err && !k->checked)
		k->orphans = k->empty_runs = true;
	k->checked |= !err;
	return err ? err : store_writes_init(&k->writes, c, d);
}

/* A damaged file goes out of the way. One that no sensor has used, and that is no database, is somebody else's. */
static int set_aside(struct store_disk *k, struct diag *d)
{
	uint64_t now = mono_ns();
	int err;

	k->health = STORE_DAMAGED;
	k->condemned = true;
	store_disk_close(k);
	if ((k->db.rc & 0xff) == SQLITE_NOTADB && !k->used) {
		k->condemned = false;
		k->health = STORE_REFUSED;
		return ZT_EINVAL;
	}
	if (k->aside_ns && now < k->aside_ns + ASIDE_NS)
		return diag_fail(d, ZT_EIO, "%s: the database is damaged again", db_name(&k->db));
	err = store_files_set_aside(k->file, k->conf->wall_ns(k->conf->arg), k->set_aside, d);
	if (!err) {
		k->aside_ns = now;
		k->condemned = false;
		k->damaged++;
	}
	return err;
}

static int find_file(struct store_disk *k, bool *made, struct diag *d)
{
	int err = ZT_OK;

	if (k->lock < 0) {
		err = store_files_resolve(k->conf->path, k->file, d);
		err = err ? err : store_files_lock(k->file, &k->lock, &k->used, d);
	}
	err = err ? err : store_files_make(k->file, made, d);
	if (err)
		k->health = meaning_of_file(err);
	return err;
}

/* Where no sensor belongs none leaves its mark. */
static int refused(struct store_disk *k, int err)
{
	if (err == ZT_EINVAL && !k->used)
		store_files_forget(k->file, &k->lock);
	return err;
}

int store_disk_open(struct store_disk *k, struct diag *d)
{
	bool made;
	int err = find_file(k, &made, d);

	if (err)
		return err;
	k->taken |= made && k->opened;
	if (made)
		k->condemned = false;
	err = k->condemned ? ZT_EIO : attach(k, d);
	if (err && (k->condemned || is_damage(k->db.rc))) {
		err = set_aside(k, d);
		err = err ? err : find_file(k, &made, d);
		if (err)
			return refused(k, err);
		err = attach(k, d);
	}
	if (err) {
		k->health = err == ZT_EINVAL ? STORE_REFUSED : meaning(k);
		store_disk_close(k);
		return refused(k, err);
	}
	k->replaced += k->taken;
	k->opened = k->used = true;
	k->held = k->taken = false;
	k->health = STORE_OK;
	return ZT_OK;
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

/* --- writing ------------------------------------------------------------------------------------ */

/* After a failure: whether the file is kept open, and what it means. */
static int failed(struct store_disk *k, int err)
{
	k->health = meaning(k);
	if (!sqlite3_get_autocommit(k->db.h))
		sqlite3_exec(k->db.h, "ROLLBACK", NULL, NULL, NULL);
	k->full |= k->health == STORE_FULL;
	k->condemned |= k->health == STORE_DAMAGED;
	if (k->health != STORE_FULL && k->health != STORE_BUSY)
		store_disk_close(k);
	return err;
}

static bool rows_fault(int rc)
{
	return (rc & 0xff) == SQLITE_CONSTRAINT || (rc & 0xff) == SQLITE_TOOBIG || (rc & 0xff) == SQLITE_MISMATCH;
}

int store_disk_write(struct store_disk *k, const struct store_row *run, bool run_changed, struct store_row *list,
		     struct store_row **culprit, int64_t *outbox_id, struct diag *d)
{
	int64_t id = *outbox_id;
	int err;

	*culprit = NULL;
	if (k->held) {
		k->health = STORE_BUSY;
		return diag_fail(d, ZT_EBUSY, "%s: a reader has kept the database from going on: its WAL is full", db_name(&k->db));
	}
	err = db_run(&k->db, d, "BEGIN IMMEDIATE");
	if (!err && run_changed)
		err = store_writes_run(&k->writes, &k->db, &run->as.run, d);
	for (struct store_row *r = list; !err && r; r = r->next) {
		err = store_writes_row(&k->writes, &k->db, run->as.run.id, r, &id, d);
		if (err && rows_fault(k->db.rc)) {
			sqlite3_exec(k->db.h, "ROLLBACK", NULL, NULL, NULL);
			*culprit = r;
			return ZT_EINVAL;
		}
	}
	err = err ? err : db_run(&k->db, d, "COMMIT");
	if (err)
		return failed(k, err);
	k->health = STORE_OK;
	k->full = false;
	*outbox_id = id;
	return ZT_OK;
}

bool store_disk_wants_care(struct store_disk *k)
{
	uint64_t file, used;

	return k->full || k->held || k->wal_bytes >= checkpoint_bytes(k) ||
	       (pages(k, NULL, &file, &used) == ZT_OK && used > file_bound(k) / 100 * 95);
}

bool store_disk_has_room(const struct store_disk *k)
{
	return !k->full && !k->held;
}

/* --- staying small ------------------------------------------------------------------------------ */

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
		err = store_retain_least(&k->db, &k->removed, &nothing, d);
		k->empty_runs = true;
		*more = !nothing;
		k->full &= nothing;
	} else if (file > bound && file > used && k->vacuums) {
		err = db_runf(&k->db, d, "PRAGMA incremental_vacuum(%d)", VACUUM_PAGES);
		err = err ? err : bound_pages(k, d);
		*more = true;
	}
	return err;
}

/* A clock that was set says nothing of age for an hour: a wrong one must not empty the database. */
static int age(struct store_disk *k, bool *more, struct diag *d)
{
	uint64_t now = mono_ns(), wall = k->conf->wall_ns(k->conf->arg);
	int64_t apart = (int64_t)(wall - now), moved = apart - k->clocks_apart;
	int err = ZT_OK;

	k->clocks_apart = apart;
	if (moved > (int64_t)JUMP_NS || moved < -(int64_t)JUMP_NS)
		k->hold_ns = now + HOLD_NS;
	if (!k->conf->max_age_ns || now < k->hold_ns || now < k->age_ns || wall <= k->conf->max_age_ns)
		return ZT_OK;
	err = store_retain_older(&k->db, wall - k->conf->max_age_ns, &k->removed, more, d);
	if (!err && !*more)
		k->age_ns = now + AGE_NS;
	k->empty_runs = true;
	return err;
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

	*more = false;
	if (err)
		return err;
	err = checkpoint(k, d);
	if (!err && k->held)
		return ZT_OK;
	err = err ? err : shrink(k, more, d);
	if (!err && !*more)
		err = age(k, more, d);
	if (!err && !*more && run && k->orphans) {
		err = store_retain_orphans(&k->db, run, &k->orphans, d);
		*more = k->orphans;
	}
	if (!err && !*more && run && k->empty_runs) {
		err = store_retain_runs(&k->db, run, &k->empty_runs, d);
		*more = k->empty_runs;
	}
	return err ? failed(k, err) : ZT_OK;
}

void store_disk_figures(const struct store_disk *k, struct store_disk_figures *out)
{
	*out = (struct store_disk_figures){
		.file_bytes = store_files_size(k->file, ""), .wal_bytes = store_files_size(k->file, "-wal"),
		.damaged = k->damaged, .replaced = k->replaced, .removed = k->removed,
	};
	snprintf(out->set_aside, sizeof out->set_aside, "%s", k->set_aside);
}
