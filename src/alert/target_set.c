#include "alert/target_set.h"

#include <stdlib.h>
#include <string.h>

#define SWEEP_EVERY 4096

struct entry { uint64_t key; uint32_t alert, serial; };         /* key 0: free */

struct target_set {
	struct entry *v, *spare;        /* spare: as large, for sweeping */
	uint32_t size, used;
	uint32_t refused;               /* since the last sweep: it costs a look at everything, so not at each */
	bool may_help;                  /* an alert has ended since the last sweep */
	target_set_alive_fn *alive;
	const void *arg;
};

struct target_set *target_set_new(uint32_t size, target_set_alive_fn *alive, const void *arg)
{
	struct target_set *s = calloc(1, sizeof *s);

	if (!s)
		return NULL;
	s->size = size;
	s->alive = alive;
	s->arg = arg;
	s->v = calloc(size, sizeof *s->v);
	s->spare = calloc(size, sizeof *s->spare);
	if (!s->v || !s->spare) {
		target_set_free(s);
		return NULL;
	}
	return s;
}

void target_set_free(struct target_set *s)
{
	if (!s)
		return;
	free(s->v);
	free(s->spare);
	free(s);
}

/* Its entry, or the free one where it would stand. */
static struct entry *find(const struct target_set *s, uint64_t key)
{
	uint32_t at = (uint32_t)(key >> 20) & (s->size - 1);

	while (s->v[at].key && s->v[at].key != key)
		at = (at + 1) & (s->size - 1);
	return &s->v[at];
}

static void sweep(struct target_set *s)
{
	struct entry *old = s->v;

	s->v = s->spare;
	s->spare = old;
	s->used = 0;
	s->may_help = false;
	s->refused = 0;
	memset(s->v, 0, s->size * sizeof *s->v);
	for (uint32_t i = 0; i < s->size; i++) {
		if (!old[i].key || !s->alive(s->arg, old[i].alert, old[i].serial))
			continue;
		*find(s, old[i].key) = old[i];
		s->used++;
	}
}

enum target_set_said target_set_add(struct target_set *s, uint32_t alert, uint32_t serial, uint64_t target)
{
	uint64_t key = (target ^ serial * 0x9e3779b97f4a7c15u) | 1;
	struct entry *e = find(s, key);

	if (e->key)
		return TARGET_KNOWN;
	if (s->used >= s->size / 4 * 3 && s->may_help && s->refused++ % SWEEP_EVERY == 0) {
		sweep(s);
		e = find(s, key);
	}
	if (s->used >= s->size / 4 * 3)
		return TARGET_DROPPED;
	*e = (struct entry){ key, alert, serial };
	s->used++;
	return TARGET_NEW;
}

void target_set_ended(struct target_set *s)
{
	s->may_help = true;
}
