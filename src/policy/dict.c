/* dict.c - names to indexes, filled while a policy is read. */
#include "policy/model.h"

#include <string.h>

static uint32_t slot_of(const struct dict *d, const char *name)
{
	uint32_t h = 2166136261u, i;

	for (const char *s = name; *s; s++)
		h = (h ^ (uint8_t)*s) * 16777619u;
	h ^= h >> 15;
	for (i = h & (d->size - 1); d->name[i] && strcmp(d->name[i], name) != 0; i = (i + 1) & (d->size - 1))
		;
	return i;
}

bool dict_init(struct dict *d, struct arena *a, uint32_t most)
{
	d->size = 8;
	while (d->size < 2 * (most + 1))
		d->size *= 2;
	d->name = arena_array(a, d->size, sizeof *d->name);
	d->index = arena_array(a, d->size, sizeof *d->index);
	return d->name && d->index;
}

uint32_t dict_find(const struct dict *d, const char *name)
{
	return d->size ? d->index[slot_of(d, name)] : 0;
}

void dict_add(struct dict *d, const char *name, uint32_t index)
{
	uint32_t i = slot_of(d, name);

	d->n += d->name[i] == NULL;
	d->name[i] = name;
	d->index[i] = index;
}
