/* words.h - what somebody else said, fit to be shown: a receiver's answer, libcurl's error, a certificate's names. Pure. */
#ifndef ZT_FORWARD_WORDS_H
#define ZT_FORWARD_WORDS_H

#include "forward/secret.h"

#include <stddef.h>

#define WORDS_SECRETS 4                 /* of one connection */

struct words_hide {                     /* what must not be shown, whoever repeats it */
	const struct secret *secret[WORDS_SECRETS];     /* NULL, or without text: none */
};

/* Appends n bytes of s to out (terminated, of `size` bytes): blanks joined, control characters and what is not UTF-8 as
 * \xNN, cut between two characters with "...". Each secret in it is "***", also in other case, with the backslashes of
 * JSON and of certificates' names, or with %XX of a URL. hide: NULL, there are none. */
void words_add(char *out, size_t size, const char *s, size_t n, const struct words_hide *hide);
void words_add_text(char *out, size_t size, const char *s);     /* our own, terminated; cut in the same way */

#endif
