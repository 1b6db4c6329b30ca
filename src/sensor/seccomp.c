#include <config.h>

#include "sensor/seccomp.h"

#include "base/err.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/if_packet.h>
#include <linux/netlink.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <seccomp.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#define M (1u << PRIV_MAIN)
#define W (1u << PRIV_WRITER)
#define C (1u << PRIV_CAPTURE)
#define F (1u << PRIV_FORWARD)
#define ALL (M | W | C | F)

/* Values are compared as all 64 bits of a register, of which the kernel may use 32: harmless where one number is
 * allowed, as in every row here, and wrong with "greater than". */
#define IS(n, value) { .arg = (n), .op = SCMP_CMP_EQ, .datum_a = (scmp_datum_t)(value) }
#define BITS(n, mask, value) { .arg = (n), .op = SCMP_CMP_MASKED_EQ, .datum_a = (scmp_datum_t)(mask), .datum_b = (value) }

/* open(2) that neither writes nor makes anything. O_TMPFILE without the bit of O_DIRECTORY. */
#define MAKES (O_ACCMODE | O_CREAT | O_TRUNC | (O_TMPFILE & ~O_DIRECTORY))
#define CALL(name) SCMP_SYS(name)

/* The type of a socket without SOCK_CLOEXEC and SOCK_NONBLOCK. */
#define SOCK_TYPE 0xf
#define KIND(n, type) BITS(n, SOCK_TYPE, type)
/* What pthread_create() asks clone(2) for, with or without CLONE_DETACHED, which means nothing any more: not a process,
 * no namespaces. */
#define THREAD (CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM | CLONE_SETTLS | \
		CLONE_PARENT_SETTID | CLONE_CHILD_CLEARTID)

/* --- calls whose arguments do not matter ----------------------------------------------------------------- */

