/* forward_list.h - what the database knows of the sinks: how far each is, and what was refused. Works with and without a
 * running sensor, and changes nothing. Main thread. */
#ifndef ZT_CLI_FORWARD_LIST_H
#define ZT_CLI_FORWARD_LIST_H

#include "sensor/config.h"

#include <stdbool.h>

/* Both return enum exit_status; what is wrong is said. */
int forward_list(const struct sensor_config *c, bool as_jsonl);
int forward_list_dead(const struct sensor_config *c, const char *sink, bool as_jsonl);  /* sink NULL: of all */

#endif
