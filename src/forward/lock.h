/* lock.h - one process forwards from a database: two would move the same cursors. A lock on a file beside it, held as
 * long as the process lives or until lock_fini(). Any thread. */
#ifndef ZT_FORWARD_LOCK_H
#define ZT_FORWARD_LOCK_H

#include "base/err.h"

#include <stdbool.h>

struct lock;

/* Takes it. ZT_EBUSY: another process has it. A folder that is not there (yet) is no failure: nothing is locked, and
 * lock_held() tries again. */
struct lock *lock_new(const char *database, int *err, struct diag *d);
bool lock_held(struct lock *l, struct diag *d);         /* false: with one sentence in d */
void lock_free(struct lock *l);                         /* NULL is allowed; the file stays */

#endif