static const struct { unsigned roles; int call; } plain[] = {
	/* memory, threads, signals, time: what libc does on its own */
	{ ALL, CALL(brk) }, { ALL, CALL(munmap) }, { ALL, CALL(mremap) }, { ALL, CALL(madvise) },
	{ ALL, CALL(futex) }, { ALL, CALL(futex_time64) }, { ALL, CALL(sched_yield) }, { ALL, CALL(membarrier) },
	{ ALL, CALL(rseq) }, { ALL, CALL(set_robust_list) }, { ALL, CALL(getpid) }, { ALL, CALL(gettid) },
	{ ALL, CALL(rt_sigprocmask) }, { ALL, CALL(rt_sigaction) }, { ALL, CALL(rt_sigreturn) }, { ALL, CALL(sigreturn) },
	{ ALL, CALL(sigaltstack) }, { ALL, CALL(restart_syscall) }, { ALL, CALL(exit) }, { ALL, CALL(exit_group) },
	{ ALL, CALL(nanosleep) }, { ALL, CALL(clock_nanosleep) }, { ALL, CALL(clock_nanosleep_time64) },
	{ ALL, CALL(clock_gettime) }, { ALL, CALL(clock_gettime64) }, { ALL, CALL(clock_getres) },
	{ ALL, CALL(clock_getres_time64) }, { ALL, CALL(gettimeofday) }, { ALL, CALL(time) }, { ALL, CALL(getrandom) },
	{ ALL, CALL(getuid) }, { ALL, CALL(geteuid) }, { ALL, CALL(getgid) }, { ALL, CALL(getegid) },
	{ ALL, CALL(getuid32) }, { ALL, CALL(geteuid32) }, { ALL, CALL(getgid32) }, { ALL, CALL(getegid32) },
	{ ALL, CALL(uname) }, { ALL, CALL(sysinfo) }, { ALL, CALL(getrusage) }, { ALL, CALL(getrlimit) },
	{ ALL, CALL(ugetrlimit) }, { ALL, CALL(sched_getaffinity) }, { ALL, CALL(getcpu) },
	/* waiting */
	{ ALL, CALL(poll) }, { ALL, CALL(ppoll) }, { ALL, CALL(ppoll_time64) }, { ALL, CALL(select) },
	{ ALL, CALL(_newselect) }, { ALL, CALL(pselect6) }, { ALL, CALL(pselect6_time64) },
	/* reading what is open, looking at files */
	{ ALL, CALL(read) }, { ALL, CALL(readv) }, { ALL, CALL(pread64) }, { ALL, CALL(lseek) }, { ALL, CALL(_llseek) },
	{ ALL, CALL(fstat) }, { ALL, CALL(fstat64) }, { ALL, CALL(stat) }, { ALL, CALL(stat64) }, { ALL, CALL(lstat) },
	{ ALL, CALL(lstat64) }, { ALL, CALL(newfstatat) }, { ALL, CALL(fstatat64) }, { ALL, CALL(statx) },
	{ ALL, CALL(access) }, { ALL, CALL(faccessat) }, { ALL, CALL(faccessat2) },
	{ ALL, CALL(readlink) }, { ALL, CALL(readlinkat) },
	{ ALL, CALL(getcwd) }, { ALL, CALL(getdents) }, { ALL, CALL(getdents64) }, { ALL, CALL(fadvise64) },
	{ ALL, CALL(fadvise64_64) }, { ALL, CALL(arm_fadvise64_64) }, { ALL, CALL(eventfd2) },
	/* files */
	{ M | W | F, CALL(open) }, { M | W | F, CALL(openat) }, { M | W | F, CALL(pwrite64) }, { M | W | F, CALL(fsync) },
	{ M | W | F, CALL(fdatasync) }, { M | W | F, CALL(sync_file_range) }, { M | W | F, CALL(ftruncate) }, { M | W | F, CALL(ftruncate64) },
	{ M | W | F, CALL(fallocate) }, { M | W | F, CALL(unlink) }, { M | W | F, CALL(unlinkat) }, { M | W | F, CALL(rename) },
	{ M | W | F, CALL(renameat) }, { M | W | F, CALL(renameat2) }, { M | W, CALL(mkdir) }, { M | W, CALL(mkdirat) },
	{ M | W | F, CALL(fchmod) }, { M | W | F, CALL(flock) },
	{ M | W | F, CALL(statfs) }, { M | W | F, CALL(statfs64) }, { M | W | F, CALL(fstatfs) }, { M | W | F, CALL(fstatfs64) },
	{ M | W | F, CALL(utimensat) }, { M | W | F, CALL(utimensat_time64) }, { M | W | F, CALL(umask) },
	{ M | W, CALL(rmdir) }, { M | W | F, CALL(msync) }, { M | W, CALL(adjtimex) }, { M | W, CALL(clock_adjtime) },
	{ M | W, CALL(clock_adjtime64) },
	/* main: the .prom file, the control socket, signals */
	{ M, CALL(memfd_create) },      /* a copy of a database of countries */
	{ M, CALL(write) }, { M, CALL(writev) }, { M, CALL(close) }, { M, CALL(chmod) }, { M, CALL(fchmodat) },
	{ M, CALL(accept) }, { M, CALL(accept4) }, { M, CALL(bind) }, { M, CALL(listen) }, { M, CALL(connect) },
	{ M, CALL(shutdown) }, { M, CALL(send) }, { M, CALL(sendto) }, { M, CALL(sendmsg) }, { M, CALL(recv) },
	{ M, CALL(recvfrom) }, { M, CALL(recvmsg) }, { M, CALL(getpeername) }, { M, CALL(setsockopt) },
	{ M, CALL(epoll_create1) }, { M, CALL(epoll_ctl) }, { M, CALL(epoll_wait) }, { M, CALL(epoll_pwait) },
	{ M, CALL(signalfd4) }, { M, CALL(timerfd_create) }, { M, CALL(timerfd_settime) }, { M, CALL(timerfd_gettime) },
	{ M, CALL(timerfd_settime64) }, { M, CALL(pipe2) }, { M, CALL(rt_sigtimedwait) }, { M, CALL(rt_sigtimedwait_time64) },
	{ M, CALL(inotify_init1) }, { M, CALL(inotify_add_watch) }, { M, CALL(inotify_rm_watch) },
	/* capture: the packet socket, to read from */
	{ C, CALL(bind) }, { C, CALL(recv) }, { C, CALL(recvfrom) }, { C, CALL(recvmsg) },
	{ M | C | F, CALL(getsockopt) }, { M | C | F, CALL(getsockname) },
	/* forward: connections of its own making, none that it waits for; what wakes libcurl's threads */
	{ F, CALL(connect) }, { F, CALL(bind) }, { F, CALL(shutdown) }, { F, CALL(getpeername) },
	{ F, CALL(write) }, { F, CALL(writev) }, { F, CALL(close) }, { F, CALL(pipe2) },
	{ F, CALL(send) }, { F, CALL(sendto) }, { F, CALL(sendmsg) }, { F, CALL(sendmmsg) },
	{ F, CALL(recv) }, { F, CALL(recvfrom) }, { F, CALL(recvmsg) },
	{ F, CALL(mlock) },             /* of a secret that is read again */
	{ F, CALL(rt_sigpending) }, { F, CALL(rt_sigtimedwait) }, { F, CALL(rt_sigtimedwait_time64) },  /* SIGPIPE of a named pipe */
};

