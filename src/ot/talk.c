#include "ot/talk.h"

#include "ot/txn.h"

#include <stddef.h>
#include <string.h>

bool talks_init(struct dissect_core *c, const struct talk_hooks *hooks, uint32_t talks, uint32_t txns, uint32_t parts,
		uint32_t small_buffers, uint32_t large_buffers)
{
	memset(c, 0, sizeof *c);
	c->hooks = *hooks;
	c->d.core = c;
	c->talks = pool_new("talks", sizeof(struct talk), talks);
	c->txns = pool_new("open requests", sizeof(struct txn), txns);
	c->parts = pool_new("request parts", sizeof(struct txn_part), parts);
	c->scans = pool_new("scans", sizeof(struct talk_scan), small_buffers);
	return buffers_init(&c->buffers, small_buffers, large_buffers) && c->talks && c->txns && c->parts && c->scans;
}

void talks_fini(struct dissect_core *c)
{
	pool_free(c->talks);
	pool_free(c->txns);
	pool_free(c->parts);
	pool_free(c->scans);
	buffers_fini(&c->buffers);
}

/* --- a PDU is handed to its dissector ------------------------------------------------ */

static void fill_side(struct ot_side *s, const struct flow *f, bool hi, bool has_mac, const uint8_t mac[6])
{
	s->ip = hi ? f->key.hi : f->key.lo;
	s->port = hi ? f->key.hi_port : f->key.lo_port;
	s->zone = f->side[hi].zone;
	s->asset = f->side[hi].asset;
	s->has_mac = has_mac;
	memcpy(s->mac, mac, 6);
}

static void fill_head(struct dissect_core *c, const struct mark *m, unsigned direction)
{
	struct ot_head *h = &c->d.ev.head;

	h->ts_ns = m->ts_ns;
	h->seq = m->seq;
	h->frame = m->frame;
	h->capture = m->capture;
	h->segment = c->flow->key.segment;
	h->flow_id = c->flow->id;
	h->ip_proto = c->flow->key.ip_proto;
	h->vlans = m->vlans;
	h->vlan[0] = m->vlan[0];
	h->vlan[1] = m->vlan[1];
	fill_side(&h->src, c->flow, direction == 1, m->has_smac, m->smac);
	fill_side(&h->dst, c->flow, direction == 0, m->has_dmac, m->dmac);
}

/* Everything of a PDU that is the same for all PDUs of one delivery. */
static void begin(struct dissect_core *c, struct flow *f, unsigned direction, const struct mark *m, bool datagram)
{
	struct talk *k = f->upper;

	c->flow = f;
	c->talk = k;
	c->mark = m;
	c->d.direction = (uint8_t)direction;
	c->d.datagram = datagram;
	c->d.state = k->state;
	fill_head(c, m, direction);
}

static void set_role(struct dissect_core *c)
{
	const struct talk *k = c->talk;

	c->d.ground = k->ground;
	c->d.role = k->ground == GROUND_NONE ? ROLE_UNKNOWN :
		    k->client_dir == c->d.direction ? ROLE_SRC_CLIENT : ROLE_DST_CLIENT;
}

static void one_pdu(struct dissect_core *c, struct rd pdu, bool cut, void (*fn)(struct dissect *d, struct rd pdu))
{
	struct dissect *d = &c->d;

	d->cut = cut;
	set_role(c);
	d->ev.head.pdu = (uint16_t)(c->last_pdu_seq == c->mark->seq ? c->last_pdu + 1 : 1);
	c->emitted = 0;
	c->opened = c->answered = NULL;
	c->part_of = NULL;
	c->keep = 0;
	c->joined = 0;
	dissect_reset(d);
	fn(d, pdu);
	c->opened = NULL;
	if (c->answered && !c->keep)
		txn_end(c, c->talk, c->answered);
	for (unsigned i = 0; i < DISSECT_JOINS; i++)
		if (c->joined & 1u << i)
			dissect_join_drop(d, i);
}

/* --- who speaks here ------------------------------------------------------------------ */

