/* TCP put back in order: what is delivered, with which mark, and when a hole is given up. */
#include "net/stream.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <setjmp.h>
#include <cmocka.h>

struct heard {
	char text[4096];
	uint32_t frames[256], n, gaps, cuts;
	size_t len;
	char early[64];
};

static struct pool *segments;
static struct stream_counts counts;

static void hear(void *arg, struct rd bytes, const struct mark *m, bool gap, bool cut)
{
	struct heard *h = arg;

	assert_true(h->len + bytes.left < sizeof h->text);
	if (bytes.left)
		memcpy(h->text + h->len, bytes.p, bytes.left);
	h->len += bytes.left;
	h->text[h->len] = '\0';
	h->frames[h->n++] = m->frame;
	h->gaps += gap;
	h->cuts += cut;
}

/* A message begins with a capital letter. */
static bool starts(void *arg, struct rd bytes)
{
	(void)arg;
	return bytes.left >= 2 && bytes.p[0] >= 'A' && bytes.p[0] <= 'Z';
}

static void early(void *arg, struct rd bytes, const struct mark *m)
{
	struct heard *h = arg;

	(void)m;
	memcpy(h->early, bytes.p, bytes.left);
}

static const struct stream_hooks *hooks(struct heard *h)
{
	static struct stream_hooks k;

	k = (struct stream_hooks){ h, hear, starts, early };
	return &k;
}

static uint32_t frame;

static struct packet packet(uint32_t seq, const char *s, uint64_t ms)
{
	struct packet p = { .tcp_seq = seq, .data = (const uint8_t *)s, .data_len = (uint32_t)strlen(s),
			    .data_wire_len = (uint32_t)strlen(s), .frame = ++frame, .seq = frame,
			    .ts_ns = 1000000000u + ms * 1000000u, .tcp_flags = TCP_ACK };
	return p;
}

static void push(struct stream *s, struct heard *h, uint32_t seq, const char *text, uint64_t ms)
{
	struct packet p = packet(seq, text, ms);

	stream_push(s, &p, segments, &counts, hooks(h));
}

static void syn(struct stream *s, struct heard *h, uint32_t seq)
{
	struct packet p = packet(seq, "", 0);

	p.tcp_flags = TCP_SYN;
	stream_push(s, &p, segments, &counts, hooks(h));
}

static void ack(struct stream *s, struct heard *h, uint32_t to, uint64_t ms)
{
	stream_acked(s, to, false, 1000000000u + ms * 1000000u, segments, &counts, hooks(h));
}

static int before(void **state)
{
	(void)state;
	segments = pool_new("segments", sizeof(struct segment), 256);
	memset(&counts, 0, sizeof counts);
	frame = 0;
	return segments ? 0 : -1;
}

static int after(void **state)
{
	(void)state;
	assert_int_equal(pool_in_use(segments), 0);
	pool_free(segments);
	return 0;
}

static void segments_out_of_order_come_in_order(void **state)
{
	struct stream s = { 0 };
	struct heard h = { 0 };

	(void)state;
	syn(&s, &h, 99);
	push(&s, &h, 103, "def", 1);
	push(&s, &h, 106, "ghi", 2);
	assert_int_equal(h.len, 0);
	push(&s, &h, 100, "abc", 3);
	assert_string_equal(h.text, "abcdefghi");
	assert_int_equal(h.gaps, 0);
	assert_int_equal(h.frames[0], 4);
	assert_int_equal(h.frames[1], 4);       /* the packet that closed the hole completes them */
}

static void the_first_copy_of_a_byte_wins(void **state)
{
	struct stream s = { 0 };
	struct heard h = { 0 };

	(void)state;
	syn(&s, &h, 0);
	push(&s, &h, 1, "abcd", 1);
	push(&s, &h, 1, "WXYZ", 2);
	push(&s, &h, 3, "CDef", 3);
	assert_string_equal(h.text, "abcdef");
	assert_int_equal(counts.retransmitted, 1);
}

static void sequence_numbers_wrap(void **state)
{
	struct stream s = { 0 };
	struct heard h = { 0 };

	(void)state;
	syn(&s, &h, 0xfffffffcu);
	push(&s, &h, 1, "ef", 1);
	push(&s, &h, 0xfffffffdu, "abcd", 2);
	assert_string_equal(h.text, "abcdef");
}

