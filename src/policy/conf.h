/* conf.h - YAML that people write, read with a place for every word.
 *
 * One text is one struct conf. Readers note what is wrong as complaints and go on, so that one
 * look finds all mistakes. Aliases are followed, never copied; what reads a document has a fixed
 * depth, so that a document that contains itself hurts nobody. Main thread. */
#ifndef ZT_POLICY_CONF_H
#define ZT_POLICY_CONF_H

#include "base/arena.h"
#include "expr/expr.h"
#include "policy/complain.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CONF_BYTES_MAX (4u << 20)       /* of one file */
#define CONF_NAME_MAX 63                /* bytes of a name */

struct conf;
struct conf_node;                       /* a node of the document */

/* A whole file, terminated; NULL after a complaint. The caller frees it. */
char *conf_read(const char *path, size_t *n, struct complaints *errs);

/* NULL after complaints. `file` is only a name and is copied; text lives until conf_free(). */
struct conf *conf_open(const char *file, const char *text, size_t n, struct arena *keep, struct complaints *errs);
void conf_free(struct conf *c);
const char *conf_file(const struct conf *c);            /* lives in the arena */
const struct conf_node *conf_root(const struct conf *c);        /* NULL: an empty document */
uint32_t conf_line(const struct conf *c, const struct conf_node *n);

/* The keys that a mapping may have, each written to its place. */
enum conf_kind { CONF_ANY, CONF_WORD, CONF_LIST, CONF_MAP, CONF_WORDS };        /* WORDS: one, or a list of them */
struct conf_key {
	const char *key;
	enum conf_kind kind;
	bool must;
	const struct conf_node **to;
};

/* false: n is not a mapping, or a key that must be there is missing. `what` names it: "a zone". */
bool conf_map(struct conf *c, const struct conf_node *n, const char *what, const struct conf_key *keys, size_t count);

size_t conf_count(const struct conf *c, const struct conf_node *n);     /* of a list; 1 for a word; 0 for NULL */
const struct conf_node *conf_item(const struct conf *c, const struct conf_node *n, size_t i);
bool conf_is_word(const struct conf_node *n);

/* Words; terminated, in the arena. NULL after a complaint. */
const char *conf_text(struct conf *c, const struct conf_node *n, size_t max);
const char *conf_name(struct conf *c, const struct conf_node *n, const char *what);     /* 1..CONF_NAME_MAX, printable */
bool conf_bool(struct conf *c, const struct conf_node *n, bool *out);
bool conf_uint(struct conf *c, const struct conf_node *n, uint32_t min, uint32_t max, uint32_t *out);
bool conf_duration(struct conf *c, const struct conf_node *n, uint64_t *ns);
bool conf_time(struct conf *c, const struct conf_node *n, uint64_t *ns);        /* RFC 3339, or a date: its midnight UTC */
struct expr *conf_expr(struct conf *c, const struct conf_node *n, enum expr_use use, const struct expr_site *site);

/* Where byte `at` of the node's text stands in the file, both from 1. */
void conf_place(const struct conf *c, const struct conf_node *n, size_t at, uint32_t *line, uint32_t *col);
struct complaints *conf_complaints(struct conf *c);

/* A complaint at the node; the token is its text. hint may be NULL. */
void conf_wrong(struct conf *c, const struct conf_node *n, const char *hint, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));
/* The same with "did you mean" the word of the list that is nearest. */
void conf_unknown(struct conf *c, const struct conf_node *n, const char *const *list, const char *what);

const char *conf_library_version(void);                 /* libyaml's own word; static text */

#endif
