#include <config.h>

#include "sensor/control.h"

#include "base/clock.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

struct client {
	int fd;                         /* -1: free */
	char in[CONTROL_LINE];
	size_t in_len, out_at;
	bool answered;
	uint64_t until_ns;              /* monotonic: its patience, or ours */
	struct sbuf out;
};

struct control {
	int fd;
	char path[sizeof ((struct sockaddr_un *)0)->sun_path];
	dev_t dev;
	ino_t ino;                      /* the socket's own: another sensor's is not removed */
	struct client client[CONTROL_CLIENTS];
};

static int address(const char *path, struct sockaddr_un *a, struct diag *d)
{
	memset(a, 0, sizeof *a);
	a->sun_family = AF_UNIX;
	if (strlen(path) >= sizeof a->sun_path)
		return diag_fail(d, ZT_EINVAL, "%s: too long for a socket", path);
	memcpy(a->sun_path, path, strlen(path) + 1);
	return ZT_OK;
}

/* --- the sensor's side ---------------------------------------------------------------------- */

static bool answers(const struct sockaddr_un *a)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	bool yes = fd >= 0 && (connect(fd, (const struct sockaddr *)a, sizeof *a) == 0 || errno == EAGAIN);

	if (fd >= 0)
		close(fd);
	return yes;
}

static int listen_at(struct control *c, const struct sockaddr_un *a, struct diag *d)
{
	struct stat st;
	mode_t mask;
	int rc;

	if (stat(c->path, &st) == 0 && !S_ISSOCK(st.st_mode))
		return diag_fail(d, ZT_EINVAL, "%s: there is something else than a socket", c->path);
	if (answers(a))
		return diag_fail(d, ZT_EBUSY, "%s: a sensor answers there already", c->path);
	(void)unlink(c->path);
	mask = umask(0177);
	rc = bind(c->fd, (const struct sockaddr *)a, sizeof *a);
	umask(mask);
	if (rc == 0 && stat(c->path, &st) == 0) {       /* from here on control_close() removes it */
		c->dev = st.st_dev;
		c->ino = st.st_ino;
		rc = listen(c->fd, CONTROL_CLIENTS);
	} else {
		rc = -1;
	}
	return rc == 0 ? ZT_OK : diag_fail(d, ZT_EIO, "%s: the control socket cannot be made (%s)", c->path, strerror(errno));
}

int control_open(const char *path, struct control **out, struct diag *d)
{
	struct control *c = calloc(1, sizeof *c);
	struct sockaddr_un a;
	int err;

	*out = NULL;
	if (!c)
		return diag_fail(d, ZT_ENOMEM, "out of memory");
	for (unsigned i = 0; i < CONTROL_CLIENTS; i++) {
		c->client[i].fd = -1;
		sbuf_init(&c->client[i].out, CONTROL_ANSWER);
	}
	c->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	err = c->fd < 0 ? diag_fail(d, ZT_EIO, "no socket can be made (%s)", strerror(errno)) : address(path, &a, d);
	if (!err) {
		memcpy(c->path, a.sun_path, sizeof c->path);
		err = listen_at(c, &a, d);
	}
	if (err)
		control_close(c);
	else
		*out = c;
	return err;
}

static void let_go(struct client *k)
{
	close(k->fd);
	k->fd = -1;
	sbuf_reset(&k->out);
}

void control_close(struct control *c)
{
	struct stat st;

	if (!c)
		return;
	for (unsigned i = 0; i < CONTROL_CLIENTS; i++) {
		if (c->client[i].fd >= 0)
			let_go(&c->client[i]);
		sbuf_fini(&c->client[i].out);
	}
	if (c->ino && stat(c->path, &st) == 0 && st.st_dev == c->dev && st.st_ino == c->ino)
		(void)unlink(c->path);
	if (c->fd >= 0)
		close(c->fd);
	free(c);
}

unsigned control_poll(const struct control *c, struct pollfd fds[CONTROL_FDS])
{
	unsigned n = 0, room = 0;

	for (unsigned i = 0; i < CONTROL_CLIENTS; i++) {
		const struct client *k = &c->client[i];

		room += k->fd < 0;
		if (k->fd >= 0)
			fds[n++] = (struct pollfd){ .fd = k->fd, .events = k->answered ? POLLOUT : POLLIN };
	}
	if (room)                       /* else who knocks waits, and main is not woken for it again and again */
		fds[n++] = (struct pollfd){ .fd = c->fd, .events = POLLIN };
	return n;
}

