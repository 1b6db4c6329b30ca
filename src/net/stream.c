#include "net/stream.h"

#include <string.h>

#define FAR (1 << 20)           /* bytes: a jump no window explains */

struct sink {                   /* what every function here hands on */
	struct pool *segments;
	struct stream_counts *c;
	const struct stream_hooks *h;
};

/* RFC 9293 3.4: sequence numbers compare modulo 2^32. */
static int32_t seq_diff(uint32_t a, uint32_t b)
{
	return (int32_t)(a - b);
}

void mark_of(struct mark *m, const struct packet *p)
{
	m->ts_ns = p->ts_ns;
	m->seq = p->seq;
	m->frame = p->frame;
	m->capture = p->capture;
	m->vlans = p->vlans;
	memcpy(m->vlan, p->vlan, sizeof m->vlan);
	m->has_smac = (p->flags & PKT_HAS_MAC) != 0;
	m->has_dmac = (p->flags & (PKT_HAS_MAC | PKT_NO_DMAC)) == PKT_HAS_MAC;
	memcpy(m->smac, p->smac, 6);
	memcpy(m->dmac, p->dmac, 6);
}

static void deliver(struct stream *s, struct rd bytes, uint32_t missing, const struct mark *m, const struct sink *k)
{
	bool gap = s->gap;

	s->next_seq += bytes.left + missing;
	s->gap = missing > 0;
	if (missing) {
		s->lost += missing;
		k->c->lost_bytes += missing;
	}
	if (bytes.left || missing)
		k->h->bytes(k->h->arg, bytes, m, gap, missing > 0);
}

static void drop_first(struct stream *s, const struct sink *k)
{
	struct segment *g = s->held;

	s->held = g->next;
	s->held_count--;
	pool_put(k->segments, g);
}

/* Delivers what is held and now follows; by: the packet that closed the hole, NULL: each segment's own. */
static void drain(struct stream *s, const struct mark *by, const struct sink *k)
{
	while (s->held && seq_diff(s->held->seq, s->next_seq) <= 0) {
		struct segment *g = s->held;
		uint32_t old = s->next_seq - g->seq;

		if (old < g->len || (old == g->len && g->missing)) {
			struct rd bytes = rd_init(g->bytes + old, g->len - old);

			deliver(s, bytes, g->missing, by ? by : &g->mark, k);
		} else if (old < g->len + g->missing) {
			deliver(s, rd_init(NULL, 0), g->len + g->missing - old, by ? by : &g->mark, k);
		}
		drop_first(s, k);
	}
}

/* Gives up on the bytes before the first held segment. */
static void lose_hole(struct stream *s, const struct sink *k)
{
	uint32_t hole = s->held->seq - s->next_seq;

	if (s->started && hole) {
		s->lost += hole;
		k->c->lost_bytes += hole;
		k->c->gaps++;
		s->gap = 1;
	}
	s->start_seq = s->held->seq;
	s->early = STREAM_EARLY_PACKETS;
	s->started = 1;
	s->next_seq = s->held->seq;
	s->wait_packets = 0;
	drain(s, NULL, k);
	if (s->held)
		s->wait_ns = s->held->mark.ts_ns;
}

/* Keeps bytes for later, in order of sequence; of two segments that begin alike the earlier comes first. */
static bool hold(struct stream *s, uint32_t seq, const uint8_t *p, uint32_t n, uint32_t missing, const struct mark *m,
		 const struct sink *k)
{
	struct segment **link = &s->held;

	do {
		uint32_t len = n < STREAM_SEGMENT_MAX ? n : STREAM_SEGMENT_MAX;
		struct segment *g = s->held_count < STREAM_HELD_MAX ? pool_get(k->segments) : NULL;

		if (!g) {
			k->c->held_full++;
			return false;
		}
		while (*link && seq_diff((*link)->seq, seq) <= 0)
			link = &(*link)->next;
		g->seq = seq;
		g->len = len;
		g->missing = n == len ? missing : 0;
		g->mark = *m;
		memcpy(g->bytes, p, len);
		g->next = *link;
		*link = g;
		if (s->held_count++ == 0) {
			s->wait_ns = m->ts_ns;
			s->wait_packets = 0;
		}
		seq += len;
		p += len;
		n -= len;
	} while (n);
	return true;
}

/* The bytes from the first held segment on, as far as they follow one another. */
static bool begins_a_message(const struct stream *s, const struct sink *k)
{
	uint8_t run[STREAM_START_BYTES];
	uint32_t n = 0;

	for (const struct segment *g = s->held; g && n < sizeof run; g = g->next) {
		uint32_t at = g->seq - s->held->seq, len;

		if (at > n || at + g->len <= n)
			break;
		len = g->len - (n - at);
		if (len > sizeof run - n)
			len = (uint32_t)sizeof run - n;
		memcpy(run + n, g->bytes + (n - at), len);
		n += len;
	}
	return k->h->starts && k->h->starts(k->h->arg, rd_init(run, n));
}

static bool waited_long(const struct stream *s, uint64_t now_ns)
{
	return now_ns > s->wait_ns + STREAM_PATIENCE_NS;
}

