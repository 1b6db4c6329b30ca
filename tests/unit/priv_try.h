/* priv_try.h - what a thread of the sensor must not be able to do, as things to try. */
#ifndef ZT_TESTS_PRIV_TRY_H
#define ZT_TESTS_PRIV_TRY_H

#include "sensor/priv.h"

#include <stddef.h>

struct try_env {
	int packet;                     /* an AF_PACKET socket on lo: of the capture thread itself; else made before */
	int wake;                       /* an eventfd that capture and writer may write to */
	int pipe[2];                    /* in the thread's table */
};

enum try_want {
	REFUSED,                        /* EPERM, and something else without a filter */
	CLOSED,                         /* EPERM; the kernel may say so itself */
	KILLED,                         /* SIGSYS */
};

struct attempt {
	const char *name;
	unsigned roles;                 /* 1u << enum priv_role: where it is forbidden */
	enum try_want want;
	int (*run)(struct try_env *e);  /* 0, or the errno it got */
};

extern const struct attempt attempts[];
extern const size_t attempt_count;

#endif
