/* conversation.h - who asks whom for what: one row a pair, protocol, operation and target, with counts.
 *
 * Owned by the writer's thread. A pair has at most CONVERSATION_ROWS rows of its own kind; past that its
 * targets are counted together, so polls never make thousands of rows. */
#ifndef ZT_INVENTORY_CONVERSATION_H
#define ZT_INVENTORY_CONVERSATION_H

#include "ot/event.h"

#include <stdbool.h>
#include <stdint.h>

#define CONVERSATION_ROWS 128

struct conversation {
	struct ip_addr client, server;
	uint16_t segment;
	uint8_t  proto, op, act, granule;
	uint32_t has;                   /* HAS_FUNC, HAS_SUB, HAS_UNIT, HAS_CLASS, HAS_BLOCK, HAS_FIRST of the row */
	uint32_t func, sub, unit, cls, block;
	const char *func_name, *space;  /* static text, may be NULL */
	uint64_t from, to;              /* addresses touched: [from, to) */
	uint64_t count, first_ns, last_ns;
	uint32_t frame;                 /* first seen */
	uint16_t capture;
	uint16_t tag_len;
	bool together;                  /* targets past the limit, counted together */
	uint32_t hash_next;
	char tag[64];                   /* wire text, cut, not escaped */
};

struct conversations;

struct conversation_news { bool new_client, new_conversation; };

struct conversations *conversations_new(uint32_t rows, uint32_t pairs);         /* NULL: no memory */
void conversations_free(struct conversations *c);

/* One event that asks (a request, a notification, an answer to a request that nobody saw). */
struct conversation_news conversations_see(struct conversations *c, const struct ot_event *ev);
/* n repeats of an event that was seen: counts only, in any order. */
void conversations_count(struct conversations *c, const struct ot_event *ev, uint64_t n, uint64_t first_ns,
			 uint64_t last_ns);

uint32_t conversations_rows(const struct conversations *c);
uint64_t conversations_refused(const struct conversations *c);
const struct conversation *conversations_at(const struct conversations *c, uint32_t i);        /* in order of appearance */

#endif
