/* test_priv.c - what the sensor's threads may do and what not, by trying, each attempt in a process of its own, in a
 * network namespace with nothing but a loopback. As root the processes become the user nobody; otherwise they are
 * the root of a user namespace in which there is nobody else. */
#include <config.h>

#include "base/err.h"
#include "priv_need.h"
#include "priv_try.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <linux/if_packet.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <poll.h>
#include <pthread.h>
#include <pwd.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define BROKEN 250                      /* status of a child that could not even begin */
#define CHILD_SECONDS 60
#define MEMBERS 4                       /* threads of a whole process besides main */

static unsigned number, failures;
static const char *user;                /* to become; NULL: not root */
static char folder[] = "/tmp/zonetap-priv.XXXXXX";

/* --- TAP ---------------------------------------------------------------------------------------------------- */

static void __attribute__((format(printf, 2, 3))) result(bool good, const char *fmt, ...)
{
	va_list ap;

	printf("%sok %u - ", good ? "" : "not ", ++number);
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	printf("\n");
	fflush(stdout);
	failures += !good;
}

static void skip_all(const char *why)
{
	printf("1..0 # SKIP %s\n", why);
	exit(0);
}

/* --- a process for each attempt ------------------------------------------------------------------------------- */

struct job {
	enum priv_role role;
	bool bound;                     /* priv_thread() is called */
	const struct attempt *attempt;  /* or */
	const struct need *need;
	struct try_env env;
	int status;
};

static int packet_socket(void)
{
	struct sockaddr_ll at = { .sll_family = AF_PACKET, .sll_protocol = htons(0x88b5), .sll_ifindex = 1 };
	int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);

	return fd >= 0 && bind(fd, (struct sockaddr *)&at, sizeof at) == 0 ? fd : -1;
}

static void run_job(struct job *j)
{
	struct diag d;

	j->status = BROKEN;
	if (j->bound && priv_thread(j->role, j->env.wake, &d) != ZT_OK) {
		fprintf(stderr, "# %s\n", d.text);
		return;
	}
	if (j->role == PRIV_CAPTURE)
		j->env.packet = packet_socket();
	if (j->env.packet >= 0)
		j->status = j->attempt ? j->attempt->run(&j->env) : j->need->run(&j->env, folder);
}

/* Wakes the other thread, as a thread of the sensor may. */
static void *job_thread(void *arg)
{
	struct job *j = arg;
	uint64_t one = 1;

	run_job(j);
	if (j->need && write(j->env.wake, &one, sizeof one) != sizeof one)
		j->status = BROKEN;
	return NULL;
}

/* Datagrams to nobody over the loopback, until the thread says that it is done. */
static void make_traffic(int wake)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(9), .sin_addr = { htonl(INADDR_LOOPBACK) } };
	struct pollfd w = { .fd = wake, .events = POLLIN };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	for (int i = 0; i < 500 && poll(&w, 1, 20) == 0; i++)
		(void)sendto(fd, "zonetap", 7, 0, (struct sockaddr *)&to, sizeof to);
	close(fd);
}

static int child(struct job *j)
{
	pthread_t t;
	struct diag d;

	alarm(CHILD_SECONDS);
	j->env = (struct try_env){ .packet = packet_socket(), .wake = eventfd(0, EFD_CLOEXEC) };
	if (j->env.packet < 0 || j->env.wake < 0 || pipe2(j->env.pipe, O_CLOEXEC) != 0)
		return BROKEN;
	if (j->need && j->need->before && j->need->before(folder) != 0)
		return BROKEN;
	if (priv_drop(user, true, &d) != ZT_OK) {
		fprintf(stderr, "# %s\n", d.text);
		return BROKEN;
	}
	if (j->role == PRIV_MAIN) {
		run_job(j);
		return j->status;
	}
	if (pthread_create(&t, NULL, job_thread, j) != 0)
		return BROKEN;
	if (j->need && j->role == PRIV_CAPTURE)
		make_traffic(j->env.wake);
	pthread_join(t, NULL);
	return j->status;
}

