#include "forward/curl_http.h"

#include "forward/curl_options.h"
#include "forward/curl_tell.h"
#include "forward/gzip.h"

#include <curl/curl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#define HEADERS_MAX (64u << 10)         /* bytes of an answer's headers */
#define RETRY_MAX_S 86400
#define SLICE_MS 100                    /* how often *stop is looked at */

struct curl_http {
	struct driver_env env;
	CURLM *multi;                   /* keeps the connection from one request to the next */
	CURL *easy;
	struct curl_tell tell;
	struct gzip *gzip;              /* from the first body that needs it */
	struct http_answer *answer;     /* of the request that runs */
	char *body;
	size_t len, room, keep;         /* bytes */
	uint64_t heard, headers;        /* bytes of this answer */
	time_t date, retry;             /* Date, and Retry-After when it is a date; 0: none */
};

/* --- the answer ------------------------------------------------------------------------------------------------- */

static size_t stop_at(const struct curl_http *h)
{
	return h->keep > HTTP_STOP ? h->keep : HTTP_STOP;
}

static bool room_for(struct curl_http *h, size_t n)
{
	size_t want = h->room ? h->room : 4096;
	char *p;

	if (h->len + n + 1 <= h->room)
		return true;
	while (want < h->len + n + 1)
		want *= 2;
	p = realloc(h->body, want);
	if (!p)
		return false;
	h->body = p;
	h->room = want;
	return true;
}

static size_t on_body(char *p, size_t size, size_t count, void *arg)
{
	struct curl_http *h = arg;
	size_t n = size * count, kept = h->keep - h->len < n ? h->keep - h->len : n;

	h->heard += n;
	if (h->heard > stop_at(h)) {
		h->answer->too_long = true;
		return 0;
	}
	if (kept < n)
		h->answer->cut = true;
	if (!room_for(h, kept))
		return 0;
	memcpy(h->body + h->len, p, kept);
	h->len += kept;
	return n;
}

static void copy(char *out, size_t size, const char *p, size_t n)
{
	n = n < size - 1 ? n : size - 1;
	memcpy(out, p, n);
	out[n] = '\0';
}

static time_t date_of(const char *p, size_t n)
{
	char text[64];
	time_t t;

	copy(text, sizeof text, p, n);
	t = curl_getdate(text, NULL);
	return t > 0 ? t : 0;
}

/* Is this the header `name`? Its value without blanks around. */
static bool is_header(const char *line, size_t n, const char *name, const char **value, size_t *len)
{
	size_t at = strlen(name);

	if (n <= at || line[at] != ':' || strncasecmp(line, name, at) != 0)
		return false;
	for (at++; at < n && (line[at] == ' ' || line[at] == '\t'); at++)
		;
	while (n > at && strchr(" \t\r\n", line[n - 1]))
		n--;
	*value = line + at;
	*len = n - at;
	return true;
}

static void answer_begins(struct curl_http *h)
{
	struct http_answer *a = h->answer;

	h->date = h->retry = 0;
	a->retry_after_ns = 0;
	a->location[0] = a->exception[0] = '\0';
	a->clickhouse = false;
}

static size_t on_header(char *p, size_t size, size_t count, void *arg)
{
	struct curl_http *h = arg;
	struct http_answer *a = h->answer;
	size_t n = size * count, len;
	const char *value;

	h->headers += n;
	if (h->headers > HEADERS_MAX) {
		a->too_long = true;
		return 0;
	}
	if (n >= 5 && memcmp(p, "HTTP/", 5) == 0) {
		answer_begins(h);
	} else if (is_header(p, n, "Retry-After", &value, &len)) {
		a->retry_after_ns = http_answer_seconds(value, len);
		h->retry = a->retry_after_ns ? 0 : date_of(value, len);
	} else if (is_header(p, n, "Date", &value, &len)) {
		h->date = date_of(value, len);
	} else if (is_header(p, n, "Location", &value, &len)) {
		copy(a->location, sizeof a->location, value, len);
	} else if (is_header(p, n, "X-ClickHouse-Exception-Code", &value, &len)) {
		copy(a->exception, sizeof a->exception, value, len);
	}
	a->clickhouse = a->clickhouse || (n > 13 && strncasecmp(p, "X-ClickHouse-", 13) == 0);
	return n;
}

