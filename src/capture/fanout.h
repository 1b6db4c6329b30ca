/* fanout.h - one interface over several packet sockets, so that a pair of addresses always meets the same one.
 *
 * The kernel's own hash spreads the ports of a pair; what is wanted here is both directions, all ports and all
 * fragments of two addresses in one place. So the group runs a classic BPF program: IPv4 and IPv6 behind any of
 * no, one or two VLAN tags are hashed over the unordered addresses, everything else goes to the first socket. */
#ifndef ZT_CAPTURE_FANOUT_H
#define ZT_CAPTURE_FANOUT_H

#include "base/err.h"

#include <stdint.h>

/* Makes a group with this socket as its first and sets the program; *group is for the others to join.
 * ZT_ELIB: this kernel does not do it. */
int fanout_make(int fd, uint16_t *group, struct diag *d) __attribute__((warn_unused_result));
int fanout_join(int fd, uint16_t group, struct diag *d) __attribute__((warn_unused_result));

#endif
