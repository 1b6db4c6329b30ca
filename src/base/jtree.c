#include "base/jtree.h"

#include "base/arena.h"
#include "base/utf8.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

struct jtree {
	struct arena *values;
	const struct jvalue *root;
	size_t size;                    /* bytes of: */
	char texts[];                   /* every text and number, terminated: no longer than they were in JSON */
};

/* A list or object that is being read. */
struct level {
	struct jvalue *whole, *last;
};

struct reading {
	const char *json, *end, *p;
	struct jtree *t;
	char *to;                       /* into the texts */
	uint32_t left;                  /* values that may still come */
	uint32_t depth;
	struct level level[JTREE_DEPTH];
	int err;
	struct diag *d;
};

static bool refuse(struct reading *r, int err, const char *what)
{
	if (r->err == ZT_OK)
		r->err = diag_fail(r->d, err, "%s (at byte %zu)", what, (size_t)(r->p - r->json));
	return false;
}

static bool not_json(struct reading *r)
{
	return refuse(r, ZT_ESYNTAX, "is not JSON");
}

static void blanks(struct reading *r)
{
	while (r->p < r->end && (*r->p == ' ' || *r->p == '\n' || *r->p == '\r' || *r->p == '\t'))
		r->p++;
}

static bool next_is(struct reading *r, char c)
{
	if (r->p == r->end || *r->p != c)
		return false;
	r->p++;
	return true;
}

/* --- text (section 7) ------------------------------------------------------------------------------------------- */

static bool hex4(struct reading *r, uint32_t *out)
{
	*out = 0;
	if (r->end - r->p < 4)
		return not_json(r);
	for (unsigned i = 0; i < 4; i++, r->p++) {
		char c = *r->p;

		if (c >= '0' && c <= '9')
			*out = *out << 4 | (uint32_t)(c - '0');
		else if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f')
			*out = *out << 4 | (uint32_t)((c | 0x20) - 'a' + 10);
		else
			return not_json(r);
	}
	return true;
}

static void put_utf8(struct reading *r, uint32_t cp)
{
	if (cp < 0x80) {
		*r->to++ = (char)cp;
		return;
	}
	if (cp < 0x800) {
		*r->to++ = (char)(0xc0 | cp >> 6);
	} else {
		if (cp < 0x10000) {
			*r->to++ = (char)(0xe0 | cp >> 12);
		} else {
			*r->to++ = (char)(0xf0 | cp >> 18);
			*r->to++ = (char)(0x80 | (cp >> 12 & 0x3f));
		}
		*r->to++ = (char)(0x80 | (cp >> 6 & 0x3f));
	}
	*r->to++ = (char)(0x80 | (cp & 0x3f));
}

/* Behind \u: a code point, or two halves of one. */
static bool unicode(struct reading *r)
{
	uint32_t cp, low;

	if (!hex4(r, &cp))
		return false;
	if (cp >= 0xdc00 && cp <= 0xdfff)
		return refuse(r, ZT_ESYNTAX, "has half of a character");
	if (cp >= 0xd800 && cp <= 0xdbff) {
		if (!next_is(r, '\\') || !next_is(r, 'u'))
			return refuse(r, ZT_ESYNTAX, "has half of a character");
		if (!hex4(r, &low))
			return false;
		if (low < 0xdc00 || low > 0xdfff)
			return refuse(r, ZT_ESYNTAX, "has half of a character");
		cp = 0x10000 + ((cp - 0xd800) << 10) + (low - 0xdc00);
	}
	put_utf8(r, cp);
	return true;
}

static bool escape(struct reading *r)
{
	static const char names[] = "\"\\/bfnrt", values[] = "\"\\/\b\f\n\r\t";
	const char *at;

	if (next_is(r, 'u'))
		return unicode(r);
	at = r->p < r->end && *r->p ? strchr(names, *r->p) : NULL;
	if (!at)
		return not_json(r);
	*r->to++ = values[at - names];
	r->p++;
	return true;
}

static bool beyond_ascii(struct reading *r)
{
	uint32_t cp;
	size_t n = utf8_next((const uint8_t *)r->p, (size_t)(r->end - r->p), &cp);

	if (n == 0)
		return refuse(r, ZT_ESYNTAX, "is not UTF-8");
	memcpy(r->to, r->p, n);
	r->to += n;
	r->p += n;
	return true;
}

#define EACH(byte) ((byte) * UINT64_C(0x0101010101010101))

static bool is_plain(unsigned char c)
{
	return c >= ' ' && c < 0x80 && c != '"' && c != '\\';
}

