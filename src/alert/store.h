/* store.h - the database: runs, alerts with all their revisions, assets, conversations.
 *
 * A run is spooled in a private temporary database while it goes on and moved into the file in one
 * transaction at its end: a run that fails leaves no trace, and a run that is there already changes
 * nothing. One connection, one thread. */
#ifndef ZT_ALERT_STORE_H
#define ZT_ALERT_STORE_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define STORE_SCHEMA 3          /* PRAGMA user_version of what this program writes */

struct store;

enum store_mode {
	STORE_RUN,              /* made when missing, written at the end of a run */
	STORE_READ,             /* must exist; never written */
};

/* path NULL (STORE_RUN only): nothing outlives store_close(). NULL is returned with one sentence in d. */
struct store *store_open(const char *path, enum store_mode mode, struct diag *d);
void store_close(struct store *s);

/* --- writing a run ------------------------------------------------------------------
 * Text is UTF-8 and may be NULL for "not known". Rows are copied. The first failure stays: later calls
 * do nothing and return it again. */

struct store_alert {            /* the columns that people ask for; all of it is in json */
	uint64_t serial;        /* order of the first hits in the run, from 1 */
	uint32_t rev;
	const char *uid, *rule, *title, *class_word, *severity, *client, *server, *proto, *op, *act, *outcome, *text;
	const char *client_ip, *server_ip, *client_asset, *server_asset;
	unsigned severity_level;        /* enum severity */
	uint64_t count, first_ns, last_ns;
	uint64_t ts_ns;                 /* packet time of the revision */
	bool ended;
	const char *json;
};

struct store_rule {             /* what `alerts show` explains, kept with the run that used it */
	const char *id, *title, *description, *why, *advice;
};

struct store_asset {
	const char *segment, *ip, *sort, *name, *role, *zone, *mac, *roles;     /* sort: the address as hex;
							 * roles: "modbus server, s7comm client" */
	uint64_t first_ns, last_ns;
	const char *first_capture;
	uint32_t first_frame;
};

struct store_saying {
	const char *segment, *ip, *part, *field, *value, *proto, *capture;
	uint32_t frame;
	uint64_t count, first_ns, last_ns;
	bool contradicted;              /* the same field of the same part has another value as well */
};

struct store_conversation {
	uint64_t serial;                /* a number of its own in the run, never used again */
	const char *segment, *client, *server, *proto, *op, *func_name, *space, *granule, *tag;
	int64_t func, sub, unit, block; /* -1: none */
	int64_t from, to;               /* first and last address, -1: none */
	uint64_t count, first_ns, last_ns;
	const char *capture;
	uint32_t frame;
};

struct store_capture {
	const char *name, *sha256, *error;      /* error NULL: read to its end */
	uint64_t bytes, packets, first_ns, last_ns;
};

struct store_run {
	const char *id, *captures_hash, *site, *policy_hash, *program;
	const char *sensor;             /* of a live run; otherwise not looked at */
	uint64_t packets, events, first_ns, last_ns;
	/* Text that stood in the spooled JSON for what was not known yet, and what it is: pairs, NULL at the end.
	 * The first of each pair begin with the same byte. They must live as long as the spool is read. */
	const char *const *replace;
};

int store_alert(struct store *s, const struct store_alert *a, struct diag *d);         /* a revision */
int store_rule(struct store *s, const struct store_rule *r, struct diag *d);
int store_asset(struct store *s, const struct store_asset *a, struct diag *d);
int store_saying(struct store *s, const struct store_saying *a, struct diag *d);
int store_conversation(struct store *s, const struct store_conversation *c, struct diag *d);
int store_capture(struct store *s, const struct store_capture *c, struct diag *d);
/* Everything into the file, or nothing. *known: the run was there already and nothing changed. */
int store_commit(struct store *s, const struct store_run *r, bool *known, struct diag *d);

/* --- reading --------------------------------------------------------------------------
 * Rows come in a stable order; text lives until the callback returns. A callback that returns false ends it. */

struct store_filter {
	const char *run;                /* NULL: every run that no later one of the same captures replaces */
	bool spool;                     /* the run that was just spooled, whether or not it was committed */
	unsigned least_severity;
	const char *rule, *address;     /* NULL: any; address: of client or server, or an asset's name */
	const char *uid;                /* a prefix */
};

/* A row as named columns, in order; value NULL: none. */
typedef bool store_alert_fn(void *arg, const struct store_alert *a, const char *run);
int store_alerts(struct store *s, const struct store_filter *f, store_alert_fn *fn, void *arg, struct diag *d);

/* What a person is told beyond the columns: the rule's words and members of the alert's JSON. */
struct store_explain {
	const char *description, *why, *advice;
	const char *attack, *iec62443;          /* "T0858 Change Operating Mode, ...", "SR 2.1, SR 5.2" */
	const char *capture, *sha256, *frames;  /* frames: "3, 17, 40" */
	uint32_t first_frame, last_frame;
	const char *also, *status, *func, *target, *value, *site, *client_zone, *server_zone, *server_port;
};
typedef void store_explain_fn(void *arg, const struct store_explain *e);
int store_explain(struct store *s, const struct store_filter *f, const char *run, const char *uid,
		  store_explain_fn *fn, void *arg, struct diag *d);

typedef bool store_asset_fn(void *arg, const struct store_asset *a);
int store_assets(struct store *s, const struct store_filter *f, store_asset_fn *fn, void *arg, struct diag *d);
typedef bool store_saying_fn(void *arg, const struct store_saying *a);
int store_sayings(struct store *s, const struct store_filter *f, const char *segment, const char *ip,
		  store_saying_fn *fn, void *arg, struct diag *d);
typedef bool store_conversation_fn(void *arg, const struct store_conversation *c);
int store_conversations(struct store *s, const struct store_filter *f, const char *ip,
			store_conversation_fn *fn, void *arg, struct diag *d);

const char *store_library_version(void);        /* of SQLite */

#endif
