/* filter.h - is this a capture filter for Ethernet, in the language of pcap-filter(7)?
 *
 * libpcap looks names up while it compiles: "host plc1" asks the name servers, which a sensor must not.
 * So a filter has to do with the language's own words, numbers and addresses, and nothing reaches
 * libpcap that it could take for a name. Main thread. */
#ifndef ZT_CAPTURE_FILTER_H
#define ZT_CAPTURE_FILTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct filter_wrong {
	size_t at;                      /* byte of the text at which it begins; 0 also: the whole */
	char what[256];                 /* one line */
	char hint[120];                 /* "" none */
};

/* "" is a filter: everything. false: w says why not. */
bool filter_compiles(const char *text, uint32_t snaplen, struct filter_wrong *w);

#endif
