/* source.c - see source.h.
 *
 * A heap holds one packet of every capture that is not at its end. A file is looked at once
 * at the start for its first stamp and closed again; it is opened for good when its turn
 * comes, so that a folder of a thousand captures costs descriptors and buffers only for
 * those that overlap in time. What cannot be opened twice (a pipe) stays open. */
#include "capture/source.h"

#include "capture/file.h"

#include <stdlib.h>
#include <string.h>

#define BUFFER (256U * 1024)            /* bytes read at a time: fits the second level cache */
#define BUFFER_SMALL (64U * 1024)       /* with many captures, and for the first look */
#define MANY 16U

struct slot {
	struct file file;
	struct capture_info info;
	struct packet head;             /* the packet that is next, when open */
	uint64_t ts_ns;                 /* its stamp; also when closed again */
	uint64_t size;
	char *path;
	bool open;
};

struct source {
	struct slot *slots;
	uint32_t n;
	uint32_t *heap;                 /* slots by (ts_ns, index) */
	uint32_t heap_n;
	struct source_options o;
	uint64_t seq;
	struct slot *given;             /* the slot whose packet the caller holds */
};

static bool before(const struct source *s, uint32_t a, uint32_t b)
{
	const struct slot *x = &s->slots[a], *y = &s->slots[b];

	return x->ts_ns != y->ts_ns ? x->ts_ns < y->ts_ns : a < b;
}

static void sift_down(struct source *s, uint32_t at)
{
	uint32_t v = s->heap[at];

	for (;;) {
		uint32_t kid = at * 2 + 1;

		if (kid >= s->heap_n)
			break;
		if (kid + 1 < s->heap_n && before(s, s->heap[kid + 1], s->heap[kid]))
			kid++;
		if (!before(s, s->heap[kid], v))
			break;
		s->heap[at] = s->heap[kid];
		at = kid;
	}
	s->heap[at] = v;
}

/* Read the slot's next packet into head; at the end the slot is closed and its hash filled. */
static bool advance(struct slot *slot)
{
	if (file_next(&slot->file, &slot->head)) {
		slot->ts_ns = slot->head.ts_ns;
		return true;
	}
	file_close(&slot->file);
	slot->open = false;
	return false;
}

static void unreadable(struct slot *slot, const struct diag *d)
{
	slot->info.status = CAPTURE_UNREADABLE;
	memcpy(slot->info.reason, d->text, sizeof(slot->info.reason) - 1);
}

/* Make `in` the slot's file and read its first packet. */
static bool start(const struct source *s, struct slot *slot, struct input *in)
{
	bool ok;

	slot->info = (struct capture_info){ .name = slot->path };
	slot->size = input_size(in);
	slot->open = true;
	ok = file_open(&slot->file, in, &slot->info, s->o.link_known);
	if (!ok) {
		file_close(&slot->file);
		slot->open = false;
		return false;
	}
	return advance(slot);
}

static bool open_slot(const struct source *s, struct slot *slot, bool look)
{
	size_t buffer = look || s->n > MANY ? BUFFER_SMALL : BUFFER;
	struct diag d = { "" };
	struct input in;

	if (input_open(&in, slot->path, buffer, s->o.hash, &d)) {
		unreadable(slot, &d);
		return false;
	}
	if (!start(s, slot, &in))
		return false;
	if (look && input_is_regular(&slot->file.in) && strcmp(slot->path, "-") != 0) {
		/* only a look: the file will be opened again */
		slot->file.info = &(struct capture_info){ .status = CAPTURE_UNREADABLE };
		file_close(&slot->file);
		slot->open = false;
	}
	return true;
}

static int source_new(uint32_t n, const struct source_options *o, struct source **out, struct diag *d)
{
	struct source *s = calloc(1, sizeof(*s));

	*out = NULL;
	if (n > SOURCE_CAPTURES_MAX) {
		free(s);
		return diag_fail(d, ZT_EFULL, "more than %u captures", SOURCE_CAPTURES_MAX);
	}
	if (s) {
		s->slots = calloc(n ? n : 1, sizeof(*s->slots));
		s->heap = calloc(n ? n : 1, sizeof(*s->heap));
	}
	if (!s || !s->slots || !s->heap) {
		source_close(s);
		return diag_fail(d, ZT_ENOMEM, "out of memory");
	}
	if (o)
		s->o = *o;
	s->n = n;
	*out = s;
	return ZT_OK;
}

