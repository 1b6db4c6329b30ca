/* said.h - revisions of alerts from the recorder to whoever shows them: rows of the store, copied into a ring. */
#ifndef ZT_SENSOR_SAID_H
#define ZT_SENSOR_SAID_H

#include "alert/store.h"
#include "base/ring.h"

bool said_put(struct ring *r, const struct store_alert *a);     /* false: no room */
/* Hands out the oldest; the texts die when fn returns. false: there is none. */
bool said_take(struct ring *r, void (*fn)(void *arg, const struct store_alert *a), void *arg);

#endif
