/* progress.h - how far a long job is, on standard error: only when that is a terminal, only when
 * the job takes longer than a second, at most ten times a second. Main thread. */
#ifndef ZT_CLI_PROGRESS_H
#define ZT_CLI_PROGRESS_H

#include "cli/term.h"

#include <stdint.h>

struct progress {
	struct term term;
	const char *what;               /* "replay" */
	uint64_t total;                 /* units of work; 0: not known */
	uint64_t start_ns, next_ns;     /* monotonic */
	bool shown;
};

void progress_start(struct progress *p, const char *what, uint64_t total);
void progress_at(struct progress *p, uint64_t done, const char *item);  /* item: the file in hand, may be NULL */
void progress_end(struct progress *p);          /* takes the bar away */

#endif
