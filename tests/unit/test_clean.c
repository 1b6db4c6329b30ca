/* Text from anywhere, in each place where it is put. */
#include "forward/clean.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static bool cleaned(enum clean_place place, const char *s, size_t max, size_t room, const char *want)
{
	struct sbuf b;
	bool all;

	sbuf_init(&b, 1 << 16);
	sbuf_str(&b, "<");
	all = clean_text(&b, place, s, max, room);
	sbuf_str(&b, ">");
	assert_string_equal(b.s + 1, want);
	sbuf_fini(&b);
	return all;
}

#define SAME(place, s, want) assert_true(cleaned(place, s, SIZE_MAX, SIZE_MAX, want ">"))

static void escapes_of_each_place(void **state)
{
	(void)state;
	SAME(CLEAN_PLAIN, "a\"b\\c]d|e=f", "a\"b\\c]d|e=f");
	SAME(CLEAN_SD, "a\"b\\c]d|e=f", "a\\\"b\\\\c\\]d|e=f");
	SAME(CLEAN_CEF_HEADER, "a\"b\\c]d|e=f", "a\"b\\\\c]d\\|e=f");
	SAME(CLEAN_CEF, "a\"b\\c]d|e=f", "a\"b\\\\c]d|e\\=f");
	SAME(CLEAN_LEEF_HEADER, "a\"b\\c]d|e=f", "a\"b\\c]d_e=f");
	SAME(CLEAN_JSON, "a\"b\\c]d|e=f", "a\\\"b\\\\c]d|e=f");
	for (unsigned p = 0; p < CLEAN_PLACES; p++)
		SAME((enum clean_place)p, "", "");
}

static void what_is_never_there(void **state)
{
	(void)state;
	SAME(CLEAN_PLAIN, "a\nb\r\tc\x01\x7f", "a\\x0ab\\x0d\\x09c\\x01\\x7f");
	SAME(CLEAN_SD, "a\nb", "a\\\\x0ab");                            /* its backslash is escaped like any other */
	SAME(CLEAN_JSON, "a\nb", "a\\\\x0ab");
	SAME(CLEAN_LEEF_HEADER, "a\tb", "a\\x09b");
	SAME(CLEAN_PLAIN, "\xc2\x85 \xc2\x9b", "\\xc2\\x85 \\xc2\\x9b");        /* C1: NEL, CSI */
	SAME(CLEAN_PLAIN, "\xe2\x80\xa8\xe2\x80\xa9", "\\xe2\\x80\\xa8\\xe2\\x80\\xa9");
	SAME(CLEAN_PLAIN, "\xe2\x80\xae\xd8\x9c\xe2\x81\xa6", "\\xe2\\x80\\xae\\xd8\\x9c\\xe2\\x81\\xa6");
	SAME(CLEAN_PLAIN, "\xef\xbb\xbf", "\\xef\\xbb\\xbf");
	SAME(CLEAN_PLAIN, "\xf3\xa0\x81\x81", "\\xf3\\xa0\\x81\\x81");           /* a tag */
	SAME(CLEAN_PLAIN, "\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80", "\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80");
}

static void what_is_not_utf8(void **state)
{
	(void)state;
	SAME(CLEAN_PLAIN, "a\xff" "b", "a\xef\xbf\xbd" "b");
	SAME(CLEAN_PLAIN, "\xc0\xaf", "\xef\xbf\xbd\xef\xbf\xbd");              /* overlong */
	SAME(CLEAN_PLAIN, "\xed\xa0\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd");      /* a surrogate */
	SAME(CLEAN_PLAIN, "x\xe2\x82", "x\xef\xbf\xbd\xef\xbf\xbd");            /* cut */
}

/* `max` counts what is read, `room` what is written; the mark takes three bytes of both. */
static void cuts_between_characters(void **state)
{
	(void)state;
	assert_true(cleaned(CLEAN_PLAIN, "abcdef", 6, SIZE_MAX, "abcdef>"));
	assert_false(cleaned(CLEAN_PLAIN, "abcdefg", 6, SIZE_MAX, "abc\xe2\x80\xa6>"));
	assert_false(cleaned(CLEAN_PLAIN, "abcdefg", SIZE_MAX, 6, "abc\xe2\x80\xa6>"));
	assert_false(cleaned(CLEAN_PLAIN, "\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9", 6, SIZE_MAX, "\xc3\xa9\xe2\x80\xa6>"));
	assert_false(cleaned(CLEAN_PLAIN, "\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9", 7, SIZE_MAX, "\xc3\xa9\xc3\xa9\xe2\x80\xa6>"));
	assert_true(cleaned(CLEAN_SD, "\"\"\"", 3, SIZE_MAX, "\\\"\\\"\\\">"));
	assert_false(cleaned(CLEAN_SD, "\"\"\"\"\"", SIZE_MAX, 8, "\\\"\\\"\xe2\x80\xa6>"));
	assert_false(cleaned(CLEAN_PLAIN, "\n\n\n", SIZE_MAX, 11, "\\x0a\\x0a\xe2\x80\xa6>"));
	assert_false(cleaned(CLEAN_PLAIN, "abc", 2, SIZE_MAX, ">"));            /* no room for the mark */
	assert_false(cleaned(CLEAN_PLAIN, "abc", SIZE_MAX, 0, ">"));
	assert_false(cleaned(CLEAN_PLAIN, "abcd", 3, SIZE_MAX, "\xe2\x80\xa6>"));
}

static void a_full_buffer_is_not_overrun(void **state)
{
	(void)state;
	for (size_t max = 1; max < 39; max++) {          /* 38 bytes and the NUL are one too many */
		struct sbuf b;

		sbuf_init(&b, max);
		assert_false(clean_text(&b, CLEAN_SD, "0123456789\n\n\"\"\xc3\xa9\xc3\xa9" "0123456789", SIZE_MAX, SIZE_MAX));
		assert_true(b.len < max && strlen(sbuf_text(&b)) == b.len);
		sbuf_fini(&b);
	}
}

static void words_of_headers(void **state)
{
	struct sbuf b;

	(void)state;
	sbuf_init(&b, 100);
	clean_word(&b, "a b\n\xc3\xa9~", 32);
	sbuf_char(&b, ' ');
	clean_word(&b, "", 32);
	sbuf_char(&b, ' ');
	clean_word(&b, "0123456789", 4);
	assert_string_equal(sbuf_text(&b), "a_b___~ - 0123");
	sbuf_fini(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(escapes_of_each_place), cmocka_unit_test(what_is_never_there),
		cmocka_unit_test(what_is_not_utf8), cmocka_unit_test(cuts_between_characters),
		cmocka_unit_test(a_full_buffer_is_not_overrun), cmocka_unit_test(words_of_headers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