/* --- calls that are allowed with some arguments ------------------------------------------------------------ */

static const struct { unsigned roles; int call; unsigned n; struct scmp_arg_cmp arg[3]; } some[] = {
	{ ALL, CALL(mmap), 1, { BITS(2, PROT_EXEC, 0) } },
	{ ALL, CALL(mmap2), 1, { BITS(2, PROT_EXEC, 0) } },
	{ ALL, CALL(mprotect), 1, { BITS(2, PROT_EXEC, 0) } },
	{ ALL, CALL(prctl), 1, { IS(0, PR_SET_NAME) } },
	{ ALL, CALL(prctl), 1, { IS(0, PR_GET_NAME) } },
	{ F, CALL(prctl), 2, { IS(0, PR_SET_DUMPABLE), IS(1, 0) } },
	{ ALL, CALL(prlimit64), 1, { IS(2, 0) } },              /* no new limit: to ask */
	{ ALL, CALL(ioctl), 1, { IS(1, TCGETS) } },             /* isatty() */
	{ ALL, CALL(ioctl), 1, { IS(1, FIONREAD) } },
	{ M | C | F, CALL(ioctl), 1, { IS(1, FIONBIO) } },
	{ F, CALL(ioctl), 1, { IS(1, SIOCOUTQ) } },             /* what the receiver has not yet taken */
	{ C, CALL(open), 1, { BITS(1, MAKES, O_RDONLY) } },
	{ C, CALL(openat), 1, { BITS(2, MAKES, O_RDONLY) } },

	/* libc says the last words of an assert() with writev(). */
	{ W | C, CALL(write), 1, { IS(0, STDOUT_FILENO) } },
	{ W | C, CALL(write), 1, { IS(0, STDERR_FILENO) } },
	{ W | C, CALL(writev), 1, { IS(0, STDOUT_FILENO) } },
	{ W | C, CALL(writev), 1, { IS(0, STDERR_FILENO) } },

	/* A copy of a descriptor is not among these: it could take a number that may be written to. */
	{ ALL, CALL(fcntl), 1, { IS(1, F_GETFD) } }, { ALL, CALL(fcntl64), 1, { IS(1, F_GETFD) } },
	{ ALL, CALL(fcntl), 1, { IS(1, F_SETFD) } }, { ALL, CALL(fcntl64), 1, { IS(1, F_SETFD) } },
	{ ALL, CALL(fcntl), 1, { IS(1, F_GETFL) } }, { ALL, CALL(fcntl64), 1, { IS(1, F_GETFL) } },
	{ ALL, CALL(fcntl), 1, { IS(1, F_SETFL) } }, { ALL, CALL(fcntl64), 1, { IS(1, F_SETFL) } },
	{ M | W | F, CALL(fcntl), 1, { IS(1, F_GETLK) } }, { M | W | F, CALL(fcntl64), 1, { IS(1, F_GETLK) } },
	{ M | W | F, CALL(fcntl), 1, { IS(1, F_SETLK) } }, { M | W | F, CALL(fcntl64), 1, { IS(1, F_SETLK) } },
	{ M | W | F, CALL(fcntl), 1, { IS(1, F_SETLKW) } }, { M | W | F, CALL(fcntl64), 1, { IS(1, F_SETLKW) } },
	{ M | W | F, CALL(fcntl), 1, { IS(1, F_OFD_SETLK) } }, { M | W | F, CALL(fcntl64), 1, { IS(1, F_OFD_SETLK) } },

	{ M | F, CALL(socket), 1, { IS(0, AF_UNIX) } },         /* of a resolver: nscd and its like */
	{ M | F, CALL(socket), 2, { IS(0, AF_NETLINK), IS(2, NETLINK_ROUTE) } },
	{ C, CALL(socket), 1, { IS(0, AF_PACKET) } },
	/* What libpcap asks about interfaces on; without send it can only be a handle for ioctl(). */
	{ C, CALL(socket), 2, { IS(0, AF_NETLINK), IS(2, NETLINK_GENERIC) } },

	/* TCP and UDP, by the default protocol or by their names: a SOCK_DGRAM of IPPROTO_ICMP would be a ping. */
	{ F, CALL(socket), 3, { IS(0, AF_INET), KIND(1, SOCK_STREAM), IS(2, 0) } },
	{ F, CALL(socket), 3, { IS(0, AF_INET), KIND(1, SOCK_STREAM), IS(2, IPPROTO_TCP) } },
	{ F, CALL(socket), 3, { IS(0, AF_INET), KIND(1, SOCK_DGRAM), IS(2, 0) } },
	{ F, CALL(socket), 3, { IS(0, AF_INET), KIND(1, SOCK_DGRAM), IS(2, IPPROTO_UDP) } },
	{ F, CALL(socket), 3, { IS(0, AF_INET6), KIND(1, SOCK_STREAM), IS(2, 0) } },
	{ F, CALL(socket), 3, { IS(0, AF_INET6), KIND(1, SOCK_STREAM), IS(2, IPPROTO_TCP) } },
	{ F, CALL(socket), 3, { IS(0, AF_INET6), KIND(1, SOCK_DGRAM), IS(2, 0) } },
	{ F, CALL(socket), 3, { IS(0, AF_INET6), KIND(1, SOCK_DGRAM), IS(2, IPPROTO_UDP) } },
	{ F, CALL(socketpair), 1, { IS(0, AF_UNIX) } },
	/* A thread of libcurl that looks up a name; it inherits the filter. */
	{ F, CALL(clone), 1, { BITS(0, ~CLONE_DETACHED, THREAD) } },

	/* What changes an interface among these (SIOCETHTOOL can) needs CAP_NET_ADMIN, which no thread has. */
	{ M | C | F, CALL(ioctl), 1, { IS(1, SIOCGIFNAME) } },
	{ M | C | F, CALL(ioctl), 1, { IS(1, SIOCGIFINDEX) } },
	{ M | C, CALL(ioctl), 1, { IS(1, SIOCGIFFLAGS) } },
	{ M | C, CALL(ioctl), 1, { IS(1, SIOCGIFHWADDR) } },
	{ M | C, CALL(ioctl), 1, { IS(1, SIOCGIFMTU) } },
	{ M | C, CALL(ioctl), 1, { IS(1, SIOCGIFADDR) } },
	{ M | C, CALL(ioctl), 1, { IS(1, SIOCETHTOOL) } },

	{ C, CALL(setsockopt), 2, { IS(1, SOL_PACKET), IS(2, PACKET_ADD_MEMBERSHIP) } },
	{ C, CALL(setsockopt), 2, { IS(1, SOL_PACKET), IS(2, PACKET_DROP_MEMBERSHIP) } },
	{ C, CALL(setsockopt), 2, { IS(1, SOL_PACKET), IS(2, PACKET_RX_RING) } },
	{ C, CALL(setsockopt), 2, { IS(1, SOL_PACKET), IS(2, PACKET_AUXDATA) } },
	{ C, CALL(setsockopt), 2, { IS(1, SOL_PACKET), IS(2, PACKET_VERSION) } },
	{ C, CALL(setsockopt), 2, { IS(1, SOL_PACKET), IS(2, PACKET_RESERVE) } },
	{ C, CALL(setsockopt), 2, { IS(1, SOL_PACKET), IS(2, PACKET_TIMESTAMP) } },
	{ C, CALL(setsockopt), 2, { IS(1, SOL_PACKET), IS(2, PACKET_FANOUT) } },
	{ C, CALL(setsockopt), 2, { IS(1, SOL_PACKET), IS(2, PACKET_FANOUT_DATA) } },
	{ C, CALL(setsockopt), 2, { IS(1, SOL_PACKET), IS(2, PACKET_IGNORE_OUTGOING) } },
	{ C, CALL(setsockopt), 2, { IS(1, SOL_SOCKET), IS(2, SO_ATTACH_FILTER) } },
	{ C, CALL(setsockopt), 2, { IS(1, SOL_SOCKET), IS(2, SO_DETACH_FILTER) } },
	{ C, CALL(setsockopt), 2, { IS(1, SOL_SOCKET), IS(2, SO_RCVBUF) } },
	{ C, CALL(setsockopt), 2, { IS(1, SOL_SOCKET), IS(2, SO_TIMESTAMP) } },
	{ C, CALL(setsockopt), 2, { IS(1, SOL_SOCKET), IS(2, SO_TIMESTAMPNS) } },

	/* What libcurl and the resolver of libc set; not TCP_ULP and its like, which are large parts of the kernel. */
	{ F, CALL(setsockopt), 2, { IS(1, SOL_SOCKET), IS(2, SO_KEEPALIVE) } },
	{ F, CALL(setsockopt), 2, { IS(1, SOL_SOCKET), IS(2, SO_SNDBUF) } },
	{ F, CALL(setsockopt), 2, { IS(1, SOL_SOCKET), IS(2, SO_RCVBUF) } },
	{ F, CALL(setsockopt), 2, { IS(1, SOL_SOCKET), IS(2, SO_SNDTIMEO) } },
	{ F, CALL(setsockopt), 2, { IS(1, SOL_SOCKET), IS(2, SO_RCVTIMEO) } },
	{ F, CALL(setsockopt), 2, { IS(1, SOL_SOCKET), IS(2, SO_LINGER) } },
	{ F, CALL(setsockopt), 2, { IS(1, SOL_SOCKET), IS(2, SO_BINDTODEVICE) } },
	{ F, CALL(setsockopt), 2, { IS(1, IPPROTO_TCP), IS(2, TCP_NODELAY) } },
	{ F, CALL(setsockopt), 2, { IS(1, IPPROTO_TCP), IS(2, TCP_KEEPIDLE) } },
	{ F, CALL(setsockopt), 2, { IS(1, IPPROTO_TCP), IS(2, TCP_KEEPINTVL) } },
	{ F, CALL(setsockopt), 2, { IS(1, IPPROTO_TCP), IS(2, TCP_KEEPCNT) } },
	{ F, CALL(setsockopt), 2, { IS(1, IPPROTO_TCP), IS(2, TCP_USER_TIMEOUT) } },
	{ F, CALL(setsockopt), 2, { IS(1, IPPROTO_IP), IS(2, IP_TOS) } },
	{ F, CALL(setsockopt), 2, { IS(1, IPPROTO_IP), IS(2, IP_RECVERR) } },
	{ F, CALL(setsockopt), 2, { IS(1, IPPROTO_IP), IS(2, IP_MTU_DISCOVER) } },
	{ F, CALL(setsockopt), 2, { IS(1, IPPROTO_IP), IS(2, IP_BIND_ADDRESS_NO_PORT) } },
	{ F, CALL(setsockopt), 2, { IS(1, IPPROTO_IPV6), IS(2, IPV6_TCLASS) } },
	{ F, CALL(setsockopt), 2, { IS(1, IPPROTO_IPV6), IS(2, IPV6_RECVERR) } },
	{ F, CALL(setsockopt), 2, { IS(1, IPPROTO_IPV6), IS(2, IPV6_MTU_DISCOVER) } },
	{ F, CALL(setsockopt), 2, { IS(1, IPPROTO_IPV6), IS(2, IPV6_V6ONLY) } },
};

