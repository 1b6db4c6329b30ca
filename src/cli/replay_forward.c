#include "cli/replay_forward.h"

#include "base/clock.h"
#include "cli/command.h"
#include "cli/progress.h"
#include "forward/forward.h"
#include "sensor/config.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#define STEP_MS 200
#define STOP_MS 5000
#define SECOND UINT64_C(1000000000)

struct replay_forward {
	struct sensor_config *config;
	struct forward *forward;
	uint64_t give_up_ns;
	struct sink_conf sink[SINKS_MAX];       /* as configured, but without heartbeats: this is no sensor that lives */
	struct sink_figures now[SINKS_MAX];
	uint64_t moved[SINKS_MAX], moved_ns[SINKS_MAX]; /* records that are done with, and when that last changed */
};

static void on_news(void *arg, enum forward_news what, const char *sink, uint64_t value, const char *text)
{
	(void)arg;
	(void)value;
	if (what == NEWS_INSECURE || what == NEWS_DROPPED)
		fprintf(stderr, "zonetap: replay: %s: %s\n", sink, text);
}

static int configure(struct replay_forward *f, const char *file)
{
	struct complaints errs = { 0 };

	f->config = config_load(file, &errs);
	if (!f->config) {
		complaints_print(&errs);
		return EXIT_USAGE;
	}
	if (f->config->sink_count == 0) {
		fprintf(stderr, "zonetap: replay: %s: there is no sink in 'forward' to send to\n", file);
		return EXIT_USAGE;
	}
	for (uint32_t i = 0; i < f->config->sink_count; i++) {
		f->sink[i] = f->config->sinks[i];
		f->sink[i].heartbeat = 0;
	}
	return EXIT_DONE;
}

int replay_forward_start(const char *config, const char *database, uint64_t give_up_s, struct replay_forward **out)
{
	struct replay_forward *f = calloc(1, sizeof *f);
	struct forward_config c = { .database = database, .keep_others = true, .news = on_news };
	struct diag d;
	int status, err;

	*out = f;
	if (!f) {
		fprintf(stderr, "zonetap: replay: out of memory\n");
		return EXIT_OPERATION;
	}
	f->give_up_ns = give_up_s * SECOND;
	status = configure(f, config);
	if (status != EXIT_DONE)
		return status;
	c.sink = f->sink;
	c.sinks = f->config->sink_count;
	c.sensor = f->config->sensor;
	f->forward = forward_start(&c, &err, &d);
	if (f->forward)
		return EXIT_DONE;
	fprintf(stderr, "zonetap: replay: %s\n", d.text);
	return EXIT_OPERATION;
}

void replay_forward_free(struct replay_forward *f)
{
	if (!f)
		return;
	if (f->forward)
		forward_stop(f->forward, STOP_MS);
	config_free(f->config);
	free(f);
}

/* --- until everything is there ---------------------------------------------------------------------------------------- */

static bool is_done(const struct sink_figures *n)
{
	return n->depth == 0 && (n->state == SINK_IDLE || n->state == SINK_ENDED);
}

/* Records that need nothing any more, of all sinks; *all: those there are. */
static uint64_t look(struct replay_forward *f, uint64_t *all)
{
	uint32_t n = forward_figures(f->forward, f->now, SINKS_MAX);
	uint64_t done = 0, now_ns = clock_mono();

	*all = 0;
	for (uint32_t i = 0; i < n; i++) {
		uint64_t moved = f->now[i].sent + f->now[i].filtered + f->now[i].dead;

		if (moved != f->moved[i] || !f->moved_ns[i])
			f->moved_ns[i] = now_ns;
		f->moved[i] = moved;
		done += moved;
		*all += moved + f->now[i].depth;
	}
	return done;
}

/* Is there a sink that may still get further? */
static bool hope(const struct replay_forward *f)
{
	uint64_t now_ns = clock_mono();
	bool all_done = true;           /* as it seems: then they will soon say so */

	for (uint32_t i = 0; i < f->config->sink_count; i++) {
		const struct sink_figures *n = &f->now[i];

		if (is_done(n))
			continue;
		all_done = false;
		if (n->state != SINK_PAUSED && (n->state == SINK_SENDING || now_ns - f->moved_ns[i] < f->give_up_ns))
			return true;
	}
	return all_done;
}

static bool deliver(struct replay_forward *f)
{
	struct progress bar;
	uint64_t all, done = look(f, &all);
	bool delivered;

	progress_start(&bar, "forward", all);
	while (!(delivered = forward_drain(f->forward, STEP_MS))) {
		done = look(f, &all);
		if (!hope(f))
			break;
		bar.total = all;
		progress_at(&bar, done, NULL);
	}
	progress_end(&bar);
	(void)look(f, &all);
	return delivered;
}

static void tell(const struct sink_figures *n)
{
	printf("%s: %" PRIu64 " record%s delivered to %s (%s, %s)", n->name, n->sent, n->sent == 1 ? "" : "s", n->to, n->type, n->format);
	if (n->filtered)
		printf(", %" PRIu64 " left out by its filter", n->filtered);
	if (n->dead)
		printf(", %" PRIu64 " refused for good: see zonetap forward --dead %s", n->dead, n->name);
	putchar('\n');
}

int replay_forward_finish(struct replay_forward *f, bool say)
{
	bool delivered = deliver(f);

	for (uint32_t i = 0; i < f->config->sink_count; i++) {
		const struct sink_figures *n = &f->now[i];

		if (say)
			tell(n);
		if (delivered || is_done(n))
			continue;
		fflush(stdout);
		fprintf(stderr, "zonetap: replay: %s: %" PRIu64 " record%s left for it in the database: %s\n", n->name, n->depth,
			n->depth == 1 ? " is" : "s are", *n->why ? n->why : "it takes too long");
	}
	return delivered ? EXIT_DONE : EXIT_OPERATION;
}
