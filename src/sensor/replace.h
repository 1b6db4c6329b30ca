/* replace.h - a small file written anew as a whole: who reads it sees the old one or the new one, never half. */
#ifndef ZT_SENSOR_REPLACE_H
#define ZT_SENSOR_REPLACE_H

#include "base/err.h"

#include <stddef.h>
#include <sys/types.h>

/* Writes PATH.new with these rights and renames it. Any thread that may write files; on an error the file is as it
 * was, and d has one sentence with its name. */
int replace_file(const char *path, const char *text, size_t n, mode_t mode, struct diag *d) __attribute__((warn_unused_result));

#endif
