/* store_disk_inside.h - the inside of a live store's disk: what opens and writes it (store_disk.c) and what keeps it
 * small (store_care.c) share. Not for others. */
#ifndef ZT_ALERT_STORE_DISK_INSIDE_H
#define ZT_ALERT_STORE_DISK_INSIDE_H

#include "alert/store_db.h"
#include "alert/store_disk.h"
#include "alert/store_write.h"

#include <limits.h>

#define STORE_HOLD_NS (UINT64_C(3600) * 1000000000)     /* nothing is too old so soon after start or a set clock */
#define STORE_CHECKPOINT_MAX (UINT64_C(4) << 20)        /* bytes of WAL after which one is made at the latest */

struct store_disk {
	const struct store_live_config *conf;
	struct db db;                   /* its path is the one given: for messages */
	char file[PATH_MAX];            /* what that means */
	int lock;
	bool used;                      /* a sensor had this database before */
	bool opened, checked;           /* once */
	bool condemned;                 /* found damaged, not set aside yet */
	bool taken;                     /* the file was taken away, or another one put in its place */
	struct store_writes writes;
	enum store_health health;       /* of the last failure */
	bool full;                      /* the last write found no room */
	bool held;                      /* half of the WAL's bound is used, and it cannot start over */
	bool shrinking;                 /* the bound was reached: until there is some room again */
	bool vacuums;                   /* the file can give pages back */
	bool orphans, empty_runs;       /* there may be some */
	uint64_t page_bytes, wal_bytes; /* wal_bytes: of the WAL in use */
	uint64_t wal;                   /* the WAL's number */
	uint64_t aside_ns, age_ns, hold_ns;     /* monotonic; age_ns: next look for what is too old */
	int64_t clocks_apart;           /* wall - monotonic, at the last look */
	uint64_t damaged, replaced;
	char set_aside[256];
	struct store_removed removed;
	struct store_backlog backlog;
};

/* After a failure: what it means, and whether the file is kept open. Returns err. */
int store_disk_failed(struct store_disk *k, int err);

/* max_page_count as the bound wants it. */
int store_disk_bound(struct store_disk *k, struct diag *d);

#endif
