#include "alert/alert.h"

#include "alert/target_set.h"
#include "alert/waiting.h"
#include "base/hash.h"
#include "base/pool.h"
#include "policy/map.h"

#include <assert.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#define NONE UINT32_MAX
#define HOUR_NS (3600 * UINT64_C(1000000000))
#define TARGET_NODES 16384
#define TARGET_SET (1u << 18)           /* distinct targets past the lists, of all alerts together */
#define KEPT_KEYS 4096                  /* a power of two: group keys of kinds of events that repeat themselves */

struct kept_key {
	uint64_t kind;                  /* 0: none */
	struct policy_key group;
	uint16_t rule;
};

struct alerts {
	const struct policy *policy;
	struct alerts_config c;
	struct alert *v;
	uint32_t *bucket;               /* index + 1 */
	uint32_t buckets, used, spare;  /* spare: list through hash_next, index + 1 */
	uint32_t oldest, newest;
	struct thresholds *thresholds;
	struct waitings *waitings;
	struct pool *targets;
	struct target_set *target_set;
	uint64_t serial, now_ns;
	struct alerts_counts n;
	struct kept_key kept[KEPT_KEYS];
};

const char *alert_outcome_word(unsigned outcome)
{
	static const char *const words[] = {
		"", "accepted", "refused", "pending", "no_response", "unknown", "mixed"
	};
	return outcome < sizeof words / sizeof words[0] ? words[outcome] : "unknown";
}

static bool is_open(const void *arg, uint32_t alert, uint32_t serial)
{
	const struct alerts *t = arg;

	return t->v[alert].used && (uint32_t)t->v[alert].serial == serial;
}

struct alerts *alerts_new(const struct policy *p, const struct alerts_config *c)
{
	struct alerts *t = calloc(1, sizeof *t);

	if (!t)
		return NULL;
	t->policy = p;
	t->c = *c;
	t->oldest = t->newest = NONE;
	for (t->buckets = 16; t->buckets < c->open; t->buckets *= 2)
		;
	t->v = calloc(c->open, sizeof *t->v);
	t->bucket = calloc(t->buckets, sizeof *t->bucket);
	t->thresholds = thresholds_new(c->counters, c->hits);
	t->waitings = waitings_new(c->waiting);
	t->targets = pool_new("alert targets", sizeof(struct alert_target_node), TARGET_NODES);
	t->target_set = target_set_new(TARGET_SET, is_open, t);
	if (!t->v || !t->bucket || !t->thresholds || !t->waitings || !t->targets || !t->target_set) {
		alerts_free(t);
		return NULL;
	}
	return t;
}

void alerts_free(struct alerts *t)
{
	if (!t)
		return;
	free(t->v);
	free(t->bucket);
	thresholds_free(t->thresholds);
	waitings_free(t->waitings);
	pool_free(t->targets);
	target_set_free(t->target_set);
	free(t);
}

/* --- the table ---------------------------------------------------------------------------- */

static uint32_t bucket_of(const struct alerts *t, uint16_t rule, const struct policy_key *k)
{
	uint64_t h = (k->a ^ (uint64_t)rule * 0x9e3779b97f4a7c15u) + k->b;

	return (uint32_t)(h ^ h >> 32) & (t->buckets - 1);
}

static void unlink_age(struct alerts *t, struct alert *a)
{
	*(a->older == NONE ? &t->oldest : &t->v[a->older].newer) = a->newer;
	*(a->newer == NONE ? &t->newest : &t->v[a->newer].older) = a->older;
}

static void link_newest(struct alerts *t, struct alert *a)
{
	uint32_t i = (uint32_t)(a - t->v);

	a->older = t->newest;
	a->newer = NONE;
	*(t->newest == NONE ? &t->oldest : &t->v[t->newest].newer) = i;
	t->newest = i;
}

static struct alert *find(const struct alerts *t, uint16_t rule, const struct policy_key *k)
{
	for (uint32_t i = t->bucket[bucket_of(t, rule, k)]; i; i = t->v[i - 1].hash_next) {
		struct alert *a = &t->v[i - 1];

		if (a->rule == rule && a->group.a == k->a && a->group.b == k->b)
			return a;
	}
	return NULL;
}