/* The wait status of a child that did it. What it has started besides, as another user than it ended as, ends with it. */
static int in_child(struct job *j)
{
	pid_t pid;
	int status = -1;

	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		(void)setpgid(0, 0);
		_exit(child(j));
	}
	if (pid <= 0 || waitpid(pid, &status, 0) != pid)
		return -1;
	(void)kill(-pid, SIGKILL);
	return status;
}

static bool left_with(int status, int code)
{
	return status >= 0 && WIFEXITED(status) && WEXITSTATUS(status) == code;
}

static void note_status(int status)
{
	if (WIFSIGNALED(status))
		printf("# ended by signal %d\n", WTERMSIG(status));
	else if (WEXITSTATUS(status) == BROKEN)
		printf("# could not begin\n");
	else
		printf("# %d: %s\n", WEXITSTATUS(status), strerror(WEXITSTATUS(status)));
}

/* Refused under the filter; and without it not, so that it is the filter that refuses. */
/* Some virtual machines have no calls of other tables: whoever tries ends there and then. */
static bool is_unknown_here(const struct attempt *a, enum priv_role role)
{
	struct job j = { .role = role, .bound = false, .attempt = a };
	int status = in_child(&j);

	return WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV;
}

static void check_attempt(const struct attempt *a, enum priv_role role)
{
	struct job j = { .role = role, .bound = true, .attempt = a };
	int status = in_child(&j);
	bool good = a->want == KILLED ? WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS : left_with(status, EPERM);

	if (!good && a->want == KILLED && is_unknown_here(a, role)) {
		printf("ok %u - %s: %s is fatal # SKIP it is so without a filter too: this machine has no such calls\n", ++number,
		       priv_role_name(role), a->name);
		return;
	}
	result(good, "%s: %s is %s", priv_role_name(role), a->name, a->want == KILLED ? "fatal" : "refused");
	if (!good)
		note_status(status);
	if (a->want != REFUSED)
		return;
	j = (struct job){ .role = role, .bound = false, .attempt = a };
	status = in_child(&j);
	good = WIFEXITED(status) && !left_with(status, EPERM) && !left_with(status, BROKEN);
	if (!good) {
		result(false, "%s: %s is refused by the filter and by nothing else", priv_role_name(role), a->name);
		note_status(status);
	}
}

static void check_need(const struct need *n)
{
	struct job j = { .role = n->role, .bound = true, .need = n };
	const char *lacks = n->lacks ? n->lacks() : NULL;
	int status;

	if (lacks) {
		printf("ok %u - %s: %s # SKIP %s\n", ++number, priv_role_name(n->role), n->name, lacks);
		return;
	}
	status = in_child(&j);
	result(left_with(status, 0), "%s: %s", priv_role_name(n->role), n->name);
	if (!left_with(status, 0))
		note_status(status);
}

/* An assertion that fails must end the process as one does everywhere. */
static int fails(struct try_env *e, const char *unused)
{
	(void)e;
	(void)unused;
	abort();
}

static void check_abort(enum priv_role role)
{
	const struct need n = { .name = "abort", .role = role, .run = fails };
	struct job j = { .role = role, .bound = true, .need = &n };
	int status = in_child(&j);

	result(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT, "%s: abort() is SIGABRT", priv_role_name(role));
}

static int starts_thread(struct try_env *e)
{
	pthread_t t;

	(void)e;
	return pthread_create(&t, NULL, job_thread, NULL);
}

static void check_threads(enum priv_role role)
{
	const struct attempt a = { "a new thread", 0, REFUSED, starts_thread };
	struct job j = { .role = role, .bound = true, .attempt = &a };
	int status = in_child(&j);

	result(left_with(status, EPERM), "%s: a new thread is refused", priv_role_name(role));
}

/* --- the state of a whole process --------------------------------------------------------------------------- */

struct member {
	enum priv_role role;
	int wake;
	pid_t tid;
	int socket;                     /* of a capture thread */
	pthread_barrier_t *ready, *done;
	int failed;
};

