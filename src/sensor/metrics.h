/* metrics.h - the figures as a text file for the textfile collector of Prometheus' node exporter. No port is opened:
 * whoever scrapes the node gets them. The file is replaced as a whole, so that nobody reads half of one. Main thread. */
#ifndef ZT_SENSOR_METRICS_H
#define ZT_SENSOR_METRICS_H

#include "base/err.h"
#include "sensor/status.h"

/* What stands before the samples of one name; `name` without the prefix. */
void metrics_family(struct sbuf *out, const char *name, const char *type, const char *help);
void metrics_text(const struct status *s, struct sbuf *out);
int metrics_write(const struct status *s, const char *path, struct diag *d) __attribute__((warn_unused_result));

#endif
