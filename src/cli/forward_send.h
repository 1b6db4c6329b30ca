/* forward_send.h - what `zonetap forward` sends by hand: a test alert, what was stored since some time, what was refused.
 * Over a connection of its own; the running sensor's place in the outbox stays where it is. Main thread. */
#ifndef ZT_CLI_FORWARD_SEND_H
#define ZT_CLI_FORWARD_SEND_H

#include "sensor/config.h"

/* All return enum exit_status; what happened is said. */
int forward_send_test(const struct sensor_config *c, const struct sink_conf *sink);
int forward_send_since(const struct sensor_config *c, const struct sink_conf *sink, uint64_t wall_ns);
int forward_send_dead(const struct sensor_config *c, const struct sink_conf *sink);

#endif
