/* driver_sentinel.c - Microsoft Sentinel through the Logs Ingestion API of Azure Monitor: a JSON array to a data collection
 * rule, with a token of OAuth 2.0 client credentials (RFC 6749, 4.4) that is fetched before the one there is expires. */
#include "forward/driver.h"

#include "base/clock.h"
#include "forward/answer_token.h"
#include "forward/sender.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BODY_MOST 1048576u              /* bytes of an array, before compression */
#define SECOND UINT64_C(1000000000)
#define EARLY_S 300                     /* a token is renewed so long before its end, or at half its life */
#define SCOPE "https%3A%2F%2Fmonitor.azure.com%2F.default"

struct sentinel {
	struct sender s;                /* s.token: the access token */
	struct curl_http *authority;
	struct sbuf token_url;
	struct secret form;             /* the request for a token; holds the client secret */
	uint64_t renew_ns;              /* monotonic clock; the token that there is is good until then */
};

static void sentinel_close(struct driver *d)
{
	struct sentinel *t = (struct sentinel *)d;

	if (!t)
		return;
	curl_http_free(t->authority);
	secret_fini(&t->form);
	sbuf_fini(&t->token_url);
	sender_fini(&t->s);
	free(t);
}

/* --- the token -------------------------------------------------------------------------------------------------- */

