#include "cli/progress.h"

#include "base/sbuf.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define QUIET_NS 1000000000u    /* a job shorter than this shows nothing */
#define STEP_NS 100000000u
#define BAR 24                  /* columns */

static uint64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

void progress_start(struct progress *p, const char *what, uint64_t total)
{
	*p = (struct progress){ .term = term_of(STDERR_FILENO), .what = what, .total = total };
	if (p->term.tty)
		p->start_ns = now_ns();
	p->next_ns = p->start_ns + QUIET_NS;
}

void progress_at(struct progress *p, uint64_t done, const char *item)
{
	struct sbuf b;
	uint64_t now;

	if (!p->term.tty || (now = now_ns()) < p->next_ns)
		return;
	p->next_ns = now + STEP_NS;
	p->shown = true;
	sbuf_init(&b, 4096);
	sbuf_fmt(&b, "%s ", p->what);
	if (p->total) {
		uint64_t part = done < p->total ? done : p->total;
		unsigned full = (unsigned)((double)part / (double)p->total * BAR);

		sbuf_char(&b, '[');
		for (unsigned i = 0; i < BAR; i++)
			sbuf_char(&b, i < full ? '#' : '.');
		sbuf_fmt(&b, "] %3u %%", (unsigned)((double)part / (double)p->total * 100));
	} else {
		sbuf_fmt(&b, "%" PRIu64, done);
	}
	sbuf_fmt(&b, " %" PRIu64 " s ", (now - p->start_ns) / 1000000000u);
	if (item && b.len < p->term.width)
		sbuf_escape(&b, item, strlen(item) < p->term.width - b.len ? strlen(item) : p->term.width - b.len - 1);
	fprintf(stderr, "\r%.*s\033[K", (int)(b.len < p->term.width ? b.len : p->term.width - 1), sbuf_text(&b));
	fflush(stderr);
	sbuf_fini(&b);
}

void progress_end(struct progress *p)
{
	if (p->shown)
		fputs("\r\033[K", stderr);
	p->shown = false;
}