static bool has_port(const uint16_t ports[4], uint16_t port)
{
	return port && (ports[0] == port || ports[1] == port || ports[2] == port || ports[3] == port);
}

static const uint16_t *ports_of(const struct dissector *x, const struct flow *f)
{
	return f->key.ip_proto == 6 ? x->tcp_ports : x->udp_ports;
}

static bool on_usual_port(const struct dissector *x, const struct flow *f)
{
	return has_port(ports_of(x, f), f->key.lo_port) || has_port(ports_of(x, f), f->key.hi_port);
}

/* A dissector is believed: the flow's client, as far as ports and the handshake tell. */
static void claim(struct dissect_core *c, struct flow *f, const struct dissector *x)
{
	struct talk *k = f->upper;
	bool lo = has_port(ports_of(x, f), f->key.lo_port), hi = has_port(ports_of(x, f), f->key.hi_port);

	if (k->dissector != x) {
		for (int d = 0; d < 2; d++)
			while (k->txns[d])
				txn_end(c, k, k->txns[d]);
		memset(k->state, 0, sizeof k->state);
		k->dissector = x;
		k->ground = GROUND_NONE;
		k->pdus = 0;
	}
	if (k->ground >= GROUND_PORT)
		return;
	if (lo != hi) {
		k->ground = GROUND_PORT;
		k->client_dir = lo;     /* the server is lo: the client sends hi to lo, direction 1 */
	} else if (f->syn == 1 || f->syn == 2) {
		k->ground = GROUND_SYN;
		k->client_dir = f->syn == 2;
	}
}

/* Do frame()'s PDUs fill the window exactly? Chance does not do that to a framed protocol on its own port. */
static bool tiles(const struct dissector *x, struct rd win)
{
	uint32_t len;

	while (win.left && x->frame(win, &len) == FRAME_PDU && len && len <= win.left)
		rd_skip(&win, len);
	return win.left == 0;
}

/* The dissector that believes the start of this window; *more: some could not tell yet. */
static const struct dissector *believe(const struct flow *f, const struct talk *k, bool lost, struct rd head, bool whole, bool cut,
				       bool *more)
{
	*more = false;
	for (int usual = 1; usual >= 0; usual--) {
		for (size_t i = 0; dissectors[i]; i++) {
			const struct dissector *x = dissectors[i];
			bool hinted = on_usual_port(x, f) || (k && k->dissector == x);
			enum frame_verdict v;
			uint32_t len;

			if (hinted != (usual == 1) || (k && k->dissector && k->dissector != x && k->pdus > 2))
				continue;
			v = x->frame(head, &len);
			if (v == FRAME_PDU && whole && !cut && len > head.left)
				v = FRAME_BAD;
			if (v == FRAME_PDU && (!on_usual_port(x, f) || (lost && !tiles(x, head))))
				v = x->probe(head, whole);
			if (v == FRAME_PDU)
				return x;
			if (v == FRAME_MORE && !whole)
				*more = true;
		}
	}
	return NULL;
}

static bool any_usual_port(const struct flow *f)
{
	for (size_t i = 0; dissectors[i]; i++)
		if (on_usual_port(dissectors[i], f))
			return true;
	return false;
}

static struct talk *talk_new(struct dissect_core *c, struct flow *f)
{
	struct talk *k = pool_get(c->talks);

	if (!k) {
		c->counts.talks_spent++;
		return NULL;
	}
	memset(k, 0, offsetof(struct talk, state));
	f->upper = k;
	return k;
}

/* The talk of a flow. Off the usual ports one is made when a segment begins like a PDU or may do so; after
 * TALK_TRIES segments that did not, only one in TALK_RETRY is looked at. */
static struct talk *talk_of(struct dissect_core *c, struct flow *f, struct rd bytes)
{
	bool more;

	if (f->upper)
		return f->upper;
	if (!any_usual_port(f) &&
	    ((f->upper_tries >= TALK_TRIES && f->upper_tries % TALK_RETRY) ||
	     (!believe(f, NULL, true, bytes, false, false, &more) && !more))) {
		f->upper_tries++;
		return NULL;
	}
	return talk_new(c, f);
}

