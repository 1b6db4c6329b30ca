/* once.h - records that somebody sends through a sink by hand, beside a running sensor: its driver, its format, but no
 * cursor, no thread and no endless patience. One owner, one thread. */
#ifndef ZT_FORWARD_ONCE_H
#define ZT_FORWARD_ONCE_H

#include "base/err.h"
#include "forward/driver.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct once;

/* The receiver's last word on a record: delivered, or refused for good for the reason `why`. */
typedef void once_fn(void *arg, int64_t id, bool delivered, const char *why);

struct once_config {
	const struct sink_conf *conf;           /* outlives it, as the rest does */
	const char *sensor;
	step_fn *step;                  /* NULL: nobody wants to know */
	void *step_arg;
	once_fn *done;
	void *arg;
	bool filter;                    /* what the sink's filter leaves out is not sent */
	const atomic_bool *stop;        /* somebody does not want to wait any longer */
	uint64_t patience;              /* ns: a receiver that takes nothing is tried again for so long; 0: not at all */
};

/* Reads secrets and certificates, connects to nothing. NULL: *err and one sentence in d. */
struct once *once_open(const struct once_config *c, int *err, struct diag *d);
void once_close(struct once *o);        /* NULL is allowed; what is still held is forgotten */

/* One record, an alert's JSON. It is held until a batch is full, or left out by the filter (*filtered, may be NULL).
 * ZT_ESYNTAX: it is no alert. Else an error is the end:
 * the receiver did not take what was held (ZT_EIO), does not let us in (ZT_EPERM), or *stop (ZT_EBUSY). */
int once_send(struct once *o, int64_t id, uint64_t ts_ns, const char *json, size_t n, bool *filtered, struct diag *d);
/* What is held is sent and, where receivers confirm, confirmed. Errors as above. */
int once_finish(struct once *o, struct diag *d);

#endif
