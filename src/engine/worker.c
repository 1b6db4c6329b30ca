#include "engine/worker.h"

#include "classify/classify.h"
#include "engine/novelty.h"
#include "net/dup.h"
#include "net/flow.h"
#include "policy/map.h"

#include <assert.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#define WORKER_TALKS 32768
#define WORKER_TXNS 16384
#define WORKER_PARTS 32768
#define WORKER_SMALL_BUFFERS 8192
#define WORKER_LARGE_BUFFERS 256
#define WORKER_SEGMENTS 4096
#define SEGMENT_CACHE 8
#define SETTLED_TRIES 4                 /* segments that no dissector believed: it speaks something else */
#define NAMED UINT16_MAX                /* in flow.side[0].label: the verdict is in; else the flow's place, 0 none */
#define WAITED ((uint64_t)1 << 61)      /* in a tick: behind the requests that are given up */
#define OVERDUE ((uint64_t)3 << 60)     /* then the flows whose application is waited for no more */
#define LATE ((uint64_t)1 << 62)        /* and behind those, the flows that end */

struct worker {
	struct worker_config conf;
	struct worker_hooks hooks;
	struct dup *dup;
	struct flow_table *flows;
	struct pool *segments;
	struct novelty *novelty;
	struct classify *classify;              /* NULL: not wanted, or built without */
	struct dissect_core core;
	struct stream_hooks stream_hooks;
	struct worker_counts counts;
	bool finishing;
	uint8_t epoch;                  /* of the policy */
	bool settle_again;              /* flows of earlier epochs: the policy says something else now */
	uint16_t segment;               /* of conf.segment */
	uint64_t now_ns;
	struct order order;

	struct flow *waiting, **waiting_end;    /* flows that hold segments back, since longest first */

	/* delivery in hand */
	struct flow *flow;
	unsigned direction;

	struct { uint16_t capture, vlan[2], segment; uint8_t vlans, used; } seen[SEGMENT_CACHE];
};

/* --- what the dissectors say ----------------------------------------------------------- */

static bool must_go_out(const struct ot_event *ev)
{
	return ev->matches || (ev->flags & EV_REQUEST_MATCHED) || (ev->has & (HAS_IDENTITY | HAS_CONNECTION));
}

static void on_event(void *arg, struct ot_event *ev)
{
	struct worker *w = arg;
	struct novel *e = NULL;
	bool is_new = true;

	if (!w->conf.every_event)
		e = novelty_of(w->novelty, ev, w->core.flow->pair_hash, &is_new);
	if (w->conf.policy) {
		if (is_new || e->by_value) {
			policy_judge(w->conf.policy, ev);
			if (e)
				novelty_verdict(w->novelty, e, ev);
		} else {
			ev->verdict = e->verdict;
			ev->matches = e->matches;
			memcpy(ev->match, e->match, ev->matches * sizeof ev->match[0]);
		}
	}
	if (!is_new && must_go_out(ev)) {
		ev->flags |= EV_COUNTED;
		w->hooks.event(w->hooks.arg, ev);
		ev->flags = (uint8_t)(ev->flags & ~EV_COUNTED);
	}
	if (is_new)
		w->hooks.event(w->hooks.arg, ev);
	else
		novelty_count(e, ev->head.ts_ns);
}

static void on_no_answer(void *arg, const struct txn *t, bool other_side_seen)
{
	struct worker *w = arg;

	w->order.sub = t->order;
	w->hooks.no_answer(w->hooks.arg, t->seq, t->capture, t->frame, t->pdu, w->now_ns, other_side_seen);
}

static void on_repeats(void *arg, const struct ot_event *like, uint64_t n, uint64_t first_ns, uint64_t last_ns)
{
	struct worker *w = arg;

	w->hooks.count(w->hooks.arg, like, n, first_ns, last_ns);
}

