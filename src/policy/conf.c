#include "policy/conf.h"

#include "base/names.h"
#include "base/utf8.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

struct conf {
	char *file;
	const char *text;
	size_t len;
	struct arena *keep;
	struct complaints *errs;
	yaml_document_t doc;
	bool have_doc;
	uint32_t *lines;                /* byte offset of each line */
	uint32_t line_count;
};

static const yaml_node_t *ynode(const struct conf_node *n)
{
	return (const yaml_node_t *)(const void *)n;
}

static const struct conf_node *cnode(const yaml_node_t *n)
{
	return (const struct conf_node *)(const void *)n;
}

static const struct conf_node *at_index(const struct conf *c, int index)
{
	return cnode(yaml_document_get_node((yaml_document_t *)&c->doc, index));
}

static const char *word_of(const yaml_node_t *y)
{
	return (const char *)y->data.scalar.value;
}

/* The bytes of a line break at `at`, 0 for none: what YAML 1.1 (section 4.2) calls one, as libyaml counts. */
static size_t line_break(const struct conf *c, size_t at)
{
	const uint8_t *s = (const uint8_t *)c->text + at;
	size_t n = c->len - at;

	switch (s[0]) {
	case '\r':
		return n >= 2 && s[1] == '\n' ? 2 : 1;
	case '\n':
		return 1;
	case 0xc2:                              /* U+0085 */
		return n >= 2 && s[1] == 0x85 ? 2 : 0;
	case 0xe2:                              /* U+2028 and U+2029 */
		return n >= 3 && s[1] == 0x80 && (s[2] == 0xa8 || s[2] == 0xa9) ? 3 : 0;
	default:
		return 0;
	}
}

static bool index_lines(struct conf *c)
{
	uint32_t n = 1;
	size_t step;

	for (size_t i = 0; i < c->len; i += step ? step : 1) {
		step = line_break(c, i);
		n += step > 0;
	}
	c->lines = calloc(n, sizeof *c->lines);
	if (!c->lines)
		return false;
	for (size_t i = 0; i < c->len; i += step ? step : 1) {
		step = line_break(c, i);
		if (step)
			c->lines[++c->line_count] = (uint32_t)(i + step);
	}
	c->line_count++;
	return true;
}

/* libyaml counts lines and columns (in characters) from 0. */
static void complain_parser(struct conf *c, const yaml_parser_t *p)
{
	const char *why = p->problem ? p->problem : "not YAML";

	if (p->error == YAML_READER_ERROR)
		complain(c->errs, c->file, 0, 0, NULL, "not text in UTF-8 at byte %zu: %s", p->problem_offset, why);
	else if (p->error == YAML_MEMORY_ERROR)
		complain(c->errs, c->file, 0, 0, NULL, "too little memory to read it");
	else
		complain(c->errs, c->file, (uint32_t)p->problem_mark.line + 1, (uint32_t)p->problem_mark.column + 1,
			 p->context, "not YAML: %s", why);
}

struct conf *conf_open(const char *file, const char *text, size_t n, struct arena *keep, struct complaints *errs)
{
	struct conf *c = calloc(1, sizeof *c);
	yaml_parser_t p;