static void an_old_stream_starts_at_its_lowest_segment(void **state)
{
	struct stream s = { 0 };
	struct heard h = { 0 };

	(void)state;
	push(&s, &h, 502, "b", 1);
	push(&s, &h, 501, "a", 2);
	assert_int_equal(h.len, 0);
	ack(&s, &h, 503, 3);
	assert_string_equal(h.text, "ab");
	assert_int_equal(h.frames[0], 2);
	assert_int_equal(h.frames[1], 1);       /* nobody completed it: its own packet */
	push(&s, &h, 503, "c", 4);
	assert_string_equal(h.text, "abc");
	assert_int_equal(h.gaps, 0);
}

static void an_old_stream_starts_where_a_message_begins(void **state)
{
	struct stream s = { 0 };
	struct heard h = { 0 };

	(void)state;
	push(&s, &h, 502, "b", 1);
	assert_int_equal(h.len, 0);
	push(&s, &h, 501, "A", 1);
	assert_string_equal(h.text, "Ab");
	push(&s, &h, 498, "Xyz", 2);            /* a whole message from before */
	assert_string_equal(h.early, "Xyz");
	push(&s, &h, 503, "c", 3);
	assert_string_equal(h.text, "Abc");
	assert_int_equal(h.gaps, 0);
}

static void one_direction_alone_starts_by_itself(void **state)
{
	struct stream s = { 0 };
	struct heard h = { 0 };

	(void)state;
	push(&s, &h, 10, "ab", 1);
	push(&s, &h, 12, "cd", 300);
	assert_string_equal(h.text, "abcd");
}

static void time_alone_ends_the_waiting(void **state)
{
	struct stream s = { 0 };
	struct heard h = { 0 };

	(void)state;
	push(&s, &h, 10, "ab", 1);
	stream_tick(&s, 1100000000u, segments, &counts, hooks(&h));
	assert_int_equal(h.len, 0);
	stream_tick(&s, 1300000000u, segments, &counts, hooks(&h));
	assert_string_equal(h.text, "ab");
}

static void a_hole_is_lost_only_on_evidence(void **state)
{
	struct stream s = { 0 };
	struct heard h = { 0 };

	(void)state;
	syn(&s, &h, 0);
	push(&s, &h, 1, "a", 1);
	push(&s, &h, 3, "c", 2);
	ack(&s, &h, 4, 3);
	assert_string_equal(h.text, "a");       /* acknowledged, but a mirror may still bring it */
	ack(&s, &h, 4, 250);
	assert_string_equal(h.text, "ac");
	assert_int_equal(h.gaps, 1);
	assert_int_equal(counts.lost_bytes, 1);
	push(&s, &h, 2, "b", 260);              /* too late */
	assert_string_equal(h.text, "ac");
}

static void an_answer_comes_after_its_question(void **state)
{
	struct stream s = { 0 };
	struct heard h = { 0 };

	(void)state;
	syn(&s, &h, 0);
	push(&s, &h, 1, "a", 1);
	push(&s, &h, 3, "Cc", 2);
	stream_acked(&s, 5, true, 1003000000u, segments, &counts, hooks(&h));
	assert_string_equal(h.text, "aCc");
	push(&s, &h, 2, "B", 4);
	assert_string_equal(h.early, "B");
}

static void what_is_held_is_bounded(void **state)
{
	struct stream s = { 0 };
	struct heard h = { 0 };

	(void)state;
	syn(&s, &h, 0);
	ack(&s, &h, 1, 0);
	for (uint32_t i = 0; i < STREAM_HELD_MAX + 8; i++)
		push(&s, &h, 10 + 2 * i, "x", 1);
	assert_true(s.held_count <= STREAM_HELD_MAX);
	assert_true(counts.held_full > 0);
	stream_flush(&s, segments, &counts, hooks(&h));
	assert_int_equal(h.len, STREAM_HELD_MAX + 8);
}

static void bytes_cut_by_the_capture_are_a_gap(void **state)
{
	struct stream s = { 0 };
	struct heard h = { 0 };
	struct packet p;

	(void)state;
	syn(&s, &h, 0);
	p = packet(1, "abc", 1);
	p.data_wire_len = 10;
	stream_push(&s, &p, segments, &counts, hooks(&h));
	assert_int_equal(h.cuts, 1);
	push(&s, &h, 11, "k", 2);
	assert_string_equal(h.text, "abck");
	assert_int_equal(h.gaps, 1);
}

static void a_jump_no_window_explains_restarts(void **state)
{
	struct stream s = { 0 };
	struct heard h = { 0 };

	(void)state;
	syn(&s, &h, 0);
	push(&s, &h, 1, "a", 1);
	push(&s, &h, 0x40000000u, "z", 2);
	assert_string_equal(h.text, "az");
	assert_int_equal(h.gaps, 1);
}

