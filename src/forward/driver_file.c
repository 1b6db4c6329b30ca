/* driver_file.c - a file or a named pipe of lines, for agents that tail.
 *
 * A batch is appended with one write and is on the disk (fdatasync) before it counts as sent; of a pipe it counts when the
 * reader has taken it out. A file that somebody renamed or removed is made again; one line is never two and never ends
 * in another one, also when we were killed in the middle of it. */
#include "forward/driver.h"

#include "base/clock.h"
#include "base/sbuf.h"
#include "forward/drain.h"
#include "forward/file_place.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#define BATCH_MAX (1u << 30)            /* bytes of one batch; far above what a configuration allows */
#define SLICE_MS 100                    /* how often *stop is looked at */

struct file {
	struct driver_base base;
	struct file_place place;
	struct drain drain;             /* of a pipe */
	bool torn;                      /* the last write ended in the middle of a line */
	uint64_t confirmed;             /* of a file: the last batch */
	struct sbuf lines;              /* of one batch */
	char note[REPLY_TEXT];          /* what went wrong and did no harm, said with the next reply */
};

static void say(struct file *f, bool ok, const char *step, const char *text)
{
	if (f->base.env.step)
		f->base.env.step(f->base.env.step_arg, ok, step, text);
}

static struct driver *file_open(const struct driver_env *env, struct diag *d)
{
	struct file *f = calloc(1, sizeof(*f));

	if (!f || !env->conf->path) {
		diag_fail(d, f ? ZT_EINVAL : ZT_ENOMEM, f ? "no path" : "no memory");
		free(f);
		return NULL;
	}
	f->base.ops = &driver_file;
	f->base.env = *env;
	place_init(&f->place);
	sbuf_init(&f->lines, BATCH_MAX);
	return (struct driver *)f;
}

static void file_close(struct driver *d)
{
	struct file *f = (struct file *)d;

	if (f) {
		place_close(&f->place);
		sbuf_fini(&f->lines);
	}
	free(f);
}

/* Opens it (again). */
static bool reach(struct file *f, struct reply *r)
{
	struct diag d;
	int err = place_open(&f->place, f->base.env.conf->path, &d);

	if (err) {
		*r = (struct reply){ .what = err == ZT_EPERM ? REPLY_PAUSE : REPLY_LATER };
		snprintf(r->text, sizeof(r->text), "%.*s", REPLY_TEXT - 1, d.text);
		say(f, false, "file", r->text);
		return false;
	}
	if (!f->place.pipe)
		f->torn = place_is_torn(&f->place);
	say(f, true, "file", f->place.pipe ? "the pipe has a reader" : "the file is open for appending");
	return true;
}

static void file_connect(struct driver *d, struct reply *r)
{
	struct file *f = (struct file *)d;

	*r = (struct reply){ .what = REPLY_DONE };
	drain_reset(&f->drain, clock_mono());
	reach(f, r);
}

static void gather(struct file *f, const struct batch *b)
{
	sbuf_reset(&f->lines);
	if (f->torn)
		sbuf_char(&f->lines, '\n');
	for (uint32_t i = 0; i < b->count; i++) {
		size_t at = f->lines.len;

		sbuf_mem(&f->lines, b->item[i].text, b->item[i].len);
		for (; at < f->lines.len; at++)
			if (f->lines.s[at] == '\n' || f->lines.s[at] == '\0')
				f->lines.s[at] = ' ';
		sbuf_char(&f->lines, '\n');
	}
}

/* write() to a pipe without a reader raises SIGPIPE for this thread; it is taken back. */
static ssize_t write_quiet(int fd, const char *p, size_t n)
{
	sigset_t pipe_only, before, pending;
	struct timespec now = { 0, 0 };
	bool before_us;

	sigemptyset(&pipe_only);
	sigaddset(&pipe_only, SIGPIPE);
	before_us = sigpending(&pending) == 0 && sigismember(&pending, SIGPIPE);        /* unknown: ours, or it ends the process */
	pthread_sigmask(SIG_BLOCK, &pipe_only, &before);
	ssize_t done = write(fd, p, n);
	int err = errno;

	if (done < 0 && err == EPIPE && !before_us)
		sigtimedwait(&pipe_only, NULL, &now);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	errno = err;
	return done;
}

