/* test_words.c - what others say: without control characters, without our secrets, cut between two characters. */
#include "forward/words.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static char token_text[] = "s3cret/Key==";
static const struct secret token = { token_text, sizeof token_text - 1, 0 };
static const struct words_hide hide = { { NULL, &token, NULL, NULL } };

static void shown(const char *said, size_t n, const char *want)
{
	char out[200] = "";

	words_add(out, sizeof out, said, n, &hide);
	assert_string_equal(out, want);
}

#define SHOWN(said, want) shown(said, sizeof(said) - 1, want)

static void controls_are_spelled(void **state)
{
	(void)state;
	SHOWN("plain", "plain");
	SHOWN(" two \r\n\r\n lines\t", "two lines");
	SHOWN("\x1b[31mred\x07\x7f", "\\x1b[31mred\\x07\\x7f");
	SHOWN("nul\0nul", "nul\\x00nul");
	SHOWN("\xe2\x80\xae" "evil", "\\xe2\\x80\\xae" "evil");
	SHOWN("bad \xff\xc3 utf", "bad \\xff\\xc3 utf");
	SHOWN("gr\xc3\xbc\xc3\x9f", "gr\xc3\xbc\xc3\x9f");
	SHOWN("", "");
}

static void secrets_are_not_shown(void **state)
{
	(void)state;
	SHOWN("key s3cret/Key== is not known", "key *** is not known");
	SHOWN("S3CRET/KEY==s3cret/Key==", "******");
	SHOWN("{\"key\":\"s3cret\\/Key==\"}", "{\"key\":\"***\"}");
	SHOWN("CN=s3cret/Key\\=\\=,O=x", "CN=***,O=x");
	SHOWN("?k=s3cret%2FKey%3d%3D&", "?k=***&");
	SHOWN("%73%33cret/Key==", "***");
	SHOWN("s3cret", "***");         /* the answer was cut off in the middle of it */
	SHOWN("s3cret in time", "s3cret in time");
}

static void long_text_is_cut_between_characters(void **state)
{
	char out[16] = "";

	(void)state;
	words_add(out, sizeof out, "0123456789abcde", 15, NULL);
	assert_string_equal(out, "0123456789abcde");
	out[0] = '\0';
	words_add(out, sizeof out, "0123456789abcdef", 16, NULL);
	assert_string_equal(out, "0123456789ab...");
	out[0] = '\0';
	words_add(out, sizeof out, "0123456789a\xe2\x82\xac\xe2\x82\xac", 17, NULL);
	assert_string_equal(out, "0123456789a...");
	words_add_text(out, sizeof out, "more");
	assert_true(strlen(out) < sizeof out);
	memset(out, 0, sizeof out);
	words_add_text(out, sizeof out, "ours: ");
	words_add(out, sizeof out, "theirs is longer", 16, NULL);
	assert_string_equal(out, "ours: theirs...");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(controls_are_spelled),
		cmocka_unit_test(secrets_are_not_shown),
		cmocka_unit_test(long_text_is_cut_between_characters),
	};

	return cmocka_run_group_tests_name("words", tests, NULL, NULL);
}
