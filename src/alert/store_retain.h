/* store_retain.h - what goes when a live database is full or rows are too old. The store's thread.
 *
 * Each step is one small transaction. For size, severity by severity, the lowest first, in each what was seen longest ago
 * first:
 * 1. ended alerts that every sink has confirmed, each with all its revisions, by their last hit; dead letters, by when
 *    they were put aside; of severity `info` also conversations, of `medium` assets with what they said;
 * 2. when none of these is left of that severity: ended alerts that a sink still waits for. What it loses is counted for
 *    it like what goes for the limits of the backlog (store_backlog.h).
 * When nothing else is left at all: revisions of open alerts that newer ones replace. The last revision of an open alert
 * never goes. For age nothing goes that a sink still waits for: the backlog has a limit of age of its own. Rows of replays go like others for size,
 * and not for age: an old capture is not an old run. A run of which something went is marked, so that the same
 * replay can be stored again; a run of which nothing is left goes with its rules. */
#ifndef ZT_ALERT_STORE_RETAIN_H
#define ZT_ALERT_STORE_RETAIN_H

#include "alert/store_backlog.h"
#include "base/err.h"
#include "policy/policy.h"

#include <stdbool.h>
#include <stdint.h>

struct db;

struct store_removed {
	uint64_t alerts[SEV_COUNT], revisions, assets, conversations, letters;  /* revisions: of removed and of open alerts */
};

/* Removes one slice of what is worth least. *nothing: there is nothing that may go. */
int store_retain_least(struct db *c, struct store_removed *out, struct store_backlog *backlog, bool *nothing, struct diag *d);

/* Removes one slice of what live runs last saw before before_ns; floor: the backlog's. *more: there was a whole slice. */
int store_retain_older(struct db *c, uint64_t before_ns, int64_t floor, struct store_removed *out, bool *more, struct diag *d);

/* Ends a slice of alerts that live runs other than `run` left open: one revision more, which says so,
 * stored at wall_ns. */
int store_retain_orphans(struct db *c, const char *run, uint64_t wall_ns, bool *more, struct diag *d);

/* Removes a few runs other than `run` that have nothing left. */
int store_retain_runs(struct db *c, const char *run, bool *more, struct diag *d);

#endif
