#include "forward/resolve.h"

#include "base/clock.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define LOOK_NS 50000000u               /* how often *stop is looked at */

/* Two know it: who asks and the thread that looks. The last one frees it. */
struct look {
	pthread_mutex_t lock;
	pthread_cond_t done_cond;
	bool done, left;                /* left: who asked has gone */
	int status;                     /* of getaddrinfo() */
	struct addrinfo *found;
	char host[256], port[6];
};

static void look_free(struct look *l)
{
	if (l->found)
		freeaddrinfo(l->found);
	pthread_cond_destroy(&l->done_cond);
	pthread_mutex_destroy(&l->lock);
	free(l);
}

static const struct addrinfo hints = { .ai_family = AF_UNSPEC, .ai_socktype = SOCK_DGRAM, .ai_flags = AI_NUMERICSERV };

static void *look_main(void *arg)
{
	struct look *l = arg;
	struct addrinfo *found = NULL;
	int status = getaddrinfo(l->host, l->port, &hints, &found);

	pthread_mutex_lock(&l->lock);
	l->status = status;
	l->found = status == 0 ? found : NULL;
	l->done = true;
	bool left = l->left;

	pthread_cond_signal(&l->done_cond);
	pthread_mutex_unlock(&l->lock);
	if (left)
		look_free(l);
	return NULL;
}

static struct look *look_start(const char *host, uint16_t port)
{
	struct look *l = calloc(1, sizeof(*l));
	pthread_condattr_t mono;
	pthread_attr_t detached;
	pthread_t thread;
	sigset_t all, before;

	if (!l)
		return NULL;
	snprintf(l->host, sizeof(l->host), "%s", host);
	snprintf(l->port, sizeof(l->port), "%u", port);
	pthread_mutex_init(&l->lock, NULL);
	pthread_condattr_init(&mono);
	pthread_condattr_setclock(&mono, CLOCK_MONOTONIC);
	pthread_cond_init(&l->done_cond, &mono);
	pthread_condattr_destroy(&mono);

	/* Signals of the process are for other threads. */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	pthread_attr_init(&detached);
	pthread_attr_setdetachstate(&detached, PTHREAD_CREATE_DETACHED);
	int failed = pthread_create(&thread, &detached, look_main, l);

	pthread_attr_destroy(&detached);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (failed) {
		look_free(l);
		return NULL;
	}
	return l;
}

/* true: it is done. */
static bool look_wait(struct look *l, uint64_t timeout_ns, const atomic_bool *stop)
{
	uint64_t end = clock_mono() + timeout_ns;

	while (!l->done && !atomic_load(stop)) {
		uint64_t now = clock_mono();

		if (now >= end)
			break;
		uint64_t until = now + LOOK_NS < end ? now + LOOK_NS : end;
		struct timespec ts = { (time_t)(until / 1000000000u), (long)(until % 1000000000u) };

		pthread_cond_timedwait(&l->done_cond, &l->lock, &ts);
	}
	return l->done;
}

int resolve_datagram(const char *host, uint16_t port, uint64_t timeout_ns, const atomic_bool *stop, struct addrinfo **out,
	struct diag *d)
{
	struct look *l = look_start(host, port);
	int err = ZT_OK;

	*out = NULL;
	if (!l)
		return diag_fail(d, ZT_ENOMEM, "no memory to look up %s", host);
	pthread_mutex_lock(&l->lock);
	bool done = look_wait(l, timeout_ns, stop);

	if (!done) {
		l->left = true;
		err = diag_fail(d, ZT_EBUSY, "no name server told the address of %s in time", host);
	} else if (l->status != 0) {
		err = diag_fail(d, ZT_ENOENT, "the name %s has no address: %s", host, gai_strerror(l->status));
	} else {
		*out = l->found;
		l->found = NULL;
	}
	pthread_mutex_unlock(&l->lock);
	if (done)
		look_free(l);
	return err;
}
