/* store_live.h - the database of a sensor that runs for years.
 *
 * A live store is a `struct store` with a thread of its own. What is put into it (store_alert(), store_rule(),
 * store_asset(), store_saying(), store_conversation(), store_capture() of store.h) is copied into a queue in
 * memory and written behind, so the thread that puts never touches the disk: it takes one mutex, which nobody
 * holds while reading or writing, and copies the row. A disk that hangs, is full, slow, read-only or gone costs
 * nothing but rows past the queue's bound, and those are counted. Puts return ZT_OK also then.
 *
 * Threads: one thread puts (the writer). store_live_state(), store_live_epoch() and store_live_wait() may be called
 * by any. The store's thread is made by store_live_open() with all signals blocked, and ended by store_close().
 * When the disk still hangs two seconds after close_ms the thread is left behind with memory of its own; thread_start and
 * committed are not called any more once store_close() has returned, wall_ns is. The thread alone uses the database; the
 * reading functions of store.h are for a connection of their own (STORE_READ).
 *
 * What it promises:
 * - Alerts are written before inventory, revisions in the order in which they were put, each revision in one
 *   transaction with the alert's row. A revision that is there already is not written twice.
 * - Committed is kept: over kill -9, and over a power cut as far as the disk keeps what it was told to
 *   flush (synchronous=FULL; one flush a commit, and commits wait for each other `commit_ms`).
 * - When the queue is full, inventory goes first, then revisions of the lowest severity, the oldest of them first.
 * - Every fault is tried again (after 0.1 s, then twice as long up to 10 s; 1 s when another program writes)
 *   without being asked.
 * - A damaged file is renamed to NAME.damaged-YYYYMMDDTHHMMSSZ and a new one started; so is one started when
 *   somebody removed the file. The two newest damaged files are kept.
 * - The file and its WAL stay below max_bytes, and what is older than max_age_ns goes: see store_retain.h.
 * - What sinks have not delivered stays within `backlog`: see store_backlog.h. */
#ifndef ZT_ALERT_STORE_LIVE_H
#define ZT_ALERT_STORE_LIVE_H

#include "alert/store.h"
#include "policy/policy.h"

#include <stdbool.h>
#include <stdint.h>

#define STORE_QUEUE_MIN (UINT64_C(1) << 20)     /* bytes */
#define STORE_QUEUE_DEFAULT (UINT64_C(64) << 20)
#define STORE_SIZE_MIN (UINT64_C(16) << 20)     /* bytes */
#define STORE_SIZE_DEFAULT (UINT64_C(1) << 30)

struct store_backlog_limits {           /* of what some sink has not delivered, see store_backlog.h; 0: none */
	uint64_t rows, bytes, age_ns;
};

struct store_live_config {              /* 0 or NULL: the default */
	const char *path;               /* required */
	uint64_t queue_bytes;           /* rows in memory; STORE_QUEUE_DEFAULT */
	uint64_t max_bytes;             /* of the file and its WAL; STORE_SIZE_DEFAULT */
	uint64_t max_age_ns;            /* of ended alerts, of assets and conversations not seen since; none */
	struct store_backlog_limits backlog;
	uint32_t commit_ms;             /* an alert is written at the latest so long after it was put; 250 */
	uint32_t inventory_ms;          /* the same of other rows; 5000 */
	uint32_t slow_ms;               /* a commit that takes longer is slow; 1000 */
	uint32_t check_ms;              /* time for the integrity check at start, then it is given up; 10000 */
	uint32_t open_ms;               /* how long store_live_open() waits for the first opening; 2000 */
	uint32_t close_ms;              /* store_close() waits so long for what is queued; the rest is lost; 5000 */
	uint64_t (*wall_ns)(void *arg); /* UTC; the system's clock. Any thread */
	/* Both run in the store's thread. thread_start: first of all, before a file is touched: name, sandbox.
	 * committed: revisions up to this outbox id are on the disk; it must not block. */
	void (*thread_start)(void *arg);
	void (*committed)(void *arg, int64_t outbox_id);
	void *arg;                      /* of all three */
};

