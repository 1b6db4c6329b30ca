#include "alert/store_backlog.h"

#include "alert/store_db.h"
#include "alert/store_disk.h"

#include <stdio.h>

#define SLICE 200               /* rows of one step: each may stand in another page */
#define RECOUNT_NS (UINT64_C(60) * 1000000000)
#define SIZE "ifnull(bytes, length(CAST(json AS BLOB)))"        /* rows of earlier versions do not know it */

/* Rows with low < id <= high. Severity after severity, since that is how the index has them; first those of earlier
 * versions, which have none. */
static int count(struct db *c, int64_t low, int64_t high, uint64_t *rows, uint64_t *bytes, struct diag *d)
{
	int err = ZT_OK;

	*rows = *bytes = 0;
	for (int64_t level = -1; !err && low < high && level < SEV_COUNT; level++) {
		sqlite3_stmt *st;
		int rc;

		err = db_query(c, d, &st, "SELECT count(*), total(" SIZE ") FROM outbox INDEXED BY outbox_spool"
			       " WHERE level IS ?1 AND id > ?2 AND id <= ?3", "iuu", level, (uint64_t)low, (uint64_t)high);
		if (err)
			break;
		rc = sqlite3_step(st);
		*rows += db_uint(st, 0);
		*bytes += db_uint(st, 1);
		err = db_query_end(c, d, st, rc);
	}
	return err;
}

static uint64_t less(uint64_t a, uint64_t b)
{
	return a > b ? a - b : 0;
}

/* From nothing: what was lost from sight is found again. */
static int count_all(struct store_backlog *b, struct db *c, struct diag *d)
{
	int err = count(c, b->floor, b->end, &b->rows, &b->bytes, d);

	b->counted_ns = err ? 0 : store_mono_ns();
	return err;
}

/* What every sink has confirmed since the last look, and what is new. */
static int follow(struct store_backlog *b, struct db *c, int64_t floor, int64_t end, struct diag *d)
{
	uint64_t rows, bytes;
	int err = count(c, b->floor, floor < b->end ? floor : b->end, &rows, &bytes, d);

	if (err)
		return err;
	b->rows = less(b->rows, rows);
	b->bytes = less(b->bytes, bytes);
	err = count(c, floor > b->end ? floor : b->end, end, &rows, &bytes, d);
	b->rows += rows;
	b->bytes += bytes;
	b->floor = floor;
	b->end = end;
	return err;
}

int store_backlog_look(struct store_backlog *b, struct db *c, struct diag *d)
{
	int64_t floor = 0, end = 0;
	char sql[96];
	int err;

	snprintf(sql, sizeof sql, "SELECT ifnull(min(confirmed), %lld) FROM sinks WHERE active", (long long)INT64_MAX);
	err = db_int(c, d, sql, &floor);
	err = err ? err : db_int(c, d, "SELECT seq FROM sqlite_sequence WHERE name = 'outbox'", &end);
	if (err)
		return err;
	if (floor >= end) {
		b->floor = floor;
		b->end = end;
		b->rows = b->bytes = 0;
		b->counted_ns = store_mono_ns();
		return ZT_OK;
	}
	if (b->counted_ns && floor >= b->floor && end >= b->end) {
		err = follow(b, c, floor, end, d);
		if (err)
			b->counted_ns = 0;
		return err;
	}
	b->floor = floor;
	b->end = end;
	return count_all(b, c, d);
}

int store_backlog_lose(struct store_backlog *b, struct db *c, const char *of, const int64_t *id, unsigned n, struct diag *d)
{
	sqlite3_stmt *tell = NULL, *see = NULL;
	char sql[700];
	int err;

	snprintf(sql, sizeof sql, "INSERT INTO sink_drops (sink, level, count) SELECT s.name, ifnull(o.level, 0), count(*) FROM outbox o"
		 " JOIN sinks s ON s.active AND s.confirmed < o.id WHERE o.id IN (SELECT id FROM outbox WHERE %s) GROUP BY 1, 2"
		 " ON CONFLICT (sink, level) DO UPDATE SET count = count + excluded.count", of);
	err = db_prepare(c, d, sql, &tell);
	snprintf(sql, sizeof sql, "SELECT ifnull(level, 0), " SIZE " FROM outbox WHERE %s AND id > ?2", of);
	err = err ? err : db_prepare(c, d, sql, &see);
	for (unsigned i = 0; !err && i < n; i++) {
		int rc;

		err = db_step(c, d, tell, "u", (uint64_t)id[i]);
		sqlite3_bind_int64(see, 1, id[i]);
		sqlite3_bind_int64(see, 2, b->floor);
		while (!err && (rc = sqlite3_step(see)) != SQLITE_DONE) {
			if (rc != SQLITE_ROW) {
				err = db_fail(c, d, rc, "reading");
				break;
			}
			b->dropped[db_uint(see, 0) < SEV_COUNT ? db_uint(see, 0) : 0]++;
			b->rows = less(b->rows, 1);
			b->bytes = less(b->bytes, db_uint(see, 1));
		}
		sqlite3_reset(see);
	}
	sqlite3_finalize(tell);
	sqlite3_finalize(see);
	return err;
}