/* How much of the lines was written; errno says why not all. */
static size_t write_all(struct file *f)
{
	uint64_t end = clock_mono() + f->base.env.conf->max_time;
	size_t at = 0;

	while (at < f->lines.len) {
		ssize_t n = write_quiet(f->place.fd, f->lines.s + at, f->lines.len - at);

		if (n > 0) {
			at += (size_t)n;
			continue;
		}
		if (n < 0 && errno == EINTR)
			continue;
		if (n == 0 || errno != EAGAIN)
			break;
		struct pollfd p = { .fd = f->place.fd, .events = POLLOUT };

		errno = ETIMEDOUT;
		if (clock_mono() >= end || atomic_load(f->base.env.stop))
			break;
		poll(&p, 1, SLICE_MS);
	}
	return at;
}

static void cannot(struct file *f, struct reply *r, const char *what, int err)
{
	*r = (struct reply){ .what = REPLY_LATER };
	snprintf(r->text, sizeof(r->text), "%.100s %s: %s", f->place.name, what,
		err == EPIPE ? "its reader has gone" : err == ETIMEDOUT ? "its reader does not read" : strerror(err));
	say(f, false, "write", r->text);
	place_close(&f->place);
}

static uint64_t bytes_of(const struct batch *b)
{
	uint64_t n = b->count;          /* line ends */

	for (uint32_t i = 0; i < b->count; i++)
		n += b->item[i].len;
	return n;
}

/* Makes room for so many bytes, and sure that the name still means this file. */
static bool ready(struct file *f, uint64_t bytes, struct reply *r)
{
	const struct sink_conf *c = f->base.env.conf;
	struct diag d;
	uint64_t size;

	if (!place_is_there(&f->place) && !reach(f, r))
		return false;
	size = place_size(&f->place);
	if (!c->rotate_size || !size || size + bytes <= c->rotate_size)
		return true;
	int err = place_rotate(&f->place, c->rotate_keep, &d);

	if (!err) {
		f->torn = false;
		return true;
	}
	snprintf(f->note, sizeof(f->note), "%.*s", REPLY_TEXT - 1, d.text);
	if (err == ZT_EIO)
		return true;            /* it grows on */
	*r = (struct reply){ .what = err == ZT_EPERM ? REPLY_PAUSE : REPLY_LATER };
	snprintf(r->text, sizeof(r->text), "%s", f->note);
	return false;
}

static void file_send(struct driver *d, struct batch *b, struct reply *r)
{
	struct file *f = (struct file *)d;

	*r = (struct reply){ .what = REPLY_DONE };
	f->note[0] = '\0';
	if (!ready(f, bytes_of(b), r))
		return;
	gather(f, b);
	if (f->lines.cut) {
		cannot(f, r, "cannot be written", ENOMEM);
		return;
	}
	size_t done = write_all(f);
	int err = errno;

	if (done)
		f->torn = f->lines.s[done - 1] != '\n';
	if (done < f->lines.len) {
		cannot(f, r, "cannot be written", err);
		return;
	}
	if (f->place.pipe) {
		drain_put(&f->drain, b->number, done, clock_mono());
	} else if (fdatasync(f->place.fd) < 0) {
		cannot(f, r, "is not on the disk", errno);
		return;
	} else {
		f->confirmed = b->number;
	}
	for (uint32_t i = 0; i < b->count; i++)
		b->item[i].result = ITEM_SENT;
	snprintf(r->text, sizeof(r->text), "%s", f->note);
	say(f, true, "write", f->place.pipe ? "the line is in the pipe" : "the line is in the file and on the disk");
}

static uint64_t file_confirmed(struct driver *d, struct reply *r)
{
	struct file *f = (struct file *)d;
	struct pollfd p = { .fd = f->place.fd };
	int held = 0;

	*r = (struct reply){ .what = REPLY_DONE };
	if (!f->place.pipe)
		return f->confirmed;
	if (f->place.fd < 0 || ioctl(f->place.fd, FIONREAD, &held) < 0 || (poll(&p, 1, 0) > 0 && (p.revents & POLLERR))) {
		cannot(f, r, "was not read", EPIPE);
		return f->drain.confirmed;
	}
	f->confirmed = drain_held(&f->drain, (uint64_t)held, clock_mono());
	if (drain_stuck(&f->drain, f->base.env.conf->max_time, clock_mono()))
		cannot(f, r, "was not read", ETIMEDOUT);
	return f->confirmed;
}

const struct driver_ops driver_file = {
	.name = "file", .open = file_open, .connect = file_connect, .send = file_send, .confirmed = file_confirmed,
	.poll_ms = 5, .window = DRAIN_WINDOW, .close = file_close
};
