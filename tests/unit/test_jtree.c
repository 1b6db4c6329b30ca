/* Reading JSON: what RFC 8259 allows, what it does not, and where the bounds are. */
#include "base/jtree.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static struct jtree *tree;

/* From a block that ends where the text does, so that a byte read beyond it is seen. */
static const struct jvalue *read_bytes(const char *json, size_t n)
{
	char *copy = malloc(n ? n : 1);
	struct diag d = { "" };
	int err;

	assert_non_null(copy);
	memcpy(copy, json, n);
	tree = jtree_read(copy, n, 5000, &err, &d);
	free(copy);
	if (!tree)
		print_message("# %s\n", d.text);
	return jtree_root(tree);
}

static const struct jvalue *read_text(const char *json)
{
	return read_bytes(json, strlen(json));
}

static void done(void)
{
	jtree_free(tree);
	tree = NULL;
}

static void refused_bytes(const char *json, size_t n, const char *why)
{
	struct diag d = { "" };
	int err = ZT_OK;

	assert_null(jtree_read(json, n, 5000, &err, &d));
	assert_int_equal(err, ZT_ESYNTAX);
	assert_string_equal(d.text, why);
}

static void refused(const char *json, const char *why)
{
	refused_bytes(json, strlen(json), why);
}

static void is_text(const char *json, const char *want, size_t n)
{
	const struct jvalue *v = read_text(json);

	assert_true(jvalue_is(v, JKIND_TEXT));
	assert_int_equal(v->len, n);
	assert_memory_equal(v->text, want, n + 1);
	done();
}

static void values(void **state)
{
	const struct jvalue *v = read_text(" { \"a\" : [ 1 , true,false , null,{ } , [\t]\r\n], \"b\":{\"c\":\"d\"}, \"\":2 } ");
	const struct jvalue *a = jvalue_get(v, "a"), *e;
	static const enum jkind kinds[] = { JKIND_NUMBER, JKIND_TRUE, JKIND_FALSE, JKIND_NULL, JKIND_OBJECT, JKIND_LIST };
	unsigned i = 0;

	(void)state;
	assert_int_equal(jvalue_count(v, JKIND_OBJECT), 3);
	assert_int_equal(jvalue_count(v, JKIND_LIST), 0);
	assert_int_equal(jvalue_count(a, JKIND_LIST), 6);
	for (e = a->first; e; e = e->next)
		assert_int_equal(e->kind, kinds[i++]);
	assert_int_equal(i, 6);
	assert_string_equal(jvalue_text(jvalue_get(jvalue_get(v, "b"), "c")), "d");
	assert_string_equal(jvalue_get(v, "")->text, "2");
	assert_null(jvalue_get(v, "c"));
	assert_null(jvalue_get(a, "a"));
	assert_null(jvalue_text(a));
	done();
	assert_true(jvalue_is(read_text("7"), JKIND_NUMBER));
	done();
}

static void nothing_is_not_there(void **state)
{
	int64_t n;
	double d;

	(void)state;
	assert_null(jtree_root(NULL));
	assert_null(jvalue_get(NULL, "a"));
	assert_null(jvalue_text(NULL));
	assert_int_equal(jvalue_count(NULL, JKIND_LIST), 0);
	assert_false(jvalue_is(NULL, JKIND_NULL) || jvalue_int(NULL, &n) || jvalue_real(NULL, &d));
	jtree_free(NULL);
	jtree_wipe(NULL);
}

static void texts(void **state)
{
	(void)state;
	is_text("\"\"", "", 0);
	is_text("\"plain\"", "plain", 5);
	is_text("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "\"\\/\b\f\n\r\t", 8);
	is_text("\"\\u0041\\u00e9\\u20AC\\ud83d\\uDE00\"", "A\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80", 10);
	is_text("\"a\\u0000b\"", "a\0b", 3);
	is_text("\"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\x7f\"", "\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\x7f", 10);
}

static void texts_that_are_none(void **state)
{
	(void)state;
	refused("\"open", "is not JSON (at byte 5)");
	refused("\"open\\", "is not JSON (at byte 6)");
	refused("\"a\nb\"", "is not JSON (at byte 2)");
	refused("\"\\x\"", "is not JSON (at byte 2)");
	refused_bytes("\"\\\0\"", 4, "is not JSON (at byte 2)");
	refused("\"\\u12g4\"", "is not JSON (at byte 5)");
	refused("\"\\u12\"", "is not JSON (at byte 3)");
	refused("\"\\ud83d\"", "has half of a character (at byte 7)");
	refused("\"\\ud83d\\n\"", "has half of a character (at byte 8)");
	refused("\"\\ud83d\\u0041\"", "has half of a character (at byte 13)");
	refused("\"\\ude00\"", "has half of a character (at byte 7)");
	refused("\"\xc0\x80\"", "is not UTF-8 (at byte 1)");
	refused("\"\xed\xa0\x80\"", "is not UTF-8 (at byte 1)");
	refused("\"\xf4\x90\x80\x80\"", "is not UTF-8 (at byte 1)");
	refused("\"\xe2\x82\"", "is not UTF-8 (at byte 1)");
	refused_bytes("\"\xe2\x82", 3, "is not UTF-8 (at byte 1)");
}

static void is_int(const char *json, bool whole, int64_t want)
{
	int64_t n = 0;

	assert_int_equal(jvalue_int(read_text(json), &n), whole);
	assert_true(!whole || n == want);
	done();
}

