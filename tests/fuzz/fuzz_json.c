/* JSON from anywhere, read by base/jtree.h and, beside it, by jansson: both take it and read the same values, or neither does.
 *
 * What only one of them may refuse: jansson numbers beyond its types, ours what is beyond its bounds and what follows a NUL
 * behind the value, which jansson takes for the end. */
#include "base/jtree.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#define VALUES 512

static void must(int truth)
{
	if (!truth)
		abort();
}

static void same(const struct jvalue *v, const json_t *w);

static void same_number(const struct jvalue *v, const json_t *w)
{
	int64_t n;
	double d;

	must(jvalue_int(v, &n) == json_is_integer(w));
	must(!json_is_integer(w) || n == json_integer_value(w));
	must(jvalue_real(v, &d) && d == json_number_value(w));
}

static void same_object(const struct jvalue *v, const json_t *w)
{
	must(v->len == json_object_size(w));
	for (const struct jvalue *m = v->first; m; m = m->next) {
		must(m->key[m->key_len] == '\0' && jvalue_get(v, m->key) == m);
		same(m, json_object_getn(w, m->key, m->key_len));
	}
}

static void same_list(const struct jvalue *v, const json_t *w)
{
	size_t i = 0;

	must(v->len == json_array_size(w));
	for (const struct jvalue *e = v->first; e; e = e->next)
		same(e, json_array_get(w, i++));
	must(i == v->len);
}

static void same(const struct jvalue *v, const json_t *w)
{
	must(w != NULL);
	switch (v->kind) {
	case JKIND_NULL:
		must(json_is_null(w));
		break;
	case JKIND_FALSE:
		must(json_is_false(w));
		break;
	case JKIND_TRUE:
		must(json_is_true(w));
		break;
	case JKIND_NUMBER:
		same_number(v, w);
		break;
	case JKIND_TEXT:
		must(json_is_string(w) && v->len == json_string_length(w));
		must(memcmp(v->text, json_string_value(w), v->len + 1) == 0);
		break;
	case JKIND_LIST:
		must(json_is_array(w));
		same_list(v, w);
		break;
	case JKIND_OBJECT:
		must(json_is_object(w));
		same_object(v, w);
		break;
	}
}

static int may_refuse_ours(const char *why, const char *json, size_t n)
{
	return strstr(why, "too many") != NULL || memchr(json, '\0', n) != NULL;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *copy = malloc(size ? size : 1);
	struct diag d = { "" };
	struct jtree *t;
	json_error_t e;
	json_t *w;
	int err;

	must(copy != NULL);
	memcpy(copy, data, size);       /* exactly so long: a byte read beyond it is seen */
	t = jtree_read(copy, size, VALUES, &err, &d);
	w = json_loadb(copy, size, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL | JSON_DECODE_ANY, &e);
	must((t != NULL) == (err == ZT_OK));
	if (t && w)
		same(jtree_root(t), w);
	else if (t)
		must(json_error_code(&e) == json_error_numeric_overflow);
	else
		must(d.text[0] != '\0' && (!w || may_refuse_ours(d.text, copy, size)));
	json_decref(w);
	jtree_free(t);
	free(copy);
	return 0;
}
