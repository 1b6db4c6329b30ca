#include "alert/store_write.h"

#include "alert/store_db.h"

#include <string.h>

enum { W_RUN, W_OUTBOX, W_ALERT, W_RULE, W_ASSET, W_SAYING, W_CONVERSATION, W_NO_CAPTURE, W_CAPTURE, W_COUNT };
_Static_assert(W_COUNT <= STORE_WRITES, "store_write.h has room for every statement");

#define NEW(column) column " = excluded." column

/* A revision whose commit failed is written again, and so is one whose success was not heard of: what is there
 * already, or newer, stays. */
static const char *const sql[W_COUNT] = {
	[W_RUN] = "INSERT INTO runs (id, sensor, captures_hash, site, policy_hash, program, packets, events, first_ns, last_ns, live)"
		" VALUES (?1,?2,?1,?3,?4,?5,?6,?7,?8,?9,1) ON CONFLICT (id) DO UPDATE SET " NEW("site") "," NEW("policy_hash") ","
		NEW("packets") "," NEW("events") "," NEW("first_ns") "," NEW("last_ns"),
	[W_OUTBOX] = "INSERT INTO outbox (run, uid, rev, ts_ns, json, level, bytes, stored_ns) SELECT ?1,?2,?3,?4,?5,?7,?8,?9 WHERE NOT EXISTS"
		" (SELECT 1 FROM alerts WHERE run = ?1 AND serial = ?6 AND rev >= ?3)",
	[W_ALERT] = "INSERT INTO alerts VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,last_insert_rowid())"
		" ON CONFLICT (run, serial)"
		" DO UPDATE SET " NEW("uid") "," NEW("rev") "," NEW("rule") "," NEW("title") "," NEW("class") ","
		NEW("severity") "," NEW("level") "," NEW("client") "," NEW("server") "," NEW("client_ip") "," NEW("server_ip") ","
		NEW("client_asset") "," NEW("server_asset") "," NEW("proto") "," NEW("op") "," NEW("act") "," NEW("outcome") ","
		NEW("text") "," NEW("count") "," NEW("first_ns") "," NEW("last_ns") "," NEW("ended") "," NEW("json") "," NEW("last_id")
		" WHERE excluded.rev > rev",
	[W_RULE] = "INSERT INTO rules VALUES (?,?,?,?,?,?) ON CONFLICT (run, id) DO UPDATE SET " NEW("title") ","
		NEW("description") "," NEW("why") "," NEW("advice"),
	[W_ASSET] = "INSERT INTO assets VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?) ON CONFLICT (run, segment, ip) DO UPDATE SET "
		NEW("name") "," NEW("role") "," NEW("zone") "," NEW("mac") "," NEW("roles") "," NEW("first_ns") ","
		NEW("last_ns") "," NEW("first_capture") "," NEW("first_frame"),
	[W_SAYING] = "INSERT INTO asset_identity VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?) ON CONFLICT (run, segment, ip, part, field,"
		" value) DO UPDATE SET " NEW("count") "," NEW("first_ns") "," NEW("last_ns") "," NEW("contradicted"),
	[W_CONVERSATION] = "INSERT INTO conversations (run, serial, segment, client, server, proto, op, func, sub, func_name, unit,"
		" space, block, granule, tag, first_addr, last_addr, count, first_ns, last_ns, capture, frame)"
		" VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?) ON CONFLICT (run, serial) WHERE serial IS NOT NULL"
		" DO UPDATE SET " NEW("first_addr") "," NEW("last_addr") "," NEW("count") "," NEW("first_ns") "," NEW("last_ns"),
	[W_NO_CAPTURE] = "DELETE FROM captures WHERE run = ? AND name = ?",
	[W_CAPTURE] = "INSERT INTO captures VALUES (?,?,?,?,?,?,?,?)",
};

int store_writes_init(struct store_writes *w, struct db *c, struct diag *d)
{
	int err = ZT_OK;

	for (int i = 0; !err && i < W_COUNT; i++)
		err = db_prepare(c, d, sql[i], &w->st[i]);
	return err;
}

