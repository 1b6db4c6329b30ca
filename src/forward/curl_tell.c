#include "forward/curl_tell.h"

#include "forward/words.h"

#include <curl/curl.h>
#include <stdio.h>
#include <string.h>

_Static_assert(CURL_TELL_ERROR >= CURL_ERROR_SIZE, "libcurl writes this much");

/* libcurl has no call that tells the version and the cipher: it only writes them into its log. */
static int on_debug(CURL *easy, curl_infotype type, char *p, size_t n, void *arg)
{
	static const char marker[] = "SSL connection using ";
	struct curl_tell *t = arg;

	(void)easy;
	if (type != CURLINFO_TEXT || n < sizeof marker || memcmp(p, marker, sizeof marker - 1) != 0)
		return 0;
	t->tls[0] = '\0';
	words_add(t->tls, sizeof t->tls, p + sizeof marker - 1, n - (sizeof marker - 1), t->hide);
	return 0;
}

void curl_tell_attach(struct curl_tell *t, void *easy, const struct driver_env *env, const struct words_hide *hide)
{
	t->hide = hide;
	curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, t->error);
	curl_tell_begin(t);
	if (!env->step)
		return;
	curl_easy_setopt(easy, CURLOPT_CERTINFO, 1L);
	curl_easy_setopt(easy, CURLOPT_DEBUGFUNCTION, on_debug);
	curl_easy_setopt(easy, CURLOPT_DEBUGDATA, t);
	curl_easy_setopt(easy, CURLOPT_VERBOSE, 1L);
}

void curl_tell_begin(struct curl_tell *t)
{
	t->error[0] = t->tls[0] = '\0';
}

/* RFC 8446, 6.2, as OpenSSL and GnuTLS spell the alerts. */
bool curl_tell_is_certificate(int rc, const char *text)
{
	static const char *const alerts[] = {
		"certificate required", "bad certificate", "unsupported certificate", "certificate revoked", "certificate expired",
		"certificate unknown", "unknown ca", "access denied",
	};

	switch (rc) {
	case CURLE_PEER_FAILED_VERIFICATION:
	case CURLE_SSL_CERTPROBLEM:
	case CURLE_SSL_ISSUER_ERROR:
	case CURLE_SSL_PINNEDPUBKEYNOTMATCH:
	case CURLE_SSL_CACERT_BADFILE:
	case CURLE_SSL_CRL_BADFILE:
		return true;
	default:
		break;
	}
	for (size_t i = 0; strstr(text, "alert") && i < sizeof alerts / sizeof alerts[0]; i++) {
		if (strstr(text, alerts[i]))
			return true;
	}
	return false;
}

static double seconds(void *easy, CURLINFO what)
{
	double s = 0;

	curl_easy_getinfo(easy, what, &s);
	return s;
}

/* Host and port of the request; nothing of a path or a user. */
static void host_of(void *easy, char out[128])
{
	char *url = NULL;
	const char *host;
	size_t n, at;

	out[0] = '\0';
	curl_easy_getinfo(easy, CURLINFO_EFFECTIVE_URL, &url);
	host = url ? strstr(url, "://") : NULL;
	host = host ? host + 3 : "";
	n = strcspn(host, "/?#");
	for (at = n; at > 0 && host[at - 1] != '@'; at--)
		;
	host += at;
	n -= at;
	words_add(out, 128, *host ? host : "the receiver", *host ? n : strlen("the receiver"), NULL);
}

static void timed_out(void *easy, const char *host, const struct sink_conf *c, char *out, size_t size)
{
	bool open = seconds(easy, CURLINFO_PRETRANSFER_TIME) > 0;
	uint64_t ns = open ? c->max_time : c->connect_timeout;

	if (open)
		snprintf(out, size, "%s did not answer to the end within %.1f s", host, (double)ns / 1e9);
	else if (seconds(easy, CURLINFO_CONNECT_TIME) > 0)
		snprintf(out, size, "%s took the connection, but there was no TLS on it within %.1f s", host, (double)ns / 1e9);
	else
		snprintf(out, size, "no connection to %s within %.1f s", host, (double)ns / 1e9);
}

