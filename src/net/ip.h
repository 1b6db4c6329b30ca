/* ip.h - IPv4 and IPv6 headers, down to the protocol they carry. Internal to src/net. */
#ifndef ZT_NET_IP_H
#define ZT_NET_IP_H

#include "net/walk.h"

enum layer ip_any(struct walk *w);      /* by the version */
enum layer ip_v4(struct walk *w);
enum layer ip_v6(struct walk *w);

#endif
