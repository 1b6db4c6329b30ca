#include "forward/drain.h"

void drain_reset(struct drain *d, uint64_t now_ns)
{
	d->first = d->count = 0;
	d->put = d->held = 0;
	d->moved_ns = now_ns;
}

void drain_put(struct drain *d, uint64_t number, size_t bytes, uint64_t now_ns)
{
	if (d->count == DRAIN_WINDOW)
		return;
	if (d->count == 0)
		d->moved_ns = now_ns;
	d->put += bytes;
	d->held += bytes;
	d->batch[(d->first + d->count) % DRAIN_WINDOW].number = number;
	d->batch[(d->first + d->count) % DRAIN_WINDOW].end = d->put;
	d->count++;
}

uint64_t drain_held(struct drain *d, uint64_t held, uint64_t now_ns)
{
	uint64_t out = held < d->put ? d->put - held : 0;

	if (held < d->held)
		d->moved_ns = now_ns;
	d->held = held;
	while (d->count && d->batch[d->first].end <= out) {
		d->confirmed = d->batch[d->first].number;
		d->first = (d->first + 1) % DRAIN_WINDOW;
		d->count--;
		d->moved_ns = now_ns;
	}
	return d->confirmed;
}

bool drain_stuck(const struct drain *d, uint64_t max_ns, uint64_t now_ns)
{
	return d->count && now_ns - d->moved_ns > max_ns;
}
