/* seccomp.h - the system calls that a thread of each role keeps. Two files hold it: seccomp.c, the only one that
 * includes libseccomp, and seccomp_none.c where the library is missing or sanitizers, whose runtimes call what
 * they like, are built in.
 *
 * A list of what is allowed; everything else is refused with EPERM and, where the kernel can, noted in the audit
 * log (type=SECCOMP). It is refused and not killed, because a monitor that dies of a call that a new libc or
 * libpcap makes is blind in a loop, while the refusal costs what the call wanted: either way nothing is sent.
 * Killed is the process that tries what no library has a reason to try in these threads and an intruder has:
 * execve, ptrace, writing another process's memory, loading kernel code or bpf, io_uring (whose ring would carry
 * calls past the filter), a transmit ring on a packet socket, calls of another architecture's table.
 * Calls for which libc has an older one to fall back to (clone3, openat2, ...) get ENOSYS.
 *
 * A filter sees numbers, never what a descriptor is or memory holds. What could send on a packet socket, and how
 * it is closed in a capture thread:
 *   send, sendto, sendmsg, sendmmsg      not allowed
 *   write, writev, pwritev, pwritev2     write() to 1, 2 and wake_fd, writev() to 1 and 2, no other;
 *                                        these numbers cannot be closed, dup2()ed onto or made anew
 *   splice, tee, vmsplice, sendfile,     not allowed
 *   copy_file_range
 *   io_submit, io_uring_*                not allowed
 *   PACKET_TX_RING                       setsockopt() at SOL_PACKET has a list of options, without it
 *   another kind of socket               socket() makes packet sockets only, and what libpcap needs to ask
 *                                        about interfaces, on which nothing can be sent either
 *   a program that sends                 no execve, fork or clone
 *
 * A forward thread may send, on what it can open: TCP and UDP by the type and the protocol that socket() is given (no
 * SOCK_RAW, no ping, no SCTP), options of these sockets by a list, clone() with the flags of a thread and no others. */
#ifndef ZT_SENSOR_SECCOMP_H
#define ZT_SENSOR_SECCOMP_H

#include <stdbool.h>

#include "sensor/priv.h"

struct diag;

/* Loads the filter of `role` into the calling thread alone. no_new_privs must be set. For good. */
int seccomp_load_role(enum priv_role role, int wake_fd, struct diag *d);
const char *seccomp_library(void);      /* as priv_filters() */
bool seccomp_present(void);

#endif
