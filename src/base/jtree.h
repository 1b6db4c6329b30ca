/* jtree.h - JSON that anyone may have written, read whole into a tree (RFC 8259).
 *
 * Strict: what is not JSON to the letter is refused, and so are a member twice, a NUL in a member's name, half of a surrogate
 * pair, text that is not UTF-8, more levels than JTREE_DEPTH and more members in an object than JTREE_MEMBERS. Nothing
 * recurses. Pure; any thread, one owner. */
#ifndef ZT_BASE_JTREE_H
#define ZT_BASE_JTREE_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define JTREE_DEPTH 16                  /* objects and lists within each other */
#define JTREE_MEMBERS 1024              /* of one object */

enum jkind { JKIND_NULL, JKIND_FALSE, JKIND_TRUE, JKIND_NUMBER, JKIND_TEXT, JKIND_LIST, JKIND_OBJECT };

struct jvalue {
	enum jkind kind;
	uint32_t len;                   /* bytes of the text; values in the list or object */
	union {
		const char *text;       /* JKIND_TEXT, without its quotes and escapes, and JKIND_NUMBER, as it is written;
					 * terminated, though a text may have a NUL in it */
		const struct jvalue *first;     /* JKIND_LIST and JKIND_OBJECT; NULL: empty */
	};
	const char *key;                /* of a member; terminated */
	uint32_t key_len, key_mark;     /* bytes; keys with different marks are different */
	const struct jvalue *next;      /* in the same list or object, in the order of the text */
};

struct jtree;

/* NULL: with a reason in *err (ZT_ESYNTAX, ZT_ENOMEM) and d (may be NULL), such as "is not JSON (at byte 12)". most: values
 * in all. The text is not kept. */
struct jtree *jtree_read(const char *json, size_t n, uint32_t most, int *err, struct diag *d);
void jtree_free(struct jtree *t);                       /* NULL is allowed */
void jtree_wipe(struct jtree *t);                       /* the same, and nothing of it is left in memory: it holds a secret */
const struct jvalue *jtree_root(const struct jtree *t); /* NULL of NULL */

/* All of these take NULL for a value that is not there. */
const struct jvalue *jvalue_get(const struct jvalue *object, const char *key);  /* NULL: no object, or no such member */
bool jvalue_is(const struct jvalue *v, enum jkind kind);
uint32_t jvalue_count(const struct jvalue *v, enum jkind kind);         /* its values; 0: not of that kind */
const struct jvalue *jvalue_first(const struct jvalue *list);            /* NULL: no list, or an empty one */
const char *jvalue_text(const struct jvalue *v);                        /* NULL: no text */
bool jvalue_int(const struct jvalue *v, int64_t *out);                  /* false: no whole number of 64 bits, as 1.0 is none */
bool jvalue_real(const struct jvalue *v, double *out);                  /* false: no number, or one beyond a double */

#endif