/* Is it time to stop waiting for what is missing before the first held segment? */
static bool out_of_patience(const struct stream *s, uint64_t now_ns, const struct sink *k)
{
	if (!s->started)
		return (s->has_ack && seq_diff(s->held->seq, s->acked) <= 0) ||
		       s->held_count >= STREAM_START_SEGMENTS || waited_long(s, now_ns) || begins_a_message(s, k);
	if (s->has_ack)
		return seq_diff(s->acked, s->next_seq) > 0 &&
		       (s->wait_packets >= STREAM_PATIENCE_PACKETS || waited_long(s, now_ns));
	return s->held_count >= STREAM_LONELY_SEGMENTS || now_ns > s->wait_ns + 5 * (uint64_t)STREAM_PATIENCE_NS;
}

static void review(struct stream *s, uint64_t now_ns, const struct sink *k)
{
	if (s->held && s->wait_packets < UINT16_MAX)
		s->wait_packets++;
	while (s->held && out_of_patience(s, now_ns, k))
		lose_hole(s, k);
}

static void restart(struct stream *s, uint32_t next, bool started, const struct sink *k)
{
	while (s->held)
		lose_hole(s, k);
	s->next_seq = next;
	s->gap = s->started;
	s->started = started;
	s->wait_packets = 0;
	s->has_ack = 0;
	s->early = 0;
}

static bool is_far(const struct stream *s, uint32_t seq)
{
	return s->started && (seq_diff(seq, s->next_seq) > FAR || seq_diff(seq, s->next_seq) < -FAR);
}

static void push_data(struct stream *s, const struct packet *p, uint32_t seq, const struct sink *k)
{
	uint32_t missing = p->data_wire_len > p->data_len ? p->data_wire_len - p->data_len : 0;
	struct mark m;
	int32_t ahead;

	mark_of(&m, p);
	if (s->early)
		s->early--;
	while (s->held && is_far(s, seq))       /* what is held may be of the stream to which this belongs */
		lose_hole(s, k);
	if (is_far(s, seq))
		restart(s, seq, true, k);
	while (!s->started) {
		if (hold(s, seq, p->data, p->data_len, missing, &m, k) || !s->held)
			return;
		lose_hole(s, k);                /* starts it: the bytes may follow now, or be held in part */
	}
	ahead = seq_diff(seq, s->next_seq);
	if (ahead > 0) {
		k->c->reordered++;
		while (!hold(s, seq, p->data, p->data_len, missing, &m, k)) {
			if (!s->held)
				return;
			lose_hole(s, k);
			if (seq_diff(seq, s->next_seq) <= 0)
				break;
		}
		ahead = seq_diff(seq, s->next_seq);
		if (ahead > 0)
			return;
	}
	uint32_t old = (uint32_t)-ahead;

	if (old >= p->data_len + missing) {
		if (s->early && seq + p->data_len == s->start_seq && !missing && k->h->early) {
			s->start_seq = seq;
			k->h->early(k->h->arg, rd_init(p->data, p->data_len), &m);
		} else {
			k->c->retransmitted++;
		}
		return;
	}
	if (old <= p->data_len)
		deliver(s, rd_init(p->data + old, p->data_len - old), missing, &m, k);
	else
		deliver(s, rd_init(NULL, 0), p->data_len + missing - old, &m, k);
	drain(s, &m, k);
}

void stream_push(struct stream *s, const struct packet *p, struct pool *segments, struct stream_counts *c,
		 const struct stream_hooks *h)
{
	struct sink k = { segments, c, h };
	uint32_t seq = p->tcp_seq;

	if (p->tcp_flags & TCP_SYN) {
		seq++;
		if (!s->started || seq_diff(seq, s->next_seq) > 0 || seq_diff(seq, s->next_seq) < -FAR) {
			restart(s, seq, true, &k);
			s->gap = 0;
		}
	}
	if (p->data_wire_len)
		push_data(s, p, seq, &k);
	if (s->held)
		review(s, p->ts_ns, &k);
}

void stream_acked(struct stream *s, uint32_t ack, bool with_data, uint64_t now_ns, struct pool *segments, struct stream_counts *c,
		  const struct stream_hooks *h)
{
	struct sink k = { segments, c, h };

	if (!s->has_ack || seq_diff(ack, s->acked) > 0) {
		s->acked = ack;
		s->has_ack = 1;
	}
	while (with_data && s->held && seq_diff(s->acked, s->held->seq) > 0 && begins_a_message(s, &k))
		lose_hole(s, &k);
	if (s->held)
		review(s, now_ns, &k);
}

void stream_tick(struct stream *s, uint64_t now_ns, struct pool *segments, struct stream_counts *c,
		 const struct stream_hooks *h)
{
	struct sink k = { segments, c, h };

	while (s->held && out_of_patience(s, now_ns, &k))
		lose_hole(s, &k);
}

void stream_flush(struct stream *s, struct pool *segments, struct stream_counts *c, const struct stream_hooks *h)
{
	struct sink k = { segments, c, h };

	while (s->held)
		lose_hole(s, &k);
}
