/* driver_webhook.c - records posted to a URL: lines of a batch, or with batches of one a single object. Any 2xx is success.
 *
 * ClickHouse's insert over HTTP is such a receiver (`?query=INSERT INTO t FORMAT JSONEachRow`), with one thing of its own:
 * once it has begun to answer it can only say in the body that it failed, behind a status of 200. */
#include "forward/driver.h"

#include "forward/sender.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct webhook {
	struct sender s;
};

static void webhook_close(struct driver *d)
{
	struct webhook *w = (struct webhook *)d;

	if (!w)
		return;
	sender_fini(&w->s);
	free(w);
}

/* As people write a query, with blanks and quotes; what is %XX already stays. */
static void spelled(struct sbuf *url, const char *text)
{
	for (; *text; text++) {
		unsigned char c = (unsigned char)*text;

		if (c > ' ' && c < 0x7f && !strchr("\"<>\\^`{|}", c))
			sbuf_char(url, (char)c);
		else
			sbuf_fmt(url, "%%%02X", c);
	}
}

static struct driver *webhook_open(const struct driver_env *env, struct diag *d)
{
	struct webhook *w = calloc(1, sizeof *w);
	int err;

	if (!w) {
		diag_fail(d, ZT_ENOMEM, "no memory for a connection");
		return NULL;
	}
	err = sender_init(&w->s, &driver_webhook, env, d);
	if (err == ZT_OK)
		err = w->s.token.text ? sender_authorize(&w->s, "Bearer", &w->s.token, d) : sender_authorize_basic(&w->s, d);
	if (err != ZT_OK) {
		webhook_close((struct driver *)w);
		return NULL;
	}
	spelled(&w->s.url, env->conf->url);
	return (struct driver *)w;
}

static const char *content_type(const struct sink_conf *c)
{
	if (c->content_type)
		return c->content_type;
	return c->batch_count == 1 ? "application/json" : "application/x-ndjson";
}

/* The number of its exception, whatever the status: an old version answers 500 to data that it cannot read, and once an
 * answer has begun its status is 200 whatever comes. 0: none. */
static long clickhouse_code(const struct http_answer *a)
{
	const char *said = strstr(a->body, "DB::Exception"), *code = said ? strstr(a->body, "Code: ") : NULL;

	if (!a->clickhouse)
		return 0;
	if (a->exception[0])
		return strtol(a->exception, NULL, 10);
	return code ? strtol(code + 6, NULL, 10) : said != NULL;
}

/* Is it about the records? Of its source, ErrorCodes.cpp: what cannot be parsed, does not fit its type or its column. */
static bool is_about_data(long code)
{
	static const long data[] = { 6, 26, 27, 38, 41, 53, 69, 70, 72, 117, 131, 349, 441, 442, 636 };

	for (size_t i = 0; i < sizeof data / sizeof data[0]; i++) {
		if (code == data[i])
			return true;
	}
	return false;
}

static void clickhouse_says(struct webhook *w, const struct http_answer *a, long code, struct batch *b, struct reply *r)
{
	char words[REPLY_TEXT] = "";

	if (is_about_data(code))
		r->what = REPLY_SMALLER;
	else if (r->what == REPLY_DONE)
		r->what = REPLY_LATER;
	http_answer_words(a, &w->s.hide, words, sizeof words);
	snprintf(r->text, sizeof r->text, "ClickHouse %s (HTTP %ld): ", is_about_data(code) ? "refuses the data" : "failed", a->status);
	words_add_text(r->text, sizeof r->text, words);
	http_answer_refuse(b, r);
	sender_step(&w->s, false, "answer", r->text);
}

static void webhook_send(struct driver *d, struct batch *b, struct reply *r)
{
	struct webhook *w = (struct webhook *)d;
	const struct sink_conf *c = w->s.base.env.conf;
	const struct sender_request q = { .url = &w->s.url, .content_type = content_type(c) };
	struct http_answer a;
	bool ok;
	long code;

	sbuf_reset(&w->s.body);
	for (uint32_t i = 0; i < b->count; i++) {
		sbuf_mem(&w->s.body, b->item[i].text, b->item[i].len);
		if (c->batch_count != 1)
			sbuf_char(&w->s.body, '\n');
	}
	ok = sender_post(&w->s, &q, b, &a, r);
	code = clickhouse_code(&a);
	if (code && (ok || a.status == 500))
		clickhouse_says(w, &a, code, b, r);
	else if (ok)
		sender_sent(b, b->count);
}

const struct driver_ops driver_webhook = {
	.name = "webhook",
	.open = webhook_open,
	.send = webhook_send,
	.window = 1,
	.close = webhook_close,
};
