#include "forward/curl_options.h"

#include "forward/secret.h"

#include <curl/curl.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

static long ms_of(uint64_t ns)
{
	uint64_t ms = ns / 1000000;

	return ms == 0 ? 1 : ms > INT_MAX ? INT_MAX : (long)ms; /* 0 would be libcurl's own default */
}

/* libcurl would say so at the first connection only, in words of its own. */
static int readable(const char *key, const char *path, struct diag *d)
{
	int fd = path ? open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY) : -1;

	if (path && fd < 0)
		return diag_fail(d, ZT_EIO, "%s %s cannot be read: %s", key, path, strerror(errno));
	if (fd >= 0)
		close(fd);
	return ZT_OK;
}

static int files_readable(const struct sink_conf *c, struct diag *d)
{
	const struct { const char *key, *path; } files[] = {
		{ "cacert", c->cacert }, { "capath", c->capath }, { "crlfile", c->crlfile }, { "cert", c->cert }, { "key", c->key },
	};
	int err = ZT_OK;

	for (size_t i = 0; err == ZT_OK && i < sizeof files / sizeof files[0]; i++)
		err = readable(files[i].key, files[i].path, d);
	return err;
}

static CURLcode set_numbers(CURL *easy, const struct sink_conf *c)
{
	long least = c->tls_min == SINK_TLS_1_3 ? CURL_SSLVERSION_TLSv1_3 : CURL_SSLVERSION_TLSv1_2;
	long most = c->tls_max == SINK_TLS_1_2 ? CURL_SSLVERSION_MAX_TLSv1_2 : CURL_SSLVERSION_MAX_TLSv1_3;
	const struct { CURLoption option; long value; } numbers[] = {
		{ CURLOPT_NOSIGNAL, 1 }, { CURLOPT_FOLLOWLOCATION, 0 }, { CURLOPT_NETRC, CURL_NETRC_IGNORED },
		{ CURLOPT_CONNECTTIMEOUT_MS, ms_of(c->connect_timeout) }, { CURLOPT_TCP_KEEPALIVE, 1 }, { CURLOPT_TCP_NODELAY, 1 },
		{ CURLOPT_SUPPRESS_CONNECT_HEADERS, 1 },
		{ CURLOPT_SSLVERSION, least | most }, { CURLOPT_PROXY_SSLVERSION, least | most },
#if LIBCURL_VERSION_NUM >= 0x075700
		{ CURLOPT_QUICK_EXIT, 1 },      /* a name server that is silent is not waited for at the end */
#endif
		/* The strongest that the proxy offers and a password is good for. Not Negotiate: that goes by a ticket of the
		 * host's, and libcurl then does not try what else there is. */
		{ CURLOPT_PROXYAUTH, (long)(CURLAUTH_ANY & ~CURLAUTH_NEGOTIATE) },
		{ CURLOPT_SSL_VERIFYPEER, !c->insecure }, { CURLOPT_SSL_VERIFYHOST, c->insecure ? 0 : 2 },
#if LIBCURL_VERSION_NUM < 0x075500
		{ CURLOPT_PROTOCOLS, CURLPROTO_HTTP | CURLPROTO_HTTPS },
#endif
	};
	CURLcode rc = CURLE_OK;

	for (size_t i = 0; rc == CURLE_OK && i < sizeof numbers / sizeof numbers[0]; i++)
		rc = curl_easy_setopt(easy, numbers[i].option, numbers[i].value);
	return rc;
}

/* libcurl copies them. */
static int set_texts(CURL *easy, const struct sink_conf *c, const struct proxy_login *login, const char *pass, struct diag *d)
{
	const struct { CURLoption option; const char *key, *value; } texts[] = {
#if LIBCURL_VERSION_NUM >= 0x075500
		{ CURLOPT_PROTOCOLS_STR, "url", "http,https" },
#endif
		{ CURLOPT_PROXY, "proxy", c->proxy ? c->proxy : "" }, { CURLOPT_NOPROXY, "noproxy", c->noproxy ? c->noproxy : "" },
		{ CURLOPT_PROXYUSERNAME, "proxy_user", login->user }, { CURLOPT_PROXYPASSWORD, "proxy_password", login->password.text },
		{ CURLOPT_INTERFACE, "interface", c->interface },
		{ CURLOPT_CAINFO, "cacert", c->cacert }, { CURLOPT_PROXY_CAINFO, "cacert", c->cacert },
		{ CURLOPT_CAPATH, "capath", c->capath }, { CURLOPT_PROXY_CAPATH, "capath", c->capath },
		{ CURLOPT_CRLFILE, "crlfile", c->crlfile }, { CURLOPT_SSLCERT, "cert", c->cert }, { CURLOPT_SSLKEY, "key", c->key },
		{ CURLOPT_KEYPASSWD, "pass", pass }, { CURLOPT_SSL_CIPHER_LIST, "ciphers", c->ciphers },
		{ CURLOPT_TLS13_CIPHERS, "tls13_ciphers", c->tls13_ciphers }, { CURLOPT_PINNEDPUBLICKEY, "pinnedpubkey", c->pinnedpubkey },
	};

	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		CURLcode rc = texts[i].value ? curl_easy_setopt(easy, texts[i].option, texts[i].value) : CURLE_OK;

		if (rc != CURLE_OK)
			return diag_fail(d, ZT_ELIB, "libcurl does not take %s: %s", texts[i].key, curl_easy_strerror(rc));
	}
	return ZT_OK;
}

int curl_options_set(void *easy, const struct sink_conf *c, const struct proxy_login *login, struct diag *d)
{
	struct secret pass;
	int err = files_readable(c, d);
	CURLcode rc;

	if (err != ZT_OK)
		return err;
	rc = set_numbers(easy, c);
	if (rc != CURLE_OK)
		return diag_fail(d, ZT_ELIB, "libcurl does not take an option of the connection: %s", curl_easy_strerror(rc));
	err = secret_read(&pass, &c->pass, "pass", d);
	if (err == ZT_OK)
		err = set_texts(easy, c, login, pass.text, d);
	secret_fini(&pass);
	return err;
}
