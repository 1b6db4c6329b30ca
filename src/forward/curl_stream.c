#include "forward/curl_stream.h"

#include "base/clock.h"
#include "forward/curl_options.h"
#include "forward/curl_tell.h"
#include "forward/proxy_login.h"
#include "forward/words.h"

#include <curl/curl.h>
#include <errno.h>
#include <linux/sockios.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

#define SLICE_MS 100                    /* how often *stop is looked at */
#define WORD_NS 500000000u              /* for the receiver's word on our certificate */
#define MORE_MS 50                      /* and for what follows a word: some look at a certificate after the handshake */
#define READS_MAX 16                    /* at a look, of READ_BYTES each */
#define READ_BYTES 4096
#define TALK_MAX 65536                  /* what a receiver that should say nothing may say */
#define TALK_KEPT 100                   /* bytes of it, for people */

struct curl_stream {
	struct driver_env env;
	CURLM *multi;
	CURL *easy;                     /* NULL: no connection */
	bool tls;
	bool early;                     /* the receiver has not yet said what it thinks of our certificate */
	uint64_t heard;                 /* bytes that the receiver said on this connection */
	size_t kept;
	char said[TALK_KEPT];
	struct curl_tell tell;
	struct proxy_login login;       /* of this connection */
	struct words_hide hide;
	char url[320];
};

static void say(const struct curl_stream *s, bool ok, const char *step, const char *text)
{
	if (s->env.step)
		s->env.step(s->env.step_arg, ok, step, text);
}

static void later(struct reply *r, const char *what)
{
	*r = (struct reply){ .what = REPLY_LATER };
	words_add_text(r->text, sizeof(r->text), what);
}

/* Some receivers end the connection without a word when they do not like a certificate. */
static void append_early(const struct curl_stream *s, struct reply *r)
{
	if (s->early && r->what == REPLY_LATER)
		words_add_text(r->text, sizeof(r->text), s->env.conf->cert ?
			"; that was right after the handshake: does it accept our certificate?" :
			"; that was right after the handshake: does it want a client certificate (cert, key)?");
}

/* What it said before it closed may be the reason: an HTTP server says "400 Bad Request". */
static void append_said(const struct curl_stream *s, struct reply *r)
{
	if (!s->kept)
		return;
	words_add_text(r->text, sizeof(r->text), "; before, it said: ");
	words_add(r->text, sizeof(r->text), s->said, s->kept, &s->hide);
}

/* The connection has ended, by libcurl's word or by ours. */
static void failed(struct curl_stream *s, CURLcode rc, struct reply *r)
{
	curl_tell_failure(&s->tell, s->easy, (int)rc, s->env.conf, r);
	append_said(s, r);
	append_early(s, r);
	say(s, false, "send", r->text);
	curl_stream_shut(s);
}

static void closed(struct curl_stream *s, const char *what, struct reply *r)
{
	later(r, what);
	append_said(s, r);
	append_early(s, r);
	say(s, false, "send", r->text);
	curl_stream_shut(s);
}

struct curl_stream *curl_stream_new(const struct driver_env *env, const char *host, uint16_t port, bool tls, struct diag *d)
{
	struct curl_stream *s = calloc(1, sizeof(*s));
	bool v6 = strchr(host, ':') != NULL;

	if (!s) {
		diag_fail(d, ZT_ENOMEM, "no memory");
		return NULL;
	}
	s->env = *env;
	s->tls = tls;
	s->hide = (struct words_hide){ { &s->login.password, &s->login.basic } };
	/* The scheme is what libcurl knows a TCP and a TLS connection by; nothing of HTTP is spoken. */
	snprintf(s->url, sizeof(s->url), v6 ? "%s://[%s]:%u/" : "%s://%s:%u/", tls ? "https" : "http", host, port);
	return s;
}

void curl_stream_free(struct curl_stream *s)
{
	if (!s)
		return;
	curl_stream_shut(s);
	proxy_login_fini(&s->login);
	free(s);
}

void curl_stream_shut(struct curl_stream *s)
{
	if (s->multi && s->easy)
		curl_multi_remove_handle(s->multi, s->easy);
	curl_easy_cleanup(s->easy);
	curl_multi_cleanup(s->multi);
	s->easy = NULL;
	s->multi = NULL;
}

static int fd_of(const struct curl_stream *s)
{
	curl_socket_t fd = CURL_SOCKET_BAD;

	if (!s->easy || curl_easy_getinfo(s->easy, CURLINFO_ACTIVESOCKET, &fd) != CURLE_OK)
		return -1;
	return fd == CURL_SOCKET_BAD ? -1 : (int)fd;
}

/* --- connecting ------------------------------------------------------------------------ */

static bool prepare(struct curl_stream *s, struct diag *d)
{
	s->multi = curl_multi_init();
	s->easy = curl_easy_init();
	if (!s->multi || !s->easy) {
		diag_fail(d, ZT_ENOMEM, "no memory for a connection");
		return false;
	}
	proxy_login_fini(&s->login);
	if (proxy_login_read(&s->login, s->env.conf, d) != ZT_OK || curl_options_set(s->easy, s->env.conf, &s->login, d) != ZT_OK)
		return false;
	curl_tell_attach(&s->tell, s->easy, &s->env, &s->hide);
	CURL *e = s->easy;
	bool ok = curl_easy_setopt(e, CURLOPT_URL, s->url) == CURLE_OK &&
		curl_easy_setopt(e, CURLOPT_CONNECT_ONLY, 1L) == CURLE_OK &&
		curl_easy_setopt(e, CURLOPT_HTTPPROXYTUNNEL, 1L) == CURLE_OK &&
		curl_easy_setopt(e, CURLOPT_SSL_ENABLE_ALPN, 0L) == CURLE_OK &&
		curl_multi_add_handle(s->multi, e) == CURLM_OK;

	if (!ok)
		diag_fail(d, ZT_ELIB, "this libcurl cannot make a plain connection");
	return ok;
}