/* --- calls that are refused in another way than with EPERM --------------------------------------------------- */

static const int fatal[] = {
	CALL(execve), CALL(execveat), CALL(ptrace), CALL(process_vm_writev), CALL(process_vm_readv), CALL(bpf),
	CALL(init_module), CALL(finit_module), CALL(kexec_load), CALL(kexec_file_load), CALL(io_uring_setup),
	CALL(io_uring_enter), CALL(io_uring_register), CALL(userfaultfd),
};

static const int unknown[] = { CALL(clone3), CALL(openat2), CALL(close_range), CALL(epoll_pwait2) };

/* --- building ------------------------------------------------------------------------------------------------- */

static int add_lists(scmp_filter_ctx ctx, unsigned role)
{
	const struct scmp_arg_cmp tx_ring[] = { IS(1, SOL_PACKET), IS(2, PACKET_TX_RING) };
	int err = 0;

	for (size_t i = 0; !err && i < sizeof plain / sizeof plain[0]; i++) {
		if (plain[i].roles & role)
			err = seccomp_rule_add_array(ctx, SCMP_ACT_ALLOW, plain[i].call, 0, NULL);
	}
	for (size_t i = 0; !err && i < sizeof some / sizeof some[0]; i++) {
		if (some[i].roles & role)
			err = seccomp_rule_add_array(ctx, SCMP_ACT_ALLOW, some[i].call, some[i].n, some[i].arg);
	}
	for (size_t i = 0; !err && i < sizeof fatal / sizeof fatal[0]; i++)
		err = seccomp_rule_add_array(ctx, SCMP_ACT_KILL_PROCESS, fatal[i], 0, NULL);
	for (size_t i = 0; !err && i < sizeof unknown / sizeof unknown[0]; i++)
		err = seccomp_rule_add_array(ctx, SCMP_ACT_ERRNO(ENOSYS), unknown[i], 0, NULL);
	if (!err && role == C)
		err = seccomp_rule_add_array(ctx, SCMP_ACT_KILL_PROCESS, CALL(setsockopt), 2, tx_ring);
	return err;
}