/* The beginning of the sentence; what libcurl says comes behind it when it ends with ": ". */
static void begin_sentence(void *easy, int rc, const char *host, const struct sink_conf *c, char *out, size_t size)
{
	long os = 0;

	curl_easy_getinfo(easy, CURLINFO_OS_ERRNO, &os);
	switch (rc) {
	case CURLE_COULDNT_RESOLVE_HOST:
		snprintf(out, size, "the name of %s cannot be resolved", host);
		break;
	case CURLE_COULDNT_RESOLVE_PROXY:
		snprintf(out, size, "the name of the proxy cannot be resolved");
		break;
	case CURLE_COULDNT_CONNECT:
		if (os)
			snprintf(out, size, "no connection to %s%s: %s", host, c->proxy ? " or its proxy" : "", strerror((int)os));
		else
			snprintf(out, size, "no connection to %s: ", host);
		break;
	case CURLE_OPERATION_TIMEDOUT:
		timed_out(easy, host, c, out, size);
		break;
	case CURLE_ABORTED_BY_CALLBACK:
		snprintf(out, size, "stopped while it waited for %s", host);
		break;
	case CURLE_GOT_NOTHING:
		snprintf(out, size, "%s closed the connection without an answer", host);
		break;
	case CURLE_PARTIAL_FILE:
		snprintf(out, size, "%s closed the connection in the middle of its answer", host);
		break;
	case CURLE_PEER_FAILED_VERIFICATION:
	case CURLE_SSL_ISSUER_ERROR:
		snprintf(out, size, "the certificate of %s is refused: ", host);
		break;
	case CURLE_SSL_PINNEDPUBKEYNOTMATCH:
		snprintf(out, size, "the certificate of %s is refused: its key is not the one of pinnedpubkey", host);
		break;
	case CURLE_SSL_CONNECT_ERROR:
		snprintf(out, size, "no TLS with %s: ", host);
		break;
	case CURLE_SEND_ERROR:
	case CURLE_RECV_ERROR:
		snprintf(out, size, "the connection to %s broke: ", host);
		break;
	default:
		snprintf(out, size, "%s: ", host);
		break;
	}
}

/* What the proxy answered to CONNECT; 0: it was not asked. */
static long connect_code(void *easy)
{
	long code = 0;

	curl_easy_getinfo(easy, CURLINFO_HTTP_CONNECTCODE, &code);
	return code;
}

/* Was it the end that the proxy does not know us? One that asks who we are says 407 first, and then something else may go
 * wrong: libcurl has no code for the difference, but it names the status when that was all there came. */
static bool proxy_refuses(void *easy, int rc, const char *own)
{
	long socks = CURLPX_OK;

	if (connect_code(easy) == 407)
		return strstr(own, "407") != NULL;
	curl_easy_getinfo(easy, CURLINFO_PROXY_ERROR, &socks);
	return rc == CURLE_PROXY && (socks == CURLPX_NO_AUTH || socks == CURLPX_USER_REJECTED);
}

static void tell_proxy(const struct curl_tell *t, void *easy, const struct sink_conf *c, struct reply *r)
{
	char proxy[SINK_TO_TEXT];

	*r = (struct reply){ .what = REPLY_PAUSE, .status = connect_code(easy) };
	snprintf(r->text, sizeof r->text, "the proxy does not know us (%s, proxy ", r->status ? "HTTP 407" : "SOCKS");
	sink_proxy(c, proxy);
	words_add(r->text, sizeof r->text, proxy, strlen(proxy), t->hide);
	words_add_text(r->text, sizeof r->text, ")");
}

void curl_tell_failure(const struct curl_tell *t, void *easy, int rc, const struct sink_conf *c, struct reply *r)
{
	const char *own = t->error[0] ? t->error : curl_easy_strerror((CURLcode)rc);
	char host[128];
	size_t n;

	if (proxy_refuses(easy, rc, own)) {
		tell_proxy(t, easy, c, r);
		return;
	}
	*r = (struct reply){ .what = curl_tell_is_certificate(rc, own) ? REPLY_PAUSE : REPLY_LATER };
	host_of(easy, host);
	begin_sentence(easy, rc, host, c, r->text, sizeof r->text);
	n = strlen(r->text);
	if (n >= 2 && r->text[n - 1] == ' ')
		words_add(r->text, sizeof r->text, own, strlen(own), t->hide);
}

