#include "forward/secret.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

/* Pages of its own: nothing else is locked with it. Where the limit of locked memory is used up it can be swapped out,
 * which is worth less than a sensor that does not send. */
int secret_room(struct secret *s, size_t n, struct diag *d)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE), room = (n + page) / page * page;
	void *p = mmap(NULL, room, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	*s = (struct secret){ 0 };
	if (p == MAP_FAILED)
		return diag_fail(d, ZT_ENOMEM, "no memory for a secret");
	(void)madvise(p, room, MADV_DONTDUMP);
	(void)madvise(p, room, MADV_WIPEONFORK);
	(void)mlock(p, room);
	/* libcurl and its TLS library make copies of their own: no page of this process is anybody's. */
	(void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	*s = (struct secret){ .text = p, .room = room };
	return ZT_OK;
}

void secret_fini(struct secret *s)
{
	if (s->text) {
		explicit_bzero(s->text, s->room);
		munmap(s->text, s->room);
	}
	*s = (struct secret){ 0 };
}

/* Up to SECRET_MAX + 2 bytes of the file; more is too long anyway. */
static int from_file(struct secret *s, const char *path, const char *what, struct diag *d)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY), err = ZT_OK;
	struct stat st;
	ssize_t n = 1;

	if (fd < 0 || fstat(fd, &st) != 0)
		err = diag_fail(d, ZT_EIO, "%s_file %s cannot be read: %s", what, path, strerror(errno));
	else if (!S_ISREG(st.st_mode))
		err = diag_fail(d, ZT_EIO, "%s_file %s is not a regular file", what, path);
	else if (st.st_mode & S_IROTH)
		err = diag_fail(d, ZT_EIO, "%s_file %s can be read by everyone on this machine: chmod o-r it", what, path);
	while (err == ZT_OK && n > 0 && s->len < SECRET_MAX + 2) {
		n = read(fd, s->text + s->len, SECRET_MAX + 2 - s->len);
		if (n > 0)
			s->len += (size_t)n;
		else if (n < 0 && errno == EINTR)
			n = 1;
		else if (n < 0)
			err = diag_fail(d, ZT_EIO, "%s_file %s cannot be read: %s", what, path, strerror(errno));
	}
	if (fd >= 0)
		close(fd);
	return err;
}

static int from_environment(struct secret *s, const char *name, const char *what, struct diag *d)
{
	const char *value = getenv(name);

	if (!value)
		return diag_fail(d, ZT_EIO, "%s_env: there is no environment variable %s", what, name);
	s->len = strnlen(value, SECRET_MAX + 2);
	memcpy(s->text, value, s->len);
	return ZT_OK;
}

static int fits(const struct secret *s, const struct sink_secret *from, const char *what, struct diag *d)
{
	const char *kind = from->file ? "file" : "env", *name = from->file ? from->file : from->env;

	if (s->len == 0)
		return diag_fail(d, ZT_EIO, "%s_%s %s is empty", what, kind, name);
	if (s->len > SECRET_MAX)
		return diag_fail(d, ZT_EIO, "%s_%s %s is longer than %d bytes", what, kind, name, SECRET_MAX);
	for (size_t i = 0; i < s->len; i++) {
		unsigned char c = (unsigned char)s->text[i];

		if (c < ' ' || c == 0x7f)
			return diag_fail(d, ZT_EIO, "%s_%s %s has a control character in it (byte %zu)", what, kind, name, i + 1);
	}
	return ZT_OK;
}

int secret_read(struct secret *s, const struct sink_secret *from, const char *what, struct diag *d)
{
	int err;

	*s = (struct secret){ 0 };
	if (!from->file && !from->env)
		return ZT_OK;
	err = secret_room(s, SECRET_MAX + 2, d);
	if (err != ZT_OK)
		return err;
	err = from->file ? from_file(s, from->file, what, d) : from_environment(s, from->env, what, d);
	if (err == ZT_OK) {
		if (s->len && s->text[s->len - 1] == '\n')
			s->len--;
		if (s->len && s->text[s->len - 1] == '\r')
			s->len--;
		s->text[s->len] = '\0';
		err = fits(s, from, what, d);
	}
	if (err != ZT_OK)
		secret_fini(s);
	return err;
}

int secret_basic(struct secret *out, const char *user, const struct secret *password, struct diag *d)
{
	size_t need = strlen(user) + password->len + 2;
	struct secret pair;
	int err = secret_room(&pair, need, d);

	if (err == ZT_OK) {
		pair.len = (size_t)snprintf(pair.text, need, "%s:%s", user, password->text);
		err = secret_room(out, (pair.len + 2) / 3 * 4 + 1, d);
	}
	if (err == ZT_OK)
		out->len = (size_t)EVP_EncodeBlock((unsigned char *)out->text, (const unsigned char *)pair.text, (int)pair.len);
	secret_fini(&pair);
	return err;
}
