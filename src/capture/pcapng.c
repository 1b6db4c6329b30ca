/* pcapng.c - the block format: draft-ietf-opsawg-pcapng. Every block is type, length, body,
 * length again, a multiple of four. A section has its own byte order and its own interfaces,
 * an interface its own link type and unit of time. Blocks that hold no packets are skipped,
 * of any length. */
#include "capture/file.h"

#include <string.h>

enum {
	BLOCK_SECTION = 0x0a0d0d0a, BLOCK_INTERFACE = 1, BLOCK_PACKET_OLD = 2, BLOCK_PACKET_SIMPLE = 3,
	BLOCK_PACKET = 6
};

#define BLOCK_MIN 12U                                   /* type, length, length */
#define BLOCK_MAX (FILE_PACKET_MAX + 65536U)            /* of those that are looked into: a packet and its options */
#define OPT_TSRESOL 9U
#define OPT_TSOFFSET 14U

static int damaged(struct file *f, const char *what, uint32_t value)
{
	return file_end(f, CAPTURE_CORRUPT, "damaged after %u packets: %s (%u)", f->frame, what, value);
}

/* Nanoseconds since 1970 of a stamp in an interface's unit; 0 when that is no time that
 * 64 bits can hold. */
static uint64_t stamp_ns(const struct file_interface *i, uint64_t t)
{
	unsigned __int128 ns = t;

	if (i->binary) {
		ns = ns * 1000000000U >> i->power;
	} else {
		for (unsigned int k = i->power; k < 9; k++)
			ns *= 10;
		for (unsigned int k = 9; k < i->power && ns; k++)
			ns /= 10;
	}
	if (i->offset) {
		__int128 moved = (__int128)ns + (__int128)i->offset * 1000000000;

		ns = moved < 0 ? 0 : (unsigned __int128)moved;
	}
	return ns > UINT64_MAX ? 0 : (uint64_t)ns;
}

/* 3.5: option code, length, value, padded to four bytes. */
static void interface_options(struct file *f, struct file_interface *i, struct rd r)
{
	while (r.left >= 4) {
		uint16_t code = file_u16(f, &r);
		uint16_t len = file_u16(f, &r);
		struct rd v = rd_sub(&r, len);
		uint8_t u;

		if (code == 0 || !rd_ok(&v))
			return;
		rd_skip(&r, (4U - len % 4U) % 4U);
		if (code == OPT_TSRESOL && len == 1) {
			u = rd_u8(&v);
			i->binary = u & 0x80;
			i->power = u & 0x7f;
		} else if (code == OPT_TSOFFSET && len == 8) {
			i->offset = (int64_t)(f->big ? rd_be64(&v) : rd_le64(&v));
		}
	}
}

static bool interface_block(struct file *f, struct rd body)
{
	uint16_t dlt = file_u16(f, &body);
	uint32_t snaplen;
	struct file_interface *i;

	rd_skip(&body, 2);
	snaplen = file_u32(f, &body);
	if (!rd_ok(&body)) {
		damaged(f, "an interface description is too short", dlt);
		return false;
	}
	i = file_interface_add(f, dlt);
	if (!i)
		return false;
	i->power = 6;
	i->snaplen = snaplen;
	interface_options(f, i, body);
	return true;
}

/* 1: p is filled, 0: skipped because of its link type, or damaged (f->ended). */
static int give(struct file *f, struct packet *p, uint32_t ifno, struct rd *body, uint32_t caplen, uint32_t wirelen)
{
	const struct file_interface *i;

	if (ifno >= f->ifs_n)
		return damaged(f, "a packet of an interface that is not described", ifno);
	i = &f->ifs[ifno];
	if (caplen > FILE_PACKET_MAX || caplen > body->left)
		return damaged(f, "a packet is longer than its block", caplen);
	f->frame++;
	if (!i->known) {
		file_skipped(f, i->dlt);
		return 0;
	}
	p->bytes = rd_take(body, caplen);
	p->caplen = caplen;
	p->wirelen = wirelen > caplen ? wirelen : caplen;
	p->frame = f->frame;
	p->dlt = i->dlt;
	return 1;
}

