/* source.h - the packets of several captures as one, in time order.
 *
 * The captures are merged by time stamp, equal stamps in the order of the list. Inside one
 * capture the order of the file stands, even when its stamps go backwards. What is wrong
 * with one capture is written down in its capture_info and never stops the others.
 * One thread owns a source. */
#ifndef ZT_CAPTURE_SOURCE_H
#define ZT_CAPTURE_SOURCE_H

#include "base/err.h"
#include "capture/capture.h"
#include "net/packet.h"

#include <stdbool.h>
#include <stdint.h>

#define SOURCE_CAPTURES_MAX 65535

struct source;

struct source_options {
	bool hash;                              /* fill capture_info.sha256 while reading */
	bool (*link_known)(uint16_t dlt);       /* link types worth giving; NULL: all */
};

/* Opens n captures, "-" is standard input. The paths are copied. Fails only for want of
 * memory or for more captures than SOURCE_CAPTURES_MAX; o NULL means all zero. */
int source_open(const char *const *paths, uint32_t n, const struct source_options *o, struct source **out,
		struct diag *d) __attribute__((warn_unused_result));
/* One capture that is already open, called `name`; the descriptor is closed with the source. */
int source_open_fd(int fd, const char *name, const struct source_options *o, struct source **out,
		   struct diag *d) __attribute__((warn_unused_result));
void source_close(struct source *s);            /* NULL is allowed */

/* The next packet: 1, or 0 after the last. Fills what the capture gives; p->bytes stay
 * valid until the next call. */
int source_next(struct source *s, struct packet *p);

uint32_t source_captures(const struct source *s);
const struct capture_info *source_capture(const struct source *s, uint32_t i);

/* For a progress bar: stored bytes read, and of how many; total 0: not known (a pipe). */
void source_progress(const struct source *s, uint64_t *done, uint64_t *total);

#endif
