/* Reading the outbox. Rows are copied before anybody sees them: who sends slowly would otherwise keep an old state of
 * the database alive, and with it the WAL of the sensor. What sinks write is in store_sinks.c. */
#include "alert/store_outbox.h"

#include "alert/store_outbox_inside.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#define BUSY_MS 200             /* another's lock is waited for so long */
#define WAL_BYTES (1 << 20)     /* a longer WAL is moved into the file after */
#define WAL_WRITES 64           /* so many writes of this connection: beside a sensor its store does it first */
#define READ_ROWS 64            /* copied at a time, */
#define READ_BYTES (1u << 20)   /* or when they are so many bytes */
#define COUNT_EXACT 2000        /* ids: more than so many are counted anew once a second only */
#define COUNT_NS UINT64_C(1000000000)

static const char *const statement_sql[OUTBOX_STATEMENTS] = {
	[OUTBOX_READ] = "SELECT id, uid, json, rev, ifnull(level, ifnull((SELECT a.level FROM alerts a WHERE a.uid = o.uid"
		" AND a.run = o.run), 0)), ts_ns, ifnull(stored_ns, 0) FROM outbox o WHERE id > ?1 ORDER BY id LIMIT ?2",
	[OUTBOX_END] = "SELECT seq FROM sqlite_sequence WHERE name = 'outbox'",
	[OUTBOX_SINCE] = "SELECT min(id) FROM outbox INDEXED BY outbox_spool WHERE level IS ?1 AND ifnull(stored_ns, ts_ns) >= ?2",
	[OUTBOX_COUNT] = "SELECT count(*) FROM outbox INDEXED BY outbox_spool WHERE level IS ?1 AND id > ?2",
	[OUTBOX_FIRST] = "SELECT ifnull(stored_ns, 0) FROM outbox WHERE id > ?1 ORDER BY id LIMIT 1",
	[OUTBOX_CURSOR] = "SELECT confirmed, settled, active FROM sinks WHERE name = ?1",
	[OUTBOX_DROPS] = "SELECT level, count FROM sink_drops WHERE sink = ?1",
	[OUTBOX_MOVE] = "UPDATE sinks SET confirmed = max(confirmed, ?2), settled = max(settled, min(?3, ?2)) WHERE name = ?1",
};

/* --- opening -------------------------------------------------------------------------------------------- */

static bool same_file(const struct outbox *o)
{
	struct stat st;

	return stat(o->db.path, &st) == 0 && st.st_dev == o->dev && st.st_ino == o->ino;
}

static int find_file(struct outbox *o, struct diag *d)
{
	struct stat st;

	if (stat(o->db.path, &st) != 0)
		return diag_fail(d, errno == ENOENT ? ZT_ENOENT : errno == EACCES ? ZT_EPERM : ZT_EIO, "%s: %s", o->db.path,
				 strerror(errno));
	o->dev = st.st_dev;
	o->ino = st.st_ino;
	return ZT_OK;
}

static int on_commit(void *arg, sqlite3 *h, const char *name, int frames)
{
	struct outbox *o = arg;

	(void)h;
	(void)name;
	o->writes++;
	o->wal_frames = frames;
	return SQLITE_OK;
}