static void flow_head(const struct worker *w, const struct flow *f, unsigned direction, const struct mark *m, struct ot_head *h)
{
	(void)w;
	memset(h, 0, sizeof *h);
	h->ts_ns = m->ts_ns;
	h->seq = m->seq;
	h->flow_id = f->id;
	h->frame = m->frame;
	h->capture = m->capture;
	h->segment = f->key.segment;
	h->vlans = m->vlans;
	memcpy(h->vlan, m->vlan, sizeof h->vlan);
	h->ip_proto = f->key.ip_proto;
	h->src.ip = direction ? f->key.hi : f->key.lo;
	h->dst.ip = direction ? f->key.lo : f->key.hi;
	h->src.port = direction ? f->key.hi_port : f->key.lo_port;
	h->dst.port = direction ? f->key.lo_port : f->key.hi_port;
	h->src.zone = f->side[direction].zone;
	h->dst.zone = f->side[!direction].zone;
	h->src.asset = f->side[direction].asset;
	h->dst.asset = f->side[!direction].asset;
	h->src.has_mac = m->has_smac;
	h->dst.has_mac = m->has_dmac;
	memcpy(h->src.mac, m->smac, 6);
	memcpy(h->dst.mac, m->dmac, 6);
}

static void on_mismatch(void *arg, const struct flow *f, const struct dissector *expected, const struct mark *m)
{
	struct worker *w = arg;
	struct flow_facts facts = { .ip_proto = f->key.ip_proto, .expected = expected->proto, .mismatch = true };
	struct ot_head h;

	flow_head(w, f, w->direction, m, &h);
	for (int i = 0; i < 4 && expected->tcp_ports[i]; i++)
		if (h.src.port == expected->tcp_ports[i] || h.dst.port == expected->tcp_ports[i])
			facts.server_port = expected->tcp_ports[i];
	w->hooks.flow(w->hooks.arg, &h, &facts);
}

/* --- packets --------------------------------------------------------------------------- */

static uint16_t segment_of(struct worker *w, const struct packet *p)
{
	unsigned at = (p->vlan[0] ^ p->capture) % SEGMENT_CACHE;
	const char *name;

	if (!w->conf.policy || !policy_has_site(w->conf.policy))
		return 0;
	if (w->conf.segment)
		return w->segment;
	if (w->seen[at].used && w->seen[at].capture == p->capture && w->seen[at].vlans == p->vlans &&
	    w->seen[at].vlan[0] == p->vlan[0] && w->seen[at].vlan[1] == p->vlan[1])
		return w->seen[at].segment;
	name = w->conf.source_name ? w->conf.source_name(w->conf.source_arg, p->capture) : "";
	w->seen[at].used = 1;
	w->seen[at].capture = p->capture;
	w->seen[at].vlans = p->vlans;
	w->seen[at].vlan[0] = p->vlan[0];
	w->seen[at].vlan[1] = p->vlan[1];
	w->seen[at].segment = policy_segment(w->conf.policy, name, p->vlan, p->vlans);
	return w->seen[at].segment;
}

static void place(struct worker *w, struct flow *f, bool hi, const struct packet *p, bool has_mac, const uint8_t mac[6])
{
	struct ot_side s = { .ip = hi ? f->key.hi : f->key.lo, .port = hi ? f->key.hi_port : f->key.lo_port,
			     .has_mac = has_mac };

	memcpy(s.mac, mac, 6);
	policy_place(w->conf.policy, f->key.segment, p->vlan, p->vlans, &s);
	f->side[hi].zone = s.zone;
	f->side[hi].asset = s.asset;
}

static void tell_flow(struct worker *w, const struct flow *f, unsigned direction, const struct mark *m, struct flow_facts *facts)
{
	struct ot_head h;

	flow_head(w, f, direction, m, &h);
	facts->ip_proto = f->key.ip_proto;
	facts->roles_known = f->syn != 0;
	facts->dst_first = f->side[!direction].first;
	facts->answered = f->side[0].packets && f->side[1].packets;
	if (f->syn)                     /* who sent the SYN asks */
		facts->server_port = f->syn == 1 ? f->key.hi_port : f->key.lo_port;
	else
		facts->server_port = f->key.lo_port < f->key.hi_port ? f->key.lo_port : f->key.hi_port;
	w->hooks.flow(w->hooks.arg, &h, facts);
}

