/* syslog_url.h - where a syslog receiver is: udp://, tcp:// or tls://HOST[:PORT]. Pure. */
#ifndef ZT_FORWARD_SYSLOG_URL_H
#define ZT_FORWARD_SYSLOG_URL_H

#include "base/err.h"

#include <stdint.h>

#define SYSLOG_HOST_MAX 253             /* bytes of a name (RFC 1035) or an address */

enum syslog_transport { SYSLOG_UDP, SYSLOG_TCP, SYSLOG_TLS };

struct syslog_url {
	enum syslog_transport transport;
	char host[SYSLOG_HOST_MAX + 1]; /* an IPv6 address without its brackets */
	uint16_t port;                  /* 514 when it is not said, with TLS 6514 (RFC 5425 section 4.1) */
};

/* A path, a user or anything else behind the port is refused: ZT_ESYNTAX. */
int syslog_url_parse(const char *url, struct syslog_url *out, struct diag *d);

#endif
