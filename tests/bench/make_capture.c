/* make_capture.c - a capture of any length from the small ones of pcaps/: `make_capture PACKETS MIX OUT [SERIES]`.
 *
 * MIX lists captures with a weight and a number of rounds. Every TCP or UDP conversation in them is a
 * template: its opening, its body, its closing. Conversations are played all at once, LIVE of them at any
 * time, each between its own pair of addresses, with its own ports, sequence numbers and IP ids; a body is
 * played `rounds` times in one connection, as a poll repeats. When one ends another begins, by weight. Time
 * goes on by STEP_NS a packet. The same arguments give the same bytes, another SERIES (0 to SERIES_MAX) gives other
 * addresses. IP header checksums are right, those of TCP and UDP are not (as with offloading).
 *
 * For benchmarks only: it trusts its input. */
#include <inttypes.h>
#include <pcap/pcap.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LIVE 4000               /* conversations at a time */
#define PAIRS 1000              /* address pairs; conversations of one template share some */
#define SERIES_MAX 60
#define TEMPLATES_MAX 512
#define STEP_NS 100000u         /* 10,000 packets a second */
#define START_S 1772431200u     /* 2026-03-02T06:00:00Z */

enum part { OPENING, BODY, CLOSING };

struct frame {
	uint8_t *bytes;
	uint32_t len;
	uint32_t seq, ack;              /* relative to the first of its direction */
	uint16_t ip, l4;                /* offsets */
	uint8_t v6, proto, way, part;   /* way 0: from the client */
	uint8_t flags;
	uint16_t payload;               /* bytes */
};

struct template {
	struct frame *frame;
	size_t frames, cap;
	size_t body, closing;           /* where these begin */
	uint32_t grown[2];              /* bytes that one body adds to the sequence of each way */
	uint32_t rounds, weight, index;
	/* while reading */
	uint8_t addr[2][16];
	uint16_t port[2];
	uint8_t proto, v6;
	uint32_t base[2];
	bool based[2];
};

struct instance {
	const struct template *t;
	size_t at;
	uint32_t round, pair, base[2];
	uint16_t sport;
};

static struct template templates[TEMPLATES_MAX];
static size_t n_templates;
static uint64_t random_state = 0x9e3779b97f4a7c15u;
static uint32_t series;

static uint32_t pick(uint32_t below)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return (uint32_t)((random_state >> 32) * below >> 32);
}

static void die(const char *what, const char *why)
{
	fprintf(stderr, "make_capture: %s: %s\n", what, why);
	exit(1);
}

static uint16_t get16(const uint8_t *p)
{
	return (uint16_t)(p[0] << 8 | p[1]);
}

static uint32_t get32(const uint8_t *p)
{
	return (uint32_t)get16(p) << 16 | get16(p + 2);
}