static void place_both(struct worker *w, struct flow *f, unsigned direction, const struct packet *p)
{
	f->epoch = w->epoch;
	if (!w->conf.policy || !policy_has_site(w->conf.policy))
		return;
	place(w, f, direction == 1, p, p->flags & PKT_HAS_MAC, p->smac);
	place(w, f, direction == 0, p, (p->flags & (PKT_HAS_MAC | PKT_NO_DMAC)) == PKT_HAS_MAC, p->dmac);
}

static void new_flow(struct worker *w, struct flow *f, unsigned direction, const struct packet *p)
{
	unsigned syn = p->tcp_flags & (TCP_SYN | TCP_ACK);
	struct mark m;

	w->counts.flows++;
	place_both(w, f, direction, p);
	if (p->ip_proto == 6 && syn & TCP_SYN)
		f->syn = (uint8_t)(1u << (syn == TCP_SYN ? direction : !direction));
	mark_of(&m, p);
	tell_flow(w, f, direction, &m, &(struct flow_facts){ .is_new = true });
}

static void deliver(void *arg, struct rd bytes, const struct mark *m, bool gap, bool cut)
{
	struct worker *w = arg;

	talk_bytes(&w->core, w->flow, w->direction, bytes, m, gap, cut);
}

static bool starts(void *arg, struct rd bytes)
{
	const struct worker *w = arg;

	return talk_starts(w->flow, bytes);
}

static void early(void *arg, struct rd bytes, const struct mark *m)
{
	struct worker *w = arg;

	talk_early(&w->core, w->flow, w->direction, bytes, m);
}

static bool holds(const struct flow *f)
{
	return f->side[0].stream.held || f->side[1].stream.held;
}

/* --- what no dissector claims ------------------------------------------------------------- */

static bool claimed(const struct flow *f)
{
	return f->upper && ((const struct talk *)f->upper)->dissector;
}

/* Once for each flow: no dissector knows what it speaks, and all that will be known of it is, so that conduits
 * can be asked about it as a whole. */
static void tell_decided(struct worker *w, struct flow *f, unsigned direction, const struct mark *m)
{
	tell_flow(w, f, direction, m, &(struct flow_facts){ .decided = true, .app = f->side[0].app, .risks = f->side[1].label });
	f->settled = 1;
}

static void keep_label(struct flow *f, const struct app_label *label)
{
	f->side[0].label = NAMED;
	f->side[0].app = label->app;
	f->side[1].label = label->risks;
}

static bool was_offered(const struct flow *f)
{
	return f->upper || f->upper_tries;
}

/* No dissector will claim it. An application that was recognised is believed over one that is still looking for
 * its first message, but not before it had some tries. */
static bool nobodys(const struct flow *f, bool closed)
{
	bool app = f->side[0].app != APP_NONE;

	if (f->key.ip_proto != 6)
		return !f->upper;
	if (closed)
		return was_offered(f);
	return (app || !f->upper) && f->upper_tries >= (app && !f->upper ? 1 : SETTLED_TRIES);
}

static bool has_place(const struct flow *f)
{
	return f->side[0].label && f->side[0].label != NAMED;
}

/* A flow that has a place shall have no more of it. */
static void give_up(struct worker *w, struct flow *f)
{
	struct classify_last last;
	struct app_label label;

	if (claimed(f)) {
		classify_drop(w->classify, &f->side[0].label);
		return;
	}
	classify_end(w->classify, &f->side[0].label, &last, &label);
	keep_label(f, &label);
	if (nobodys(f, false))
		tell_decided(w, f, last.direction, &last.mark);
}

static void review_unnamed(struct worker *w, uint64_t now_ns)
{
	struct flow *f;

	while (w->classify && (f = classify_overdue(w->classify, now_ns))) {
		w->order.sub = w->core.order = OVERDUE | classify_since(w->classify, f->side[0].label);
		give_up(w, f);
	}
}

