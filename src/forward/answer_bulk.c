#include "forward/answer_bulk.h"

#include "base/jtree.h"

#include <stdio.h>
#include <string.h>

#define VALUES_MAX 64                   /* of an item of the answer; it has about fifteen, with an error thirty */

void answer_bulk_id(const struct item *it, char out[BULK_ID_MAX + 1])
{
	snprintf(out, BULK_ID_MAX + 1, "%s-%u", it->uid, it->rev);
}

/* {"create": {"_id": ..., "status": ..., "error": {"type": ..., "reason": ...}}}; NULL: it is not. */
static const struct jvalue *result_of(const struct jvalue *entry, const struct item *it, char *why, size_t size)
{
	const struct jvalue *created = jvalue_get(entry, "create");
	const char *id = jvalue_text(jvalue_get(created, "_id"));
	int64_t status;
	char want[BULK_ID_MAX + 1];

	answer_bulk_id(it, want);
	if (jvalue_count(entry, JKIND_OBJECT) != 1 || !created)
		snprintf(why, size, "an item of its answer is no answer to \"create\"");
	else if (!jvalue_int(jvalue_get(created, "status"), &status))
		snprintf(why, size, "an item of its answer has no status");
	else if (!id || strcmp(id, want) != 0)
		snprintf(why, size, "the items of its answer are not the ones that were sent, in their order");
	else
		return created;
	return NULL;
}

static enum item_result meaning(int64_t status)
{
	if ((status >= 200 && status < 300) || status == 409)
		return ITEM_SENT;
	return status == 429 || (status >= 502 && status <= 504) ? ITEM_AGAIN : ITEM_NEVER;
}

static bool is_shut(int64_t status)
{
	return status == 401 || status == 403 || status == 404;
}

/* Returns its status. */
static int64_t take(struct item *it, const struct jvalue *created, const struct words_hide *hide)
{
	const struct jvalue *error = jvalue_get(created, "error");
	const char *type = jvalue_text(jvalue_get(error, "type"));
	const char *reason = jvalue_text(jvalue_get(error, "reason"));
	int64_t status = 0;

	jvalue_int(jvalue_get(created, "status"), &status);
	it->result = meaning(status);
	it->why[0] = '\0';
	if (it->result == ITEM_SENT)
		return status;
	snprintf(it->why, sizeof it->why, "status %lld", (long long)status);
	if (type) {
		words_add_text(it->why, sizeof it->why, ": ");
		words_add(it->why, sizeof it->why, type, strlen(type), hide);
	}
	if (reason) {
		words_add_text(it->why, sizeof it->why, ": ");
		words_add(it->why, sizeof it->why, reason, strlen(reason), hide);
	}
	return status;
}

static enum bulk_answer take_all(const struct jvalue *items, struct batch *b, const struct words_hide *hide)
{
	uint32_t i = 0, shut = 0;

	for (const struct jvalue *v = items->first; v; v = v->next)
		shut += is_shut(take(&b->item[i++], jvalue_get(v, "create"), hide));
	if (shut < b->count)
		return BULK_ITEMS;
	for (i = 0; i < b->count; i++)
		b->item[i].result = ITEM_OPEN;
	return BULK_SHUT;
}

enum bulk_answer answer_bulk(const char *body, size_t n, struct batch *b, const struct words_hide *hide, char *why, size_t size)
{
	int err;
	struct jtree *t = jtree_read(body, n, (b->count + 1) * VALUES_MAX, &err, NULL);
	const struct jvalue *items = jvalue_get(jtree_root(t), "items"), *v;
	enum bulk_answer got = BULK_NONSENSE;
	uint32_t i;

	if (!jvalue_is(items, JKIND_LIST)) {
		snprintf(why, size, "its answer is not that of _bulk");
		goto out;
	}
	if (items->len != b->count) {
		snprintf(why, size, "its answer has %u items for %u that were sent", items->len, b->count);
		goto out;
	}
	for (i = 0, v = items->first; v && result_of(v, &b->item[i], why, size); i++, v = v->next)
		;
	if (!v)
		got = take_all(items, b, hide);
out:
	jtree_free(t);
	return got;
}
