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

/* Each item's result and why, from an answer that speaks of exactly these items in this order, each with its _id:
 *   2xx, 409 (it is there already)    ITEM_SENT
 *   429, 502, 503, 504                ITEM_AGAIN
 *   all else                          ITEM_NEVER
 * false: it is not such an answer, and no item is touched; why tells, at most `size` bytes. */
bool answer_bulk(const char *body, size_t n, struct batch *b, const struct words_hide *hide, char *why, size_t size);

#endif