/* --- telling ------------------------------------------------------------------------------- */

static enum alert_outcome outcome_of(const struct alert *a)
{
	enum alert_outcome one = ALERT_NO_OUTCOME;

	if (!a->asked)
		return ALERT_NO_OUTCOME;
	for (unsigned r = RESULT_ACCEPTED; r < RESULT_COUNT; r++) {
		if (!a->result[r])
			continue;
		if (one != ALERT_NO_OUTCOME)
			return ALERT_MIXED;
		one = (enum alert_outcome)r;            /* the two lists run in step */
	}
	return one == ALERT_NO_OUTCOME ? ALERT_UNKNOWN : one;
}

static_assert((int)ALERT_ACCEPTED == (int)RESULT_ACCEPTED && (int)ALERT_UNKNOWN == (int)RESULT_UNKNOWN,
	      "outcome_of() relies on it");

/* The rule's word, or its milder one while every attempt was refused. */
static uint8_t severity_of(const struct alerts *t, const struct alert *a, enum alert_outcome outcome)
{
	const struct rule *r = policy_rule(t->policy, a->rule);

	return (uint8_t)(outcome == ALERT_REFUSED ? r->severity_refused : r->severity);
}

static void tell(struct alerts *t, struct alert *a)
{
	enum alert_outcome o = outcome_of(a);
	uint8_t s = severity_of(t, a, o);

	if (a->rev)
		t->n.by_severity[a->severity]--;
	t->n.by_severity[s]++;
	a->outcome = (uint8_t)o;
	a->severity = s;
	a->rev++;
	a->told_ns = a->last_ns;
	a->told_count = a->count;
	t->c.tell(t->c.arg, a, t->now_ns);
}

static bool worth_telling(const struct alerts *t, const struct alert *a)
{
	enum alert_outcome o = outcome_of(a);

	if (!a->rev || o != a->outcome || severity_of(t, a, o) != a->severity)
		return true;
	if (a->last_ns > a->told_ns && a->last_ns - a->told_ns >= HOUR_NS)
		return true;
	if (a->count == a->told_count)
		return false;
	for (uint64_t n = 10; n <= a->count; n *= 10) {         /* the 10th, 100th ... hit since the last word */
		if (a->told_count < n)
			return true;
		if (n > UINT64_MAX / 10)
			break;
	}
	return false;
}

/* --- ending --------------------------------------------------------------------------------- */

static void end(struct alerts *t, struct alert *a)
{
	uint32_t i = (uint32_t)(a - t->v) + 1;
	uint32_t *link = &t->bucket[bucket_of(t, a->rule, &a->group)];

	a->ended = 1;
	a->result[RESULT_UNKNOWN] += a->result[RESULT_WAITING];         /* their answers come too late */
	a->result[RESULT_WAITING] = 0;
	tell(t, a);
	while (*link != i)
		link = &t->v[*link - 1].hash_next;
	*link = a->hash_next;
	unlink_age(t, a);
	for (struct alert_target_node *n = a->target, *next; n; n = next) {
		next = n->next;
		pool_put(t->targets, n);
	}
	a->used = 0;
	target_set_ended(t->target_set);
	a->hash_next = t->spare;
	t->spare = i;
}

static uint64_t quiet_after(const struct alerts *t, const struct alert *a)
{
	uint64_t within = policy_rule(t->policy, a->rule)->threshold.within_ns;

	return within > ALERT_QUIET_NS ? within : ALERT_QUIET_NS;
}

static bool is_quiet(const struct alerts *t, const struct alert *a, uint64_t now_ns)
{
	return now_ns > a->last_ns && now_ns - a->last_ns > quiet_after(t, a);
}

void alerts_clock(struct alerts *t, uint64_t now_ns)
{
	if (now_ns > t->now_ns)
		t->now_ns = now_ns;
	while (t->oldest != NONE && is_quiet(t, &t->v[t->oldest], t->now_ns))
		end(t, &t->v[t->oldest]);
}

