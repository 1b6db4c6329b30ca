/* engine.h - what recognises applications, behind src/classify: ndpi.c or none.c, whichever was built.
 *
 * An engine belongs to one worker and keeps nothing from one flow for the next, so that the same packets of a
 * flow give the same answer whatever else was seen. */
#ifndef ZT_CLASSIFY_ENGINE_H
#define ZT_CLASSIFY_ENGINE_H

#include "classify/app.h"
#include "net/packet.h"

#include <stdbool.h>

struct engine;

/* "4.2.0"; NULL: this program was built without one. */
const char *engine_version(void);

/* By one thread at a time in the whole process. NULL: no memory, or none was built. */
struct engine *engine_new(void);
void engine_free(struct engine *e);

uint32_t engine_flow_bytes(void);       /* of the state of one flow, which the caller owns; 0: none was built */
void engine_flow_begin(void *flow);
void engine_flow_end(struct engine *e, void *flow);     /* what hangs on the state is given back */

/* One packet with payload. True: more packets would add nothing; *label is what is known so far in any case. */
bool engine_packet(struct engine *e, void *flow, const struct packet *p, struct app_label *label);
/* No more packets: what they make likely, when that is more than the port or the address says. */
void engine_give_up(struct engine *e, void *flow, struct app_label *label);

uint64_t engine_spent(const struct engine *e);        /* times that its memory was spent */

#endif
