#include "sensor/watch.h"

#include "base/clock.h"
#include "sensor/log.h"
#include "sensor/metrics.h"
#include "sensor/sink_health.h"

#include <stdlib.h>

#define LOOK_NS UINT64_C(1000000000)
#define DEAD_NS UINT64_C(15000000000)   /* a thread that has said nothing for so long */

struct watch {
	struct watch_config c;
	struct health *health;
	struct sink_health *sink_health;        /* NULL, as the next: no sinks */
	struct sink_view *sinks;
	struct figures *figures;        /* STATUS_PAST looks, each with one of every interface */
	struct figures_adapter adapter[CONFIG_INTERFACES_MAX];
	struct recorder_view view;
	unsigned looks;                 /* so far */
	uint64_t look_ns, metrics_ns;   /* monotonic: of the last ones */
	bool metrics_failed;            /* and that was said */
};

static void say_health(void *arg, const struct health_facts *f)
{
	const struct watch *w = arg;

	(void)recorder_health(w->c.crew->recorder, f);
}

struct watch *watch_new(const struct watch_config *c)
{
	struct watch *w = calloc(1, sizeof *w);

	if (!w)
		return NULL;
	w->c = *c;
	w->health = health_new(c->config, say_health, w);
	w->figures = calloc((size_t)STATUS_PAST * c->config->interface_count, sizeof *w->figures);
	if (c->sinks) {
		w->sink_health = sink_health_new(c->config, say_health, w);
		w->sinks = calloc(c->config->sink_count, sizeof *w->sinks);
	}
	if (!w->health || !w->figures || (c->sinks && (!w->sink_health || !w->sinks))) {
		watch_free(w);
		return NULL;
	}
	return w;
}

void watch_free(struct watch *w)
{
	if (!w)
		return;
	health_free(w->health);
	sink_health_free(w->sink_health);
	free(w->sinks);
	free(w->figures);
	free(w);
}

static struct figures *figures_of(const struct watch *w, unsigned look)
{
	return &w->figures[look % STATUS_PAST * w->c.config->interface_count];
}

void watch_status(const struct watch *w, struct status *out)
{
	unsigned oldest = w->looks >= STATUS_PAST ? w->looks - STATUS_PAST + 1 : w->looks ? 1 : 0;

	*out = (struct status){
		.config = w->c.config, .reload = w->c.reload, .now = figures_of(w, w->looks), .past = figures_of(w, oldest),
		.view = &w->view, .store = w->c.store, .sinks = w->sinks, .started_ns = w->c.started_ns,
	};
}

static void write_metrics(struct watch *w, uint64_t mono_ns)
{
	const struct sensor_config *c = w->c.config;
	struct status now;
	struct diag d;
	bool failed;

	if (!c->metrics.file || mono_ns - w->metrics_ns < c->metrics.interval)
		return;
	w->metrics_ns = mono_ns;
	watch_status(w, &now);
	failed = metrics_write(&now, c->metrics.file, &d) != ZT_OK;
	if (failed && !w->metrics_failed)
		log_line(LOG_IS_WARNING, "%s", d.text);
	w->metrics_failed = failed;
}

bool watch_look(struct watch *w, bool now)
{
	uint64_t mono_ns = clock_mono();

	if (!now && mono_ns < w->look_ns + LOOK_NS)
		return false;
	w->look_ns = mono_ns;
	w->looks++;
	for (unsigned i = 0; i < w->c.config->interface_count; i++)
		figures_take(w->c.crew, i, &w->adapter[i], &figures_of(w, w->looks)[i]);
	recorder_view(w->c.crew->recorder, &w->view);
	health_look(w->health, figures_of(w, w->looks), &w->view, w->c.store);
	if (w->sinks) {
		sinks_look(w->c.sinks, w->sinks);
		sink_health_look(w->sink_health, w->sinks);
	}
	write_metrics(w, mono_ns);
	return true;
}

struct health *watch_health(struct watch *w)
{
	return w->health;
}

bool watch_everybody_lives(const struct watch *w)
{
	uint64_t now_ns = clock_now();

	if (!w->looks)
		return true;
	if (now_ns > w->view.now_ns + DEAD_NS)
		return false;
	for (unsigned i = 0; i < w->c.config->interface_count; i++) {
		if (now_ns > figures_of(w, w->looks)[i].oldest_ns + DEAD_NS)
			return false;
	}
	return true;
}
