/* recall.h - what a database knows from earlier runs goes into a writer's memory, so that a restart makes nothing new
 * of what is old: machines, what they answer and ask, who spoke to whom. Before anything arrives. */
#ifndef ZT_ENGINE_RECALL_H
#define ZT_ENGINE_RECALL_H

#include "base/err.h"
#include "engine/writer.h"

struct recalled {
	uint64_t assets, conversations;
	uint64_t first_ns;              /* wall clock: the oldest of all that is known; 0 nothing */
};

/* ZT_ENOENT: there is no such database yet, or nothing in it. */
int recall(struct writer *w, const char *path, struct recalled *out, struct diag *d);

#endif
