/* writer_inventory.h - what changed in the inventory goes into a live store, a little at a time.
 *
 * What is new, or says something new, goes at the next call; what was only counted or seen again goes
 * INVENTORY_COUNT_NS later at most, so a plant that polls day and night does not wear out the disk. When
 * store_live_epoch() rises, rules and the whole inventory are put again. Writer's thread. */
#ifndef ZT_ENGINE_WRITER_INVENTORY_H
#define ZT_ENGINE_WRITER_INVENTORY_H

#include "engine/writer.h"

#include <stdint.h>

#define INVENTORY_COUNT_NS (900 * UINT64_C(1000000000))

/* Looks at `most` assets and conversations at the most, going on where the last call ended; for every second or so.
 * now_ns: any clock that does not jump. */
void writer_inventory(struct writer *w, uint64_t now_ns, uint32_t most);

/* All that is not in the store yet, for the end. */
void writer_inventory_all(struct writer *w);

#endif