/* NULL only for what a person must put right, with one sentence in d: another sensor has this database
 * (ZT_EBUSY), it is another program's, no database at all, or a newer zonetap's (ZT_EINVAL), a bound is out
 * of range (ZT_EINVAL), no memory (ZT_ENOMEM). A missing folder, no permission, a read-only or full or hanging
 * disk are no reason: the store runs, keeps rows in memory, tries again, and store_live_state() says it.
 * *err may be NULL. Readers and `zonetap replay --db` into the same file are not kept out. */
struct store *store_live_open(const struct store_live_config *c, int *err, struct diag *d);

/* The run that rows belong to from now on, first of all puts; again with the same id to change its figures
 * (packets, events, last_ns) or its policy_hash after a reload. captures_hash and replace are not looked at. */
int store_live_run(struct store *s, const struct store_run *r, struct diag *d);

/* 64 hex digits and NUL. The same for the same four: */
#define STORE_RUN_TEXT 65
int store_live_run_id(const char *sensor, uint64_t start_ns, const char *policy_hash, const char *program,
		      char out[STORE_RUN_TEXT], struct diag *d);

/* Rises when the database may lack rules, assets, sayings, conversations or captures that were put before:
 * it was replaced, or some were let go while it could not be written. Whoever puts compares it now and then and
 * puts all of them again; that is how the inventory heals. Alerts and the run's row are not meant: the store itself
 * sees to the run's row, and lost revisions are counted. */
uint32_t store_live_epoch(const struct store *s);

/* Writes what is queued without waiting for commit_ms. true: everything put before is committed; false: it is
 * not after timeout_ms, or rows were lost meanwhile. Blocks; for the end of a run and for tests. */
bool store_live_wait(struct store *s, uint32_t timeout_ms);

enum store_health {
	STORE_OK,
	STORE_OPENING,          /* not opened yet, or checked */
	STORE_SLOW,             /* a commit takes or took longer than slow_ms */
	STORE_BUSY,             /* another program writes, or a reader keeps the WAL from starting over */
	STORE_FULL,             /* the disk, or max_bytes when nothing may be removed */
	STORE_READ_ONLY,
	STORE_UNREACHABLE,      /* no folder, no permission, errors of the disk */
	STORE_DAMAGED,          /* and could not be set aside */
	STORE_REFUSED,          /* another sensor, program or version, found after store_live_open() */
	STORE_HEALTH_COUNT
};
const char *store_health_word(unsigned health);         /* "ok", "read-only" */

struct store_state {
	enum store_health health;
	uint64_t since_ns;              /* wall clock at which it became so */
	char why[256];                  /* one sentence; "" when ok */
	uint64_t commits, rows;         /* since start */
	uint64_t revisions;             /* of them, alerts */
	uint64_t committed_ns;          /* wall clock of the last commit, 0 none */
	uint64_t latency_ns, latency_max_ns;    /* of the last commit, or of the one under way when that is longer */
	uint64_t retries;               /* commits that failed */
	uint64_t queued, queued_bytes, queue_bytes;     /* rows, bytes, the bound */
	uint64_t oldest_ns;             /* how long the oldest queued alert has waited, 0 none */
	uint64_t lost[SEV_COUNT];       /* revisions let go, by severity */
	uint64_t lost_inventory;        /* other rows let go; they come again, see store_live_epoch() */
	uint64_t refused;               /* rows that the database will not take (too big, say) */
	uint64_t file_bytes, wal_bytes, max_bytes;
	uint64_t removed[SEV_COUNT];    /* ended alerts removed for size or age */
	uint64_t removed_revisions, removed_assets, removed_conversations, removed_letters;
	uint64_t undelivered, undelivered_bytes;        /* revisions of the outbox that some sink has not confirmed */
	uint64_t dropped[SEV_COUNT];    /* revisions removed before every sink had confirmed them */
	uint64_t damaged, replaced;     /* files set aside; times that the file was gone, or another one */
	char set_aside[256];            /* name of the last one, "" none */
};
void store_live_state(struct store *s, struct store_state *out);

#endif