/* Where no sensor looks after the WAL it would only grow. Nobody waits for this but the sink. */
int outbox_written(struct outbox *o, int err, struct diag *d)
{
	err = db_end(&o->db, err, d);
	if (!err && o->writes >= WAL_WRITES && o->wal_frames >= WAL_BYTES / DB_PAGE_BYTES) {
		o->writes = 0;
		sqlite3_wal_checkpoint_v2(o->db.h, "main", SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
	}
	return err;
}

static int settings(struct outbox *o, struct diag *d)
{
	struct db *c = &o->db;
	int err;

	sqlite3_busy_timeout(c->h, BUSY_MS);
	err = db_runf(c, d, "PRAGMA synchronous = NORMAL; PRAGMA journal_size_limit = %d; PRAGMA cache_size = -1024",
		      4 * WAL_BYTES);
	if (!err && sqlite3_db_readonly(c->h, "main") == 0)
		err = db_run(c, d, "PRAGMA journal_mode = WAL");
	sqlite3_wal_hook(c->h, on_commit, o);   /* and no checkpoint by SQLite's own count */
	return err;
}

static int attach(struct outbox *o, struct diag *d)
{
	struct db *c = &o->db;
	int64_t version = 0;
	int moved = 0, err = find_file(o, d);

	c->brief = true;
	err = err ? err : db_open(c, c->path, SQLITE_OPEN_READWRITE, d);
	if (!err)
		sqlite3_busy_timeout(c->h, BUSY_MS);
	if (!err && (sqlite3_file_control(c->h, "main", SQLITE_FCNTL_HAS_MOVED, &moved) != SQLITE_OK || moved || !same_file(o)))
		err = diag_fail(d, ZT_ENOENT, "%s: the file was taken away", c->path);
	err = err ? err : db_check(c, d, &version);
	if (!err && version != STORE_SCHEMA)
		err = diag_fail(d, ZT_ENOENT, "%s: has no outbox of this version yet", c->path);
	err = err ? err : settings(o, d);
	for (int i = 0; !err && i < OUTBOX_STATEMENTS; i++)
		err = db_prepare(c, d, statement_sql[i], &o->st[i]);
	return err;
}

struct outbox *outbox_open(const char *path, int *err, struct diag *d)
{
	struct outbox *o = calloc(1, sizeof *o);

	if (o)
		o->db.path = strdup(path);
	if (!o || !o->db.path)
		*err = diag_fail(d, ZT_ENOMEM, "out of memory");
	else
		*err = attach(o, d);
	if (*err) {
		outbox_close(o);
		return NULL;
	}
	return o;
}

void outbox_close(struct outbox *o)
{
	if (!o)
		return;
	for (int i = 0; i < OUTBOX_STATEMENTS; i++)
		sqlite3_finalize(o->st[i]);
	db_close(&o->db);
	free(o->db.path);
	free(o);
}

bool outbox_current(const struct outbox *o)
{
	return same_file(o);
}

/* --- reading ------------------------------------------------------------------------------------------------ */

struct kept {
	struct kept *next;
	struct outbox_row row;
	char text[];
};

static struct kept *keep(sqlite3_stmt *st)
{
	size_t uid_len = (size_t)sqlite3_column_bytes(st, 1) + 1, json_len = (size_t)sqlite3_column_bytes(st, 2) + 1;
	const char *uid = db_text(st, 1), *json = db_text(st, 2);
	struct kept *k = malloc(sizeof *k + uid_len + json_len);

	if (!k || !uid || !json) {
		free(k);
		return NULL;
	}
	memcpy(k->text, uid, uid_len);
	memcpy(k->text + uid_len, json, json_len);
	k->next = NULL;
	k->row = (struct outbox_row){
		.id = sqlite3_column_int64(st, 0), .uid = k->text, .json = k->text + uid_len, .json_len = json_len - 1,
		.rev = (uint32_t)db_uint(st, 3), .severity = db_uint(st, 4) < SEV_COUNT ? (uint32_t)db_uint(st, 4) : SEV_INFO,
		.ts_ns = db_uint(st, 5), .stored_ns = db_uint(st, 6),
	};
	return k;
}

/* Up to that many rows after *after, which becomes the last of them. */
static int keep_some(struct outbox *o, int64_t *after, uint32_t count, struct kept **list, uint32_t *n, struct diag *d)
{
	sqlite3_stmt *st = o->st[OUTBOX_READ];
	size_t bytes = 0;
	int rc = SQLITE_DONE;

	*n = 0;
	sqlite3_bind_int64(st, 1, *after);
	sqlite3_bind_int64(st, 2, count < READ_ROWS ? count : READ_ROWS);
	while (bytes < READ_BYTES && (rc = sqlite3_step(st)) == SQLITE_ROW) {
		struct kept *k = keep(st);

		if (!k) {
			rc = SQLITE_NOMEM;
			break;
		}
		*list = k;
		list = &k->next;
		*after = k->row.id;
		bytes += k->row.json_len;
		++*n;
	}
	sqlite3_reset(st);
	return rc == SQLITE_ROW || rc == SQLITE_DONE ? ZT_OK : db_fail(&o->db, d, rc, "reading");
}

int outbox_read(struct outbox *o, int64_t after, uint32_t count, outbox_fn *fn, void *arg, struct diag *d)
{
	uint32_t n = 1;
	bool go_on = true;
	int err = ZT_OK;

	while (!err && go_on && count && n) {
		struct kept *list = NULL;

		err = keep_some(o, &after, count, &list, &n, d);
		count -= n;
		while (list) {
			struct kept *next = list->next;

			if (!err && go_on)
				go_on = fn(arg, &list->row);
			free(list);
			list = next;
		}
	}
	return err;
}

/* The number that a statement gives, 0 without one; level: bound first when the statement wants it, SEV_INFO - 1 is
 * that of rows of earlier versions. */
static int ask(struct outbox *o, enum outbox_statement which, const int *level, int64_t value, int64_t *out, struct diag *d)
{
	sqlite3_stmt *st = o->st[which];
	int rc;

	if (level && *level >= 0)
		sqlite3_bind_int(st, 1, *level);
	else if (level)
		sqlite3_bind_null(st, 1);
	if (sqlite3_bind_parameter_count(st))
		sqlite3_bind_int64(st, level ? 2 : 1, value);
	rc = sqlite3_step(st);
	*out = rc == SQLITE_ROW ? sqlite3_column_int64(st, 0) : 0;
	sqlite3_reset(st);
	return rc == SQLITE_ROW || rc == SQLITE_DONE ? ZT_OK : db_fail(&o->db, d, rc, "reading");
}

int outbox_end(struct outbox *o, int64_t *id, struct diag *d)
{
	return ask(o, OUTBOX_END, NULL, 0, id, d);
}

int outbox_since(struct outbox *o, uint64_t wall_ns, int64_t *id, struct diag *d)
{
	int64_t first = INT64_MAX, one;
	int err = outbox_end(o, id, d);

	for (int level = -1; !err && level < SEV_COUNT; level++) {
		err = ask(o, OUTBOX_SINCE, &level, (int64_t)(wall_ns < INT64_MAX ? wall_ns : INT64_MAX), &one, d);
		if (one && one < first)
			first = one;
	}
	if (!err && first != INT64_MAX)
		*id = first - 1;
	return err;
}

static uint64_t mono_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

/* A million rows take some hundredths of a second, so a long queue is counted once a second. */
static int count(struct outbox *o, int64_t after, int64_t end, uint64_t *rows, struct diag *d)
{
	uint64_t now = mono_ns(), most = end > after ? (uint64_t)(end - after) : 0;
	int64_t n = 0;
	int err = ZT_OK;

	*rows = 0;
	if (most > COUNT_EXACT && o->counted_ns && now - o->counted_ns < COUNT_NS && after >= o->counted_after) {
		*rows = o->counted_rows < most ? o->counted_rows : most;
		return ZT_OK;
	}
	for (int level = -1; !err && most && level < SEV_COUNT; level++) {
		err = ask(o, OUTBOX_COUNT, &level, after, &n, d);
		*rows += (uint64_t)n;
	}
	o->counted_after = after;
	o->counted_rows = *rows;
	o->counted_ns = err ? 0 : now;
	return err;
}

int outbox_depth(struct outbox *o, int64_t after, uint64_t *rows, uint64_t *oldest_ns, struct diag *d)
{
	int64_t end, oldest = 0;
	int err = outbox_end(o, &end, d);

	*rows = *oldest_ns = 0;
	err = err ? err : count(o, after, end, rows, d);
	if (!err && *rows)
		err = ask(o, OUTBOX_FIRST, NULL, after, &oldest, d);
	*oldest_ns = (uint64_t)oldest;
	return err;
}
