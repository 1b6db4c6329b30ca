#include "sensor/sinks.h"

#include "sensor/log.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DRAIN_MS 3000                   /* at the end, what is stored may still be sent for so long */
#define STOP_MS 2000                    /* and a receiver that does not answer is left then */

struct sinks {
	struct sinks_config c;
	struct forward *forward;
	pthread_mutex_t lock;           /* of: */
	struct sink_told told[SINKS_MAX];
};

/* --- in a sink's thread ---------------------------------------------------------------------------------------- */

static void enter(void *arg)
{
	struct sinks *s = arg;

	s->c.thread_start(s->c.arg);
}

static void note(struct sink_told *t, enum forward_news what, uint64_t value, const char *text)
{
	switch (what) {
	case NEWS_DOWN:
	case NEWS_PAUSED:
		t->downs += what == NEWS_DOWN;
		t->pauses += what == NEWS_PAUSED;
		t->down = what == NEWS_DOWN;
		t->paused = what == NEWS_PAUSED;
		snprintf(t->why, sizeof t->why, "%s", text);
		break;
	case NEWS_UP:
		t->ups++;
		t->down = t->paused = false;
		break;
	case NEWS_DEAD:
		t->dead++;
		snprintf(t->dead_why, sizeof t->dead_why, "%s", text);
		break;
	case NEWS_DROPPED:
		t->dropped += value;
		break;
	case NEWS_INSECURE:
		t->insecure = true;
		break;
	}
}

static void print(enum forward_news what, const char *sink, const char *text)
{
	if (what == NEWS_UP)
		log_line(LOG_IS_INFO, "%s: alerts are delivered again", sink);
	else if (what == NEWS_PAUSED)
		log_line(LOG_IS_ERROR, "%s: the receiver does not let us in: %s", sink, text);
	else if (what == NEWS_DEAD)
		log_line(LOG_IS_ERROR, "%s: a record is refused for good: %s", sink, text);
	else
		log_line(LOG_IS_WARNING, "%s: %s", sink, text);
}

static void on_news(void *arg, enum forward_news what, const char *sink, uint64_t value, const char *text)
{
	struct sinks *s = arg;
	const struct sensor_config *c = s->c.config;

	print(what, sink, text);
	for (uint32_t i = 0; i < c->sink_count; i++) {
		if (strcmp(c->sinks[i].name, sink) != 0)
			continue;
		pthread_mutex_lock(&s->lock);
		note(&s->told[i], what, value, text);
		pthread_mutex_unlock(&s->lock);
	}
}

/* --- in others' ------------------------------------------------------------------------------------------------ */

struct sinks *sinks_start(const struct sinks_config *c, int *err, struct diag *d)
{
	const struct sensor_config *k = c->config;
	struct sinks *s = calloc(1, sizeof *s);

	if (!s) {
		*err = diag_fail(d, ZT_ENOMEM, "out of memory");
		return NULL;
	}
	s->c = *c;
	pthread_mutex_init(&s->lock, NULL);
	s->forward = forward_start(&(struct forward_config){
		.sink = k->sinks, .sinks = k->sink_count, .database = k->database.path, .sensor = k->sensor,
		.news = on_news, .thread_start = enter, .arg = s }, err, d);
	if (s->forward)
		return s;
	pthread_mutex_destroy(&s->lock);
	free(s);
	return NULL;
}

void sinks_wake(struct sinks *s)
{
	forward_wake(s->forward);
}

void sinks_look(struct sinks *s, struct sink_view *out)
{
	struct sink_figures now[SINKS_MAX];
	uint32_t n = forward_figures(s->forward, now, SINKS_MAX);

	pthread_mutex_lock(&s->lock);
	for (uint32_t i = 0; i < n; i++)
		out[i] = (struct sink_view){ now[i], s->told[i] };
	pthread_mutex_unlock(&s->lock);
}

/* A thread that hangs is left behind by forward_stop() and says nothing any more. */
void sinks_stop(struct sinks *s, bool drain)
{
	if (!s)
		return;
	if (drain)
		(void)forward_drain(s->forward, DRAIN_MS);
	forward_stop(s->forward, STOP_MS);
	pthread_mutex_destroy(&s->lock);
	free(s);
}
