#include "sensor/said.h"

#include <stddef.h>
#include <string.h>

/* The texts of a row, in the order in which they follow it. */
static const size_t texts[] = {
#define TEXT(m) offsetof(struct store_alert, m)
	TEXT(uid), TEXT(rule), TEXT(title), TEXT(class_word), TEXT(severity), TEXT(client), TEXT(server), TEXT(proto),
	TEXT(op), TEXT(act), TEXT(outcome), TEXT(text), TEXT(client_ip), TEXT(server_ip), TEXT(client_asset),
	TEXT(server_asset), TEXT(json),
#undef TEXT
};
#define TEXTS (sizeof texts / sizeof texts[0])

static const char *text_of(const struct store_alert *a, size_t at)
{
	const char *s;

	memcpy(&s, (const char *)a + at, sizeof s);
	return s;
}

static size_t size_of(const char *s)
{
	return s ? strlen(s) + 2 : 1;   /* a byte that says whether there is one */
}

bool said_put(struct ring *r, const struct store_alert *a)
{
	size_t n = sizeof *a;
	char *to;

	for (size_t i = 0; i < TEXTS; i++)
		n += size_of(text_of(a, texts[i]));
	to = n <= r->size / 4 ? ring_reserve(r, (uint32_t)n) : NULL;
	if (!to)
		return false;
	memcpy(to, a, sizeof *a);
	to += sizeof *a;
	for (size_t i = 0; i < TEXTS; i++) {
		const char *s = text_of(a, texts[i]);

		*to++ = s != NULL;
		if (s) {
			memcpy(to, s, strlen(s) + 1);
			to += strlen(s) + 1;
		}
	}
	ring_publish(r);
	return true;
}

bool said_take(struct ring *r, void (*fn)(void *arg, const struct store_alert *a), void *arg)
{
	uint32_t n;
	const char *from = ring_peek(r, &n);
	struct store_alert a;

	if (!from)
		return false;
	memcpy(&a, from, sizeof a);
	from += sizeof a;
	for (size_t i = 0; i < TEXTS; i++) {
		const char *s = *from++ ? from : NULL;

		memcpy((char *)&a + texts[i], &s, sizeof s);
		if (s)
			from += strlen(s) + 1;
	}
	fn(arg, &a);
	ring_release(r);
	return true;
}
