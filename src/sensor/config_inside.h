/* config_inside.h - what the files that read a configuration share. For src/sensor/config*.c only. */
#ifndef ZT_SENSOR_CONFIG_INSIDE_H
#define ZT_SENSOR_CONFIG_INSIDE_H

#include "policy/conf.h"
#include "sensor/config.h"

#include <limits.h>

#define CONFIG_KEYS_MAX 80              /* of one section */

struct config_reader {
	struct sensor_config *config;
	struct conf *conf;
	void *base;                     /* what the rows of the section that is read are offsets into */
	char folder[PATH_MAX];          /* of the file, with its slash; "" the working one */
};

struct config_section {
	const struct config_row *row[CONFIG_KEYS_MAX];
	const struct conf_node *node[CONFIG_KEYS_MAX];  /* NULL: not there */
	size_t n;
};

void config_presets(struct config_reader *r, const char *section);      /* into r->base */
/* The nodes of one mapping, by the rows of its section; what is unknown or twice is complained of. `what` names it in
 * complaints. `more`: keys besides those of the table, NULL-key at the end; may be NULL. */
void config_nodes(struct config_reader *r, const struct conf_node *n, const char *section, const char *what,
		  const struct conf_key *more, struct config_section *s);
void config_values(struct config_reader *r, const struct config_section *s);    /* into r->base */
const struct conf_node *config_node(const struct config_section *s, const char *key);

/* `forward:` (config_sinks.c). */
void config_sinks(struct config_reader *r, const struct config_row *row, const struct conf_node *list);

#endif