static int by_serial(const void *x, const void *y)
{
	const struct alert *a = *(struct alert *const *)x, *b = *(struct alert *const *)y;

	return a->serial < b->serial ? -1 : a->serial > b->serial;
}

void alerts_finish(struct alerts *t)
{
	struct alert **open = calloc(t->used + 1, sizeof *open);
	uint32_t n = 0;

	for (uint32_t i = 0; open && i < t->used; i++) {
		if (t->v[i].used)
			open[n++] = &t->v[i];
	}
	if (open)
		qsort(open, n, sizeof *open, by_serial);
	for (uint32_t i = 0; i < n; i++)
		end(t, open[i]);
	free(open);
	while (t->oldest != NONE)               /* without memory to sort: still all of them */
		end(t, &t->v[t->oldest]);
}

/* --- targets --------------------------------------------------------------------------------- */

static bool has_target(const struct ot_event *ev)
{
	return ev->space || ev->tag_len || ev->path_len || ev->has & (HAS_CLASS | HAS_BLOCK | HAS_FIRST);
}

static struct alert_target target_of(const struct ot_event *ev)
{
	return (struct alert_target){
		.space = ev->space, .has = ev->has & (HAS_CLASS | HAS_BLOCK | HAS_FIRST | HAS_COUNT),
		.cls = ev->has & HAS_CLASS ? ev->cls : 0, .block = ev->has & HAS_BLOCK ? ev->block : 0,
		.first = ev->has & HAS_FIRST ? ev->first : 0, .count = ev->has & HAS_COUNT ? ev->count : 0,
		.granule = ev->granule,
	};
}

static uint64_t target_hash(const struct alert_target *x, const struct ot_event *ev)
{
	uint64_t h = (uint64_t)(uintptr_t)x->space;

	h = (h ^ ((uint64_t)x->cls << 32 | x->block)) * 0x9e3779b97f4a7c15u;
	h = (h ^ h >> 29 ^ ((uint64_t)x->first << 32 | x->count)) * 0xbf58476d1ce4e5b9u;
	h = (h ^ h >> 32 ^ ((uint64_t)x->has << 8 | x->granule)) * 0x94d049bb133111ebu;
	if (ev && ev->tag_len)
		h ^= hash_more(h, ev->tag, ev->tag_len);
	if (ev && ev->path_len)
		h ^= hash_more(h, ev->path, ev->path_len);
	return h ^ h >> 31;
}

/* Counts a target past the list once, as long as the set has room. */
static void one_more(struct alerts *t, struct alert *a, uint64_t h)
{
	switch (target_set_add(t->target_set, (uint32_t)(a - t->v), (uint32_t)a->serial, h)) {
	case TARGET_NEW:
		a->targets_more++;
		break;
	case TARGET_KNOWN:
		break;
	case TARGET_DROPPED:
		t->n.targets_dropped++;
		break;
	}
}

static void add_target(struct alerts *t, struct alert *a, const struct alert_target *x, const struct ot_event *ev)
{
	uint64_t h = target_hash(x, ev);

	for (unsigned i = a->targets; i-- > 0;) {
		if (a->target_hash[i] == h)
			return;
	}
	struct alert_target_node *n = a->targets < ALERT_TARGETS_MAX ? pool_get(t->targets) : NULL;

	if (!n) {
		one_more(t, a, h);
		return;
	}
	n->next = NULL;
	n->t = *x;
	n->tag_len = ev ? ev->tag_len : 0;
	n->path_len = ev ? ev->path_len : 0;
	n->route_len = ev ? ev->route_len : 0;
	if (ev) {
		memcpy(n->tag, ev->tag, n->tag_len);
		memcpy(n->path, ev->path, n->path_len);
		memcpy(n->route, ev->route, n->route_len);
	}
	a->target_hash[a->targets++] = h;
	*(a->target ? &a->target_last->next : &a->target) = n;
	a->target_last = n;
}

/* --- hits -------------------------------------------------------------------------------------- */

static enum alert_result result_of(const struct ot_event *ev)
{
	switch (ev->outcome) {
	case OUTCOME_OK: return RESULT_ACCEPTED;
	case OUTCOME_ERROR: return RESULT_REFUSED;
	case OUTCOME_PENDING: return RESULT_PENDING;
	case OUTCOME_NO_RESPONSE: return RESULT_NO_RESPONSE;
	default: return RESULT_UNKNOWN;
	}
}