/* Eight at once: the top bit of each byte of the sum says that it is not. A borrow can only come from a byte that is not. */
static bool are_plain(const char *p)
{
	uint64_t v, quote, slash;

	memcpy(&v, p, sizeof v);
	quote = v ^ EACH('"');
	slash = v ^ EACH('\\');
	return ((v | (v - EACH(' ')) | (quote - EACH(1)) | (slash - EACH(1))) & EACH(0x80)) == 0;
}

static void plain(struct reading *r)
{
	const char *p = r->p;

	while (r->end - p >= 8 && are_plain(p))
		p += 8;
	while (p < r->end && is_plain((unsigned char)*p))
		p++;
	memcpy(r->to, r->p, (size_t)(p - r->p));
	r->to += p - r->p;
	r->p = p;
}

/* Behind its first quote. */
static bool text(struct reading *r, const char **out, uint32_t *len)
{
	const char *began = r->to;

	for (;;) {
		unsigned char c;

		plain(r);
		c = r->p < r->end ? (unsigned char)*r->p : 0;
		if (c < ' ')
			return not_json(r);
		if (c >= 0x80) {
			if (!beyond_ascii(r))
				return false;
			continue;
		}
		r->p++;
		if (c == '"')
			break;
		if (!escape(r))
			return false;
	}
	*out = began;
	*len = (uint32_t)(r->to - began);
	*r->to++ = '\0';
	return true;
}

/* --- numbers (section 6) ---------------------------------------------------------------------------------------- */

static bool digits(struct reading *r)
{
	const char *began = r->p;

	while (r->p < r->end && *r->p >= '0' && *r->p <= '9')
		r->p++;
	return r->p > began || not_json(r);
}

static bool number(struct reading *r, struct jvalue *v)
{
	const char *began = r->p;

	next_is(r, '-');
	if (!next_is(r, '0') && !digits(r))
		return false;
	if (next_is(r, '.') && !digits(r))
		return false;
	if (next_is(r, 'e') || next_is(r, 'E')) {
		if (!next_is(r, '+'))
			next_is(r, '-');
		if (!digits(r))
			return false;
	}
	v->kind = JKIND_NUMBER;
	v->len = (uint32_t)(r->p - began);
	v->text = memcpy(r->to, began, v->len);
	r->to += v->len;
	*r->to++ = '\0';
	return true;
}

/* --- values ----------------------------------------------------------------------------------------------------- */

static bool word(struct reading *r, struct jvalue *v, const char *name, enum jkind kind)
{
	size_t n = strlen(name);

	if ((size_t)(r->end - r->p) < n || memcmp(r->p, name, n) != 0)
		return not_json(r);
	r->p += n;
	v->kind = kind;
	return true;
}

static bool begin(struct reading *r, struct jvalue *v, enum jkind kind)
{
	if (r->depth == JTREE_DEPTH)
		return refuse(r, ZT_ESYNTAX, "has too many levels");
	r->p++;
	v->kind = kind;
	r->level[r->depth++] = (struct level){ v, NULL };
	return true;
}

static bool value(struct reading *r, struct jvalue *v)
{
	if (r->p == r->end)
		return not_json(r);
	switch (*r->p) {
	case '{':
		return begin(r, v, JKIND_OBJECT);
	case '[':
		return begin(r, v, JKIND_LIST);
	case '"':
		r->p++;
		v->kind = JKIND_TEXT;
		return text(r, &v->text, &v->len);
	case 't':
		return word(r, v, "true", JKIND_TRUE);
	case 'f':
		return word(r, v, "false", JKIND_FALSE);
	case 'n':
		return word(r, v, "null", JKIND_NULL);
	default:
		return number(r, v);
	}
}

static struct jvalue *new_value(struct reading *r)
{
	struct jvalue *v = r->left ? arena_get(r->t->values, sizeof *v) : NULL;

	if (!v)
		refuse(r, r->left ? ZT_ENOMEM : ZT_ESYNTAX, r->left ? "finds no memory" : "has too many values");
	else
		r->left--;
	return v;
}

/* Length, first and last byte: enough to tell most keys apart. */
static uint32_t mark_of(const char *s, size_t n)
{
	return n ? (uint32_t)n << 16 | (uint32_t)(unsigned char)s[0] << 8 | (unsigned char)s[n - 1] : 0;
}

static bool is_key(const struct jvalue *v, uint32_t mark, const char *s, size_t n)
{
	return v->key_mark == mark && v->key_len == n && memcmp(v->key, s, n) == 0;
}

