/* sender.h - what every driver over HTTP has: a connection, credentials as a header, where it sends to, a body, and how
 * it tells what came of it. The sink's thread; a driver's struct begins with a struct sender. */
#ifndef ZT_FORWARD_SENDER_H
#define ZT_FORWARD_SENDER_H

#include "base/sbuf.h"
#include "forward/curl_http.h"
#include "forward/driver.h"
#include "forward/http_answer.h"
#include "forward/proxy_login.h"
#include "forward/secret.h"
#include "forward/words.h"

#define SENDER_BODY_MAX ((size_t)256 << 20)

struct sender {
	struct driver_base base;
	struct curl_http *http;
	struct secret token, password, authorization;   /* authorization: the whole line of the header */
	struct proxy_login login;
	struct words_hide hide;         /* all of them but authorization, which is made of one */
	struct sbuf url, body;
};

/* Reads the secrets and makes the connection's handle; s is all zero. On failure sender_fini() is the caller's. */
int sender_init(struct sender *s, const struct driver_ops *ops, const struct driver_env *env, struct diag *d);
void sender_fini(struct sender *s);

/* Makes the header "Authorization: SCHEME SECRET"; nothing without a secret. */
int sender_authorize(struct sender *s, const char *scheme, const struct secret *secret, struct diag *d);
/* "Basic", of the configuration's user and password (RFC 7617). */
int sender_authorize_basic(struct sender *s, struct diag *d);

/* The configuration's URL without what stands behind the path, or slashes at its end. */
void sender_url_begin(const struct sender *s, struct sbuf *url);
void sender_url_segment(struct sbuf *url, const char *text);    /* with %XX where a path needs it (RFC 3986, 3.3) */

struct sender_request {
	const struct sbuf *url;
	const char *content_type;
	const char *header;             /* one more; NULL: none */
	size_t keep;                    /* as of struct http_post */
};

/* Posts the body with the credentials. true: an answer of 2xx. false: r says all, and a record alone that is refused (b
 * has one item) has its result. b: what the body holds, NULL when it holds no records. */
bool sender_post(struct sender *s, const struct sender_request *q, struct batch *b, struct http_answer *a, struct reply *r);
/* As it is, a sentence of our own for an answer that makes no sense; REPLY_LATER. */
void sender_nonsense(const struct sender *s, const struct http_answer *a, const char *what, struct reply *r);
void sender_step(const struct sender *s, bool ok, const char *step, const char *text);  /* when somebody wants to know */

/* All of a batch's first n items. */
void sender_sent(struct batch *b, uint32_t n);

#endif
