#include "base/clock.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <string.h>
#include <time.h>

#define WAITED_NS (60 * UINT64_C(1000000000))   /* no packet stays in a ring for longer */
#define KEPT 16                                 /* jumps that clock_told() still knows of */
#define DRIFT_NS 1000000                        /* below this the two clocks are not told apart from their reading */

static uint64_t read_clock(clockid_t id)
{
	struct timespec t;

	clock_gettime(id, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static uint64_t system_wall(void *arg)
{
	(void)arg;
	return read_clock(CLOCK_REALTIME);
}

static uint64_t system_mono(void *arg)
{
	(void)arg;
	return read_clock(CLOCK_MONOTONIC);
}

static struct clock_source source = { system_wall, system_mono, NULL };

static _Atomic int64_t offset;          /* wall - mono, as known */
static _Atomic int64_t shift, before;   /* wall - running time: now, and before the last jump */
static _Atomic uint64_t jumps;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;        /* of what follows, and of every jump */
static struct { uint64_t at_ns; int64_t shift, by; } jump[KEPT];
static uint64_t moves;
static int64_t last_move;

void clock_use(const struct clock_source *s)
{
	source = s ? *s : (struct clock_source){ system_wall, system_mono, NULL };
}

uint64_t clock_wall(void)
{
	return source.wall_ns(source.arg);
}

uint64_t clock_mono(void)
{
	return source.mono_ns(source.arg);
}

void clock_start(void)
{
	uint64_t mono = clock_mono();

	offset = (int64_t)(clock_wall() - mono);
	shift = before = 0;
	jumps = 0;
	moves = 0;
	memset(jump, 0, sizeof jump);
}

uint64_t clock_now(void)
{
	return clock_mono() + (uint64_t)atomic_load_explicit(&offset, memory_order_relaxed) -
	       (uint64_t)atomic_load_explicit(&shift, memory_order_relaxed);
}

static int64_t moved(int64_t *is)
{
	uint64_t mono = clock_mono();

	*is = (int64_t)(clock_wall() - mono);
	return *is - atomic_load_explicit(&offset, memory_order_relaxed);
}

static bool is_jump(int64_t by)
{
	return by >= CLOCK_JUMP_NS || by <= -CLOCK_JUMP_NS;
}

int64_t clock_check(void)
{
	int64_t is, by = moved(&is);

	if (by > -DRIFT_NS && by < DRIFT_NS)
		return 0;
	pthread_mutex_lock(&lock);
	by = moved(&is);                /* another thread may have seen it first */
	if (is_jump(by)) {
		uint64_t n = atomic_load_explicit(&jumps, memory_order_relaxed);

		jump[n % KEPT].at_ns = clock_now();
		jump[n % KEPT].by = by;
		atomic_store_explicit(&before, shift, memory_order_relaxed);
		jump[n % KEPT].shift = shift + by;
		atomic_store_explicit(&shift, shift + by, memory_order_relaxed);
		atomic_store_explicit(&jumps, n + 1, memory_order_release);
	}
	if (by <= -DRIFT_NS || by >= DRIFT_NS) {
		moves++;
		last_move = by;
	}
	atomic_store_explicit(&offset, is, memory_order_relaxed);
	pthread_mutex_unlock(&lock);
	return is_jump(by) ? by : 0;
}

static uint64_t apart(uint64_t a, uint64_t b)
{
	return a > b ? a - b : b - a;
}

uint64_t clock_of_stamp(uint64_t stamp_ns, uint64_t now)
{
	uint64_t t = stamp_ns - (uint64_t)atomic_load_explicit(&shift, memory_order_relaxed);
	uint64_t earlier = stamp_ns - (uint64_t)atomic_load_explicit(&before, memory_order_relaxed);

	if (apart(earlier, now) < apart(t, now))        /* stamped before the clock was set */
		t = earlier;
	if (t > now + CLOCK_JUMP_NS || t + WAITED_NS < now)
		t = now;
	return t;
}

uint64_t clock_told(uint64_t running_ns)
{
	uint64_t n = atomic_load_explicit(&jumps, memory_order_acquire), told = running_ns;

	if (!n)
		return running_ns;
	pthread_mutex_lock(&lock);
	n = atomic_load_explicit(&jumps, memory_order_relaxed);
	for (uint64_t i = n > KEPT ? n - KEPT : 0; i < n; i++) {
		if (jump[i % KEPT].at_ns <= running_ns)
			told = running_ns + (uint64_t)jump[i % KEPT].shift;
		else if (n > KEPT && i == n - KEPT)     /* from before the oldest that is known: the nearest there is */
			told = running_ns + (uint64_t)(jump[i % KEPT].shift - jump[i % KEPT].by);
	}
	pthread_mutex_unlock(&lock);
	return told;
}

void clock_jumps(struct clock_jumps *out)
{
	pthread_mutex_lock(&lock);
	*out = (struct clock_jumps){ .count = jumps, .moves = moves, .last_ns = last_move };
	pthread_mutex_unlock(&lock);
}
