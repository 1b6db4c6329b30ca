/* l4.h - TCP and UDP headers; of other protocols only the number is kept. Internal to src/net. */
#ifndef ZT_NET_L4_H
#define ZT_NET_L4_H

#include "net/walk.h"

enum layer l4_proto(struct walk *w);    /* w->type: the IP protocol */

#endif
