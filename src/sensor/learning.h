/* learning.h - what `zonetap learning` was told last, kept beside the database (DATABASE.learning): a restart does not
 * forget it. The main thread's. */
#ifndef ZT_SENSOR_LEARNING_H
#define ZT_SENSOR_LEARNING_H

#include "base/err.h"

#include <stdbool.h>

enum learning_told { LEARNING_NOT_TOLD, LEARNING_TOLD_ON, LEARNING_TOLD_OFF };

enum learning_told learning_recall(const char *database);       /* what is no such file says nothing */
int learning_keep(const char *database, bool on, struct diag *d) __attribute__((warn_unused_result));

#endif