static void note_frame(struct alert *a, uint16_t capture, uint32_t frame)
{
	if (a->last_at.frame && a->last_at.capture == a->first_at.capture && a->last_at.frame != a->first_at.frame &&
	    a->frames < ALERT_FRAMES_MAX && (!a->frames || a->frame[a->frames - 1] != a->last_at.frame) &&
	    (frame != a->last_at.frame || capture != a->last_at.capture))
		a->frame[a->frames++] = a->last_at.frame;       /* it is no longer the last */
	a->last_at = (struct alert_place){ .frame = frame, .capture = capture };
}

static void note_status(struct alert *a, const struct ot_event *ev)
{
	if (a->has_status || ev->outcome == OUTCOME_OK || !(ev->has & HAS_STATUS))
		return;
	a->has_status = 1;
	a->status = ev->status;
	a->status_name = ev->status_name;
	a->status_exts = ev->status_exts;
	memcpy(a->status_ext, ev->status_ext, sizeof a->status_ext);
}

static void note_answer(struct alert *a, const struct ot_event *ev)
{
	if (!a->answer_at.frame)
		a->answer_at = (struct alert_place){ .frame = ev->head.frame, .capture = ev->head.capture };
	note_status(a, ev);
}

static struct alert *open_alert(struct alerts *t, uint16_t rule, enum stage stage, const struct policy_key *group)
{
	struct alert *a;

	if (t->spare) {
		a = &t->v[t->spare - 1];
		t->spare = a->hash_next;
	} else if (t->used < t->c.open) {
		a = &t->v[t->used++];
	} else {
		t->n.open_evicted++;
		end(t, &t->v[t->oldest]);
		a = &t->v[t->spare - 1];
		t->spare = a->hash_next;
	}
	memset(a, 0, offsetof(struct alert, first));
	uint32_t at = bucket_of(t, rule, group);

	a->used = 1;
	a->rule = rule;
	a->stage = (uint8_t)stage;
	a->about_bytes = alert_about_bytes(policy_rule(t->policy, rule));
	a->group = *group;
	a->serial = ++t->serial;
	a->hash_next = t->bucket[at];
	t->bucket[at] = (uint32_t)(a - t->v) + 1;
	link_newest(t, a);
	t->n.made++;
	return a;
}

/* Does this hit have an outcome? A malformed answer is the outcome of nothing. */
static bool asks(const struct alert *a, const struct ot_event *ev)
{
	if (a->stage == STAGE_FLOW || (a->stage == STAGE_HISTORY && a->history.new_asset))
		return false;
	return ev->proto != PROTO_NONE && (ev->dir == DIR_REQUEST || (ev->dir == DIR_RESPONSE && !a->about_bytes));
}

bool alert_about_bytes(const struct rule *r)
{
	return r->class_word && (strstr(r->class_word, "malformed") || strstr(r->class_word, "undecoded"));
}

static void start(struct alert *a, const struct judged *j)
{
	const struct ot_head *h = &j->ev->head;

	ot_event_copy(&a->first, j->ev);
	a->first_ns = a->last_ns = h->ts_ns;
	a->first_at = (struct alert_place){ .frame = h->frame, .capture = h->capture };
	a->first_pdu = h->pdu;
	a->first_part = j->ev->part;
	if (j->flow)
		a->flow = *j->flow;
	if (j->health)
		a->health = *j->health;
	if (j->history) {
		a->history = *j->history;
		a->subject_is_server = j->history->subject == ot_server(j->ev);
		a->history.subject = NULL;
	}
}

