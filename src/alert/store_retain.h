/* store_retain.h - what goes when a live database is full or rows are too old. The store's thread.
 *
 * Each step is one small transaction. For size, step by step: ended alerts of the lowest severity, those that were
 * hit longest ago first, each with all its revisions; conversations count as `info`, assets (with what they
 * said) as `medium`, by when they were last seen; when nothing else is left, revisions of open alerts that
 * newer ones replace. The last revision of an open alert never goes. Rows of replays go like others for size,
 * and not for age: an old capture is not an old run. A run of which something went is marked, so that the same
 * replay can be stored again; a run of which nothing is left goes with its rules. */
#ifndef ZT_ALERT_STORE_RETAIN_H
#define ZT_ALERT_STORE_RETAIN_H

#include "base/err.h"
#include "policy/policy.h"

#include <stdbool.h>
#include <stdint.h>

struct db;

struct store_removed {
	uint64_t alerts[SEV_COUNT], revisions, assets, conversations;   /* revisions: of removed and of open alerts */
};

/* Removes one slice of what is worth least. *nothing: there is nothing that may go. */
int store_retain_least(struct db *c, struct store_removed *out, bool *nothing, struct diag *d);

/* Removes one slice of what live runs last saw before before_ns. *more: there was a whole slice. */
int store_retain_older(struct db *c, uint64_t before_ns, struct store_removed *out, bool *more, struct diag *d);

/* Ends a slice of alerts that live runs other than `run` left open: one revision more, which says so. */
int store_retain_orphans(struct db *c, const char *run, bool *more, struct diag *d);

/* Removes a few runs other than `run` that have nothing left. */
int store_retain_runs(struct db *c, const char *run, bool *more, struct diag *d);

#endif
