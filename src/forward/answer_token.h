/* answer_token.h - what a token endpoint of OAuth 2.0 answers (RFC 6749, 5.1). Pure; reads anything. */
#ifndef ZT_FORWARD_ANSWER_TOKEN_H
#define ZT_FORWARD_ANSWER_TOKEN_H

#include "forward/secret.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The access token, printable ASCII without blanks and of at most SECRET_MAX bytes, into *token, which has nothing in it
 * yet; expires: seconds, 1..86400. false: it is no answer with a bearer token, or there is no memory. */
bool answer_token(const char *body, size_t n, struct secret *token, uint32_t *expires);

#endif
