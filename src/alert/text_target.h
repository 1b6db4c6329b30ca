/* text_target.h - what an alert is about, in words: "holding registers 100-101", "block DB1". Pure. */
#ifndef ZT_ALERT_TEXT_TARGET_H
#define ZT_ALERT_TEXT_TARGET_H

#include "alert/alert.h"
#include "base/sbuf.h"

/* All targets of the alert, ranges put together; false and nothing written when there are none. */
bool alert_targets_text(struct sbuf *out, const struct alert *a);

/* Names of the blocks or objects of a program: "block DB1", "blocks OB1, DB10 and 3 more". */
bool alert_blocks_text(struct sbuf *out, const struct alert *a);

/* The value of the first hit when it is small, as the protocol counts: "55 (0x0037)", "on". */
bool alert_value_text(struct sbuf *out, const struct ot_event *ev);

/* snake_case to words. */
void alert_words(struct sbuf *out, const char *snake);

#endif
