/* priv_need.h - what a thread of the sensor must still be able to do, under the filter of its role. */
#ifndef ZT_TESTS_PRIV_NEED_H
#define ZT_TESTS_PRIV_NEED_H

#include "priv_try.h"

struct need {
	const char *name;
	enum priv_role role;
	int (*run)(struct try_env *e, const char *folder);      /* 0; else a number that says where it failed */
};

extern const struct need needs[];
extern const size_t need_count;

#endif
