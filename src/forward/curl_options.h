/* curl_options.h - what a sink's configuration says of its connection, set on a handle of libcurl. The sink's thread. */
#ifndef ZT_FORWARD_CURL_OPTIONS_H
#define ZT_FORWARD_CURL_OPTIONS_H

#include "base/err.h"
#include "forward/driver.h"
#include "forward/proxy_login.h"

/* Everything of c that concerns the connection, whatever is spoken over it: time to connect, proxy and who we are
 * to it, interface, TLS with its certificates, key, versions and ciphers. Never signals, never redirects, no other protocol
 * than HTTP and HTTPS, no proxy or .netrc from the environment. What takes how long once there is a connection (max_time) is
 * the caller's, and so is login, of which libcurl has copies. easy is a CURL *. Files that cannot be read and what this
 * libcurl cannot do: ZT_EIO, ZT_ELIB with one sentence in d. */
int curl_options_set(void *easy, const struct sink_conf *c, const struct proxy_login *login, struct diag *d)
	__attribute__((warn_unused_result));

#endif
