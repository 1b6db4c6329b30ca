#include <config.h>

#include "priv_need.h"

#include "inventory/geo.h"
#include "policy/complain.h"
#include "policy/policy.h"
#include "sensor/notify.h"

#include <errno.h>
#include <fcntl.h>
#include <ifaddrs.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <pcap/pcap.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <linux/sockios.h>

/* Says what does not hold. */
static bool holds(bool condition, int line, const char *text)
{
	if (!condition)
		fprintf(stderr, "# line %d: not so: %s (%s)\n", line, text, strerror(errno));
	return condition;
}

#define HOLDS(condition) holds((condition), __LINE__, #condition)
#define ROUNDS 50                       /* of 100 ms: how long a packet is waited for */

/* --- capture ---------------------------------------------------------------------------------------------- */

static void count(u_char *n, const struct pcap_pkthdr *h, const u_char *bytes)
{
	(void)h;
	(void)bytes;
	(*(int *)(void *)n)++;
}

static pcap_t *open_lo(void)
{
	char err[PCAP_ERRBUF_SIZE];
	pcap_t *p = pcap_create("lo", err);

	if (!p)
		return NULL;
	pcap_set_snaplen(p, 262144);
	pcap_set_promisc(p, 1);
	pcap_set_timeout(p, 100);
	pcap_set_buffer_size(p, 1 << 20);
	pcap_set_tstamp_precision(p, PCAP_TSTAMP_PRECISION_NANO);
	if (pcap_activate(p) >= 0 && pcap_setnonblock(p, 1, err) == 0)
		return p;
	fprintf(stderr, "# %s\n", pcap_geterr(p));
	pcap_close(p);
	return NULL;
}

/* Meanwhile the test's other thread sends over the loopback. */
static int capture_twice(struct try_env *e, const char *folder)
{
	(void)e;
	(void)folder;
	for (int again = 0; again < 2; again++) {
		pcap_t *p = open_lo();
		struct bpf_program f;
		struct pcap_stat s;
		int version = -1, n = 0, group = PACKET_FANOUT_HASH << 16;
		socklen_t len = sizeof version;

		if (!HOLDS(p))
			return 1;
		if (!HOLDS(getsockopt(pcap_fileno(p), SOL_PACKET, PACKET_VERSION, &version, &len) == 0 && version == TPACKET_V3))
			return 1;
		if (!HOLDS(pcap_compile(p, &f, "udp and host 127.0.0.1", 1, PCAP_NETMASK_UNKNOWN) == 0 && pcap_setfilter(p, &f) == 0))
			return 1;
		pcap_freecode(&f);
		if (!HOLDS(setsockopt(pcap_fileno(p), SOL_PACKET, PACKET_FANOUT, &group, sizeof group) == 0))
			return 1;
		for (int i = 0; i < ROUNDS && !n; i++) {
			struct pollfd w = { .fd = pcap_fileno(p), .events = POLLIN };

			(void)poll(&w, 1, 100);
			if (!HOLDS(pcap_dispatch(p, -1, count, (u_char *)(void *)&n) >= 0))
				return 1;
		}
		if (!HOLDS(n > 0))
			return 1;
		if (!HOLDS(pcap_stats(p, &s) == 0 && s.ps_recv > 0))
			return 1;
		pcap_close(p);
	}
	return 0;
}

static int capture_looks(struct try_env *e, const char *folder)
{
	char word[8] = "";
	struct ifreq r = { .ifr_name = "lo" };
	int fd = open("/sys/class/net/lo/mtu", O_RDONLY | O_CLOEXEC);

	(void)folder;
	if (!HOLDS(fd >= 0 && read(fd, word, sizeof word - 1) > 0 && close(fd) == 0))
		return 1;
	if (!HOLDS(ioctl(e->packet, SIOCGIFFLAGS, &r) == 0 && r.ifr_flags & IFF_UP))
		return 1;
	if (!HOLDS(pthread_setname_np(pthread_self(), "capture-lo") == 0))
		return 1;
	if (!HOLDS(fprintf(stderr, "# a capture thread may say so\n") > 0 && fflush(stderr) == 0))
		return 1;
	return 0;
}

/* --- writer ------------------------------------------------------------------------------------------------- */

