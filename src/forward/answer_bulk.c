#include "forward/answer_bulk.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

void answer_bulk_id(const struct item *it, char out[BULK_ID_MAX + 1])
{
	snprintf(out, BULK_ID_MAX + 1, "%s-%u", it->uid, it->rev);
}

/* {"create": {"_id": ..., "status": ..., "error": {"type": ..., "reason": ...}}}; NULL: it is not. */
static const json_t *result_of(const json_t *entry, const struct item *it, char *why, size_t size)
{
	const json_t *created = json_object_get(entry, "create");
	const char *id = json_string_value(json_object_get(created, "_id"));
	char want[BULK_ID_MAX + 1];

	answer_bulk_id(it, want);
	if (!json_is_object(entry) || json_object_size(entry) != 1 || !created)
		snprintf(why, size, "an item of its answer is no answer to \"create\"");
	else if (!json_is_integer(json_object_get(created, "status")))
		snprintf(why, size, "an item of its answer has no status");
	else if (!id || strcmp(id, want) != 0)
		snprintf(why, size, "the items of its answer are not the ones that were sent, in their order");
	else
		return created;
	return NULL;
}

static enum item_result meaning(json_int_t status)
{
	if ((status >= 200 && status < 300) || status == 409)
		return ITEM_SENT;
	return status == 429 || (status >= 502 && status <= 504) ? ITEM_AGAIN : ITEM_NEVER;
}

static void take(struct item *it, const json_t *created, const struct words_hide *hide)
{
	json_int_t status = json_integer_value(json_object_get(created, "status"));
	const json_t *error = json_object_get(created, "error");
	const char *type = json_string_value(json_object_get(error, "type"));
	const char *reason = json_string_value(json_object_get(error, "reason"));

	it->result = meaning(status);
	it->why[0] = '\0';
	if (it->result == ITEM_SENT)
		return;
	snprintf(it->why, sizeof it->why, "status %lld", (long long)status);
	if (type) {
		words_add_text(it->why, sizeof it->why, ": ");
		words_add(it->why, sizeof it->why, type, strlen(type), hide);
	}
	if (reason) {
		words_add_text(it->why, sizeof it->why, ": ");
		words_add(it->why, sizeof it->why, reason, strlen(reason), hide);
	}
}

bool answer_bulk(const char *body, size_t n, struct batch *b, const struct words_hide *hide, char *why, size_t size)
{
	json_t *root = json_loadb(body, n, JSON_REJECT_DUPLICATES, NULL);
	const json_t *items = json_object_get(root, "items");
	bool ok = false;
	uint32_t i;

	if (!json_is_array(items)) {
		snprintf(why, size, "its answer is not that of _bulk");
		goto out;
	}
	if (json_array_size(items) != b->count) {
		snprintf(why, size, "its answer has %zu items for %u that were sent", json_array_size(items), b->count);
		goto out;
	}
	for (i = 0; i < b->count && result_of(json_array_get(items, i), &b->item[i], why, size); i++)
		;
	ok = i == b->count;
	for (i = 0; ok && i < b->count; i++)
		take(&b->item[i], json_object_get(json_array_get(items, i), "create"), hide);
out:
	json_decref(root);
	return ok;
}