static void welcome(struct control *c)
{
	for (unsigned i = 0; i < CONTROL_CLIENTS; i++) {
		struct client *k = &c->client[i];

		if (k->fd >= 0)
			continue;
		k->fd = accept4(c->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
		if (k->fd < 0)
			return;
		k->in_len = k->out_at = 0;
		k->answered = false;
		k->until_ns = clock_mono() + CONTROL_PATIENCE_NS;
	}
}

static void read_question(struct client *k, control_fn *answer, void *arg)
{
	ssize_t n = recv(k->fd, k->in + k->in_len, sizeof k->in - k->in_len, 0);
	char *end;
	int status;

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		let_go(k);
		return;
	}
	k->in_len += (size_t)n;
	end = memchr(k->in, '\n', k->in_len);
	if (!end && k->in_len == sizeof k->in)
		let_go(k);
	if (!end)
		return;
	*end = '\0';
	status = answer(arg, k->in, &k->out);
	sbuf_fmt(&k->out, "status %d\n", status);
	k->answered = true;
	k->until_ns = clock_mono() + CONTROL_PATIENCE_NS;
}

static void write_answer(struct client *k)
{
	size_t left = k->out.len - k->out_at;
	ssize_t n = send(k->fd, sbuf_text(&k->out) + k->out_at, left, MSG_NOSIGNAL);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n < 0 || (size_t)n == left)
		let_go(k);
	else
		k->out_at += (size_t)n;
}

void control_serve(struct control *c, control_fn *answer, void *arg)
{
	uint64_t now_ns = clock_mono();

	welcome(c);
	for (unsigned i = 0; i < CONTROL_CLIENTS; i++) {
		struct client *k = &c->client[i];

		if (k->fd >= 0 && !k->answered)
			read_question(k, answer, arg);
		if (k->fd >= 0 && k->answered)
			write_answer(k);
		if (k->fd >= 0 && now_ns > k->until_ns)
			let_go(k);
	}
}

/* --- the asking side ------------------------------------------------------------------------- */

static int no_answer(const char *path, struct diag *d)
{
	return diag_fail(d, ZT_EBUSY, "%s: the sensor has not answered for %d s: is it stopped, or does it hang?", path, CONTROL_ANSWER_S);
}

static int connect_to(const char *path, int *fd, struct diag *d)
{
	const struct timeval most = { .tv_sec = CONTROL_ANSWER_S };
	struct sockaddr_un a;
	int err = address(path, &a, d);

	*fd = -1;
	if (err)
		return err;
	*fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (*fd < 0)
		return diag_fail(d, ZT_EIO, "no socket can be made (%s)", strerror(errno));
	if (setsockopt(*fd, SOL_SOCKET, SO_RCVTIMEO, &most, sizeof most) != 0 ||
	    setsockopt(*fd, SOL_SOCKET, SO_SNDTIMEO, &most, sizeof most) != 0)
		return diag_fail(d, ZT_EIO, "no socket can be made (%s)", strerror(errno));
	if (connect(*fd, (const struct sockaddr *)&a, sizeof a) == 0)
		return ZT_OK;
	if (errno == EAGAIN)
		return no_answer(path, d);
	if (errno == EACCES || errno == EPERM)
		return diag_fail(d, ZT_EPERM, "%s: not allowed: ask as the sensor's user or as root", path);
	return diag_fail(d, ZT_ENOENT, "%s: no sensor answers there (%s)", path, strerror(errno));
}

static int read_answer(const char *path, FILE *in, void (*fn)(void *arg, const char *line), void *arg, int *status, struct diag *d)
{
	char *line = NULL;
	size_t room = 0;
	ssize_t n;
	bool whole = false, late;

	while (!whole && (n = getline(&line, &room, in)) > 0) {
		if (line[n - 1] == '\n')
			line[n - 1] = '\0';
		whole = sscanf(line, "status %d", status) == 1;
		if (!whole)
			fn(arg, line);
	}
	late = ferror(in) && errno == EAGAIN;
	free(line);
	if (!whole && late)
		return no_answer(path, d);
	return whole ? ZT_OK : diag_fail(d, ZT_EIO, "the sensor's answer ended early");
}

int control_ask(const char *path, const char *question, void (*fn)(void *arg, const char *line), void *arg, int *status,
		struct diag *d)
{
	char line[CONTROL_LINE];
	int fd, err = connect_to(path, &fd, d), n = snprintf(line, sizeof line, "%s\n", question);
	FILE *in;

	if (err)
		goto out;
	if (n >= (int)sizeof line || send(fd, line, (size_t)n, MSG_NOSIGNAL) != n) {
		err = diag_fail(d, ZT_EIO, "%s: the sensor cannot be asked", path);
		goto out;
	}
	in = fdopen(fd, "r");
	if (!in) {
		err = diag_fail(d, ZT_ENOMEM, "out of memory");
		goto out;
	}
	err = read_answer(path, in, fn, arg, status, d);
	fclose(in);
	return err;
out:
	if (fd >= 0)
		close(fd);
	return err;
}
