/* Configurations: whatever bytes stand in the file, they are read or complained of; what was read keeps the promises
 * of config.h, can be shown, and no name is looked up on the way. */
#include <config.h>

#include "base/sbuf.h"
#include "sensor/config.h"
#include "sensor/setting.h"

#include <arpa/inet.h>
#include <dlfcn.h>
#include <netdb.h>
#include <stdlib.h>
#include <string.h>

/* Stands before the C library's own: libpcap may only ask what an address is. */
int getaddrinfo(const char *node, const char *service, const struct addrinfo *hints, struct addrinfo **res)
{
	int (*real)(const char *, const char *, const struct addrinfo *, struct addrinfo **);
	uint8_t bytes[16];

	if (!node || (inet_pton(AF_INET, node, bytes) != 1 && inet_pton(AF_INET6, node, bytes) != 1))
		abort();
	*(void **)&real = dlsym(RTLD_NEXT, "getaddrinfo");
	return real(node, service, hints, res);
}

static void must(bool condition)
{
	if (!condition)
		abort();
}

/* A number is in its range, and what is shown of it is read as the same number. */
static void row(const struct config_row *r, const void *base, struct sbuf *b)
{
	const void *at = (const char *)base + r->at;
	bool narrow = r->type == CONFIG_INT || r->type == CONFIG_SHARE;
	uint64_t v, again = 0;
	struct setting_wrong w;

	sbuf_reset(b);
	config_show(r, base, b);
	if (!setting_is_number(r->type))
		return;
	v = narrow ? *(const uint32_t *)at : *(const uint64_t *)at;
	must((r->off && v == 0) || (v >= r->min && v <= r->max));
	must(setting_parse(r, sbuf_text(b), &again, &w) && again == v);
}

static void sink_promises(const struct sensor_config *c, const struct sink_conf *s)
{
	char to[SINK_TO_TEXT];

	must(*s->name && s->type < SINK_TYPES && sink_takes_format(s->type, s->format) && s->tls_min <= s->tls_max);
	must((s->type == SINK_FILE) == (s->path != NULL) && (s->type == SINK_FILE) == (s->url == NULL));
	must(!s->url || !memchr(sink_to(s, to), '@', strlen(sink_to(s, to))));
	must(!(s->token.file && s->token.env) && !(s->password.file && s->password.env) && !(s->pass.file && s->pass.env));
	for (const struct sink_conf *other = c->sinks; other < s; other++)
		must(strcmp(other->name, s->name) != 0);
}

static void promises(const struct sensor_config *c)
{
	const struct config_row *r;
	struct sbuf b;

	sbuf_init(&b, 1u << 20);
	must(c->interface_count >= 1 && c->interface_count <= CONFIG_INTERFACES_MAX);
	must(*c->sensor && *c->user && *c->database.path && *c->socket);
	must(!c->learning.until || !c->learning.period);
	for (size_t i = 0; (r = config_row(i)); i++) {
		bool of_interface = strcmp(r->section, "interfaces") == 0, of_sink = strcmp(r->section, "forward") == 0;

		for (uint32_t k = 0; of_interface && k < c->interface_count; k++)
			row(r, &c->interfaces[k], &b);
		for (uint32_t k = 0; of_sink && k < c->sink_count; k++)
			row(r, &c->sinks[k], &b);
		if (!of_interface && !of_sink)
			row(r, c, &b);
	}
	for (uint32_t i = 0; i < c->interface_count; i++)
		must(*c->interfaces[i].name && c->interfaces[i].filter);
	must(c->sink_count <= SINKS_MAX);
	for (uint32_t i = 0; i < c->sink_count; i++)
		sink_promises(c, &c->sinks[i]);
	sbuf_fini(&b);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct complaints errs;
	char *copy = malloc(size ? size : 1);
	struct sensor_config *c;

	if (!copy)
		return 0;
	memcpy(copy, data, size);
	errs.n = errs.more = 0;
	c = config_read("etc/zonetap.yaml", copy, size, &errs);
	if (c)
		promises(c);
	else
		must(errs.n > 0);
	config_free(c);
	free(copy);
	return 0;
}
