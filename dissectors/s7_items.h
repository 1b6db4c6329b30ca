/* s7_items.h - variable specifications (addresses) and data items of S7comm, shared by
 * read, write and the cyclic services. */
#ifndef ZT_DISSECTORS_S7_ITEMS_H
#define ZT_DISSECTORS_S7_ITEMS_H

#include "dissectors/s7.h"

struct s7_data {
	uint8_t code;           /* return code; 0 in requests */
	uint8_t type;           /* transport size */
	uint32_t bytes;         /* of data, as declared */
	struct rd value;        /* what there is of them */
};

/* Reads one variable specification into the event's target. `more`: another one follows, so an
 * odd length is padded. false: it did not fit. */
bool s7_item_address(struct s7 *s, struct rd *r, bool more);

/* Reads one data item (return code, transport size, length, data). `refused_empty`: an item whose
 * return code is not success carries no data whatever its length says. */
bool s7_item_data(struct rd *r, bool more, bool refused_empty, struct s7_data *out);

/* An item's return code as the event's status. */
void s7_item_status(struct s7 *s, uint8_t code);

/* The space of an area code of S7ANY; NULL: not known. */
const char *s7_item_space(uint8_t area);

/* Blocks: "0A00001P" (type 2, number 5, file system) gives DB1. Adds to the tag; false: not a
 * block's name. */
bool s7_item_block(struct dissect *d, struct rd name);

/* "0A" -> "DB"; NULL: none. */
const char *s7_item_block_type(uint8_t a, uint8_t b);

#endif
