#include "engine/writer_live.h"

#include "alert/store.h"
#include "base/hash.h"
#include "engine/writer_store.h"

#include <stdlib.h>
#include <string.h>

int writer_go_live(struct writer *w, const struct writer_live *live, struct diag *d)
{
	w->live = live;
	assets_replace(w->assets);
	conversations_replace(w->conversations);
	w->asset_kept = calloc(assets_max(w->assets), sizeof *w->asset_kept);
	w->conversation_kept = calloc(conversations_max(w->conversations), sizeof *w->conversation_kept);
	if (!w->asset_kept || !w->conversation_kept)
		return diag_fail(d, ZT_ENOMEM, "out of memory");
	return ZT_OK;
}

void writer_learning(struct writer *w, bool on)
{
	w->learning = on;
}

uint64_t writer_silent(const struct writer *w)
{
	return w->silent;
}

void writer_health(struct writer *w, const struct health_facts *facts, uint64_t ts_ns)
{
	struct ot_event *ev = &w->bare;
	const struct judged j = { .ev = ev, .health = facts };
	uint16_t match[OT_MATCH_MAX];
	unsigned n;

	memset(ev, 0, offsetof(struct ot_event, value));
	ev->head.ts_ns = ts_ns;
	ev->head.frame = ++w->healths;          /* what tells two of one moment apart */
	ev->dir = DIR_NOTIFY;
	n = policy_judge_stage(w->policy, STAGE_HEALTH, &j, match, OT_MATCH_MAX);
	if (n)
		alerts_judged(w->alerts, STAGE_HEALTH, &j, match, n);
}

void writer_clock(struct writer *w, uint64_t now_ns)
{
	if (now_ns > w->now_ns)
		w->now_ns = now_ns;
	alerts_clock(w->alerts, w->now_ns);
}

/* --- what is kept ---------------------------------------------------------------------------- */

/* What is worth storing at once when it changes. */
static uint64_t sign_of_asset(const struct asset *a)
{
	const uint64_t v[] = {
		a->ip.q[0], a->ip.q[1], a->first_ns, a->site_asset, a->zone, (uint64_t)a->as_client << 16 | a->as_server, (uint64_t)a->macs << 8 | a->sayings,
	};
	return hash_mem(v, sizeof v) | 1;
}

static uint64_t sign_of_conversation(const struct conversation *c)
{
	const uint64_t v[] = { c->serial, c->from, c->to, c->has };

	return hash_mem(v, sizeof v) | 1;
}

/* Is it due? And then it counts as stored. */
static bool due(struct writer *w, struct writer_kept *k, uint64_t sign, uint64_t last_ns, bool all)
{
	bool grown = last_ns > k->at_ns && w->now_ns > k->at_ns && w->now_ns - k->at_ns >= WRITER_KEEP_NS;

	if (!all && k->sign == sign && !grown)
		return false;
	*k = (struct writer_kept){ .sign = sign, .at_ns = w->now_ns };
	return true;
}

static void keep(struct writer *w, bool all, bool counts)
{
	for (uint32_t i = 0; i < assets_count(w->assets); i++) {
		const struct asset *a = assets_at(w->assets, i);
		struct writer_kept *k = &w->asset_kept[i];

		if (a->seen && due(w, k, sign_of_asset(a), a->last_ns, all || (counts && a->last_ns > k->at_ns)))
			(void)writer_store_asset(w, a, NULL);
	}
	for (uint32_t i = 0; i < conversations_rows(w->conversations); i++) {
		const struct conversation *c = conversations_at(w->conversations, i);
		struct writer_kept *k = &w->conversation_kept[i];

		if (due(w, k, sign_of_conversation(c), c->last_ns, all || (counts && c->last_ns > k->at_ns)))
			(void)writer_store_conversation(w, c, NULL);
	}
}

static void forget_rules(struct writer *w)
{
	memset(w->rule_stored, 0, (UINT16_MAX + 1u) * sizeof *w->rule_stored);
}

static int by_number(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

/* The table of services has been full: those of machines that gave their place to others go. */
static void make_room(struct writer *w)
{
	uint32_t n = assets_count(w->assets), *serials;

	if (services_refused(w->services) == w->services_refused)
		return;
	serials = malloc((n + 1u) * sizeof *serials);
	for (uint32_t i = 0; serials && i < n; i++)
		serials[i] = assets_at(w->assets, i)->serial;
	if (serials) {
		qsort(serials, n, sizeof *serials, by_number);
		(void)services_keep(w->services, serials, n);
	}
	free(serials);
	w->services_refused = services_refused(w->services);
}

void writer_keep(struct writer *w, bool all)
{
	make_room(w);
	if (!w->store)
		return;
	if (all)
		forget_rules(w);
	keep(w, all, false);
}

/* --- another policy --------------------------------------------------------------------------- */

static uint16_t map_zone(const void *map, uint16_t zone)
{
	return policy_map_zone(map, zone);
}

static uint32_t map_asset(const void *map, uint32_t asset)
{
	return policy_map_asset(map, asset);
}

void writer_policy(struct writer *w, const struct policy *policy, const struct policy_map *map)
{
	alerts_policy(w->alerts, policy, map);
	assets_renumber(w->assets, map_zone, map_asset, map);
	w->policy = policy;
	forget_rules(w);
}

uint32_t writer_site_assets(const struct writer *w)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < assets_count(w->assets); i++)
		n += assets_at(w->assets, i)->site_asset != 0;
	return n;
}

void writer_stop(struct writer *w)
{
	alerts_finish(w->alerts);
	if (w->store)
		keep(w, false, true);
}
