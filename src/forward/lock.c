#include "forward/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

struct lock {
	char path[PATH_MAX + 16];
	pthread_mutex_t mutex;          /* of: */
	int fd;                         /* -1: not held */
};

static int take(struct lock *l, struct diag *d)
{
	int fd = open(l->path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0640), why;

	if (fd < 0)
		return diag_fail(d, ZT_EIO, "%.300s: %s", l->path, strerror(errno));
	if (flock(fd, LOCK_EX | LOCK_NB) == 0) {
		l->fd = fd;
		return ZT_OK;
	}
	why = errno;
	close(fd);
	if (why == EWOULDBLOCK)
		return diag_fail(d, ZT_EBUSY, "another zonetap forwards the alerts of this database (%.300s is locked)", l->path);
	return diag_fail(d, ZT_EIO, "%.300s: %s", l->path, strerror(why));
}

struct lock *lock_new(const char *database, int *err, struct diag *d)
{
	struct lock *l = calloc(1, sizeof *l);

	if (!l) {
		*err = diag_fail(d, ZT_ENOMEM, "out of memory");
		return NULL;
	}
	l->fd = -1;
	pthread_mutex_init(&l->mutex, NULL);
	snprintf(l->path, sizeof l->path, "%s.forward.lock", database);
	*err = take(l, d);
	if (*err != ZT_EBUSY) {
		*err = ZT_OK;
		return l;
	}
	lock_free(l);
	return NULL;
}

bool lock_held(struct lock *l, struct diag *d)
{
	bool held;

	pthread_mutex_lock(&l->mutex);
	held = l->fd >= 0 || take(l, d) == ZT_OK;
	pthread_mutex_unlock(&l->mutex);
	return held;
}

void lock_free(struct lock *l)
{
	if (!l)
		return;
	if (l->fd >= 0)
		close(l->fd);
	pthread_mutex_destroy(&l->mutex);
	free(l);
}
