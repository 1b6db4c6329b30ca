#include "alert/store_files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define MARK ".damaged-"

static int fail(struct diag *d, const char *path, int error)
{
	int err = error == ENOENT || error == ENOTDIR ? ZT_ENOENT :
		  error == EROFS ? ZT_EPERM :
		  error == ENOSPC || error == EDQUOT ? ZT_EFULL : ZT_EIO;

	return diag_fail(d, err, "%s: %s", path, strerror(error));
}

int store_files_resolve(const char *path, char out[PATH_MAX], struct diag *d)
{
	const char *slash = strrchr(path, '/'), *base = slash ? slash + 1 : path;
	char folder[PATH_MAX], real[PATH_MAX];

	if (realpath(path, out))
		return ZT_OK;
	if (errno != ENOENT)
		return fail(d, path, errno);
	if (snprintf(folder, sizeof folder, "%.*s", slash ? (int)(slash - path) + 1 : 1, slash ? path : ".") >= PATH_MAX)
		return fail(d, path, ENAMETOOLONG);
	if (!realpath(folder, real))
		return fail(d, folder, errno);
	if (snprintf(out, PATH_MAX, "%s/%s", real, base) >= PATH_MAX)
		return fail(d, path, ENAMETOOLONG);
	return ZT_OK;
}

int store_files_lock(const char *file, int *fd, bool *used, struct diag *d)
{
	char lock[PATH_MAX + 8];
	int err;

	*fd = -1;
	snprintf(lock, sizeof lock, "%s.lock", file);
	*used = access(lock, F_OK) == 0;
	*fd = open(lock, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0640);
	if (*fd < 0)
		return fail(d, lock, errno);
	if (flock(*fd, LOCK_EX | LOCK_NB) == 0)
		return ZT_OK;
	err = errno == EWOULDBLOCK ? diag_fail(d, ZT_EBUSY, "%s: another sensor is writing to this database", file) :
				     fail(d, lock, errno);
	store_files_unlock(fd);
	return err;
}

void store_files_unlock(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

void store_files_forget(const char *file, int *fd)
{
	char lock[PATH_MAX + 8];

	snprintf(lock, sizeof lock, "%s.lock", file);
	unlink(lock);
	store_files_unlock(fd);
}

int store_files_make(const char *file, bool *made, struct diag *d)
{
	int fd = open(file, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0640);

	*made = fd >= 0;
	if (fd < 0)
		return errno == EEXIST ? ZT_OK : fail(d, file, errno);
	close(fd);
	return ZT_OK;
}

static int later_first(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*b)->d_name, (*a)->d_name);
}

/* Removes all but the newest damaged files; their names sort by time. */
static void prune(const char *file)
{
	const char *base = strrchr(file, '/') + 1;
	char folder[PATH_MAX], prefix[PATH_MAX + 16], path[PATH_MAX + 264];
	struct dirent **v = NULL;
	int n, kept = 0;

	snprintf(folder, sizeof folder, "%.*s", (int)(base - file), file);
	snprintf(prefix, sizeof prefix, "%s" MARK, base);
	n = scandir(folder, &v, NULL, later_first);
	for (int i = 0; i < n; i++) {
		const char *name = v[i]->d_name;

		if (strncmp(name, prefix, strlen(prefix)) == 0 && strcmp(strrchr(name, '-'), "-wal") != 0 &&
		    kept++ >= STORE_DAMAGED_KEPT) {
			snprintf(path, sizeof path, "%s%s", folder, name);
			unlink(path);
			snprintf(path, sizeof path, "%s%s-wal", folder, name);
			unlink(path);
		}
		free(v[i]);
	}
	free(v);
}

/* The WAL goes with its file, and its index goes: SQLite would throw the WAL away that stands beside a new file. Without
 * a WAL nothing is missed. */
static int move_wal(const char *file, const char *to, struct diag *d)
{
	char wal[PATH_MAX + 8], shm[PATH_MAX + 8], to_wal[PATH_MAX + 72];
	int err;

	snprintf(wal, sizeof wal, "%s-wal", file);
	snprintf(shm, sizeof shm, "%s-shm", file);
	snprintf(to_wal, sizeof to_wal, "%s-wal", to);
	if (rename(wal, to_wal) != 0 && errno != ENOENT)
		return fail(d, wal, errno);
	if (unlink(shm) == 0 || errno == ENOENT)
		return ZT_OK;
	err = fail(d, shm, errno);
	(void)rename(to_wal, wal);
	return err;
}

int store_files_set_aside(const char *file, uint64_t wall_ns, char name[256], struct diag *d)
{
	char to[PATH_MAX + 64], when[32];
	time_t t = (time_t)(wall_ns / 1000000000);
	struct tm tm;
	int err;

	strftime(when, sizeof when, "%Y%m%dT%H%M%SZ", gmtime_r(&t, &tm));
	snprintf(to, sizeof to, "%s" MARK "%s", file, when);
	for (unsigned i = 2; access(to, F_OK) == 0 && i < 100; i++)
		snprintf(to, sizeof to, "%s" MARK "%s.%02u", file, when, i);
	if (rename(file, to) != 0)
		return fail(d, file, errno);
	err = move_wal(file, to, d);
	if (err) {
		(void)rename(to, file);         /* it is tried again */
		return err;
	}
	snprintf(name, 256, "%s", strrchr(to, '/') + 1);
	prune(file);
	return ZT_OK;
}

uint64_t store_files_size(const char *file, const char *suffix)
{
	char path[PATH_MAX + 8];
	struct stat st;

	if (snprintf(path, sizeof path, "%s%s", file, suffix) >= (int)sizeof path || stat(path, &st) != 0)
		return 0;
	return (uint64_t)st.st_size;
}

uint64_t store_files_wal(const char *file)
{
	char path[PATH_MAX + 8];
	struct stat st;

	snprintf(path, sizeof path, "%s-wal", file);
	return stat(path, &st) == 0 ? (uint64_t)st.st_ino : 0;
}

void store_files_drop_wal(const char *file, uint64_t wal)
{
	char path[PATH_MAX + 8];

	if (!wal || store_files_wal(file) != wal)
		return;
	snprintf(path, sizeof path, "%s-wal", file);
	unlink(path);
	snprintf(path, sizeof path, "%s-shm", file);
	unlink(path);
}