/* --- streams -------------------------------------------------------------------------- */

static void lose_step(struct dissect_core *c, struct talk *k, unsigned direction)
{
	struct talk_dir *t = &k->dir[direction];

	if (t->state == TALK_IN_STEP) {
		t->state = TALK_LOST;
		c->counts.lost_step++;
	}
}

/* The part goes, and what was known of it. */
static void drop_part(struct dissect_core *c, struct talk_dir *t)
{
	buffer_drop(&c->buffers, &t->part);
	pool_put(c->scans, t->scan);
	t->scan = NULL;
}

/* The part of a PDU that is here already, so that a PDU whole in one segment is never copied. */
static bool keep_rest(struct dissect_core *c, struct talk_dir *t, struct rd *bytes)
{
	bool kept = buffer_add(&c->buffers, &t->part, bytes->p, bytes->left);

	bytes->left = 0;
	return kept;
}

static bool cut_one(struct dissect_core *c, struct rd *win, bool cut)
{
	const struct dissector *x = c->talk->dissector;
	uint32_t len = 0;
	enum frame_verdict v = x->frame(*win, &len);

	if (v == FRAME_PDU && len <= win->left && len > 0) {
		struct rd pdu = rd_sub(win, len);

		c->talk->pdus++;
		one_pdu(c, pdu, false, x->pdu);
		return true;
	}
	if (v == FRAME_PDU && len > 0 && len <= x->max_pdu) {
		if (cut && win->left) {
			one_pdu(c, rd_rest(win), true, x->pdu);
			lose_step(c, c->talk, c->d.direction);
		}
		return false;
	}
	if (v == FRAME_MORE && win->left < x->max_pdu)
		return false;
	if (v == FRAME_MALFORMED && x->bad)
		one_pdu(c, *win, cut, x->bad);
	lose_step(c, c->talk, c->d.direction);
	win->left = 0;
	return false;
}

/* In step: as many PDUs as there are; what is left of the last one waits. */
static void in_step(struct dissect_core *c, struct talk_dir *t, struct rd *bytes, bool cut)
{
	while (t->part && bytes->left) {
		uint32_t len = 0, have = t->part->len;
		enum frame_verdict v = c->talk->dissector->frame(rd_init(t->part->bytes, have), &len);
		uint32_t want = v == FRAME_PDU && len > have ? len - have : 1;
		struct rd more = rd_upto(bytes, want), win;

		if (!buffer_add(&c->buffers, &t->part, more.p, more.left)) {
			buffer_drop(&c->buffers, &t->part);
			lose_step(c, c->talk, c->d.direction);
			return;
		}
		win = rd_init(t->part->bytes, t->part->len);
		if (cut_one(c, &win, cut && bytes->left == 0)) {
			buffer_drop(&c->buffers, &t->part);
		} else if (t->state != TALK_IN_STEP) {
			buffer_drop(&c->buffers, &t->part);
			return;
		}
	}
	while (bytes->left && t->state == TALK_IN_STEP && cut_one(c, bytes, cut))
		;
	if (bytes->left && t->state == TALK_IN_STEP && !keep_rest(c, t, bytes))
		lose_step(c, c->talk, c->d.direction);
}

static uint32_t next_start(const struct talk_dir *t, uint32_t from, uint32_t end)
{
	while (t->scan && from < end && from < TALK_SCAN_MAX && !(t->scan->starts[from / 64] >> (from % 64) & 1))
		from++;
	return t->scan && from < TALK_SCAN_MAX ? from : end;
}

static void shift_starts(struct talk_dir *t, uint32_t by, uint32_t len)
{
	struct talk_scan old;

	if (!t->scan)
		return;
	old = *t->scan;
	memset(t->scan, 0, sizeof *t->scan);
	for (uint32_t i = by; i < len && i < TALK_SCAN_MAX; i++)
		if (old.starts[i / 64] >> (i % 64) & 1)
			t->scan->starts[(i - by) / 64] |= (uint64_t)1 << ((i - by) % 64);
}

