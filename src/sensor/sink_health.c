#include "sensor/sink_health.h"

#include "base/clock.h"
#include "sensor/health.h"

#include <inttypes.h>
#include <stdlib.h>

#define SECOND UINT64_C(1000000000)
#define HOUR_NS (3600 * SECOND)

struct watched_sink {
	uint64_t downs, pauses, ups, dead, dropped;     /* as told */
	uint64_t down_ns, dead_ns;      /* since when it is down or paused; when a dead letter was told */
	struct lasting_fact down, paused, behind, insecure;
};

struct sink_health {
	const struct sensor_config *c;
	struct fact_sayer to;
	struct watched_sink sinks[];
};

struct sink_health *sink_health_new(const struct sensor_config *c, fact_fn *say, void *arg)
{
	struct sink_health *h = calloc(1, sizeof *h + c->sink_count * sizeof h->sinks[0]);

	if (!h)
		return NULL;
	h->c = c;
	h->to = (struct fact_sayer){ say, arg };
	return h;
}

void sink_health_free(struct sink_health *h)
{
	free(h);
}

static const char *why(const struct sink_view *v)
{
	return v->now.why[0] ? v->now.why : v->told.why;
}

/* is: now; since the last look it has become so `times` times. Also what came and went between two looks is told. */
static void trouble(struct sink_health *h, const struct sink_view *v, struct lasting_fact *l, struct health_facts f, bool is,
		    uint64_t times, uint64_t now_ns)
{
	if (f.kind == HEALTH_SINK_PAUSED)
		fact_text(&f, "The receiver of sink %s (%s) does not let this sensor in: %s", v->now.name, v->now.to, why(v));
	else
		fact_text(&f, "Sink %s (%s) takes no alerts: %s", v->now.name, v->now.to, why(v));
	if (is || times) {
		fact_begins(l, &f);
		fact_goes_on(&h->to, l, now_ns, HEALTH_REPEAT_NS);
	}
	l->on = is;
}

static void look_at_connection(struct sink_health *h, struct watched_sink *w, const struct sink_view *v, uint64_t now_ns)
{
	const struct sink_told *t = &v->told;
	uint64_t downs = t->downs - w->downs, pauses = t->pauses - w->pauses, seconds;
	struct health_facts up;

	if ((downs || pauses) && !w->down.on && !w->paused.on)
		w->down_ns = now_ns;
	w->downs = t->downs;
	w->pauses = t->pauses;
	seconds = (now_ns - w->down_ns) / SECOND;
	trouble(h, v, &w->down, fact_of(HEALTH_SINK_DOWN, v->now.name, seconds, 0), t->down, downs, now_ns);
	trouble(h, v, &w->paused, fact_of(HEALTH_SINK_PAUSED, v->now.name, seconds, 0), t->paused, pauses, now_ns);
	if (w->ups == t->ups)
		return;
	w->ups = t->ups;
	up = fact_of(HEALTH_SINK_UP, v->now.name, seconds, 0);
	fact_text(&up, "Sink %s (%s) takes alerts again; what waited is being sent", v->now.name, v->now.to);
	if (!t->down && !t->paused)
		fact_say(&h->to, &up);
}

static void look_at_letters(struct sink_health *h, struct watched_sink *w, const struct sink_view *v, uint64_t now_ns)
{
	struct health_facts f = fact_of(HEALTH_SINK_DEAD_LETTERS, v->now.name, v->told.dead, 0);
	uint64_t more = v->told.dead - w->dead;

	if (!more || (w->dead && now_ns - w->dead_ns < HEALTH_REPEAT_NS))
		return;
	w->dead = v->told.dead;
	w->dead_ns = now_ns;
	fact_text(&f, "The receiver of sink %s refused %" PRIu64 " alert%s for good; it said: %s", v->now.name, more, more == 1 ? "" : "s",
		  v->told.dead_why);
	fact_say(&h->to, &f);
}

static void look_at_dropped(struct sink_health *h, struct watched_sink *w, const struct sink_view *v)
{
	struct health_facts f = fact_of(HEALTH_SPOOL_DROPPED, v->now.name, v->told.dropped, 0);

	if (!v->told.dropped || v->told.dropped / 2 < w->dropped)
		return;
	w->dropped = v->told.dropped;
	fact_text(&f, "%" PRIu64 " alerts for sink %s were given up since the start, because the spool is full", f.value, v->now.name);
	fact_say(&h->to, &f);
}

/* Of a sink that is down, that is known. */
static void look_at_age(struct sink_health *h, struct watched_sink *w, const struct sink_view *v, uint64_t now_ns)
{
	uint64_t limit = h->c->health.behind;
	struct health_facts f = fact_of(HEALTH_SINK_BEHIND, v->now.name, v->now.oldest_ns / SECOND, limit / SECOND);

	if (!limit || v->now.oldest_ns < limit || v->told.down || v->told.paused) {
		w->behind.on = false;
		return;
	}
	fact_text(&f, "The oldest of %" PRIu64 " records for sink %s (%s) has waited for %" PRIu64 " s", v->now.depth, v->now.name, v->now.to,
		  f.value);
	fact_begins(&w->behind, &f);
	fact_goes_on(&h->to, &w->behind, now_ns, HEALTH_REPEAT_NS);
}

static void look_at_verification(struct sink_health *h, struct watched_sink *w, const struct sink_view *v, uint64_t now_ns)
{
	struct health_facts f = fact_of(HEALTH_SINK_INSECURE, v->now.name, 0, 0);

	if (!v->told.insecure)
		return;
	fact_text(&f, "Sink %s (%s) does not verify who its receiver is (insecure is set)", v->now.name, v->now.to);
	fact_begins(&w->insecure, &f);
	fact_goes_on(&h->to, &w->insecure, now_ns, HOUR_NS);
}

void sink_health_look(struct sink_health *h, const struct sink_view *views)
{
	uint64_t now_ns = clock_now();

	for (uint32_t i = 0; i < h->c->sink_count; i++) {
		struct watched_sink *w = &h->sinks[i];

		look_at_connection(h, w, &views[i], now_ns);
		look_at_letters(h, w, &views[i], now_ns);
		look_at_dropped(h, w, &views[i]);
		look_at_age(h, w, &views[i], now_ns);
		look_at_verification(h, w, &views[i], now_ns);
	}
}
