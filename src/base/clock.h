/* clock.h - the process's one view of time: the wall, the monotonic clock, and running time between them.
 *
 * Running time is what the stamps of packets become before anything looks at them. It is the wall clock at the
 * start, and then goes on as the monotonic clock does: when somebody sets the wall clock (an industrial computer
 * without a battery wakes in 1970 and hears of the year later), running time does not notice, so nothing ages by
 * fifty years and nothing waits for them to pass. clock_told() turns it back into the wall clock of that moment,
 * for people. While nobody sets the clock the two are the same, to the nanosecond; so they are in a program that
 * never called clock_start(). Any thread. */
#ifndef ZT_BASE_CLOCK_H
#define ZT_BASE_CLOCK_H

#include <stdint.h>

#define CLOCK_JUMP_NS 1000000000        /* the wall clock is moved by less without being called a jump */

struct clock_source {                   /* nanoseconds; wall since 1970 UTC, mono since any moment */
	uint64_t (*wall_ns)(void *arg), (*mono_ns)(void *arg);
	void *arg;
};

/* Another source than the system's clocks; NULL: theirs again. While there are no other threads. */
void clock_use(const struct clock_source *source);

uint64_t clock_wall(void);
uint64_t clock_mono(void);

/* Running time begins: it equals the wall clock now. While there are no other threads. */
void clock_start(void);
uint64_t clock_now(void);               /* running time */

/* Has the wall clock been set since the last call of any thread? By how many nanoseconds; 0: it has not. Cheap:
 * to be called before a batch of stamps is looked at. */
int64_t clock_check(void);

/* The running time of a stamp of the wall clock, `now` being clock_now(). What lies in the future, or longer back
 * than a packet can have waited, is now. */
uint64_t clock_of_stamp(uint64_t stamp_ns, uint64_t now);

uint64_t clock_told(uint64_t running_ns);       /* the wall clock of that moment */

struct clock_jumps {
	uint64_t count;                 /* by CLOCK_JUMP_NS or more */
	uint64_t moves;                 /* by a millisecond or more: these too */
	int64_t last_ns;                /* by how much the last of the moves */
};
void clock_jumps(struct clock_jumps *out);

#endif