/* Whether all that can be known of its application is known. What no dissector has seen yet, since it came out of
 * order, is not shown to anybody else first. */
static bool named(struct worker *w, struct flow *f, unsigned direction, const struct packet *p)
{
	uint16_t *place = &f->side[0].label;
	struct app_label label;
	struct flow *oldest;

	if (!w->classify || *place == NAMED || (p->ip_proto != 6 && p->ip_proto != 17))
		return true;
	if (!p->data_len || (p->ip_proto == 6 && (!was_offered(f) || holds(f))))
		return !*place;
	if (!*place && (oldest = classify_crowded(w->classify))) {
		w->counts.classify_crowded++;
		give_up(w, oldest);
	}
	if (!classify_packet(w->classify, f, place, direction, p, &label))
		return false;
	keep_label(f, &label);
	return true;
}

static void settle(struct worker *w, struct flow *f, unsigned direction, const struct packet *p)
{
	bool closed = f->fin == 3 && !holds(f);
	struct mark m;

	if (claimed(f)) {
		if (has_place(f))
			classify_drop(w->classify, &f->side[0].label);
		f->settled = 1;
		return;
	}
	if (!named(w, f, direction, p)) {
		struct classify_last last;
		struct app_label label;

		if (!closed)
			return;
		classify_end(w->classify, &f->side[0].label, &last, &label);
		keep_label(f, &label);
	}
	if (nobodys(f, closed) && (p->ip_proto != 17 || p->data_len)) {
		mark_of(&m, p);
		tell_decided(w, f, direction, &m);
	}
}

/* The first packet of a flow under another policy. What nobody decodes is asked about once more. */
static void old_flow(struct worker *w, struct flow *f, unsigned direction, const struct packet *p)
{
	place_both(w, f, direction, p);
	if (w->settle_again && !claimed(f))
		f->settled = 0;
}

/* Takes a flow off the list of those that wait; link: the pointer that leads to it. */
static void waits_no_more(struct worker *w, struct flow **link)
{
	struct flow *f = *link;

	*link = f->waits_next;
	if (w->waiting_end == &f->waits_next)
		w->waiting_end = link;
	f->waits = 0;
}

/* Flows that fell silent while they held something back. */
static void review_waiting(struct worker *w, uint64_t now_ns)
{
	for (struct flow **link = &w->waiting; *link;) {
		struct flow *f = *link;

		w->flow = f;
		w->order.sub = w->core.order = WAITED | f->waits_seq;
		for (unsigned d = 0; d < 2; d++) {
			w->direction = d;
			stream_tick(&f->side[d].stream, now_ns, w->segments, &w->counts.stream, &w->stream_hooks);
		}
		if (holds(f))
			link = &f->waits_next;
		else
			waits_no_more(w, link);
	}
}

static void tcp_packet(struct worker *w, struct flow *f, unsigned direction, const struct packet *p)
{
	unsigned syn = p->tcp_flags & (TCP_SYN | TCP_ACK);

	if (syn == TCP_SYN)
		f->syn = (uint8_t)(1u << direction);
	else if (syn == (TCP_SYN | TCP_ACK) && !f->syn)
		f->syn = (uint8_t)(1u << !direction);
	if (p->tcp_flags & TCP_ACK && !(p->tcp_flags & TCP_RST)) {
		w->direction = !direction;
		stream_acked(&f->side[!direction].stream, p->tcp_ack, p->data_wire_len > 0, p->ts_ns, w->segments, &w->counts.stream, &w->stream_hooks);
	}
	w->direction = direction;
	stream_push(&f->side[direction].stream, p, w->segments, &w->counts.stream, &w->stream_hooks);
	if (!f->waits && holds(f)) {
		f->waits = 1;
		f->waits_seq = p->seq;
		f->waits_next = NULL;
		*w->waiting_end = f;
		w->waiting_end = &f->waits_next;
	}
	if (f->side[0].packets + f->side[1].packets == WORKER_LOOK_AT) {
		w->counts.tcp_looked_at++;
		w->counts.tcp_one_way += !f->side[0].packets || !f->side[1].packets;
	}
	if (p->tcp_flags & TCP_FIN)
		f->fin |= (uint8_t)(1u << direction);
	if (p->tcp_flags & TCP_RST)
		f->fin = 3;
	if (f->fin == 3)
		flow_closed(w->flows, f);
}

