/* input.c - see input.h. No mmap: a file that is cut while it is read would raise SIGBUS,
 * and its pages would count as memory in use. */
#include "capture/input.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#define RAW_BUFFER (64U * 1024)
#define BUFFER_MIN (8U * 1024)          /* small files get small buffers: a run may hold thousands */
/* The widest zstd window accepted, as the zstd tool does: bounds the memory of a frame. */
#define ZSTD_WINDOW_LOG 27

enum packing { PACKING_UNKNOWN, PACKING_NONE, PACKING_GZIP, PACKING_ZSTD };

struct input_state {
	int fd;
	bool regular, at_eof;
	uint64_t size;
	EVP_MD_CTX *sha;
	uint8_t *buf;           /* the window slides in here */
	size_t cap;
	enum packing packing;
	uint8_t *raw;           /* stored bytes, when packed */
	size_t raw_cap, raw_at, raw_len;
	z_stream z;
	bool z_open;
	ZSTD_DStream *zstd;
	bool in_member;         /* inside a gzip member or a zstd frame */
};

static int hash_start(struct input_state *s, struct diag *d)
{
	s->sha = EVP_MD_CTX_new();
	if (!s->sha)
		return diag_fail(d, ZT_ENOMEM, "out of memory");
	if (EVP_DigestInit_ex(s->sha, EVP_sha256(), NULL) != 1)
		return diag_fail(d, ZT_ELIB, "SHA-256 is not available in libcrypto");
	return ZT_OK;
}

int input_open_fd(struct input *in, int fd, size_t buffer, bool hash, struct diag *d)
{
	struct input_state *s = calloc(1, sizeof(*s));
	struct stat st;
	int err = ZT_OK;

	memset(in, 0, sizeof(*in));
	if (!s) {
		if (fd > STDIN_FILENO)
			close(fd);
		return diag_fail(d, ZT_ENOMEM, "out of memory");
	}
	in->s = s;
	s->fd = fd;
	if (fstat(fd, &st) != 0)
		err = diag_fail(d, ZT_EIO, "cannot be examined (%s)", strerror(errno));
	else if (S_ISDIR(st.st_mode))
		err = diag_fail(d, ZT_EINVAL, "is a directory, not a capture file");
	else if (hash)
		err = hash_start(s, d);
	if (err)
		goto out;
	s->regular = S_ISREG(st.st_mode);
	s->size = s->regular && st.st_size > 0 ? (uint64_t)st.st_size : 0;
	s->cap = buffer < INPUT_BUFFER_MAX ? buffer : INPUT_BUFFER_MAX;
	if (s->regular && s->size < s->cap)
		s->cap = s->size > BUFFER_MIN ? s->size : BUFFER_MIN;
	s->buf = malloc(s->cap);
	if (!s->buf)
		err = diag_fail(d, ZT_ENOMEM, "out of memory");
	in->p = s->buf;
out:
	if (err)
		input_close(in);
	return err;
}

int input_open(struct input *in, const char *path, size_t buffer, bool hash, struct diag *d)
{
	int fd = STDIN_FILENO;

	memset(in, 0, sizeof(*in));
	if (strcmp(path, "-") != 0)
		fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (fd < 0)
		return diag_fail(d, errno == ENOENT ? ZT_ENOENT : errno == EACCES ? ZT_EPERM : ZT_EIO,
				 "cannot be opened (%s)", strerror(errno));
	return input_open_fd(in, fd, buffer, hash, d);
}

void input_close(struct input *in)
{
	struct input_state *s = in->s;

	if (!s)
		return;
	if (s->fd > STDIN_FILENO)
		close(s->fd);
	if (s->z_open)
		inflateEnd(&s->z);
	ZSTD_freeDStream(s->zstd);
	EVP_MD_CTX_free(s->sha);
	free(s->raw);
	free(s->buf);
	free(s);
	in->s = NULL;
	in->p = NULL;
	in->left = 0;
}

bool input_is_regular(const struct input *in)
{
	return in->s->regular;
}

uint64_t input_size(const struct input *in)
{
	return in->s->size;
}

