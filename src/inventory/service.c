#include "inventory/service.h"

#include <stdlib.h>

struct services {
	uint64_t *key;                  /* open addressing; 0 is empty */
	uint32_t mask, used, max;
	uint64_t refused;
};

struct services *services_new(uint32_t max)
{
	struct services *s = calloc(1, sizeof *s);
	uint32_t size = 16;

	if (!s)
		return NULL;
	while (size < 2 * max)
		size *= 2;
	s->mask = size - 1;
	s->max = max;
	s->key = calloc(size, sizeof *s->key);
	if (!s->key) {
		free(s);
		return NULL;
	}
	return s;
}

void services_free(struct services *s)
{
	if (s)
		free(s->key);
	free(s);
}

static uint32_t place_of(const struct services *s, uint64_t key)
{
	uint64_t h = key * 0x9e3779b97f4a7c15u;
	uint32_t at = (uint32_t)(h >> 32) & s->mask;

	while (s->key[at] && s->key[at] != key)
		at = (at + 1) & s->mask;
	return at;
}

bool services_see(struct services *s, uint32_t asset, uint8_t ip_proto, unsigned app, uint16_t port)
{
	uint64_t key = (uint64_t)asset << 32 | (uint64_t)(app ? 0x10000u | app : port) << 8 | ip_proto;
	uint32_t at = place_of(s, key);

	if (s->key[at])
		return false;
	if (s->used == s->max) {
		s->refused++;
		return false;
	}
	s->key[at] = key;               /* never 0: ip_proto is not */
	s->used++;
	return true;
}

uint64_t services_refused(const struct services *s)
{
	return s->refused;
}

static bool among(const uint32_t *v, uint32_t n, uint32_t x)
{
	uint32_t from = 0;

	while (from < n) {
		uint32_t mid = from + (n - from) / 2;

		if (v[mid] == x)
			return true;
		if (v[mid] < x)
			from = mid + 1;
		else
			n = mid;
	}
	return false;
}

bool services_keep(struct services *s, const uint32_t *serials, uint32_t n)
{
	uint64_t *old = s->key;

	s->key = calloc((size_t)s->mask + 1, sizeof *s->key);
	if (!s->key) {
		s->key = old;
		return false;
	}
	s->used = 0;
	for (uint32_t i = 0; i <= s->mask; i++) {
		if (!old[i] || !among(serials, n, (uint32_t)(old[i] >> 32)))
			continue;
		s->key[place_of(s, old[i])] = old[i];
		s->used++;
	}
	free(old);
	return true;
}