static void note_mismatch(struct dissect_core *c, struct flow *f, struct talk *k)
{
	if (k->mismatch || k->dissector || !c->hooks.mismatch || f->key.ip_proto != 6)
		return;
	for (size_t i = 0; dissectors[i]; i++) {
		const uint16_t *ports = dissectors[i]->tcp_ports;
		bool lo = has_port(ports, f->key.lo_port), hi = has_port(ports, f->key.hi_port);

		/* The usual port must be the server's: the SYN went to it, or the stream is old and the other
		 * port is no well-known one. */
		if (lo == hi || (f->syn && f->syn != (lo ? 2 : 1)) || (!f->syn && (lo ? f->key.hi_port : f->key.lo_port) < 1024))
			continue;
		k->mismatch = 1;
		c->hooks.mismatch(c->hooks.arg, f, dissectors[i], c->mark);
		return;
	}
}

/* A segment on a usual port that begins with that protocol's header and an impossible length: said, though
 * nobody is in step. */
static void say_malformed(struct dissect_core *c, struct flow *f, struct talk *k, struct rd head)
{
	for (size_t i = 0; dissectors[i]; i++) {
		const struct dissector *x = dissectors[i];
		uint32_t len;

		if (!x->bad || !on_usual_port(x, f) || (k->dissector && k->dissector != x) ||
		    x->frame(head, &len) != FRAME_MALFORMED)
			continue;
		claim(c, f, x);
		one_pdu(c, head, false, x->bad);
		return;
	}
}

/* Looking or lost: tries the starts of segments until somebody believes one. True: in step, and *win begins
 * with a PDU (it points into the part when there is one). */
static bool find_step(struct dissect_core *c, struct flow *f, unsigned direction, struct rd *win)
{
	struct talk *k = f->upper;
	struct talk_dir *t = &k->dir[direction];
	uint32_t at = 0, have = win->left;

	while (at < have) {
		bool more, lost = t->state == TALK_LOST || t->tries > 0;
		struct rd head = rd_init(win->p + at, have - at);
		const struct dissector *x = believe(f, k, lost, head, false, false, &more);

		if (x) {
			claim(c, f, x);
			t->state = TALK_IN_STEP;
			t->tries = 0;
			*win = head;
			return true;
		}
		if (more && have - at < TALK_SCAN_MAX) {
			*win = head;
			return false;
		}
		if (!t->part)
			say_malformed(c, f, k, head);
		t->tries++;
		f->upper_tries++;
		if (t->tries == 1 && t->state == TALK_LOOKING && f->syn)
			note_mismatch(c, f, k);
		else if (t->tries == 8)
			note_mismatch(c, f, k);
		at = t->part ? next_start(t, at + 1, have) : have;
	}
	win->left = 0;
	return false;
}

static void look(struct dissect_core *c, struct flow *f, unsigned direction, struct rd *bytes)
{
	struct talk *k = f->upper;
	struct talk_dir *t = &k->dir[direction];
	struct rd win = *bytes;

	if (t->part) {
		if (t->scan && t->part->len < TALK_SCAN_MAX)
			t->scan->starts[t->part->len / 64] |= (uint64_t)1 << (t->part->len % 64);
		if (!keep_rest(c, t, bytes)) {
			drop_part(c, t);
			return;
		}
		win = rd_init(t->part->bytes, t->part->len);
	}
	if (find_step(c, f, direction, &win)) {
		if (t->part) {
			struct buffer *part = t->part;

			t->part = NULL;
			drop_part(c, t);
			in_step(c, t, &win, false);
			buffer_drop(&c->buffers, &part);
			bytes->left = 0;
		}
		return;
	}
	if (!t->part) {
		if (win.left && keep_rest(c, t, &win) && (t->scan = pool_get(c->scans)))
			memset(t->scan, 0, sizeof *t->scan);
	} else if (win.left == 0) {
		drop_part(c, t);
	} else if (win.p != t->part->bytes) {
		uint32_t by = (uint32_t)(win.p - t->part->bytes);

		shift_starts(t, by, t->part->len);
		buffer_take(t->part, by);
	}
	bytes->left = 0;
}

