/* What the tests of the live store share: a folder, rows by number, and a disk that fails on demand. */
#ifndef ZT_TESTS_STORE_KIT_H
#define ZT_TESTS_STORE_KIT_H

#include "alert/store_live.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <cmocka.h>
#include <sqlite3.h>

/* --- a disk that fails: a VFS before SQLite's own ------------------------------------------------ */

static _Atomic int bad_write, bad_read, bad_open, bad_sync;     /* SQLite's code for all of them; 0: fine */
static _Atomic int bad_sync_ms;                                 /* how long a flush takes */
static sqlite3_vfs *kit_under, kit_vfs;

struct kit_file { sqlite3_io_methods methods; const sqlite3_io_methods *under; };

static inline struct kit_file *kit_of(sqlite3_file *f)
{
	return (struct kit_file *)(void *)((char *)f + ((size_t)kit_under->szOsFile + 15) / 16 * 16);
}

static inline int kit_write(sqlite3_file *f, const void *p, int n, sqlite3_int64 at)
{
	return bad_write ? bad_write : kit_of(f)->under->xWrite(f, p, n, at);
}

static inline int kit_read(sqlite3_file *f, void *p, int n, sqlite3_int64 at)
{
	return bad_read ? bad_read : kit_of(f)->under->xRead(f, p, n, at);
}

static inline int kit_sync(sqlite3_file *f, int flags)
{
	int ms = bad_sync_ms;

	if (ms)
		usleep((useconds_t)ms * 1000);
	return bad_sync ? bad_sync : kit_of(f)->under->xSync(f, flags);
}

static inline int kit_open(sqlite3_vfs *v, const char *name, sqlite3_file *f, int flags, int *out)
{
	struct kit_file *k = kit_of(f);
	int rc;

	(void)v;
	f->pMethods = NULL;
	if (bad_open)
		return bad_open;
	rc = kit_under->xOpen(kit_under, name, f, flags, out);
	if (!f->pMethods)
		return rc;
	k->under = f->pMethods;
	k->methods = *k->under;
	k->methods.xWrite = kit_write;
	k->methods.xRead = kit_read;
	k->methods.xSync = kit_sync;
	f->pMethods = &k->methods;
	return rc;
}

static inline void kit_disk_on(void)
{
	kit_under = sqlite3_vfs_find(NULL);
	kit_vfs = *kit_under;
	kit_vfs.zName = "failing";
	kit_vfs.szOsFile = (kit_under->szOsFile + 15) / 16 * 16 + (int)sizeof(struct kit_file);
	kit_vfs.xOpen = kit_open;
	kit_vfs.pNext = NULL;
	sqlite3_vfs_register(&kit_vfs, 1);
}

static inline void kit_disk_off(void)
{
	bad_write = bad_read = bad_open = bad_sync = bad_sync_ms = 0;
	sqlite3_vfs_unregister(&kit_vfs);
}

/* --- a folder ------------------------------------------------------------------------------------- */

static char kit_dir[64], kit_db[96];

static inline int kit_setup(void **state)
{
	(void)state;
	snprintf(kit_dir, sizeof kit_dir, "/tmp/zonetap-test-XXXXXX");
	if (!mkdtemp(kit_dir))
		return -1;
	snprintf(kit_db, sizeof kit_db, "%s/plant.db", kit_dir);
	kit_disk_on();
	return 0;
}

static inline int kit_teardown(void **state)
{
	char cmd[128];

	(void)state;
	kit_disk_off();
	snprintf(cmd, sizeof cmd, "rm -rf %s", kit_dir);
	return system(cmd);
}

/* --- SQL from outside -------------------------------------------------------------------------------- */

static inline void kit_sql(const char *what)
{
	sqlite3 *db;

	assert_int_equal(sqlite3_open_v2(kit_db, &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, kit_under->zName), SQLITE_OK);
	sqlite3_busy_timeout(db, 5000);
	if (sqlite3_exec(db, what, NULL, NULL, NULL) != SQLITE_OK)
		fail_msg("%s: %s", what, sqlite3_errmsg(db));
	sqlite3_close(db);
}

static inline void kit_ask(const char *what, char out[400])
{
	sqlite3 *db;
	sqlite3_stmt *st;

	out[0] = '\0';
	assert_int_equal(sqlite3_open_v2(kit_db, &db, SQLITE_OPEN_READWRITE, kit_under->zName), SQLITE_OK);
	sqlite3_busy_timeout(db, 5000);
	if (sqlite3_prepare_v2(db, what, -1, &st, NULL) != SQLITE_OK)
		fail_msg("%s: %s", what, sqlite3_errmsg(db));
	while (sqlite3_step(st) == SQLITE_ROW) {
		size_t n = strlen(out);

		snprintf(out + n, 400 - n, "%s%s", n ? " " : "", (const char *)sqlite3_column_text(st, 0));
	}
	sqlite3_finalize(st);
	sqlite3_close(db);
}

static inline void kit_is(const char *sql, const char *want)
{
	char got[400];

	kit_ask(sql, got);
	if (strcmp(got, want) != 0)
		fail_msg("%s: %s, not %s", sql, got, want);
}

/* --- rows ------------------------------------------------------------------------------------------ */

static inline struct store *kit_open_live(const struct store_live_config *given)
{
	struct store_live_config c = *given;
	struct diag d = { "" };
	struct store *s;

	c.path = c.path ? c.path : kit_db;
	c.commit_ms = c.commit_ms ? c.commit_ms : 20;
	c.inventory_ms = c.inventory_ms ? c.inventory_ms : 20;
	s = store_live_open(&c, NULL, &d);
	if (!s)
		fail_msg("%s", d.text);
	return s;
}

static inline void kit_run(struct store *s, const char *id)
{
	struct diag d;

	assert_int_equal(store_live_run(s, &(struct store_run){ .id = id, .sensor = "gate", .policy_hash = "p",
								.program = "z", .first_ns = 1 }, &d), ZT_OK);
}

/* Revision rev of alert n; json of about `bytes`. */
static inline void kit_put(struct store *s, uint64_t n, uint32_t rev, unsigned severity, bool ended, unsigned bytes)
{
	char uid[33], *json = malloc(bytes + 200);

	snprintf(uid, sizeof uid, "%032llx", (unsigned long long)n);
	snprintf(json, bytes + 200, "{\"uid\":\"%s\",\"rev\":%u,\"ended\":%s,\"fill\":\"%0*d\"}", uid, rev, ended ? "true" : "false",
		 (int)bytes, 0);
	assert_int_equal(store_alert(s, &(struct store_alert){
		.serial = n, .rev = rev, .uid = uid, .rule = "r", .title = "t", .severity = "s", .severity_level = severity,
		.client_ip = "10.0.0.1", .server_ip = "10.0.0.2", .count = 1, .first_ns = n, .last_ns = n + rev, .ts_ns = n + rev,
		.ended = ended, .json = json }, NULL), ZT_OK);
	free(json);
}

static inline uint64_t kit_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

/* Waits until the state is as wanted, ten seconds at the most. */
static inline struct store_state kit_until(struct store *s, enum store_health health)
{
	struct store_state now;
	uint64_t end = kit_ms() + 10000;

	do {
		store_live_state(s, &now);
		if (now.health == health)
			return now;
		usleep(5000);
	} while (kit_ms() < end);
	fail_msg("the state is %s (%s), not %s", store_health_word(now.health), now.why, store_health_word(health));
	return now;
}

#endif
