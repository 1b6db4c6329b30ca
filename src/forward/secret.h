/* secret.h - a token, password or passphrase: read from its file or the environment, kept where it is not swapped out
 * or dumped, wiped at the end. One owner, one thread at a time; while one is read nobody else changes the environment. */
#ifndef ZT_FORWARD_SECRET_H
#define ZT_FORWARD_SECRET_H

#include "base/err.h"
#include "forward/conf.h"

#include <stddef.h>

#define SECRET_MAX 16384                /* bytes: an OAuth2 token is a few thousand */

struct secret {
	char *text;                     /* terminated; NULL: there is none */
	size_t len, room;               /* bytes: of text, and of its own pages */
};

/* Reads what `from` names, without the one line end that may stand behind it. Nothing named: ZT_OK and no secret.
 * `what` is its name in the configuration, for the sentence in d, which never holds the secret: not there, not a regular
 * file, readable by everyone, empty, too long, with a control character (ZT_EIO); ZT_ENOMEM. From then on the process
 * leaves no core and lets nobody trace it. */
int secret_read(struct secret *s, const struct sink_secret *from, const char *what, struct diag *d)
	__attribute__((warn_unused_result));
/* Room for n bytes of something derived from a secret (a header, an access token), terminated, len 0. */
int secret_room(struct secret *s, size_t n, struct diag *d) __attribute__((warn_unused_result));
/* user:password in base64, as basic authentication has it (RFC 7617), which is as much of a secret as the password. *out is
 * empty. */
int secret_basic(struct secret *out, const char *user, const struct secret *password, struct diag *d)
	__attribute__((warn_unused_result));
void secret_fini(struct secret *s);     /* wipes it; also of an empty one, also twice */

#endif
