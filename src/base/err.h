/* err.h - how a function that can fail for an operational reason says so.
 *
 * Such a function returns ZT_OK or a negative enum zt_err and writes one sentence for
 * the operator into the caller's struct diag. Any thread. */
#ifndef ZT_BASE_ERR_H
#define ZT_BASE_ERR_H

enum zt_err {
	ZT_OK = 0,
	ZT_ENOMEM = -1,
	ZT_EINVAL = -2,
	ZT_EIO = -3,
	ZT_ESYNTAX = -4,
	ZT_ENOENT = -5,
	ZT_EFULL = -6,
	ZT_EPERM = -7,
	ZT_EBUSY = -8,
	ZT_ELIB = -9
};

struct diag {
	char text[512];                 /* one sentence, NUL-terminated, no newline */
};

/* Fill d (may be NULL) and return err, so that `return diag_fail(d, ZT_EIO, ...)` reads. */
int diag_fail(struct diag *d, int err, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

#endif