static int run_sql(const char *path, const char *sql)
{
	sqlite3 *db = NULL;
	char *err = NULL;
	int failed = sqlite3_open(path, &db) != SQLITE_OK || sqlite3_exec(db, sql, NULL, NULL, &err) != SQLITE_OK;

	if (failed)
		fprintf(stderr, "# %s\n", err ? err : sqlite3_errmsg(db));
	sqlite3_free(err);
	return sqlite3_close(db) != SQLITE_OK || failed;
}

static int writer_stores(struct try_env *e, const char *folder)
{
	char path[256], aside[300];

	(void)e;
	snprintf(path, sizeof path, "%s/w.db", folder);
	snprintf(aside, sizeof aside, "%s-aside", path);
	if (!HOLDS(run_sql(path, "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA temp_store = FILE;"
			    "CREATE TABLE t (a, b); CREATE INDEX i ON t (b); BEGIN;"
			    "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n WHERE x < 20000)"
			    "INSERT INTO t SELECT x, hex(randomblob(32)) FROM n; COMMIT; DELETE FROM t WHERE a % 2;"
			    "CREATE TEMP TABLE s AS SELECT * FROM t ORDER BY b; PRAGMA wal_checkpoint(TRUNCATE); VACUUM;") == 0))
		return 1;
	if (!HOLDS(run_sql(path, "PRAGMA journal_mode = DELETE; INSERT INTO t VALUES (1, 2); PRAGMA quick_check") == 0))
		return 1;
	if (!HOLDS(rename(path, aside) == 0 && run_sql(path, "CREATE TABLE t (a)") == 0))
		return 1;
	if (!HOLDS(unlink(path) == 0 && unlink(aside) == 0))
		return 1;
	return 0;
}

static int writer_locks(struct try_env *e, const char *folder)
{
	char path[256];
	int fd;

	(void)e;
	snprintf(path, sizeof path, "%s/w.lock", folder);
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0640);
	if (!HOLDS(fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0 && ftruncate(fd, 0) == 0 && pwrite(fd, "1\n", 2, 0) == 2 && fsync(fd) == 0))
		return 1;
	if (!HOLDS(close(fd) == 0 && unlink(path) == 0))
		return 1;
	return 0;
}

/* The kernel refuses pwrite() on what has no position: the one call that writes by any number is none that sends. */
static int writer_pwrite(struct try_env *e, const char *folder)
{
	(void)folder;
	if (!HOLDS(pwrite(e->packet, folder, 14, 0) == -1 && errno == ESPIPE))
		return 1;
	return 0;
}

/* --- main ------------------------------------------------------------------------------------------------------- */

static int main_reloads(struct try_env *e, const char *folder)
{
	const char *top = getenv("top_srcdir");
	char site[512], rules[512];
	const char *paths[] = { rules };
	struct complaints errs = { .n = 0 };
	struct policy *p;

	(void)e;
	(void)folder;
	snprintf(site, sizeof site, "%s/rules/site.example.yaml", top ? top : ".");
	snprintf(rules, sizeof rules, "%s/rules", top ? top : ".");
	p = policy_load(site, paths, 1, &errs);
	if (!HOLDS(p))
		return 1;
	policy_free(p);
	return 0;
}

static int main_writes_metrics(struct try_env *e, const char *folder)
{
	char path[256], fresh[300];
	FILE *f;

	(void)e;
	snprintf(path, sizeof path, "%s/zonetap.prom", folder);
	snprintf(fresh, sizeof fresh, "%s.new", path);
	f = fopen(fresh, "we");
	if (!HOLDS(f && fputs("zonetap_up 1\n", f) >= 0 && fflush(f) == 0 && fsync(fileno(f)) == 0 && fclose(f) == 0))
		return 1;
	if (!HOLDS(chmod(fresh, 0644) == 0 && rename(fresh, path) == 0 && unlink(path) == 0))
		return 1;
	return 0;
}

