#include "forward/answer_token.h"

#include <jansson.h>
#include <string.h>
#include <strings.h>

#define EXPIRES_DEFAULT 300             /* seconds: the document only recommends to say it */
#define EXPIRES_MAX 86400

static uint32_t seconds(const json_t *v)
{
	json_int_t s = json_is_integer(v) ? json_integer_value(v) : EXPIRES_DEFAULT;

	return s < 1 ? 1 : s > EXPIRES_MAX ? EXPIRES_MAX : (uint32_t)s;
}

/* It goes into a header: RFC 6750, 2.1. */
static bool is_token(const char *s, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (s[i] <= ' ' || s[i] > '~')
			return false;
	}
	return n > 0 && n <= SECRET_MAX;
}

bool answer_token(const char *body, size_t n, struct secret *token, uint32_t *expires)
{
	json_t *root = json_loadb(body, n, JSON_REJECT_DUPLICATES, NULL);
	const json_t *access = json_object_get(root, "access_token");
	const char *type = json_string_value(json_object_get(root, "token_type"));
	const char *text = json_string_value(access);
	size_t len = json_string_length(access);
	bool ok = text && type && strcasecmp(type, "Bearer") == 0 && is_token(text, len) && secret_room(token, len + 1, NULL) == ZT_OK;

	if (ok) {
		memcpy(token->text, text, len);
		token->text[len] = '\0';
		token->len = len;
		*expires = seconds(json_object_get(root, "expires_in"));
	}
	if (text)
		explicit_bzero((char *)(uintptr_t)text, len);
	json_decref(root);
	return ok;
}
