/* store_disk.h - a live store's hold on its file: opened, checked, written, kept small. The store's thread only;
 * everything here may wait for the disk. */
#ifndef ZT_ALERT_STORE_DISK_H
#define ZT_ALERT_STORE_DISK_H

#include "alert/store_live.h"
#include "alert/store_retain.h"
#include "alert/store_row.h"

#include <stdbool.h>
#include <stdint.h>

struct store_disk;

uint64_t store_mono_ns(void);           /* nanoseconds of a clock that nobody sets */

/* c must outlive it, with its defaults filled in. NULL: no memory. */
struct store_disk *store_disk_new(const struct store_live_config *c);
void store_disk_free(struct store_disk *k);

/* Opens the file, making, checking and setting aside as needed. With STORE_REFUSED: ZT_EINVAL, it is not ours to
 * touch; ZT_EBUSY, another sensor's. */
int store_disk_open(struct store_disk *k, struct diag *d);
void store_disk_close(struct store_disk *k);    /* the lock stays */
bool store_disk_is_open(const struct store_disk *k);

/* What the last failure means. */
enum store_health store_disk_health(const struct store_disk *k);

/* One transaction of all rows of the list; run: the run's row, to be written first when run_changed. ZT_OK: committed,
 * *outbox_id is the newest (unchanged when there was no revision). ZT_EINVAL: the database will not take *culprit,
 * a row of the list or NULL; nothing was written. Otherwise nothing was written either, and the file is closed unless
 * waiting may help. */
int store_disk_write(struct store_disk *k, const struct store_row *run, bool run_changed, struct store_row *list,
		     struct store_row **culprit, int64_t *outbox_id, struct diag *d);

/* One small step of what keeps the file sound and small: WAL, size, age, alerts of sensors that are gone. *more:
 * another step should follow soon. */
int store_disk_tidy(struct store_disk *k, const char *run, bool *more, struct diag *d);

/* A step is due now, not only within a second. */
bool store_disk_wants_care(struct store_disk *k);
/* false: the last write found no room, and no step has made any since. */
bool store_disk_has_room(const struct store_disk *k);

struct store_disk_figures {
	uint64_t file_bytes, wal_bytes;
	uint64_t damaged, replaced;             /* see struct store_state */
	char set_aside[256];
	struct store_removed removed;
	struct store_backlog backlog;
};
void store_disk_figures(const struct store_disk *k, struct store_disk_figures *out);

#endif
