/* record_text.h - what an alert is about, as one line for people: made from its JSON. */
#ifndef ZT_FORWARD_RECORD_TEXT_H
#define ZT_FORWARD_RECORD_TEXT_H

#include "base/sbuf.h"

#include <stdbool.h>
#include <stdint.h>

/* A target object of zonetap-events(5). What is not known is NULL or false. */
struct record_target {
	const char *space, *granule, *tag, *path, *route;
	uint64_t cls, block, first, count;
	bool has_cls, has_block, has_first, has_count;
};

/* "holding registers 100-101", "DB10 bytes 4-7", "tag Fill_Level", "class_0x8e instance 1 (route 1/0)"; `more`: further
 * targets that are not named. Nothing when there is nothing to say. */
void record_target_text(struct sbuf *out, const struct record_target *t, uint64_t more);

/* The bytes that were written, in hexadecimal: "0x0037", "0x00ff00ff... (64 bytes)". total: of them on the wire. */
void record_value_text(struct sbuf *out, const char *hex, uint64_t total);

#endif
