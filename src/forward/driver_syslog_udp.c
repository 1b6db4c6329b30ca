/* driver_syslog_udp.c - syslog over UDP: one datagram a record (RFC 5426).
 *
 * Nobody confirms a datagram: a record counts as sent when the kernel took it. What can be noticed is noticed: a
 * connected socket is told when the receiver's host answers that nothing listens on the port. That word comes after the
 * datagram it is about, so the first batch of a connection waits for it a little; later ones look without waiting. Where it
 * meets a datagram in the middle of one call to the kernel the call does not say so: the socket's queue of errors does. */
#include <config.h>                     /* sendmmsg() */

#include "forward/driver.h"

#include "base/clock.h"
#include "forward/resolve.h"
#include "forward/syslog_url.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/errqueue.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define ANSWER_WAIT_MS 250              /* for an ICMP error after the first batch */
#define SLICE_NS 100000000u             /* how often *stop is looked at */
#define AT_ONCE 64                      /* datagrams of one call */
#define ERRORS_MAX 1024                 /* errors that are taken off the queue at a time */
#define TO_TEXT 64

struct udp {
	struct driver_base base;
	struct syslog_url url;
	int fd;
	bool first;                     /* nothing was sent on this socket yet */
	uint64_t since;                 /* datagrams since the receiver's host last said something, or the socket was made */
	char to[TO_TEXT];               /* address and port, for people */
};

static void say(struct udp *u, bool ok, const char *step, const char *text)
{
	if (u->base.env.step)
		u->base.env.step(u->base.env.step_arg, ok, step, text);
}

static void udp_later(struct reply *r, enum reply_class what, const char *text)
{
	r->what = what;
	snprintf(r->text, sizeof(r->text), "%.*s", REPLY_TEXT - 1, text);
}

static struct driver *udp_open(const struct driver_env *env, struct diag *d)
{
	struct syslog_url url;

	if (syslog_url_parse(env->conf->url, &url, d) != ZT_OK)
		return NULL;
	struct udp *u = calloc(1, sizeof(*u));

	if (!u) {
		diag_fail(d, ZT_ENOMEM, "no memory");
		return NULL;
	}
	u->base.ops = &driver_syslog_udp;
	u->base.env = *env;
	u->url = url;
	u->fd = -1;
	return (struct driver *)u;
}

static void udp_shut(struct udp *u)
{
	if (u->fd >= 0)
		close(u->fd);
	u->fd = -1;
}

static void udp_close(struct driver *d)
{
	if (d)
		udp_shut((struct udp *)d);
	free(d);
}

/* The interface or the address that datagrams leave by, written as curl has it: eth1, if!eth1, host!10.0.0.5, 10.0.0.5. */
static bool udp_bind(int fd, const char *interface, int family)
{
	struct sockaddr_in v4 = { .sin_family = AF_INET };
	struct sockaddr_in6 v6 = { .sin6_family = AF_INET6 };

	if (!interface)
		return true;
	const char *bang = strchr(interface, '!'), *name = bang ? bang + 1 : interface;
	bool device = bang && interface[0] == 'i';

	if (!device && inet_pton(AF_INET, name, &v4.sin_addr) == 1) {
		errno = EAFNOSUPPORT;
		return family == AF_INET && bind(fd, (struct sockaddr *)&v4, sizeof(v4)) == 0;
	}
	if (!device && inet_pton(AF_INET6, name, &v6.sin6_addr) == 1) {
		errno = EAFNOSUPPORT;
		return family == AF_INET6 && bind(fd, (struct sockaddr *)&v6, sizeof(v6)) == 0;
	}
	return setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, name, (socklen_t)strlen(name)) == 0;
}

static void udp_name(struct udp *u, const struct addrinfo *a)
{
	char host[48];

	if (getnameinfo(a->ai_addr, a->ai_addrlen, host, sizeof(host), NULL, 0, NI_NUMERICHOST) != 0)
		snprintf(host, sizeof(host), "?");
	snprintf(u->to, sizeof(u->to), a->ai_family == AF_INET6 ? "[%s]:%u" : "%s:%u", host, u->url.port);
}

/* ip(7), IP_RECVERR: what the network says of our datagrams is kept for us. */
static bool udp_hear(int fd, int family)
{
	int on = 1;

	return setsockopt(fd, family == AF_INET6 ? IPPROTO_IPV6 : IPPROTO_IP, family == AF_INET6 ? IPV6_RECVERR : IP_RECVERR, &on,
			  sizeof(on)) == 0;
}

static int udp_socket(const struct addrinfo *a, const char *interface)
{
	int fd = socket(a->ai_family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0)
		return -1;
	if (udp_hear(fd, a->ai_family) && udp_bind(fd, interface, a->ai_family) && connect(fd, a->ai_addr, a->ai_addrlen) == 0)
		return fd;
	int err = errno;

	close(fd);
	errno = err;
	return -1;
}

static void udp_connect(struct driver *d, struct reply *r)
{
	struct udp *u = (struct udp *)d;
	const struct sink_conf *c = u->base.env.conf;
	struct addrinfo *list = NULL;
	struct diag why;
	char text[REPLY_TEXT];
	int err = EHOSTUNREACH;

	udp_shut(u);
	*r = (struct reply){ .what = REPLY_DONE };
	if (resolve_datagram(u->url.host, u->url.port, c->connect_timeout, u->base.env.stop, &list, &why) != ZT_OK) {
		udp_later(r, REPLY_LATER, why.text);
		say(u, false, "name", why.text);
		return;
	}
	for (const struct addrinfo *a = list; a && u->fd < 0; a = a->ai_next) {
		udp_name(u, a);
		u->fd = udp_socket(a, c->interface);
		err = errno;
	}
	freeaddrinfo(list);
	snprintf(text, sizeof(text), "%s is %s", u->url.host, u->to);
	say(u, true, "name", text);
	if (u->fd < 0) {
		snprintf(text, sizeof(text), "no datagram can be sent to %s: %s", u->to, strerror(err));
		udp_later(r, REPLY_LATER, text);
		say(u, false, "connection", text);
		return;
	}
	u->first = true;
	u->since = 0;
	say(u, true, "connection", "a UDP socket; UDP makes no connection and nobody confirms what is sent");
}