static int on_progress(void *arg, curl_off_t to_get, curl_off_t got, curl_off_t to_put, curl_off_t put)
{
	const struct curl_http *h = arg;

	(void)to_get, (void)got, (void)to_put, (void)put;
	return atomic_load(h->env.stop);
}

/* How long the receiver asks to wait; by its own clock when it says what that shows. */
static void finish(struct curl_http *h)
{
	struct http_answer *a = h->answer;
	time_t now = h->date ? h->date : time(NULL), wait;

	curl_easy_getinfo(h->easy, CURLINFO_RESPONSE_CODE, &a->status);
	if (a->status == 407)
		sink_proxy(h->env.conf, a->proxy);
	if (!room_for(h, 0))
		h->len = 0;
	if (h->body)
		h->body[h->len] = '\0';
	a->body = h->body ? h->body : "";
	a->len = h->len;
	if (!h->retry || h->retry <= now)
		return;
	wait = h->retry - now < RETRY_MAX_S ? h->retry - now : RETRY_MAX_S;
	a->retry_after_ns = (uint64_t)wait * UINT64_C(1000000000);
}

/* --- the request ------------------------------------------------------------------------------------------------ */

struct curl_http *curl_http_new(const struct driver_env *env, const struct proxy_login *login, const struct words_hide *hide,
				struct diag *d)
{
	struct curl_http *h = calloc(1, sizeof *h);
	uint64_t ms = env->conf->max_time / 1000000;
	CURL *e;

	if (!h || !(h->easy = curl_easy_init()) || !(h->multi = curl_multi_init())) {
		curl_http_free(h);
		diag_fail(d, ZT_ENOMEM, "no memory for a connection");
		return NULL;
	}
	h->env = *env;
	e = h->easy;
	if (curl_options_set(e, env->conf, login, d) != ZT_OK) {
		curl_http_free(h);
		return NULL;
	}
	curl_multi_setopt(h->multi, CURLMOPT_MAXCONNECTS, 1L);
	curl_tell_attach(&h->tell, e, env, hide);
	curl_easy_setopt(e, CURLOPT_TIMEOUT_MS, ms == 0 ? 1L : ms > INT_MAX ? (long)INT_MAX : (long)ms);
	curl_easy_setopt(e, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	curl_easy_setopt(e, CURLOPT_USERAGENT, "zonetap");
	curl_easy_setopt(e, CURLOPT_POST, 1L);
	curl_easy_setopt(e, CURLOPT_WRITEFUNCTION, on_body);
	curl_easy_setopt(e, CURLOPT_WRITEDATA, h);
	curl_easy_setopt(e, CURLOPT_HEADERFUNCTION, on_header);
	curl_easy_setopt(e, CURLOPT_HEADERDATA, h);
	curl_easy_setopt(e, CURLOPT_XFERINFOFUNCTION, on_progress);
	curl_easy_setopt(e, CURLOPT_XFERINFODATA, h);
	curl_easy_setopt(e, CURLOPT_NOPROGRESS, 0L);
	return h;
}

void curl_http_free(struct curl_http *h)
{
	if (!h)
		return;
	curl_easy_cleanup(h->easy);
	curl_multi_cleanup(h->multi);
	gzip_free(h->gzip);
	if (h->body)
		explicit_bzero(h->body, h->room);       /* an answer may be a token */
	free(h->body);
	free(h);
}

/* libcurl copies headers; ours with a secret are wiped before they go back. */
static void list_free(struct curl_slist *list)
{
	for (struct curl_slist *l = list; l; l = l->next)
		explicit_bzero(l->data, strlen(l->data));
	curl_slist_free_all(list);
}

static bool list_add(struct curl_slist **list, const char *line)
{
	struct curl_slist *more = curl_slist_append(*list, line);

	*list = more ? more : *list;
	return more != NULL;
}

static struct curl_slist *headers_of(const struct http_post *p)
{
	struct curl_slist *list = NULL;
	bool ok = list_add(&list, "Expect:") && list_add(&list, "Accept: application/json") &&
		  (!p->gzip || list_add(&list, "Content-Encoding: gzip"));