static void put16(uint8_t *p, uint32_t v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

static void put32(uint8_t *p, uint32_t v)
{
	put16(p, v >> 16);
	put16(p + 2, v);
}

/* Offsets of the headers of an Ethernet frame with TCP or UDP; false: nothing to play. */
static bool locate(const uint8_t *p, uint32_t len, struct frame *f)
{
	uint32_t at = 12, l4;

	while (at + 4 <= len && get16(p + at) == 0x8100)
		at += 4;
	if (at + 2 > len)
		return false;
	f->v6 = get16(p + at) == 0x86dd;
	if (!f->v6 && get16(p + at) != 0x0800)
		return false;
	at += 2;
	if (at + (f->v6 ? 40u : 20u) > len)
		return false;
	l4 = at + (f->v6 ? 40u : (p[at] & 15u) * 4u);
	f->proto = p[at + (f->v6 ? 6 : 9)];
	uint32_t total = f->v6 ? 40u + get16(p + at + 4) : get16(p + at + 2);
	uint32_t head = f->proto == 6 && l4 + 20 <= len ? (p[l4 + 12] >> 4) * 4u : 8u;

	if ((f->proto != 6 && f->proto != 17) || at + total > len || l4 + head > at + total)
		return false;
	f->ip = (uint16_t)at;
	f->l4 = (uint16_t)l4;
	f->payload = (uint16_t)(at + total - l4 - head);
	f->flags = f->proto == 6 ? p[l4 + 13] : 0;
	return true;
}

static struct template *conversation(const uint8_t *p, struct frame *f, size_t from)
{
	size_t alen = f->v6 ? 16 : 4;
	const uint8_t *src = p + f->ip + (f->v6 ? 8 : 12), *dst = src + alen;
	uint16_t sport = get16(p + f->l4), dport = get16(p + f->l4 + 2);

	for (size_t i = from; i < n_templates; i++) {
		struct template *t = &templates[i];

		if (t->proto != f->proto || t->v6 != f->v6)
			continue;
		for (uint8_t way = 0; way < 2; way++) {
			if (t->port[way] == sport && t->port[1 - way] == dport &&
			    memcmp(t->addr[way], src, alen) == 0 && memcmp(t->addr[1 - way], dst, alen) == 0) {
				f->way = way;
				return t;
			}
		}
	}
	if (n_templates == TEMPLATES_MAX)
		return NULL;
	struct template *t = &templates[n_templates++];

	/* The first packet seen is the client's, unless the ports say otherwise. */
	f->way = sport < 1024 && dport >= 1024;
	t->proto = f->proto;
	t->v6 = f->v6;
	memcpy(t->addr[f->way], src, alen);
	memcpy(t->addr[1 - f->way], dst, alen);
	t->port[f->way] = sport;
	t->port[1 - f->way] = dport;
	return t;
}

static void read_capture(const char *path, uint32_t weight, uint32_t rounds)
{
	char err[PCAP_ERRBUF_SIZE];
	pcap_t *pc = pcap_open_offline(path, err);
	struct pcap_pkthdr *h;
	const uint8_t *p;
	size_t from = n_templates;

	if (!pc)
		die(path, err);
	if (pcap_datalink(pc) != DLT_EN10MB)
		die(path, "not Ethernet");
	while (pcap_next_ex(pc, &h, &p) == 1) {
		struct frame f = { .len = h->caplen };
		struct template *t = h->caplen == h->len && locate(p, h->caplen, &f) ? conversation(p, &f, from) : NULL;

		if (!t)
			continue;
		if (f.proto == 6) {
			if (!t->based[f.way]) {
				t->based[f.way] = true;
				t->base[f.way] = get32(p + f.l4 + 4);
			}
			if (f.flags & 16 && !t->based[1 - f.way]) {
				t->based[1 - f.way] = true;
				t->base[1 - f.way] = get32(p + f.l4 + 8);
			}
			f.seq = get32(p + f.l4 + 4) - t->base[f.way];
			f.ack = f.flags & 16 ? get32(p + f.l4 + 8) - t->base[1 - f.way] : 0;
		}
		if (t->frames == t->cap) {
			t->cap = t->cap ? t->cap * 2 : 64;
			t->frame = realloc(t->frame, t->cap * sizeof *t->frame);
		}
		f.bytes = malloc(f.len);
		if (!t->frame || !f.bytes)
			die(path, "out of memory");
		memcpy(f.bytes, p, f.len);
		t->frame[t->frames++] = f;
		t->weight = weight;
		t->rounds = rounds;
	}
	pcap_close(pc);
}

/* Opening: up to the first payload; closing: from the first FIN or RST after the last payload. */
static void divide(struct template *t, uint32_t index)
{
	t->index = index;
	t->closing = t->frames;
	while (t->body < t->frames && t->frame[t->body].proto == 6 && t->frame[t->body].payload == 0)
		t->body++;
	while (t->closing > t->body && t->frame[t->closing - 1].proto == 6 && t->frame[t->closing - 1].payload == 0)
		t->closing--;
	for (size_t i = t->body; i < t->closing; i++) {
		const struct frame *f = &t->frame[i];
		uint32_t first = t->frame[t->body].way == f->way ? t->frame[t->body].seq : t->frame[t->body].ack;

		if (f->proto == 6 && f->seq + f->payload - first > t->grown[f->way] && f->seq + f->payload >= first)
			t->grown[f->way] = f->seq + f->payload - first;
	}
}

static void read_mix(const char *path)
{
	FILE *f = fopen(path, "r");
	char line[512], capture[400];
	unsigned weight, rounds;

	if (!f)
		die(path, "cannot be read");
	while (fgets(line, sizeof line, f)) {
		if (line[0] != '#' && sscanf(line, "%u %u %399s", &weight, &rounds, capture) == 3)
			read_capture(capture, weight, rounds);
	}
	fclose(f);
	if (n_templates == 0)
		die(path, "no conversation to play");
	for (size_t i = 0; i < n_templates; i++)
		divide(&templates[i], (uint32_t)i);
}

static void begin(struct instance *in)
{
	static uint16_t port = 10000;
	static uint64_t sum;

	if (sum == 0) {
		for (size_t i = 0; i < n_templates; i++)
			sum += templates[i].weight;
	}
	uint64_t at = pick((uint32_t)sum);
	size_t i = 0;

	while (at >= templates[i].weight)
		at -= templates[i++].weight;
	*in = (struct instance){ .t = &templates[i], .base = { pick(UINT32_MAX), pick(UINT32_MAX) } };
	in->pair = series * PAIRS + in->t->index * 7919 % PAIRS + pick(PAIRS / 50 + 1);
	in->sport = port = (uint16_t)(port == 65000 ? 10000 : port + 1);
}

/* Addresses 10.60.0.0/16 ask, 10.70.0.0/16 answer; sixteen servers share a client. */
static void address(uint8_t *p, uint32_t way, uint32_t pair)
{
	uint32_t host = way == 0 ? pair / 16 : pair;

	put32(p, (way == 0 ? 0x0a3c0000u : 0x0a460000u) + (host / 250 << 8) + host % 250 + 1);
}

static void rewrite(uint8_t *p, const struct frame *f, const struct instance *in)
{
	static uint32_t ident;
	uint32_t turn = in->round;

	memset(p, 0, 12);
	p[0] = p[6] = 2;
	address(p + 2, !f->way, in->pair);
	address(p + 8, f->way, in->pair);
	if (f->v6) {
		address(p + f->ip + 20, f->way, in->pair);
		address(p + f->ip + 36, !f->way, in->pair);
	} else {
		uint32_t sum = 0;

		address(p + f->ip + 12, f->way, in->pair);
		address(p + f->ip + 16, !f->way, in->pair);
		put16(p + f->ip + 4, ++ident);
		put16(p + f->ip + 10, 0);
		for (uint32_t i = 0; i < (p[f->ip] & 15u) * 4u; i += 2)
			sum += get16(p + f->ip + i);
		sum = (sum & 0xffff) + (sum >> 16);
		put16(p + f->ip + 10, ~(sum + (sum >> 16)));
	}
	put16(p + f->l4 + (f->way ? 2 : 0), in->sport);
	if (f->proto == 6) {
		put32(p + f->l4 + 4, f->seq + in->base[f->way] + turn * in->t->grown[f->way]);
		if (f->flags & 16)
			put32(p + f->l4 + 8, f->ack + in->base[1 - f->way] + turn * in->t->grown[1 - f->way]);
	}
}

/* The next frame of the conversation; false: it is over. */
static bool step(struct instance *in)
{
	in->at++;
	if (in->at == in->t->closing && in->round + 1 < in->t->rounds && in->t->closing > in->t->body) {
		in->round++;
		in->at = in->t->body;
	}
	return in->at < in->t->frames;
}

int main(int argc, char **argv)
{
	static struct instance live[LIVE];
	static uint8_t out[262144];
	uint64_t want = argc == 4 || argc == 5 ? strtoull(argv[1], NULL, 10) : 0;

	series = argc == 5 ? (uint32_t)strtoul(argv[4], NULL, 10) : 0;
	if (want == 0 || series > SERIES_MAX) {
		fprintf(stderr, "usage: make_capture PACKETS MIX OUT [SERIES]\n");
		return 2;
	}
	random_state += series;
	read_mix(argv[2]);
	FILE *f = strcmp(argv[3], "-") == 0 ? stdout : fopen(argv[3], "wb");
	const uint32_t head[6] = { 0xa1b23c4d, 0x00040002, 0, 0, 262144, 1 };

	if (!f)
		die(argv[3], "cannot be written");
	fwrite(head, sizeof head, 1, f);
	for (size_t i = 0; i < LIVE; i++)
		begin(&live[i]);
	for (uint64_t n = 0; n < want;) {
		struct instance *in = &live[pick(LIVE)];

		/* One to four packets in a row: an answer follows its question. */
		for (uint32_t burst = 1 + pick(4); burst > 0 && n < want; burst--, n++) {
			const struct frame *fr = &in->t->frame[in->at];
			uint64_t ns = n * STEP_NS;
			const uint32_t rec[4] = { (uint32_t)(START_S + ns / 1000000000u), (uint32_t)(ns % 1000000000u),
						  fr->len, fr->len };

			memcpy(out, fr->bytes, fr->len);
			rewrite(out, fr, in);
			fwrite(rec, sizeof rec, 1, f);
			fwrite(out, fr->len, 1, f);
			if (!step(in))
				begin(in);
		}
	}
	return fclose(f) == 0 ? 0 : 1;
}
