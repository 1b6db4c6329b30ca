#include "forward/http_answer.h"

#include "base/jtree.h"

#include <stdio.h>
#include <string.h>

#define SECOND UINT64_C(1000000000)
#define DAY_S 86400u
#define VALUES_MAX 4096                 /* of an answer whose words are looked for */

/* --- its words -------------------------------------------------------------------------------------------------- */

static const char *member(const struct jvalue *o, const char *key)
{
	return jvalue_text(jvalue_get(o, key));
}

static void add(char *out, size_t size, const char *s, const struct words_hide *hide)
{
	if (*out)
		words_add_text(out, size, ": ");
	words_add(out, size, s, strlen(s), hide);
}

/* Elasticsearch: error.type, error.reason. Azure: error.code, error.message. OAuth (RFC 6749, 5.2): error,
 * error_description. Splunk: text. */
static void add_message(const struct jvalue *root, const struct words_hide *hide, char *out, size_t size)
{
	static const char *const inner[] = { "type", "code", "reason", "message" };
	static const char *const outer[] = { "error", "error_description", "text", "message" };
	const struct jvalue *error = jvalue_get(root, "error");

	for (size_t i = 0; jvalue_is(error, JKIND_OBJECT) && i < sizeof inner / sizeof inner[0]; i++) {
		if (member(error, inner[i]))
			add(out, size, member(error, inner[i]), hide);
	}
	for (size_t i = 0; !jvalue_is(error, JKIND_OBJECT) && i < sizeof outer / sizeof outer[0]; i++) {
		if (member(root, outer[i]))
			add(out, size, member(root, outer[i]), hide);
	}
}

void http_answer_words(const struct http_answer *a, const struct words_hide *hide, char *out, size_t size)
{
	int err;
	struct jtree *t = jtree_read(a->body, a->len, VALUES_MAX, &err, NULL);
	char words[REPLY_TEXT] = "";

	add_message(jtree_root(t), hide, words, sizeof words);
	jtree_wipe(t);
	if (!*words && a->len)
		words_add(words, sizeof words, a->body, a->len, hide);
	words_add_text(out, size, words);
}

/* --- its status ------------------------------------------------------------------------------------------------- */

static const struct status_row {
	long from, to;
	enum reply_class what;
	const char *text;
} statuses[] = {
	{ 200, 299, REPLY_DONE, "" },
	{ 300, 399, REPLY_LATER, "the receiver points elsewhere, which is not followed" },
	{ 400, 400, REPLY_SMALLER, "the receiver refuses the request" },
	{ 401, 401, REPLY_PAUSE, "the receiver does not know us" },
	{ 403, 403, REPLY_PAUSE, "the receiver does not allow us" },
	{ 404, 404, REPLY_PAUSE, "the receiver does not know this address" },
	{ 407, 407, REPLY_PAUSE, "the proxy does not know us" },
	{ 408, 408, REPLY_LATER, "the receiver waited too long for the request" },
	{ 413, 413, REPLY_SMALLER, "the request is too large for the receiver" },
	{ 422, 422, REPLY_SMALLER, "the receiver refuses the request" },
	{ 425, 425, REPLY_LATER, "the receiver is not ready" },
	{ 429, 429, REPLY_LATER, "the receiver asks for fewer requests" },
	{ 400, 499, REPLY_PAUSE, "the receiver refuses such requests" },
	{ 503, 503, REPLY_LATER, "the receiver is busy" },
	{ 500, 599, REPLY_LATER, "the receiver failed" },
	{ 0, 999, REPLY_LATER, "the receiver answered nonsense" },
};

void http_answer_class(const struct http_answer *a, const struct words_hide *hide, struct reply *r)
{
	const struct status_row *row = statuses;
	char words[REPLY_TEXT] = "";

	while (row < statuses + sizeof statuses / sizeof statuses[0] - 1 && (a->status < row->from || a->status > row->to))
		row++;
	*r = (struct reply){ .what = row->what, .status = a->status, .retry_after_ns = a->retry_after_ns };
	if (row->what == REPLY_DONE)
		return;
	snprintf(r->text, sizeof r->text, "%s (HTTP %ld", row->text, a->status);
	if (a->location[0]) {
		words_add_text(r->text, sizeof r->text, " to ");
		words_add(r->text, sizeof r->text, a->location, strlen(a->location), hide);
	}
	if (a->status == 407 && a->proxy[0]) {
		words_add_text(r->text, sizeof r->text, ", proxy ");
		words_add(r->text, sizeof r->text, a->proxy, strlen(a->proxy), hide);
	}
	words_add_text(r->text, sizeof r->text, ")");
	http_answer_words(a, hide, words, sizeof words);
	if (*words && !a->location[0]) {
		words_add_text(r->text, sizeof r->text, ": ");
		words_add_text(r->text, sizeof r->text, words);
	}
}

void http_answer_refuse(struct batch *b, const struct reply *r)
{
	if (r->what != REPLY_SMALLER || b->count != 1)
		return;
	b->item[0].result = ITEM_NEVER;
	snprintf(b->item[0].why, sizeof b->item[0].why, "%s", r->text);
}

uint64_t http_answer_seconds(const char *s, size_t n)
{
	uint64_t v = 0;

	if (n == 0)
		return 0;
	for (size_t i = 0; i < n; i++) {
		if (s[i] < '0' || s[i] > '9')
			return 0;
		v = v * 10 + (uint64_t)(s[i] - '0');
		v = v > DAY_S ? DAY_S : v;
	}
	return v * SECOND;
}
