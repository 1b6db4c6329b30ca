#include "sensor/health.h"

#include "alert/store_live.h"
#include "base/clock.h"
#include "sensor/iface.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/timex.h>

#define SECOND UINT64_C(1000000000)
#define HOUR_NS (3600 * SECOND)
#define SETTLE_NS (60 * SECOND)         /* before the clock is called adrift: it may still be starting */
#define MILLION 1000000u
#define TOLD_AT_ONCE 10                 /* times that an interface came or went, in one look */
#define ENOUGH 200                      /* of what a share is taken of, in one window */

enum lasting { LASTS_GONE, LASTS_SILENCE, LASTS_ONE_WAY, LASTS_DUPLICATES, LASTS_UNDECODED, LASTS_DROPS, LASTS_COUNT };

struct watched {                        /* one interface */
	struct figures before;          /* at the beginning of the window */
	uint64_t packets, packet_ns;    /* when the count was last seen to rise */
	uint32_t ups, gone;             /* as told */
	bool is_up;
	struct lasting_fact lasting[LASTS_COUNT];
};

enum {
	LIMIT_FLOWS, LIMIT_HELD, LIMIT_REQUESTS, LIMIT_DECODED, LIMIT_APPLICATIONS, LIMIT_ALERTS, LIMIT_WAITING,
	LIMIT_THRESHOLDS, LIMIT_TARGETS, LIMIT_ASSETS, LIMIT_CONVERSATIONS, LIMIT_SERVICES, LIMIT_FINDINGS, LIMITS
};

struct health {
	const struct sensor_config *c;
	struct fact_sayer to;
	struct watched watched[CONFIG_INTERFACES_MAX];
	struct lasting_fact database, adrift;
	uint64_t damaged, replaced;     /* databases, as told */
	uint64_t limit_told[LIMITS], limit_said_ns[LIMITS];
	uint64_t started_ns, window_ns, beat_ns, moves;
};

struct health *health_new(const struct sensor_config *c, fact_fn *say, void *arg)
{
	struct health *h = calloc(1, sizeof *h);

	if (!h)
		return NULL;
	h->c = c;
	h->to = (struct fact_sayer){ say, arg };
	h->started_ns = h->window_ns = h->beat_ns = clock_now();
	for (unsigned i = 0; i < c->interface_count; i++)
		h->watched[i].packet_ns = h->started_ns;
	return h;
}

void health_free(struct health *h)
{
	free(h);
}

/* --- an interface -------------------------------------------------------------------------------- */

static void look_at_offloads(struct health *h, const char *name)
{
	char words[IFACE_MERGES_TEXT];
	struct iface i;
	struct health_facts f = fact_of(HEALTH_OFFLOADS, name, 0, 0);

	iface_read(name, &i);
	if (!i.exists || !(i.offloads & IFACE_MERGES))
		return;
	fact_text(&f, "%s merges packets (%s)", name, iface_merges(&i, words));
	fact_say(&h->to, &f);
}

static void say_gone(struct health *h, struct watched *w, const char *name, const struct port_view *p, uint64_t now_ns)
{
	struct health_facts f = fact_of(HEALTH_INTERFACE_GONE, name, p->gone, 0);

	fact_text(&f, "%.180s", p->last);
	fact_begins(&w->lasting[LASTS_GONE], &f);
	fact_goes_on(&h->to, &w->lasting[LASTS_GONE], now_ns, HEALTH_REPEAT_NS);
}

static void say_back(struct health *h, struct watched *w, const char *name, const struct port_view *p)
{
	struct health_facts f = fact_of(HEALTH_INTERFACE_BACK, name, p->gone, 0);

	fact_text(&f, "%s is back", name);
	if (w->lasting[LASTS_GONE].on || w->ups > 1)
		fact_say(&h->to, &f);
	w->lasting[LASTS_GONE].on = false;
	look_at_offloads(h, name);
}

/* Also what came and went between two looks is told. */
static void look_at_port(struct health *h, struct watched *w, const char *name, const struct port_view *p,
			 uint64_t now_ns)
{
	for (unsigned n = 0; n < TOLD_AT_ONCE && (w->gone != p->gone || w->ups != p->ups); n++) {
		if (w->gone != p->gone && w->ups > w->gone) {
			w->gone++;
			w->lasting[LASTS_GONE].on = false;      /* another time */
			say_gone(h, w, name, p, now_ns);
		} else if (w->ups != p->ups) {
			w->ups++;
			say_back(h, w, name, p);
		}
	}
	w->gone = p->gone;
	w->ups = p->ups;
	w->is_up = p->state == PORT_UP;
	if (p->state == PORT_WAITING && !w->lasting[LASTS_GONE].on)
		say_gone(h, w, name, p, now_ns);
}

