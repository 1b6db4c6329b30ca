/* txn.h - open requests of a talk: kept in the order in which they were made, paired by the
 * peer's id where it tells the truth and by order where it lies. */
#ifndef ZT_OT_TXN_H
#define ZT_OT_TXN_H

#include "ot/talk.h"

struct txn_part {
	struct txn_part *next;
	uint32_t has;
	uint8_t  op, act, granule, verdict;
	uint8_t  flags;                 /* that its answers get */
	uint32_t func, sub, cls, block, first, count;
	const char *func_name, *space;
	uint16_t tag_len, path_len, route_len;
	char     text[OT_TAG_MAX + OT_PATH_MAX + OT_ROUTE_MAX]; /* tag, path, route behind one another */
};

void txn_remember(struct dissect_core *c, struct txn *t, const struct ot_event *ev);
void txn_end(struct dissect_core *c, struct talk *k, struct txn *t);
void txn_give_up(struct dissect_core *c, struct txn *t);

#endif
