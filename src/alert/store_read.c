/* What is in a database, read out of it. */
#include "alert/store_db.h"
#include "alert/store_live.h"

#include "base/sbuf.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A file on a medium that cannot be written is read as it is, without the files that WAL wants beside it. */
static int open_unwritable(struct db *c, struct diag *d)
{
	struct sbuf uri;
	int err;

	sbuf_init(&uri, 16384);
	sbuf_str(&uri, "file:");
	for (const char *p = c->path; *p; p++) {
		if (*p == '?' || *p == '#' || *p == '%')
			sbuf_fmt(&uri, "%%%02x", (unsigned char)*p);
		else
			sbuf_char(&uri, *p);
	}
	sbuf_str(&uri, "?immutable=1");
	err = db_open(c, sbuf_text(&uri), SQLITE_OPEN_READONLY | SQLITE_OPEN_URI, d);
	sbuf_fini(&uri);
	return err;
}

/* Nobody writes to it and nothing of it stands in a WAL, so it can be read as it is. */
static bool at_rest(const struct db *c)
{
	struct stat st;
	struct sbuf wal;
	bool none;

	sbuf_init(&wal, 16384);
	sbuf_fmt(&wal, "%s-wal", c->path);
	none = stat(sbuf_text(&wal), &st) != 0 || st.st_size == 0;
	sbuf_fini(&wal);
	return none && access(c->path, R_OK) == 0;
}

int store_read_open(struct db *c, struct diag *d)
{
	int64_t version = 0, rows;
	int err;

	if (access(c->path, F_OK) != 0)
		return diag_fail(d, ZT_ENOENT, "%s: %s; `zonetap replay --db %s CAPTURE...` makes one", c->path,
				 strerror(errno), c->path);
	err = db_open(c, c->path, SQLITE_OPEN_READONLY, d);
	err = err ? err : db_int(c, d, "SELECT count(*) FROM sqlite_master", &rows);
	if (err && err != ZT_EBUSY && at_rest(c))
		err = open_unwritable(c, d);
	err = err ? err : db_check(c, d, &version);
	if (!err && version == 0)
		err = diag_fail(d, ZT_EINVAL, "%s: holds no runs yet", c->path);
	return err;
}

/* Runs that count when none is asked for: of runs over the same captures the one stored last. */
#define CURRENT_RUNS "(SELECT id FROM main.runs r WHERE r.rowid ="						\
	" (SELECT max(rowid) FROM main.runs x WHERE x.captures_hash = r.captures_hash))"

/* Rows of one table that the filter wants: ?1 is the run, a prefix of its name, or NULL. */
static const char *which_runs(const struct store_filter *f)
{
	if (f->spool)
		return "?1 IS ?1";
	return f->run ? "substr(t.run, 1, length(?1)) = ?1" : "?1 IS NULL AND t.run IN " CURRENT_RUNS;
}

/* Ids of rows, so that none of them is in hand while a callback prints: who prints into a pager would otherwise keep
 * an old state of the database alive, and with it the WAL of a sensor that goes on writing. */
struct ids {
	int64_t *v;
	size_t n, size;
};

static bool add_id(struct ids *ids, int64_t id)
{
	if (ids->n == ids->size) {
		size_t size = ids->size ? ids->size * 2 : 256;
		int64_t *v = reallocarray(ids->v, size, sizeof *v);

		if (!v)
			return false;
		ids->v = v;
		ids->size = size;
	}
	ids->v[ids->n++] = id;
	return true;
}

static int alert_ids(struct store *s, const struct store_filter *f, struct ids *ids, struct diag *d)
{
	sqlite3_stmt *st;
	char sql[1024];
	int err, rc;

	snprintf(sql, sizeof sql, "SELECT t.%s FROM %s.alerts t WHERE %s AND t.level >= ?2 AND (?3 IS NULL OR t.rule = ?3)"
		 " AND (?4 IS NULL OR ?4 IN (t.client_ip, t.server_ip, t.client_asset, t.server_asset))"
		 " AND (?5 IS NULL OR substr(t.uid, 1, length(?5)) = ?5) ORDER BY %s t.first_ns, t.serial",
		 f->spool ? "serial" : "rowid", f->spool ? "temp" : "main", which_runs(f),
		 f->spool ? "" : "(SELECT rowid FROM main.runs WHERE id = t.run),");
	err = db_query(&s->db, d, &st, sql, "susss", f->run, (uint64_t)f->least_severity, f->rule, f->address, f->uid);
	if (err)
		return err;
	while ((rc = sqlite3_step(st)) == SQLITE_ROW) {
		if (!add_id(ids, sqlite3_column_int64(st, 0))) {
			rc = SQLITE_NOMEM;
			break;
		}
	}
	return db_query_end(&s->db, d, st, rc);
}

