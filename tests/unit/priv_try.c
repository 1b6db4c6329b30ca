#include <config.h>

#include "priv_try.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/aio_abi.h>
#include <linux/bpf.h>
#include <linux/if_packet.h>
#include <linux/netlink.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <unistd.h>

#define M (1u << PRIV_MAIN)
#define W (1u << PRIV_WRITER)
#define C (1u << PRIV_CAPTURE)
#define F (1u << PRIV_FORWARD)

/* Where libc checks its arguments, or falls back, the call itself is made. */
#define CALLED(expression) ((expression) < 0 ? errno : 0)
#define NOWHERE ((void *)8)             /* EFAULT, before anybody asks for permission */

/* A frame of the experimental ethertype, to lo. */
static const uint8_t frame[ETH_ZLEN] = { [12] = 0x88, [13] = 0xb5 };

static struct sockaddr_ll lo_address(void)
{
	return (struct sockaddr_ll){ .sll_family = AF_PACKET, .sll_protocol = htons(0x88b5), .sll_ifindex = 1, .sll_halen = 6 };
}

/* --- sending ------------------------------------------------------------------------------------------ */

static int try_send(struct try_env *e) { return CALLED(send(e->packet, frame, sizeof frame, 0)); }
static int try_write(struct try_env *e) { return CALLED(write(e->packet, frame, sizeof frame)); }

static int try_sendto(struct try_env *e)
{
	struct sockaddr_ll to = lo_address();

	return CALLED(sendto(e->packet, frame, sizeof frame, 0, (struct sockaddr *)&to, sizeof to));
}

static struct iovec of_frame(void)
{
	return (struct iovec){ .iov_base = (void *)(uintptr_t)frame, .iov_len = sizeof frame };
}

static int try_sendmsg(struct try_env *e)
{
	struct sockaddr_ll to = lo_address();
	struct iovec v = of_frame();
	struct msghdr m = { .msg_name = &to, .msg_namelen = sizeof to, .msg_iov = &v, .msg_iovlen = 1 };

	return CALLED(sendmsg(e->packet, &m, 0));
}

static int try_sendmmsg(struct try_env *e)
{
	struct sockaddr_ll to = lo_address();
	struct iovec v = of_frame();
	struct mmsghdr m = { .msg_hdr = { .msg_name = &to, .msg_namelen = sizeof to, .msg_iov = &v, .msg_iovlen = 1 } };

	return CALLED(sendmmsg(e->packet, &m, 1, 0));
}

static int try_writev(struct try_env *e)
{
	struct iovec v = of_frame();

	return CALLED(writev(e->packet, &v, 1));
}

/* At the offset -1 this is writev() with flags. */
static int try_pwritev2(struct try_env *e)
{
	struct iovec v = of_frame();

	return CALLED(syscall(SYS_pwritev2, e->packet, &v, 1, -1L, -1L, 0));
}

static int try_splice(struct try_env *e)
{
	struct iovec v = of_frame();

	if (syscall(SYS_vmsplice, e->pipe[1], &v, 1, 0) < 0)
		return errno;
	return CALLED(splice(e->pipe[0], NULL, e->packet, NULL, sizeof frame, 0));
}

static int try_splice_alone(struct try_env *e) { return CALLED(splice(e->pipe[0], NULL, e->packet, NULL, 1, SPLICE_F_NONBLOCK)); }
static int try_tee(struct try_env *e) { return CALLED(tee(e->pipe[0], e->pipe[1], 1, SPLICE_F_NONBLOCK)); }

static int try_sendfile(struct try_env *e)
{
	int file = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);

	return file < 0 ? 999 : CALLED(sendfile(e->packet, file, NULL, sizeof frame));
}

static int try_copy_range(struct try_env *e) { return CALLED(syscall(SYS_copy_file_range, e->pipe[0], NULL, e->packet, NULL, 1, 0)); }

static int try_aio(struct try_env *e)
{
	aio_context_t ctx = 0;
	struct iocb one = {
		.aio_lio_opcode = IOCB_CMD_PWRITE, .aio_fildes = (uint32_t)e->packet,
		.aio_buf = (uintptr_t)frame, .aio_nbytes = sizeof frame,
	}, *list = &one;

	if (syscall(SYS_io_setup, 1, &ctx) < 0)
		return errno;
	return CALLED(syscall(SYS_io_submit, ctx, 1, &list));
}

static int try_aio_submit(struct try_env *e) { (void)e; return CALLED(syscall(SYS_io_submit, 0, 1, NOWHERE)); }

static int try_tx_ring(struct try_env *e)
{
	struct tpacket_req r = { .tp_block_size = 4096, .tp_block_nr = 1, .tp_frame_size = 2048, .tp_frame_nr = 2 };

	return CALLED(setsockopt(e->packet, SOL_PACKET, PACKET_TX_RING, &r, sizeof r));
}

