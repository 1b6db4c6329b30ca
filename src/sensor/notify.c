#include <config.h>

#include "sensor/notify.h"

#include "base/err.h"

#include <errno.h>
#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#define STATUS_MAX 200                  /* bytes */
#define US UINT64_C(1000)               /* in ns */

static uint64_t monotonic_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

/* $WATCHDOG_USEC counts for the process $WATCHDOG_PID, when that is set; 0 when there is none. */
static uint64_t watchdog_of_environment(void)
{
	const char *us = getenv("WATCHDOG_USEC"), *pid = getenv("WATCHDOG_PID");
	char *end;
	uint64_t n;

	if (!us || (pid && strtol(pid, NULL, 10) != (long)getpid()))
		return 0;
	errno = 0;
	n = strtoull(us, &end, 10);
	if (errno || *end || end == us || n > UINT64_MAX / US)
		return 0;
	return n * US / 2;
}

/* A path, or with '@' a name in the abstract space, which has no terminator. */
static int connect_to(const char *name, struct diag *d)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	size_t n = strlen(name);
	int fd;

	if ((name[0] != '/' && name[0] != '@') || n < 2 || n >= sizeof to.sun_path)
		return diag_fail(d, ZT_EINVAL, "$NOTIFY_SOCKET is no path of a Unix socket");
	memcpy(to.sun_path, name, n);
	if (name[0] == '@')
		to.sun_path[0] = '\0';
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return diag_fail(d, ZT_EIO, "no socket for $NOTIFY_SOCKET (%s)", strerror(errno));
	if (connect(fd, (const struct sockaddr *)&to, (socklen_t)(offsetof(struct sockaddr_un, sun_path) + n)) == 0)
		return fd;
	(void)diag_fail(d, ZT_EIO, "$NOTIFY_SOCKET cannot be reached (%s)", strerror(errno));
	close(fd);
	return ZT_EIO;
}

int notify_open(struct notify *n, struct diag *d)
{
	const char *name = getenv("NOTIFY_SOCKET");
	int fd = name && *name ? connect_to(name, d) : -1;
	bool failed = name && *name && fd < 0;

	*n = (struct notify){ .fd = fd < 0 ? -1 : fd, .watchdog_ns = fd < 0 ? 0 : watchdog_of_environment() };
	n->due_ns = monotonic_ns();
	unsetenv("NOTIFY_SOCKET");
	unsetenv("WATCHDOG_USEC");
	unsetenv("WATCHDOG_PID");
	return failed ? fd : ZT_OK;
}

void notify_close(struct notify *n)
{
	if (n->fd >= 0)
		close(n->fd);
	n->fd = -1;
	n->watchdog_ns = 0;
}

static void tell(const struct notify *n, const char *text)
{
	if (n->fd >= 0)
		(void)send(n->fd, text, strlen(text), MSG_NOSIGNAL);
}

void notify_ready(struct notify *n)
{
	tell(n, "READY=1");
}

void notify_reloading(struct notify *n)
{
	char text[64];

	snprintf(text, sizeof text, "RELOADING=1\nMONOTONIC_USEC=%" PRIu64, monotonic_ns() / US);
	tell(n, text);
}

void notify_stopping(struct notify *n)
{
	tell(n, "STOPPING=1");
}

/* A line break would begin another assignment. */
void notify_status(struct notify *n, const char *text)
{
	char line[sizeof "STATUS=" + STATUS_MAX];

	snprintf(line, sizeof line, "STATUS=%.*s", (int)strcspn(text, "\r\n"), text);
	tell(n, line);
}

void notify_watchdog(struct notify *n)
{
	uint64_t now = monotonic_ns();

	if (n->fd < 0 || !n->watchdog_ns || now < n->due_ns)
		return;
	tell(n, "WATCHDOG=1");
	n->due_ns = now + n->watchdog_ns;
}

int notify_wait_ms(const struct notify *n, int wish_ms)
{
	uint64_t now = monotonic_ns(), ms;

	if (n->fd < 0 || !n->watchdog_ns)
		return wish_ms;
	ms = n->due_ns > now ? (n->due_ns - now + 999999) / 1000000 : 0;
	return wish_ms < 0 || ms < (uint64_t)wish_ms ? (int)(ms < INT32_MAX ? ms : INT32_MAX) : wish_ms;
}
