/* test_secret.c - a secret's pages are locked and not dumped, and its process is nobody's to look into. What is refused
 * stands in tests/forward/http_answers.py. */
#include "forward/secret.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static struct secret read_one(void)
{
	const struct sink_secret from = { .env = "ZT_TEST_SECRET" };
	struct secret s;
	struct diag d;

	setenv("ZT_TEST_SECRET", "hush", 1);
	assert_int_equal(secret_read(&s, &from, "token", &d), 0);
	assert_string_equal(s.text, "hush");
	assert_int_equal(s.len, 4);
	return s;
}

static void its_process_is_not_dumpable(void **state)
{
	struct secret s;

	(void)state;
	prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
	s = read_one();
	assert_int_equal(prctl(PR_GET_DUMPABLE, 0, 0, 0, 0), 0);
	secret_fini(&s);
	assert_null(s.text);
	secret_fini(&s);
	prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
}

/* The VmFlags (proc(5)) of the mapping that begins at p. */
static void flags_of(const void *p, char out[512])
{
	FILE *f = fopen("/proc/self/smaps", "r");
	char line[512];
	bool here = false;

	out[0] = '\0';
	while (f && fgets(line, sizeof line, f)) {
		unsigned long from, to;

		if (sscanf(line, "%lx-%lx ", &from, &to) == 2)
			here = (uintptr_t)p >= from && (uintptr_t)p < to;
		else if (here && strncmp(line, "VmFlags:", 8) == 0)
			snprintf(out, 512, "%s", line + 8);
	}
	if (f)
		fclose(f);
}

/* Under the sanitizers mlock() does nothing. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define LOCKS 0
#else
#define LOCKS 1
#endif

static void its_pages_are_locked_and_not_dumped(void **state)
{
	struct secret s = read_one();
	struct rlimit lock;
	char flags[512];

	(void)state;
	prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);     /* or /proc/self is another's */
	flags_of(s.text, flags);
	if (!flags[0]) {
		secret_fini(&s);
		skip();
	}
	assert_non_null(strstr(flags, " dd "));
	if (LOCKS && getrlimit(RLIMIT_MEMLOCK, &lock) == 0 && lock.rlim_cur >= s.room)
		assert_non_null(strstr(flags, " lo "));
	secret_fini(&s);
}

static void a_child_does_not_inherit_it(void **state)
{
	struct secret s = read_one();
	int status = -1;
	pid_t child = fork();

	(void)state;
	if (child == 0)
		_exit(s.text[0] == '\0' ? 0 : 1);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	secret_fini(&s);
}

static void nothing_named_is_no_secret(void **state)
{
	const struct sink_secret none = { NULL, NULL };
	struct secret s;
	struct diag d;

	(void)state;
	assert_int_equal(secret_read(&s, &none, "token", &d), 0);
	assert_null(s.text);
}

/* RFC 7617, 2 and 2.1; RFC 4648, 10. */
static void basic_is_base64(void **state)
{
	static const struct { const char *user; char *password, *want; } pairs[] = {
		{ "Aladdin", "open sesame", "QWxhZGRpbjpvcGVuIHNlc2FtZQ==" }, { "test", "123\xc2\xa3", "dGVzdDoxMjPCow==" },
		{ "", "", "Og==" }, { "", "f", "OmY=" }, { "", "fo", "OmZv" }, { "\xff\xff", "\xff\xfe", "//86//4=" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
		const struct secret password = { pairs[i].password, strlen(pairs[i].password), 0 };
		struct secret s = { 0 };
		struct diag d;

		assert_int_equal(secret_basic(&s, pairs[i].user, &password, &d), 0);
		assert_string_equal(s.text, pairs[i].want);
		assert_int_equal(s.len, strlen(pairs[i].want));
		secret_fini(&s);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(its_process_is_not_dumpable),
		cmocka_unit_test(its_pages_are_locked_and_not_dumped),
		cmocka_unit_test(a_child_does_not_inherit_it),
		cmocka_unit_test(nothing_named_is_no_secret),
		cmocka_unit_test(basic_is_base64),
	};

	return cmocka_run_group_tests_name("secret", tests, NULL, NULL);
}
