#include "sensor/learning.h"

#include "sensor/replace.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const char on_text[] = "on\n", off_text[] = "off\n";

static bool name_of(const char *database, char out[PATH_MAX])
{
	return snprintf(out, PATH_MAX, "%s.learning", database) < PATH_MAX;
}

enum learning_told learning_recall(const char *database)
{
	char path[PATH_MAX], text[8] = "";
	int fd = name_of(database, path) ? open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK) : -1;
	ssize_t n = fd >= 0 ? read(fd, text, sizeof text - 1) : 0;

	if (fd >= 0)
		close(fd);
	if (n <= 0)
		return LEARNING_NOT_TOLD;
	return strcmp(text, on_text) == 0 ? LEARNING_TOLD_ON : strcmp(text, off_text) == 0 ? LEARNING_TOLD_OFF : LEARNING_NOT_TOLD;
}

int learning_keep(const char *database, bool on, struct diag *d)
{
	const char *text = on ? on_text : off_text;
	char path[PATH_MAX];

	if (!name_of(database, path))
		return diag_fail(d, ZT_EINVAL, "%s: the name is too long", database);
	return replace_file(path, text, strlen(text), 0640, d);
}
