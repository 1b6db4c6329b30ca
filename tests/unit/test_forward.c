/* The forwarder with threads, a real database and a live store: woken, drained, stopped, killed. The drivers are the
 * test's own. */
#include "store_kit.h"

#include "forward/driver.h"
#include "forward/forward.h"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>

/* --- drivers: one that writes down what it gets, one that hangs until it is let go ------------------------------------ */

struct driver {
	struct driver_base base;
	int fd;
};

static atomic_bool hang;
static atomic_uint hanging;

static struct driver *log_open(const struct driver_env *env, struct diag *d)
{
	struct driver *r = calloc(1, sizeof *r);

	if (strstr(env->conf->path, "/no-token")) {
		free(r);
		diag_fail(d, ZT_EIO, "no token");
		return NULL;
	}
	r->base.env = *env;
	r->fd = open(env->conf->path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	assert_true(r->fd >= 0);
	return r;
}

static void log_close(struct driver *d)
{
	close(d->fd);
	free(d);
}

static void log_send(struct driver *d, struct batch *b, struct reply *r)
{
	char line[128];

	for (hanging++; strstr(d->base.env.conf->path, "/hangs") && hang;)
		usleep(1000);
	hanging--;
	for (uint32_t i = 0; i < b->count; i++) {
		int n = snprintf(line, sizeof line, "%s-%u\n", b->item[i].uid, b->item[i].rev);

		assert_int_equal(write(d->fd, line, (size_t)n), n);
		b->item[i].result = ITEM_SENT;
	}
	r->what = REPLY_DONE;
}

/* In driver.c's place, so that no other driver is linked. */
const struct driver_ops *driver_for(const struct sink_conf *c)
{
	static const struct driver_ops log = { .name = "log", .open = log_open, .send = log_send, .window = 1, .close = log_close };

	(void)c;
	return &log;
}

/* --- what is around them -------------------------------------------------------------------------------------------------- */

static char path_a[120], path_b[120];
static struct sink_conf two[2];
static _Atomic(struct forward *) woken;

static int setup(void **state)
{
	const struct sink_conf c = { .type = SINK_FILE, .format = FORMAT_JSON, .batch_count = 50, .batch_bytes = 1 << 20, .batch_age = 10000000,
				     .backoff_min = 100000000, .backoff_max = 60000000000 };
	int err = kit_setup(state);

	snprintf(path_a, sizeof path_a, "%s/a", kit_dir);
	snprintf(path_b, sizeof path_b, "%s/hangs", kit_dir);
	two[0] = two[1] = c;
	two[0].name = "a";
	two[0].path = path_a;
	two[1].name = "b";
	two[1].path = path_b;
	hang = false;
	return err;
}

static struct forward *started(uint32_t sinks, int *err)
{
	const struct forward_config c = { .sink = two, .sinks = sinks, .database = kit_db, .sensor = "north" };
	struct diag d = { "" };
	struct forward *f = forward_start(&c, err, &d);

	if (!f && !*err)
		fail_msg("%s", d.text);
	return f;
}

static void on_committed(void *arg, int64_t id)
{
	struct forward *f = woken;

	(void)arg;
	(void)id;
	if (f)
		forward_wake(f);
}

static void put(struct store *s, uint64_t n)
{
	char uid[33], json[500];

	snprintf(uid, sizeof uid, "%032llx", (unsigned long long)n);
	snprintf(json, sizeof json, "{\"uid\":\"%s\",\"rev\":1,\"rule\":\"r\",\"title\":\"t\",\"severity\":\"high\",\"text\":\"x\"}", uid);
	assert_int_equal(store_alert(s, &(struct store_alert){
		.serial = n, .rev = 1, .uid = uid, .rule = "r", .title = "t", .severity = "high", .severity_level = SEV_HIGH, .count = 1, .first_ns = n,
		.last_ns = n, .ts_ns = n, .json = json }, NULL), ZT_OK);
}

/* Lines of a file; *twice: those that are there before already; in order: each new one is the next. */
static unsigned lines(const char *path, unsigned *twice, bool *in_order)
{
	FILE *f = fopen(path, "r");
	static bool seen[100001];
	unsigned long long n, highest = 0;
	unsigned all = 0;

	memset(seen, 0, sizeof seen);
	*twice = 0;
	*in_order = true;
	while (f && fscanf(f, "%llx-1\n", &n) == 1) {
		assert_true(n <= 100000);
		*twice += seen[n];
		if (!seen[n])
			*in_order = *in_order && n == ++highest;
		seen[n] = true;
		all++;
	}
	if (f)
		fclose(f);
	return all;
}

/* A store with a run in it, which wakes who is in woken. */
static struct store *stored(void)
{
	struct store *s = kit_open_live(&(struct store_live_config){ .committed = on_committed });