/* The alert of that row and the name of its run (65 bytes); NULL: it is gone, or there is no memory. */
static struct store_row *alert_at(sqlite3_stmt *st, int64_t id, char run[STORE_RUN_TEXT], int *rc)
{
	struct store_row *r = NULL;

	sqlite3_bind_int64(st, 1, id);
	*rc = sqlite3_step(st);
	if (*rc == SQLITE_ROW) {
		const struct store_alert a = {
			.serial = db_uint(st, 0), .rev = (uint32_t)db_uint(st, 1), .uid = db_text(st, 2),
			.rule = db_text(st, 3), .title = db_text(st, 4), .class_word = db_text(st, 5),
			.severity = db_text(st, 6), .severity_level = (unsigned)db_uint(st, 7), .client = db_text(st, 8),
			.server = db_text(st, 9), .client_ip = db_text(st, 10), .server_ip = db_text(st, 11),
			.client_asset = db_text(st, 12), .server_asset = db_text(st, 13), .proto = db_text(st, 14),
			.op = db_text(st, 15), .act = db_text(st, 16), .outcome = db_text(st, 17), .text = db_text(st, 18),
			.count = db_uint(st, 19), .first_ns = db_uint(st, 20), .last_ns = db_uint(st, 21),
			.ended = db_uint(st, 22) != 0, .json = db_text(st, 23),
		};

		snprintf(run, STORE_RUN_TEXT, "%s", db_text(st, 24));
		r = store_row_new(ROW_ALERT, &a);
		*rc = r ? SQLITE_ROW : SQLITE_NOMEM;
	}
	sqlite3_reset(st);
	return r;
}

int store_alerts(struct store *s, const struct store_filter *f, store_alert_fn *fn, void *arg, struct diag *d)
{
	struct ids ids = { NULL, 0, 0 };
	sqlite3_stmt *st = NULL;
	char sql[512], run[STORE_RUN_TEXT];
	bool go_on = true;
	int rc = SQLITE_DONE, err = alert_ids(s, f, &ids, d);

	snprintf(sql, sizeof sql, "SELECT serial,rev,uid,rule,title,class,severity,level,client,server,client_ip,server_ip,"
		 "client_asset,server_asset,proto,op,act,outcome,text,count,first_ns,last_ns,ended,json,run FROM %s.alerts"
		 " WHERE %s = ?1", f->spool ? "temp" : "main", f->spool ? "serial" : "rowid");
	err = err ? err : db_prepare(&s->db, d, sql, &st);
	for (size_t i = 0; !err && go_on && i < ids.n; i++) {
		struct store_row *r = alert_at(st, ids.v[i], run, &rc);

		if (r)
			go_on = fn(arg, &r->as.alert, run);
		free(r);
		if (rc != SQLITE_ROW && rc != SQLITE_DONE)
			err = db_fail(&s->db, d, rc, "reading");
	}
	sqlite3_finalize(st);
	free(ids.v);
	return err;
}

#define LIST_OF(path, what) "(SELECT group_concat(" what ", ', ') FROM json_each(t.json, '" path "'))"
#define MEMBER(path) "json_extract(t.json, '" path "')"

