/* check_config.h - `zonetap check -c`: is the configuration right, and what would the sensor do with it on this
 * machine? Main thread. */
#ifndef ZT_CLI_CHECK_CONFIG_H
#define ZT_CLI_CHECK_CONFIG_H

#include <stdbool.h>

/* Mistakes and trouble on stderr, the plan on stdout unless quiet. Returns enum exit_status. */
int check_config(const char *file, bool quiet);

#endif