	kit_run(s, "run1");
	assert_true(store_live_wait(s, 5000));
	return s;
}

/* --- tests ------------------------------------------------------------------------------------------------------------------- */

static void what_is_stored_arrives_soon_and_in_order(void **state)
{
	struct store *s = stored();
	struct sink_figures now[4];
	struct forward *f;
	unsigned twice;
	uint64_t from;
	bool in_order;
	int err;

	(void)state;
	f = woken = started(2, &err);
	assert_non_null(f);
	for (unsigned n = 1; n <= 1000; n++)
		put(s, n);
	assert_true(store_live_wait(s, 5000));
	assert_true(forward_drain(f, 10000));
	assert_int_equal(lines(path_a, &twice, &in_order), 1000);
	assert_true(in_order && twice == 0);
	assert_int_equal(lines(path_b, &twice, &in_order), 1000);
	assert_int_equal(forward_figures(f, now, 4), 2);
	assert_string_equal(now[0].name, "a");
	assert_string_equal(now[0].to, path_a);
	assert_int_equal(now[0].sent, 1000);
	usleep(200000);                                 /* asleep now */
	from = kit_ms();
	put(s, 1001);
	while (lines(path_a, &twice, &in_order) < 1001 && kit_ms() - from < 5000)
		usleep(1000);
	assert_true(kit_ms() - from < 500);             /* not only at the next look */
	assert_null(started(1, &err));
	assert_int_equal(err, ZT_EBUSY);
	assert_true(forward_drain(f, 10000));           /* the other one as well */
	woken = NULL;
	store_close(s);
	forward_stop(f, 5000);
	kit_is("SELECT confirmed FROM sinks ORDER BY name", "1001 1001");
	f = started(2, &err);                           /* nothing is sent again */
	assert_true(forward_drain(f, 5000));
	forward_stop(f, 5000);
	assert_int_equal(lines(path_a, &twice, &in_order), 1001);
}

static void one_that_hangs_holds_up_nobody(void **state)
{
	struct store *s = stored();
	struct forward *f;
	unsigned twice;
	uint64_t from;
	bool in_order;
	int err;

	(void)state;
	f = woken = started(2, &err);
	hang = true;
	for (unsigned n = 1; n <= 500; n++)
		put(s, n);
	for (from = kit_ms(); lines(path_a, &twice, &in_order) < 500 && kit_ms() - from < 5000;)
		usleep(1000);
	assert_int_equal(lines(path_a, &twice, &in_order), 500);
	assert_int_equal(lines(path_b, &twice, &in_order), 0);
	assert_false(forward_drain(f, 100));
	woken = NULL;
	store_close(s);
	from = kit_ms();
	forward_stop(f, 300);
	assert_in_range(kit_ms() - from, 250, 2000);
	hang = false;                                   /* it comes back to what is still there, and ends */
	while (hanging)
		usleep(1000);
	usleep(50000);
}

static void a_secret_that_is_not_there_is_said_at_once(void **state)
{
	const struct forward_config c = { .sink = two, .sinks = 2, .database = kit_db, .sensor = "north" };
	struct diag d = { "" };
	int err = 0;

	(void)state;
	two[1].path = "/no-token";
	assert_null(forward_start(&c, &err, &d));
	assert_int_equal(err, ZT_EIO);
	assert_string_equal(d.text, "no token");
	two[1].path = path_b;
}

static void says(struct forward *f, enum sink_state want, const char *why)
{
	uint64_t from = kit_ms();
	struct sink_figures now[4];

	do {
		usleep(10000);
		forward_figures(f, now, 4);
		if (now[0].state == want && (*why ? strstr(now[0].why, why) != NULL : !now[0].why[0]))
			return;
	} while (kit_ms() - from < 5000);
	fail_msg("it is %s: \"%s\"", sink_state_word(now[0].state), now[0].why);
}

/* Nobody could lock what was not there, and then somebody else is first. */
static void who_forwards_in_our_place_is_said(void **state)
{
	char folder[120], db[140], lock[160], cmd[200];
	struct forward_config c = { .sink = two, .sinks = 1, .database = db, .sensor = "north" };
	struct diag d = { "" };
	struct forward *f;
	struct store *s;
	int err, fd;

	(void)state;
	snprintf(folder, sizeof folder, "%s/later", kit_dir);
	snprintf(db, sizeof db, "%s/plant.db", folder);
	snprintf(lock, sizeof lock, "%s.forward.lock", db);
	f = forward_start(&c, &err, &d);
	assert_non_null(f);
	says(f, SINK_STARTING, "No such file or directory");
	assert_int_equal(mkdir(folder, 0700), 0);
	fd = open(lock, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	assert_int_equal(flock(fd, LOCK_EX | LOCK_NB), 0);      /* the sinks look for it once a second */
	says(f, SINK_STARTING, "another zonetap forwards the alerts of this database");
	close(fd);
	says(f, SINK_STARTING, "plant.db: No such file or directory");
	s = kit_open_live(&(struct store_live_config){ .path = db });
	kit_run(s, "run1");
	assert_true(store_live_wait(s, 5000));
	says(f, SINK_IDLE, "");
	forward_stop(f, 5000);
	store_close(s);
	snprintf(cmd, sizeof cmd, "rm -r %s", folder);
	assert_int_equal(system(cmd), 0);
}

static void without_sinks_the_outbox_is_kept_for_nobody(void **state)
{
	struct store *s = kit_open_live(&(struct store_live_config){ 0 });
	int err;

	(void)state;
	forward_to_nobody(kit_db);                      /* there were none */
	kit_run(s, "run1");
	assert_true(store_live_wait(s, 5000));
	forward_stop(started(2, &err), 5000);
	kit_is("SELECT count(*) FROM sinks WHERE active", "2");
	forward_to_nobody(kit_db);
	kit_is("SELECT count(*) FROM sinks WHERE active", "0");
	forward_stop(started(1, &err), 5000);           /* one is there again */
	kit_is("SELECT name FROM sinks WHERE active", "a");
	store_close(s);
	unlink(kit_db);
	forward_to_nobody(kit_db);
	assert_int_equal(access(kit_db, F_OK), -1);
}

/* Stores and forwards until it is killed. */
static void life(unsigned long long from)
{
	struct store *s = kit_open_live(&(struct store_live_config){ .committed = on_committed });
	int err;

	kit_run(s, "run1");
	(void)store_live_wait(s, 5000);
	woken = started(2, &err);
	for (unsigned long long n = from;; n++) {
		put(s, n);
		usleep(100);
	}
}

static void killed_at_any_moment_it_loses_nothing(void **state)
{
	struct forward *f;
	unsigned twice, all;
	bool in_order;
	char end[400];
	int err;

	(void)state;
	store_close(stored());
	f = started(2, &err);                           /* from the beginning */
	forward_stop(f, 5000);
	for (unsigned i = 0; i < 8; i++) {
		pid_t child;

		kit_ask("SELECT ifnull(max(id), 0) + 1 FROM outbox", end);
		child = fork();
		if (child == 0)
			life(strtoull(end, NULL, 10));
		usleep(100000 + i * 37000);
		kill(child, SIGKILL);
		waitpid(child, NULL, 0);
	}
	f = started(2, &err);
	assert_non_null(f);
	assert_true(forward_drain(f, 10000));
	forward_stop(f, 5000);
	kit_ask("SELECT max(id) FROM outbox", end);
	all = lines(path_a, &twice, &in_order);
	assert_int_equal(all - twice, strtoull(end, NULL, 10));
	assert_true(in_order && all > 100);
	all = lines(path_b, &twice, &in_order);
	assert_int_equal(all - twice, strtoull(end, NULL, 10));
	assert_true(in_order);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(what_is_stored_arrives_soon_and_in_order, setup, kit_teardown),
		cmocka_unit_test_setup_teardown(one_that_hangs_holds_up_nobody, setup, kit_teardown),
		cmocka_unit_test_setup_teardown(a_secret_that_is_not_there_is_said_at_once, setup, kit_teardown),
		cmocka_unit_test_setup_teardown(who_forwards_in_our_place_is_said, setup, kit_teardown),
		cmocka_unit_test_setup_teardown(without_sinks_the_outbox_is_kept_for_nobody, setup, kit_teardown),
		cmocka_unit_test_setup_teardown(killed_at_any_moment_it_loses_nothing, setup, kit_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
