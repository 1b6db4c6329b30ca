#include "sensor/config.h"

#include "base/names.h"
#include "capture/filter.h"
#include "policy/policy.h"
#include "sensor/config_inside.h"
#include "sensor/setting.h"

#include <limits.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define BYTES_MAX (16u << 20)           /* of one configuration in memory */

static void *slot(const struct config_row *r, void *base)
{
	return (char *)base + r->at;
}

/* --- defaults ---------------------------------------------------------------------------------------- */

static void preset(struct config_reader *r, const struct config_row *row)
{
	struct setting_wrong w;

	if (!row->preset)
		return;
	if (row->type == CONFIG_NAME || row->type == CONFIG_PATH || row->type == CONFIG_TEXT)
		*(const char **)slot(row, r->base) = row->preset;
	else
		(void)setting_parse(row, row->preset, slot(row, r->base), &w);
}

void config_presets(struct config_reader *r, const char *section)
{
	const struct config_row *row;

	for (size_t i = 0; (row = config_row(i)); i++) {
		if (strcmp(row->section, section) == 0)
			preset(r, row);
	}
}

static void presets_of_interface(struct config_reader *r, struct config_interface *i)
{
	r->base = i;
	config_presets(r, "interfaces");
	i->filter = "";
	r->base = r->config;
}

static void presets_of_all(struct config_reader *r)
{
	const struct config_row *row;

	r->base = r->config;
	config_presets(r, "");
	for (size_t i = 0; (row = config_row(i)); i++) {
		if (row->type == CONFIG_SECTION)
			config_presets(r, row->key);
	}
}

/* --- values -------------------------------------------------------------------------------------------- */

static void wrong(struct config_reader *r, const struct conf_node *n, const struct setting_wrong *w)
{
	if (w->words)
		conf_unknown(r->conf, n, w->words, w->what);
	else
		conf_wrong(r->conf, n, *w->hint ? w->hint : NULL, "%s", w->what);
}

static void read_number(struct config_reader *r, const struct config_row *row, const struct conf_node *n)
{
	const char *text = conf_text(r->conf, n, 64);
	struct setting_wrong w;

	if (text && !setting_parse(row, text, slot(row, r->base), &w))
		wrong(r, n, &w);
}

static const char *read_name(struct config_reader *r, const struct config_row *row, const struct conf_node *n)
{
	const char *name = conf_name(r->conf, n, row->key);

	if (name && strlen(name) > row->max) {
		conf_wrong(r->conf, n, NULL, "longer than %u bytes", (unsigned)row->max);
		return NULL;
	}
	return name;
}

/* What the kernel takes as a name (dev_valid_name); "any" is libpcap's word for all of them at once. */
static const char *read_ifname(struct config_reader *r, const struct conf_node *n)
{
	const char *name = conf_name(r->conf, n, "name of an interface");

	if (!name)
		return NULL;
	if (strlen(name) >= IFNAMSIZ || strpbrk(name, "/: \t") || strcmp(name, ".") == 0 || strcmp(name, "..") == 0) {
		conf_wrong(r->conf, n, "names are like eth1, up to 15 bytes", "not the name of an interface");
		return NULL;
	}
	if (strcmp(name, "any") == 0) {
		conf_wrong(r->conf, n, "write one entry for each", "all interfaces at once are not captured");
		return NULL;
	}
	return name;
}

static const char *read_path(struct config_reader *r, const struct config_row *row, const struct conf_node *n)
{
	const char *text = conf_text(r->conf, n, PATH_MAX - 1);
	char whole[2 * PATH_MAX];
	size_t most = row->max ? row->max : PATH_MAX - 1, len;

	if (!text)
		return NULL;
	if (!*text) {
		conf_wrong(r->conf, n, NULL, "'%s' is empty", row->key);
		return NULL;
	}
	len = (size_t)snprintf(whole, sizeof whole, "%s%s", *text == '/' ? "" : r->folder, text);
	if (len > most) {
		conf_wrong(r->conf, n, NULL, "path is longer than %zu bytes", most);
		return NULL;
	}
	return arena_text(r->config->arena, whole, len);
}

