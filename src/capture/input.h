/* input.h - the bytes of one file as a window that slides forward: read, hashed as stored,
 * and decompressed (gzip, zstd) on the way. One thread owns an input. */
#ifndef ZT_CAPTURE_INPUT_H
#define ZT_CAPTURE_INPUT_H

#include "base/err.h"
#include "capture/capture.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define INPUT_BUFFER_MAX (512U * 1024)  /* the most that input_need() can be asked for */

enum input_end {
	INPUT_OPEN,             /* not at the end */
	INPUT_EOF,              /* a clean end */
	INPUT_CUT,              /* compressed data end early */
	INPUT_DAMAGED,          /* compressed data are damaged */
	INPUT_FAILED            /* a read failed; see diag */
};

struct input {
	const uint8_t *p;       /* next unread byte; valid until input_need() or input_skip() */
	size_t left;            /* bytes there */
	uint64_t stored;        /* bytes read of the file */
	enum input_end end;     /* why there are no more behind `left` */
	struct diag why;        /* for INPUT_DAMAGED and INPUT_FAILED */
	struct input_state *s;
};

/* Open a path ("-": standard input) or take over fd. buffer: bytes to read at a time. */
int input_open(struct input *in, const char *path, size_t buffer, bool hash, struct diag *d)
	__attribute__((warn_unused_result));
int input_open_fd(struct input *in, int fd, size_t buffer, bool hash, struct diag *d)
	__attribute__((warn_unused_result));
void input_close(struct input *in);             /* allowed after a failed open and twice */

bool input_is_regular(const struct input *in);  /* a file that could be opened again */
uint64_t input_size(const struct input *in);    /* stored bytes in all; 0: not known */
bool input_is_packed(const struct input *in);   /* gzip or zstd */

/* The slow half of input_need(). */
bool input_more(struct input *in, size_t n);

/* true: at least n bytes are at in->p. n <= INPUT_BUFFER_MAX. */
static inline bool input_need(struct input *in, size_t n)
{
	return in->left >= n || input_more(in, n);
}

/* Move over n bytes that input_need() has shown to be there. */
static inline void input_drop(struct input *in, size_t n)
{
	in->p += n;
	in->left -= n;
}

/* Move over n bytes wherever they are; false: the input ended before. */
bool input_skip(struct input *in, uint64_t n);

/* Hash what is left of a regular file as stored, and give the digest of all of it. */
void input_finish(struct input *in, char hex[CAPTURE_HASH_TEXT]);

#endif