/* application/x-www-form-urlencoded, into what is locked. */
static size_t form_encode(char *out, const char *text)
{
	static const char hex[] = "0123456789ABCDEF";
	size_t n = 0;

	for (; *text; text++) {
		unsigned char c = (unsigned char)*text;

		if ((c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || strchr("-._~", c)) {
			out[n++] = (char)c;
			continue;
		}
		out[n++] = '%';
		out[n++] = hex[c >> 4];
		out[n++] = hex[c & 15];
	}
	return n;
}

static int make_form(struct sentinel *t, struct diag *d)
{
	static const char begin[] = "grant_type=client_credentials&scope=" SCOPE "&client_id=", middle[] = "&client_secret=";
	const char *id = t->s.base.env.conf->client_id ? t->s.base.env.conf->client_id : "";
	int err;
	char *p;

	if (!t->s.password.text)
		return diag_fail(d, ZT_EINVAL, "there is no client secret (password_file or password_env)");
	err = secret_room(&t->form, sizeof begin + sizeof middle + 3 * (strlen(id) + t->s.password.len) + 1, d);
	if (err != ZT_OK)
		return err;
	p = t->form.text;
	memcpy(p, begin, sizeof begin - 1);
	p += sizeof begin - 1;
	p += form_encode(p, id);
	memcpy(p, middle, sizeof middle - 1);
	p += sizeof middle - 1;
	p += form_encode(p, t->s.password.text);
	t->form.len = (size_t)(p - t->form.text);
	return ZT_OK;
}

/* 400 is what an authority says to an application or a secret that it does not know (RFC 6749, 5.2). */
static void no_token(struct sentinel *t, const struct http_answer *a, struct reply *r)
{
	char text[REPLY_TEXT];

	if (a->status)
		http_answer_class(a, &t->s.hide, r);
	if (r->what == REPLY_SMALLER)
		r->what = REPLY_PAUSE;
	if (r->what == REPLY_DONE) {
		r->what = REPLY_LATER;
		snprintf(r->text, sizeof r->text, "its answer has no bearer token in it");
	}
	snprintf(text, sizeof text, "%s", r->text);
	snprintf(r->text, sizeof r->text, "no token from the authority: ");
	words_add_text(r->text, sizeof r->text, text);
	sender_step(&t->s, false, "token", r->text);
}

static bool take_token(struct sentinel *t, const struct http_answer *a, uint32_t *expires)
{
	struct diag d;

	secret_fini(&t->s.token);
	return a->status >= 200 && a->status < 300 && answer_token(a->body, a->len, &t->s.token, expires) &&
	       sender_authorize(&t->s, "Bearer", &t->s.token, &d) == ZT_OK;
}

static bool fetch_token(struct sentinel *t, struct reply *r)
{
	const struct http_post p = {
		.url = sbuf_text(&t->token_url), .header = { "Content-Type: application/x-www-form-urlencoded", NULL },
		.body = t->form.text, .len = t->form.len,
	};
	struct http_answer a;
	uint32_t expires = 0;
	char text[80];

	t->renew_ns = 0;
	if (!curl_http_post(t->authority, &p, &a, r)) {
		a.status = 0;
		no_token(t, &a, r);
		return false;
	}
	if (!take_token(t, &a, &expires)) {
		no_token(t, &a, r);
		return false;
	}
	t->renew_ns = clock_mono() + (expires > 2 * EARLY_S ? expires - EARLY_S : (expires + 1) / 2) * SECOND;
	snprintf(text, sizeof text, "a token that is good for %u s", expires);
	sender_step(&t->s, true, "token", text);
	return true;
}

/* --- records ---------------------------------------------------------------------------------------------------- */

static struct driver *sentinel_open(const struct driver_env *env, struct diag *d)
{
	struct sentinel *t = calloc(1, sizeof *t);
	const struct sink_conf *c = env->conf;

	if (!t) {
		diag_fail(d, ZT_ENOMEM, "no memory for a connection");
		return NULL;
	}
	sbuf_init(&t->token_url, 8192);
	if (sender_init(&t->s, &driver_sentinel, env, d) != ZT_OK || make_form(t, d) != ZT_OK ||
	    !(t->authority = curl_http_new(env, &t->s.login, &t->s.hide, d))) {
		sentinel_close((struct driver *)t);
		return NULL;
	}
	sbuf_mem(&t->token_url, c->authority, strlen(c->authority) - (c->authority[strlen(c->authority) - 1] == '/'));
	sender_url_segment(&t->token_url, c->tenant ? c->tenant : "");
	sbuf_str(&t->token_url, "/oauth2/v2.0/token");
	sender_url_begin(&t->s, &t->s.url);
	sbuf_str(&t->s.url, "/dataCollectionRules");
	sender_url_segment(&t->s.url, c->dcr ? c->dcr : "");
	sbuf_str(&t->s.url, "/streams");
	sender_url_segment(&t->s.url, c->stream ? c->stream : "");
	sbuf_str(&t->s.url, "?api-version=2023-01-01");
	return (struct driver *)t;
}

/* As many as go into one request; 0: not even the first. */
static uint32_t fill(struct sbuf *body, const struct batch *b)
{
	uint32_t n = 0;

	sbuf_reset(body);
	for (; n < b->count && body->len + b->item[n].len + 2 <= BODY_MOST; n++) {
		sbuf_char(body, n ? ',' : '[');
		sbuf_mem(body, b->item[n].text, b->item[n].len);
	}
	sbuf_char(body, ']');
	return n;
}

static bool post(struct sentinel *t, struct batch *part, struct reply *r)
{
	const struct sender_request q = { .url = &t->s.url, .content_type = "application/json" };
	struct http_answer a;

	if (!sender_post(&t->s, &q, part, &a, r))
		return false;
	if (a.status == 204)
		return true;
	sender_nonsense(&t->s, &a, "it did not say 204 (No Content), as the Logs Ingestion API does of what it has", r);
	return false;
}

static void sentinel_send(struct driver *d, struct batch *b, struct reply *r)
{
	struct sentinel *t = (struct sentinel *)d;
	struct batch part = { b->number, b->item, fill(&t->s.body, b) };
	bool fresh = clock_mono() >= t->renew_ns;

	if (part.count == 0) {
		*r = (struct reply){ .what = REPLY_DONE };
		b->item[0].result = ITEM_NEVER;
		snprintf(b->item[0].why, sizeof b->item[0].why, "a record of %zu bytes; Sentinel takes no more than 1 MB at once",
			 b->item[0].len);
		return;
	}
	if (fresh && !fetch_token(t, r))
		return;
	if (post(t, &part, r)) {
		sender_sent(&part, part.count);
		return;
	}
	/* The token may have been revoked, or the authority's clock be another. */
	if (r->status == 401 && !fresh && fetch_token(t, r) && post(t, &part, r))
		sender_sent(&part, part.count);
	if (r->status == 401)
		t->renew_ns = 0;
}

const struct driver_ops driver_sentinel = {
	.name = "sentinel",
	.open = sentinel_open,
	.send = sentinel_send,
	.window = 1,
	.close = sentinel_close,
};
