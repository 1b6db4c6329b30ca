/* proxy_login.h - who we are to the proxy: a user and his password. The sink's thread. */
#ifndef ZT_FORWARD_PROXY_LOGIN_H
#define ZT_FORWARD_PROXY_LOGIN_H

#include "base/err.h"
#include "forward/conf.h"
#include "forward/secret.h"

struct proxy_login {
	const char *user;               /* the configuration's; NULL: the proxy does not ask */
	struct secret password;
	struct secret basic;            /* both as basic authentication writes them: never shown either */
};

/* *l is empty. On failure, with one sentence in d, proxy_login_fini() is the caller's. */
int proxy_login_read(struct proxy_login *l, const struct sink_conf *c, struct diag *d) __attribute__((warn_unused_result));
void proxy_login_fini(struct proxy_login *l);           /* wipes it; also of an empty one, also twice */

#endif