static int try_bypass(struct try_env *e)
{
	int on = 1;

	return CALLED(setsockopt(e->packet, SOL_PACKET, PACKET_QDISC_BYPASS, &on, sizeof on));
}

/* --- making a number that may be written to mean a socket -------------------------------------------------- */

static int try_dup2(struct try_env *e) { return CALLED(syscall(SYS_dup3, e->packet, STDERR_FILENO, O_CLOEXEC)); }
static int try_dup(struct try_env *e) { return CALLED(dup(e->packet)); }
static int try_dupfd(struct try_env *e) { return CALLED(fcntl(e->packet, F_DUPFD, 0)); }
static int try_close_2(struct try_env *e) { (void)e; return CALLED(syscall(SYS_close, STDERR_FILENO)); }
static int try_close_2_wide(struct try_env *e) { (void)e; return CALLED(syscall(SYS_close, 1L << 32 | STDERR_FILENO)); }
static int try_close_wake(struct try_env *e) { return CALLED(syscall(SYS_close, e->wake)); }

/* --- other sockets, programs, processes ---------------------------------------------------------------------- */

static int try_inet(struct try_env *e) { (void)e; return CALLED(socket(AF_INET, SOCK_DGRAM, 0)); }
static int try_inet6(struct try_env *e) { (void)e; return CALLED(socket(AF_INET6, SOCK_STREAM, 0)); }
static int try_unix(struct try_env *e) { (void)e; return CALLED(socket(AF_UNIX, SOCK_DGRAM, 0)); }
static int try_packet(struct try_env *e) { (void)e; return CALLED(socket(AF_PACKET, SOCK_RAW, 0)); }
static int try_xdp(struct try_env *e) { (void)e; return CALLED(socket(AF_XDP, SOCK_RAW, 0)); }

static int try_pair(struct try_env *e)
{
	int v[2];

	(void)e;
	return CALLED(socketpair(AF_UNIX, SOCK_DGRAM, 0, v));
}

static int try_raw(struct try_env *e) { (void)e; return CALLED(socket(AF_INET, SOCK_RAW, IPPROTO_TCP)); }
static int try_raw6(struct try_env *e) { (void)e; return CALLED(socket(AF_INET6, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_ICMPV6)); }
static int try_ping(struct try_env *e) { (void)e; return CALLED(socket(AF_INET, SOCK_DGRAM, IPPROTO_ICMP)); }
static int try_sctp(struct try_env *e) { (void)e; return CALLED(socket(AF_INET, SOCK_STREAM, IPPROTO_SCTP)); }
static int try_generic(struct try_env *e) { (void)e; return CALLED(socket(AF_NETLINK, SOCK_RAW, NETLINK_GENERIC)); }
static int try_netfilter(struct try_env *e) { (void)e; return CALLED(socket(AF_NETLINK, SOCK_RAW, NETLINK_NETFILTER)); }
static int try_listen(struct try_env *e) { return CALLED(listen(e->packet, 1)); }
static int try_accept(struct try_env *e) { return CALLED(accept4(e->packet, NULL, NULL, SOCK_CLOEXEC)); }
static int try_ulp(struct try_env *e) { return CALLED(setsockopt(e->packet, IPPROTO_TCP, TCP_ULP, "tls", 4)); }
static int try_attach(struct try_env *e) { return CALLED(setsockopt(e->packet, SOL_SOCKET, SO_ATTACH_FILTER, NOWHERE, 16)); }

static int try_execve(struct try_env *e)
{
	char *const none[] = { NULL };

	(void)e;
	return CALLED(execve("/nonexistent", none, none));
}

static int try_execveat(struct try_env *e) { (void)e; return CALLED(syscall(SYS_execveat, -1, NOWHERE, NOWHERE, NOWHERE, 0)); }
static int try_ptrace(struct try_env *e) { (void)e; return CALLED(ptrace(PTRACE_ATTACH, getppid(), NULL, NULL)); }
static int try_vm_write(struct try_env *e) { (void)e; return CALLED(syscall(SYS_process_vm_writev, getppid(), 0, 0, 0, 0, 0)); }
static int try_bpf(struct try_env *e) { (void)e; return CALLED(syscall(SYS_bpf, BPF_PROG_LOAD, NOWHERE, 8)); }
static int try_module(struct try_env *e) { (void)e; return CALLED(syscall(SYS_init_module, NOWHERE, 8, NOWHERE)); }
static int try_io_uring(struct try_env *e) { (void)e; return CALLED(syscall(SYS_io_uring_setup, 1, NOWHERE)); }
static int try_kill(struct try_env *e) { (void)e; return CALLED(kill(getppid(), 0)); }
static int try_tgkill(struct try_env *e) { (void)e; return CALLED(syscall(SYS_tgkill, getppid(), getppid(), 0)); }
static int try_mount(struct try_env *e) { (void)e; return CALLED(mount(NOWHERE, NOWHERE, NOWHERE, 0, NULL)); }
static int try_seccomp(struct try_env *e) { (void)e; return CALLED(syscall(SYS_seccomp, 99, 0, NULL)); }
static int try_setuid(struct try_env *e) { (void)e; return CALLED(syscall(SYS_setuid, getuid())); }
static int try_capset(struct try_env *e) { (void)e; return CALLED(syscall(SYS_capset, NOWHERE, NULL)); }
static int try_unshare(struct try_env *e) { (void)e; return CALLED(unshare(0)); }