/* Compiled for a packet of any length that may be asked for, so that the order of the keys does not matter. */
static const char *read_filter(struct config_reader *r, const struct config_row *row, const struct conf_node *n)
{
	const char *text = conf_text(r->conf, n, row->max);
	struct filter_wrong w;
	uint32_t line, col;

	if (!text || filter_compiles(text, CONFIG_SNAPLEN_MAX, &w))
		return text;
	conf_place(r->conf, n, w.at, &line, &col);
	complain(conf_complaints(r->conf), conf_file(r->conf), line, col, *w.hint ? w.hint : NULL, "%s", w.what);
	return NULL;
}

/* Printable, so that it can stand in a message and in a line of a protocol as it is. */
static const char *read_text(struct config_reader *r, const struct config_row *row, const struct conf_node *n)
{
	const char *text = conf_text(r->conf, n, row->max);

	if (text && !*text) {
		conf_wrong(r->conf, n, NULL, "'%s' is empty", row->key);
		return NULL;
	}
	for (const char *p = text; p && *p; p++) {
		if ((unsigned char)*p < ' ' || (unsigned char)*p >= 0x7f) {
			conf_wrong(r->conf, n, NULL, "'%s' has characters that are not printable ASCII", row->key);
			return NULL;
		}
	}
	return text;
}

/* Compiled here for its mistakes, and by the sink for its work. */
static const char *read_expr(struct config_reader *r, const struct config_row *row, const struct conf_node *n)
{
	struct expr *e = conf_expr(r->conf, n, EXPR_FORWARD, NULL);
	const char *text = e ? conf_text(r->conf, n, row->max) : NULL;

	expr_free(e);
	return text;
}

static void read_paths(struct config_reader *r, const struct config_row *row, const struct conf_node *n)
{
	struct config_paths *paths = slot(row, r->base);
	size_t count = conf_count(r->conf, n);

	if (count > CONFIG_PATHS_MAX) {
		conf_wrong(r->conf, n, NULL, "more than %d paths", CONFIG_PATHS_MAX);
		return;
	}
	for (size_t i = 0; i < count; i++) {
		const char *path = read_path(r, row, conf_item(r->conf, n, i));

		if (path)
			paths->v[paths->n++] = path;
	}
}

static void read_value(struct config_reader *r, const struct config_row *row, const struct conf_node *n)
{
	const char *text = NULL;

	switch (row->type) {
	case CONFIG_NAME:
		text = read_name(r, row, n);
		break;
	case CONFIG_IFNAME:
		text = read_ifname(r, n);
		break;
	case CONFIG_FILTER:
		text = read_filter(r, row, n);
		break;
	case CONFIG_TEXT:
		text = read_text(r, row, n);
		break;
	case CONFIG_EXPR:
		text = read_expr(r, row, n);
		break;
	case CONFIG_PATH:
		text = read_path(r, row, n);
		break;
	case CONFIG_PATHS:
		read_paths(r, row, n);
		return;
	case CONFIG_DATE:
		(void)conf_time(r->conf, n, slot(row, r->base));
		return;
	default:
		read_number(r, row, n);
		return;
	}
	if (text)
		*(const char **)slot(row, r->base) = text;
}

/* --- sections -------------------------------------------------------------------------------------------- */

static enum conf_kind kind_of(enum config_type type)
{
	return type == CONFIG_SECTION ? CONF_MAP : type == CONFIG_SECTIONS ? CONF_LIST :
	       type == CONFIG_PATHS ? CONF_WORDS : CONF_WORD;
}

void config_nodes(struct config_reader *r, const struct conf_node *n, const char *section, const char *what,
		  const struct conf_key *more, struct config_section *s)
{
	struct conf_key keys[CONFIG_KEYS_MAX];
	const struct config_row *row;
	size_t count;

	*s = (struct config_section){ .n = 0 };
	for (size_t i = 0; (row = config_row(i)) && s->n < CONFIG_KEYS_MAX; i++) {
		if (strcmp(row->section, section) != 0)
			continue;
		s->row[s->n] = row;
		keys[s->n] = (struct conf_key){ row->key, kind_of(row->type), row->must, &s->node[s->n] };
		s->n++;
	}
	for (count = s->n; more && more->key && count < CONFIG_KEYS_MAX; more++)
		keys[count++] = *more;
	(void)conf_map(r->conf, n, what, keys, count);
}

