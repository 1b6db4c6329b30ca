/* capture.h - what is known of one capture: its name, its hash, how reading it went. */
#ifndef ZT_CAPTURE_CAPTURE_H
#define ZT_CAPTURE_CAPTURE_H

#include "base/err.h"

#include <stdint.h>

#define CAPTURE_HASH_TEXT 65            /* SHA-256 in lower case hexadecimal and the NUL */

enum capture_status {
	CAPTURE_OK = 0,                 /* read to its end, or not yet at its end */
	CAPTURE_PARTIAL,                /* read to its end, but some packets were skipped: unknown link type */
	CAPTURE_CUT,                    /* ends inside a packet: everything before it was given */
	CAPTURE_CORRUPT,                /* damaged: everything before the damage was given */
	CAPTURE_UNREADABLE              /* nothing was given: missing, forbidden, empty, not a capture */
};

struct capture_info {
	const char *name;               /* as given; owned by the source */
	char sha256[CAPTURE_HASH_TEXT]; /* of the bytes as stored; "" until the end, or when not asked for */
	uint64_t bytes;                 /* as stored, read so far */
	uint64_t packets;               /* given so far */
	uint64_t skipped;               /* packets of an unknown link type */
	enum capture_status status;
	char reason[256];               /* one line without the name; "" while status is CAPTURE_OK */
};

/* SHA-256 of a file's bytes as stored, without decoding it. Any thread. */
int capture_hash(const char *path, char hex[CAPTURE_HASH_TEXT], struct diag *d) __attribute__((warn_unused_result));

#endif
