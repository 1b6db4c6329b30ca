/* kill -9 at any moment: the database is sound, and what was said to be committed is there, once. */
#include "store_kit.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>

static void tell(void *arg, int64_t outbox_id)
{
	(void)!write(*(const int *)arg, &outbox_id, sizeof outbox_id);
}

static void inventory(struct store *s, uint64_t n)
{
	char ip[32];

	snprintf(ip, sizeof ip, "10.0.%u.%u", (unsigned)(n / 250 % 250), (unsigned)(n % 250));
	store_asset(s, &(struct store_asset){ .segment = "", .ip = ip, .last_ns = n }, NULL);
	store_saying(s, &(struct store_saying){ .segment = "", .ip = ip, .part = "", .field = "vendor", .value = "x", .count = n }, NULL);
	store_conversation(s, &(struct store_conversation){ .serial = n % 1000, .segment = "", .client = ip, .server = "10.1.1.1",
							    .count = n, .last_ns = n }, NULL);
}

/* Writes as fast as the disk takes it, until it is killed. */
static void child(int to, unsigned round)
{
	struct store_live_config c = { .path = kit_db, .commit_ms = 1, .inventory_ms = 5, .committed = tell, .arg = &to };
	struct store *s = store_live_open(&c, NULL, NULL);
	struct store_state now;
	char run[32];

	snprintf(run, sizeof run, "run%u", round);
	if (!s || store_live_run(s, &(struct store_run){ .id = run, .policy_hash = "p", .program = "z" }, NULL) != ZT_OK)
		_exit(1);
	for (uint64_t n = 1;; n++) {
		for (uint32_t rev = 1; rev <= 3; rev++)
			kit_put(s, n, rev, SEV_LOW, rev == 3, 500);
		inventory(s, n);
		do {
			store_live_state(s, &now);
			if (now.queued > 5000)
				usleep(1000);
		} while (now.queued > 5000);
	}
}

/* The newest id that a child said before it was killed after so long. */
static int64_t killed_after(unsigned ms, unsigned round)
{
	int64_t id, last = 0;
	int pipes[2], status;
	uint64_t end;
	pid_t pid;

	assert_int_equal(pipe(pipes), 0);
	pid = fork();
	if (pid == 0) {
		close(pipes[0]);
		child(pipes[1], round);
	}
	close(pipes[1]);
	assert_int_equal(fcntl(pipes[0], F_SETFL, O_NONBLOCK), 0);
	for (end = kit_ms() + ms; kit_ms() < end; usleep(500)) {
		while (read(pipes[0], &id, sizeof id) == sizeof id)
			last = id;
	}
	kill(pid, SIGKILL);
	waitpid(pid, &status, 0);
	while (read(pipes[0], &id, sizeof id) == sizeof id)
		last = id;
	close(pipes[0]);
	assert_true(WIFSIGNALED(status));
	return last;
}

static void nothing_committed_is_lost(void **state)
{
	const char *v = getenv("ZONETAP_LONG");
	unsigned rounds = v && strcmp(v, "yes") == 0 ? 100 : 20;
	int64_t newest = 0;
	char got[400];

	(void)state;
	for (unsigned i = 0; i < rounds; i++) {
		int64_t last = killed_after(i * 37 % 300, i);

		newest = last > newest ? last : newest;
		if (access(kit_db, F_OK) != 0)
			continue;               /* killed before there was one */
		kit_ask("SELECT count(*) FROM sqlite_master", got);
		if (strcmp(got, "0") == 0)
			continue;
		kit_is("PRAGMA integrity_check", "ok");
		kit_ask("SELECT count(*) FROM outbox", got);
		if (strtoll(got, NULL, 10) < newest)
			fail_msg("round %u: %s revisions, and %lld were committed", i, got, (long long)newest);
		kit_is("SELECT count(*) - max(id) FROM outbox HAVING count(*) > 0 AND count(*) <> max(id)", "");
	}
	assert_true(newest > 1000);
	print_message("# %lld revisions were committed in %u rounds\n", (long long)newest, rounds);
	kit_is("SELECT count(*) - count(DISTINCT run || uid || '/' || rev) FROM outbox", "0");
	kit_is("SELECT count(*) FROM alerts a WHERE rev <> (SELECT max(rev) FROM outbox o WHERE o.uid = a.uid AND o.run = a.run)", "0");
	kit_is("SELECT count(*) FROM (SELECT rev, lag(rev) OVER (PARTITION BY run, uid ORDER BY id) AS before FROM outbox)"
	       " WHERE rev <> ifnull(before, 0) + 1", "0");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(nothing_committed_is_lost, kit_setup, kit_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
