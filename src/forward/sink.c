#include "forward/sink_inside.h"

#include "base/clock.h"
#include "base/hash.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LOOK_NS UINT64_C(1000000000)    /* a turn at least so often: the file, the cursor, the figures */
#define OBJECT_MAX 4096                 /* bytes of a notice */

/* --- making ----------------------------------------------------------------------------------------------------- */

void sink_describe(const struct sink_conf *c, const char *sensor, char hostname[HOST_NAME_MAX + 1], struct format_env *out)
{
	if (gethostname(hostname, HOST_NAME_MAX) != 0 || !*hostname)
		snprintf(hostname, HOST_NAME_MAX + 1, "zonetap");
	hostname[HOST_NAME_MAX] = '\0';
	*out = (struct format_env){
		.hostname = c->hostname ? c->hostname : hostname, .sensor = sensor, .facility = c->facility, .enterprise = c->enterprise,
		.max_record = c->type == SINK_SYSLOG ? c->max_record : 0, .syslog = c->type == SINK_SYSLOG,
	};
}

int sink_filter(const struct sink_conf *c, struct expr **out, struct diag *d)
{
	struct expr_errors errs = { 0 };

	*out = c->filter ? expr_compile(c->filter, strlen(c->filter), EXPR_FORWARD, NULL, &errs) : NULL;
	if (*out || !c->filter)
		return ZT_OK;
	return diag_fail(d, ZT_ESYNTAX, "the filter of %s: %s", c->name, errs.n ? errs.v[0].text : "too little memory");
}

static void describe(struct sink *s)
{
	const struct sink_conf *c = s->conf;

	sink_describe(c, s->o.sensor, s->hostname, &s->env);
	s->now = (struct sink_figures){ .name = c->name, .type = sink_type_word(c->type), .format = sink_format_word(c->format),
					.state = SINK_STARTING, .since_ns = clock_wall() };
	sink_to(c, s->now.to);
	s->shown = s->now;
}

static int prepare(struct sink *s, struct diag *d)
{
	const struct sink_conf *c = s->conf;
	uint64_t seed[3] = { hash_stable(c->name, strlen(c->name)), clock_wall(), (uint64_t)getpid() };
	int err = sink_filter(s->conf, &s->filter, d);

	if (err)
		return err;
	if (!load_init(&s->load, c->batch_count, c->batch_bytes) || !load_init(&s->next, c->batch_count, c->batch_bytes))
		return diag_fail(d, ZT_ENOMEM, "too little memory for a batch of %s", c->name);
	sbuf_init(&s->line, RECORD_JSON_MAX * 2);
	sbuf_init(&s->object, OBJECT_MAX);
	inflight_init(&s->flight, s->ops->confirmed ? s->ops->window : 1);
	backoff_init(&s->backoff, c->backoff_min, c->backoff_max, hash_stable(seed, sizeof seed));
	settle_init(&s->settle, c->overlap, 0);
	s->size = c->batch_count;
	describe(s);
	s->driver = sink_send_driver(s, d);
	return s->driver ? ZT_OK : ZT_EIO;
}

struct sink *sink_new(const struct sink_options *o, int *err, struct diag *d)
{
	struct sink *s = calloc(1, sizeof *s);

	if (!s) {
		*err = diag_fail(d, ZT_ENOMEM, "out of memory");
		return NULL;
	}
	s->o = *o;
	s->conf = o->conf;
	s->ops = o->ops;
	s->start = o->start;
	s->next_from = NEXT_NONE;
	pthread_mutex_init(&s->lock, NULL);
	*err = prepare(s, d);
	if (!*err)
		return s;
	sink_free(s);
	return NULL;
}

void sink_wait(struct sink *s, const char *why)
{
	sink_say_state(s, SINK_STARTING, why);
	sink_say_show(s);
}

