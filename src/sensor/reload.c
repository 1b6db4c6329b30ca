#include "sensor/reload.h"

#include "base/clock.h"
#include "inventory/geo.h"
#include "sensor/log.h"

#include <string.h>

static void say_geo(void *arg, const char *line)
{
	(void)arg;
	log_line(LOG_IS_WARNING, "%s", line);
}

void reload_init(struct reload *r, const struct sensor_config *c, struct policy *first)
{
	memset(r, 0, sizeof *r);
	r->config = c;
	r->now = first;
	if (c->geo.n)
		r->geo = geo_new(c->geo.v, c->geo.n, say_geo, NULL);
	policy_use_geo(first, r->geo);
	r->loaded_ns = clock_now();
	r->published.policy = first;
	r->published.epoch = 1;
}

static void drop_old(struct reload *r)
{
	policy_free(r->old);
	policy_map_free(r->map);
	r->old = NULL;
	r->map = NULL;
}

void reload_fini(struct reload *r)
{
	drop_old(r);
	policy_free(r->now);
	geo_free(r->geo);
}

enum reload_result reload_now(struct reload *r, struct complaints *errs)
{
	struct policy *next;
	struct policy_map *map;

	if (r->old)
		return RELOAD_BUSY;
	next = policy_load_next(r->now, r->config->site, r->config->rules.v, r->config->rules.n, errs);
	if (!next)
		return RELOAD_WRONG;
	map = config_fits_policy(r->config, next, errs) ? policy_map_new(r->now, next) : NULL;
	if (!map) {
		if (!errs->n)
			complain(errs, r->config->file, 0, 0, NULL, "too little memory to take it over");
		policy_free(next);
		return RELOAD_WRONG;
	}
	policy_use_geo(next, r->geo);
	r->old = r->now;
	r->now = next;
	r->map = map;
	r->loaded_ns = clock_now();
	r->published.policy = next;
	r->published.map = map;
	atomic_fetch_add_explicit(&r->published.epoch, 1, memory_order_release);
	return RELOAD_DONE;
}

void reload_settle(struct reload *r, const struct crew *c)
{
	geo_refresh(r->geo);
	if (r->old && crew_follows(c, r->published.epoch))
		drop_old(r);
}
