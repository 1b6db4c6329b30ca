/* sink_status.h - the part of status.h and metrics.h that is about sinks. Main thread. */
#ifndef ZT_SENSOR_SINK_STATUS_H
#define ZT_SENSOR_SINK_STATUS_H

#include "base/json.h"
#include "base/sbuf.h"
#include "sensor/sinks.h"

void sink_status_text(const struct sink_view *v, uint32_t n, struct sbuf *out);         /* a table */
void sink_status_json(const struct sink_view *v, uint32_t n, struct json *j);           /* the member "sinks" */
void sink_status_metrics(const struct sink_view *v, uint32_t n, struct sbuf *out);

#endif
