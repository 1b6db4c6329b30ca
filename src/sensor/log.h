/* log.h - what the operator of the sensor should read: one line each on stderr, which systemd puts into its journal.
 * Alerts are for the plant and go elsewhere. Any thread. */
#ifndef ZT_SENSOR_LOG_H
#define ZT_SENSOR_LOG_H

enum log_level { LOG_IS_ERROR, LOG_IS_WARNING, LOG_IS_INFO };   /* needs action; may; the sensor's life */

void log_line(enum log_level level, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

#endif
