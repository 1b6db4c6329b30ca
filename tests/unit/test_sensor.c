/* Small parts of the sensor: alerts on their way to be shown, talkers, listeners, files, the control socket, targets counted once. */
#include "alert/target_set.h"
#include "base/hash.h"
#include "sensor/control.h"
#include "sensor/listener.h"
#include "sensor/replace.h"
#include "sensor/said.h"
#include "sensor/talkers.h"

#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <cmocka.h>

/* --- said ---------------------------------------------------------------------------------- */

static void check_said(void *arg, const struct store_alert *a)
{
	unsigned *n = arg;

	assert_string_equal(a->uid, "u");
	assert_string_equal(a->json, "{}");
	assert_string_equal(a->text, "");
	assert_null(a->proto);
	assert_int_equal(a->count, 7 + *n);
	++*n;
}

static void alerts_arrive_as_they_were_put(void **state)
{
	struct ring r;
	unsigned put = 0, got = 0;

	(void)state;
	assert_true(ring_init(&r, 8192));
	assert_false(said_take(&r, check_said, &got));
	for (unsigned round = 0; round < 50; round++) {
		while (said_put(&r, &(struct store_alert){ .uid = "u", .json = "{}", .text = "", .count = 7 + put }))
			put++;
		while (said_take(&r, check_said, &got))
			;
		assert_int_equal(got, put);
	}
	assert_true(put > 500);
	ring_fini(&r);
}

/* --- talkers ---------------------------------------------------------------------------------- */

static void who_sends_most_is_there(void **state)
{
	struct talkers t = { 0 };
	struct ip_addr big, small;

	(void)state;
	assert_true(addr_parse("10.0.0.1", &big));
	for (unsigned i = 0; i < 10000; i++) {
		char text[32];

		snprintf(text, sizeof text, "10.1.%u.%u", i / 250 % 250, i % 250);
		assert_true(addr_parse(text, &small));
		talkers_add(&t, &small, 100);
		if (i % 10 == 0)
			talkers_add(&t, &big, 10000);
	}
	talkers_sort(&t);
	assert_true(addr_eq(&t.v[0].ip, &big));
	assert_true(t.v[0].bytes >= 10000000 && t.v[0].bytes < 11000000);
	talkers_fade(&t);
	assert_true(t.v[0].bytes < 5500000);
}

/* --- targets ------------------------------------------------------------------------------------ */

static bool is_alive(const void *arg, uint32_t alert, uint32_t serial)
{
	(void)serial;
	return alert >= *(const uint32_t *)arg;
}

static void targets_of_ended_alerts_make_room(void **state)
{
	uint32_t oldest = 0, known = 0;
	struct target_set *s = target_set_new(1024, is_alive, &oldest);

	(void)state;
	for (uint32_t a = 0; a < 100; a++) {
		for (uint32_t i = 0; i < 100; i++) {
			if (a == 7)
				assert_int_equal(target_set_add(s, a, a, hash_stable(&i, sizeof i)), TARGET_NEW);
			else
				known += target_set_add(s, a, a, hash_stable(&i, sizeof i)) == TARGET_KNOWN;
			assert_true(target_set_add(s, a, a, hash_stable(&i, sizeof i)) != TARGET_NEW);
		}
		if (a >= 3) {
			oldest = a - 2;
			target_set_ended(s);
		}
	}
	assert_int_equal(known, 0);
	target_set_free(s);
}

static void a_full_set_drops_and_says_so(void **state)
{
	uint32_t oldest = 0, dropped = 0;
	struct target_set *s = target_set_new(1024, is_alive, &oldest);

	(void)state;
	for (uint32_t i = 0; i < 2000; i++)
		dropped += target_set_add(s, 1, 1, hash_stable(&i, sizeof i)) == TARGET_DROPPED;
	assert_int_equal(dropped, 2000 - 768);
	target_set_free(s);
}

/* --- listeners ------------------------------------------------------------------------------------ */

/* When the machine has no thread for one, the recorder still comes to its end. */
static void a_listener_that_never_started_ends(void **state)
{
	const struct live_options options = { .name = "nowhere", .snaplen = 64 };
	struct complaints errs = { .n = 0 };
	struct policy *policy = policy_load_texts(NULL, NULL, 0, &errs);
	struct publication published = { .policy = policy, .epoch = 1 };
	struct port port;
	struct listener *l;

	(void)state;
	assert_non_null(policy);
	assert_true(port_init(&port, &options, 1));
	l = listener_new(&(struct listener_config){ .port = &port, .of_port = &l, .policies = &published,
						    .worker = { .flows = 1 } });
	assert_non_null(l);
	assert_false(listener_ended(l));
	listener_join(l);
	assert_true(listener_ended(l));
	listener_free(l);
	port_fini(&port);
	policy_free(policy);
}

/* --- files ------------------------------------------------------------------------------------------ */