/* --- limits ------------------------------------------------------------------------------------------------- */

struct excess {
	uint64_t rows, bytes;           /* too many of them; either is enough */
	uint64_t old_ns;                /* what was stored before is too old; 0: nothing is */
};

static struct excess excess(const struct store_backlog *b, const struct store_backlog_limits *limits, uint64_t old_ns)
{
	return (struct excess){
		.rows = limits->rows ? less(b->rows, limits->rows) : 0,
		.bytes = limits->bytes ? less(b->bytes, limits->bytes) : 0,
		.old_ns = old_ns < INT64_MAX ? old_ns : INT64_MAX,
	};
}

static bool any(const struct excess *x)
{
	return x->rows || x->bytes;
}

/* Rows of one severity, the oldest first, until there is no excess or a whole slice. */
static int choose(const struct store_backlog *b, struct db *c, int64_t level, struct excess *x, int64_t id[SLICE], unsigned *n,
		  struct diag *d)
{
	sqlite3_stmt *st;
	int rc = SQLITE_DONE;
	int err = db_query(c, d, &st, "SELECT id, " SIZE " FROM outbox INDEXED BY outbox_spool WHERE level IS ?1 AND id > ?2"
			   " AND (?3 = 0 OR stored_ns < ?3) ORDER BY id", "iuu", level, (uint64_t)b->floor, x->old_ns);

	if (err)
		return err;
	while (*n < SLICE && (x->old_ns || any(x)) && (rc = sqlite3_step(st)) == SQLITE_ROW) {
		id[(*n)++] = sqlite3_column_int64(st, 0);
		x->rows = less(x->rows, 1);
		x->bytes = less(x->bytes, db_uint(st, 1));
	}
	return db_query_end(c, d, st, rc);
}

static int remove_rows(struct store_backlog *b, struct db *c, const int64_t *id, unsigned n, struct diag *d)
{
	sqlite3_stmt *st = NULL;
	int err = store_backlog_lose(b, c, "id = ?1", id, n, d);

	err = err ? err : db_prepare(c, d, "DELETE FROM outbox WHERE id = ?", &st);
	for (unsigned i = 0; !err && i < n; i++)
		err = db_step(c, d, st, "u", (uint64_t)id[i]);
	sqlite3_finalize(st);
	return err;
}

/* One transaction: cursors stand still meanwhile. */
static int remove_slice(struct store_backlog *b, struct db *c, const struct store_backlog_limits *limits, uint64_t old_ns,
			unsigned *n, struct diag *d)
{
	struct store_backlog next = *b;
	int64_t id[SLICE];
	struct excess x;
	int err = db_begin(c, d);

	*n = 0;
	if (err)
		return err;
	err = store_backlog_look(&next, c, d);
	if (!err && next.counted_ns + RECOUNT_NS < store_mono_ns())
		err = count_all(&next, c, d);   /* another program may have removed some */
	x = excess(&next, limits, old_ns);
	for (int64_t level = -1; !err && *n < SLICE && (x.old_ns || any(&x)) && level < SEV_COUNT; level++)
		err = choose(&next, c, level, &x, id, n, d);
	err = err ? err : remove_rows(&next, c, id, *n, d);
	err = db_end(c, err, d);
	if (!err)
		*b = next;
	return err;
}

int store_backlog_limit(struct store_backlog *b, struct db *c, const struct store_backlog_limits *limits, uint64_t old_ns,
			bool *more, struct diag *d)
{
	struct excess x;
	unsigned n = 0;
	int err = store_backlog_look(b, c, d);

	*more = false;
	if (err)
		return err;
	x = excess(b, limits, 0);
	if (any(&x))
		err = remove_slice(b, c, limits, 0, &n, d);
	else if (old_ns && b->floor < b->end)
		err = remove_slice(b, c, limits, old_ns, &n, d);
	x = excess(b, limits, 0);
	*more = !err && n && (n == SLICE || any(&x));
	return err;
}