int store_explain(struct store *s, const struct store_filter *f, const char *run, const char *uid,
		  store_explain_fn *fn, void *arg, struct diag *d)
{
	static const char select[] = "SELECT r.description, r.why, r.advice,"
		LIST_OF("$.attack", "json_extract(value, '$.id') || ' ' || json_extract(value, '$.name')") ","
		LIST_OF("$.iec62443", "value") ","
		MEMBER("$.evidence.capture") "," MEMBER("$.evidence.sha256") "," LIST_OF("$.evidence.frames", "value") ","
		MEMBER("$.evidence.first_frame") "," MEMBER("$.evidence.last_frame") ","
		LIST_OF("$.also", "value") "," MEMBER("$.status") "," MEMBER("$.func.name") "," MEMBER("$.target") ","
		MEMBER("$.value.bytes") "," MEMBER("$.site") "," MEMBER("$.client.zone") "," MEMBER("$.server.zone") "," MEMBER("$.server.port")
		" FROM @.alerts t LEFT JOIN @.rules r ON r.run = t.run AND r.id = t.rule"
		" WHERE t.run = ?1 AND t.uid = ?2";
	sqlite3_stmt *st;
	struct sbuf b;
	int err, rc;

	sbuf_init(&b, 4096);
	for (const char *c = select; *c; c++) {
		if (*c == '@')
			sbuf_str(&b, f->spool ? "temp" : "main");
		else
			sbuf_char(&b, *c);
	}
	err = db_query(&s->db, d, &st, sbuf_text(&b), "ss", run, uid);
	sbuf_fini(&b);
	if (err)
		return err;
	rc = sqlite3_step(st);
	if (rc == SQLITE_ROW) {
		const struct store_explain e = {
			.description = db_text(st, 0), .why = db_text(st, 1), .advice = db_text(st, 2),
			.attack = db_text(st, 3), .iec62443 = db_text(st, 4), .capture = db_text(st, 5),
			.sha256 = db_text(st, 6), .frames = db_text(st, 7), .first_frame = (uint32_t)db_uint(st, 8),
			.last_frame = (uint32_t)db_uint(st, 9), .also = db_text(st, 10), .status = db_text(st, 11),
			.func = db_text(st, 12), .target = db_text(st, 13), .value = db_text(st, 14),
			.site = db_text(st, 15), .client_zone = db_text(st, 16), .server_zone = db_text(st, 17),
			.server_port = db_text(st, 18),
		};

		fn(arg, &e);
	}
	return db_query_end(&s->db, d, st, rc);
}

/* Several runs may know one asset: it was first seen by the earliest of them and last by the latest. All are
 * taken before the first is passed on, for the same reason as above. */
static int take_assets(struct store *s, const struct store_filter *f, struct store_row **list, struct diag *d)
{
	sqlite3_stmt *st;
	char sql[1600];
	int err, rc;

	snprintf(sql, sizeof sql, "SELECT segment,ip,sort,name,role,zone,mac,all_roles,first_ns,latest,first_capture,"
		 "first_frame FROM (SELECT t.*, max(last_ns) OVER same AS latest, group_concat(roles, ', ') OVER same"
		 " AS all_roles, row_number() OVER (PARTITION BY segment, ip ORDER BY first_ns, rowid) AS place"
		 " FROM %s.assets t WHERE %s AND (?2 IS NULL OR ?2 IN (t.ip, t.name))"
		 " WINDOW same AS (PARTITION BY segment, ip)) WHERE place = 1 ORDER BY segment, sort",
		 f->spool ? "temp" : "main", which_runs(f));
	err = db_query(&s->db, d, &st, sql, "ss", f->run, f->address);
	if (err)
		return err;
	while ((rc = sqlite3_step(st)) == SQLITE_ROW) {
		const struct store_asset a = {
			.segment = db_text(st, 0), .ip = db_text(st, 1), .sort = db_text(st, 2), .name = db_text(st, 3),
			.role = db_text(st, 4), .zone = db_text(st, 5), .mac = db_text(st, 6), .roles = db_text(st, 7),
			.first_ns = db_uint(st, 8), .last_ns = db_uint(st, 9), .first_capture = db_text(st, 10),
			.first_frame = (uint32_t)db_uint(st, 11),
		};

		*list = store_row_new(ROW_ASSET, &a);
		if (!*list) {
			rc = SQLITE_NOMEM;
			break;
		}
		list = &(*list)->next;
	}
	return db_query_end(&s->db, d, st, rc);
}

int store_assets(struct store *s, const struct store_filter *f, store_asset_fn *fn, void *arg, struct diag *d)
{
	struct store_row *list = NULL;
	bool go_on = true;
	int err = take_assets(s, f, &list, d);

	while (list) {
		struct store_row *next = list->next;

		if (!err && go_on)
			go_on = fn(arg, &list->as.asset);
		free(list);
		list = next;
	}
	return err;
}