void worker_packet(struct worker *w, const struct packet *p)
{
	struct flow_at at;
	unsigned direction;
	bool is_new;
	struct flow *f;
	uint64_t copy;

	/* The memory for each step is asked for while the step before is made. */
	flow_locate(w->flows, p, segment_of(w, p), &at);
	copy = dup_hash(w->dup, p);
	flow_expect(w->flows, &at);
	direction = at.direction;
	w->counts.packets++;
	w->order.trigger = w->core.order = p->seq;
	w->order.sub = 0;
	if (p->ts_ns > w->now_ns)
		w->now_ns = p->ts_ns;
	if (dup_check(w->dup, copy, p->ts_ns)) {
		w->counts.copies++;
		return;
	}
	f = flow_get(w->flows, p, &at, &is_new);
	talk_expect(f);
	w->flow = f;
	w->direction = direction;
	if (is_new)
		new_flow(w, f, direction, p);
	else if (f->epoch != w->epoch)
		old_flow(w, f, direction, p);
	if (p->ip_proto == 6) {
		w->counts.tcp++;
		tcp_packet(w, f, direction, p);
	} else if (p->ip_proto == 17) {
		struct mark m;

		w->counts.udp++;
		mark_of(&m, p);
		if (p->data_len)
			talk_datagram(&w->core, f, direction, rd_init(p->data, p->data_len), &m,
				      p->data_wire_len > p->data_len);
	} else {
		w->counts.other++;
	}
	if (!f->settled)
		settle(w, f, direction, p);
}

static void flush_flow(void *arg, struct flow *f)
{
	struct worker *w = arg;

	w->flow = f;
	w->order.sub = w->core.order = LATE | (w->finishing ? f->id : f->listed_seq);
	for (unsigned d = 0; d < 2 && f->key.ip_proto == 6; d++) {
		w->direction = d;
		stream_flush(&f->side[d].stream, w->segments, &w->counts.stream, &w->stream_hooks);
	}
	if (has_place(f))
		give_up(w, f);
}

static void end_flow(void *arg, struct flow *f)
{
	struct worker *w = arg;

	flush_flow(w, f);
	for (struct flow **link = &w->waiting; f->waits && *link; link = &(*link)->waits_next) {
		if (*link == f) {
			waits_no_more(w, link);
			break;
		}
	}
	talk_end(&w->core, f);
}

void worker_tick(struct worker *w, uint64_t seq, uint64_t now_ns)
{
	if (now_ns > w->now_ns)
		w->now_ns = now_ns;
	w->order.trigger = seq;
	talk_tick(&w->core, now_ns);
	review_waiting(w, now_ns);
	review_unnamed(w, now_ns);
	flow_tick(w->flows, now_ns);
}

void worker_finish(struct worker *w, uint64_t now_ns)
{
	if (now_ns > w->now_ns)
		w->now_ns = now_ns;
	w->finishing = true;
	w->order.trigger = ORDER_FINISH;
	flow_each(w->flows, flush_flow, w);
	w->order.trigger = ORDER_FINISH + 1;
	talk_tick(&w->core, UINT64_MAX);
	w->order.trigger = ORDER_FINISH + 2;
	w->order.sub = 0;
	flow_end_all(w->flows);
	if (w->novelty)
		novelty_flush(w->novelty);
}

