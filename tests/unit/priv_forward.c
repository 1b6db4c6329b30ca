/* priv_forward.c - what a thread that runs a sink must be able to do. The receiver and the name server are processes of
 * their own in the test's network namespace, of the process group that ends with the one that needs them. */
#include <config.h>

#include "priv_need.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <linux/sockios.h>

#define NAME "receiver.zonetap.test"    /* known to the test's own name server only */
#define PORT 4433
#define PATIENCE 100                    /* of 50 ms: until the receiver listens */

static bool holds(bool condition, int line, const char *text)
{
	if (!condition)
		fprintf(stderr, "# line %d: not so: %s (%s)\n", line, text, strerror(errno));
	return condition;
}

#define HOLDS(condition) holds((condition), __LINE__, #condition)

static struct sockaddr_in loopback(uint16_t port)
{
	return (struct sockaddr_in){ .sin_family = AF_INET, .sin_port = htons(port), .sin_addr = { htonl(INADDR_LOOPBACK) } };
}

/* --- a name server and a receiver ------------------------------------------------------------------------------- */

const char *forward_lacks(void)
{
	if (system("openssl version >/dev/null 2>&1") != 0)
		return "openssl is not installed (Debian package openssl)";
	return NULL;
}

/* Every question about an IPv4 address is answered with 127.0.0.1, every other one with nothing. */
static void serve_names(int fd)
{
	static const uint8_t answer[] = { 0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 127, 0, 0, 1 };
	uint8_t q[512 + sizeof answer];

	for (;;) {
		struct sockaddr_in from;
		socklen_t len = sizeof from;
		ssize_t n = recvfrom(fd, q, 512, 0, (struct sockaddr *)&from, &len);
		size_t end = 12;

		if (n < 17)
			continue;
		while (end < (size_t)n && q[end])
			end += q[end] + 1u;
		end += 5;                       /* the root, the type, the class */
		if (end > (size_t)n)
			continue;
		bool about_ipv4 = q[end - 4] == 0 && q[end - 3] == 1;

		q[2] = 0x81;                    /* an answer, recursion as wished */
		q[3] = 0x80;
		memset(q + 6, 0, 6);
		q[7] = about_ipv4;
		if (about_ipv4)
			memcpy(q + end, answer, sizeof answer);
		(void)sendto(fd, q, end + (about_ipv4 ? sizeof answer : 0), 0, (struct sockaddr *)&from, len);
	}
}

static int start_name_server(const char *folder)
{
	struct sockaddr_in at = loopback(53);
	char path[256];
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	FILE *f;

	if (!HOLDS(fd >= 0 && bind(fd, (struct sockaddr *)&at, sizeof at) == 0))
		return 1;
	if (fork() == 0)
		serve_names(fd);
	close(fd);
	snprintf(path, sizeof path, "%s/resolv.conf", folder);
	f = fopen(path, "we");
	if (!HOLDS(f && fputs("nameserver 127.0.0.1\n", f) >= 0 && fclose(f) == 0))
		return 1;
	if (!HOLDS(unshare(CLONE_NEWNS) == 0 && mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0))
		return 1;
	return !HOLDS(mount(path, "/etc/resolv.conf", NULL, MS_BIND, NULL) == 0);
}

static bool answers(uint16_t port)
{
	struct sockaddr_in at = loopback(port);

	for (int i = 0; i < PATIENCE; i++) {
		int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
		bool open = connect(fd, (struct sockaddr *)&at, sizeof at) == 0;

		close(fd);
		if (open)
			return true;
		(void)poll(NULL, 0, 50);
	}
	return false;
}

static int start_receiver(const char *folder)
{
	char command[1024], key[256], cert[256], port[32];

	snprintf(key, sizeof key, "%s/receiver.key", folder);
	snprintf(cert, sizeof cert, "%s/receiver.pem", folder);
	snprintf(port, sizeof port, "127.0.0.1:%d", PORT);
	snprintf(command, sizeof command,
		 "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout '%s' -out '%s' -days 2"
		 " -subj /CN=%s -addext subjectAltName=DNS:%s >/dev/null 2>&1", key, cert, NAME, NAME);
	if (!HOLDS(system(command) == 0))
		return 1;
	if (fork() == 0) {
		int null = open("/dev/null", O_RDWR | O_CLOEXEC);

		dup2(null, STDIN_FILENO);
		dup2(null, STDOUT_FILENO);
		dup2(null, STDERR_FILENO);
		execlp("openssl", "openssl", "s_server", "-accept", port, "-key", key, "-cert", cert, "-www", "-quiet", NULL);
		_exit(127);
	}
	return !HOLDS(answers(PORT));
}