bool input_is_packed(const struct input *in)
{
	return in->s->packing > PACKING_NONE;
}

static bool stop(struct input *in, enum input_end end, const char *why)
{
	if (in->end == INPUT_OPEN) {
		in->end = end;
		(void)diag_fail(&in->why, ZT_EIO, "%s", why);
	}
	return false;
}

/* Up to n stored bytes to `to`; 0 at the end or after an error. */
static size_t read_stored(struct input *in, uint8_t *to, size_t n)
{
	struct input_state *s = in->s;
	ssize_t got;

	if (s->at_eof)
		return 0;
	do
		got = read(s->fd, to, n);
	while (got < 0 && errno == EINTR);
	if (got <= 0) {
		s->at_eof = true;
		if (got < 0) {
			in->end = INPUT_FAILED;
			(void)diag_fail(&in->why, ZT_EIO, "reading failed (%s)", strerror(errno));
		}
		return 0;
	}
	if (s->sha)
		EVP_DigestUpdate(s->sha, to, (size_t)got);
	in->stored += (uint64_t)got;
	return (size_t)got;
}

/* Have stored bytes in the raw buffer; false: none are left. */
static bool fill_raw(struct input *in)
{
	struct input_state *s = in->s;

	if (s->raw_at < s->raw_len)
		return true;
	s->raw_at = 0;
	s->raw_len = read_stored(in, s->raw, s->raw_cap);
	if (s->raw_len)
		return true;
	if (in->end == INPUT_OPEN) {
		if (s->in_member)
			return stop(in, INPUT_CUT, "the compressed data end early");
		in->end = INPUT_EOF;
	}
	return false;
}

static size_t unpack_gzip(struct input *in, uint8_t *to, size_t n)
{
	struct input_state *s = in->s;
	int rc;

	if (!s->in_member) {
		/* RFC 1952 2.2: members follow each other; what is not one is padding. */
		if (s->raw[s->raw_at] != 0x1f) {
			in->end = INPUT_EOF;
			return 0;
		}
		inflateReset(&s->z);
		s->in_member = true;
	}
	s->z.next_in = s->raw + s->raw_at;
	s->z.avail_in = (uInt)(s->raw_len - s->raw_at);
	s->z.next_out = to;
	s->z.avail_out = (uInt)n;
	rc = inflate(&s->z, Z_NO_FLUSH);
	s->raw_at = s->raw_len - s->z.avail_in;
	if (rc == Z_STREAM_END)
		s->in_member = false;
	else if (rc != Z_OK && rc != Z_BUF_ERROR)
		stop(in, INPUT_DAMAGED, "the gzip data are damaged");
	return n - s->z.avail_out;
}

static size_t unpack_zstd(struct input *in, uint8_t *to, size_t n)
{
	struct input_state *s = in->s;
	ZSTD_inBuffer from = { s->raw, s->raw_len, s->raw_at };
	ZSTD_outBuffer out = { to, n, 0 };
	size_t rc = ZSTD_decompressStream(s->zstd, &out, &from);

	s->raw_at = from.pos;
	if (ZSTD_isError(rc))
		stop(in, INPUT_DAMAGED, "the zstd data are damaged or need more than 128 MiB");
	else
		s->in_member = rc != 0;
	return out.pos;
}

/* Unpacked bytes to `to`, at most n; 0 when none are left. */
static size_t unpack(struct input *in, uint8_t *to, size_t n)
{
	struct input_state *s = in->s;
	size_t got = 0;

	while (!got && in->end == INPUT_OPEN) {
		/* zstd may hold output back that no input is needed for */
		if (s->raw_at == s->raw_len && s->packing == PACKING_ZSTD && s->in_member) {
			got = unpack_zstd(in, to, n);
			if (got || in->end != INPUT_OPEN)
				break;
		}
		if (!fill_raw(in))
			break;
		got = s->packing == PACKING_GZIP ? unpack_gzip(in, to, n) : unpack_zstd(in, to, n);
	}
	return got;
}