static int try_fork(struct try_env *e)
{
	long pid = syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0);

	(void)e;
	if (pid == 0)
		_exit(0);
	return pid < 0 ? errno : 0;
}

/* Where it is allowed the child goes on in the parent's stack: not to be tried without the filter. */
static int child_ends(void *arg)
{
	(void)arg;
	return 0;
}

/* With a stack of the child's own: on its parent's it would write over where that returns to. */
static int try_vfork(struct try_env *e)
{
	static _Alignas(16) char stack[65536];

	(void)e;
	return clone(child_ends, stack + sizeof stack, CLONE_VM | CLONE_VFORK | SIGCHLD, NULL) < 0 ? errno : 0;
}

static int try_clone_user(struct try_env *e)
{
	long pid = syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, 0, 0, 0, 0);

	(void)e;
	if (pid == 0)
		_exit(0);
	return pid < 0 ? errno : 0;
}

/* --- memory and files -------------------------------------------------------------------------------------------- */

static int try_mmap_exec(struct try_env *e)
{
	(void)e;
	return mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED ? errno : 0;
}

static int try_mprotect_exec(struct try_env *e)
{
	void *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	(void)e;
	return p == MAP_FAILED ? 999 : CALLED(mprotect(p, 4096, PROT_READ | PROT_EXEC));
}

static int try_open_write(struct try_env *e) { (void)e; return CALLED(open("/dev/null", O_WRONLY)); }
static int try_open_both(struct try_env *e) { (void)e; return CALLED(open("/dev/null", O_RDWR)); }
static int try_create(struct try_env *e) { (void)e; return CALLED(open("/nonexistent/a", O_RDONLY | O_CREAT, 0600)); }
static int try_truncate(struct try_env *e) { (void)e; return CALLED(open("/nonexistent/a", O_RDONLY | O_TRUNC)); }
static int try_tmpfile(struct try_env *e) { (void)e; return CALLED(open("/nonexistent", O_RDONLY | O_TMPFILE, 0600)); }
static int try_unlink(struct try_env *e) { (void)e; return CALLED(unlink("/nonexistent/a")); }
static int try_rename(struct try_env *e) { (void)e; return CALLED(rename("/nonexistent/a", "/nonexistent/b")); }
static int try_link(struct try_env *e) { (void)e; return CALLED(symlink("/nonexistent/a", "/nonexistent/b")); }
static int try_mknod(struct try_env *e) { (void)e; return CALLED(mknod("/nonexistent/a", S_IFIFO | 0600, 0)); }
static int try_xattr(struct try_env *e) { (void)e; return CALLED(syscall(SYS_setxattr, "/nonexistent/a", "user.a", "", 0, 0)); }

#ifdef __x86_64__
/* The table of 32-bit programs, in which 102 is socketcall and 20 getpid; and that of x32. */
static int try_int80(struct try_env *e)
{
	long got = 20;

	(void)e;
	__asm__ volatile("int $0x80" : "+a"(got) : : "memory", "r8", "r9", "r10", "r11");
	return got < 0 ? (int)-got : 0;
}

static int try_x32(struct try_env *e) { (void)e; return CALLED(syscall(0x40000000 | SYS_getpid)); }
#endif

