/* sink.h - one receiver of alerts: from the outbox, through filter and format, to its driver, and the cursor behind what
 * the receiver has.
 *
 * A sink is turned by one thread (sink_turn()), which alone touches its database connection and its driver. At least
 * once: a record counts as delivered when the driver has it confirmed, and the cursor in the database follows. Order is
 * that of the outbox; what is refused for now is sent before anything behind it. Records that can never be sent go to
 * the dead letters. Memory: two batches in their format, the one that is sent and the one that is next. */
#ifndef ZT_FORWARD_SINK_H
#define ZT_FORWARD_SINK_H

#include "forward/driver.h"
#include "forward/format.h"
#include "forward/forward.h"

#include <limits.h>

#define SINK_FROM_END (-1)              /* a sink that the database does not know begins behind what is there */

struct sink;

struct sink_options {                   /* all of it outlives the sink */
	const struct sink_conf *conf;
	const struct driver_ops *ops;
	const char *database, *sensor;
	int64_t start;                  /* where a cursor begins that the database does not know: an id, or SINK_FROM_END */
	forward_news_fn *news;          /* may be NULL */
	void *arg;
};

/* What a record of this sink is formatted with; points into conf, sensor and hostname. */
void sink_describe(const struct sink_conf *c, const char *sensor, char hostname[HOST_NAME_MAX + 1], struct format_env *out);

/* Its filter; NULL: it has none. ZT_ESYNTAX with one sentence in d. */
struct expr;
int sink_filter(const struct sink_conf *c, struct expr **out, struct diag *d);

/* Compiles the filter and opens the driver, which reads secrets and certificates. NULL with one sentence in d. */
struct sink *sink_new(const struct sink_options *o, int *err, struct diag *d);
void sink_free(struct sink *s);                         /* NULL is allowed */

/* One step. Returns how long there is nothing to do, in ns of the monotonic clock, unless something is new in the
 * outbox; 0: the next step follows at once. The thread's. */
uint64_t sink_turn(struct sink *s);
void sink_wait(struct sink *s, const char *why);        /* instead of the first steps: it may not begin yet. The thread's */
void sink_end(struct sink *s);                          /* keeps the cursor and closes everything. The thread's, last of all */

/* Any thread: */
void sink_stop(struct sink *s);                         /* a driver that waits returns soon, and there is no more news */
void sink_figures(struct sink *s, struct sink_figures *out);
/* From now on a batch waits for nothing; when all that is committed now is delivered, sink_drained() says the number
 * that this returned. */
uint32_t sink_drain(struct sink *s);
uint32_t sink_drained(const struct sink *s);

#endif
