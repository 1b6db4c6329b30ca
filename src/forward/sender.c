#include "forward/sender.h"

#include <stdio.h>
#include <string.h>

#define URL_MAX 8192

int sender_init(struct sender *s, const struct driver_ops *ops, const struct driver_env *env, struct diag *d)
{
	const struct sink_conf *c = env->conf;
	int err;

	s->base = (struct driver_base){ .ops = ops, .env = *env };
	sbuf_init(&s->url, URL_MAX);
	sbuf_init(&s->body, SENDER_BODY_MAX);
	s->hide = (struct words_hide){ { &s->token, &s->password, &s->login.password, &s->login.basic } };
	err = secret_read(&s->token, &c->token, "token", d);
	if (err == ZT_OK)
		err = secret_read(&s->password, &c->password, "password", d);
	if (err == ZT_OK)
		err = proxy_login_read(&s->login, c, d);
	if (err == ZT_OK && !(s->http = curl_http_new(env, &s->login, &s->hide, d)))
		err = ZT_ELIB;
	return err;
}

void sender_fini(struct sender *s)
{
	curl_http_free(s->http);
	secret_fini(&s->token);
	secret_fini(&s->password);
	secret_fini(&s->authorization);
	proxy_login_fini(&s->login);
	sbuf_fini(&s->url);
	sbuf_fini(&s->body);
}

/* --- credentials ------------------------------------------------------------------------------------------------ */

int sender_authorize(struct sender *s, const char *scheme, const struct secret *secret, struct diag *d)
{
	static const char name[] = "Authorization: ";
	size_t need = sizeof name + strlen(scheme) + secret->len + 2;
	int err;

	secret_fini(&s->authorization);
	if (!secret->text)
		return ZT_OK;
	err = secret_room(&s->authorization, need, d);
	if (err == ZT_OK)
		s->authorization.len = (size_t)snprintf(s->authorization.text, need, "%s%s %s", name, scheme, secret->text);
	return err;
}

int sender_authorize_basic(struct sender *s, struct diag *d)
{
	const char *user = s->base.env.conf->user;
	int err;

	if (!user || !s->password.text)
		return ZT_OK;
	/* The encoded pair is a secret of its own, that a receiver may repeat. */
	err = secret_basic(&s->token, user, &s->password, d);
	return err == ZT_OK ? sender_authorize(s, "Basic", &s->token, d) : err;
}

/* --- addresses -------------------------------------------------------------------------------------------------- */

void sender_url_begin(const struct sender *s, struct sbuf *url)
{
	const char *conf = s->base.env.conf->url, *host = strstr(conf, "://");
	size_t n = strcspn(conf, "?#"), least = host ? (size_t)(host + 3 - conf) : 0;

	while (n > least && conf[n - 1] == '/')
		n--;
	sbuf_reset(url);
	sbuf_mem(url, conf, n);
}

void sender_url_segment(struct sbuf *url, const char *text)
{
	sbuf_char(url, '/');
	for (; *text; text++) {
		unsigned char c = (unsigned char)*text;

		if ((c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || strchr("-._~", c))
			sbuf_char(url, (char)c);
		else
			sbuf_fmt(url, "%%%02X", c);
	}
}

/* --- sending ---------------------------------------------------------------------------------------------------- */

void sender_step(const struct sender *s, bool ok, const char *step, const char *text)
{
	if (s->base.env.step)
		s->base.env.step(s->base.env.step_arg, ok, step, text);
}

static void tell(const struct sender *s, const struct http_answer *a, const struct reply *r)
{
	char text[REPLY_TEXT];

	if (!s->base.env.step)
		return;
	snprintf(text, sizeof text, "HTTP %ld", a->status);
	if (a->len) {
		words_add_text(text, sizeof text, ": ");
		http_answer_words(a, &s->hide, text, sizeof text);
	}
	sender_step(s, r->what == REPLY_DONE, "http", r->what == REPLY_DONE ? text : r->text);
}

bool sender_post(struct sender *s, const struct sender_request *q, struct batch *b, struct http_answer *a, struct reply *r)
{
	char type[160];
	struct http_post p = {
		.url = sbuf_text(q->url), .body = sbuf_text(&s->body), .len = s->body.len, .keep = q->keep,
		.gzip = s->base.env.conf->gzip, .header = { type, NULL },
	};
	size_t n = 1;

	*a = (struct http_answer){ .body = "" };
	snprintf(type, sizeof type, "Content-Type: %s", q->content_type);
	if (s->authorization.text)
		p.header[n++] = s->authorization.text;
	if (q->header)
		p.header[n++] = q->header;
	if (s->body.cut || q->url->cut) {
		*r = (struct reply){ .what = s->body.cut ? REPLY_SMALLER : REPLY_PAUSE };
		snprintf(r->text, sizeof r->text, s->body.cut ? "a request would be larger than 256 MiB" : "the URL is too long");
	} else if (curl_http_post(s->http, &p, a, r)) {
		http_answer_class(a, &s->hide, r);
		tell(s, a, r);
	} else if (a->too_long && q->keep && b && b->count > 1) {
		r->what = REPLY_SMALLER;        /* it may have had that much to say of so many records */
	}
	if (b)
		http_answer_refuse(b, r);
	return r->what == REPLY_DONE;
}

void sender_nonsense(const struct sender *s, const struct http_answer *a, const char *what, struct reply *r)
{
	char words[REPLY_TEXT] = "";

	*r = (struct reply){ .what = REPLY_LATER, .status = a->status };
	snprintf(r->text, sizeof r->text, "%s (HTTP %ld)", what, a->status);
	http_answer_words(a, &s->hide, words, sizeof words);
	if (*words) {
		words_add_text(r->text, sizeof r->text, ": ");
		words_add_text(r->text, sizeof r->text, words);
	}
	sender_step(s, false, "answer", r->text);
}

void sender_sent(struct batch *b, uint32_t n)
{
	for (uint32_t i = 0; i < n && i < b->count; i++)
		b->item[i].result = ITEM_SENT;
}