static void *member_thread(void *arg)
{
	struct member *m = arg;
	struct diag d;

	m->tid = gettid();
	m->failed = priv_thread(m->role, m->wake, &d) != ZT_OK;
	m->socket = m->role == PRIV_CAPTURE && !m->failed ? packet_socket() : -1;
	pthread_barrier_wait(m->ready);
	pthread_barrier_wait(m->done);
	return NULL;
}

/* One line for the parent: whether it is so, and what. */
static void __attribute__((format(printf, 3, 4))) report(FILE *to, bool good, const char *fmt, ...)
{
	va_list ap;

	fputs(good ? "+" : "-", to);
	va_start(ap, fmt);
	vfprintf(to, fmt, ap);
	va_end(ap);
	fputs("\n", to);
}

/* A line of /proc/self/task/TID/status is as wanted, words with one blank between them. */
static void report_status(FILE *to, const char *who, pid_t tid, const char *key, const char *want)
{
	char path[64], line[512], got[512] = "";
	FILE *f;

	snprintf(path, sizeof path, "/proc/self/task/%d/status", (int)tid);
	f = fopen(path, "re");
	while (f && fgets(line, sizeof line, f)) {
		char *save = NULL;
		size_t at = 0;

		if (strncmp(line, key, strlen(key)) != 0 || line[strlen(key)] != ':')
			continue;
		for (char *word = strtok_r(line + strlen(key) + 1, " \t\n", &save); word && at < sizeof got;
		     word = strtok_r(NULL, " \t\n", &save))
			at += (size_t)snprintf(got + at, sizeof got - at, "%s%s", at ? " " : "", word);
	}
	if (f)
		fclose(f);
	if (strcmp(got, want) == 0)
		report(to, true, "%s: %s is %s", who, key, want);
	else
		report(to, false, "%s: %s is %s, not %s", who, key, want, got);
}

/* The numbers of a thread's own descriptors. */
static void fds_of(pid_t tid, char *out, size_t n)
{
	bool has[256] = { false };
	char path[64];
	struct dirent *e;
	size_t at = 0;
	DIR *dir;

	snprintf(path, sizeof path, "/proc/self/task/%d/fd", (int)tid);
	dir = opendir(path);
	while (dir && (e = readdir(dir))) {
		if (e->d_name[0] != '.' && strtoul(e->d_name, NULL, 10) < 256)
			has[strtoul(e->d_name, NULL, 10)] = true;
	}
	if (dir)
		closedir(dir);
	out[0] = '\0';
	for (int fd = 0; fd < 256 && at < n; fd++) {
		if (has[fd])
			at += (size_t)snprintf(out + at, n - at, "%s%d", at ? " " : "", fd);
	}
}

/* bounded: the process may empty its bounding set, which a service manager does for one that may not. */
static void report_thread(FILE *to, const char *who, enum priv_role role, pid_t tid, bool bounded)
{
	const char *caps = role == PRIV_CAPTURE ? "0000000000002000" : "0000000000000000", *none = "0000000000000000";

	report_status(to, who, tid, "CapPrm", caps);
	report_status(to, who, tid, "CapEff", caps);
	report_status(to, who, tid, "CapInh", none);
	if (bounded)
		report_status(to, who, tid, "CapBnd", none);
	report_status(to, who, tid, "CapAmb", none);
	report_status(to, who, tid, "NoNewPrivs", "1");
	if (priv_has_filters())
		report_status(to, who, tid, "Seccomp", "2");
}

static void report_identity(FILE *to, pid_t tid, const char *who)
{
	const struct passwd *p = getpwnam(user);
	char want[64];

	snprintf(want, sizeof want, "%u %u %u %u", p->pw_uid, p->pw_uid, p->pw_uid, p->pw_uid);
	report_status(to, who, tid, "Uid", want);
	snprintf(want, sizeof want, "%u %u %u %u", p->pw_gid, p->pw_gid, p->pw_gid, p->pw_gid);
	report_status(to, who, tid, "Gid", want);
	snprintf(want, sizeof want, "%u", p->pw_gid);
	report_status(to, who, tid, "Groups", want);
}

