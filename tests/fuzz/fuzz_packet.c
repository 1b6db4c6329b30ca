/* fuzz_packet.c - frames of any link type through the decoder and the search for copies:
 * [link type index][length 2, big endian][bytes]... */
#include "net/decode.h"
#include "net/dup.h"
#include "base/rd.h"

#include <stdlib.h>
#include <string.h>

static const uint16_t links[] = { 1, 113, 276, 101, 0, 108, 12, 228, 229 };

/* What a decoded packet points at lies inside what was given, and can be read. */
static void touch(const struct packet *p)
{
	volatile uint8_t sum = 0;

	for (uint32_t i = 0; i < p->data_len; i++)
		sum = (uint8_t)(sum + p->data[i]);
	for (uint32_t i = 0; i < p->ip_len; i++)
		sum = (uint8_t)(sum + p->ip[i]);
	if (p->vlans > PACKET_VLANS_MAX || p->data_len > p->data_wire_len || p->ip_len < 20)
		abort();
	if (p->flags & PKT_FRAGMENT)
		return;
	if (p->ip < p->bytes || p->ip + p->ip_len > p->bytes + p->caplen || p->data < p->ip ||
	    p->data + p->data_len > p->bytes + p->caplen)
		abort();
}

/* Every packet is counted as followed or under exactly one reason. */
static void check_counters(const struct decode_stats *s)
{
	if (s->packets != s->followed + s->no_ip + s->unknown_link + s->cut_header + s->bad_header +
			  s->too_many_layers + s->fragment_held + s->fragment_copies + s->fragment_bad +
			  s->fragment_cut + s->fragment_no_memory)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint64_t now_ns, seq;
	static struct decoder *d;
	static struct dup *dup;
	struct rd r = rd_init(data, (uint32_t)size);

	if (!d)
		d = decoder_new(8);
	if (!dup)
		dup = dup_new();
	if (!d || !dup)
		abort();
	now_ns += 3600 * (uint64_t)1000000000u; /* fragments of the input before are forgotten */
	while (r.left > 3) {
		uint16_t dlt = links[rd_u8(&r) % (sizeof links / sizeof links[0])];
		uint16_t want = rd_be16(&r);
		struct rd body = rd_upto(&r, want);
		uint8_t *block = malloc(body.left ? body.left : 1);
		struct packet p = { .bytes = block, .caplen = body.left, .wirelen = want, .ts_ns = now_ns += 1000000,
				    .seq = ++seq, .dlt = dlt };

		if (!block)
			abort();
		memcpy(block, body.p, body.left);
		if (p.wirelen < p.caplen)
			p.wirelen = p.caplen;
		if (packet_decode(d, &p)) {
			touch(&p);
			(void)dup_seen(dup, &p);
		}
		free(block);
	}
	check_counters(decoder_stats(d));
	return 0;
}
