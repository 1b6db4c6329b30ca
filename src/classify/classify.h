/* classify.h - what the flows speak that no dissector claims: their first packets go to an engine (nDPI, when it
 * was built in), which names an application.
 *
 * One classifier belongs to one worker. Flow states are places in a table of fixed size: a flow takes one with its
 * first packet with payload, and gives it back with the verdict, at its end, or when it has waited too long. */
#ifndef ZT_CLASSIFY_CLASSIFY_H
#define ZT_CLASSIFY_CLASSIFY_H

#include "classify/app.h"
#include "net/flow.h"

#define CLASSIFY_FLOWS 4096             /* places of one worker; at most 65,000 */
#define CLASSIFY_PACKETS 10             /* packets with payload of one flow that the engine sees */
#define CLASSIFY_WAIT_NS 10000000000u   /* packet time after which a flow is judged by what it showed */

struct classify;

const char *classify_version(void);     /* of the engine: "4.2.0"; NULL: built without one */

/* NULL: no memory, or built without an engine. The engine, some MB and some ms, is set up now, or with the first
 * packet: then captures that hold nothing for it cost nothing. */
struct classify *classify_new(uint32_t places, bool now);
void classify_free(struct classify *c);         /* NULL is allowed */

/* The flow that must leave before another can take a place: the one that has had its own longest. NULL: there is
 * room. */
struct flow *classify_crowded(const struct classify *c);

/* A packet with payload of flow f, in this direction. *place is the flow's, 0 before its first; there must be room
 * then. True: that was enough, *label is the verdict, and *place is 0 again. */
bool classify_packet(struct classify *c, struct flow *f, uint16_t *place, unsigned direction, const struct packet *p,
		     struct app_label *label);

/* The flow that has waited longest, when that is longer than CLASSIFY_WAIT_NS at now_ns; else NULL. */
struct flow *classify_overdue(const struct classify *c, uint64_t now_ns);

struct classify_last {                  /* the last packet of a flow that the engine saw, the number of the first */
	struct mark mark;
	uint64_t first_seq;
	unsigned direction;
};
/* No more packets: the verdict on what was seen. *place becomes 0. */
void classify_end(struct classify *c, uint16_t *place, struct classify_last *last, struct app_label *label);
/* The number of the first packet of a flow that has a place. */
uint64_t classify_since(const struct classify *c, uint16_t place);
/* A dissector claimed it after all. */
void classify_drop(struct classify *c, uint16_t *place);

struct classify_counts {
	uint64_t flows, spent;          /* flows looked at; times that the engine's memory was spent */
};
void classify_counts(const struct classify *c, struct classify_counts *out);

#endif
