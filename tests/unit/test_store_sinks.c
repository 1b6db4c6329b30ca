/* Sinks read and move their cursors while a sensor writes as fast as it can: nobody waits long for the other, and
 * whenever the process is killed no revision is skipped. */
#include "store_kit.h"

#include "alert/store_outbox.h"
#include "alert/store_turn.h"

#include <pthread.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>

#define SINKS 2
#define IDS_MAX (1u << 22)
#define BATCH 100
static const char *const names[SINKS] = { "soc", "archive" };

/* Shared with a child that is killed. */
static struct shared {
	_Atomic uint8_t read[SINKS][IDS_MAX];   /* by id: a sink had it in hand */
	_Atomic uint32_t ready;
} *shared;

struct sink {
	unsigned number;
	atomic_bool stop;
	int64_t at;
	uint64_t reads, moves, busy, max_us, sum_us;
	pthread_t thread;
};

static uint64_t us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

static bool had(void *arg, const struct outbox_row *r)
{
	struct sink *s = arg;

	if (r->id < IDS_MAX)
		shared->read[s->number][r->id] = 1;
	s->at = r->id;
	s->reads++;
	return true;
}

static int move(struct sink *s, struct outbox *o)
{
	uint64_t start = us(), took;
	int err = outbox_move(o, names[s->number], s->at, s->at, NULL);

	took = us() - start;
	s->moves++;
	s->busy += err == ZT_EBUSY;
	s->sum_us += took;
	if (took > s->max_us)
		s->max_us = took;
	return err;
}

/* A sink whose receiver takes everything at once. */
static void *run_sink(void *arg)
{
	struct sink *s = arg;
	struct outbox_cursor c = { 0 };
	struct outbox *o = NULL;
	int err = ZT_EBUSY;

	while (!s->stop && !o) {
		o = outbox_open(kit_db, &err, NULL);
		usleep(o ? 0 : 1000);
	}
	while (!s->stop && o && (err = outbox_cursor(o, names[s->number], 0, &c, NULL)) == ZT_EBUSY)
		usleep(100);
	s->at = c.confirmed;
	shared->ready++;
	while (!s->stop && (!err || err == ZT_EBUSY)) {
		int64_t before = s->at;

		err = outbox_read(o, s->at, BATCH, had, s, NULL);
		if (!err && s->at != before)
			err = move(s, o);
		else
			usleep(200);
	}
	while (err == ZT_EBUSY)
		err = move(s, o);
	outbox_close(o);
	return err ? arg : NULL;
}

static void start_sinks(struct sink sinks[SINKS])
{
	for (unsigned i = 0; i < SINKS; i++) {
		sinks[i] = (struct sink){ .number = i };
		if (pthread_create(&sinks[i].thread, NULL, run_sink, &sinks[i]) != 0)
			abort();
	}
}

/* Fills the store without outrunning it. */
static void put_more(struct store *s, uint64_t n)
{
	struct store_state now;

	for (uint32_t rev = 1; rev <= 3; rev++)
		kit_put(s, n, rev, SEV_LOW, rev == 3, 500);
	for (store_live_state(s, &now); now.queued > 5000; store_live_state(s, &now))
		usleep(500);
}

static void nobody_waits_long(void **state)
{
	struct store *s = kit_open_live(&(struct store_live_config){ .commit_ms = 1 });
	struct sink sinks[SINKS];
	struct store_state now;
	uint64_t end = kit_ms() + 3000, n = 0;
	void *failed;

	(void)state;
	kit_run(s, "run1");
	start_sinks(sinks);
	while (kit_ms() < end)
		put_more(s, ++n);
	assert_true(store_live_wait(s, 10000));
	store_live_state(s, &now);
	for (unsigned i = 0; i < SINKS; i++) {
		for (end = kit_ms() + 10000; shared->read[i][now.revisions] == 0 && kit_ms() < end;)
			usleep(1000);
		sinks[i].stop = true;
		pthread_join(sinks[i].thread, &failed);
		assert_null(failed);
		print_message("# %s: %llu rows, %llu cursor writes, %llu not at once, mean %llu us, longest %llu us\n", names[i],
			      (unsigned long long)sinks[i].reads, (unsigned long long)sinks[i].moves,
			      (unsigned long long)sinks[i].busy, (unsigned long long)(sinks[i].sum_us / (sinks[i].moves + 1)),
			      (unsigned long long)sinks[i].max_us);
		assert_int_equal(sinks[i].reads, 3 * n);
		assert_true(sinks[i].max_us < 1000000);
		assert_true(sinks[i].busy * 20 <= sinks[i].moves);
	}
	print_message("# the store: %llu revisions in %llu commits, %llu failed, longest %llu us\n", (unsigned long long)now.revisions,
		      (unsigned long long)now.commits, (unsigned long long)now.retries, (unsigned long long)now.latency_max_ns / 1000);
	assert_int_equal(now.health, STORE_OK);
	assert_int_equal(now.retries, 0);
	store_close(s);
	kit_is("SELECT confirmed = (SELECT max(id) FROM outbox) FROM sinks", "1 1");
}

/* --- turns --- */

