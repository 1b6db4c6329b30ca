/* The file of a live store: opening it whatever it finds, and writing it. Keeping it small is in store_care.c. */
#include "alert/store_disk.h"

#include "alert/store_disk_inside.h"
#include "alert/store_files.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define BUSY_MS 250             /* another program's lock is waited for so long; then the rows wait in memory */
#define ASIDE_NS (UINT64_C(10) * 1000000000)    /* a disk that damages every file must not be filled with them */

uint64_t store_mono_ns(void)
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
	k->hold_ns = store_mono_ns() + STORE_HOLD_NS;
	k->clocks_apart = (int64_t)(c->wall_ns(c->arg) - store_mono_ns());
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
static int settings(struct store_disk *k, bool new_file, struct diag *d)
{
	struct db *c = &k->db;
	int64_t page = DB_PAGE_BYTES, vacuum = 0;
	int err = ZT_OK;

	sqlite3_busy_timeout(c->h, BUSY_MS);
	if (new_file)
		err = db_runf(c, d, "PRAGMA page_size = %d; PRAGMA auto_vacuum = INCREMENTAL", DB_PAGE_BYTES);
	err = err ? err : db_runf(c, d, "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 0;"
				  "PRAGMA journal_size_limit = %llu; PRAGMA secure_delete = FAST; PRAGMA temp_store = MEMORY;"
				  "PRAGMA cache_size = -4096", (unsigned long long)STORE_CHECKPOINT_MAX);
	sqlite3_wal_hook(c->h, on_commit, k);
	err = err ? err : db_int(c, d, "PRAGMA page_size", &page);
	err = err ? err : db_int(c, d, "PRAGMA auto_vacuum", &vacuum);
	k->page_bytes = (uint64_t)page;
	k->vacuums = vacuum == 2;
	return err ? err : store_disk_bound(k, d);
}

static int expired(void *arg)
{
	const uint64_t *until = arg;

	return store_mono_ns() > *until;
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
	uint64_t until = store_mono_ns() + (uint64_t)k->conf->check_ms * 1000000;
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
	int64_t version = 0;
	int err;

	c->rc = SQLITE_OK;
	err = db_open(c, k->file, SQLITE_OPEN_READWRITE, d);
	err = err ? err : db_check(c, d, &version);
	if (!err && sqlite3_db_readonly(c->h, "main") == 1)
		err = db_fail(c, d, SQLITE_READONLY, "opening");
	if (!err && !k->checked)
		err = quick_check(k, d);
	err = err ? err : settings(k, version == 0, d);
	err = err ? err : db_migrate(c, d);
	if (!err && !k->checked)
		k->orphans = k->empty_runs = true;
	k->checked |= !err;
	return err ? err : store_writes_init(&k->writes, c, d);
}

/* A damaged file goes out of the way. One that no sensor has used, and that is no database, is somebody else's. */
static int set_aside(struct store_disk *k, struct diag *d)
{
	uint64_t now = store_mono_ns();
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
	k->backlog.counted_ns = 0;
	k->health = STORE_OK;
	return ZT_OK;
}

/* --- writing ------------------------------------------------------------------------------------ */

int store_disk_failed(struct store_disk *k, int err)
{
	k->health = meaning(k);
	db_rollback(&k->db);
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
	uint64_t wall_ns = k->conf->wall_ns(k->conf->arg);
	int64_t id = *outbox_id;
	int err;

	*culprit = NULL;
	if (k->held) {
		k->health = STORE_BUSY;
		return diag_fail(d, ZT_EBUSY, "%s: a reader has kept the database from going on: its WAL is full", db_name(&k->db));
	}
	err = db_begin(&k->db, d);
	if (!err && run_changed)
		err = store_writes_run(&k->writes, &k->db, &run->as.run, d);
	for (struct store_row *r = list; !err && r; r = r->next) {
		err = store_writes_row(&k->writes, &k->db, run->as.run.id, r, wall_ns, &id, d);
		if (err && rows_fault(k->db.rc)) {
			db_rollback(&k->db);
			*culprit = r;
			return ZT_EINVAL;
		}
	}
	err = err ? err : db_commit(&k->db, d);
	if (err)
		return store_disk_failed(k, err);
	k->health = STORE_OK;
	k->full = false;
	*outbox_id = id;
	return ZT_OK;
}

bool store_disk_has_room(const struct store_disk *k)
{
	return !k->full && !k->held;
}