/* "key": of a member that is not in the object yet. */
static bool key(struct reading *r, const struct level *l, struct jvalue *v)
{
	if (!next_is(r, '"'))
		return not_json(r);
	if (!text(r, &v->key, &v->key_len))
		return false;
	if (memchr(v->key, '\0', v->key_len))
		return refuse(r, ZT_ESYNTAX, "has a NUL in the name of a member");
	if (l->whole->len == JTREE_MEMBERS)
		return refuse(r, ZT_ESYNTAX, "has an object with too many members");
	v->key_mark = mark_of(v->key, v->key_len);
	for (const struct jvalue *m = l->whole->first; m; m = m->next) {
		if (is_key(m, v->key_mark, v->key, v->key_len))
			return refuse(r, ZT_ESYNTAX, "has a member twice");
	}
	blanks(r);
	if (!next_is(r, ':'))
		return not_json(r);
	blanks(r);
	return true;
}

/* The next value of what is open. */
static bool member(struct reading *r, struct level *l)
{
	struct jvalue *v = new_value(r);

	if (!v || (l->whole->kind == JKIND_OBJECT && !key(r, l, v)))
		return false;
	if (l->last)
		l->last->next = v;
	else
		l->whole->first = v;
	l->last = v;
	l->whole->len++;
	return value(r, v);
}

/* Until what is open is closed. */
static bool contents(struct reading *r)
{
	while (r->depth > 0) {
		struct level *l = &r->level[r->depth - 1];

		blanks(r);
		if (next_is(r, l->whole->kind == JKIND_OBJECT ? '}' : ']')) {
			r->depth--;
			continue;
		}
		if (l->last) {
			if (!next_is(r, ','))
				return not_json(r);
			blanks(r);
		}
		if (!member(r, l))
			return false;
	}
	return true;
}

static bool whole(struct reading *r)
{
	struct jvalue *v = new_value(r);

	r->t->root = v;
	blanks(r);
	if (!v || !value(r, v) || !contents(r))
		return false;
	blanks(r);
	return r->p == r->end || not_json(r);
}

/* --- the tree --------------------------------------------------------------------------------------------------- */

struct jtree *jtree_read(const char *json, size_t n, uint32_t most, int *err, struct diag *d)
{
	struct reading r = { .json = json, .end = json + n, .p = json, .left = most, .err = ZT_OK, .d = d };
	bool short_enough = n < UINT32_MAX;

	r.t = short_enough ? malloc(sizeof *r.t + n + 1) : NULL;
	if (!r.t) {
		*err = diag_fail(d, short_enough ? ZT_ENOMEM : ZT_ESYNTAX, short_enough ? "finds no memory" : "is too long");
		return NULL;
	}
	*r.t = (struct jtree){ .values = arena_new(SIZE_MAX), .size = n + 1 };
	r.to = r.t->texts;
	if (!r.t->values)
		refuse(&r, ZT_ENOMEM, "finds no memory");
	else
		whole(&r);
	*err = r.err;
	if (r.err == ZT_OK)
		return r.t;
	jtree_wipe(r.t);
	return NULL;
}

void jtree_free(struct jtree *t)
{
	if (t)
		arena_free(t->values);
	free(t);
}

void jtree_wipe(struct jtree *t)
{
	if (t)
		explicit_bzero(t->texts, t->size);
	jtree_free(t);
}

const struct jvalue *jtree_root(const struct jtree *t)
{
	return t ? t->root : NULL;
}

const struct jvalue *jvalue_get(const struct jvalue *object, const char *name)
{
	size_t n = strlen(name);
	uint32_t mark = mark_of(name, n);

	if (!jvalue_is(object, JKIND_OBJECT))
		return NULL;
	for (const struct jvalue *m = object->first; m; m = m->next) {
		if (is_key(m, mark, name, n))
			return m;
	}
	return NULL;
}

bool jvalue_is(const struct jvalue *v, enum jkind kind)
{
	return v && v->kind == kind;
}

uint32_t jvalue_count(const struct jvalue *v, enum jkind kind)
{
	return jvalue_is(v, kind) ? v->len : 0;
}

const struct jvalue *jvalue_first(const struct jvalue *list)
{
	return jvalue_is(list, JKIND_LIST) ? list->first : NULL;
}

const char *jvalue_text(const struct jvalue *v)
{
	return jvalue_is(v, JKIND_TEXT) ? v->text : NULL;
}

bool jvalue_int(const struct jvalue *v, int64_t *out)
{
	char *end;
	intmax_t n;

	if (!jvalue_is(v, JKIND_NUMBER))
		return false;
	errno = 0;
	n = strtoimax(v->text, &end, 10);
	if (errno || *end || n < INT64_MIN || n > INT64_MAX)
		return false;
	*out = n;
	return true;
}

bool jvalue_real(const struct jvalue *v, double *out)
{
	if (!jvalue_is(v, JKIND_NUMBER))
		return false;
	errno = 0;
	*out = strtod(v->text, NULL);
	return errno == 0 || (*out > -1 && *out < 1);   /* too near to 0 is 0 */
}
