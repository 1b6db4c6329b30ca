/* file_place.h - the file or named pipe that records are appended to: opened so that nobody can lead us elsewhere, and
 * rotated. One owner.
 *
 * Links are not followed, a file of somebody else is not written, and neither is anything in a folder in which everybody
 * may replace it. The folder stays open: everything happens in it by name, whatever becomes of its path. */
#ifndef ZT_FORWARD_FILE_PLACE_H
#define ZT_FORWARD_FILE_PLACE_H

#include "base/err.h"

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

struct file_place {
	int folder, fd;                 /* -1: not open */
	bool pipe;
	char name[NAME_MAX + 1];        /* in the folder */
};

void place_init(struct file_place *p);
void place_close(struct file_place *p);

/* Opens what `path` names, or makes the file with mode 0640, umask taken off. A regular file is locked (flock) against a
 * second writer and stands at its end, for appending; a pipe is not waited for and not blocked on. ZT_EBUSY: nobody reads
 * the pipe, or another process has the file; ZT_EPERM: it is not safe or not ours to write; ZT_EIO: anything else. */
int place_open(struct file_place *p, const char *path, struct diag *d);

/* Is what is open still what the name means? false: renamed or removed by somebody else. */
bool place_is_there(const struct file_place *p);

/* Does the file's last line lack its end? A pipe's never does. */
bool place_is_torn(const struct file_place *p);

uint64_t place_size(const struct file_place *p);        /* bytes; 0 of a pipe */

/* NAME.1 becomes NAME.2 and so on, what was NAME.keep is gone, the file becomes NAME.1 (keep 0: goes), and a new one is
 * opened. Not of a pipe. ZT_EIO: the names could not all be changed, the file is open as it was; else as place_open(),
 * and nothing is open. */
int place_rotate(struct file_place *p, uint32_t keep, struct diag *d);

#endif
