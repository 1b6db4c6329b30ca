/* setting.h - one value of the configuration: from the text that stands in the file (or in the table, for a
 * default) and back. Pure. */
#ifndef ZT_SENSOR_SETTING_H
#define ZT_SENSOR_SETTING_H

#include "sensor/config.h"

struct setting_wrong {
	char what[120];                 /* "not a size" */
	char hint[120];                 /* "" none */
	const char *const *words;       /* the words of which the nearest may have been meant; NULL: none */
};

/* For the types whose value is a number. `to` points at what the type names in config.h. */
bool setting_parse(const struct config_row *r, const char *text, void *to, struct setting_wrong *w);

/* A number of the row as one would write it. */
#define SETTING_TEXT 40
const char *setting_text(const struct config_row *r, uint64_t value, char out[SETTING_TEXT]);

bool setting_is_number(enum config_type type);

#endif
