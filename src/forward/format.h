/* format.h - a record in the words of a receiver. Pure: no state, no clock, any thread.
 *
 * What came from the wire cannot end a record, begin another or carry a control character, in any format; bytes that
 * are not UTF-8 are U+FFFD; what is too long is cut between two characters and marked with "…". Which member of a record
 * stands where in which format is one table, mapping.c, and nowhere else. */
#ifndef ZT_FORWARD_FORMAT_H
#define ZT_FORWARD_FORMAT_H

#include "base/sbuf.h"
#include "forward/conf.h"
#include "forward/record.h"

struct format_env {                     /* what is the same for every record of a sink */
	const char *hostname;           /* of the sensor, for headers and observer.hostname; never NULL */
	const char *sensor;             /* its name */
	uint32_t facility, enterprise;  /* syslog */
	uint32_t max_record;            /* bytes of one syslog message with its header, 480..65536; 0: no limit */
	bool syslog;                    /* CEF and LEEF: begin with an RFC 5424 header (they go over syslog); JSON, ECS and OCSF
					 * over syslog: the same header, the object as MSG */
	uint64_t now_ns;                /* UTC: event.ingested and the like where a format asks when it was made */
};

/* Appends r to out, without a line end: one line, whatever is in r. false: it is too large for the format even when
 * cut (never for the text formats). */
bool format_record(enum sink_format f, const struct record *r, const struct format_env *e, struct sbuf *out);

#endif