/* The matches of the window that made the threshold, as if the alert had been there from the first. */
static void take_window(struct alerts *t, struct alert *a, uint32_t first)
{
	for (uint32_t i = first; i != HIT_NONE; i = thresholds_at(t->thresholds, i)->next) {
		const struct hit *h = thresholds_at(t->thresholds, i);

		if (i == first) {
			a->first_ns = h->ts_ns;
			a->first_at = (struct alert_place){ .frame = h->frame, .capture = h->capture };
			a->first_pdu = h->pdu;
			a->first_part = h->part;
		}
		if (h->next == HIT_NONE)                /* the match in hand: counted by its own hit */
			break;
		a->count++;
		note_frame(a, h->capture, h->frame);
		if (h->target.space || h->target.has)
			add_target(t, a, &h->target, NULL);
		if (h->result != RESULT_WAITING) {
			a->result[h->result]++;
			continue;
		}
		for (struct waiting *e = waitings_first(t->waitings, h->capture, h->frame, h->pdu); e;
		     e = waitings_next(t->waitings, e)) {
			if (e->part != h->part)
				continue;
			a->result[e->result]++;
			if (e->alert == WAITING_NONE) {
				e->alert = (uint32_t)(a - t->v);
				e->serial = (uint32_t)a->serial;
			}
			break;
		}
	}
	thresholds_taken(t->thresholds);
}

/* The rule's group key, made once for a kind of event. */
static struct policy_key group_of(struct alerts *t, enum stage stage, uint16_t rule, const struct judged *j)
{
	struct kept_key *k = &t->kept[(j->ev->kind ^ rule) & (KEPT_KEYS - 1)];

	if (stage != STAGE_EVENT || !j->ev->kind || !rule_group_of_kind(t->policy, rule))
		return rule_group_key(t->policy, rule, j);
	if (k->kind != j->ev->kind || k->rule != rule)
		*k = (struct kept_key){ j->ev->kind, rule_group_key(t->policy, rule, j), rule };
	return k->group;
}

/* The alert that this match hits or opens; NULL when its threshold is not met. */
static struct alert *met(struct alerts *t, enum stage stage, uint16_t rule, const struct judged *j, bool may_open,
			 bool *is_met)
{
	const struct rule *r = policy_rule(t->policy, rule);
	struct policy_key group = group_of(t, stage, rule, j);
	struct alert *a = find(t, rule, &group);
	uint32_t window = HIT_NONE;

	if (a && is_quiet(t, a, j->ev->head.ts_ns)) {
		end(t, a);
		a = NULL;
	}
	*is_met = a != NULL;
	if (!a) {
		const struct hit h = {
			.what = r->threshold.distinct ? rule_distinct_key(t->policy, rule, j) : (struct policy_key){ 0 },
			.ts_ns = j->ev->head.ts_ns, .frame = j->ev->head.frame, .capture = j->ev->head.capture,
			.pdu = j->ev->head.pdu, .part = j->ev->part, .target = target_of(j->ev),
			.result = (uint8_t)(j->ev->dir == DIR_REQUEST ? RESULT_WAITING :
					    result_of(j->ev)),
		};

		*is_met = thresholds_hit(t->thresholds, rule, &r->threshold,
					 r->threshold.count > 1 ? rule_threshold_key(t->policy, rule, j) : group, &h,
					 &window);
		if (!*is_met || !may_open)
			return NULL;
		a = open_alert(t, rule, stage, &group);
		start(a, j);
		take_window(t, a, window);
	} else if (may_open && a->newer != NONE) {
		unlink_age(t, a);
		link_newest(t, a);
	}
	return may_open ? a : NULL;
}

static void also(struct alert *a, uint16_t rule)
{
	for (unsigned i = 0; i < a->alsos; i++) {
		if (a->also[i] == rule)
			return;
	}
	if (a->alsos < OT_MATCH_MAX)
		a->also[a->alsos++] = rule;
}

static void count_hit(struct alerts *t, struct alert *a, const struct ot_event *ev)
{
	if (ev->head.ts_ns > a->last_ns)
		a->last_ns = ev->head.ts_ns;
	a->count++;
	a->asked |= asks(a, ev);
	a->acts_differ |= ev->act != a->first.act;
	a->funcs_differ |= ev->func != a->first.func || ev->sub != a->first.sub;
	t->n.hits++;
	note_frame(a, ev->head.capture, ev->head.frame);
	if (has_target(ev)) {
		const struct alert_target x = target_of(ev);

		add_target(t, a, &x, ev);
	}
}

