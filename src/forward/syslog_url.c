#include "forward/syslog_url.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>

static const struct scheme {
	const char *begin;
	enum syslog_transport transport;
	uint16_t port;
} schemes[] = {
	{ "udp://", SYSLOG_UDP, 514 },
	{ "tcp://", SYSLOG_TCP, 514 },
	{ "tls://", SYSLOG_TLS, 6514 },
};

/* What may stand in a name or an address; a name of the DNS may have an underscore, an address a zone (fe80::1%eth0). */
static bool host_is_plain(const char *s, size_t n, bool address)
{
	static const char name[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_";

	for (size_t i = 0; i < n; i++)
		if (!strchr(name, s[i]) && !(address && strchr(":%", s[i])))
			return false;
	return n > 0;
}

static bool port_read(const char *s, uint16_t *out)
{
	uint32_t v = 0;

	if (!*s)
		return false;
	for (; *s; s++) {
		if (*s < '0' || *s > '9')
			return false;
		v = v * 10 + (uint32_t)(*s - '0');
		if (v > UINT16_MAX)
			return false;
	}
	*out = (uint16_t)v;
	return v > 0;
}

int syslog_url_parse(const char *url, struct syslog_url *out, struct diag *d)
{
	const struct scheme *scheme = NULL;

	for (size_t i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++)
		if (strncasecmp(url, schemes[i].begin, strlen(schemes[i].begin)) == 0)
			scheme = &schemes[i];
	if (!scheme)
		return diag_fail(d, ZT_ESYNTAX, "the url of a syslog receiver begins with udp://, tcp:// or tls://");

	const char *host = url + strlen(scheme->begin), *rest;
	bool address = *host == '[';
	size_t n;

	if (address) {
		host++;
		n = strcspn(host, "]");
		rest = host[n] ? host + n + 1 : NULL;
	} else {
		n = strcspn(host, ":");
		rest = host + n;
	}
	if (!rest || n > SYSLOG_HOST_MAX || !host_is_plain(host, n, address))
		return diag_fail(d, ZT_ESYNTAX, "the url of a syslog receiver is %sHOST:PORT, an IPv6 address in brackets", scheme->begin);
	out->transport = scheme->transport;
	out->port = scheme->port;
	memcpy(out->host, host, n);
	out->host[n] = '\0';
	if (*rest && (*rest != ':' || !port_read(rest + 1, &out->port)))
		return diag_fail(d, ZT_ESYNTAX, "behind the host stands a port, 1 to 65535, and nothing more");
	return ZT_OK;
}
