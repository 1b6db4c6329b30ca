/* cip.h - one message of the Common Industrial Protocol, as EtherNet/IP carries it. */
#ifndef ZT_DISSECTORS_CIP_H
#define ZT_DISSECTORS_CIP_H

#include "base/rd.h"

#include <stdbool.h>
#include <stdint.h>

struct cip_conns;
struct dissect;

struct cip_carrier {
	struct cip_conns *conns;        /* the flow's connections */
	uint32_t unit;                  /* connection id, or the session of an unconnected message */
	uint32_t txn;                   /* sequence count on a connection, else the sender context's low half */
	bool connected;
};

/* What the transaction of a request notes for its answer, in txn.note[0]. */
enum cip_note {
	CIP_NOTE_ENCAPSULATION = 1,     /* no CIP at all */
	CIP_NOTE_UNCONNECTED = 2,
	CIP_NOTE_CONNECTED = 3,
	CIP_NOTE_KIND = 0x0f,
	CIP_NOTE_SENT_ON = 0x10,        /* came inside an Unconnected Send */
};

/* Dissects and emits a request or response; msg is exactly the message. */
void cip_message(struct dissect *d, struct rd msg, const struct cip_carrier *on);

/* Class 0 and 1 data: emits the one event. */
void cip_io(struct dissect *d, uint32_t connection, uint32_t sequence, struct rd data);

#endif