void sink_end(struct sink *s)
{
	sink_keep_cursor(s, clock_mono(), true);
	sink_read_close(s);
	if (s->driver)
		s->ops->close(s->driver);
	s->driver = NULL;
	sink_say_state(s, SINK_ENDED, s->now.why);
	sink_say_show(s);
}

void sink_free(struct sink *s)
{
	if (!s)
		return;
	if (s->driver)
		s->ops->close(s->driver);
	outbox_close(s->outbox);
	expr_free(s->filter);
	load_fini(&s->load);
	load_fini(&s->next);
	sbuf_fini(&s->line);
	sbuf_fini(&s->object);
	pthread_mutex_destroy(&s->lock);
	free(s);
}

void sink_stop(struct sink *s)
{
	atomic_store(&s->stop, true);
}

uint32_t sink_drain(struct sink *s)
{
	return atomic_fetch_add(&s->drain_asked, 1) + 1;
}

uint32_t sink_drained(const struct sink *s)
{
	return atomic_load(&s->drain_done);
}

/* --- turning ---------------------------------------------------------------------------------------------------- */

static uint64_t sooner(uint64_t wait, uint64_t now_ns, uint64_t at_ns)
{
	uint64_t until = at_ns > now_ns ? at_ns - now_ns : 0;

	return until < wait ? until : wait;
}

/* Is what is held to be sent now? *at_ns: when it will be. */
static bool due(struct sink *s, uint64_t now_ns, uint64_t *at_ns)
{
	*at_ns = s->load.first_ns + s->conf->batch_age;
	return s->load.count && !inflight_full(&s->flight) &&
	       (s->load.tried || s->load.urgent || s->draining || s->full || !load_open(&s->load) || now_ns >= *at_ns);
}

/* How long the thread may sleep. */
static uint64_t rest(struct sink *s, uint64_t now_ns, uint64_t at_ns)
{
	uint64_t wait = LOOK_NS;

	if (now_ns < s->until_ns)
		return sooner(wait, now_ns, s->until_ns);
	if (s->flight.count && s->ops->confirmed)
		wait = sooner(wait, now_ns, s->polled_ns + s->ops->poll_ms * UINT64_C(1000000));
	if (s->outbox_ns > now_ns)
		wait = sooner(wait, now_ns, s->outbox_ns);
	if (s->load.count && !inflight_full(&s->flight))
		wait = sooner(wait, now_ns, at_ns);
	if (s->conf->heartbeat && load_open(&s->load))
		wait = sooner(wait, now_ns, s->beat_ns);
	return wait;
}

/* What is to be done while nothing keeps us from it. true: there is more at once. */
static bool work(struct sink *s, uint64_t now_ns, uint64_t *at_ns)
{
	if (!sink_send_ready(s, now_ns))
		return false;
	sink_read_fill(s, now_ns);
	if (due(s, now_ns, at_ns)) {
		sink_send_batch(s, now_ns);
		return true;
	}
	if (s->more && !s->full && load_open(&s->load))
		return true;            /* a long row of filtered ones, or one that was put aside */
	if (s->load.count == 0 && s->flight.count == 0 && s->ended)
		sink_send_idle(s);
	return false;
}

uint64_t sink_turn(struct sink *s)
{
	uint64_t now_ns = clock_mono(), at_ns = UINT64_MAX;
	bool more = false;

	if (s->conf->insecure && !s->said_insecure) {
		s->said_insecure = true;
		sink_say(s, NEWS_INSECURE, 0, "'insecure' is set: whoever answers is believed to be the receiver");
	}
	(void)sink_read_open(s, now_ns);
	sink_keep_drain(s);
	sink_send_confirm(s, now_ns);
	if (now_ns >= s->until_ns)
		more = work(s, now_ns, &at_ns);
	now_ns = clock_mono();
	sink_keep_cursor(s, now_ns, !more);
	sink_keep_drain(s);
	sink_keep_depth(s, now_ns);
	sink_say_show(s);
	return more && now_ns >= s->until_ns ? 0 : rest(s, now_ns, at_ns);
}
