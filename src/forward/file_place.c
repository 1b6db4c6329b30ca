#include "forward/file_place.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

void place_init(struct file_place *p)
{
	*p = (struct file_place){ .folder = -1, .fd = -1 };
}

static void shut(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

void place_close(struct file_place *p)
{
	shut(&p->fd);
	shut(&p->folder);
}

static int open_folder(struct file_place *p, const char *path, struct stat *st, struct diag *d)
{
	const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
	char folder[PATH_MAX];
	size_t n = slash ? (size_t)(slash - path) : 0;

	if (!*name || strlen(name) > NAME_MAX || n >= sizeof(folder) || strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
		return diag_fail(d, ZT_EPERM, "%s names no file", path);
	snprintf(p->name, sizeof(p->name), "%s", name);
	memcpy(folder, path, n);
	folder[n] = '\0';
	p->folder = open(n ? folder : slash ? "/" : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (p->folder < 0 || fstat(p->folder, st) < 0)
		return diag_fail(d, ZT_EIO, "the folder of %s cannot be opened: %s", path, strerror(errno));
	if ((st->st_mode & S_IWOTH) && !(st->st_mode & S_ISVTX))
		return diag_fail(d, ZT_EPERM, "in the folder of %s everybody may replace files: chmod o-w", path);
	return ZT_OK;
}

/* st: of the opened file. */
static int check_owner(const struct stat *folder, const struct stat *st, const char *name, struct diag *d)
{
	bool foreign = st->st_uid != geteuid(), open_to_all = (folder->st_mode & S_IWOTH) != 0;

	if (S_ISFIFO(st->st_mode)) {
		if (foreign && st->st_uid != 0 && open_to_all)
			return diag_fail(d, ZT_EPERM, "%s is somebody else's pipe in a folder in which everybody may make one", name);
		return ZT_OK;
	}
	if (!S_ISREG(st->st_mode))
		return diag_fail(d, ZT_EPERM, "%s is neither a file nor a named pipe", name);
	if (foreign)
		return diag_fail(d, ZT_EPERM, "%s belongs to another user", name);
	if (st->st_nlink > 1)
		return diag_fail(d, ZT_EPERM, "%s has another name as well (a hard link)", name);
	return ZT_OK;
}

static int open_pipe(struct file_place *p, struct diag *d)
{
	p->fd = openat(p->folder, p->name, O_WRONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC);
	if (p->fd < 0 && errno == ENXIO)
		return diag_fail(d, ZT_EBUSY, "nobody reads the pipe %s", p->name);
	if (p->fd < 0)
		return diag_fail(d, ZT_EIO, "the pipe %s cannot be opened: %s", p->name, strerror(errno));
	return ZT_OK;
}

static int open_file(struct file_place *p, struct diag *d)
{
	p->fd = openat(p->folder, p->name, O_RDWR | O_APPEND | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC, 0640);
	if (p->fd >= 0)
		return ZT_OK;
	if (errno == ELOOP)
		return diag_fail(d, ZT_EPERM, "%s is a symbolic link, which is not followed", p->name);
	if (errno == EACCES || errno == EPERM || errno == EROFS || errno == EISDIR)
		return diag_fail(d, ZT_EPERM, "%s cannot be written: %s", p->name, strerror(errno));
	return diag_fail(d, ZT_EIO, "%s cannot be opened: %s", p->name, strerror(errno));
}

/* In the folder that is open. */
static int open_name(struct file_place *p, const struct stat *folder, struct diag *d)
{
	struct stat before, st;
	bool made = fstatat(p->folder, p->name, &before, AT_SYMLINK_NOFOLLOW) < 0;

	/* A pipe opened for reading too would have a reader: us. */
	p->pipe = !made && S_ISFIFO(before.st_mode);
	int err = p->pipe ? open_pipe(p, d) : open_file(p, d);

	if (err)
		return err;
	if (fstat(p->fd, &st) < 0)
		return diag_fail(d, ZT_EIO, "%s: %s", p->name, strerror(errno));
	if ((err = check_owner(folder, &st, p->name, d)))
		return err;
	if (S_ISFIFO(st.st_mode) != p->pipe)
		return diag_fail(d, ZT_EBUSY, "%s was replaced while it was opened", p->name);
	if (p->pipe)
		return ZT_OK;
	if (flock(p->fd, LOCK_EX | LOCK_NB) < 0)
		return diag_fail(d, ZT_EBUSY, "another process writes %s", p->name);
	/* A new name is as durable as what will be in it. */
	if (made && fsync(p->folder) < 0)
		return diag_fail(d, ZT_EIO, "%s cannot be made: %s", p->name, strerror(errno));
	return ZT_OK;
}

int place_open(struct file_place *p, const char *path, struct diag *d)
{
	struct stat folder;

	place_close(p);
	int err = open_folder(p, path, &folder, d);

	if (!err)
		err = open_name(p, &folder, d);
	if (err)
		place_close(p);
	return err;
}

bool place_is_there(const struct file_place *p)
{
	struct stat ours, named;

	return p->fd >= 0 && fstat(p->fd, &ours) == 0 && fstatat(p->folder, p->name, &named, AT_SYMLINK_NOFOLLOW) == 0 &&
		ours.st_dev == named.st_dev && ours.st_ino == named.st_ino;
}

uint64_t place_size(const struct file_place *p)
{
	struct stat st;

	return p->fd >= 0 && !p->pipe && fstat(p->fd, &st) == 0 ? (uint64_t)st.st_size : 0;
}

bool place_is_torn(const struct file_place *p)
{
	uint64_t size = place_size(p);
	char last = '\n';

	return size && pread(p->fd, &last, 1, (off_t)(size - 1)) == 1 && last != '\n';
}

/* NAME.n, and NAME itself for 0. false: the name becomes too long. */
static bool old_name(const struct file_place *p, uint32_t n, char out[NAME_MAX + 1])
{
	int len = n ? snprintf(out, NAME_MAX + 1, "%s.%u", p->name, n) : snprintf(out, NAME_MAX + 1, "%s", p->name);

	return len > 0 && len <= NAME_MAX;
}

static int move_names(struct file_place *p, uint32_t keep, struct diag *d)
{
	char from[NAME_MAX + 1], to[NAME_MAX + 1];

	if (keep == 0 && unlinkat(p->folder, p->name, 0) < 0)
		return diag_fail(d, ZT_EIO, "%s could not be rotated: %s", p->name, strerror(errno));
	for (uint32_t n = keep; n > 0; n--) {
		if (!old_name(p, n - 1, from) || !old_name(p, n, to))
			return diag_fail(d, ZT_EIO, "%s could not be rotated: the name is too long", p->name);
		if (renameat(p->folder, from, p->folder, to) < 0 && (errno != ENOENT || n == 1))
			return diag_fail(d, ZT_EIO, "%s could not be rotated: %s", p->name, strerror(errno));
	}
	return ZT_OK;
}

int place_rotate(struct file_place *p, uint32_t keep, struct diag *d)
{
	struct stat folder;
	int err = move_names(p, keep, d);

	if (err)
		return err;
	shut(&p->fd);
	if (fstat(p->folder, &folder) < 0)
		err = diag_fail(d, ZT_EBUSY, "the folder of %s is gone", p->name);
	if (!err)
		err = open_name(p, &folder, d);
	/* Nothing is open then, so that it cannot be taken for a file that was not rotated. */
	if (err) {
		place_close(p);
		return err == ZT_EIO ? ZT_EBUSY : err;
	}
	return ZT_OK;
}