static int main_serves(struct try_env *e, const char *folder)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	char got[8] = "";
	int door, guest, host;

	(void)e;
	snprintf(at.sun_path, sizeof at.sun_path, "%s/s", folder);
	door = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	guest = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (!HOLDS(door >= 0 && guest >= 0 && bind(door, (struct sockaddr *)&at, sizeof at) == 0 && chmod(at.sun_path, 0600) == 0))
		return 1;
	if (!HOLDS(listen(door, 4) == 0 && connect(guest, (struct sockaddr *)&at, sizeof at) == 0))
		return 1;
	host = accept4(door, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (!HOLDS(host >= 0 && send(host, "status", 6, MSG_NOSIGNAL) == 6 && recv(guest, got, sizeof got, 0) == 6))
		return 1;
	if (!HOLDS(close(host) == 0 && close(guest) == 0 && close(door) == 0 && unlink(at.sun_path) == 0))
		return 1;
	return 0;
}

static void keep_line(void *arg, const char *line)
{
	snprintf(arg, 256, "%s", line);
}

/* A file that is no database: that it was copied and opened shows in what is said of it. */
static int main_takes_up_a_database(struct try_env *e, const char *folder)
{
	char path[256], said[256] = "";
	const char *paths[] = { path };
	struct geo *g;
	int fd;

	(void)e;
	if (!geo_version())
		return 0;
	snprintf(path, sizeof path, "%s/geo", folder);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (!HOLDS(fd >= 0 && write(fd, "no database", 11) == 11 && close(fd) == 0))
		return 1;
	g = geo_new(paths, 1, keep_line, said);
	geo_free(g);
	if (!HOLDS(g && strstr(said, "invalid metadata") && unlink(path) == 0))
		return 1;
	return 0;
}

static int main_asks_the_kernel(struct try_env *e, const char *folder)
{
	struct ifaddrs *all;
	sigset_t set;
	int fd;

	(void)e;
	(void)folder;
	if (!HOLDS(getifaddrs(&all) == 0))
		return 1;
	freeifaddrs(all);
	sigemptyset(&set);
	sigaddset(&set, SIGHUP);
	if (!HOLDS(sigprocmask(SIG_BLOCK, &set, NULL) == 0))
		return 1;
	fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (!HOLDS(fd >= 0 && close(fd) == 0))
		return 1;
	return 0;
}

const struct need needs[] = {
	{ .name = "a TPACKET_V3 ring on lo hands out a packet, and so does the next one", .role = PRIV_CAPTURE,
	  .run = capture_twice },
	{ .name = "interfaces are looked at, standard error is written to", .role = PRIV_CAPTURE, .run = capture_looks },
	{ .name = "SQLite creates, commits, checkpoints, sets aside", .role = PRIV_WRITER, .run = writer_stores },
	{ .name = "a file is locked and written", .role = PRIV_WRITER, .run = writer_locks },
	{ .name = "pwrite on a packet socket is ESPIPE", .role = PRIV_WRITER, .run = writer_pwrite },
	{ .name = "a site and its rules are read", .role = PRIV_MAIN, .run = main_reloads },
	{ .name = "the metrics are written and put in place", .role = PRIV_MAIN, .run = main_writes_metrics },
	{ .name = "the control socket is served", .role = PRIV_MAIN, .run = main_serves },
	{ .name = "a database of countries is taken up", .role = PRIV_MAIN, .run = main_takes_up_a_database },
	{ .name = "addresses and signals are read", .role = PRIV_MAIN, .run = main_asks_the_kernel },
	{ .name = "a sink's database is written", .role = PRIV_FORWARD, .run = writer_stores },
	{ .name = "a database is locked", .role = PRIV_FORWARD, .run = writer_locks },
	{ .name = "a file is appended to and rotated", .role = PRIV_FORWARD, .run = forward_appends },
	{ .name = "localhost and addresses are looked up", .role = PRIV_FORWARD, .run = forward_looks_up },
	{ .name = "a secret is kept out of dumps and of the swap", .role = PRIV_FORWARD, .run = forward_keeps_a_secret },
	{ .name = "datagrams are sent", .role = PRIV_FORWARD, .run = forward_sends },
	{ .name = "libcurl asks DNS for a name and posts over TLS", .role = PRIV_FORWARD, .run = forward_posts,
	  .before = forward_before, .lacks = forward_lacks },
};
const size_t need_count = sizeof needs / sizeof needs[0];
