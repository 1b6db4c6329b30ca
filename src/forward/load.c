#include "forward/load.h"

#include <stdlib.h>
#include <string.h>

#define UIDS 64                         /* bytes kept free for each record's uid */
#define TEXT_SPARE (4u << 20)           /* one record may be longer than a batch */

bool load_init(struct load *l, uint32_t most, uint64_t most_bytes)
{
	*l = (struct load){ .most = most, .most_bytes = most_bytes };
	sbuf_init(&l->text, (size_t)most_bytes + (size_t)most * UIDS + TEXT_SPARE);
	l->item = calloc(most, sizeof *l->item);
	l->out = calloc(most, sizeof *l->out);
	if (l->item && l->out)
		return true;
	load_fini(l);
	return false;
}

void load_fini(struct load *l)
{
	free(l->item);
	free(l->out);
	sbuf_fini(&l->text);
	*l = (struct load){ .most = 0 };
}

void load_clear(struct load *l, int64_t to)
{
	sbuf_reset(&l->text);
	l->count = 0;
	l->bytes = 0;
	l->to = to;
	l->tried = l->urgent = false;
}

bool load_open(const struct load *l)
{
	return !l->tried && l->count < l->most && (l->count == 0 || l->bytes < l->most_bytes);
}

bool load_fits(const struct load *l, size_t len)
{
	return load_open(l) && (l->count == 0 || len <= l->most_bytes - l->bytes);
}

bool load_add(struct load *l, const struct load_item *like, const char *uid, const char *text, size_t len, uint64_t now_ns)
{
	struct load_item *i = &l->item[l->count];

	*i = *like;
	i->again = i->done = false;
	i->len = len;
	i->uid = l->text.len;
	sbuf_mem(&l->text, uid, strlen(uid) + 1);
	i->text = l->text.len;
	sbuf_mem(&l->text, text, len);
	if (l->text.cut) {
		l->text.len = i->uid;
		l->text.cut = false;
		return false;
	}
	if (l->count++ == 0)
		l->first_ns = now_ns;
	l->bytes += len;
	return true;
}

bool load_has(const struct load *l, enum load_kind kind)
{
	for (uint32_t i = 0; i < l->count; i++) {
		if (l->item[i].kind == kind)
			return true;
	}
	return false;
}

void load_batch(struct load *l, uint32_t most, struct batch *b)
{
	b->item = l->out;
	b->count = l->count < most ? l->count : most;
	for (uint32_t i = 0; i < b->count; i++) {
		const struct load_item *from = &l->item[i];

		l->out[i] = (struct item){ .text = l->text.s + from->text, .len = from->len, .uid = l->text.s + from->uid,
					   .rev = from->rev, .ts_ns = from->ts_ns };
	}
}

int64_t load_settle(struct load *l)
{
	int64_t done_to = l->to;
	uint32_t kept = 0;

	for (uint32_t i = 0; i < l->count; i++) {
		if (l->item[i].done) {
			l->bytes -= l->item[i].len;
			continue;
		}
		if (l->item[i].id && done_to == l->to)
			done_to = l->item[i].id - 1;
		l->item[kept++] = l->item[i];
	}
	l->count = kept;
	if (kept == 0)
		load_clear(l, l->to);
	return done_to;
}
