#include "sensor/talkers.h"

#include <stdlib.h>

void talkers_add(struct talkers *t, const struct ip_addr *ip, uint64_t bytes)
{
	unsigned least = 0;

	for (unsigned i = 0; i < t->n; i++) {
		if (addr_eq(&t->v[i].ip, ip)) {
			t->v[i].bytes += bytes;
			return;
		}
		if (t->v[i].bytes < t->v[least].bytes)
			least = i;
	}
	if (t->n < TALKERS) {
		t->v[t->n++] = (struct talker){ *ip, bytes };
		return;
	}
	t->v[least].ip = *ip;
	t->v[least].bytes += bytes;
}

void talkers_fade(struct talkers *t)
{
	for (unsigned i = 0; i < t->n; i++)
		t->v[i].bytes /= 2;
}

void talkers_merge(struct talkers *to, const struct talkers *from)
{
	for (unsigned i = 0; i < from->n; i++)
		talkers_add(to, &from->v[i].ip, from->v[i].bytes);
}

static int by_bytes(const void *a, const void *b)
{
	const struct talker *x = a, *y = b;

	return x->bytes < y->bytes ? 1 : x->bytes > y->bytes ? -1 : addr_cmp(&x->ip, &y->ip);
}

void talkers_sort(struct talkers *t)
{
	qsort(t->v, t->n, sizeof t->v[0], by_bytes);
}
