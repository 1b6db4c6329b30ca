#include "forward/backoff.h"

void backoff_init(struct backoff *b, uint64_t least, uint64_t most, uint64_t seed)
{
	*b = (struct backoff){ .least = least, .most = most, .next = least, .state = seed | 1 };
}

/* xorshift64: chance enough to spread senders. */
static uint64_t chance(struct backoff *b)
{
	b->state ^= b->state << 13;
	b->state ^= b->state >> 7;
	b->state ^= b->state << 17;
	return b->state;
}

uint64_t backoff_after(struct backoff *b, uint64_t asked_ns)
{
	uint64_t half = b->next / 2, wait = half + (half ? chance(b) % (half + 1) : 0);

	b->next = b->next > b->most / 2 ? b->most : b->next * 2;
	if (!asked_ns)
		return wait;
	asked_ns = asked_ns < BACKOFF_ASKED_MAX ? asked_ns : BACKOFF_ASKED_MAX;
	return asked_ns > b->least ? asked_ns : b->least;
}

void backoff_over(struct backoff *b)
{
	b->next = b->least;
}
