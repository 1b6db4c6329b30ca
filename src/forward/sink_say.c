/* sink_say.c - what others see of a sink: its figures and its news. */
#include "forward/sink_inside.h"

#include "base/clock.h"

#include <stdio.h>
#include <string.h>

void sink_say(struct sink *s, enum forward_news what, uint64_t value, const char *text)
{
	if (s->o.news && !atomic_load(&s->stop))
		s->o.news(s->o.arg, what, s->conf->name, value, text);
}

void sink_say_state(struct sink *s, enum sink_state state, const char *why)
{
	if (s->now.state != state)
		s->now.since_ns = clock_wall();
	s->now.state = state;
	snprintf(s->now.why, sizeof s->now.why, "%s", why);
}

void sink_say_show(struct sink *s)
{
	pthread_mutex_lock(&s->lock);
	s->shown = s->now;
	pthread_mutex_unlock(&s->lock);
}

void sink_figures(struct sink *s, struct sink_figures *out)
{
	pthread_mutex_lock(&s->lock);
	*out = s->shown;
	pthread_mutex_unlock(&s->lock);
}