/* --- steps ------------------------------------------------------------------------------------------------------ */

static void add_field(const struct curl_tell *t, char *out, size_t size, const struct curl_slist *l, const char *name,
		      const char *label)
{
	for (size_t n = strlen(name); l; l = l->next) {
		if (strncmp(l->data, name, n) != 0 || l->data[n] != ':')
			continue;
		words_add_text(out, size, label);
		words_add(out, size, l->data + n + 1, strlen(l->data + n + 1), t->hide);
		return;
	}
}

static void step_tls(const struct curl_tell *t, void *easy, const struct driver_env *env)
{
	struct curl_certinfo *chain = NULL;
	char text[REPLY_TEXT];

	snprintf(text, sizeof text, "%s", t->tls[0] ? t->tls : "TLS");
	if (curl_easy_getinfo(easy, CURLINFO_CERTINFO, &chain) == CURLE_OK && chain && chain->num_of_certs > 0) {
		add_field(t, text, sizeof text, chain->certinfo[0], "Subject", ", certificate of ");
		add_field(t, text, sizeof text, chain->certinfo[0], "Expire date", ", good until ");
		add_field(t, text, sizeof text, chain->certinfo[0], "Issuer", ", issued by ");
	}
	words_add_text(text, sizeof text, env->conf->insecure ? "; NOT VERIFIED (insecure: true)" : "; verified");
	env->step(env->step_arg, !env->conf->insecure, "tls", text);
}

/* A failure of TLS, for which there must have been a connection, as for an answer to CONNECT; libcurl does not say then how
 * long that took. */
static bool is_tls(int rc)
{
	switch (rc) {
	case CURLE_SSL_CONNECT_ERROR:
	case CURLE_SSL_CIPHER:
	case CURLE_SSL_CERTPROBLEM:
	case CURLE_PEER_FAILED_VERIFICATION:
	case CURLE_SSL_ISSUER_ERROR:
	case CURLE_SSL_PINNEDPUBKEYNOTMATCH:
		return true;
	default:
		return false;
	}
}

static void step_connection(void *easy, const char *host, const struct driver_env *env)
{
	char text[REPLY_TEXT], *ip = NULL;
	double took = seconds(easy, CURLINFO_CONNECT_TIME);
	long port = 0;

	curl_easy_getinfo(easy, CURLINFO_PRIMARY_IP, &ip);
	curl_easy_getinfo(easy, CURLINFO_PRIMARY_PORT, &port);
	snprintf(text, sizeof text, "%s is %s%s", host, ip && *ip ? ip : "unknown", env->conf->proxy ? " (the proxy's, if it is asked)" : "");
	env->step(env->step_arg, true, "name", text);
	snprintf(text, sizeof text, "port %ld", port);
	if (took > 0)
		snprintf(text, sizeof text, "port %ld, after %.0f ms", port, took * 1e3);
	env->step(env->step_arg, true, "connection", text);
}

void curl_tell_steps(const struct curl_tell *t, void *easy, int rc, const struct driver_env *env, const struct reply *r)
{
	char host[128];
	long made = 0;

	if (!env->step)
		return;
	curl_easy_getinfo(easy, CURLINFO_NUM_CONNECTS, &made);
	if (rc == CURLE_OK && made == 0)
		return;
	if (rc == CURLE_COULDNT_RESOLVE_HOST || rc == CURLE_COULDNT_RESOLVE_PROXY) {
		env->step(env->step_arg, false, "name", r->text);
		return;
	}
	if (seconds(easy, CURLINFO_CONNECT_TIME) <= 0 && !is_tls(rc) && connect_code(easy) == 0) {
		env->step(env->step_arg, false, "connection", r->text);
		return;
	}
	host_of(easy, host);
	step_connection(easy, host, env);
	if (rc != CURLE_OK && connect_code(easy) >= 300)
		env->step(env->step_arg, false, "proxy", r->text);
	else if (seconds(easy, CURLINFO_APPCONNECT_TIME) > 0)
		step_tls(t, easy, env);
	else if (rc != CURLE_OK && seconds(easy, CURLINFO_PRETRANSFER_TIME) <= 0)
		env->step(env->step_arg, false, "tls", r->text);
}
