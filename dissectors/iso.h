/* iso.h - TPKT (RFC 1006) and the class 0 transport protocol (ISO 8073, X.224) that S7comm,
 * S7comm-plus, MMS and others share on port 102. Pure functions of the bytes. */
#ifndef ZT_DISSECTORS_ISO_H
#define ZT_DISSECTORS_ISO_H

#include "base/rd.h"
#include "ot/dissector.h"

#define ISO_TPKT_HEADER 4       /* bytes, RFC 1006 section 6 */
#define ISO_TPDU_MIN 7          /* bytes of the shortest packet: TPKT, LI, code, number and EOT */
#define ISO_TPDU_MAX 65535      /* bytes, the 16-bit length of RFC 1006 */

enum iso_kind {
	ISO_OTHER,              /* disconnect, expedited, error ...: nothing to say of S7 */
	ISO_CONNECT,            /* CR, X.224 13.3 */
	ISO_CONFIRM,            /* CC, X.224 13.4 */
	ISO_DATA,               /* DT, X.224 13.7 */
};

struct iso_tpdu {
	enum iso_kind kind;
	bool eot;               /* DT: the last of its fragments */
	bool has_called;        /* CR, CC: the called TSAP has two bytes */
	uint8_t called[2];      /* connection type, rack and slot */
	struct rd data;         /* DT: the user data */
};

/* The packet at the head of the window, by its TPKT header. */
enum frame_verdict iso_frame(struct rd head, uint32_t *len);

/* Takes one packet apart; false when it is no transport PDU. What does not fit is not there. */
bool iso_read(struct rd packet, struct iso_tpdu *out);

/* A connect or confirm whose every byte is explained, with both TSAPs named: what off-port
 * detection may believe. `packet` is a whole packet. */
bool iso_connect_plausible(struct rd packet);

#endif