static atomic_bool enough;

/* Has the turn nearly always, as a store that is never done. */
static void *greedy(void *arg)
{
	while (!enough) {
		bool mine = store_turn_take(false);

		usleep(5000);
		if (mine)
			store_turn_give();
	}
	return arg;
}

static void who_is_brief_is_let_in(void **state)
{
	pthread_t thread;
	unsigned got = 0;

	(void)state;
	enough = false;
	assert_int_equal(pthread_create(&thread, NULL, greedy, NULL), 0);
	usleep(20000);
	for (unsigned i = 0; i < 50; i++) {
		if (store_turn_take(true)) {
			got++;
			store_turn_give();
		}
	}
	enough = true;
	pthread_join(thread, NULL);
	assert_int_equal(got, 50);
}

static void a_turn_that_does_not_come_is_given_up(void **state)
{
	uint64_t start = kit_ms();

	(void)state;
	assert_true(store_turn_take(false));
	assert_false(store_turn_take(true));
	assert_in_range(kit_ms() - start, STORE_TURN_MS, STORE_TURN_MS + 2000);
	store_turn_give();
	assert_true(store_turn_take(true));
	store_turn_give();
}

/* --- kill -9 --- */

/* Writes and reads until it is killed. */
static void child(unsigned round)
{
	struct store_live_config c = { .path = kit_db, .commit_ms = 1, .inventory_ms = 5 };
	struct store *s = store_live_open(&c, NULL, NULL);
	struct sink sinks[SINKS];
	char run[32];

	snprintf(run, sizeof run, "run%u", round);
	if (!s || store_live_run(s, &(struct store_run){ .id = run, .policy_hash = "p", .program = "z" }, NULL) != ZT_OK)
		_exit(1);
	start_sinks(sinks);
	for (uint64_t n = 1;; n++)
		put_more(s, n);
}

static void killed_after(unsigned ms, unsigned round)
{
	uint64_t end = kit_ms() + 5000;
	int status;
	pid_t pid;

	shared->ready = 0;
	pid = fork();
	if (pid == 0)
		child(round);
	while (shared->ready < SINKS && kit_ms() < end)
		usleep(500);
	usleep(ms * 1000);
	kill(pid, SIGKILL);
	waitpid(pid, &status, 0);
	assert_true(WIFSIGNALED(status));
}

struct rest { int64_t last; uint64_t n; };

static bool rest(void *arg, const struct outbox_row *r)
{
	struct rest *t = arg;

	assert_int_equal(r->id, t->last + 1);   /* nothing was removed here, so there is no gap either */
	t->last = r->id;
	t->n++;
	return true;
}

/* *sum: of the cursors, which proves that they moved. */
static void nothing_is_skipped(unsigned round, int64_t *sum)
{
	struct diag d = { "" };
	int err;
	struct outbox *o = outbox_open(kit_db, &err, &d);
	int64_t end;

	if (!o)
		fail_msg("round %u: %s", round, d.text);
	assert_int_equal(outbox_end(o, &end, &d), ZT_OK);
	assert_true(end < IDS_MAX);
	*sum = 0;
	for (unsigned i = 0; i < SINKS; i++) {
		struct outbox_cursor c;
		struct rest t;

		assert_int_equal(outbox_cursor(o, names[i], 0, &c, &d), ZT_OK);
		assert_true(c.confirmed <= end);
		for (int64_t id = 1; id <= c.confirmed; id++) {
			if (!shared->read[i][id])
				fail_msg("round %u: %s has confirmed %lld and never had %lld", round, names[i],
					 (long long)c.confirmed, (long long)id);
		}
		t = (struct rest){ .last = c.confirmed };
		assert_int_equal(outbox_read(o, c.confirmed, UINT32_MAX, rest, &t, &d), ZT_OK);
		assert_int_equal(c.confirmed + (int64_t)t.n, end);
		*sum += c.confirmed;
	}
	outbox_close(o);
	kit_is("PRAGMA integrity_check", "ok");
}

static void whenever_it_is_killed_nothing_is_skipped(void **state)
{
	const char *v = getenv("ZONETAP_LONG");
	unsigned rounds = v && strcmp(v, "yes") == 0 ? 100 : 20;
	int64_t sum = 0, before = 0;

	(void)state;
	for (unsigned i = 0; i < rounds; i++) {
		killed_after(i * 37 % 150, i);
		nothing_is_skipped(i, &sum);
		assert_true(sum >= before);
		before = sum;
	}
	assert_true(sum > 1000);
	print_message("# the cursors stand at %lld together after %u rounds\n", (long long)sum, rounds);
}

static int setup(void **state)
{
	shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	return shared == MAP_FAILED ? -1 : kit_setup(state);
}

static int teardown(void **state)
{
	munmap(shared, sizeof *shared);
	return kit_teardown(state);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(who_is_brief_is_let_in),
		cmocka_unit_test(a_turn_that_does_not_come_is_given_up),
		cmocka_unit_test_setup_teardown(nobody_waits_long, setup, teardown),
		cmocka_unit_test_setup_teardown(whenever_it_is_killed_nothing_is_skipped, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
