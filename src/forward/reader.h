/* reader.h - members of a JSON object that anyone may have written, as they should be or not at all.
 *
 * What is not there is NULL, false or 0; the first that is there and not as it should be makes an error, and whatever is
 * read after that is nothing. Only record.c includes it. One owner. */
#ifndef ZT_FORWARD_READER_H
#define ZT_FORWARD_READER_H

#include "base/arena.h"
#include "base/err.h"
#include "base/jtree.h"

#include <stdbool.h>
#include <stdint.h>

struct reader {
	const char *where;              /* before a member's name in a complaint: "client." */
	struct diag *d;
	int err;                        /* ZT_OK, or of the first mistake */
	struct arena *copies;           /* text that had a NUL in it; NULL: there is none. The caller's to free */
};

/* The member is not as it should be: "the alert's member 'client.port' is not a number". */
void reader_wrong(struct reader *rd, const char *key, const char *what);

/* Text of at least one byte, terminated, with U+FFFD for NUL; lives as long as the JSON and the copies. */
const char *reader_text(struct reader *rd, const struct jvalue *o, const char *key);
const char *reader_text_value(struct reader *rd, const char *key, const struct jvalue *v);
/* The same, but it must be there; never NULL. */
const char *reader_needed(struct reader *rd, const struct jvalue *o, const char *key);
/* A whole number of 0..max. false: it is not there, or wrong. */
bool reader_number(struct reader *rd, const struct jvalue *o, const char *key, uint64_t max, uint64_t *out);
bool reader_number32(struct reader *rd, const struct jvalue *o, const char *key, uint32_t max, uint32_t *out);
const struct jvalue *reader_object(struct reader *rd, const struct jvalue *o, const char *key);
const struct jvalue *reader_array(struct reader *rd, const struct jvalue *o, const char *key);
/* Nanoseconds since 1970 of a time as json_time() writes it. */
uint64_t reader_time(struct reader *rd, const struct jvalue *o, const char *key, uint64_t otherwise);

#endif
