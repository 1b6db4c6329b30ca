#include "forward/answer_hec.h"

#include "base/jtree.h"

#include <inttypes.h>
#include <stdio.h>

#define VALUES_MAX 2048                 /* of an answer: JTREE_MEMBERS acknowledgements, and some */

static int64_t number(const struct jvalue *o, const char *key)
{
	int64_t n;

	return jvalue_int(jvalue_get(o, key), &n) && n >= 0 ? n : -1;
}

bool answer_hec(const char *body, size_t n, struct hec_answer *out)
{
	int err;
	struct jtree *t = jtree_read(body, n, VALUES_MAX, &err, NULL);
	const struct jvalue *root = jtree_root(t);

	*out = (struct hec_answer){ number(root, "code"), number(root, "invalid-event-number"), number(root, "ackId") };
	jtree_free(t);
	return out->code >= 0;
}

bool answer_hec_acks(const char *body, size_t n, const int64_t *id, bool *acked, uint32_t count)
{
	int err;
	struct jtree *t = jtree_read(body, n, VALUES_MAX, &err, NULL);
	const struct jvalue *acks = jvalue_get(jtree_root(t), "acks");
	bool ok = jvalue_is(acks, JKIND_OBJECT);

	for (uint32_t i = 0; ok && i < count; i++) {
		char key[24];

		snprintf(key, sizeof key, "%" PRId64, id[i]);
		acked[i] = jvalue_is(jvalue_get(acks, key), JKIND_TRUE);
	}
	jtree_free(t);
	return ok;
}