static void what_is_held_behind_a_jump_is_said_once(void **state)
{
	struct stream s = { 0 };
	struct heard h = { 0 };

	(void)state;
	push(&s, &h, 100, "abc", 1);
	push(&s, &h, 0x1000100, "def", 2);      /* both held: nobody has seen a SYN */
	push(&s, &h, 0x1000100, "def", 300);
	assert_string_equal(h.text, "abc");
	push(&s, &h, 0x1000100, "def", 310);
	push(&s, &h, 0x1000103, "ghi", 311);
	assert_string_equal(h.text, "abcdefghi");
	assert_int_equal(h.gaps, 1);
}

/* Other streams have nearly all of the pool: a segment that needs two places gets one. */
static void a_start_without_room_says_every_byte_once(void **state)
{
	char text[STREAM_SEGMENT_MAX + 100];
	void *taken[256];
	struct stream s = { 0 };
	struct heard h = { 0 };
	unsigned n = 0;

	(void)state;
	while (pool_in_use(segments) < 255)
		taken[n++] = pool_get(segments);
	memset(text, 'a', sizeof text - 1);
	text[sizeof text - 1] = '\0';
	push(&s, &h, 1000, text, 1);
	push(&s, &h, 1000 + sizeof text - 1, "end", 2);
	stream_flush(&s, segments, &counts, hooks(&h));
	assert_int_equal(h.len, sizeof text - 1 + 3);
	assert_string_equal(h.text + h.len - 4, "aend");
	assert_int_equal(counts.lost_bytes, 0);
	assert_int_equal(counts.held_full, 1);
	while (n)
		pool_put(segments, taken[--n]);
}

/* Whatever the order and the cut, what comes out is what went in. */
static void any_order_within_a_window_gives_the_same_bytes(void **state)
{
	static const char all[] = "the quick brown fox jumps over the lazy dog";
	unsigned seed = 7;

	(void)state;
	for (int round = 0; round < 500; round++) {
		struct stream s = { 0 };
		struct heard h = { 0 };
		uint32_t order[sizeof all - 1];
		size_t n = sizeof all - 1;

		syn(&s, &h, 0);
		for (size_t i = 0; i < n; i++)
			order[i] = (uint32_t)i;
		for (size_t i = 0; i + 1 < n; i++) {
			size_t end = (i / 8 + 1) * 8 < n ? (i / 8 + 1) * 8 : n;
			size_t k = i + (size_t)rand_r(&seed) % (end - i);
			uint32_t t = order[i];

			order[i] = order[k];
			order[k] = t;
		}
		for (size_t i = 0; i < n; i++) {
			char piece[4] = { 0 };
			size_t len = 1 + (size_t)rand_r(&seed) % 3;

			memcpy(piece, all + order[i], len < n - order[i] ? len : n - order[i]);
			push(&s, &h, 1 + order[i], piece, 1);
		}
		assert_string_equal(h.text, all);
		assert_int_equal(h.gaps, 0);
		stream_flush(&s, segments, &counts, hooks(&h));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(segments_out_of_order_come_in_order, before, after),
		cmocka_unit_test_setup_teardown(the_first_copy_of_a_byte_wins, before, after),
		cmocka_unit_test_setup_teardown(sequence_numbers_wrap, before, after),
		cmocka_unit_test_setup_teardown(an_old_stream_starts_at_its_lowest_segment, before, after),
		cmocka_unit_test_setup_teardown(an_old_stream_starts_where_a_message_begins, before, after),
		cmocka_unit_test_setup_teardown(one_direction_alone_starts_by_itself, before, after),
		cmocka_unit_test_setup_teardown(time_alone_ends_the_waiting, before, after),
		cmocka_unit_test_setup_teardown(a_hole_is_lost_only_on_evidence, before, after),
		cmocka_unit_test_setup_teardown(an_answer_comes_after_its_question, before, after),
		cmocka_unit_test_setup_teardown(what_is_held_is_bounded, before, after),
		cmocka_unit_test_setup_teardown(bytes_cut_by_the_capture_are_a_gap, before, after),
		cmocka_unit_test_setup_teardown(a_jump_no_window_explains_restarts, before, after),
		cmocka_unit_test_setup_teardown(what_is_held_behind_a_jump_is_said_once, before, after),
		cmocka_unit_test_setup_teardown(a_start_without_room_says_every_byte_once, before, after),
		cmocka_unit_test_setup_teardown(any_order_within_a_window_gives_the_same_bytes, before, after),
	};

	return cmocka_run_group_tests_name("stream", tests, NULL, NULL);
}