/* Until curl is through with it, or *stop. */
static CURLcode drive(struct curl_stream *s)
{
	int running = 1;

	while (running) {
		if (atomic_load(s->env.stop))
			return CURLE_ABORTED_BY_CALLBACK;
		if (curl_multi_perform(s->multi, &running) != CURLM_OK ||
				(running && curl_multi_poll(s->multi, NULL, 0, SLICE_MS, NULL) != CURLM_OK))
			return CURLE_OUT_OF_MEMORY;
	}
	CURLMsg *m;
	int left;

	while ((m = curl_multi_info_read(s->multi, &left)))
		if (m->msg == CURLMSG_DONE && m->easy_handle == s->easy)
			return m->data.result;
	return CURLE_COULDNT_CONNECT;
}

/* With TLS 1.3 our side is through before the receiver has looked at our certificate. When it is content it says so with a
 * session ticket, else with an alert, or it goes; one that sends no tickets is given a moment to complain. */
static bool hear_word(struct curl_stream *s, struct reply *r)
{
	uint64_t end = clock_mono() + WORD_NS;
	struct pollfd p = { .fd = fd_of(s), .events = POLLIN };
	bool alive = true, heard = false;
	int n = 0;

	s->early = true;
	while (alive && clock_mono() < end && !(heard && n == 0) && !atomic_load(s->env.stop)) {
		n = poll(&p, 1, heard ? MORE_MS : SLICE_MS);
		if (n > 0) {
			alive = curl_stream_alive(s, r);
			heard = true;
		}
	}
	s->early = false;
	return alive;
}

bool curl_stream_connect(struct curl_stream *s, struct reply *r)
{
	struct diag d;

	curl_stream_shut(s);
	s->heard = s->kept = 0;
	s->early = false;
	if (!prepare(s, &d)) {
		later(r, d.text);
		say(s, false, "connection", r->text);
		curl_stream_shut(s);
		return false;
	}
	CURLcode rc = drive(s);

	if (rc != CURLE_OK)
		curl_tell_failure(&s->tell, s->easy, (int)rc, s->env.conf, r);
	curl_tell_steps(&s->tell, s->easy, (int)rc, &s->env, r);
	if (rc != CURLE_OK) {
		curl_stream_shut(s);
		return false;
	}
	return !s->tls || hear_word(s, r);
}

/* --- sending --------------------------------------------------------------------------- */

static void keep_said(struct curl_stream *s, const char *p, size_t n)
{
	size_t room = sizeof(s->said) - s->kept;

	if (n < room)
		room = n;
	memcpy(s->said + s->kept, p, room);
	s->kept += room;
	s->heard += n;
}

bool curl_stream_alive(struct curl_stream *s, struct reply *r)
{
	char bytes[READ_BYTES];

	if (!s->easy) {
		later(r, "there is no connection");
		return false;
	}
	curl_tell_begin(&s->tell);
	for (int i = 0; i < READS_MAX; i++) {
		size_t n = 0;
		CURLcode rc = curl_easy_recv(s->easy, bytes, sizeof(bytes), &n);

		if (rc == CURLE_AGAIN)
			return true;
		if (rc != CURLE_OK) {
			failed(s, rc, r);
			return false;
		}
		if (n == 0) {
			closed(s, "the receiver has closed the connection", r);
			return false;
		}
		keep_said(s, bytes, n);
		if (s->heard > TALK_MAX) {
			closed(s, "the receiver talks without end, which no receiver of syslog does", r);
			return false;
		}
	}
	return true;
}

static bool wait_room(struct curl_stream *s, uint64_t end, struct reply *r)
{
	struct pollfd p = { .fd = fd_of(s), .events = POLLOUT | POLLIN };
	uint64_t now = clock_mono();

	if (now >= end || atomic_load(s->env.stop)) {
		closed(s, now >= end ? "the receiver does not take what is sent to it" : "stopped", r);
		return false;
	}
	if (poll(&p, 1, driver_meanwhile(&s->env) ? 0 : SLICE_MS) > 0 && (p.revents & (POLLIN | POLLERR | POLLHUP)))
		return curl_stream_alive(s, r);
	return true;
}

bool curl_stream_send(struct curl_stream *s, const void *p, size_t n, struct reply *r)
{
	uint64_t end = clock_mono() + s->env.conf->max_time;
	const char *at = p;

	if (!curl_stream_alive(s, r))
		return false;
	while (n) {
		size_t done = 0;
		CURLcode rc = curl_easy_send(s->easy, at, n, &done);

		if (rc == CURLE_OK) {
			at += done;
			n -= done;
		} else if (rc != CURLE_AGAIN) {
			failed(s, rc, r);
			return false;
		} else if (!wait_room(s, end, r)) {
			return false;
		}
	}
	return true;
}

uint64_t curl_stream_held(const struct curl_stream *s)
{
	int held = 0, fd = fd_of(s);

	if (fd < 0 || ioctl(fd, SIOCOUTQ, &held) < 0 || held < 0)
		return UINT64_MAX;
	return (uint64_t)held;
}
