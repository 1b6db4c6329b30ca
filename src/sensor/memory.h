/* memory.h - the memory that a configuration costs, measured: the tables of the sensor are really made,
 * weighed and given back. They are not touched, so this takes address space and little time. Main
 * thread, and before any other thread is there. */
#ifndef ZT_SENSOR_MEMORY_H
#define ZT_SENSOR_MEMORY_H

#include "base/err.h"
#include "sensor/config.h"

#include <stdint.h>

struct memory {                         /* bytes */
	uint64_t rings;                 /* of all interfaces */
	uint32_t workers;               /* a number, of all interfaces */
	uint64_t worker;                /* one of them, its flows with it */
	uint64_t flows;                 /* of one worker */
	uint64_t writer;                /* all of the tables below, and what it has besides */
	uint64_t assets, conversations, pairs, alerts, waiting, thresholds;
	uint64_t queue;
	uint64_t all;                   /* rings, workers, writer, queue */
	uint64_t machine;               /* what this machine has; 0 not known */
};

struct policy;
int memory_weigh(const struct sensor_config *c, const struct policy *policy, struct memory *out, struct diag *d)
	__attribute__((warn_unused_result));

#endif