/* The disk takes a part of it: the old one stays, and the reason is told. */
static void a_file_that_does_not_fit_replaces_nothing(void **state)
{
	char folder[] = "/tmp/zonetap-replace.XXXXXX", path[64], fresh[72], text[16] = "";
	struct rlimit before, small;
	struct stat st;
	struct diag d = { "" };
	FILE *f;

	(void)state;
	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof path, "%s/file", folder);
	snprintf(fresh, sizeof fresh, "%s.new", path);
	assert_int_equal(replace_file(path, "old", 3, 0640, &d), ZT_OK);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
	small = (struct rlimit){ 4, before.rlim_max };
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	errno = 0;
	assert_int_equal(replace_file(path, "much longer", 11, 0640, &d), ZT_EIO);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
	assert_non_null(strstr(d.text, strerror(EFBIG)));
	assert_int_not_equal(stat(fresh, &st), 0);
	f = fopen(path, "r");
	assert_non_null(f);
	assert_non_null(fgets(text, sizeof text, f));
	fclose(f);
	assert_string_equal(text, "old");
	unlink(path);
	rmdir(folder);
}

/* --- control --------------------------------------------------------------------------------------- */

static _Atomic bool stop;

static int answer(void *arg, const char *question, struct sbuf *out)
{
	(void)arg;
	sbuf_fmt(out, "you asked: %s\n", question);
	for (unsigned i = 0; strcmp(question, "much") == 0 && i < 100000; i++)
		sbuf_str(out, "a line of it\n");
	return strcmp(question, "bad") == 0 ? 2 : 0;
}

static void *serve(void *arg)
{
	struct control *c = arg;

	while (!stop) {
		struct pollfd fds[CONTROL_FDS];

		poll(fds, control_poll(c, fds), 10);
		control_serve(c, answer, NULL);
	}
	return NULL;
}

static void on_line(void *arg, const char *line)
{
	unsigned *n = arg;

	assert_true(strncmp(line, "you asked: ", 11) == 0 || strcmp(line, "a line of it") == 0);
	++*n;
}

static void the_socket_answers(void **state)
{
	char folder[] = "/tmp/zonetap-control.XXXXXX", path[64];
	struct control *c, *second;
	struct stat st;
	struct diag d;
	pthread_t t;
	unsigned lines = 0;
	int status = -1;

	(void)state;
	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof path, "%s/socket", folder);
	assert_int_equal(control_ask(path, "x", on_line, &lines, &status, &d), ZT_ENOENT);
	assert_int_equal(control_open(path, &c, &d), ZT_OK);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(pthread_create(&t, NULL, serve, c), 0);
	assert_int_equal(control_open(path, &second, &d), ZT_EBUSY);
	assert_int_equal(control_ask(path, "x", on_line, &lines, &status, &d), ZT_OK);
	assert_int_equal(status, 0);
	assert_int_equal(lines, 1);
	assert_int_equal(control_ask(path, "bad", on_line, &lines, &status, &d), ZT_OK);
	assert_int_equal(status, 2);
	lines = 0;
	assert_int_equal(control_ask(path, "much", on_line, &lines, &status, &d), ZT_OK);
	assert_int_equal(lines, 100001);
	stop = true;
	pthread_join(t, NULL);
	control_close(c);
	assert_int_not_equal(stat(path, &st), 0);
	rmdir(folder);
}

static bool deaf;                       /* listen() fails */

int listen(int fd, int backlog)
{
	if (!deaf)
		return (int)syscall(SYS_listen, fd, backlog);
	errno = EADDRINUSE;
	return -1;
}

/* rmdir() says that nothing is left. */
static void a_socket_that_cannot_listen_leaves_nothing(void **state)
{
	char folder[] = "/tmp/zonetap-control.XXXXXX", path[64];
	struct control *c;
	struct diag d;

	(void)state;
	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof path, "%s/socket", folder);
	deaf = true;
	assert_int_equal(control_open(path, &c, &d), ZT_EIO);
	deaf = false;
	assert_null(c);
	assert_non_null(strstr(d.text, "the control socket cannot be made (Address already in use)"));
	assert_int_equal(rmdir(folder), 0);
}

/* What a killed sensor left behind is no obstacle. */
static void a_dead_socket_is_replaced(void **state)
{
	char folder[] = "/tmp/zonetap-control.XXXXXX", path[64], kept[72];
	struct control *c;
	struct diag d;

	(void)state;
	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof path, "%s/socket", folder);
	snprintf(kept, sizeof kept, "%s.kept", path);
	assert_int_equal(control_open(path, &c, &d), ZT_OK);
	assert_int_equal(link(path, kept), 0);
	control_close(c);
	assert_int_equal(rename(kept, path), 0);        /* the file without its listener */
	assert_int_equal(control_open(path, &c, &d), ZT_OK);
	control_close(c);
	rmdir(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(alerts_arrive_as_they_were_put), cmocka_unit_test(who_sends_most_is_there),
		cmocka_unit_test(targets_of_ended_alerts_make_room), cmocka_unit_test(a_full_set_drops_and_says_so),
		cmocka_unit_test(a_listener_that_never_started_ends), cmocka_unit_test(a_file_that_does_not_fit_replaces_nothing),
		cmocka_unit_test(the_socket_answers), cmocka_unit_test(a_socket_that_cannot_listen_leaves_nothing),
		cmocka_unit_test(a_dead_socket_is_replaced),
	};

	hash_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
