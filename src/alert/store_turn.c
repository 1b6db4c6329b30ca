#include "alert/store_turn.h"

#include <pthread.h>
#include <stdint.h>
#include <time.h>

#define COURTESY_MS 10          /* the brief ones are let in first for so long, not for ever */

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t given;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static bool taken;
static unsigned brief_ones;     /* that wait */

static void init(void)
{
	pthread_condattr_t a;

	pthread_condattr_init(&a);
	pthread_condattr_setclock(&a, CLOCK_MONOTONIC);
	pthread_cond_init(&given, &a);
	pthread_condattr_destroy(&a);
}

static uint64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

static void wait_until(uint64_t ms)
{
	const struct timespec until = { (time_t)(ms / 1000), (long)(ms % 1000 * 1000000) };

	pthread_cond_timedwait(&given, &lock, &until);
}

bool store_turn_take(bool brief)
{
	uint64_t start, now;
	bool mine;

	pthread_once(&once, init);
	pthread_mutex_lock(&lock);
	start = now = now_ms();
	brief_ones += brief;
	while ((taken && now < start + STORE_TURN_MS) || (!brief && !taken && brief_ones && now < start + COURTESY_MS)) {
		wait_until(start + (taken ? STORE_TURN_MS : COURTESY_MS));
		now = now_ms();
	}
	brief_ones -= brief;
	if (!brief_ones)
		pthread_cond_broadcast(&given);
	mine = !taken;
	taken = true;
	pthread_mutex_unlock(&lock);
	return mine;
}

void store_turn_give(void)
{
	pthread_mutex_lock(&lock);
	taken = false;
	pthread_cond_broadcast(&given);
	pthread_mutex_unlock(&lock);
}
