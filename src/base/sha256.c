#include "base/sha256.h"

#include <openssl/evp.h>

#include <stdio.h>
#include <stdlib.h>

struct sha256 {
	EVP_MD_CTX *ctx;
};

struct sha256 *sha256_new(void)
{
	struct sha256 *s = calloc(1, sizeof *s);

	if (!s)
		return NULL;
	s->ctx = EVP_MD_CTX_new();
	if (!s->ctx || EVP_DigestInit_ex(s->ctx, EVP_sha256(), NULL) != 1) {
		EVP_MD_CTX_free(s->ctx);
		free(s);
		return NULL;
	}
	return s;
}

void sha256_add(struct sha256 *s, const void *p, size_t n)
{
	EVP_DigestUpdate(s->ctx, p, n);
}

void sha256_end(struct sha256 *s, char out[SHA256_TEXT])
{
	unsigned char digest[EVP_MAX_MD_SIZE];
	unsigned n = 0;

	out[0] = '\0';
	if (!s)
		return;
	if (EVP_DigestFinal_ex(s->ctx, digest, &n) != 1)
		n = 0;
	for (unsigned i = 0; i < n && i < 32; i++)
		snprintf(out + i * 2, 3, "%02x", digest[i]);
	EVP_MD_CTX_free(s->ctx);
	free(s);
}
