#include <config.h>

#include "base/err.h"
#include "sensor/notify.h"

#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

struct manager {
	int fd;
	char name[108];                 /* as in $NOTIFY_SOCKET */
};

/* A name in the abstract space, or a path. */
static void manager_open(struct manager *m, const char *prefix)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };

	snprintf(m->name, sizeof m->name, "%szonetap-notify-%d", prefix, (int)getpid());
	memcpy(at.sun_path, m->name, strlen(m->name));
	if (m->name[0] == '@')
		at.sun_path[0] = '\0';
	else
		unlink(m->name);
	m->fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	assert_true(m->fd >= 0);
	assert_int_equal(bind(m->fd, (struct sockaddr *)&at, (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(m->name))), 0);
	setenv("NOTIFY_SOCKET", m->name, 1);
}

static void manager_close(struct manager *m)
{
	close(m->fd);
	if (m->name[0] == '/')
		unlink(m->name);
}

/* The next datagram; "" when there is none. Static. */
static const char *heard(const struct manager *m)
{
	static char text[1024];
	ssize_t n = recv(m->fd, text, sizeof text - 1, 0);

	text[n < 0 ? 0 : n] = '\0';
	return text;
}

static void says_how_it_is(void **state)
{
	static const char *const prefixes[] = { "@", "/tmp/" };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		unsigned long long before, us;
		struct timespec t;
		struct manager m;
		struct notify n;
		struct diag d;

		manager_open(&m, prefixes[i]);
		assert_int_equal(notify_open(&n, &d), ZT_OK);
		assert_null(getenv("NOTIFY_SOCKET"));
		notify_ready(&n);
		assert_string_equal(heard(&m), "READY=1");
		notify_status(&n, "2 interfaces, 1200 packets/s");
		assert_string_equal(heard(&m), "STATUS=2 interfaces, 1200 packets/s");
		clock_gettime(CLOCK_MONOTONIC, &t);
		before = (unsigned long long)t.tv_sec * 1000000 + (unsigned long long)t.tv_nsec / 1000;
		notify_reloading(&n);
		assert_int_equal(sscanf(heard(&m), "RELOADING=1\nMONOTONIC_USEC=%llu", &us), 1);
		assert_true(us >= before && us - before < 10000000);
		notify_stopping(&n);
		assert_string_equal(heard(&m), "STOPPING=1");
		notify_close(&n);
		notify_ready(&n);
		assert_string_equal(heard(&m), "");
		manager_close(&m);
	}
}

/* A second line would be an assignment of its own. */
static void status_is_one_line(void **state)
{
	char text[600];
	struct manager m;
	struct notify n;
	struct diag d;

	(void)state;
	manager_open(&m, "@");
	assert_int_equal(notify_open(&n, &d), ZT_OK);
	notify_status(&n, "eth1 is gone\nREADY=1");
	assert_string_equal(heard(&m), "STATUS=eth1 is gone");
	memset(text, 'x', sizeof text - 1);
	text[sizeof text - 1] = '\0';
	notify_status(&n, text);
	assert_int_equal(strlen(heard(&m)), strlen("STATUS=") + 200);
	notify_close(&n);
	manager_close(&m);
}

static void watchdog_is_fed_in_time(void **state)
{
	struct manager m;
	struct notify n;
	struct diag d;
	char pid[32];

	(void)state;
	snprintf(pid, sizeof pid, "%d", (int)getpid());
	manager_open(&m, "@");
	setenv("WATCHDOG_USEC", "400000", 1);
	setenv("WATCHDOG_PID", pid, 1);
	assert_int_equal(notify_open(&n, &d), ZT_OK);
	assert_true(n.watchdog_ns == 200000000);
	assert_null(getenv("WATCHDOG_USEC"));
	notify_watchdog(&n);
	assert_string_equal(heard(&m), "WATCHDOG=1");
	notify_watchdog(&n);
	assert_string_equal(heard(&m), "");
	assert_in_range(notify_wait_ms(&n, -1), 1, 200);
	assert_int_equal(notify_wait_ms(&n, 0), 0);
	nanosleep(&(struct timespec){ 0, 210000000 }, NULL);
	assert_int_equal(notify_wait_ms(&n, 5000), 0);
	notify_watchdog(&n);
	assert_string_equal(heard(&m), "WATCHDOG=1");
	notify_close(&n);
	assert_int_equal(notify_wait_ms(&n, 5000), 5000);
	manager_close(&m);
}

/* It is another process's, or no number. */
static void watchdog_of_others(void **state)
{
	static const char *const values[][2] = {
		{ "400000", "1" }, { "", NULL }, { "soon", NULL }, { "400000 ", NULL }, { "99999999999999999999", NULL }, { "0", NULL },
		{ "18446744073709551615", NULL },
	};
	struct manager m;
	struct notify n;
	struct diag d;

	(void)state;
	for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
		manager_open(&m, "@");
		setenv("WATCHDOG_USEC", values[i][0], 1);
		if (values[i][1])
			setenv("WATCHDOG_PID", values[i][1], 1);
		assert_int_equal(notify_open(&n, &d), ZT_OK);
		assert_true(n.watchdog_ns == 0);
		assert_int_equal(notify_wait_ms(&n, -1), -1);
		notify_watchdog(&n);
		assert_string_equal(heard(&m), "");
		notify_close(&n);
		manager_close(&m);
	}
}

static void without_a_manager(void **state)
{
	char longest[200];
	struct notify n;
	struct diag d;

	(void)state;
	unsetenv("NOTIFY_SOCKET");
	assert_int_equal(notify_open(&n, &d), ZT_OK);
	notify_ready(&n);
	notify_watchdog(&n);
	assert_int_equal(notify_wait_ms(&n, 70), 70);
	notify_close(&n);
	memset(longest, 'x', sizeof longest - 1);
	longest[0] = '/';
	longest[sizeof longest - 1] = '\0';
	for (const char *const *name = (const char *const[]){ "@", "relative", longest, "/nonexistent/socket", NULL }; *name; name++) {
		setenv("NOTIFY_SOCKET", *name, 1);
		d.text[0] = '\0';
		assert_true(notify_open(&n, &d) < 0);
		assert_true(d.text[0]);
		notify_ready(&n);
		notify_close(&n);
	}
}

/* A manager that has stopped reading is not waited for. */
static void manager_that_does_not_read(void **state)
{
	struct manager m;
	struct notify n;
	struct diag d;

	(void)state;
	manager_open(&m, "@");
	assert_int_equal(notify_open(&n, &d), ZT_OK);
	for (int i = 0; i < 5000; i++)
		notify_status(&n, "still here");
	manager_close(&m);
	notify_ready(&n);
	notify_close(&n);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(says_how_it_is), cmocka_unit_test(status_is_one_line),
		cmocka_unit_test(watchdog_is_fed_in_time), cmocka_unit_test(watchdog_of_others),
		cmocka_unit_test(without_a_manager), cmocka_unit_test(manager_that_does_not_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