/* Descriptors from..to may be closed, in blocks of powers of two: a mask compares the whole register, whereas
 * "greater than 2" would let pass what the kernel, which uses 32 bits of it, takes for 2. */
static int add_close(scmp_filter_ctx ctx, uint64_t from, uint64_t to)
{
	int err = 0;

	while (!err && from <= to) {
		uint64_t size = from & (~from + 1);

		while (from + size - 1 > to)
			size /= 2;
		err = seccomp_rule_add_array(ctx, SCMP_ACT_ALLOW, CALL(close), 1,
					     &(struct scmp_arg_cmp)BITS(0, ~(size - 1), from));
		from += size;
	}
	return err;
}

/* What may be written to stays what it is. */
static int add_descriptors(scmp_filter_ctx ctx, unsigned role, int wake_fd)
{
	uint64_t wake = (uint64_t)wake_fd;
	int err;

	if (role & (M | F))
		return 0;
	if (wake_fd <= STDERR_FILENO)
		return add_close(ctx, STDERR_FILENO + 1, INT32_MAX);
	err = seccomp_rule_add_array(ctx, SCMP_ACT_ALLOW, CALL(write), 1, &(struct scmp_arg_cmp)IS(0, wake));
	err = err ? err : add_close(ctx, STDERR_FILENO + 1, wake - 1);
	return err ? err : add_close(ctx, wake + 1, INT32_MAX);
}