/* Look at the first stored bytes, which are in the window, and set up unpacking. */
static bool start_unpacking(struct input *in, enum packing packing)
{
	struct input_state *s = in->s;

	s->raw_cap = s->cap < RAW_BUFFER ? s->cap : RAW_BUFFER;
	s->raw = malloc(s->raw_cap);
	if (!s->raw)
		return stop(in, INPUT_FAILED, "out of memory");
	s->raw_len = in->left;
	memcpy(s->raw, in->p, in->left);
	in->p = s->buf;
	in->left = 0;
	if (packing == PACKING_GZIP) {
		if (inflateInit2(&s->z, 15 + 16) != Z_OK)
			return stop(in, INPUT_FAILED, "zlib cannot start");
		s->z_open = true;
	} else {
		s->zstd = ZSTD_createDStream();
		if (!s->zstd || ZSTD_isError(ZSTD_DCtx_setParameter(s->zstd, ZSTD_d_windowLogMax, ZSTD_WINDOW_LOG)))
			return stop(in, INPUT_FAILED, "libzstd cannot start");
	}
	return true;
}

static enum packing recognise(const uint8_t *p, size_t n)
{
	if (n >= 3 && p[0] == 0x1f && p[1] == 0x8b && p[2] == 8)
		return PACKING_GZIP;
	if (n >= 4 && p[0] == 0x28 && p[1] == 0xb5 && p[2] == 0x2f && p[3] == 0xfd)
		return PACKING_ZSTD;
	return PACKING_NONE;
}

/* Make room for n bytes behind in->p, moving and growing the buffer. */
static bool make_room(struct input *in, size_t n)
{
	struct input_state *s = in->s;
	size_t cap = s->cap;
	uint8_t *b;

	while (cap < n)
		cap *= 2;
	if (cap > s->cap) {
		b = malloc(cap);
		if (!b)
			return stop(in, INPUT_FAILED, "out of memory");
		memcpy(b, in->p, in->left);
		free(s->buf);
		s->buf = b;
		s->cap = cap;
	} else if (in->p != s->buf) {
		memmove(s->buf, in->p, in->left);
	}
	in->p = s->buf;
	return true;
}

bool input_more(struct input *in, size_t n)
{
	struct input_state *s = in->s;
	size_t got;

	if (n > INPUT_BUFFER_MAX || in->end != INPUT_OPEN || !make_room(in, n))
		return false;
	while (in->left < n) {
		uint8_t *to = s->buf + in->left;
		size_t room = s->cap - in->left;

		/* What is read in one go stays in the cache while it is hashed and dissected. */
		if (room > RAW_BUFFER)
			room = RAW_BUFFER;
		got = s->packing > PACKING_NONE ? unpack(in, to, room) : read_stored(in, to, room);
		if (!got) {
			if (in->end == INPUT_OPEN)
				in->end = INPUT_EOF;
			return false;
		}
		in->left += got;
		if (s->packing == PACKING_UNKNOWN && in->left >= 4) {
			s->packing = recognise(in->p, in->left);
			if (s->packing > PACKING_NONE && !start_unpacking(in, s->packing))
				return false;
		}
	}
	return true;
}

bool input_skip(struct input *in, uint64_t n)
{
	while (n > in->left) {
		n -= in->left;
		input_drop(in, in->left);
		if (!input_more(in, 1))
			return false;
	}
	input_drop(in, (size_t)n);
	return true;
}

void input_finish(struct input *in, char hex[CAPTURE_HASH_TEXT])
{
	struct input_state *s = in->s;
	uint8_t digest[EVP_MAX_MD_SIZE];
	unsigned int n = 0;

	hex[0] = '\0';
	if (!s->sha)
		return;
	/* a pipe may never end: its digest is of what was read */
	in->left = 0;
	in->p = s->buf;
	while (s->regular && read_stored(in, s->buf, s->cap))
		;
	if (EVP_DigestFinal_ex(s->sha, digest, &n) != 1 || n != 32)
		return;
	for (unsigned int i = 0; i < n; i++) {
		hex[2 * i] = "0123456789abcdef"[digest[i] >> 4];
		hex[2 * i + 1] = "0123456789abcdef"[digest[i] & 15];
	}
	hex[64] = '\0';
}
