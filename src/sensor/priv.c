#include <config.h>

#include "sensor/priv.h"

#include "base/err.h"
#include "sensor/seccomp.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <pwd.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

/* capget() and capset() as the kernel has them: of the calling thread, and without a library. */
struct caps {
	struct __user_cap_data_struct v[_LINUX_CAPABILITY_U32S_3];
};

static int cap_get(struct caps *c)
{
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3, .pid = 0 };

	return (int)syscall(SYS_capget, &head, c->v);
}

static bool cap_has_raw(const struct caps *c)
{
	return c->v[CAP_TO_INDEX(CAP_NET_RAW)].permitted & CAP_TO_MASK(CAP_NET_RAW);
}

/* Effective and permitted: CAP_NET_RAW or nothing; inheritable, and with it ambient: nothing. */
static int cap_leave(bool raw, struct diag *d)
{
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3, .pid = 0 };
	struct caps c = { 0 };

	if (raw) {
		c.v[CAP_TO_INDEX(CAP_NET_RAW)].permitted = CAP_TO_MASK(CAP_NET_RAW);
		c.v[CAP_TO_INDEX(CAP_NET_RAW)].effective = CAP_TO_MASK(CAP_NET_RAW);
	}
	if (syscall(SYS_capset, &head, c.v) != 0)
		return diag_fail(d, ZT_EPERM, "cannot give up capabilities (%s)", strerror(errno));
	return ZT_OK;
}

/* What an execve() could ever bring back. Only who has CAP_SETPCAP may; a service manager has done it before. */
static void empty_bounding_set(void)
{
	for (unsigned long cap = 0; prctl(PR_CAPBSET_READ, cap, 0, 0, 0) >= 0; cap++)
		(void)prctl(PR_CAPBSET_DROP, cap, 0, 0, 0);
}

static int become(const char *user, struct diag *d)
{
	const struct passwd *p;

	errno = 0;
	p = getpwnam(user);
	if (!p)
		return diag_fail(d, ZT_ENOENT, "there is no user '%s' to become%s%s", user, errno ? ": " : "",
				 errno ? strerror(errno) : "");
	if (p->pw_uid == 0 || p->pw_gid == 0)
		return diag_fail(d, ZT_EINVAL, "'%s' is root, or of root's group, which is nobody to become", user);
	if (initgroups(user, p->pw_gid) != 0 || setresgid(p->pw_gid, p->pw_gid, p->pw_gid) != 0 ||
	    setresuid(p->pw_uid, p->pw_uid, p->pw_uid) != 0)
		return diag_fail(d, ZT_EPERM, "cannot become the user '%s' (%s)", user, strerror(errno));
	return ZT_OK;
}

/* One user is all that this user namespace knows: there is nobody else to become. */
static bool alone(void)
{
	unsigned long inside, outside, count = 0;
	FILE *f = fopen("/proc/self/uid_map", "re");
	bool one = f && fscanf(f, "%lu %lu %lu", &inside, &outside, &count) == 3 && count == 1;

	if (f)
		fclose(f);
	return one;
}

static bool is_user(const char *name)
{
	const struct passwd *p = name ? getpwnam(name) : NULL;

	return p && p->pw_uid != 0 && p->pw_gid != 0;
}

const char *priv_user_by_hand(const char *usual)
{
	const char *caller = getenv("SUDO_USER");

	if (alone())
		return NULL;
	return is_user(caller) ? caller : is_user(usual) ? usual : "nobody";
}

/* The lowest free number is what open() gives: a socket must never be one of these. */
static int fill_standard_fds(struct diag *d)
{
	for (int fd = 0; fd <= 2; fd++) {
		if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", O_RDWR) != fd)
			return diag_fail(d, ZT_EIO, "/dev/null cannot be opened (%s)", strerror(errno));
	}
	return ZT_OK;
}

static int close_the_door(struct diag *d)
{
	const struct rlimit none = { 0, 0 };

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		return diag_fail(d, ZT_EPERM, "no_new_privs cannot be set (%s)", strerror(errno));
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0 || setrlimit(RLIMIT_CORE, &none) != 0)
		return diag_fail(d, ZT_EPERM, "core dumps cannot be forbidden (%s)", strerror(errno));
	return ZT_OK;
}

int priv_drop(const char *user, bool raw, struct diag *d)
{
	struct caps have;
	int err = fill_standard_fds(d);

	if (err)
		return err;
	if (getuid() != geteuid() || getgid() != getegid())
		return diag_fail(d, ZT_EPERM, "zonetap is not to be installed set-user-ID or set-group-ID");
	if (cap_get(&have) != 0)
		return diag_fail(d, ZT_EPERM, "capabilities cannot be read (%s)", strerror(errno));
	if (raw && !cap_has_raw(&have))
		return diag_fail(d, ZT_EPERM, "capturing is not allowed: start zonetap as a service, or as root (CAP_NET_RAW is missing)");
	empty_bounding_set();
	/* Without this the permitted set goes with root's identity. */
	if (prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) != 0)
		return diag_fail(d, ZT_EPERM, "capabilities cannot be kept (%s)", strerror(errno));
	if (geteuid() == 0 && user)
		err = become(user, d);
	err = err ? err : cap_leave(raw, d);
	(void)prctl(PR_SET_KEEPCAPS, 0, 0, 0, 0);
	(void)prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
	return err ? err : close_the_door(d);
}

/* Closes all numbers from `from` to `to`, in the calling thread's table. */
static int close_numbers(unsigned from, unsigned to)
{
	return from > to ? 0 : (int)syscall(SYS_close_range, from, to, 0);
}

static int own_descriptors(int wake_fd, struct diag *d)
{
	unsigned keep = wake_fd > 2 ? (unsigned)wake_fd : 2;

	if (unshare(CLONE_FILES) != 0)
		return diag_fail(d, ZT_EPERM, "a capture thread cannot have descriptors of its own (%s)", strerror(errno));
	if (close_numbers(3, keep - 1) != 0 || close_numbers(keep + 1, ~0u) != 0)
		return diag_fail(d, ZT_EPERM, "a capture thread cannot close the others' descriptors (%s; Linux 5.9 is needed)",
				 strerror(errno));
	return ZT_OK;
}

int priv_thread(enum priv_role role, int wake_fd, struct diag *d)
{
	struct caps have;
	int err = ZT_OK;

	if (role == PRIV_CAPTURE && (cap_get(&have) != 0 || !cap_has_raw(&have)))
		return diag_fail(d, ZT_EPERM, "a capture thread has no CAP_NET_RAW");
	if (role == PRIV_CAPTURE)
		err = own_descriptors(wake_fd, d);
	err = err ? err : cap_leave(role == PRIV_CAPTURE, d);
	return err ? err : seccomp_load_role(role, wake_fd, d);
}

const char *priv_filters(void)
{
	return seccomp_library();
}

bool priv_has_filters(void)
{
	return seccomp_present();
}

const char *priv_role_name(enum priv_role role)
{
	static const char *const names[] = {
		[PRIV_MAIN] = "main", [PRIV_WRITER] = "writer", [PRIV_CAPTURE] = "capture", [PRIV_FORWARD] = "forward",
	};

	return names[role];
}