	if (!c)
		return NULL;
	if (n >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0) {
		text += 3;
		n -= 3;
	}
	c->text = text;
	c->len = n;
	c->keep = keep;
	c->errs = errs;
	c->file = arena_text(keep, file, strlen(file));
	if (!c->file || !index_lines(c) || !yaml_parser_initialize(&p)) {
		complain(errs, file, 0, 0, NULL, "too little memory to read it");
		conf_free(c);
		return NULL;
	}
	yaml_parser_set_encoding(&p, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(&p, (const unsigned char *)text, n);
	c->have_doc = yaml_parser_load(&p, &c->doc);
	if (!c->have_doc)
		complain_parser(c, &p);
	yaml_parser_delete(&p);
	if (!c->have_doc) {
		conf_free(c);
		return NULL;
	}
	return c;
}

void conf_free(struct conf *c)
{
	if (!c)
		return;
	if (c->have_doc)
		yaml_document_delete(&c->doc);
	free(c->lines);
	free(c);
}

const char *conf_file(const struct conf *c)
{
	return c->file;
}

const struct conf_node *conf_root(const struct conf *c)
{
	return cnode(yaml_document_get_root_node((yaml_document_t *)&c->doc));
}

uint32_t conf_line(const struct conf *c, const struct conf_node *n)
{
	(void)c;
	return (uint32_t)ynode(n)->start_mark.line + 1;
}

struct complaints *conf_complaints(struct conf *c)
{
	return c->errs;
}

static bool blank(char b)
{
	return b == ' ' || b == '\t' || b == '\n' || b == '\r';
}

static size_t skip_blank(const struct conf *c, size_t at)
{
	while (at < c->len && blank(c->text[at]))
		at++;
	return at;
}

/* Where the text of a scalar begins in the file: behind its anchor, tag, quote or block header. */
static size_t scalar_start(const struct conf *c, const yaml_node_t *y)
{
	size_t at = y->start_mark.line < c->line_count ? c->lines[y->start_mark.line] : c->len;
	uint32_t cp;

	for (size_t col = y->start_mark.column; col && at < c->len; col--) {
		size_t step = utf8_next((const uint8_t *)c->text + at, c->len - at, &cp);

		at += step ? step : 1;
	}
	while (at < c->len && (c->text[at] == '&' || c->text[at] == '!')) {
		while (at < c->len && !blank(c->text[at]))
			at++;
		at = skip_blank(c, at);
	}
	if (y->data.scalar.style == YAML_SINGLE_QUOTED_SCALAR_STYLE ||
	    y->data.scalar.style == YAML_DOUBLE_QUOTED_SCALAR_STYLE)
		return at + 1;
	if (y->data.scalar.style == YAML_LITERAL_SCALAR_STYLE || y->data.scalar.style == YAML_FOLDED_SCALAR_STYLE) {
		while (at < c->len && c->text[at] != '\n')
			at++;
	}
	return at;
}

/* Text and file are walked side by side: YAML folds line breaks into blanks, doubles quotes and
 * knows escapes, but keeps the order of everything else. */
void conf_place(const struct conf *c, const struct conf_node *n, size_t offset, uint32_t *line, uint32_t *col)
{
	const yaml_node_t *y = ynode(n);
	const char *value = word_of(y);
	size_t at = scalar_start(c, y), start;
	uint32_t l = (uint32_t)y->start_mark.line, cp;

	for (size_t i = 0; i < offset && i < y->data.scalar.length; i++) {
		at = skip_blank(c, at);
		if (blank(value[i]))
			continue;
		if (at + 1 < c->len && c->text[at] != value[i])
			at++;                           /* the backslash of an escape */
		else if (at + 1 < c->len && value[i] == '\'' && c->text[at + 1] == '\'' &&
			 y->data.scalar.style == YAML_SINGLE_QUOTED_SCALAR_STYLE)
			at++;
		at++;
	}
	if (offset < y->data.scalar.length && !blank(value[offset]))
		at = skip_blank(c, at);
	at = at < c->len ? at : c->len;
	l = l < c->line_count ? l : c->line_count - 1;
	while (l + 1 < c->line_count && c->lines[l + 1] <= at)
		l++;
	*line = l + 1;
	*col = 1;
	for (start = c->lines[l]; start < at; (*col)++) {
		size_t step = utf8_next((const uint8_t *)c->text + start, at - start, &cp);

		start += step ? step : 1;
	}
}

static void wrong_at(struct conf *c, const yaml_node_t *y, const char *hint, const char *what)
{
	uint32_t line = (uint32_t)y->start_mark.line + 1, col = (uint32_t)y->start_mark.column + 1;

	if (y->type == YAML_SCALAR_NODE)
		complain(c->errs, c->file, line, col, hint, "%s: '%.80s'", what, word_of(y));
	else
		complain(c->errs, c->file, line, col, hint, "%s", what);
}

void conf_wrong(struct conf *c, const struct conf_node *n, const char *hint, const char *fmt, ...)
{
	char what[200];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(what, sizeof what, fmt, ap);
	va_end(ap);
	wrong_at(c, ynode(n), hint, what);
}

void conf_unknown(struct conf *c, const struct conf_node *n, const char *const *list, const char *what)
{
	const yaml_node_t *y = ynode(n);
	const char *near = y->type == YAML_SCALAR_NODE ? name_nearest(word_of(y), list) : NULL;
	char hint[120];

	snprintf(hint, sizeof hint, "did you mean '%s'?", near ? near : "");
	wrong_at(c, y, near ? hint : NULL, what);
}

/* --- mappings and lists ------------------------------------------------------------------ */

bool conf_is_word(const struct conf_node *n)
{
	return n && ynode(n)->type == YAML_SCALAR_NODE;
}

static bool is_empty(const yaml_node_t *y)
{
	return y->type == YAML_SCALAR_NODE && y->data.scalar.style == YAML_PLAIN_SCALAR_STYLE &&
	       (y->data.scalar.length == 0 || strcmp(word_of(y), "~") == 0 || strcmp(word_of(y), "null") == 0);
}

static bool fits(struct conf *c, const yaml_node_t *y, const struct conf_key *k)
{
	static const char *const wanted[] = { "", "a word", "a list like [a, b]", "a mapping like {key: value}",
					      "a word or a list of them" };
	char what[120];
	bool word = y->type == YAML_SCALAR_NODE && !is_empty(y), list = y->type == YAML_SEQUENCE_NODE;

	if (k->kind == CONF_ANY || (k->kind == CONF_WORD && word) || (k->kind == CONF_LIST && list) ||
	    (k->kind == CONF_MAP && y->type == YAML_MAPPING_NODE) || (k->kind == CONF_WORDS && (word || list)))
		return true;
	snprintf(what, sizeof what, "'%s' takes %s", k->key, wanted[k->kind]);
	wrong_at(c, y, NULL, what);
	return false;
}

#define KEYS_MAX 64

static void take_pair(struct conf *c, const yaml_node_pair_t *pair, const char *what,
		      const struct conf_key *keys, size_t count)
{
	const struct conf_node *key = at_index(c, pair->key), *value = at_index(c, pair->value);
	const char *list[KEYS_MAX + 1] = { 0 };
	char text[100];

	for (size_t i = 0; i < count; i++) {
		list[i] = keys[i].key;
		if (!conf_is_word(key) || strcmp(word_of(ynode(key)), keys[i].key) != 0)
			continue;
		if (*keys[i].to)
			conf_wrong(c, key, NULL, "this key stands here twice");
		else if (fits(c, ynode(value), &keys[i]))
			*keys[i].to = value;
		else
			*keys[i].to = key;      /* there, though wrong: not missing as well */
		return;
	}
	snprintf(text, sizeof text, "unknown key of %s", what);
	conf_unknown(c, key, list, text);
}

bool conf_map(struct conf *c, const struct conf_node *n, const char *what, const struct conf_key *keys, size_t count)
{
	const yaml_node_t *y = ynode(n);
	bool good = true;
	uint32_t before = c->errs->n + c->errs->more;
	char text[100];

	for (size_t i = 0; i < count; i++)
		*keys[i].to = NULL;
	if (y->type != YAML_MAPPING_NODE) {
		snprintf(text, sizeof text, "%s is a mapping like {%s: ...}", what, keys[0].key);
		wrong_at(c, y, NULL, text);
		return false;
	}
	for (const yaml_node_pair_t *p = y->data.mapping.pairs.start; p < y->data.mapping.pairs.top; p++)
		take_pair(c, p, what, keys, count);
	for (size_t i = 0; i < count; i++) {
		if (keys[i].must && !*keys[i].to) {
			snprintf(text, sizeof text, "%s has no '%s'", what, keys[i].key);
			complain(c->errs, c->file, (uint32_t)y->start_mark.line + 1, (uint32_t)y->start_mark.column + 1, NULL,
				 "%s", text);
			good = false;
		}
	}
	/* A value of the wrong kind was complained of; nobody may read it. */
	for (size_t i = 0; i < count && c->errs->n + c->errs->more > before; i++) {
		for (const yaml_node_pair_t *p = y->data.mapping.pairs.start; p < y->data.mapping.pairs.top; p++) {
			if (*keys[i].to == at_index(c, p->key)) {
				*keys[i].to = NULL;
				good = good && !keys[i].must;
			}
		}
	}
	return good;
}

size_t conf_count(const struct conf *c, const struct conf_node *n)
{
	const yaml_node_t *y = ynode(n);

	(void)c;
	if (!y || y->type == YAML_MAPPING_NODE)
		return 0;
	if (y->type == YAML_SCALAR_NODE)
		return 1;
	return (size_t)(y->data.sequence.items.top - y->data.sequence.items.start);
}

const struct conf_node *conf_item(const struct conf *c, const struct conf_node *n, size_t i)
{
	const yaml_node_t *y = ynode(n);

	return y->type == YAML_SCALAR_NODE ? n : at_index(c, y->data.sequence.items.start[i]);
}

/* --- words --------------------------------------------------------------------------------- */

const char *conf_text(struct conf *c, const struct conf_node *n, size_t max)
{
	const yaml_node_t *y = ynode(n);
	char *copy;

	if (y->type != YAML_SCALAR_NODE) {
		wrong_at(c, y, NULL, "a word belongs here");
		return NULL;
	}
	if (y->data.scalar.length > max || strlen(word_of(y)) != y->data.scalar.length) {
		char what[60];

		snprintf(what, sizeof what, "text is longer than %zu bytes, or holds a NUL", max);
		wrong_at(c, y, NULL, what);
		return NULL;
	}
	copy = arena_text(c->keep, word_of(y), y->data.scalar.length);
	if (!copy)
		complain(c->errs, c->file, 0, 0, NULL, "too little memory to read it");
	return copy;
}

const char *conf_name(struct conf *c, const struct conf_node *n, const char *what)
{
	const char *s = conf_text(c, n, CONF_NAME_MAX);
	size_t left = s ? strlen(s) : 0, step;
	uint32_t cp;

	if (s && !left)
		conf_wrong(c, n, NULL, "%s is empty", what);
	for (const char *p = s; left; p += step, left -= step) {
		step = utf8_next((const uint8_t *)p, left, &cp);
		if (step && cp >= ' ' && cp != 0x7f && !(cp >= 0x80 && cp < 0xa0) && !utf8_is_unsafe(cp))
			continue;
		conf_wrong(c, n, NULL, "%s has characters that do not print", what);
		return NULL;
	}
	return s && *s ? s : NULL;
}

bool conf_bool(struct conf *c, const struct conf_node *n, bool *out)
{
	static const char *const yes[] = { "true", "yes", "on" }, *const no[] = { "false", "no", "off" };

	for (int i = 0; conf_is_word(n) && i < 3; i++) {
		if (strcmp(word_of(ynode(n)), yes[i]) == 0 || strcmp(word_of(ynode(n)), no[i]) == 0) {
			*out = strcmp(word_of(ynode(n)), yes[i]) == 0;
			return true;
		}
	}
	conf_wrong(c, n, "true or false", "neither yes nor no");
	return false;
}

bool conf_uint(struct conf *c, const struct conf_node *n, uint32_t min, uint32_t max, uint32_t *out)
{
	const char *s = conf_is_word(n) ? word_of(ynode(n)) : "";
	uint64_t v = 0;
	size_t i = 0;

	for (; s[i] >= '0' && s[i] <= '9' && i < 10; i++)
		v = v * 10 + (uint64_t)(s[i] - '0');
	if (i == 0 || s[i] || v < min || v > max) {
		conf_wrong(c, n, NULL, "not a whole number from %u to %u", min, max);
		return false;
	}
	*out = (uint32_t)v;
	return true;
}

const char *conf_library_version(void)
{
	return yaml_get_version_string();
}
