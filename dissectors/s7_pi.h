/* s7_pi.h - program invocation services (job 0x28): what they are called and what they amount to. */
#ifndef ZT_DISSECTORS_S7_PI_H
#define ZT_DISSECTORS_S7_PI_H

#include "dissectors/s7.h"

/* Reads the rest of the parameter: sets tag, op and act of the event. */
void s7_pi_request(struct s7 *s);

#endif