/* As a sensor does it: libcurl is set up before anything is given up. */
int forward_before(const char *folder)
{
	if (!HOLDS(curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK))
		return 1;
	return start_name_server(folder) || start_receiver(folder);
}

/* --- what is needed ------------------------------------------------------------------------------------------- */

static size_t count_bytes(char *bytes, size_t size, size_t n, void *sum)
{
	(void)bytes;
	*(size_t *)sum += size * n;
	return size * n;
}

static void forget(const char *folder)
{
	static const char *const names[] = { "receiver.key", "receiver.pem", "resolv.conf" };
	char path[256];

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		snprintf(path, sizeof path, "%s/%s", folder, names[i]);
		(void)unlink(path);
	}
}

int forward_posts(struct try_env *e, const char *folder)
{
	char url[128], ca[256], why[CURL_ERROR_SIZE] = "";
	size_t got = 0;
	long status = 0;
	CURLcode code;
	CURL *c = curl_easy_init();

	(void)e;
	if (!HOLDS(c && curl_version_info(CURLVERSION_NOW)->features & CURL_VERSION_ASYNCHDNS))
		return 1;
	snprintf(url, sizeof url, "https://%s:%d/", NAME, PORT);
	snprintf(ca, sizeof ca, "%s/receiver.pem", folder);
	curl_easy_setopt(c, CURLOPT_URL, url);
	curl_easy_setopt(c, CURLOPT_CAINFO, ca);
	curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(c, CURLOPT_TCP_KEEPALIVE, 1L);
	curl_easy_setopt(c, CURLOPT_TIMEOUT, 20L);
	curl_easy_setopt(c, CURLOPT_ERRORBUFFER, why);
	curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, count_bytes);
	curl_easy_setopt(c, CURLOPT_WRITEDATA, &got);
	code = curl_easy_perform(c);
	if (code != CURLE_OK)
		fprintf(stderr, "# %s: %s\n", curl_easy_strerror(code), why);
	curl_easy_getinfo(c, CURLINFO_RESPONSE_CODE, &status);
	curl_easy_cleanup(c);
	forget(folder);
	return !HOLDS(code == CURLE_OK && status == 200 && got > 0);
}

int forward_looks_up(struct try_env *e, const char *folder)
{
	const struct addrinfo hints = { .ai_socktype = SOCK_STREAM };
	struct addrinfo *all = NULL;
	int err;

	(void)e;
	(void)folder;
	err = getaddrinfo("localhost", "6514", &hints, &all);
	if (!HOLDS(err == 0 && all))
		return 1;
	freeaddrinfo(all);
	err = getaddrinfo("::1", "6514", &hints, &all);
	if (!HOLDS(err == 0 && all && all->ai_family == AF_INET6))
		return 1;
	freeaddrinfo(all);
	return !HOLDS(if_nametoindex("lo") == 1);
}

int forward_appends(struct try_env *e, const char *folder)
{
	const struct timespec at_once = { 0 };
	char path[256], old[300];
	sigset_t set;
	FILE *f;

	(void)e;
	sigemptyset(&set);
	sigaddset(&set, SIGPIPE);
	if (!HOLDS(sigpending(&set) == 0 && sigtimedwait(&set, NULL, &at_once) < 0 && errno == EAGAIN))
		return 1;
	snprintf(path, sizeof path, "%s/sink.jsonl", folder);
	snprintf(old, sizeof old, "%s.1", path);
	f = fopen(path, "ae");
	if (!HOLDS(f && fputs("{}\n", f) >= 0 && fflush(f) == 0 && fsync(fileno(f)) == 0 && fclose(f) == 0))
		return 1;
	return !HOLDS(rename(path, old) == 0 && unlink(old) == 0);
}

/* As a secret is kept. */
int forward_keeps_a_secret(struct try_env *e, const char *folder)
{
	char *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	(void)e;
	(void)folder;
	if (!HOLDS(page != MAP_FAILED && madvise(page, 4096, MADV_DONTDUMP) == 0 && mlock(page, 4096) == 0))
		return 1;
	return !HOLDS(prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == 0 && munmap(page, 4096) == 0);
}

int forward_sends(struct try_env *e, const char *folder)
{
	struct sockaddr_in at = loopback(514);
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, IPPROTO_UDP), waiting = -1, on = 1;

	(void)e;
	(void)folder;
	if (!HOLDS(fd >= 0 && connect(fd, (struct sockaddr *)&at, sizeof at) == 0 && send(fd, "<14>1", 5, MSG_NOSIGNAL) == 5))
		return 1;
	if (!HOLDS(ioctl(fd, SIOCOUTQ, &waiting) == 0 && waiting >= 0 && close(fd) == 0))
		return 1;
	fd = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
	return !HOLDS(fd >= 0 && setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) == 0 && close(fd) == 0);
}
