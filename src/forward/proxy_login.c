#include "forward/proxy_login.h"

int proxy_login_read(struct proxy_login *l, const struct sink_conf *c, struct diag *d)
{
	int err = secret_read(&l->password, &c->proxy_password, "proxy_password", d);

	if (err != ZT_OK || !c->proxy_user || !l->password.text)
		return err;
	l->user = c->proxy_user;
	return secret_basic(&l->basic, l->user, &l->password, d);
}

void proxy_login_fini(struct proxy_login *l)
{
	secret_fini(&l->password);
	secret_fini(&l->basic);
	l->user = NULL;
}
