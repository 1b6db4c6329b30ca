/* The tables, and how a file becomes one of this version. */
#include "alert/store_db.h"

#define APPLICATION_ID 0x7a746170       /* "ztap": the file's own mark */

/* Schema 1. */
static const char *const schema_1[] = {
	"CREATE TABLE alerts (run TEXT, serial INTEGER NOT NULL, uid TEXT NOT NULL, rev INTEGER NOT NULL,"
	" rule TEXT NOT NULL, title TEXT, class TEXT, severity TEXT, level INTEGER, client TEXT, server TEXT,"
	" client_ip TEXT, server_ip TEXT, client_asset TEXT, server_asset TEXT, proto TEXT, op TEXT, act TEXT,"
	" outcome TEXT, text TEXT, count INTEGER, first_ns INTEGER, last_ns INTEGER, ended INTEGER, json TEXT NOT NULL,"
	" PRIMARY KEY (run, serial))",
	"CREATE TABLE outbox (id INTEGER PRIMARY KEY AUTOINCREMENT, run TEXT, uid TEXT NOT NULL, rev INTEGER NOT NULL,"
	" ts_ns INTEGER NOT NULL, json TEXT NOT NULL)",
	"CREATE TABLE rules (run TEXT, id TEXT NOT NULL, title TEXT, description TEXT, why TEXT, advice TEXT,"
	" PRIMARY KEY (run, id))",
	"CREATE TABLE assets (run TEXT, segment TEXT NOT NULL, ip TEXT NOT NULL, sort TEXT, name TEXT, role TEXT, zone TEXT,"
	" mac TEXT, roles TEXT, first_ns INTEGER, last_ns INTEGER, first_capture TEXT, first_frame INTEGER,"
	" PRIMARY KEY (run, segment, ip))",
	"CREATE TABLE asset_identity (run TEXT, segment TEXT NOT NULL, ip TEXT NOT NULL, part TEXT NOT NULL,"
	" field TEXT NOT NULL, value TEXT NOT NULL, proto TEXT, capture TEXT, frame INTEGER, count INTEGER,"
	" first_ns INTEGER, last_ns INTEGER, contradicted INTEGER, PRIMARY KEY (run, segment, ip, part, field, value))",
	"CREATE TABLE conversations (run TEXT, segment TEXT NOT NULL, client TEXT NOT NULL, server TEXT NOT NULL,"
	" proto TEXT, op TEXT, func INTEGER, sub INTEGER, func_name TEXT, unit INTEGER, space TEXT, block INTEGER,"
	" granule TEXT, tag TEXT, first_addr INTEGER, last_addr INTEGER, count INTEGER, first_ns INTEGER,"
	" last_ns INTEGER, capture TEXT, frame INTEGER)",
	"CREATE TABLE captures (run TEXT, name TEXT NOT NULL, sha256 TEXT, bytes INTEGER, packets INTEGER,"
	" first_ns INTEGER, last_ns INTEGER, error TEXT)",
	"CREATE TABLE runs (id TEXT PRIMARY KEY, captures_hash TEXT NOT NULL, site TEXT, policy_hash TEXT NOT NULL,"
	" program TEXT NOT NULL, packets INTEGER, events INTEGER, first_ns INTEGER, last_ns INTEGER,"
	" stored TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP)",
	"CREATE INDEX runs_captures ON runs (captures_hash)",
	"CREATE INDEX alerts_uid ON alerts (uid)",
	"CREATE INDEX conversations_client ON conversations (run, client)",
	"CREATE INDEX conversations_server ON conversations (run, server)",
	NULL
};

/* Schema 2: live runs, whose rows are written again and removed in the end. A run of which something was removed is
 * trimmed. */
static const char *const schema_2[] = {
	"ALTER TABLE runs ADD COLUMN sensor TEXT",
	"ALTER TABLE runs ADD COLUMN live INTEGER NOT NULL DEFAULT 0",
	"ALTER TABLE runs ADD COLUMN trimmed INTEGER NOT NULL DEFAULT 0",
	"ALTER TABLE conversations ADD COLUMN serial INTEGER",
	"CREATE UNIQUE INDEX conversations_serial ON conversations (run, serial) WHERE serial IS NOT NULL",
	"CREATE INDEX alerts_age ON alerts (level, last_ns) WHERE ended = 1",
	"CREATE INDEX alerts_open ON alerts (run) WHERE ended = 0",
	"CREATE INDEX outbox_uid ON outbox (uid)",
	NULL
};