/* The one alert of an event: of the rules whose threshold is met the first. NULL: none. */
static struct alert *hit(struct alerts *t, enum stage stage, const struct judged *j, const uint16_t *match, unsigned n)
{
	struct alert *a = NULL;
	bool is_met;

	for (unsigned i = 0; i < n; i++) {
		if (!a)
			a = met(t, stage, match[i], j, true, &is_met);
		else if (n > 1 && (met(t, stage, match[i], j, false, &is_met), is_met))
			also(a, match[i]);
	}
	if (a)
		count_hit(t, a, j->ev);
	return a;
}

/* --- answers --------------------------------------------------------------------------------------- */

static struct alert *alert_of(struct alerts *t, const struct waiting *e)
{
	struct alert *a = e->alert == WAITING_NONE ? NULL : &t->v[e->alert];

	return a && a->used && (uint32_t)a->serial == e->serial ? a : NULL;
}

/* One hit's outcome is known, or known better. */
static void settle(struct alerts *t, struct waiting *e, enum alert_result result, const struct ot_event *answer)
{
	struct alert *a = alert_of(t, e);
	bool final = e->result != RESULT_WAITING && e->result != RESULT_PENDING && e->result != RESULT_NO_RESPONSE;

	if ((final && result != RESULT_REFUSED) || e->result == result)
		return;
	if (a) {
		if (a->result[e->result])
			a->result[e->result]--;
		a->result[result]++;
		if (answer)
			note_answer(a, answer);
	}
	e->result = (uint8_t)result;
	if (a && worth_telling(t, a))
		tell(t, a);
}

/* Which hits of a request PDU an answer speaks of: its own part; an answer without parts speaks of all,
 * but one that only announces its parts leaves them to them. */
static bool speaks_of(const struct ot_event *answer, const struct waiting *e)
{
	if (answer->part)
		return e->part == answer->part || e->part == 0;
	return e->part == 0 || answer->parts == 0;
}

/* Takes from match[] what the request had met as well: the answer is no second hit of that. */
static unsigned without(const struct waiting *e, uint16_t *match, unsigned n)
{
	unsigned left = 0;

	for (unsigned i = 0; i < n; i++) {
		bool same = false;

		for (unsigned k = 0; k < e->matches; k++)
			same |= e->match[k] == match[i];
		if (!same)
			match[left++] = match[i];
	}
	return left;
}

/* Request and answer are one operation: what the answer alone meets and is no worse than the alert that its
 * request made only stands in that alert. */
static unsigned under(struct alerts *t, struct alert *a, const struct judged *j, uint16_t *match, unsigned n)
{
	unsigned left = 0;
	bool is_met;

	for (unsigned i = 0; i < n; i++) {
		if (!a || policy_rule(t->policy, match[i])->severity > policy_rule(t->policy, a->rule)->severity) {
			match[left++] = match[i];
			continue;
		}
		met(t, STAGE_EVENT, match[i], j, false, &is_met);
		if (is_met)
			also(a, match[i]);
	}
	return left;
}

static void answer(struct alerts *t, const struct ot_event *ev, const struct judged *j)
{
	uint16_t match[OT_MATCH_MAX];
	unsigned n = ev->matches;
	struct alert *a;

	memcpy(match, ev->match, n * sizeof match[0]);
	if (ev->has & HAS_REQUEST) {
		for (struct waiting *e = waitings_first(t->waitings, ev->req_capture, ev->req_frame, ev->req_pdu); e;
		     e = waitings_next(t->waitings, e)) {
			if (!speaks_of(ev, e))
				continue;
			if (ev->outcome != OUTCOME_NONE)
				settle(t, e, result_of(ev), ev);
			n = without(e, match, n);
			n = under(t, alert_of(t, e), j, match, n);
		}
	}
	a = n ? hit(t, STAGE_EVENT, j, match, n) : NULL;
	if (!a)
		return;
	if (!a->about_bytes) {
		a->result[result_of(ev)]++;
		note_answer(a, ev);
	}
	if (worth_telling(t, a))
		tell(t, a);
}

