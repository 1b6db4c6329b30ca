/* waiting.h - operations that matched rules and wait for their answer, found again by the request's place.
 *
 * A ring: when it is full the oldest goes, and if it still waits nobody will know its outcome. Owned by
 * the writer's thread. */
#ifndef ZT_ALERT_WAITING_H
#define ZT_ALERT_WAITING_H

#include "ot/event.h"

#include <stdbool.h>
#include <stdint.h>

#define WAITING_NONE UINT32_MAX

struct waiting {
	uint32_t frame, alert;          /* alert: its place, WAITING_NONE while no threshold is met */
	uint32_t serial;                /* of that alert: places are used again */
	uint64_t before;                /* the entry before it in its chain */
	uint16_t capture, pdu, part;
	uint8_t  result;                /* enum alert_result */
	uint8_t  matches;
	bool     used;
	uint16_t match[OT_MATCH_MAX];   /* rules that the request met */
};

struct waitings;

struct waitings *waitings_new(uint32_t max);    /* NULL: no memory */
void waitings_free(struct waitings *w);

/* A new entry; *gone is what it replaced (used false: nothing). */
struct waiting *waitings_add(struct waitings *w, const struct ot_event *request, struct waiting *gone);

/* The entries of one request PDU, newest first: start with waitings_first(), go on with waitings_next(). */
struct waiting *waitings_first(struct waitings *w, uint16_t capture, uint32_t frame, uint16_t pdu);
struct waiting *waitings_next(struct waitings *w, struct waiting *e);

#endif
