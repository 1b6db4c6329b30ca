#include "forward/inflight.h"

void inflight_init(struct inflight *f, uint32_t window)
{
	f->first = f->count = 0;
	f->window = window < 1 ? 1 : window > INFLIGHT_MAX ? INFLIGHT_MAX : window;
}

void inflight_clear(struct inflight *f)
{
	f->count = 0;
}

bool inflight_full(const struct inflight *f)
{
	return f->count >= f->window;
}

static struct flight *at(struct inflight *f, uint32_t i)
{
	return &f->flight[(f->first + i) % INFLIGHT_MAX];
}

void inflight_add(struct inflight *f, const struct flight *one)
{
	*at(f, f->count++) = *one;
}

void inflight_extend(struct inflight *f, int64_t to)
{
	if (f->count && at(f, f->count - 1)->to < to)
		at(f, f->count - 1)->to = to;
}

bool inflight_take(struct inflight *f, uint64_t number, struct flight *out)
{
	if (f->count == 0 || at(f, 0)->number > number)
		return false;
	*out = *at(f, 0);
	f->first = (f->first + 1) % INFLIGHT_MAX;
	f->count--;
	return true;
}

bool inflight_telling(const struct inflight *f)
{
	for (uint32_t i = 0; i < f->count; i++) {
		if (f->flight[(f->first + i) % INFLIGHT_MAX].telling)
			return true;
	}
	return false;
}