	for (size_t i = 0; ok && i < HTTP_HEADERS && p->header[i]; i++)
		ok = list_add(&list, p->header[i]);
	if (ok)
		return list;
	list_free(list);
	return NULL;
}

static bool set_body(struct curl_http *h, const struct http_post *p)
{
	const char *body = p->body;
	size_t len = p->len;

	if (p->gzip) {
		h->gzip = h->gzip ? h->gzip : gzip_new();
		if (!h->gzip || !gzip_pack(h->gzip, p->body, p->len, &body, &len))
			return false;
	}
	return curl_easy_setopt(h->easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)len) == CURLE_OK &&
	       curl_easy_setopt(h->easy, CURLOPT_POSTFIELDS, body) == CURLE_OK &&
	       curl_easy_setopt(h->easy, CURLOPT_URL, p->url) == CURLE_OK;
}

static void too_long(struct curl_http *h, struct reply *r)
{
	*r = (struct reply){ .what = REPLY_LATER, .status = h->answer->status };
	snprintf(r->text, sizeof r->text, "the receiver's answer has no end: it was given up after %zu KiB of it and %llu of headers",
		 (size_t)(h->heard >> 10), (unsigned long long)(h->headers >> 10));
}

/* As curl_easy_perform() does, but that what is next is made ready while the receiver is busy. */
static CURLcode perform(struct curl_http *h)
{
	CURLcode rc = CURLE_FAILED_INIT;
	CURLMsg *m;
	int running = 1, left;

	if (curl_multi_add_handle(h->multi, h->easy) != CURLM_OK)
		return rc;
	while (curl_multi_perform(h->multi, &running) == CURLM_OK && running) {
		if (!driver_meanwhile(&h->env))
			curl_multi_poll(h->multi, NULL, 0, SLICE_MS, NULL);
	}
	while ((m = curl_multi_info_read(h->multi, &left))) {
		if (m->msg == CURLMSG_DONE)
			rc = m->data.result;
	}
	curl_multi_remove_handle(h->multi, h->easy);
	return rc;
}

bool curl_http_post(struct curl_http *h, const struct http_post *p, struct http_answer *a, struct reply *r)
{
	struct curl_slist *headers = headers_of(p);
	CURLcode rc = CURLE_OUT_OF_MEMORY;

	*a = (struct http_answer){ .body = "" };
	h->answer = a;
	h->len = 0;
	h->heard = h->headers = 0;
	h->keep = p->keep ? p->keep : HTTP_KEPT;
	answer_begins(h);
	curl_tell_begin(&h->tell);
	if (headers && set_body(h, p) && curl_easy_setopt(h->easy, CURLOPT_HTTPHEADER, headers) == CURLE_OK)
		rc = perform(h);
	finish(h);
	if (a->too_long)
		too_long(h, r);
	else if (rc != CURLE_OK)
		curl_tell_failure(&h->tell, h->easy, (int)rc, h->env.conf, r);
	curl_tell_steps(&h->tell, h->easy, (int)rc, &h->env, r);
	curl_easy_setopt(h->easy, CURLOPT_HTTPHEADER, NULL);
	curl_easy_setopt(h->easy, CURLOPT_POSTFIELDS, NULL);
	list_free(headers);
	h->answer = NULL;
	if (rc != CURLE_OK)             /* what there is of an answer that broke off counts for nothing */
		*a = (struct http_answer){ .body = "", .too_long = a->too_long };
	return rc == CURLE_OK;
}
