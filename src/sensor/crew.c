#include "sensor/crew.h"

#include "base/clock.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HOUR_NS (3600 * UINT64_C(1000000000))

static const char *interface_name(void *arg, uint16_t capture)
{
	const struct crew *c = arg;

	return capture < c->config->interface_count ? c->names[capture] : "";
}

static bool make_port(struct crew *c, unsigned i)
{
	const struct config_interface *f = &c->config->interfaces[i];
	const struct live_options o = {
		.name = f->name, .filter = f->filter, .snaplen = f->snaplen,
		.ring = f->ring < INT32_MAX ? (uint32_t)f->ring : INT32_MAX, .promiscuous = f->promiscuous,
		.adapter_stamps = f->stamps == CONFIG_STAMPS_ADAPTER,
	};

	c->names[i] = f->name;
	return port_init(&c->ports[i], &o, f->workers);
}

static bool make_listeners(struct crew *c, const struct crew_config *o, unsigned i)
{
	unsigned first = c->n;
	uint64_t base_ns = clock_now() - HOUR_NS;

	for (unsigned k = 0; k < c->config->interfaces[i].workers; k++) {
		const struct listener_config lc = {
			.port = &c->ports[i], .of_port = &c->listeners[first], .index = k, .number = c->n,
			.capture = (uint16_t)i, .base_ns = base_ns, .policies = o->policies, .stop = &c->stop,
			.worker = { .source_name = interface_name, .source_arg = c, .flows = c->config->flows,
				    .segment = c->config->interfaces[i].segment, .classify = true,
				    .classify_now = true },     /* the filter would be in its way later */
			.enter = o->enter_listener, .arg = o->arg,
		};

		c->listeners[c->n] = listener_new(&lc);
		if (!c->listeners[c->n])
			return false;
		c->n++;
	}
	return true;
}

int crew_make(struct crew *c, const struct crew_config *o, struct diag *d)
{
	const struct sensor_config *s = o->config;
	unsigned n = 0;

	memset(c, 0, sizeof *c);
	c->config = s;
	for (unsigned i = 0; i < s->interface_count; i++)
		n += s->interfaces[i].workers;
	if (n > LISTENERS_MAX)
		return diag_fail(d, ZT_EINVAL, "more than %u workers on all interfaces together", LISTENERS_MAX);
	c->ports = calloc(s->interface_count, sizeof *c->ports);
	c->names = calloc(s->interface_count, sizeof *c->names);
	c->listeners = calloc(n, sizeof(struct listener *));
	if (!c->ports || !c->names || !c->listeners)
		return diag_fail(d, ZT_ENOMEM, "out of memory");
	for (unsigned i = 0; i < s->interface_count; i++) {
		if (!make_port(c, i) || !make_listeners(c, o, i))
			return diag_fail(d, ZT_ENOMEM, "no memory to listen on %s", s->interfaces[i].name);
	}
	struct recorder_config rc = {
		.listeners = c->listeners, .n = c->n, .interfaces = c->names, .interface_count = s->interface_count,
		.policies = o->policies, .store = o->store, .limits = s->limits, .sensor = s->sensor, .show = o->show,
		.learn_until_ns = s->learning.until, .enter = o->enter_recorder, .arg = o->arg,
	};
	snprintf(rc.run, sizeof rc.run, "%s", o->run);
	c->recorder = recorder_new(&rc, d);
	return c->recorder ? ZT_OK : ZT_ENOMEM;
}

int crew_start(struct crew *c, struct diag *d)
{
	if (!recorder_start(c->recorder))
		return diag_fail(d, ZT_ELIB, "cannot start a thread");
	for (unsigned i = 0; i < c->n; i++) {
		if (!listener_start(c->listeners[i])) {
			crew_stop(c);
			return diag_fail(d, ZT_ELIB, "cannot start a thread");
		}
	}
	return ZT_OK;
}

void crew_stop(struct crew *c)
{
	c->stop = true;
	for (unsigned i = 0; i < c->n; i++)
		listener_join(c->listeners[i]);
	if (c->recorder)
		recorder_join(c->recorder);
}

void crew_free(struct crew *c)
{
	recorder_free(c->recorder);
	for (unsigned i = 0; i < c->n; i++)
		listener_free(c->listeners[i]);
	for (unsigned i = 0; c->ports && i < c->config->interface_count; i++)
		port_fini(&c->ports[i]);
	free(c->listeners);
	free(c->names);
	free(c->ports);
	memset(c, 0, sizeof *c);
}

bool crew_follows(const struct crew *c, uint32_t epoch)
{
	for (unsigned i = 0; i < c->n; i++) {
		if (!listener_ended(c->listeners[i]) && listener_epoch(c->listeners[i]) != epoch)
			return false;
	}
	return recorder_epoch(c->recorder) == epoch;
}

struct listener **crew_listeners(const struct crew *c, unsigned interface, unsigned *n)
{
	unsigned first = 0;

	for (unsigned i = 0; i < interface; i++)
		first += c->config->interfaces[i].workers;
	*n = c->config->interfaces[interface].workers;
	return &c->listeners[first];
}