static void look_at_silence(struct health *h, struct watched *w, const char *name, const struct figures *n)
{
	uint64_t limit = h->c->health.silence;
	struct lasting_fact *l = &w->lasting[LASTS_SILENCE];

	if (n->packets != w->packets || !w->is_up)
		w->packet_ns = n->at_ns;
	w->packets = n->packets;
	if (!limit || n->at_ns - w->packet_ns < limit) {
		l->on = false;
		return;
	}
	struct health_facts f = fact_of(HEALTH_SILENCE, name, (n->at_ns - w->packet_ns) / SECOND, limit / SECOND);

	fact_text(&f, "No packet has come on %s for %" PRIu64 " s", name, f.value);
	fact_begins(l, &f);
}

/* --- shares over a window ---------------------------------------------------------------------------- */

struct share { enum lasting lasting; enum health_kind kind; uint64_t part, whole; uint32_t limit; const char *what; };

static void look_at_share(struct watched *w, const char *name, const struct share *s)
{
	struct lasting_fact *l = &w->lasting[s->lasting];
	uint64_t ppm = s->whole ? (uint64_t)((unsigned __int128)s->part * MILLION / s->whole) : 0;
	struct health_facts f = fact_of(s->kind, name, ppm, s->limit);

	if (!s->limit || s->whole < ENOUGH || ppm <= s->limit) {
		l->on = false;
		return;
	}
	fact_text(&f, "On %s %" PRIu64 ".%02" PRIu64 " %% of %s (%" PRIu64 " of %" PRIu64 ")", name, ppm / 10000, ppm / 100 % 100,
	     s->what, s->part, s->whole);
	fact_begins(l, &f);
}

static void look_at_shares(struct health *h, struct watched *w, const char *name, const struct figures *n)
{
	const struct figures *b = &w->before;
	const uint64_t step = n->worker.talk.lost_step - b->worker.talk.lost_step;
	const uint64_t lost = figures_lost(n) - figures_lost(b);
	const struct share shares[] = {
		{ LASTS_ONE_WAY, HEALTH_ONE_WAY, n->worker.tcp_one_way - b->worker.tcp_one_way,
		  n->worker.tcp_looked_at - b->worker.tcp_looked_at, h->c->health.one_way,
		  "TCP conversations were seen in one direction only" },
		{ LASTS_DUPLICATES, HEALTH_DUPLICATES, n->worker.copies - b->worker.copies,
		  n->worker.packets - b->worker.packets, h->c->health.duplicates, "packets were copies" },
		{ LASTS_UNDECODED, HEALTH_UNDECODED, step, n->pdus - b->pdus + step, h->c->health.undecoded,
		  "industrial messages were not understood" },
		{ LASTS_DROPS, HEALTH_DROPS, lost, n->packets - b->packets + lost, h->c->health.drops, "packets were lost" },
	};

	for (unsigned i = 0; i < sizeof shares / sizeof shares[0]; i++)
		look_at_share(w, name, &shares[i]);
	w->before = *n;
}

/* --- the sensor ------------------------------------------------------------------------------------------ */

static void look_at_limits(struct health *h, const struct figures *v, const struct recorder_view *r, uint64_t now_ns)
{
	static const char *const names[LIMITS] = {
		"flows", "held-back data", "open requests", "decoded conversations", "applications looked for", "open alerts", "waiting operations",
		"thresholds", "targets", "assets", "conversations", "services", "findings",
	};
	const struct writer_summary *s = &r->summary;
	uint64_t is[LIMITS] = {
		[LIMIT_ALERTS] = s->alerts_evicted, [LIMIT_WAITING] = s->waiting_evicted,
		[LIMIT_THRESHOLDS] = s->thresholds_evicted, [LIMIT_TARGETS] = s->targets_dropped,
		[LIMIT_ASSETS] = s->assets_refused, [LIMIT_CONVERSATIONS] = s->conversations_refused,
		[LIMIT_SERVICES] = s->services_refused,
	};

	for (unsigned i = 0; i < h->c->interface_count; i++) {
		const struct worker_counts *c = &v[i].worker;

		is[LIMIT_FLOWS] += c->flows_evicted;
		is[LIMIT_HELD] += c->buffers_spent;
		is[LIMIT_REQUESTS] += c->talk.txns_spent + c->talk.parts_spent;
		is[LIMIT_DECODED] += c->talk.talks_spent;
		is[LIMIT_APPLICATIONS] += c->classify_crowded;
		is[LIMIT_FINDINGS] += v[i].findings_lost;
	}
	for (unsigned k = 0; k < LIMITS; k++) {
		struct health_facts f = fact_of(HEALTH_LIMIT, names[k], is[k], 0);

		if (is[k] == h->limit_told[k] || (h->limit_told[k] && now_ns - h->limit_said_ns[k] < HEALTH_REPEAT_NS))
			continue;
		h->limit_told[k] = is[k];
		h->limit_said_ns[k] = now_ns;
		fact_text(&f, "There is no room for more %s: %" PRIu64 " were given up since the start", names[k], is[k]);
		fact_say(&h->to, &f);
	}
}

