#include "base/err.h"

#include <stdarg.h>
#include <stdio.h>

const char *zt_strerror(int err)
{
	switch (err) {
	case ZT_OK: return "done";
	case ZT_ENOMEM: return "out of memory";
	case ZT_EINVAL: return "invalid argument";
	case ZT_EIO: return "input/output error";
	case ZT_ESYNTAX: return "syntax error";
	case ZT_ENOENT: return "not found";
	case ZT_EFULL: return "limit reached";
	case ZT_EPERM: return "permission denied";
	case ZT_EBUSY: return "busy";
	case ZT_ELIB: return "library error";
	default: return "unknown error";
	}
}

int diag_fail(struct diag *d, int err, const char *fmt, ...)
{
	if (d) {
		va_list ap;

		va_start(ap, fmt);
		vsnprintf(d->text, sizeof d->text, fmt, ap);
		va_end(ap);
	}
	return err;
}