const struct conf_node *config_node(const struct config_section *s, const char *key)
{
	for (size_t i = 0; i < s->n; i++) {
		if (strcmp(s->row[i]->key, key) == 0)
			return s->node[i];
	}
	return NULL;
}

void config_values(struct config_reader *r, const struct config_section *s)
{
	for (size_t i = 0; i < s->n; i++) {
		if (s->node[i])
			read_value(r, s->row[i], s->node[i]);
	}
}

static void interface_twice(struct config_reader *r, const struct conf_node *n, const struct config_interface *i)
{
	for (const struct config_interface *k = r->config->interfaces; k < i; k++) {
		if (k->name && i->name && strcmp(k->name, i->name) == 0)
			conf_wrong(r->conf, n, NULL, "this interface stands here twice");
	}
}

static void read_interface(struct config_reader *r, const struct conf_node *n)
{
	struct config_interface *i = &r->config->interfaces[r->config->interface_count++];
	const struct conf_node *segment;
	struct config_section s;

	presets_of_interface(r, i);
	config_nodes(r, n, "interfaces", "an interface", NULL, &s);
	r->base = i;
	config_values(r, &s);
	r->base = r->config;
	segment = config_node(&s, "segment");
	if (segment)
		conf_place(r->conf, segment, 0, &i->segment_line, &i->segment_col);
	if (config_node(&s, "name"))
		interface_twice(r, config_node(&s, "name"), i);
}

static void read_interfaces(struct config_reader *r, const struct config_row *row, const struct conf_node *list)
{
	size_t count = conf_count(r->conf, list);

	if (count < row->min || count > row->max) {
		conf_wrong(r->conf, list, NULL, "'%s' has %zu entries, not 1 to %d", row->key, count, CONFIG_INTERFACES_MAX);
		return;
	}
	r->config->interfaces = arena_array(r->config->arena, count, sizeof *r->config->interfaces);
	for (size_t i = 0; r->config->interfaces && i < count; i++)
		read_interface(r, conf_item(r->conf, list, i));
}

static void learning_twice(struct config_reader *r, const struct config_section *s)
{
	const struct conf_node *until = config_node(s, "until"), *period = config_node(s, "for");

	if (until && period && r->config->learning.until && r->config->learning.period)
		conf_wrong(r->conf, period, "say one of them", "'for' does not go together with 'until'");
}

static void read_section(struct config_reader *r, const struct config_row *row, const struct conf_node *n)
{
	struct config_section s;
	char what[80];

	snprintf(what, sizeof what, "'%s'", row->key);
	config_nodes(r, n, row->key, what, NULL, &s);
	config_values(r, &s);
	if (strcmp(row->key, "learning") == 0)
		learning_twice(r, &s);
}

static void read_top(struct config_reader *r)
{
	struct config_section s;

	if (!conf_root(r->conf)) {
		complain(conf_complaints(r->conf), conf_file(r->conf), 1, 1, "it names at least one interface",
			 "the file is empty");
		return;
	}
	config_nodes(r, conf_root(r->conf), "", "the configuration", NULL, &s);
	for (size_t i = 0; i < s.n; i++) {
		if (!s.node[i])
			continue;
		if (s.row[i]->type == CONFIG_SECTION)
			read_section(r, s.row[i], s.node[i]);
		else if (s.row[i]->type == CONFIG_SECTIONS)
			(strcmp(s.row[i]->key, "forward") == 0 ? config_sinks : read_interfaces)(r, s.row[i], s.node[i]);
		else
			read_value(r, s.row[i], s.node[i]);
	}
}

/* --- the whole --------------------------------------------------------------------------------------------- */

static void folder_of(const char *file, char out[PATH_MAX])
{
	const char *slash = strrchr(file, '/');
	size_t n = slash ? (size_t)(slash + 1 - file) : 0;

	snprintf(out, PATH_MAX, "%.*s", (int)(n < PATH_MAX ? n : 0), file);
}