static int name_slot(struct source *s, uint32_t i, const char *name, struct diag *d)
{
	struct slot *slot = &s->slots[i];

	slot->path = strdup(name);
	slot->info.name = slot->path;
	return slot->path ? ZT_OK : diag_fail(d, ZT_ENOMEM, "out of memory");
}

int source_open(const char *const *paths, uint32_t n, const struct source_options *o, struct source **out,
		struct diag *d)
{
	struct source *s;
	int err = source_new(n, o, &s, d);

	*out = NULL;
	for (uint32_t i = 0; !err && i < n; i++)
		err = name_slot(s, i, paths[i], d);
	if (err) {
		source_close(s);
		return err;
	}
	for (uint32_t i = 0; i < n; i++) {
		/* alone, there is nothing to compare its first stamp with */
		if (open_slot(s, &s->slots[i], n > 1))
			s->heap[s->heap_n++] = i;
	}
	for (uint32_t i = s->heap_n / 2; i-- > 0;)
		sift_down(s, i);
	*out = s;
	return ZT_OK;
}

int source_open_fd(int fd, const char *name, const struct source_options *o, struct source **out, struct diag *d)
{
	struct source *s;
	struct input in;
	int err = input_open_fd(&in, fd, BUFFER, o && o->hash, d);

	*out = NULL;
	if (err)
		return err;
	err = source_new(1, o, &s, d);
	if (!err)
		err = name_slot(s, 0, name, d);
	if (err) {
		input_close(&in);
		source_close(s);
		return err;
	}
	if (start(s, &s->slots[0], &in))
		s->heap_n = 1;
	*out = s;
	return ZT_OK;
}

void source_close(struct source *s)
{
	if (!s)
		return;
	for (uint32_t i = 0; i < s->n; i++) {
		if (s->slots[i].open) {
			s->slots[i].file.info = &(struct capture_info){ .status = CAPTURE_UNREADABLE };
			file_close(&s->slots[i].file);
		}
		free(s->slots[i].path);
	}
	free(s->slots);
	free(s->heap);
	free(s);
}

/* The caller is done with the packet at the top of the heap: put the next one there. */
static void settle(struct source *s)
{
	if (!advance(s->given))
		s->heap[0] = s->heap[--s->heap_n];
	if (s->heap_n > 1)
		sift_down(s, 0);
	s->given = NULL;
}

/* One capture left: its next packet goes to the caller as it is read. false: it is at its end. */
static bool next_of_one(struct source *s, struct packet *p)
{
	struct slot *slot = s->given;

	if (!file_next(&slot->file, p))
		return false;
	p->capture = (uint16_t)s->heap[0];
	p->seq = ++s->seq;
	return true;
}

int source_next(struct source *s, struct packet *p)
{
	struct slot *slot;

	if (s->given && s->heap_n == 1 && next_of_one(s, p))
		return 1;
	if (s->given)
		settle(s);
	while (s->heap_n) {
		slot = &s->slots[s->heap[0]];
		if (!slot->open && !open_slot(s, slot, false)) {
			/* it was there a moment ago: its info says what happened */
			s->heap[0] = s->heap[--s->heap_n];
			if (s->heap_n > 1)
				sift_down(s, 0);
			continue;
		}
		p->bytes = slot->head.bytes;
		p->caplen = slot->head.caplen;
		p->wirelen = slot->head.wirelen;
		p->ts_ns = slot->head.ts_ns;
		p->frame = slot->head.frame;
		p->dlt = slot->head.dlt;
		p->capture = (uint16_t)s->heap[0];
		p->seq = ++s->seq;
		s->given = slot;
		return 1;
	}
	return 0;
}

uint32_t source_captures(const struct source *s)
{
	return s->n;
}

const struct capture_info *source_capture(const struct source *s, uint32_t i)
{
	return i < s->n ? &s->slots[i].info : NULL;
}

void source_progress(const struct source *s, uint64_t *done, uint64_t *total)
{
	bool known = true;

	*done = *total = 0;
	for (uint32_t i = 0; i < s->n; i++) {
		const struct slot *slot = &s->slots[i];

		*done += slot->open ? slot->file.in.stored : slot->info.bytes;
		*total += slot->size;
		known = known && (slot->size || slot->info.status);
	}
	if (!known)
		*total = 0;
}
