/* The tables as earlier versions made them, for tests of how their files are taken over. */
#ifndef ZT_TESTS_STORE_SCHEMAS_H
#define ZT_TESTS_STORE_SCHEMAS_H

static const char schema_1[] =
	"CREATE TABLE alerts (run TEXT, serial INTEGER NOT NULL, uid TEXT NOT NULL, rev INTEGER NOT NULL,"
	" rule TEXT NOT NULL, title TEXT, class TEXT, severity TEXT, level INTEGER, client TEXT, server TEXT,"
	" client_ip TEXT, server_ip TEXT, client_asset TEXT, server_asset TEXT, proto TEXT, op TEXT, act TEXT,"
	" outcome TEXT, text TEXT, count INTEGER, first_ns INTEGER, last_ns INTEGER, ended INTEGER, json TEXT NOT NULL,"
	" PRIMARY KEY (run, serial));"
	"CREATE TABLE outbox (id INTEGER PRIMARY KEY AUTOINCREMENT, run TEXT, uid TEXT NOT NULL, rev INTEGER NOT NULL,"
	" ts_ns INTEGER NOT NULL, json TEXT NOT NULL);"
	"CREATE TABLE rules (run TEXT, id TEXT NOT NULL, title TEXT, description TEXT, why TEXT, advice TEXT, PRIMARY KEY (run, id));"
	"CREATE TABLE assets (run TEXT, segment TEXT NOT NULL, ip TEXT NOT NULL, sort TEXT, name TEXT, role TEXT, zone TEXT,"
	" mac TEXT, roles TEXT, first_ns INTEGER, last_ns INTEGER, first_capture TEXT, first_frame INTEGER,"
	" PRIMARY KEY (run, segment, ip));"
	"CREATE TABLE asset_identity (run TEXT, segment TEXT NOT NULL, ip TEXT NOT NULL, part TEXT NOT NULL,"
	" field TEXT NOT NULL, value TEXT NOT NULL, proto TEXT, capture TEXT, frame INTEGER, count INTEGER,"
	" first_ns INTEGER, last_ns INTEGER, contradicted INTEGER, PRIMARY KEY (run, segment, ip, part, field, value));"
	"CREATE TABLE conversations (run TEXT, segment TEXT NOT NULL, client TEXT NOT NULL, server TEXT NOT NULL,"
	" proto TEXT, op TEXT, func INTEGER, sub INTEGER, func_name TEXT, unit INTEGER, space TEXT, block INTEGER,"
	" granule TEXT, tag TEXT, first_addr INTEGER, last_addr INTEGER, count INTEGER, first_ns INTEGER,"
	" last_ns INTEGER, capture TEXT, frame INTEGER);"
	"CREATE TABLE captures (run TEXT, name TEXT NOT NULL, sha256 TEXT, bytes INTEGER, packets INTEGER,"
	" first_ns INTEGER, last_ns INTEGER, error TEXT);"
	"CREATE TABLE runs (id TEXT PRIMARY KEY, captures_hash TEXT NOT NULL, site TEXT, policy_hash TEXT NOT NULL,"
	" program TEXT NOT NULL, packets INTEGER, events INTEGER, first_ns INTEGER, last_ns INTEGER,"
	" stored TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP);"
	"CREATE INDEX runs_captures ON runs (captures_hash); CREATE INDEX alerts_uid ON alerts (uid);"
	"CREATE INDEX conversations_client ON conversations (run, client);"
	"CREATE INDEX conversations_server ON conversations (run, server);"
	"PRAGMA user_version = 1; PRAGMA application_id = 2054447472; PRAGMA journal_mode = WAL";

static const char schema_1_rows[] =
	"INSERT INTO runs (id, captures_hash, policy_hash, program) VALUES ('old', 'c', 'p', 'z');"
	"INSERT INTO alerts (run, serial, uid, rev, rule, level, first_ns, last_ns, ended, json) VALUES ('old', 1, 'u', 1, 'r', 1, 1, 1, 0, '{}');"
	"INSERT INTO conversations (run, segment, client, server, count) VALUES ('old', '', '10.0.0.1', '10.0.0.2', 5),"
	" ('old', '', '10.0.0.1', '10.0.0.2', 6);";

/* Over schema_1. */
static const char schema_2[] =
	"ALTER TABLE runs ADD COLUMN sensor TEXT;"
	"ALTER TABLE runs ADD COLUMN live INTEGER NOT NULL DEFAULT 0;"
	"ALTER TABLE runs ADD COLUMN trimmed INTEGER NOT NULL DEFAULT 0;"
	"ALTER TABLE conversations ADD COLUMN serial INTEGER;"
	"CREATE UNIQUE INDEX conversations_serial ON conversations (run, serial) WHERE serial IS NOT NULL;"
	"CREATE INDEX alerts_age ON alerts (level, last_ns) WHERE ended = 1;"
	"CREATE INDEX alerts_open ON alerts (run) WHERE ended = 0;"
	"CREATE INDEX outbox_uid ON outbox (uid);"
	"PRAGMA user_version = 2";

#endif
