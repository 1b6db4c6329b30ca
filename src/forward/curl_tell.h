/* curl_tell.h - what became of a connection of libcurl, for people: failures as one sentence, and the steps of
 * `zonetap forward --test`. The sink's thread. */
#ifndef ZT_FORWARD_CURL_TELL_H
#define ZT_FORWARD_CURL_TELL_H

#include "forward/driver.h"
#include "forward/words.h"

#include <stdint.h>

#define CURL_TELL_ERROR 256             /* CURL_ERROR_SIZE */

struct curl_tell {                      /* what libcurl says meanwhile; of one handle, which it must outlive */
	const struct words_hide *hide;  /* nothing of it is told */
	char error[CURL_TELL_ERROR];
	char tls[96];                   /* "TLSv1.3 / TLS_AES_256_GCM_SHA384"; "" when there is none, or nobody wants to know */
};

/* Has libcurl write into t, and keep what certificates it is shown when somebody wants to know. easy is a CURL *; hide
 * stays the caller's. */
void curl_tell_attach(struct curl_tell *t, void *easy, const struct driver_env *env, const struct words_hide *hide);
void curl_tell_begin(struct curl_tell *t);              /* before each connection or request */

/* Of a failure with CURLcode rc: REPLY_LATER, or REPLY_PAUSE when a certificate was refused, on whichever side, or the
 * proxy does not know us, with one sentence in r->text that names the host, or the proxy, and no secret. */
void curl_tell_failure(const struct curl_tell *t, void *easy, int rc, const struct sink_conf *c, struct reply *r);
/* Is this failure about certificates? text: libcurl's words for it. */
bool curl_tell_is_certificate(int rc, const char *text);

/* The steps up to and with the one that failed (name, connection, proxy, TLS); rc CURLE_OK: name, connection, and TLS with
 * its certificate when there is TLS. r: as curl_tell_failure() left it. Nothing when nobody wants to know, or the connection is an old one. */
void curl_tell_steps(const struct curl_tell *t, void *easy, int rc, const struct driver_env *env, const struct reply *r);

#endif