void talk_bytes(struct dissect_core *c, struct flow *f, unsigned direction, struct rd bytes, const struct mark *m,
		bool gap, bool cut)
{
	struct talk *k = talk_of(c, f, bytes);
	struct talk_dir *t;

	if (!k)
		return;
	t = &k->dir[direction];
	__builtin_prefetch(k->txns[!direction]);        /* what these bytes may answer */
	begin(c, f, direction, m, false);
	if (gap) {
		drop_part(c, t);
		lose_step(c, k, direction);
		for (unsigned i = 0; i < DISSECT_JOINS; i++)
			buffer_drop(&c->buffers, &t->join[i]);
		if (k->dissector && k->dissector->gap)
			k->dissector->gap(&c->d);
	}
	for (int rounds = 0; bytes.left && rounds < 2; rounds++) {
		if (t->state != TALK_IN_STEP)
			look(c, f, direction, &bytes);
		if (t->state == TALK_IN_STEP && (bytes.left || t->part))
			in_step(c, t, &bytes, cut);
		if (t->state != TALK_IN_STEP)
			break;
	}
	if (!k->dissector && f->upper_tries >= TALK_TRIES && !any_usual_port(f))
		talk_end(c, f);
}

bool talk_starts(const struct flow *f, struct rd bytes)
{
	bool more;

	return believe(f, f->upper, true, bytes, false, false, &more) != NULL;
}

void talk_early(struct dissect_core *c, struct flow *f, unsigned direction, struct rd bytes, const struct mark *m)
{
	struct talk *k = f->upper;
	const struct dissector *x = k ? k->dissector : NULL;
	uint32_t len;

	if (!x)
		return;
	begin(c, f, direction, m, false);
	while (x->frame(bytes, &len) == FRAME_PDU && len && len <= bytes.left && x->probe(bytes, false) == FRAME_PDU) {
		k->pdus++;
		one_pdu(c, rd_sub(&bytes, len), false, x->pdu);
	}
}

void talk_datagram(struct dissect_core *c, struct flow *f, unsigned direction, struct rd bytes, const struct mark *m, bool cut)
{
	struct talk *k = f->upper;
	bool more;
	const struct dissector *x;

	if (!k && f->side[0].packets + f->side[1].packets > TALK_TRIES && !any_usual_port(f))
		return;
	x = believe(f, NULL, false, bytes, true, cut, &more);
	if (!x || (!k && !(k = talk_new(c, f))))
		return;
	claim(c, f, x);
	begin(c, f, direction, m, true);
	for (int n = 0; bytes.left && n < 256; n++) {
		uint32_t len = 0;
		enum frame_verdict v = x->frame(bytes, &len);

		if (v == FRAME_MALFORMED && x->bad)
			one_pdu(c, bytes, cut, x->bad);
		if (v != FRAME_PDU || len == 0)
			return;
		bool cut_here = cut && len > bytes.left;

		k->pdus++;
		one_pdu(c, rd_upto(&bytes, len), cut_here, x->pdu);
	}
}

/* --- the end of waiting ---------------------------------------------------------------- */

void talk_tick(struct dissect_core *c, uint64_t now_ns)
{
	while (c->oldest_txn && (now_ns == UINT64_MAX || now_ns > c->oldest_txn->ts_ns + TALK_ANSWER_NS))
		txn_give_up(c, c->oldest_txn);
}

void talk_end(struct dissect_core *c, struct flow *f)
{
	struct talk *k = f->upper;

	if (!k)
		return;
	for (int d = 0; d < 2; d++) {
		while (k->txns[d])
			txn_give_up(c, k->txns[d]);
		drop_part(c, &k->dir[d]);
		for (unsigned i = 0; i < DISSECT_JOINS; i++)
			buffer_drop(&c->buffers, &k->dir[d].join[i]);
	}
	pool_put(c->talks, k);
	f->upper = NULL;
}