static void look_at_file(struct health *h, const struct store_state *s)
{
	bool damaged = s->damaged != h->damaged;
	struct health_facts f = fact_of(HEALTH_DATABASE_REPLACED, damaged ? "damaged" : "removed", s->damaged + s->replaced, 0);

	if (damaged)
		fact_text(&f, "The database was damaged: it was set aside as %.100s, and a new one was started", s->set_aside);
	else
		fact_text(&f, "The database was removed, or another put in its place");
	if (damaged || s->replaced != h->replaced)
		fact_say(&h->to, &f);
	h->damaged = s->damaged;
	h->replaced = s->replaced;
}

static void look_at_database(struct health *h, struct store *store, uint64_t now_ns)
{
	struct store_state s;
	uint64_t lost = 0;

	if (!store)
		return;
	store_live_state(store, &s);
	look_at_file(h, &s);
	for (unsigned i = 0; i < SEV_COUNT; i++)
		lost += s.lost[i];
	if (s.health == STORE_OK || s.health == STORE_OPENING) {
		h->database.on = false;
		return;
	}
	struct health_facts f = fact_of(HEALTH_DATABASE, store_health_word(s.health), lost, 0);

	fact_text(&f, "The database is %s%s%.120s; %" PRIu64 " rows wait, %" PRIu64 " alerts were lost", f.name,
	     s.why[0] ? ": " : "", s.why, s.queued, lost);
	fact_begins(&h->database, &f);
	fact_goes_on(&h->to, &h->database, now_ns, HEALTH_REPEAT_NS);
}

static void look_at_clock(struct health *h, uint64_t now_ns)
{
	struct timex t = { 0 };
	struct clock_jumps j;

	clock_jumps(&j);
	if (j.moves != h->moves) {
		uint64_t by = j.last_ns < 0 ? -(uint64_t)j.last_ns : (uint64_t)j.last_ns;
		struct health_facts f = fact_of(HEALTH_CLOCK_JUMP, "", by / SECOND, h->c->health.clock_jump / SECOND);

		h->moves = j.moves;
		fact_text(&f, "The clock was set %s by %" PRIu64 ".%03" PRIu64 " s", j.last_ns < 0 ? "back" : "forward", by / SECOND,
		     by / 1000000 % 1000);
		if (h->c->health.clock_jump && by >= h->c->health.clock_jump)
			fact_say(&h->to, &f);
	}
	if (now_ns - h->started_ns < SETTLE_NS)
		return;
	h->adrift.on = adjtimex(&t) >= 0 && t.status & STA_UNSYNC;
	if (h->adrift.on) {
		h->adrift.facts = fact_of(HEALTH_CLOCK_ADRIFT, "", 0, 0);
		fact_text(&h->adrift.facts, "The clock of the sensor is not synchronised");
		fact_goes_on(&h->to, &h->adrift, now_ns, HOUR_NS);
	}
}

static void beat(struct health *h, const struct recorder_view *r, uint64_t now_ns)
{
	struct health_facts f = fact_of(HEALTH_HEARTBEAT, "", (now_ns - h->started_ns) / SECOND, 0);

	if (!h->c->health.heartbeat || now_ns - h->beat_ns < h->c->health.heartbeat)
		return;
	h->beat_ns = now_ns;
	fact_text(&f, "The sensor has been running for %" PRIu64 " s and has made %" PRIu64 " alerts", f.value, r->summary.alerts);
	fact_say(&h->to, &f);
}

void health_started(struct health *h)
{
	struct health_facts f = fact_of(HEALTH_STARTED, "", h->c->interface_count, 0);

	fact_text(&f, "The sensor begins to listen on %u interface%s", h->c->interface_count, h->c->interface_count == 1 ? "" : "s");
	fact_say(&h->to, &f);
}

void health_reloaded(struct health *h, bool good, const char *policy_hash)
{
	struct health_facts f = fact_of(good ? HEALTH_RELOAD : HEALTH_RELOAD_FAILED, "", 0, 0);

	if (good)
		fact_text(&f, "Site and rules were loaded again (%.12s)", policy_hash);
	else
		fact_text(&f, "The new site or rules have mistakes; those before (%.12s) stay", policy_hash);
	fact_say(&h->to, &f);
}

void health_look(struct health *h, const struct figures *v, const struct recorder_view *r, struct store *store)
{
	uint64_t now_ns = clock_now();
	bool window = now_ns - h->window_ns >= h->c->health.window;

	for (unsigned i = 0; i < h->c->interface_count; i++) {
		const char *name = h->c->interfaces[i].name;
		struct watched *w = &h->watched[i];

		look_at_port(h, w, name, &v[i].port, now_ns);
		look_at_silence(h, w, name, &v[i]);
		if (window)
			look_at_shares(h, w, name, &v[i]);
		for (unsigned k = 0; k < LASTS_COUNT; k++)
			fact_goes_on(&h->to, &w->lasting[k], now_ns, HEALTH_REPEAT_NS);
	}
	if (window)
		h->window_ns = now_ns;
	look_at_limits(h, v, r, now_ns);
	look_at_database(h, store, now_ns);
	look_at_clock(h, now_ns);
	beat(h, r, now_ns);
}