static struct sensor_config *made(const char *file, struct config_reader *r)
{
	struct arena *arena = arena_new(BYTES_MAX);
	struct sensor_config *c = arena ? arena_get(arena, sizeof *c) : NULL;

	if (!c) {
		arena_free(arena);
		return NULL;
	}
	c->arena = arena;
	c->file = arena_text(arena, file, strlen(file));
	*r = (struct config_reader){ .config = c, .base = c };
	folder_of(file, r->folder);
	presets_of_all(r);
	if (!c->file) {
		config_free(c);
		return NULL;
	}
	return c;
}

/* What is not said and has no constant for a default. */
static bool finish(struct sensor_config *c)
{
	char host[HOST_NAME_MAX + 1] = "";

	if (!c->sensor) {
		if (gethostname(host, sizeof host - 1) != 0 || !*host)
			snprintf(host, sizeof host, "zonetap");
		c->sensor = arena_text(c->arena, host, strlen(host));
	}
	return c->sensor && c->interfaces;
}

struct sensor_config *config_read(const char *file, const char *text, size_t n, struct complaints *errs)
{
	uint32_t before = errs->n + errs->more;
	struct config_reader r;
	struct sensor_config *c = made(file, &r);

	if (c) {
		r.conf = conf_open(file, text, n, c->arena, errs);
		if (r.conf)
			read_top(&r);
		conf_free(r.conf);
	}
	if (errs->n + errs->more == before && (!c || !finish(c)))
		complain(errs, file, 0, 0, NULL, "too little memory to read it");
	if (errs->n + errs->more > before) {
		complaints_sort(errs);
		config_free(c);
		return NULL;
	}
	return c;
}

struct sensor_config *config_load(const char *path, struct complaints *errs)
{
	size_t n;
	char *text = conf_read(path, &n, errs);
	struct sensor_config *c = text ? config_read(path, text, n, errs) : NULL;

	free(text);
	return c;
}

struct sensor_config *config_of_interface(const char *name, struct complaints *errs)
{
	char text[160];

	if (strlen(name) >= IFNAMSIZ || strpbrk(name, "'\\\n")) {
		complain(errs, "-i", 0, 0, "names are like eth1, up to 15 bytes", "not the name of an interface: '%.80s'", name);
		return NULL;
	}
	snprintf(text, sizeof text, "interfaces: [{name: '%s'}]", name);
	return config_read("", text, strlen(text), errs);
}

void config_free(struct sensor_config *c)
{
	if (c)
		arena_free(c->arena);
}

#define SEGMENT_NAMES_MAX 250

static void unknown_segment(const struct sensor_config *c, const struct config_interface *i, const struct policy *policy,
			    struct complaints *errs)
{
	const char *names[SEGMENT_NAMES_MAX + 1] = { 0 };
	const char *near, *hint = "segments are described in the site";
	char mean[120];

	for (uint16_t s = 0; s < SEGMENT_NAMES_MAX && (names[s] = policy_segment_name(policy, (uint16_t)(s + 1))); s++)
		;
	near = name_nearest(i->segment, names);
	snprintf(mean, sizeof mean, "did you mean '%s'?", near ? near : "");
	if (near)
		hint = mean;
	else if (!policy_has_site(policy))
		hint = "there is no 'site' that describes it";
	complain(errs, c->file, i->segment_line, i->segment_col, hint, "unknown segment: '%.63s'", i->segment);
}

bool config_fits_policy(const struct sensor_config *c, const struct policy *policy, struct complaints *errs)
{
	bool good = true;

	for (uint32_t i = 0; i < c->interface_count; i++) {
		const char *segment = c->interfaces[i].segment, *name;
		uint16_t s = 1;

		while (segment && (name = policy_segment_name(policy, s)) && strcmp(name, segment) != 0)
			s++;
		if (!segment || name)
			continue;
		unknown_segment(c, &c->interfaces[i], policy, errs);
		good = false;
	}
	return good;
}
