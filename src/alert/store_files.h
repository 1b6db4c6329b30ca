/* store_files.h - what stands beside a live database: its lock, and damaged ones set aside. The store's thread.
 *
 * Nothing here opens a database that SQLite may have open: closing it again would take SQLite's locks away. */
#ifndef ZT_ALERT_STORE_FILES_H
#define ZT_ALERT_STORE_FILES_H

#include "base/err.h"

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

#define STORE_DAMAGED_KEPT 2

/* The file that `path` means through links, or its place in the folder when it is not there: two names of one file
 * become one. The other functions want that. */
int store_files_resolve(const char *path, char out[PATH_MAX], struct diag *d);

/* FILE.lock, held until the process ends, however it ends. ZT_EBUSY: another sensor has it. *fd: -1 on failure;
 * *used: the lock's file was there before, so a sensor has used this database. */
int store_files_lock(const char *file, int *fd, bool *used, struct diag *d);
void store_files_unlock(int *fd);
void store_files_forget(const char *file, int *fd);     /* as if it had never been locked */

/* An empty file that owner and group may read (0640, umask taken off), unless it is there. */
int store_files_make(const char *file, bool *made, struct diag *d);

/* Renames the file to FILE.damaged-YYYYMMDDTHHMMSSZ, its WAL with it or neither, and removes all but
 * the newest STORE_DAMAGED_KEPT of those. name: the new name, without the folder. */
int store_files_set_aside(const char *file, uint64_t wall_ns, char name[256], struct diag *d);

/* The WAL beside the file, by its number; 0: none. Removed with its index, if it still is that one. */
uint64_t store_files_wal(const char *file);
void store_files_drop_wal(const char *file, uint64_t wal);

uint64_t store_files_size(const char *file, const char *suffix);        /* bytes; 0: not there */

#endif