static void map_flow(void *arg, struct flow *f)
{
	const struct policy_map *map = arg;

	for (unsigned d = 0; d < 2; d++) {
		f->side[d].zone = policy_map_zone(map, f->side[d].zone);
		f->side[d].asset = policy_map_asset(map, f->side[d].asset);
	}
}

static void use_policy(struct worker *w, const struct policy *p)
{
	w->conf.policy = p;
	w->segment = p && w->conf.segment && policy_has_site(p) ? policy_segment_find(p, w->conf.segment) : 0;
	memset(w->seen, 0, sizeof w->seen);
}

void worker_policy(struct worker *w, const struct policy *policy, const struct policy_map *map)
{
	w->settle_again = strcmp(policy_hash(w->conf.policy), policy_hash(policy)) != 0;
	w->epoch++;
	flow_each(w->flows, map_flow, (void *)map);
	if (w->novelty)
		novelty_policy(w->novelty, map);
	use_policy(w, policy);
}

void worker_repeats(struct worker *w, unsigned part, unsigned parts)
{
	if (w->novelty)
		novelty_flush_part(w->novelty, part, parts);
}

struct order worker_order(const struct worker *w)
{
	return w->order;
}

struct worker *worker_new(const struct worker_config *c, const struct worker_hooks *h)
{
	struct worker *w = calloc(1, sizeof *w);
	struct talk_hooks th = { .arg = w, .event = on_event, .no_answer = on_no_answer, .mismatch = on_mismatch };

	if (!w)
		return NULL;
	w->conf = *c;
	w->hooks = *h;
	w->waiting_end = &w->waiting;
	w->stream_hooks = (struct stream_hooks){ w, deliver, starts, early };
	use_policy(w, c->policy);
	w->dup = dup_new();
	w->flows = flow_table_new(c->flows ? c->flows : WORKER_FLOWS, end_flow, w);
	w->segments = pool_new("segments", sizeof(struct segment), WORKER_SEGMENTS);
	if (!c->every_event)
		w->novelty = novelty_new(on_repeats, w);
	if (c->classify)
		w->classify = classify_new(CLASSIFY_FLOWS, c->classify_now);
	if ((c->classify && classify_version() && !w->classify) || !w->dup || !w->flows || !w->segments || (!c->every_event && !w->novelty) ||
	    !talks_init(&w->core, &th, WORKER_TALKS, WORKER_TXNS, WORKER_PARTS, WORKER_SMALL_BUFFERS,
			WORKER_LARGE_BUFFERS)) {
		worker_free(w);
		return NULL;
	}
	return w;
}

void worker_free(struct worker *w)
{
	if (!w)
		return;
	talks_fini(&w->core);
	novelty_free(w->novelty);
	classify_free(w->classify);
	pool_free(w->segments);
	flow_table_free(w->flows);
	dup_free(w->dup);
	free(w);
}

void worker_counts(const struct worker *w, struct worker_counts *out)
{
	*out = w->counts;
	out->talk = w->core.counts;
	out->flows_evicted = flow_evicted(w->flows);
	out->buffers_spent = w->core.buffers.spent;
	out->segments_high = pool_high_water(w->segments);
	if (w->classify) {
		struct classify_counts c;

		classify_counts(w->classify, &c);
		out->classified = c.flows;
		out->classify_spent = c.spent;
	}
}

/* The struct is counters throughout: 64-bit words, the last of them a high-water mark. */
void worker_counts_add(struct worker_counts *to, const struct worker_counts *more)
{
	uint64_t a[sizeof *to / sizeof(uint64_t)], b[sizeof *to / sizeof(uint64_t)];
	size_t n = sizeof a / sizeof a[0];

	static_assert(offsetof(struct worker_counts, segments_high) == sizeof *to - sizeof(uint64_t), "the last member");
	memcpy(a, to, sizeof a);
	memcpy(b, more, sizeof b);
	for (size_t i = 0; i + 1 < n; i++)
		a[i] += b[i];
	a[n - 1] = a[n - 1] > b[n - 1] ? a[n - 1] : b[n - 1];
	memcpy(to, a, sizeof a);
}