/* Schema 3: the outbox is forwarded. Of rows of earlier versions severity, size and time stay unknown: filling them in
 * would write the whole file anew. outbox_spool counts and chooses rows without touching their text; last_id is the outbox
 * row of an alert's newest revision, so that what is delivered is found in the index. */
static const char *const schema_3[] = {
	"ALTER TABLE outbox ADD COLUMN level INTEGER",
	"ALTER TABLE outbox ADD COLUMN bytes INTEGER",
	"ALTER TABLE outbox ADD COLUMN stored_ns INTEGER",
	"ALTER TABLE alerts ADD COLUMN last_id INTEGER NOT NULL DEFAULT 0",
	"CREATE INDEX outbox_spool ON outbox (level, id, bytes, stored_ns)",
	"DROP INDEX alerts_age",
	"CREATE INDEX alerts_age ON alerts (level, last_ns, last_id) WHERE ended = 1",
	"CREATE TABLE sinks (name TEXT PRIMARY KEY, confirmed INTEGER NOT NULL, settled INTEGER NOT NULL,"
	" active INTEGER NOT NULL DEFAULT 1)",
	"CREATE TABLE sink_drops (sink TEXT NOT NULL, level INTEGER NOT NULL, count INTEGER NOT NULL, PRIMARY KEY (sink, level))"
	" WITHOUT ROWID",
	"CREATE TABLE dead_letters (n INTEGER PRIMARY KEY AUTOINCREMENT, sink TEXT NOT NULL, id INTEGER NOT NULL, uid TEXT NOT NULL,"
	" rev INTEGER NOT NULL, level INTEGER NOT NULL, why TEXT NOT NULL, json TEXT NOT NULL, dead_ns INTEGER NOT NULL)",
	"CREATE UNIQUE INDEX dead_letters_sink ON dead_letters (sink, id)",
	"CREATE INDEX dead_letters_age ON dead_letters (level, dead_ns)",
	NULL
};

static int make(struct db *c, struct diag *d, const char *const *schema)
{
	int err = ZT_OK;

	for (; !err && *schema; schema++)
		err = db_run(c, d, *schema);
	return err;
}

static int migrate_to_1(struct db *c, struct diag *d)
{
	int err = make(c, d, schema_1);

	return err ? err : db_runf(c, d, "PRAGMA application_id = %d", APPLICATION_ID);
}

static int migrate_to_2(struct db *c, struct diag *d)
{
	return make(c, d, schema_2);
}

static int migrate_to_3(struct db *c, struct diag *d)
{
	return make(c, d, schema_3);
}

/* Row i takes a file from version i to i + 1. */
static int (*const migrations[STORE_SCHEMA])(struct db *, struct diag *) = { migrate_to_1, migrate_to_2, migrate_to_3 };

int db_check(struct db *c, struct diag *d, int64_t *version)
{
	int64_t app = 0, objects = 0;
	int err = db_int(c, d, "PRAGMA user_version", version);

	err = err ? err : db_int(c, d, "PRAGMA application_id", &app);
	err = err ? err : db_int(c, d, "SELECT count(*) FROM sqlite_master", &objects);
	if (err)
		return err;
	if (app != APPLICATION_ID && (objects || *version))
		return diag_fail(d, ZT_EINVAL, "%s: a database of another program", db_name(c));
	if (*version > STORE_SCHEMA)
		return diag_fail(d, ZT_EINVAL, "%s: written by a newer zonetap (schema %lld, this one knows %d)",
				 db_name(c), (long long)*version, STORE_SCHEMA);
	return ZT_OK;
}

int db_migrate(struct db *c, struct diag *d)
{
	int64_t version = 0;
	int err = db_check(c, d, &version);

	if (err || version == STORE_SCHEMA)
		return err;
	err = db_begin(c, d);
	if (err)
		return err;
	err = db_check(c, d, &version);       /* somebody else may have been first */
	for (; !err && version < STORE_SCHEMA; version++)
		err = migrations[version](c, d);
	err = err ? err : db_runf(c, d, "PRAGMA user_version = %d", STORE_SCHEMA);
	return db_end(c, err, d);
}
