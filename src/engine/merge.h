/* merge.h - one line for each operation: a request waits for its answer, then both go on as one.
 *
 * Operations leave in the order of their requests. Bounded: when too many wait, the oldest goes as it
 * stands. One owner. */
#ifndef ZT_ENGINE_MERGE_H
#define ZT_ENGINE_MERGE_H

#include "ot/event.h"

#include <stdbool.h>

#define MERGE_WAITING_MAX 65536         /* requests waiting at once */

struct merge;

/* outcome: enum ot_outcome; answer NULL: none came. For what is no request (an answer whose request was not
 * seen, a notification) outcome is the event's own and answer the event itself. */
typedef void merge_fn(void *arg, const struct ot_event *request, unsigned outcome, const struct ot_event *answer);

struct merge *merge_new(merge_fn *fn, void *arg);       /* NULL: no memory */
void merge_free(struct merge *m);
void merge_event(struct merge *m, const struct ot_event *ev);
void merge_no_answer(struct merge *m, uint16_t capture, uint32_t frame, uint16_t pdu, bool other_side_seen);
void merge_finish(struct merge *m);

#endif