static void report_descriptors(FILE *to, const struct member *m)
{
	char got[1024], want[64], own[1024];

	fds_of(m->tid, got, sizeof got);
	snprintf(want, sizeof want, "0 1 2 %d %d", m->socket < m->wake ? m->socket : m->wake,
		 m->socket < m->wake ? m->wake : m->socket);
	report(to, m->socket > 2 && strcmp(got, want) == 0, "a capture thread has 0, 1, 2, the one to wake by and its socket (%s)", got);
	fds_of(getpid(), own, sizeof own);
	report(to, strcmp(own, got) != 0, "the other threads have descriptors of their own (%s)", own);
}

/* What a service manager does for User=nobody and AmbientCapabilities=CAP_NET_RAW. */
static bool become_as_service(void)
{
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct raw[_LINUX_CAPABILITY_U32S_3] = { 0 };
	const struct passwd *p = getpwnam(user);

	raw[0].permitted = raw[0].inheritable = raw[0].effective = CAP_TO_MASK(CAP_NET_RAW);
	return prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) == 0 && initgroups(user, p->pw_gid) == 0 &&
	       setresgid(p->pw_gid, p->pw_gid, p->pw_gid) == 0 && setresuid(p->pw_uid, p->pw_uid, p->pw_uid) == 0 &&
	       syscall(SYS_capset, &head, raw) == 0 && prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_NET_RAW, 0, 0) == 0;
}

/* Main, writer, a sink and two capture threads as the sensor starts them; looked at by main, bound itself. */
static int whole_process(FILE *to, bool as_service)
{
	struct member m[MEMBERS] = {
		{ .role = PRIV_WRITER }, { .role = PRIV_FORWARD }, { .role = PRIV_CAPTURE }, { .role = PRIV_CAPTURE },
	};
	static const char *const names[MEMBERS] = { "writer", "forward", "capture 1", "capture 2" };
	pthread_barrier_t ready, done;
	pthread_t t[MEMBERS];
	struct diag d;

	alarm(CHILD_SECONDS);
	close(STDIN_FILENO);
	if (as_service && !become_as_service())
		return BROKEN;
	if (priv_drop(as_service ? "no-such-user-here" : user, true, &d) != ZT_OK)
		return BROKEN;
	if (pthread_barrier_init(&ready, NULL, MEMBERS + 1) != 0 || pthread_barrier_init(&done, NULL, MEMBERS + 1) != 0)
		return BROKEN;
	report(to, fcntl(STDIN_FILENO, F_GETFD) >= 0, "a closed standard input is there again");
	report(to, prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) == 0, "the process is not dumpable");
	report(to, !user || (setuid(0) < 0 && errno == EPERM), "there is no way back to root");
	for (int i = 0; i < MEMBERS; i++) {
		m[i].ready = &ready;
		m[i].done = &done;
		m[i].wake = eventfd(0, EFD_CLOEXEC);
		if (pthread_create(&t[i], NULL, member_thread, &m[i]) != 0)
			return BROKEN;
	}
	pthread_barrier_wait(&ready);
	report(to, priv_thread(PRIV_MAIN, -1, &d) == ZT_OK, "main is bound");
	report_thread(to, "main", PRIV_MAIN, getpid(), !as_service);
	if (user)
		report_identity(to, getpid(), "main");
	for (int i = 0; i < MEMBERS; i++) {
		report(to, !m[i].failed, "%s: is bound", names[i]);
		report_thread(to, names[i], m[i].role, m[i].tid, !as_service);
		if (user)
			report_identity(to, m[i].tid, names[i]);
	}
	report_descriptors(to, &m[2]);
	report_descriptors(to, &m[3]);
	fflush(to);
	pthread_barrier_wait(&done);
	for (int i = 0; i < MEMBERS; i++)
		pthread_join(t[i], NULL);
	return 0;
}

static void check_process(bool as_service)
{
	char line[1200];
	int v[2], status = -1;
	pid_t pid;
	FILE *f;

	fflush(stdout);
	if (pipe2(v, O_CLOEXEC) != 0 || (pid = fork()) < 0)
		exit(99);
	if (pid == 0)
		_exit(whole_process(fdopen(v[1], "w"), as_service));
	close(v[1]);
	f = fdopen(v[0], "r");
	while (f && fgets(line, sizeof line, f)) {
		line[strcspn(line, "\n")] = '\0';
		result(line[0] == '+', "%s%s", as_service ? "as a service: " : "", line + 1);
	}
	fclose(f);
	waitpid(pid, &status, 0);
	result(left_with(status, 0), "%sa whole process starts, is bound and ends", as_service ? "as a service: " : "");
}

