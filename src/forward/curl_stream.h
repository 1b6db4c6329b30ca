/* curl_stream.h - a connection that carries whatever we write, over TCP or TLS, made by libcurl: proxies, CA bundles,
 * client certificates and TLS versions are curl's options. One thread at a time.
 *
 * A receiver of syslog says nothing. What can be known of it all the same: whether it has closed the connection, which is
 * looked at before anything is sent, and how much the kernel still holds of what was sent. libcurl and its TLS library hold
 * nothing back: curl_stream_send() ends well only when all of it is the kernel's. */
#ifndef ZT_FORWARD_CURL_STREAM_H
#define ZT_FORWARD_CURL_STREAM_H

#include "base/err.h"
#include "forward/driver.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct curl_stream;

/* Connects to nothing. env is copied, what it points to stays the caller's. NULL: with one sentence in d. */
struct curl_stream *curl_stream_new(const struct driver_env *env, const char *host, uint16_t port, bool tls, struct diag *d);
void curl_stream_free(struct curl_stream *s);           /* NULL is allowed */

/* Ends the connection that there is and makes another; the name is looked up anew. With TLS it waits, half a second at the
 * longest, for the receiver's word on our certificate, which comes after the handshake is over (TLS 1.3). true: connected.
 * false: r is REPLY_LATER, or REPLY_PAUSE when a certificate was refused, on whichever side, or the proxy does not know us. */
bool curl_stream_connect(struct curl_stream *s, struct reply *r);
void curl_stream_shut(struct curl_stream *s);           /* ends the connection, if there is one */

/* false: r is REPLY_LATER or REPLY_PAUSE, how much was sent is not known and the connection has ended: the receiver had
 * closed it before, it did not take all within max_time, or *stop. */
bool curl_stream_send(struct curl_stream *s, const void *p, size_t n, struct reply *r);

/* Has the receiver closed, or does it talk without end? What it says is read and thrown away. false: as above. */
bool curl_stream_alive(struct curl_stream *s, struct reply *r);

/* Bytes that the kernel holds because they are not sent or not acknowledged by the other end's kernel (through a proxy: by
 * the proxy's). With TLS they are more than was written. UINT64_MAX: there is no connection. */
uint64_t curl_stream_held(const struct curl_stream *s);

#endif
