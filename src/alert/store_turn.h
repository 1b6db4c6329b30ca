/* store_turn.h - the writers of this process take turns at the database.
 *
 * SQLite's lock goes to whoever asks at the right moment: a thread that writes without a pause keeps out all others for as
 * long as they care to wait. So before it asks SQLite each takes a turn here, and who is brief (a sink's cursor) is let in
 * between two transactions of who is not (the store). It is the same turn for all files; what protects a file, also from
 * other processes, is still SQLite's lock. Any thread. */
#ifndef ZT_ALERT_STORE_TURN_H
#define ZT_ALERT_STORE_TURN_H

#include <stdbool.h>

#define STORE_TURN_MS 200       /* a turn is waited for so long */

/* true: it is the caller's turn, until it gives it back. false: it was not within STORE_TURN_MS. */
bool store_turn_take(bool brief);
void store_turn_give(void);

#endif
