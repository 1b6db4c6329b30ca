/* pccc.h - the commands of PLC-5, SLC and MicroLogix inside the PCCC object's Execute PCCC. */
#ifndef ZT_DISSECTORS_PCCC_H
#define ZT_DISSECTORS_PCCC_H

#include "base/rd.h"

struct dissect;

/* The data of an Execute PCCC request, from the requestor's id on: function, op, act, tag, value.
 * Emits nothing. */
void pccc_request(struct dissect *d, struct rd data);

/* The data of its successful answer; the event already carries what was asked, as far as known. */
void pccc_response(struct dissect *d, struct rd data);

/* The same without a requestor's id: on a connection to a DH+ bridge, behind its addresses. */
void pccc_command(struct dissect *d, struct rd data);
void pccc_reply(struct dissect *d, struct rd data);

#endif