/* --- what priv_drop() says no to ------------------------------------------------------------------------------ */

static int drop_to(const char *who, bool raw, int want)
{
	struct diag d = { "" };

	return priv_drop(who, raw, &d) == want && (want == ZT_OK || d.text[0]) ? 0 : 1;
}

static int without_capability(void)
{
	struct diag d;

	return priv_drop(user, false, &d) == ZT_OK ? drop_to(NULL, true, ZT_EPERM) : BROKEN;
}

static int nobody_there(void) { return drop_to("no-such-user-here", true, ZT_ENOENT); }
static int root_itself(void) { return drop_to("root", true, ZT_EINVAL); }

static int capture_without(void)
{
	struct diag d;

	return priv_drop(user, false, &d) == ZT_OK && priv_thread(PRIV_CAPTURE, -1, &d) == ZT_EPERM ? 0 : 1;
}

static void check_drop(const char *name, int (*run)(void))
{
	int status = -1;
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (pid == 0)
		_exit(run());
	waitpid(pid, &status, 0);
	result(left_with(status, 0), "%s", name);
}

/* --- the namespace ------------------------------------------------------------------------------------------------ */

static bool put(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	bool good = fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);

	if (fd >= 0)
		close(fd);
	return good;
}

static void enter_namespace(void)
{
	struct ifreq lo = { .ifr_name = "lo", .ifr_flags = IFF_UP };
	char map[64];
	int fd;

	if (geteuid() == 0) {
		user = "nobody";
		if (!getpwnam(user) || getpwnam(user)->pw_gid == 0)
			skip_all("there is no user nobody to become");
		if (unshare(CLONE_NEWNET) != 0)
			skip_all("a network namespace cannot be made");
	} else {
		snprintf(map, sizeof map, "0 %u 1", (unsigned)geteuid());
		if (unshare(CLONE_NEWUSER | CLONE_NEWNET) != 0 || !put("/proc/self/uid_map", map))
			skip_all("neither root nor allowed to make a user namespace");
		snprintf(map, sizeof map, "0 %u 1", (unsigned)getegid());
		(void)put("/proc/self/setgroups", "deny");
		(void)put("/proc/self/gid_map", map);
	}
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || ioctl(fd, SIOCSIFFLAGS, &lo) != 0)
		skip_all("the loopback of a network namespace cannot be set up");
	close(fd);
}

int main(void)
{
	enter_namespace();
	if (!mkdtemp(folder) || (user && chown(folder, getpwnam(user)->pw_uid, getpwnam(user)->pw_gid) != 0))
		return 99;
	check_process(false);
	if (user)
		check_process(true);
	else
		printf("ok %u - as a service # SKIP not root\n", ++number);
	check_drop("capturing without the capability is refused", without_capability);
	check_drop("a capture thread without the capability is refused", capture_without);
	if (user) {
		check_drop("a user who is not there is refused", nobody_there);
		check_drop("root is nobody to become", root_itself);
	}
	for (size_t i = 0; i < need_count; i++)
		check_need(&needs[i]);
	for (enum priv_role r = PRIV_MAIN; r <= PRIV_FORWARD; r++)
		check_abort(r);
	if (!priv_has_filters())
		printf("ok %u - what is forbidden # SKIP %s\n", ++number, priv_filters());
	for (enum priv_role r = PRIV_MAIN; priv_has_filters() && r <= PRIV_FORWARD; r++) {
		if (r != PRIV_FORWARD)
			check_threads(r);
		for (size_t i = 0; i < attempt_count; i++) {
			if (attempts[i].roles & 1u << r)
				check_attempt(&attempts[i], r);
		}
	}
	rmdir(folder);
	printf("1..%u\n", number);
	return failures != 0;
}
