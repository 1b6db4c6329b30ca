/* text.h - alerts in words: one sentence that a plant engineer understands. Wire text in it is escaped.
 * Writer's thread. */
#ifndef ZT_ALERT_TEXT_H
#define ZT_ALERT_TEXT_H

#include "alert/alert.h"
#include "base/sbuf.h"

/* Who did what to whom, whether it was taken, why it is wrong. */
void alert_text(struct sbuf *out, const struct policy *p, const struct alert *a);

/* One end: "HMI hmi-1 (192.168.2.10)", "192.168.2.10" when the site knows no more. */
void alert_side_text(struct sbuf *out, const struct policy *p, const struct ot_side *side);

#endif
