/* resolve.h - a name looked up with an end: the resolver of the C library waits as long as it likes, the caller does not.
 * Any thread; the look-up runs in one of its own, which ends by itself when nobody waits any more. */
#ifndef ZT_FORWARD_RESOLVE_H
#define ZT_FORWARD_RESOLVE_H

#include "base/err.h"

#include <netdb.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

/* The addresses of host for datagrams, IPv4 and IPv6, in the order in which they are to be tried: *out is the caller's,
 * given back with freeaddrinfo(). ZT_ENOENT: there is no such name, or it cannot be said now; ZT_EBUSY: no answer within
 * timeout_ns, or *stop; ZT_ENOMEM: no memory or no thread. */
int resolve_datagram(const char *host, uint16_t port, uint64_t timeout_ns, const atomic_bool *stop, struct addrinfo **out,
	struct diag *d);

#endif
