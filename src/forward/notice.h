/* notice.h - records that the forwarder makes itself, as the same kind of JSON object as an alert: a sign of life, its
 * word on what it had to drop, a test. Pure but for the id of what is asked for twice: the same for the same. */
#ifndef ZT_FORWARD_NOTICE_H
#define ZT_FORWARD_NOTICE_H

#include "base/sbuf.h"
#include "policy/policy.h"

#include <stdint.h>

#define NOTICE_UID_TEXT 33
#define NOTICE_HEARTBEAT "sink-heartbeat"       /* rules */
#define NOTICE_DROPPED "spool-dropped"
#define NOTICE_TEST "forward-test"

struct notice {                         /* which is what */
	const char *sensor, *sink;
	uint64_t now_ns;                /* wall clock */
};

/* Each appends one object to out and writes its uid. */
void notice_heartbeat(const struct notice *n, uint64_t interval_ns, struct sbuf *out, char uid[NOTICE_UID_TEXT]);
/* after: the id behind which they stood: told again, it has the same uid. */
void notice_dropped(const struct notice *n, const uint64_t dropped[SEV_COUNT], int64_t after, struct sbuf *out,
		    char uid[NOTICE_UID_TEXT]);
void notice_test(const struct notice *n, struct sbuf *out, char uid[NOTICE_UID_TEXT]);

#endif
