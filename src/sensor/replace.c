#include "sensor/replace.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A disk that is nearly full takes a part; only the next attempt tells why. */
static bool write_all(int fd, const char *text, size_t n)
{
	while (n) {
		ssize_t wrote = write(fd, text, n);

		if (wrote < 0 && errno == EINTR)
			continue;
		if (wrote <= 0)
			return false;
		text += wrote;
		n -= (size_t)wrote;
	}
	return true;
}

int replace_file(const char *path, const char *text, size_t n, mode_t mode, struct diag *d)
{
	char fresh[PATH_MAX];
	int err = ZT_OK, fd;

	if (snprintf(fresh, sizeof fresh, "%s.new", path) >= (int)sizeof fresh)
		return diag_fail(d, ZT_EINVAL, "%s: the name is too long", path);
	fd = open(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, mode);
	if (fd < 0 || !write_all(fd, text, n) || fchmod(fd, mode) != 0 || rename(fresh, path) != 0)
		err = diag_fail(d, ZT_EIO, "%s cannot be written (%s)", path, strerror(errno));
	if (fd >= 0)
		close(fd);
	if (err)
		(void)unlink(fresh);
	return err;
}
