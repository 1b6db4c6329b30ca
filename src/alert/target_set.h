/* target_set.h - which targets past their lists alerts have counted already: one fixed table for all of them.
 *
 * What belongs to alerts that have ended is swept out when the table is full, so a run without an end does not fill
 * it; past that a target counts again each time, and is counted as dropped. Owned by the writer's thread. */
#ifndef ZT_ALERT_TARGET_SET_H
#define ZT_ALERT_TARGET_SET_H

#include <stdbool.h>
#include <stdint.h>

struct target_set;

/* alive: is the alert of that serial still open? size: a power of two; three quarters of it can be used. */
typedef bool target_set_alive_fn(const void *arg, uint32_t alert, uint32_t serial);
struct target_set *target_set_new(uint32_t size, target_set_alive_fn *alive, const void *arg);  /* NULL: no memory */
void target_set_free(struct target_set *s);             /* NULL is allowed */

enum target_set_said { TARGET_NEW, TARGET_KNOWN, TARGET_DROPPED };
enum target_set_said target_set_add(struct target_set *s, uint32_t alert, uint32_t serial, uint64_t target);
void target_set_ended(struct target_set *s);            /* an alert has: sweeping may help again */

#endif
