/* files.h - are the files and folders that a configuration names there, and may the sensor use them? Reads
 * only. Main thread. */
#ifndef ZT_SENSOR_FILES_H
#define ZT_SENSOR_FILES_H

#include "sensor/config.h"

struct files_finding {
	bool trouble;                   /* the sensor would miss what it needs; false: an operator should know */
	char what[600];                 /* a sentence without its full stop */
	char remedy[600];               /* the command that ends it; "" none */
};
#define FILES_OF_SINK 12                /* findings of one sink at most */
#define FILES_FINDINGS_MAX (CONFIG_PATHS_MAX + SINKS_MAX * FILES_OF_SINK + 8)

/* As the user that the configuration names, when there is one so called, else as the caller. Returns how many
 * were written. */
size_t files_check(const struct sensor_config *c, struct files_finding out[FILES_FINDINGS_MAX]);

#endif
