#include "forward/settle.h"

#include <string.h>

/* One mark stands for what was confirmed within this share of the overlap; the marks cover the whole of it. */
#define STEPS (SETTLE_MARKS - 2)

void settle_init(struct settle *s, uint64_t overlap, int64_t id)
{
	*s = (struct settle){ .overlap = overlap, .id = id };
}

int64_t settle_at(struct settle *s, uint64_t now_ns)
{
	uint32_t over = 0;

	while (over < s->marks && now_ns - s->mark[over].last_ns >= s->overlap)
		over++;
	if (over) {
		s->id = s->mark[over - 1].id;
		s->marks -= over;
		memmove(s->mark, s->mark + over, s->marks * sizeof s->mark[0]);
	}
	return s->id;
}

void settle_confirmed(struct settle *s, uint64_t now_ns, int64_t id)
{
	uint32_t last;

	(void)settle_at(s, now_ns);
	if (id <= s->id || (s->marks && id <= s->mark[s->marks - 1].id))
		return;
	if (!s->overlap) {
		s->id = id;
		return;
	}
	last = s->marks - 1;
	if (!s->marks || (now_ns - s->mark[last].first_ns > s->overlap / STEPS && s->marks < SETTLE_MARKS)) {
		s->mark[s->marks].first_ns = now_ns;
		last = s->marks++;
	}
	s->mark[last].last_ns = now_ns;
	s->mark[last].id = id;
}
