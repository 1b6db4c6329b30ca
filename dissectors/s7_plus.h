/* s7_plus.h - S7comm-plus (protocol id 0x72). */
#ifndef ZT_DISSECTORS_S7_PLUS_H
#define ZT_DISSECTORS_S7_PLUS_H

#include "dissectors/s7.h"

/* One packet, from its protocol id to its end. */
void s7_plus(struct dissect *d, struct s7_state *st, struct rd whole);

/* Says no more than that something passed: name is static text. */
void s7_plus_opaque(struct dissect *d, const char *name);

/* Is this a packet beyond reasonable doubt? The window begins at the protocol id and holds the
 * whole user data of one transport packet. */
bool s7_plus_plausible(struct rd r);

#endif
