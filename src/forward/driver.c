#include "forward/driver.h"

#include <string.h>

const struct driver_ops *driver_for(const struct sink_conf *c)
{
	switch (c->type) {
	case SINK_SYSLOG:
		return strncmp(c->url, "udp://", 6) == 0 ? &driver_syslog_udp : &driver_syslog_stream;
	case SINK_SPLUNK:
		return c->ack ? &driver_splunk_ack : &driver_splunk;
	case SINK_ELASTICSEARCH:
		return &driver_bulk;
	case SINK_SENTINEL:
		return &driver_sentinel;
	case SINK_WEBHOOK:
		return &driver_webhook;
	default:
		return &driver_file;
	}
}
