#include "forward/answer_token.h"

#include "base/jtree.h"

#include <string.h>
#include <strings.h>

#define EXPIRES_DEFAULT 300             /* seconds: the document only recommends to say it */
#define EXPIRES_MAX 86400
#define VALUES_MAX 256                  /* of an answer; it has about five */

static uint32_t seconds(const struct jvalue *v)
{
	int64_t s;

	if (!jvalue_int(v, &s))
		s = EXPIRES_DEFAULT;
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
	int err;
	struct jtree *t = jtree_read(body, n, VALUES_MAX, &err, NULL);
	const struct jvalue *root = jtree_root(t), *access = jvalue_get(root, "access_token");
	const char *type = jvalue_text(jvalue_get(root, "token_type"));
	const char *text = jvalue_text(access);
	size_t len = text ? access->len : 0;
	bool ok = text && type && strcasecmp(type, "Bearer") == 0 && is_token(text, len) && secret_room(token, len + 1, NULL) == ZT_OK;

	if (ok) {
		memcpy(token->text, text, len);
		token->text[len] = '\0';
		token->len = len;
		*expires = seconds(jvalue_get(root, "expires_in"));
	}
	jtree_wipe(t);
	return ok;
}