/* abort() and pthread_kill() of this process's own threads. */
static int add_own_signals(scmp_filter_ctx ctx)
{
	return seccomp_rule_add_array(ctx, SCMP_ACT_ALLOW, CALL(tgkill), 1, &(struct scmp_arg_cmp)IS(0, getpid()));
}

int seccomp_load_role(enum priv_role role, int wake_fd, struct diag *d)
{
	scmp_filter_ctx ctx = seccomp_init(SCMP_ACT_ERRNO(EPERM));
	unsigned bit = 1u << role;
	int err;

	if (!ctx)
		return diag_fail(d, ZT_ENOMEM, "out of memory for the filter of system calls");
	/* A kernel or a library that cannot note refusals still refuses. */
	(void)seccomp_attr_set(ctx, SCMP_FLTATR_CTL_LOG, 1);
	err = seccomp_attr_set(ctx, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);
	err = err ? err : add_lists(ctx, bit);
	err = err ? err : add_descriptors(ctx, bit, wake_fd);
	err = err ? err : add_own_signals(ctx);
	err = err ? err : seccomp_load(ctx);
	seccomp_release(ctx);
	if (err)
		return diag_fail(d, ZT_ELIB, "the filter of system calls of a %s thread cannot be loaded (%s; is seccomp(2) allowed here?)",
				 priv_role_name(role), strerror(-err));
	return ZT_OK;
}

const char *seccomp_library(void)
{
	static char out[48];
	const struct scmp_version *v = seccomp_version();

	snprintf(out, sizeof out, "libseccomp %u.%u.%u", v->major, v->minor, v->micro);
	return out;
}

bool seccomp_present(void)
{
	return true;
}
