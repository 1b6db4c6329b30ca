#include "forward/answer_hec.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>

static int64_t number(const json_t *o, const char *key)
{
	const json_t *v = json_object_get(o, key);

	return json_is_integer(v) && json_integer_value(v) >= 0 ? json_integer_value(v) : -1;
}

bool answer_hec(const char *body, size_t n, struct hec_answer *out)
{
	json_t *root = json_loadb(body, n, JSON_REJECT_DUPLICATES, NULL);

	*out = (struct hec_answer){ number(root, "code"), number(root, "invalid-event-number"), number(root, "ackId") };
	json_decref(root);
	return out->code >= 0;
}

bool answer_hec_acks(const char *body, size_t n, const int64_t *id, bool *acked, uint32_t count)
{
	json_t *root = json_loadb(body, n, JSON_REJECT_DUPLICATES, NULL);
	const json_t *acks = json_object_get(root, "acks");
	bool ok = json_is_object(acks);

	for (uint32_t i = 0; ok && i < count; i++) {
		char key[24];

		snprintf(key, sizeof key, "%" PRId64, id[i]);
		acked[i] = json_is_true(json_object_get(acks, key));
	}
	json_decref(root);
	return ok;
}
