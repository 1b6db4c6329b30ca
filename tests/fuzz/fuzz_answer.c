/* fuzz_answer.c - what a receiver over HTTP answers. The first byte says which reader gets the rest:
 *   0 an event collector   1 its acknowledgements   2 _bulk   3 a token   4 an error of any status (the second byte) */
#define _GNU_SOURCE                     /* strcasestr */
#include "forward/answer_bulk.h"
#include "forward/answer_hec.h"
#include "forward/answer_token.h"
#include "forward/http_answer.h"

#include "base/utf8.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define ITEMS 3
static char hidden_text[] = "hush";
static const struct secret hidden = { hidden_text, sizeof hidden_text - 1, 0 };
static const struct words_hide hide = { { &hidden, NULL, NULL, NULL } };

static void must(int ok)
{
	if (!ok)
		abort();
}

/* Text for people: terminated, well-formed, without controls, without the secret. */
static void harmless(const char *s, size_t size)
{
	size_t n = strnlen(s, size);
	uint32_t cp;

	must(n < size);
	must(!strcasestr(s, hidden_text));
	for (size_t at = 0, len; at < n; at += len) {
		len = utf8_next((const uint8_t *)s + at, n - at, &cp);
		must(len > 0 && cp >= 0x20 && !(cp >= 0x7f && cp < 0xa0) && !utf8_is_unsafe(cp));
	}
}

static void bulk(const char *body, size_t n)
{
	struct item item[ITEMS] = { { .uid = "a", .rev = 1 }, { .uid = "b", .rev = 2 }, { .uid = "c", .rev = 3 } };
	struct batch b = { 1, item, ITEMS };
	char why[160] = "";
	enum bulk_answer got = answer_bulk(body, n, &b, &hide, why, sizeof why);

	must(got != BULK_NONSENSE || *why);
	harmless(why, sizeof why);
	for (int i = 0; i < ITEMS; i++) {
		bool refused = item[i].result == ITEM_AGAIN || item[i].result == ITEM_NEVER || got == BULK_SHUT;

		must((item[i].result != ITEM_OPEN) == (got == BULK_ITEMS));
		must(refused == (item[i].why[0] != '\0'));
		harmless(item[i].why, sizeof item[i].why);
	}
}

static void token(const char *body, size_t n)
{
	struct secret s = { 0 };
	uint32_t expires = 0;

	if (!answer_token(body, n, &s, &expires)) {
		must(!s.text);
		return;
	}
	must(s.len > 0 && strlen(s.text) == s.len && expires >= 1 && expires <= 86400);
	for (size_t i = 0; i < s.len; i++)
		must(s.text[i] > ' ' && s.text[i] <= '~');
	secret_fini(&s);
}

static void error(const char *body, size_t n)
{
	struct http_answer a = { .status = n ? 200 + 3 * (uint8_t)body[0] : 0, .body = n ? body + 1 : "", .len = n ? n - 1 : 0 };
	struct reply r;

	memcpy(a.location, a.body, a.len < sizeof a.location ? a.len : sizeof a.location - 1);
	http_answer_class(&a, &hide, &r);
	must((r.what == REPLY_DONE) == (r.text[0] == '\0'));
	harmless(r.text, sizeof r.text);
	http_answer_seconds(a.body, a.len);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const int64_t id[ITEMS] = { 0, 1, 7 };
	bool acked[ITEMS] = { false };
	struct hec_answer h;
	char *body;
	size_t n;

	if (size == 0)
		return 0;
	n = size - 1;
	body = malloc(n + 1);           /* of its exact size, with the NUL that every answer has */
	if (!body)
		return 0;
	memcpy(body, data + 1, n);
	body[n] = '\0';
	switch (data[0] % 5) {
	case 0:
		must(answer_hec(body, n, &h) == (h.code >= 0));
		must(h.code >= -1 && h.invalid >= -1 && h.ack >= -1);
		break;
	case 1:
		must(answer_hec_acks(body, n, id, acked, ITEMS) || !(acked[0] || acked[1] || acked[2]));
		break;
	case 2:
		bulk(body, n);
		break;
	case 3:
		token(body, n);
		break;
	default:
		error(body, n);
		break;
	}
	free(body);
	return 0;
}
