/* s7_szl.h - system status lists (SZL): what a module says of itself. */
#ifndef ZT_DISSECTORS_S7_SZL_H
#define ZT_DISSECTORS_S7_SZL_H

#include "dissectors/s7.h"

/* Whether reading this list asks what a device is (OP_IDENTIFY) or how it does (OP_DIAGNOSE). */
uint8_t s7_szl_op(uint16_t id);

/* The list as the event's target. */
void s7_szl_target(struct s7 *s, uint16_t id, uint16_t index);

/* A whole list as it was answered: sets the target, and identity where the list names the module. */
void s7_szl_read(struct s7 *s, struct rd list);

#endif
