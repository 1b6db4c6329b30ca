#include "base/sha256.h"

#include <openssl/evp.h>
#include <stdio.h>

bool sha256_text(const void *p, size_t n, char hex[SHA256_TEXT])
{
	unsigned char digest[EVP_MAX_MD_SIZE];
	unsigned int len = 0;

	hex[0] = '\0';
	if (EVP_Digest(p, n, digest, &len, EVP_sha256(), NULL) != 1 || len != 32)
		return false;
	for (unsigned i = 0; i < len; i++)
		snprintf(hex + i * 2, 3, "%02x", digest[i]);
	return true;
}