/* The entry that this request replaced will never be settled. */
static void gave_up(struct alerts *t, const struct waiting *gone)
{
	struct alert *a = gone->used && gone->result == RESULT_WAITING ? alert_of(t, gone) : NULL;

	if (!a)
		return;
	t->n.waiting_evicted++;
	if (a->result[RESULT_WAITING])
		a->result[RESULT_WAITING]--;
	a->result[RESULT_UNKNOWN]++;
}

/* A request's hit waits for its answer. a NULL: no threshold is met yet. */
static void await(struct alerts *t, struct alert *a, const struct ot_event *ev)
{
	struct waiting gone, *e = waitings_add(t->waitings, ev, &gone);

	gave_up(t, &gone);
	if (!a)
		return;
	e->alert = (uint32_t)(a - t->v);
	e->serial = (uint32_t)a->serial;
	a->result[RESULT_WAITING]++;
}

void alerts_event(struct alerts *t, const struct ot_event *ev)
{
	const struct judged j = { .ev = ev };
	struct alert *a;

	alerts_clock(t, ev->head.ts_ns);
	if (ev->dir == DIR_RESPONSE) {
		answer(t, ev, &j);
		return;
	}
	if (!ev->matches)
		return;
	a = hit(t, STAGE_EVENT, &j, ev->match, ev->matches);
	if (ev->dir == DIR_REQUEST)
		await(t, a, ev);
	if (a && worth_telling(t, a))
		tell(t, a);
}

void alerts_judged(struct alerts *t, enum stage stage, const struct judged *j, const uint16_t *match, unsigned n)
{
	struct alert *a;

	alerts_clock(t, j->ev->head.ts_ns);
	a = n ? hit(t, stage, j, match, n) : NULL;
	if (a && asks(a, j->ev) && j->ev->dir == DIR_REQUEST)
		await(t, a, j->ev);
	else if (a && asks(a, j->ev))
		a->result[result_of(j->ev)]++;
	if (a && worth_telling(t, a))
		tell(t, a);
}

void alerts_no_answer(struct alerts *t, uint16_t capture, uint32_t frame, uint16_t pdu, uint64_t now_ns,
		      bool other_side_seen)
{
	alerts_clock(t, now_ns);
	for (struct waiting *e = waitings_first(t->waitings, capture, frame, pdu); e; e = waitings_next(t->waitings, e)) {
		if (e->result == RESULT_WAITING)
			settle(t, e, other_side_seen ? RESULT_NO_RESPONSE : RESULT_UNKNOWN, NULL);
	}
}

/* One alert under its rule's new number, and where it is found by it. */
static void carry_over(struct alerts *t, struct alert *a, const struct policy_map *map)
{
	unsigned left = 0;
	uint32_t at;

	a->rule = policy_map_rule(map, a->rule);
	a->about_bytes = alert_about_bytes(policy_rule(t->policy, a->rule));
	for (unsigned i = 0; i < a->alsos; i++) {
		uint16_t rule = policy_map_rule(map, a->also[i]);

		if (rule)
			a->also[left++] = rule;
	}
	a->alsos = (uint8_t)left;
	policy_map_event(map, &a->first);
	at = bucket_of(t, a->rule, &a->group);
	a->hash_next = t->bucket[at];
	t->bucket[at] = (uint32_t)(a - t->v) + 1;
}

void alerts_policy(struct alerts *t, const struct policy *p, const struct policy_map *map)
{
	for (uint32_t i = 0; i < t->used; i++) {
		if (t->v[i].used && !policy_map_rule(map, t->v[i].rule))
			end(t, &t->v[i]);
	}
	t->policy = p;
	memset(t->bucket, 0, t->buckets * sizeof *t->bucket);
	for (uint32_t i = 0; i < t->used; i++) {
		if (t->v[i].used)
			carry_over(t, &t->v[i], map);
	}
	memset(t->kept, 0, sizeof t->kept);
	thresholds_policy(t->thresholds, map);
	waitings_policy(t->waitings, map);
}

void alerts_counts(const struct alerts *t, struct alerts_counts *out)
{
	*out = t->n;
	out->counters_evicted = thresholds_evicted(t->thresholds);
}
