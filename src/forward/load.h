/* load.h - what a sink holds in memory: records in its format that wait to be sent, or to be sent again.
 *
 * Bounded by count and bytes. Each record knows its place in the outbox; records of the forwarder's own (a heartbeat,
 * its word on what was dropped) have none. One owner. */
#ifndef ZT_FORWARD_LOAD_H
#define ZT_FORWARD_LOAD_H

#include "base/sbuf.h"
#include "forward/driver.h"

enum load_kind { LOAD_ROW, LOAD_HEARTBEAT, LOAD_DROPPED };

struct load_item {
	enum load_kind kind;
	int64_t id;                     /* in the outbox; 0: no row */
	uint64_t ts_ns, stored_ns;
	uint32_t rev;
	bool again;                     /* it was sent before */
	bool done;                      /* it needs nothing any more */
	size_t uid, text, len;          /* offsets into `text` of the load; bytes */
};

struct load {
	struct load_item *item;
	struct item *out;               /* of the batch */
	uint32_t count, most;
	uint64_t bytes, most_bytes;     /* of the records' texts */
	uint64_t first_ns;              /* monotonic: when the first was put in */
	int64_t to;                     /* every row up to this id is in here, or needs nothing */
	bool tried;                     /* some of it was sent: nothing is added until it is empty */
	bool urgent;                    /* it does not wait for more */
	struct sbuf text;
};

bool load_init(struct load *l, uint32_t most, uint64_t most_bytes);     /* false: no memory */
void load_fini(struct load *l);
void load_clear(struct load *l, int64_t to);

bool load_open(const struct load *l);                   /* may something be added at all? */
bool load_fits(const struct load *l, size_t len);       /* may so much? One record alone always may */
/* false: no memory. The item's kind, id, times and revision are taken; texts are copied. */
bool load_add(struct load *l, const struct load_item *like, const char *uid, const char *text, size_t len, uint64_t now_ns);
bool load_has(const struct load *l, enum load_kind kind);

/* The first of them, at most `most`, as a batch; its items are those of the load, in order. */
void load_batch(struct load *l, uint32_t most, struct batch *b);
/* Takes out those that are done. Returns the id up to which nothing is left in it. */
int64_t load_settle(struct load *l);

#endif
