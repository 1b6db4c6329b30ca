/* curl_http.h - one POST over HTTP or HTTPS: bounded in time and in what the receiver may answer. The sink's thread.
 *
 * The connection is kept for the next one. Never follows a redirect, never asks whether it may send (Expect). */
#ifndef ZT_FORWARD_CURL_HTTP_H
#define ZT_FORWARD_CURL_HTTP_H

#include "base/err.h"
#include "forward/driver.h"
#include "forward/http_answer.h"
#include "forward/proxy_login.h"
#include "forward/words.h"

#include <stdbool.h>
#include <stddef.h>

#define HTTP_HEADERS 8
#define HTTP_KEPT (64u << 10)           /* of the answer's body, unless more is asked for */
#define HTTP_STOP (1u << 20)            /* a longer answer ends the connection */

struct curl_http;

struct http_post {
	const char *url;
	const char *header[HTTP_HEADERS];       /* "Name: value"; up to the first NULL */
	const char *body;
	size_t len;
	size_t keep;                    /* bytes of an answer that are needed whole; 0: HTTP_KEPT are kept, the rest is read */
	bool gzip;                      /* the body goes compressed, with its header */
};

/* Sets all options, connects to nothing; env is copied, its conf stays the caller's, and so does hide: what must not stand
 * in a sentence of ours. login is needed here only. NULL with one sentence in d. */
struct curl_http *curl_http_new(const struct driver_env *env, const struct proxy_login *login, const struct words_hide *hide,
				struct diag *d);
void curl_http_free(struct curl_http *h);               /* NULL is allowed */

/* true: there is a whole answer in *a, of whatever status; its body is the handle's until the next call. false: there is
 * none, r says why (REPLY_LATER, or REPLY_PAUSE when it is about certificates or a proxy that does not know us), and *a is
 * empty but for a->too_long: the answer was longer than max(HTTP_STOP, keep) bytes, or its headers longer than 64 KiB. */
bool curl_http_post(struct curl_http *h, const struct http_post *p, struct http_answer *a, struct reply *r);

#endif