void store_writes_fini(struct store_writes *w)
{
	for (int i = 0; i < W_COUNT; i++)
		sqlite3_finalize(w->st[i]);
	*w = (struct store_writes){ { NULL } };
}

int store_writes_run(struct store_writes *w, struct db *c, const struct store_run *r, struct diag *d)
{
	return db_step(c, d, w->st[W_RUN], "sssssuuuu", r->id, r->sensor, r->site, r->policy_hash, r->program, r->packets,
		       r->events, r->first_ns, r->last_ns);
}

static int write_alert(struct store_writes *w, struct db *c, const char *run, const struct store_alert *a,
		       uint64_t wall_ns, int64_t *outbox_id, struct diag *d)
{
	int err = db_step(c, d, w->st[W_OUTBOX], "ssuusuuuu", run, a->uid, (uint64_t)a->rev, a->ts_ns, a->json, a->serial,
			  (uint64_t)a->severity_level, (uint64_t)(a->json ? strlen(a->json) : 0), wall_ns);

	if (err || sqlite3_changes(c->h) == 0)
		return err;
	*outbox_id = sqlite3_last_insert_rowid(c->h);
	return db_step(c, d, w->st[W_ALERT], "susussssusssssssssssuuubs", run, a->serial, a->uid, (uint64_t)a->rev, a->rule,
		       a->title, a->class_word, a->severity, (uint64_t)a->severity_level, a->client, a->server, a->client_ip,
		       a->server_ip, a->client_asset, a->server_asset, a->proto, a->op, a->act, a->outcome, a->text, a->count,
		       a->first_ns, a->last_ns, (int)a->ended, a->json);
}

static int write_capture(struct store_writes *w, struct db *c, const char *run, const struct store_capture *p, struct diag *d)
{
	int err = db_step(c, d, w->st[W_NO_CAPTURE], "ss", run, p->name);

	return err ? err : db_step(c, d, w->st[W_CAPTURE], "sssuuuus", run, p->name, p->sha256, p->bytes, p->packets,
				   p->first_ns, p->last_ns, p->error);
}

static int write_conversation(struct store_writes *w, struct db *c, const char *run, const struct store_conversation *v,
			      struct diag *d)
{
	return db_step(c, d, w->st[W_CONVERSATION], "susssssiisisissiiuuusu", run, v->serial, v->segment, v->client, v->server,
		       v->proto, v->op, v->func, v->sub, v->func_name, v->unit, v->space, v->block, v->granule, v->tag, v->from,
		       v->to, v->count, v->first_ns, v->last_ns, v->capture, (uint64_t)v->frame);
}

int store_writes_row(struct store_writes *w, struct db *c, const char *run, const struct store_row *r, uint64_t wall_ns,
		     int64_t *outbox_id, struct diag *d)
{
	const struct store_rule *u = &r->as.rule;
	const struct store_asset *a = &r->as.asset;
	const struct store_saying *y = &r->as.saying;

	switch ((enum store_row_kind)r->kind) {
	case ROW_ALERT:
		return write_alert(w, c, run, &r->as.alert, wall_ns, outbox_id, d);
	case ROW_RULE:
		return db_step(c, d, w->st[W_RULE], "ssssss", run, u->id, u->title, u->description, u->why, u->advice);
	case ROW_ASSET:
		return db_step(c, d, w->st[W_ASSET], "sssssssssuusu", run, a->segment, a->ip, a->sort, a->name, a->role, a->zone,
			       a->mac, a->roles, a->first_ns, a->last_ns, a->first_capture, (uint64_t)a->first_frame);
	case ROW_SAYING:
		return db_step(c, d, w->st[W_SAYING], "ssssssssuuuub", run, y->segment, y->ip, y->part, y->field, y->value,
			       y->proto, y->capture, (uint64_t)y->frame, y->count, y->first_ns, y->last_ns,
			       (int)y->contradicted);
	case ROW_CONVERSATION:
		return write_conversation(w, c, run, &r->as.conversation, d);
	case ROW_CAPTURE:
		return write_capture(w, c, run, &r->as.capture, d);
	case ROW_RUN:
	case ROW_KINDS:
		break;
	}
	return ZT_OK;
}
