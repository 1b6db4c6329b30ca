/* pcap.c - the classic pcap file: draft-ietf-opsawg-pcap. A 24-byte file header and, before
 * every packet, 16 bytes: seconds, fraction, bytes captured, bytes on the wire. The "modified"
 * format of old Linux tools has 8 more: interface, protocol, packet type. */
#include "capture/file.h"

#define HEADER 24U
#define RECORD_MIN 16U                  /* of a record's header: what every format has */

static int pcap_next(struct file *f, struct packet *p)
{
	struct input *in = &f->in;
	uint32_t caplen, wirelen;
	uint64_t sec;
	struct rd r;

	if (!input_need(in, f->record_header)) {
		if (in->left || in->end != INPUT_EOF)
			return file_cut(f);
		return 0;
	}
	r = rd_init(in->p, RECORD_MIN);
	sec = file_u32(f, &r);
	p->ts_ns = sec * 1000000000U + (uint64_t)file_u32(f, &r) * f->ns_per_tick;
	caplen = file_u32(f, &r);
	wirelen = file_u32(f, &r);
	if (f->lengths_swapped && caplen > wirelen) {
		uint32_t t = caplen;

		caplen = wirelen;
		wirelen = t;
	}
	if (caplen > FILE_PACKET_MAX)
		return file_end(f, CAPTURE_CORRUPT, "damaged after %u packets: a packet of %u bytes cannot be",
				f->frame, caplen);
	if (!input_need(in, f->record_header + caplen))
		return file_cut(f);
	p->bytes = in->p + f->record_header;
	p->caplen = caplen;
	p->wirelen = wirelen > caplen ? wirelen : caplen;
	p->frame = ++f->frame;
	p->dlt = f->ifs[0].dlt;
	f->pending = f->record_header + caplen;
	return 1;
}

/* The magic number gives byte order, unit of the fraction and length of a record's header. */
static bool know_magic(struct file *f, uint32_t magic)
{
	static const struct { uint32_t magic; bool big; uint32_t ns, header; } formats[] = {
		{ 0xa1b2c3d4, true, 1000, 16 }, { 0xd4c3b2a1, false, 1000, 16 },
		{ 0xa1b23c4d, true, 1, 16 }, { 0x4d3cb2a1, false, 1, 16 },
		{ 0xa1b2cd34, true, 1000, 24 }, { 0x34cdb2a1, false, 1000, 24 },
	};

	for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
		if (formats[i].magic != magic)
			continue;
		f->big = formats[i].big;
		f->ns_per_tick = formats[i].ns;
		f->record_header = formats[i].header;
		return true;
	}
	return false;
}

bool file_open_pcap(struct file *f)
{
	struct rd r = rd_init(f->in.p, 4);
	uint16_t major, minor, dlt;
	char text[FILE_LINK_TEXT];

	if (!know_magic(f, rd_be32(&r)))
		return false;
	if (!input_need(&f->in, HEADER)) {
		file_end(f, CAPTURE_UNREADABLE, "cut in the middle of its file header");
		return false;
	}
	r = rd_init(f->in.p, HEADER);
	rd_skip(&r, 4);
	major = file_u16(f, &r);
	minor = file_u16(f, &r);
	rd_skip(&r, 12);
	/* the upper bits hold the length of a frame check sequence */
	dlt = (uint16_t)file_u32(f, &r);
	f->lengths_swapped = major < 2 || (major == 2 && minor < 4) || major == 543;
	if (!file_interface_add(f, dlt))
		return false;
	if (!f->ifs[0].known) {
		file_end(f, CAPTURE_UNREADABLE, "%s", file_link_text(dlt, text));
		return false;
	}
	input_drop(&f->in, HEADER);
	f->next = pcap_next;
	return true;
}
