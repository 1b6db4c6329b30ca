/* file.c - see file.h */
#include "capture/file.h"

#include <pcap/pcap.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int file_end(struct file *f, enum capture_status status, const char *fmt, ...)
{
	va_list ap;

	f->ended = true;
	if (f->info->status != CAPTURE_OK)
		return 0;
	f->info->status = status;
	va_start(ap, fmt);
	vsnprintf(f->info->reason, sizeof(f->info->reason), fmt, ap);
	va_end(ap);
	return 0;
}

int file_cut(struct file *f)
{
	unsigned long long n = f->frame;

	switch (f->in.end) {
	case INPUT_FAILED:
		return file_end(f, CAPTURE_CORRUPT, "%s after %llu packets", f->in.why.text, n);
	case INPUT_DAMAGED:
		return file_end(f, CAPTURE_CORRUPT, "%s after %llu packets", f->in.why.text, n);
	case INPUT_CUT:
		return file_end(f, CAPTURE_CUT, "%s after %llu packets", f->in.why.text, n);
	default:
		return file_end(f, CAPTURE_CUT, "cut in the middle of a packet after %llu packets", n);
	}
}

bool file_link_known(const struct file *f, uint16_t dlt)
{
	return !f->link_known || f->link_known(dlt);
}

void file_skipped(struct file *f, uint16_t dlt)
{
	f->info->skipped++;
	f->strange_dlt = dlt;
}

struct file_interface *file_interface_add(struct file *f, uint16_t dlt)
{
	struct file_interface *v;
	uint32_t cap;

	if (f->ifs_n == FILE_INTERFACES_MAX) {
		file_end(f, CAPTURE_CORRUPT, "more than %u interfaces in one section", FILE_INTERFACES_MAX);
		return NULL;
	}
	if (f->ifs_n == f->ifs_cap) {
		cap = f->ifs_cap ? f->ifs_cap * 2 : 4;
		v = realloc(f->ifs, cap * sizeof(*v));
		if (!v) {
			file_end(f, CAPTURE_CORRUPT, "out of memory");
			return NULL;
		}
		f->ifs = v;
		f->ifs_cap = cap;
	}
	v = &f->ifs[f->ifs_n++];
	memset(v, 0, sizeof(*v));
	v->dlt = dlt;
	v->known = file_link_known(f, dlt);
	return v;
}

/* libpcap's DLT_ and the files' LINKTYPE_ numbers agree for all that zonetap does not know. */
const char *file_link_text(uint16_t dlt, char out[FILE_LINK_TEXT])
{
	const char *name = pcap_datalink_val_to_name(dlt);

	if (name)
		snprintf(out, FILE_LINK_TEXT, "unknown link type %u (%s)", dlt, name);
	else
		snprintf(out, FILE_LINK_TEXT, "unknown link type %u", dlt);
	return out;
}

/* The end, with nothing left inside a packet. */
static void finish(struct file *f)
{
	const struct capture_info *info = f->info;
	char text[FILE_LINK_TEXT];

	if (info->status != CAPTURE_OK || !info->skipped)
		return;
	file_end(f, info->packets ? CAPTURE_PARTIAL : CAPTURE_UNREADABLE,
		 "%s: %llu packets skipped", file_link_text(f->strange_dlt, text), (unsigned long long)info->skipped);
}

static bool unreadable(struct file *f, const char *text)
{
	file_end(f, CAPTURE_UNREADABLE, "%s", text);
	return false;
}

static bool not_a_capture(struct file *f)
{
	struct rd r = rd_init(f->in.p, 4);
	uint32_t magic = rd_be32(&r);

	file_end(f, CAPTURE_UNREADABLE, "not a capture file (%s %08x)",
		 input_is_packed(&f->in) ? "unpacked it starts with" : "it starts with", magic);
	return false;
}

bool file_open(struct file *f, struct input *in, struct capture_info *info, bool (*link_known)(uint16_t dlt))
{
	struct rd r;
	uint32_t magic;

	memset(f, 0, sizeof(*f));
	f->in = *in;
	f->info = info;
	f->link_known = link_known;
	if (!input_need(&f->in, 4)) {
		if (f->in.end > INPUT_EOF)
			return unreadable(f, f->in.why.text);
		if (f->in.left)
			return unreadable(f, "not a capture file (shorter than any file header)");
		return unreadable(f, input_is_packed(&f->in) ? "empty when unpacked" : "empty file");
	}
	r = rd_init(f->in.p, 4);
	magic = rd_be32(&r);
	if (magic == 0x0a0d0d0a)
		return file_open_pcapng(f) || (!info->status && not_a_capture(f));
	return file_open_pcap(f) || (!info->status && not_a_capture(f));
}

int file_next(struct file *f, struct packet *p)
{
	if (f->pending) {
		input_drop(&f->in, f->pending);
		f->pending = 0;
	}
	if (!f->ended && f->next(f, p)) {
		f->info->packets++;
		f->last_ts = p->ts_ns;
		return 1;
	}
	f->ended = true;
	f->info->bytes = f->in.stored;
	finish(f);
	return 0;
}

void file_close(struct file *f)
{
	if (f->in.s) {
		if (f->info->status != CAPTURE_UNREADABLE)
			input_finish(&f->in, f->info->sha256);
		f->info->bytes = f->in.stored;
	}
	input_close(&f->in);
	free(f->ifs);
	f->ifs = NULL;
}
