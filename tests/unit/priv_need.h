/* priv_need.h - what a thread of the sensor must still be able to do, under the filter of its role. */
#ifndef ZT_TESTS_PRIV_NEED_H
#define ZT_TESTS_PRIV_NEED_H

#include "priv_try.h"

struct need {
	const char *name;
	enum priv_role role;
	int (*run)(struct try_env *e, const char *folder);      /* 0; else a number that says where it failed */
	int (*before)(const char *folder);      /* in the same process, before anything is given up; 0; may be NULL */
	const char *(*lacks)(void);     /* what of this machine is missing for it, NULL nothing; may be NULL */
};

extern const struct need needs[];
extern const size_t need_count;

/* priv_forward.c: a thread that runs a sink. */
const char *forward_lacks(void);
int forward_before(const char *folder);
int forward_posts(struct try_env *e, const char *folder);
int forward_looks_up(struct try_env *e, const char *folder);
int forward_appends(struct try_env *e, const char *folder);
int forward_keeps_a_secret(struct try_env *e, const char *folder);
int forward_sends(struct try_env *e, const char *folder);

#endif