/* Gives the socket as many of n datagrams as it takes, at least one; waits for room until `end`. Returns how many; -1: none,
 * for the reason in errno (EMSGSIZE: the first is larger than a datagram). */
static int udp_some(struct udp *u, const struct item *it, uint32_t n, uint64_t end)
{
	struct iovec text[AT_ONCE];
	struct mmsghdr m[AT_ONCE];

	n = n < AT_ONCE ? n : AT_ONCE;
	for (uint32_t i = 0; i < n; i++) {
		text[i] = (struct iovec){ .iov_base = (void *)(uintptr_t)it[i].text, .iov_len = it[i].len };
		m[i] = (struct mmsghdr){ .msg_hdr = { .msg_iov = &text[i], .msg_iovlen = 1 } };
	}
	for (;;) {
		int sent = sendmmsg(u->fd, m, n, MSG_NOSIGNAL);

		if (sent > 0)
			return sent;
		if (errno == EINTR)
			continue;
		if (errno != EAGAIN && errno != ENOBUFS)
			return -1;
		uint64_t now = clock_mono();

		if (now >= end || atomic_load(u->base.env.stop)) {
			errno = ETIMEDOUT;
			return -1;
		}
		/* A full queue of the interface (ENOBUFS) is not what poll() waits for. */
		struct pollfd p = { .fd = u->fd, .events = errno == EAGAIN ? POLLOUT : 0 };

		poll(&p, 1, errno == EAGAIN ? (int)(SLICE_NS / 1000000u) : 2);
	}
}

/* Takes the next error off the socket's queue. Those of our own kernel were told by the call already. false: it is empty. */
static bool udp_queued(int fd, int *err)
{
	char space[256];
	struct msghdr m = { .msg_control = space, .msg_controllen = sizeof(space) };

	if (recvmsg(fd, &m, MSG_ERRQUEUE | MSG_DONTWAIT) < 0)
		return false;
	for (struct cmsghdr *c = CMSG_FIRSTHDR(&m); c; c = CMSG_NXTHDR(&m, c)) {
		struct sock_extended_err e;
		bool ours = (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_RECVERR) ||
			    (c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_RECVERR);

		if (!ours || c->cmsg_len < CMSG_LEN(sizeof(e)))
			continue;
		memcpy(&e, CMSG_DATA(c), sizeof(e));
		if (e.ee_origin != SO_EE_ORIGIN_LOCAL)
			*err = (int)e.ee_errno;
	}
	return true;
}

/* The last error that the network told of, 0 none. */
static int udp_word(struct udp *u, int wait_ms)
{
	struct pollfd p = { .fd = u->fd };
	int err = 0, pending = 0;
	socklen_t n = sizeof(pending);

	poll(&p, 1, wait_ms);
	for (unsigned i = 0; i < ERRORS_MAX && udp_queued(u->fd, &err); i++)
		;
	if (getsockopt(u->fd, SOL_SOCKET, SO_ERROR, &pending, &n) == 0 && pending && pending != EMSGSIZE)
		err = pending;
	return err;
}

static void udp_failed(struct udp *u, struct reply *r, int err)
{
	char text[REPLY_TEXT];

	if (err == ECONNREFUSED)
		snprintf(text, sizeof(text), "the receiver's host says that nothing listens on %s; of the last %llu datagrams nobody knows",
			u->to, (unsigned long long)u->since);
	else
		snprintf(text, sizeof(text), "sending to %s failed: %s", u->to, strerror(err));
	udp_later(r, REPLY_LATER, text);
	say(u, false, "send", text);
	udp_shut(u);
}

static void udp_never(const struct udp *u, struct item *it)
{
	it->result = ITEM_NEVER;
	snprintf(it->why, sizeof(it->why), "%zu bytes are more than one datagram to %s carries: a smaller max_record cuts such records",
		it->len, u->to);
}

static void udp_send(struct driver *d, struct batch *b, struct reply *r)
{
	struct udp *u = (struct udp *)d;
	uint64_t end = clock_mono() + u->base.env.conf->max_time;

	*r = (struct reply){ .what = REPLY_DONE };
	if (u->fd < 0) {
		udp_later(r, REPLY_LATER, "there is no socket");
		return;
	}
	for (uint32_t i = 0; i < b->count;) {
		int n = udp_some(u, &b->item[i], b->count - i, end);

		if (n < 0 && errno == EMSGSIZE) {
			udp_never(u, &b->item[i++]);
		} else if (n < 0) {
			udp_failed(u, r, errno);
			return;
		}
		for (; n > 0; n--, i++) {
			b->item[i].result = ITEM_SENT;
			u->since++;
		}
	}
	int err = udp_word(u, u->first ? ANSWER_WAIT_MS : 0);

	u->first = false;
	if (err) {
		udp_failed(u, r, err);
		return;
	}
	say(u, true, "send", "the datagram is on its way; whether it arrives, UDP does not tell");
}

const struct driver_ops driver_syslog_udp = {
	.name = "syslog over UDP", .open = udp_open, .connect = udp_connect, .send = udp_send, .window = 1, .close = udp_close
};