static void is_real(const char *json, bool number, double want)
{
	double d = 0;

	assert_int_equal(jvalue_real(read_text(json), &d), number);
	assert_true(!number || d == want);
	done();
}

static void numbers(void **state)
{
	(void)state;
	is_int("0", true, 0);
	is_int("-0", true, 0);
	is_int("9223372036854775807", true, INT64_MAX);
	is_int("-9223372036854775808", true, INT64_MIN);
	is_int("9223372036854775808", false, 0);
	is_int("1.0", false, 0);
	is_int("1e2", false, 0);
	is_int("\"1\"", false, 0);
	is_real("3.5", true, 3.5);
	is_real("-1.25E+2", true, -125);
	is_real("25e-1", true, 2.5);
	is_real("1e999", false, 0);
	is_real("-1e999", false, 0);
	is_real("1e-999", true, 0);
	is_real("true", false, 0);
}

static void is_not_json(const char *text)
{
	struct diag d = { "" };
	int err;

	assert_null(jtree_read(text, strlen(text), 10, &err, &d));
	assert_memory_equal(d.text, "is not JSON", 11);
}

static void numbers_that_are_none(void **state)
{
	static const char *const wrong[] = { "-", "+1", "01", "-01", ".5", "1.", "1.e2", "1e", "1e+", "0x1", "1a", "NaN", "Infinity", "1 2" };

	(void)state;
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
		is_not_json(wrong[i]);
}

static void structures_that_are_none(void **state)
{
	static const char *const wrong[] = { "", " ", "{", "[", "]", "[1", "[1,", "[1,]", "[,1]", "[1 2]", "[1}", "{]", "{\"a\"}", "{\"a\":}",
					     "{\"a\":1,}", "{\"a\" 1}", "{a:1}", "{1:1}", "{,}", "{\"a\":1 \"b\":2}", "[]]", "{}{}", "tru",
					     "truE", "nul", "True", "[1]x", "\xef\xbb\xbf[]", "// c\n1", "'a'" };

	(void)state;
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
		is_not_json(wrong[i]);
	refused_bytes("[1\0]", 4, "is not JSON (at byte 2)");
}

static void names_of_members(void **state)
{
	(void)state;
	refused("{\"a\":1,\"b\":2,\"a\":3}", "has a member twice (at byte 16)");
	refused("{\"a\":1,\"\\u0061\":3}", "has a member twice (at byte 15)");
	refused("{\"a\\u0000b\":1}", "has a NUL in the name of a member (at byte 11)");
	assert_non_null(read_text("{\"a\":{\"a\":1},\"b\":[{\"a\":1},{\"a\":2}]}"));
	done();
}

/* open as often as n says, and closed again */
static void nested(char *out, unsigned n, const char *open, const char *close)
{
	*out = '\0';
	for (unsigned i = 0; i < n; i++)
		strcat(out, open);
	strcat(out, "1");
	for (unsigned i = 0; i < n; i++)
		strcat(out, close);
}

static void levels(void **state)
{
	char json[8 * JTREE_DEPTH + 64];

	(void)state;
	nested(json, JTREE_DEPTH, "[", "]");
	assert_non_null(read_text(json));
	done();
	nested(json, JTREE_DEPTH + 1, "[", "]");
	refused(json, "has too many levels (at byte 16)");
	nested(json, JTREE_DEPTH, "{\"a\":", "}");
	assert_non_null(read_text(json));
	done();
	nested(json, JTREE_DEPTH + 1, "{\"a\":", "}");
	refused(json, "has too many levels (at byte 80)");
}

static void members(void **state)
{
	static char json[16 * (JTREE_MEMBERS + 2)];
	size_t n = 0;

	(void)state;
	for (unsigned i = 0; i <= JTREE_MEMBERS; i++)
		n += (size_t)sprintf(json + n, "%c\"m%u\":%u", i ? ',' : '{', i, i);
	strcpy(json + n, "}");
	refused(json, "has an object with too many members (at byte 11100)");
	*strrchr(json, ',') = '}';
	assert_int_equal(jvalue_count(read_bytes(json, (size_t)(strchr(json, '}') + 1 - json)), JKIND_OBJECT), JTREE_MEMBERS);
	assert_string_equal(jvalue_get(jtree_root(tree), "m1023")->text, "1023");
	done();
}

static void how_many_values(void **state)
{
	struct diag d;
	int err;
	struct jtree *t = jtree_read("[1,2,{\"a\":3}]", 13, 5, &err, &d);

	(void)state;
	assert_non_null(t);
	jtree_free(t);
	assert_null(jtree_read("[1,2,{\"a\":3}]", 13, 4, &err, &d));
	assert_string_equal(d.text, "has too many values (at byte 6)");
	assert_null(jtree_read("1", 1, 0, &err, NULL));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values),
		cmocka_unit_test(nothing_is_not_there),
		cmocka_unit_test(texts),
		cmocka_unit_test(texts_that_are_none),
		cmocka_unit_test(numbers),
		cmocka_unit_test(numbers_that_are_none),
		cmocka_unit_test(structures_that_are_none),
		cmocka_unit_test(names_of_members),
		cmocka_unit_test(levels),
		cmocka_unit_test(members),
		cmocka_unit_test(how_many_values),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
