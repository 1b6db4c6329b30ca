/* fact.h - facts for the rules of the health stage, and those among them that last.
 *
 * What lasts is said again at an interval, so that its alert stays open; what is over is not said any more, and the
 * alert ends by itself. One owner. */
#ifndef ZT_SENSOR_FACT_H
#define ZT_SENSOR_FACT_H

#include "expr/judged.h"

#include <stdbool.h>
#include <stdint.h>

typedef void fact_fn(void *arg, const struct health_facts *f);

struct fact_sayer { fact_fn *say; void *arg; };

struct lasting_fact { bool on; uint64_t said_ns; struct health_facts facts; };

struct health_facts fact_of(enum health_kind kind, const char *name, uint64_t value, uint64_t limit)
	__attribute__((warn_unused_result));
/* The beginning of its sentence; what is too long is cut between two characters. */
void fact_text(struct health_facts *f, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void fact_say(const struct fact_sayer *to, const struct health_facts *f);

/* It is so, as f says; whether or not it was so before. */
void fact_begins(struct lasting_fact *l, const struct health_facts *f);
/* Says it, when it is so and was not said within every_ns. */
void fact_goes_on(const struct fact_sayer *to, struct lasting_fact *l, uint64_t now_ns, uint64_t every_ns);

#endif