int store_sayings(struct store *s, const struct store_filter *f, const char *segment, const char *ip,
		  store_saying_fn *fn, void *arg, struct diag *d)
{
	sqlite3_stmt *st;
	char sql[1024];
	int err, rc;

	snprintf(sql, sizeof sql, "SELECT segment,ip,part,field,value,proto,capture,frame,count,first_ns,last_ns,"
		 "contradicted FROM %s.asset_identity t WHERE %s AND t.segment = ?2 AND t.ip = ?3"
		 " ORDER BY part, (SELECT min(rowid) FROM %s.asset_identity x WHERE x.field = t.field AND x.ip = t.ip),"
		 " first_ns, rowid", f->spool ? "temp" : "main", which_runs(f), f->spool ? "temp" : "main");
	err = db_query(&s->db, d, &st, sql, "sss", f->run, segment, ip);
	if (err)
		return err;
	while ((rc = sqlite3_step(st)) == SQLITE_ROW) {
		const struct store_saying a = {
			.segment = db_text(st, 0), .ip = db_text(st, 1), .part = db_text(st, 2), .field = db_text(st, 3),
			.value = db_text(st, 4), .proto = db_text(st, 5), .capture = db_text(st, 6),
			.frame = (uint32_t)db_uint(st, 7), .count = db_uint(st, 8), .first_ns = db_uint(st, 9),
			.last_ns = db_uint(st, 10), .contradicted = db_uint(st, 11) != 0,
		};

		if (!fn(arg, &a))
			break;
	}
	return db_query_end(&s->db, d, st, rc);
}

/* What several runs saw is one row: first seen by the earliest of them, counted together. Rows of one run are
 * never put together (which): they differ in what is not shown. */
#define SAME_CONVERSATION "segment,client,server,proto,op,func,sub,func_name,unit,space,block,granule,tag,first_addr,last_addr"

int store_conversations(struct store *s, const struct store_filter *f, const char *ip,
			store_conversation_fn *fn, void *arg, struct diag *d)
{
	sqlite3_stmt *st;
	char sql[1600];
	int err, rc;

	snprintf(sql, sizeof sql, "SELECT " SAME_CONVERSATION ",total,first_ns,latest,capture,frame FROM"
		 " (SELECT *, sum(count) OVER same AS total, max(last_ns) OVER same AS latest,"
		 " row_number() OVER (PARTITION BY " SAME_CONVERSATION ",which ORDER BY first_ns, id) AS place FROM"
		 " (SELECT t.*, t.rowid AS id, row_number() OVER (PARTITION BY %s" SAME_CONVERSATION " ORDER BY rowid) AS which"
		 " FROM %s.conversations t WHERE %s AND (?2 IS NULL OR ?2 IN (t.client, t.server)))"
		 " WINDOW same AS (PARTITION BY " SAME_CONVERSATION ",which)) WHERE place = 1 ORDER BY first_ns, id",
		 f->spool ? "" : "run,", f->spool ? "temp" : "main", which_runs(f));
	err = db_query(&s->db, d, &st, sql, "ss", f->run, ip);
	if (err)
		return err;
	while ((rc = sqlite3_step(st)) == SQLITE_ROW) {
		const struct store_conversation c = {
			.segment = db_text(st, 0), .client = db_text(st, 1), .server = db_text(st, 2), .proto = db_text(st, 3),
			.op = db_text(st, 4), .func = db_sint(st, 5), .sub = db_sint(st, 6), .func_name = db_text(st, 7),
			.unit = db_sint(st, 8), .space = db_text(st, 9), .block = db_sint(st, 10), .granule = db_text(st, 11),
			.tag = db_text(st, 12), .from = db_sint(st, 13), .to = db_sint(st, 14), .count = db_uint(st, 15),
			.first_ns = db_uint(st, 16), .last_ns = db_uint(st, 17), .capture = db_text(st, 18),
			.frame = (uint32_t)db_uint(st, 19),
		};

		if (!fn(arg, &c))
			break;
	}
	return db_query_end(&s->db, d, st, rc);
}
