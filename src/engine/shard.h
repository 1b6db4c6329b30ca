/* shard.h - workers in threads of their own. One thread feeds packets, one takes what the workers
 * found, in the order in which one worker alone would have told it. */
#ifndef ZT_ENGINE_SHARD_H
#define ZT_ENGINE_SHARD_H

#include "engine/worker.h"

struct shards;

struct shards *shards_new(const struct worker_config *c, unsigned workers);     /* NULL: no memory, no threads */
void shards_free(struct shards *s);     /* after shards_take() has seen the end */

/* The feeding thread. Waits while a worker is behind. */
void shards_packet(struct shards *s, const struct packet *p);
void shards_tick(struct shards *s, uint64_t seq, uint64_t now_ns);
void shards_end(struct shards *s, uint64_t now_ns);

/* The taking thread: hands what is ready to the hooks; false when all workers have ended and everything is told. */
bool shards_take(struct shards *s, const struct worker_hooks *hooks);

void shards_counts(const struct shards *s, struct worker_counts *out);          /* after the end */

#endif
