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

bool services_see(struct services *s, uint32_t asset, uint8_t ip_proto, unsigned app, uint16_t port)
{
	uint64_t key = (uint64_t)asset << 32 | (uint64_t)(app ? 0x10000u | app : port) << 8 | ip_proto;
	uint64_t h = key * 0x9e3779b97f4a7c15u;
	uint32_t at = (uint32_t)(h >> 32) & s->mask;

	for (; s->key[at]; at = (at + 1) & s->mask) {
		if (s->key[at] == key)
			return false;
	}
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
