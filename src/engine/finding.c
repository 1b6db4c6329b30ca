#include "engine/finding.h"

#include "policy/map.h"

struct flow_record { struct finding h; struct ot_head first; struct flow_facts facts; };
struct event_record { struct finding h; uint64_t n, first_ns, last_ns; struct ot_event ev; };
struct no_answer_record {
	struct finding h;
	uint64_t req_seq, now_ns;
	uint32_t frame;
	uint16_t capture, pdu;
	bool other_side_seen;
};

static void *reserve(struct findings *f, uint32_t n, enum finding_kind kind, enum finding_weight weight)
{
	struct finding *h = f->room(f, n, kind, weight);

	if (!h)
		return NULL;
	h->order = worker_order(f->worker);
	h->kind = kind;
	return h;
}

static enum finding_weight weight_of(const struct ot_event *ev)
{
	return ev->matches || ev->flags & EV_REQUEST_MATCHED ? FINDING_HEAVY : FINDING_LIGHT;
}

static void put_event(struct findings *f, enum finding_kind kind, const struct ot_event *ev, uint64_t n, uint64_t first_ns,
		      uint64_t last_ns)
{
	uint32_t size = (uint32_t)(offsetof(struct event_record, ev) +
				   (ev->has & HAS_IDENTITY ? sizeof *ev : offsetof(struct ot_event, identity)));
	struct event_record *r = reserve(f, size, kind, kind == FINDING_EVENT ? weight_of(ev) : FINDING_LIGHT);

	if (!r)
		return;
	r->n = n;
	r->first_ns = first_ns;
	r->last_ns = last_ns;
	ot_event_copy(&r->ev, ev);
	ring_publish(f->ring);
}

static void on_event(void *arg, const struct ot_event *ev)
{
	put_event(arg, FINDING_EVENT, ev, 0, 0, 0);
}

static void on_count(void *arg, const struct ot_event *like, uint64_t n, uint64_t first_ns, uint64_t last_ns)
{
	put_event(arg, FINDING_COUNT, like, n, first_ns, last_ns);
}

static void on_flow(void *arg, const struct ot_head *first, const struct flow_facts *facts)
{
	struct findings *f = arg;
	struct flow_record *r = reserve(f, sizeof *r, FINDING_FLOW, FINDING_LIGHT);

	if (!r)
		return;
	r->first = *first;
	r->facts = *facts;
	ring_publish(f->ring);
}

static void on_no_answer(void *arg, uint64_t req_seq, uint16_t capture, uint32_t frame, uint16_t pdu, uint64_t now_ns,
			 bool other_side_seen)
{
	struct findings *f = arg;
	struct no_answer_record *r = reserve(f, sizeof *r, FINDING_NO_ANSWER, FINDING_HEAVY);

	if (!r)
		return;
	r->req_seq = req_seq;
	r->capture = capture;
	r->frame = frame;
	r->pdu = pdu;
	r->now_ns = now_ns;
	r->other_side_seen = other_side_seen;
	ring_publish(f->ring);
}

struct worker_hooks findings_hooks(struct findings *f)
{
	return (struct worker_hooks){ f, on_event, on_flow, on_count, on_no_answer };
}

bool findings_mark(struct findings *f, enum finding_kind kind, struct order at)
{
	struct finding *h = f->room(f, sizeof *h, kind, FINDING_HEAVY);

	if (!h)
		return false;
	h->order = at;
	h->kind = kind;
	ring_publish(f->ring);
	return true;
}

void finding_map(struct finding *h, const struct policy_map *map)
{
	struct event_record *e = (void *)h;
	struct flow_record *f = (void *)h;

	if (h->kind == FINDING_EVENT || h->kind == FINDING_COUNT) {
		policy_map_event(map, &e->ev);
	} else if (h->kind == FINDING_FLOW) {
		policy_map_side(map, &f->first.src);
		policy_map_side(map, &f->first.dst);
	}
}

void finding_tell(const struct finding *h, const struct worker_hooks *k)
{
	const struct event_record *e = (const void *)h;
	const struct flow_record *f = (const void *)h;
	const struct no_answer_record *a = (const void *)h;

	switch ((enum finding_kind)h->kind) {
	case FINDING_EVENT:
		k->event(k->arg, &e->ev);
		break;
	case FINDING_COUNT:
		k->count(k->arg, &e->ev, e->n, e->first_ns, e->last_ns);
		break;
	case FINDING_FLOW:
		k->flow(k->arg, &f->first, &f->facts);
		break;
	case FINDING_NO_ANSWER:
		k->no_answer(k->arg, a->req_seq, a->capture, a->frame, a->pdu, a->now_ns, a->other_side_seen);
		break;
	case FINDING_MARK:
	case FINDING_POLICY:
	case FINDING_END:
		break;
	}
}
