/* priv.h - what the sensor may still do once it runs: its user, its capabilities, its system calls.
 *
 * The order, which is the whole trick (Linux keeps credentials and filters per thread, and a new thread
 * inherits those of the one that starts it):
 *
 *   1. main, alone:        priv_drop()              before any other thread exists
 *   2. main:               starts every thread it will ever need
 *   3. each new thread:    priv_thread(its role)    first thing, before it opens anything
 *   4. main:               priv_thread(PRIV_MAIN)   last; from here on no thread can be started
 *   5. main:               READY=1
 *
 * A capture thread opens its interface itself, after step 3, the first time as every later time: what the
 * filter would refuse is then found at start, not when the interface comes back one night.
 *
 * What a thread of each role holds afterwards:
 *
 *   PRIV_MAIN     no capability. Reads and writes files, serves a Unix socket, asks the kernel by rtnetlink.
 *                 No other sockets (for ioctls of interfaces: one of AF_UNIX), no new threads.
 *   PRIV_WRITER   no capability. What SQLite needs in its folder. No sockets, and write() to a few numbers only:
 *                 SQLite uses pwrite(), which the kernel refuses on a socket.
 *   PRIV_CAPTURE  CAP_NET_RAW, effective and permitted. A table of descriptors of its own (see below).
 *                 Files to read only. Nothing that sends: see seccomp.h for the list and the reasons.
 *   PRIV_FORWARD  no capability. TCP and UDP over IPv4 and IPv6, to connect and to send; Unix sockets and rtnetlink,
 *                 to look up names; threads, which libcurl makes for that and which inherit the filter; files as
 *                 PRIV_WRITER has them, for SQLite, and write(). No raw and no packet sockets, and nobody is
 *                 listened to. Names are looked up by what libc itself has (files, dns): a further module of
 *                 nsswitch.conf would be a library to load.
 *
 * Sinks' threads are among those of step 2. What they start themselves later (names are looked up beside a transfer) is
 * bound as they are from its first instruction.
 *
 * In every role: no_new_privs, no execve, no fork, no ptrace, no memory that is made executable, not dumpable.
 *
 * A capture thread's descriptors are its own: priv_thread(PRIV_CAPTURE) leaves it a private table with 0, 1, 2
 * and the descriptor it may write to, and nothing else. What it opens afterwards exists for no other thread,
 * so that no other thread can send on it either; and it holds no descriptor of the database. Therefore
 * - whatever is done with a capture handle is done by its own thread: pcap_stats() and pcap_close() as well;
 * - pcap_breakloop() is not called from another thread (it would write to a number that means something else
 *   there): give the thread a flag and a time-out, or a descriptor to poll;
 * - a descriptor that another thread opens later means nothing in a capture thread;
 * - the thread ends by returning from its function: pthread_exit() and pthread_cancel() load a library.
 *
 * What this cannot do: threads share memory. Whoever runs code of his own in one of them can make the others run
 * it too, each within its filter. All together they still have no packet socket with a call that sends on it: only
 * capture threads can make one, theirs cannot send, and no thread can be given another's descriptor. Where nothing is
 * forwarded no thread can make a socket of TCP or UDP either. */
#ifndef ZT_SENSOR_PRIV_H
#define ZT_SENSOR_PRIV_H

#include <stdbool.h>

struct diag;

enum priv_role { PRIV_MAIN, PRIV_WRITER, PRIV_CAPTURE, PRIV_FORWARD };

/* Step 1. Started as root with a user: becomes that user and that user's groups, all of them, for good. ZT_ENOENT:
 * there is no such user; ZT_EINVAL: it is root. `user` is a login name; NULL leaves the identity as it is, for the
 * root of a user namespace in which there is nobody else. A process that is not root stays who it is.
 * Then, whoever it is: of the capabilities only CAP_NET_RAW is left, when `raw` is true and the process has it
 * (ZT_EPERM when it has not); the inheritable and ambient sets are emptied, and the bounding set where the process
 * may; no_new_privs is set; no core dump and no debugger can read the process; descriptors 0 to 2 exist
 * (/dev/null where they were closed).
 * Called once, by the only thread. On an error the process must end: it may be half way. */
int priv_drop(const char *user, bool raw, struct diag *d);

/* Whom to become when root starts it by hand, without a configuration that says so: who called sudo, else `usual` when
 * there is such a user, else nobody. NULL: root is the only user of this user namespace. Static text, or the
 * environment's. */
const char *priv_user_by_hand(const char *usual);

/* Steps 3 and 4, once in each thread. `wake_fd` is the one descriptor above 2 that a capture or writer thread
 * may write() to (an eventfd of main's, say), -1 for none: the thread cannot close or replace it, and main must
 * leave it open as long as the thread lives. The other roles ignore it.
 * On an error the thread must not go on. */
int priv_thread(enum priv_role role, int wake_fd, struct diag *d);

/* The library that makes the filters, with its version, or why there are none: "libseccomp 2.5.4",
 * "libseccomp none (built without it: no thread has a filter)". Static text; for --version and for the line at start. */
const char *priv_filters(void);
bool priv_has_filters(void);

/* "main", "writer", "capture", "forward". Static text. */
const char *priv_role_name(enum priv_role role);

#endif