const struct attempt attempts[] = {
	{ "send", C | W, REFUSED, try_send }, { "sendto", C | W, REFUSED, try_sendto },
	{ "sendmsg", C | W, REFUSED, try_sendmsg }, { "sendmmsg", C | W | M, REFUSED, try_sendmmsg },
	{ "write to a packet socket", C | W, REFUSED, try_write }, { "writev to a packet socket", C | W, REFUSED, try_writev },
	{ "pwritev2 to a packet socket", C | W | M | F, REFUSED, try_pwritev2 },
	{ "vmsplice and splice to a packet socket", C | W | M | F, REFUSED, try_splice },
	{ "splice", C | W | M | F, REFUSED, try_splice_alone }, { "tee", C | W | M | F, REFUSED, try_tee },
	{ "sendfile to a packet socket", C | W | M | F, REFUSED, try_sendfile },
	{ "copy_file_range to a packet socket", C | W | M | F, REFUSED, try_copy_range },
	{ "io_setup and io_submit", C | W | M | F, REFUSED, try_aio }, { "io_submit", C | W | M | F, REFUSED, try_aio_submit },
	{ "a transmit ring", C, KILLED, try_tx_ring }, { "PACKET_QDISC_BYPASS", C | W, REFUSED, try_bypass },
	{ "io_uring_setup", C | W | M | F, KILLED, try_io_uring },

	{ "dup3 onto standard error", C | W | M | F, REFUSED, try_dup2 }, { "dup", C | W | M | F, REFUSED, try_dup },
	{ "fcntl(F_DUPFD)", C | W | M | F, REFUSED, try_dupfd }, { "close of 2", C | W, REFUSED, try_close_2 },
	{ "close of 2 with another upper half", C | W, REFUSED, try_close_2_wide },
	{ "close of the descriptor to wake by", C | W, REFUSED, try_close_wake },

	{ "socket(AF_INET)", C | W | M, REFUSED, try_inet }, { "socket(AF_INET6)", C | W | M, REFUSED, try_inet6 },
	{ "socket(AF_UNIX)", C | W, REFUSED, try_unix }, { "socketpair", C | W | M, REFUSED, try_pair },
	{ "socket(AF_PACKET)", W | M | F, CLOSED, try_packet }, { "socket(AF_XDP)", C | W | M | F, CLOSED, try_xdp },

	{ "socket(AF_INET, SOCK_RAW)", C | W | M | F, CLOSED, try_raw },
	{ "socket(AF_INET6, SOCK_RAW)", C | W | M | F, CLOSED, try_raw6 },
	{ "a ping socket", C | W | M | F, REFUSED, try_ping }, { "an SCTP socket", C | W | M | F, REFUSED, try_sctp },
	{ "a generic netlink socket", W | M | F, REFUSED, try_generic },
	{ "a netfilter socket", C | W | M | F, CLOSED, try_netfilter },
	{ "listen", C | W | F, REFUSED, try_listen }, { "accept4", C | W | F, REFUSED, try_accept },
	{ "TCP_ULP", C | W | F, REFUSED, try_ulp }, { "SO_ATTACH_FILTER", W | F, REFUSED, try_attach },

	{ "execve", C | W | M | F, KILLED, try_execve }, { "execveat", C | W | M | F, KILLED, try_execveat },
	{ "ptrace", C | W | M | F, KILLED, try_ptrace }, { "process_vm_writev", C | W | M | F, KILLED, try_vm_write },
	{ "bpf", C | W | M | F, KILLED, try_bpf }, { "init_module", C | W | M | F, KILLED, try_module },
	{ "kill", C | W | M | F, CLOSED, try_kill }, { "tgkill of another process", C | W | M | F, CLOSED, try_tgkill },
	{ "fork", C | W | M | F, REFUSED, try_fork }, { "vfork", C | W | M | F, REFUSED, try_vfork },
	{ "clone into a user namespace", C | W | M | F, REFUSED, try_clone_user }, { "mount", C | W | M | F, REFUSED, try_mount },
	{ "seccomp", C | W | M | F, REFUSED, try_seccomp }, { "setuid", C | W | M | F, REFUSED, try_setuid },
	{ "capset", C | W | M | F, REFUSED, try_capset }, { "unshare", C | W | M | F, REFUSED, try_unshare },

	{ "mmap of executable memory", C | W | M | F, REFUSED, try_mmap_exec },
	{ "mprotect to executable", C | W | M | F, REFUSED, try_mprotect_exec },
	{ "open to write", C, REFUSED, try_open_write }, { "open to read and write", C, REFUSED, try_open_both },
	{ "open with O_CREAT", C, REFUSED, try_create }, { "open with O_TRUNC", C, REFUSED, try_truncate },
	{ "open with O_TMPFILE", C, REFUSED, try_tmpfile }, { "unlink", C, REFUSED, try_unlink },
	{ "rename", C, REFUSED, try_rename }, { "symlink", C | W | M | F, REFUSED, try_link },
	{ "mknod", C | W | M | F, REFUSED, try_mknod }, { "setxattr", C | W | M | F, REFUSED, try_xattr },
#ifdef __x86_64__
	{ "a call of the 32-bit table", C | W | M | F, KILLED, try_int80 },
	{ "a call of the x32 table", C | W | M | F, KILLED, try_x32 },
#endif
};
const size_t attempt_count = sizeof attempts / sizeof attempts[0];
