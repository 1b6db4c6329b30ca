#include "sensor/port.h"

#include "base/clock.h"
#include "capture/fanout.h"

#include <stdio.h>
#include <string.h>

#define WAIT_FIRST_MS 250
#define WAIT_MOST_MS 1000               /* an interface that came back is not listened to for so long */
#define WAIT_FOR_OTHERS_MS 10

bool port_init(struct port *p, const struct live_options *o, unsigned listeners)
{
	memset(p, 0, sizeof *p);
	p->options = *o;
	p->listeners = listeners;
	p->since_ns = clock_now();
	return pthread_mutex_init(&p->lock, NULL) == 0;
}

void port_fini(struct port *p)
{
	pthread_mutex_destroy(&p->lock);
}

static void become(struct port *p, enum port_state state, const char *reason)
{
	if (p->state != state)
		p->since_ns = clock_now();
	if (p->state == PORT_UP && state == PORT_WAITING)
		p->gone++;
	p->ups += p->state != PORT_UP && state == PORT_UP;
	p->state = state;
	snprintf(p->reason, sizeof p->reason, "%s", reason);
	if (reason[0])
		memcpy(p->last, p->reason, sizeof p->last);
}

static void next_round(struct port *p)
{
	p->joined = 0;
	p->go_ns = 0;
	p->round++;
}

static unsigned patience(unsigned attempt)
{
	unsigned ms = WAIT_FIRST_MS;

	while (attempt-- && ms < WAIT_MOST_MS)
		ms *= 2;
	return ms < WAIT_MOST_MS ? ms : WAIT_MOST_MS;
}

static int enter_group(struct port *p, struct live *l, struct diag *d)
{
	if (p->listeners == 1 || p->refused)
		return ZT_OK;
	if (p->joined)
		return fanout_join(live_fd(l), p->group, d);
	if (fanout_make(live_fd(l), &p->group, d) != ZT_OK)
		p->refused = true;      /* this kernel will not learn it */
	return ZT_OK;
}

/* With the lock. */
static int open_part(struct port *p, struct live **out, struct diag *d)
{
	int err = live_open(&p->options, out, d);

	if (err)
		return err;
	err = enter_group(p, *out, d);
	if (err) {
		live_close(*out);
		*out = NULL;
		return err;
	}
	p->joined++;
	if (p->joined == p->listeners || p->refused) {
		p->go_ns = p->listeners == 1 ? 1 : clock_wall();
		become(p, PORT_UP, "");
	}
	return ZT_OK;
}

enum port_part port_open(struct port *p, unsigned index, unsigned attempt, struct live **out, uint32_t *round,
			 unsigned *wait_ms)
{
	enum port_part part = PORT_NOT_YET;
	struct diag d;

	*out = NULL;
	*wait_ms = WAIT_FOR_OTHERS_MS;
	pthread_mutex_lock(&p->lock);
	*round = p->round;
	if (index && !p->joined) {
		;                       /* the first one finds out how it goes */
	} else if (index && p->refused) {
		part = PORT_IS_FED;
	} else if (open_part(p, out, &d) == ZT_OK) {
		part = p->refused ? PORT_READS_FOR_ALL : PORT_READS;
	} else {
		become(p, PORT_WAITING, d.text);
		*wait_ms = patience(attempt);
		if (p->joined)
			next_round(p);
	}
	pthread_mutex_unlock(&p->lock);
	return part;
}

void port_failed(struct port *p, uint32_t round, const struct diag *why)
{
	pthread_mutex_lock(&p->lock);
	if (p->round == round) {
		become(p, PORT_WAITING, why->text);
		next_round(p);
	}
	pthread_mutex_unlock(&p->lock);
}

void port_view(struct port *p, struct port_view *out)
{
	pthread_mutex_lock(&p->lock);
	*out = (struct port_view){ .state = p->state, .shared = p->refused, .ups = p->ups, .gone = p->gone,
				   .since_ns = p->since_ns };
	memcpy(out->reason, p->reason, sizeof out->reason);
	memcpy(out->last, p->last, sizeof out->last);
	pthread_mutex_unlock(&p->lock);
}
