#include "base/err.h"

#include <stdarg.h>
#include <stdio.h>

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
