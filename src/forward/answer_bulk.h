/* answer_bulk.h - what Elasticsearch and OpenSearch answer to _bulk. Pure; reads anything. */
#ifndef ZT_FORWARD_ANSWER_BULK_H
#define ZT_FORWARD_ANSWER_BULK_H

#include "forward/driver.h"
#include "forward/words.h"

#include <stdbool.h>
#include <stddef.h>

#define BULK_ID_MAX 512                 /* bytes of an _id */

/* The id of an item's document: uid-rev. */
void answer_bulk_id(const struct item *it, char out[BULK_ID_MAX + 1]);

enum bulk_answer {
	BULK_ITEMS,             /* each item has its result and why */
	BULK_SHUT,              /* all were refused with 401, 403 or 404, which is about the key or the index and not about
				 * documents; the items have their why and stay open */
	BULK_NONSENSE,          /* it is not such an answer, no item is touched, why tells */
};

/* From an answer that speaks of exactly these items in this order, each with its _id:
 *   2xx, 409 (it is there already)    ITEM_SENT
 *   429, 502, 503, 504                ITEM_AGAIN
 *   all else                          ITEM_NEVER
 * why: at most `size` bytes. */
enum bulk_answer answer_bulk(const char *body, size_t n, struct batch *b, const struct words_hide *hide, char *why, size_t size);

#endif
