/* facts.h - a record as a sink's filter looks at it. Pure; what is filled points into the record. */
#ifndef ZT_FORWARD_FACTS_H
#define ZT_FORWARD_FACTS_H

#include "expr/alert_facts.h"
#include "forward/record.h"

#define FACTS_ATTACK_MAX (2 * RECORD_ATTACKS_MAX)       /* each technique's current id and its legacy one */

struct facts {
	struct alert_facts a;
	const char *attack[FACTS_ATTACK_MAX];
};

/* f->a is good as long as r and f are. */
void facts_of(struct facts *f, const struct record *r);

#endif
