#include "alert/store_row.h"

#include "policy/policy.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

/* Where the texts are in each kind of row: offset + 1, 0 ends. */
#define AT(type, member) (uint16_t)(offsetof(struct type, member) + 1)
#define TEXTS_MAX 20
static const struct {
	uint16_t size, text[TEXTS_MAX];
} kinds[ROW_KINDS] = {
	[ROW_ALERT] = { sizeof(struct store_alert), {
		AT(store_alert, uid), AT(store_alert, rule), AT(store_alert, title), AT(store_alert, class_word),
		AT(store_alert, severity), AT(store_alert, client), AT(store_alert, server), AT(store_alert, proto),
		AT(store_alert, op), AT(store_alert, act), AT(store_alert, outcome), AT(store_alert, text),
		AT(store_alert, client_ip), AT(store_alert, server_ip), AT(store_alert, client_asset),
		AT(store_alert, server_asset), AT(store_alert, json) } },
	[ROW_RULE] = { sizeof(struct store_rule), {
		AT(store_rule, id), AT(store_rule, title), AT(store_rule, description), AT(store_rule, why),
		AT(store_rule, advice) } },
	[ROW_ASSET] = { sizeof(struct store_asset), {
		AT(store_asset, segment), AT(store_asset, ip), AT(store_asset, sort), AT(store_asset, name),
		AT(store_asset, role), AT(store_asset, zone), AT(store_asset, mac), AT(store_asset, roles),
		AT(store_asset, first_capture) } },
	[ROW_SAYING] = { sizeof(struct store_saying), {
		AT(store_saying, segment), AT(store_saying, ip), AT(store_saying, part), AT(store_saying, field),
		AT(store_saying, value), AT(store_saying, proto), AT(store_saying, capture) } },
	[ROW_CONVERSATION] = { sizeof(struct store_conversation), {
		AT(store_conversation, segment), AT(store_conversation, client), AT(store_conversation, server),
		AT(store_conversation, proto), AT(store_conversation, op), AT(store_conversation, func_name),
		AT(store_conversation, space), AT(store_conversation, granule), AT(store_conversation, tag),
		AT(store_conversation, capture) } },
	[ROW_CAPTURE] = { sizeof(struct store_capture), {
		AT(store_capture, name), AT(store_capture, sha256), AT(store_capture, error) } },
	[ROW_RUN] = { sizeof(struct store_run), {
		AT(store_run, id), AT(store_run, sensor), AT(store_run, captures_hash), AT(store_run, site),
		AT(store_run, policy_hash), AT(store_run, program) } },
};

static const char *text_in(const void *row, uint16_t at)
{
	const char *text;

	memcpy(&text, (const char *)row + at - 1, sizeof text);
	return text;
}

struct store_row *store_row_new(enum store_row_kind kind, const void *from)
{
	size_t n = sizeof(struct store_row);
	const uint16_t *at;

	for (at = kinds[kind].text; *at; at++) {
		const char *text = text_in(from, *at);
		size_t len = text ? strlen(text) + 1 : 0;

		if (len > STORE_ROW_MAX || n + len > STORE_ROW_MAX)
			return NULL;
		n += len;
	}
	struct store_row *r = malloc(n);

	if (!r)
		return NULL;
	memset(r, 0, sizeof *r);
	memcpy(&r->as, from, kinds[kind].size);
	r->kind = (uint8_t)kind;
	r->bytes = (uint32_t)n;
	if (kind == ROW_ALERT)
		r->severity = (uint8_t)(r->as.alert.severity_level < SEV_COUNT ? r->as.alert.severity_level : SEV_COUNT - 1);
	if (kind == ROW_RUN)
		r->as.run.replace = NULL;
	char *to = r->text;

	for (at = kinds[kind].text; *at; at++) {
		const char *text = text_in(from, *at);
		size_t len = text ? strlen(text) + 1 : 0;

		if (!text)
			continue;
		memcpy(to, text, len);
		memcpy((char *)&r->as + *at - 1, &to, sizeof to);
		to += len;
	}
	return r;
}
