#include "forward/conf.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *const sink_type_words[SINK_TYPES + 1] = {
	[SINK_SYSLOG] = "syslog", [SINK_SPLUNK] = "splunk", [SINK_ELASTICSEARCH] = "elasticsearch",
	[SINK_SENTINEL] = "sentinel", [SINK_WEBHOOK] = "webhook", [SINK_FILE] = "file", [SINK_TYPES] = NULL,
};

const char *const sink_format_words[FORMATS + 1] = {
	[FORMAT_RFC5424] = "rfc5424", [FORMAT_CEF] = "cef", [FORMAT_LEEF] = "leef", [FORMAT_ECS] = "ecs",
	[FORMAT_OCSF] = "ocsf", [FORMAT_JSON] = "json", [FORMATS] = NULL,
};

#define OBJECTS (1u << FORMAT_ECS | 1u << FORMAT_OCSF | 1u << FORMAT_JSON)
#define LINES (1u << FORMAT_RFC5424 | 1u << FORMAT_CEF | 1u << FORMAT_LEEF)

static const struct { uint32_t usual, takes; } format_of[SINK_TYPES] = {
	[SINK_SYSLOG] = { FORMAT_RFC5424, LINES | OBJECTS },
	[SINK_SPLUNK] = { FORMAT_JSON, OBJECTS },
	[SINK_ELASTICSEARCH] = { FORMAT_ECS, OBJECTS },
	[SINK_SENTINEL] = { FORMAT_JSON, OBJECTS },
	[SINK_WEBHOOK] = { FORMAT_JSON, OBJECTS },
	[SINK_FILE] = { FORMAT_JSON, LINES | OBJECTS },
};

const char *sink_type_word(unsigned type)
{
	return type < SINK_TYPES ? sink_type_words[type] : "?";
}

const char *sink_format_word(unsigned format)
{
	return format < FORMATS ? sink_format_words[format] : "?";
}

uint32_t sink_default_format(unsigned type)
{
	return format_of[type].usual;
}

bool sink_takes_format(unsigned type, unsigned format)
{
	return format_of[type].takes >> format & 1;
}

bool sink_is_encrypted(const struct sink_conf *c)
{
	return c->url && (strncmp(c->url, "tls://", 6) == 0 || strncmp(c->url, "https://", 8) == 0);
}

const char *sink_to(const struct sink_conf *c, char out[SINK_TO_TEXT])
{
	const char *host = c->url ? strstr(c->url, "://") : NULL;

	if (host)
		snprintf(out, SINK_TO_TEXT, "%.*s", (int)strcspn(host + 3, "/?#"), host + 3);
	else
		snprintf(out, SINK_TO_TEXT, "%s", c->path ? c->path : "");
	return out;
}

const char *sink_proxy(const struct sink_conf *c, char out[SINK_TO_TEXT])
{
	const char *proxy = c->proxy ? c->proxy : "", *host = strstr(proxy, "://");     /* it may stand there without a scheme */

	host = host ? host + 3 : proxy;
	snprintf(out, SINK_TO_TEXT, "%.*s", (int)strcspn(host, "/?#"), host);
	return out;
}

/* Every member that is text. */
#define TEXT(member) offsetof(struct sink_conf, member)
static const size_t texts[] = {
	TEXT(name), TEXT(filter), TEXT(url), TEXT(path), TEXT(proxy), TEXT(noproxy), TEXT(proxy_user),
	TEXT(proxy_password.file), TEXT(proxy_password.env), TEXT(interface), TEXT(cacert), TEXT(capath), TEXT(crlfile),
	TEXT(cert), TEXT(key), TEXT(pass.file), TEXT(pass.env), TEXT(ciphers), TEXT(tls13_ciphers), TEXT(pinnedpubkey),
	TEXT(token.file), TEXT(token.env), TEXT(user), TEXT(password.file), TEXT(password.env),
	TEXT(tenant), TEXT(client_id), TEXT(authority), TEXT(hostname), TEXT(index), TEXT(source), TEXT(sourcetype),
	TEXT(dcr), TEXT(stream), TEXT(content_type),
};
#define TEXTS (sizeof texts / sizeof texts[0])

static char **text_at(struct sink_conf *c, size_t i)
{
	return (char **)(void *)((char *)c + texts[i]);
}

struct sink_conf *sink_conf_copy(const struct sink_conf *c)
{
	struct sink_conf *copy = malloc(sizeof *copy);
	bool whole = true;

	if (!copy)
		return NULL;
	*copy = *c;
	for (size_t i = 0; i < TEXTS; i++) {
		char **at = text_at(copy, i);

		*at = *at ? strdup(*at) : NULL;
		whole = whole && (*at || !*text_at((struct sink_conf *)(uintptr_t)c, i));
	}
	if (whole)
		return copy;
	sink_conf_free(copy);
	return NULL;
}

void sink_conf_free(struct sink_conf *c)
{
	for (size_t i = 0; c && i < TEXTS; i++)
		free(*text_at(c, i));
	free(c);
}
