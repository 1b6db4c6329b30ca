/* capture.c - see capture.h */
#include "capture/capture.h"

#include "capture/input.h"

int capture_hash(const char *path, char hex[CAPTURE_HASH_TEXT], struct diag *d)
{
	struct input in;
	int err = input_open(&in, path, 64 * 1024, true, d);

	hex[0] = '\0';
	if (err)
		return err;
	if (!input_is_regular(&in)) {
		input_close(&in);
		return diag_fail(d, ZT_EINVAL, "is not a regular file");
	}
	input_finish(&in, hex);
	if (in.end == INPUT_FAILED)
		err = diag_fail(d, ZT_EIO, "%s", in.why.text);
	else if (!hex[0])
		err = diag_fail(d, ZT_ELIB, "SHA-256 failed in libcrypto");
	input_close(&in);
	return err;
}
