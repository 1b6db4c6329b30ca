/* A named pipe whose reader has gone: that is an answer, and no signal ends the process. */
#include "forward/conf.h"
#include "forward/driver.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

static bool refused;                    /* a filter of system calls does not let sigpending() through */

int sigpending(sigset_t *set)
{
	sigemptyset(set);
	if (!refused)
		return (int)syscall(SYS_rt_sigpending, set, (size_t)(_NSIG / 8));
	sigfillset(set);                /* what stands there is not to be believed */
	errno = EPERM;
	return -1;
}

static char folder[64], pipe_path[96];

static int setup(void **state)
{
	(void)state;
	snprintf(folder, sizeof folder, "/tmp/zonetap-test-XXXXXX");
	if (!mkdtemp(folder))
		return -1;
	snprintf(pipe_path, sizeof pipe_path, "%s/pipe", folder);
	return mkfifo(pipe_path, 0600);
}

static int teardown(void **state)
{
	(void)state;
	return unlink(pipe_path) + rmdir(folder);
}

/* 0: the driver says that the reader has gone, and SIGPIPE is pending only if `before`. */
static int send_to_nobody(bool before)
{
	const struct sink_conf c = { .name = "p", .type = SINK_FILE, .path = pipe_path, .max_time = UINT64_C(1000000000) };
	atomic_bool stop = false;
	const struct driver_env env = { .conf = &c, .stop = &stop, .sensor = "north" };
	struct item item = { .text = "{}", .len = 2, .uid = "u", .rev = 1 };
	struct batch b = { .item = &item, .count = 1, .number = 1 };
	struct reply r = { .what = REPLY_DONE };
	struct diag d;
	struct driver *f = driver_file.open(&env, &d);
	int reader = open(pipe_path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	sigset_t set;

	signal(SIGPIPE, SIG_DFL);
	sigemptyset(&set);
	sigaddset(&set, SIGPIPE);
	if (before && (sigprocmask(SIG_BLOCK, &set, NULL) != 0 || raise(SIGPIPE) != 0))
		return 1;
	if (!f || reader < 0)
		return 2;
	driver_file.connect(f, &r);
	if (r.what != REPLY_DONE)
		return 3;
	close(reader);
	driver_file.send(f, &b, &r);
	driver_file.close(f);
	if (r.what != REPLY_LATER || !strstr(r.text, "its reader has gone"))
		return 4;
	refused = false;
	return sigpending(&set) != 0 || (sigismember(&set, SIGPIPE) == 1) != before ? 5 : 0;
}

/* What a child in which a signal may end it came to. */
static int in_child(bool before)
{
	pid_t child = fork();
	int status = -1;

	if (child == 0)
		_exit(send_to_nobody(before));
	assert_int_equal(waitpid(child, &status, 0), child);
	return status;
}

static void a_reader_that_goes_ends_nothing(void **state)
{
	(void)state;
	refused = false;
	assert_int_equal(in_child(false), 0);
}

static void a_signal_that_was_there_stays(void **state)
{
	(void)state;
	refused = false;
	assert_int_equal(in_child(true), 0);
}

static void what_cannot_be_asked_is_taken_for_ours(void **state)
{
	(void)state;
	refused = true;
	assert_int_equal(in_child(false), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_reader_that_goes_ends_nothing, setup, teardown),
		cmocka_unit_test_setup_teardown(a_signal_that_was_there_stays, setup, teardown),
		cmocka_unit_test_setup_teardown(what_cannot_be_asked_is_taken_for_ours, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
