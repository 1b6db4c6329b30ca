/* seccomp_none.c - for a build without libseccomp, and for one with sanitizers. */
#include <config.h>

#include "sensor/seccomp.h"

#include "base/err.h"

int seccomp_load_role(enum priv_role role, int wake_fd, struct diag *d)
{
	(void)role;
	(void)wake_fd;
	(void)d;
	return ZT_OK;
}

const char *seccomp_library(void)
{
	return ZT_NO_SECCOMP;
}

bool seccomp_present(void)
{
	return false;
}