static int packet_block(struct file *f, struct packet *p, struct rd body, bool old)
{
	uint32_t ifno, caplen, wirelen;
	uint64_t t;
	int rc;

	if (old) {
		ifno = file_u16(f, &body);
		rd_skip(&body, 2);
	} else {
		ifno = file_u32(f, &body);
	}
	t = (uint64_t)file_u32(f, &body) << 32;
	t |= file_u32(f, &body);
	caplen = file_u32(f, &body);
	wirelen = file_u32(f, &body);
	if (!rd_ok(&body))
		return damaged(f, "a packet block is too short for its header", body.left);
	rc = give(f, p, ifno, &body, caplen, wirelen);
	if (rc)
		p->ts_ns = stamp_ns(&f->ifs[ifno], t);
	return rc;
}

/* 4.4: no stamp, and no captured length but what snaplen and the block leave. */
static int simple_block(struct file *f, struct packet *p, struct rd body)
{
	uint32_t wirelen = file_u32(f, &body);
	uint32_t caplen = wirelen < body.left ? wirelen : body.left;

	if (!rd_ok(&body))
		return damaged(f, "a packet block is too short for its header", body.left);
	if (f->ifs_n && f->ifs[0].snaplen && caplen > f->ifs[0].snaplen)
		caplen = f->ifs[0].snaplen;
	p->ts_ns = f->last_ts;
	return give(f, p, 0, &body, caplen, wirelen);
}

/* The byte order comes first, for it decides how the length before it reads. */
static bool section_block(struct file *f)
{
	struct rd r;
	uint32_t len, order;

	if (!input_need(&f->in, 28)) {
		file_cut(f);
		return false;
	}
	r = rd_init(f->in.p, 28);
	rd_skip(&r, 8);
	order = rd_be32(&r);
	if (order != 0x1a2b3c4d && order != 0x4d3c2b1a) {
		damaged(f, "a section without a byte order", order);
		return false;
	}
	f->big = order == 0x1a2b3c4d;
	f->ifs_n = 0;
	r = rd_init(f->in.p + 4, 12);
	len = file_u32(f, &r);
	rd_skip(&r, 4);
	if (file_u16(f, &r) != 1) {
		file_end(f, CAPTURE_CORRUPT, "a pcapng version that is not known");
		return false;
	}
	if (len < 28 || len % 4) {
		damaged(f, "a section header of an impossible length", len);
		return false;
	}
	if (!input_skip(&f->in, len)) {
		file_cut(f);
		return false;
	}
	return true;
}

/* One block that holds no packet of interest is gone after this: 0. A packet: 1. */
static int block(struct file *f, struct packet *p, uint32_t type, uint32_t len)
{
	struct rd body;
	int rc = 0;

	if (len > BLOCK_MAX)
		return damaged(f, "a block of an impossible length", len);
	if (!input_need(&f->in, len))
		return file_cut(f);
	body = rd_init(f->in.p + 8, len - BLOCK_MIN);
	f->pending = len;
	if (type == BLOCK_INTERFACE)
		interface_block(f, body);
	else if (type == BLOCK_PACKET_SIMPLE)
		rc = simple_block(f, p, body);
	else
		rc = packet_block(f, p, body, type == BLOCK_PACKET_OLD);
	if (!rc) {
		input_drop(&f->in, len);
		f->pending = 0;
	}
	return rc;
}

static int pcapng_next(struct file *f, struct packet *p)
{
	struct input *in = &f->in;
	uint32_t type, len;
	struct rd r;

	while (!f->ended) {
		if (!input_need(in, BLOCK_MIN))
			return in->left || in->end != INPUT_EOF ? file_cut(f) : 0;
		r = rd_init(in->p, 8);
		type = file_u32(f, &r);
		len = file_u32(f, &r);
		if (type == BLOCK_SECTION) {
			if (!section_block(f))
				return 0;
			continue;
		}
		if (len < BLOCK_MIN || len % 4)
			return damaged(f, "a block of an impossible length", len);
		if (type == BLOCK_PACKET || (type >= BLOCK_INTERFACE && type <= BLOCK_PACKET_SIMPLE)) {
			if (block(f, p, type, len))
				return 1;
		} else if (!input_skip(in, len)) {
			return file_cut(f);
		}
	}
	return 0;
}

bool file_open_pcapng(struct file *f)
{
	if (!input_need(&f->in, BLOCK_MIN)) {
		file_end(f, CAPTURE_UNREADABLE, "cut in the middle of its file header");
		return false;
	}
	struct rd r = rd_init(f->in.p + 8, 4);
	uint32_t order = rd_be32(&r);

	if (order != 0x1a2b3c4d && order != 0x4d3c2b1a)
		return false;
	f->next = pcapng_next;
	return true;
}
