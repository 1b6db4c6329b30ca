/* shim.c - preloaded into a sensor under test: a wall clock that the test sets, a kernel that does not do
 * PACKET_FANOUT, and no filters of system calls (valgrind's machine has none). Nothing of the program knows of it.
 *
 * ZT_SHIM_CLOCK: a file of eight bytes, nanoseconds that the wall clock is ahead of the machine's, in its byte order.
 * ZT_SHIM_NO_FANOUT, ZT_SHIM_NO_SECCOMP: set. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_packet.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

int seccomp_attr_set(void *filter, int attr, uint32_t value);          /* libseccomp's */
int seccomp_rule_add_array(void *filter, uint32_t action, int call, unsigned n, const void *args);
int seccomp_load(void *filter);

static const volatile int64_t *ahead;
static int no_fanout, no_seccomp;

__attribute__((constructor)) static void begin(void)
{
	const char *path = getenv("ZT_SHIM_CLOCK");
	int fd = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
	void *p = fd >= 0 ? mmap(NULL, sizeof *ahead, PROT_READ, MAP_SHARED, fd, 0) : MAP_FAILED;

	if (p != MAP_FAILED)
		ahead = p;
	if (fd >= 0)
		close(fd);
	no_fanout = getenv("ZT_SHIM_NO_FANOUT") != NULL;
	no_seccomp = getenv("ZT_SHIM_NO_SECCOMP") != NULL;
}

int clock_gettime(clockid_t id, struct timespec *t)
{
	int rc = (int)syscall(SYS_clock_gettime, id, t);

	if (rc == 0 && id == CLOCK_REALTIME && ahead) {
		int64_t ns = (int64_t)t->tv_sec * 1000000000 + t->tv_nsec + *ahead;

		t->tv_sec = ns / 1000000000;
		t->tv_nsec = ns % 1000000000;
	}
	return rc;
}

int setsockopt(int fd, int level, int name, const void *value, socklen_t n)
{
	if (no_fanout && level == SOL_PACKET && name == PACKET_FANOUT) {
		errno = EINVAL;
		return -1;
	}
	return (int)syscall(SYS_setsockopt, fd, level, name, value, n);
}

static void *real(const char *name)
{
	return dlsym(RTLD_NEXT, name);
}

int seccomp_attr_set(void *filter, int attr, uint32_t value)
{
	union { void *symbol; int (*call)(void *, int, uint32_t); } next = { real("seccomp_attr_set") };

	return no_seccomp ? 0 : next.call ? next.call(filter, attr, value) : -ENOSYS;
}

int seccomp_rule_add_array(void *filter, uint32_t action, int call, unsigned n, const void *args)
{
	union { void *symbol; int (*call)(void *, uint32_t, int, unsigned, const void *); } next = { real("seccomp_rule_add_array") };

	return no_seccomp ? 0 : next.call ? next.call(filter, action, call, n, args) : -ENOSYS;
}

int seccomp_load(void *filter)
{
	union { void *symbol; int (*call)(void *); } next = { real("seccomp_load") };

	return no_seccomp ? 0 : next.call ? next.call(filter) : -ENOSYS;
}
