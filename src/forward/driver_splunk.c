/* driver_splunk.c - Splunk's HTTP Event Collector: events as concatenated objects, and its acknowledgement.
 *
 * Without acknowledgement an answer of success is all there is. With it Splunk gives a number for each request and says
 * later, when it is asked, which of them are indexed; it forgets them when it restarts, so that what it does not
 * acknowledge in time is sent again, on a new channel. */
#include "forward/driver.h"

#include "base/clock.h"
#include "base/json.h"
#include "forward/answer_hec.h"
#include "forward/sender.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#define BODY_MOST 1000000u              /* bytes: Splunk Cloud's limit is 1 MB */
#define ACK_WINDOW 16
#define ACK_POLL_MS 1000
#define ACK_TIMES 10                    /* max_time so often: how long an acknowledgement is waited for */

struct unacked {
	uint64_t number, sent_ns;       /* of the batch; monotonic clock */
	int64_t ack;
	bool acked;
};

struct splunk {
	struct sender s;
	struct sbuf ack_url;
	char channel[64];               /* the header */
	struct unacked wait[ACK_WINDOW];
	uint32_t waiting;
	uint64_t confirmed;             /* number of the last batch that is, with all before it */
};

/* --- open and close --------------------------------------------------------------------------------------------- */

static void new_channel(struct splunk *p)
{
	uint8_t b[16] = { 0 };

	if (getrandom(b, sizeof b, 0) != (ssize_t)sizeof b) {
		uint64_t t = clock_wall();

		memcpy(b, &t, sizeof t);        /* it only has to be another one than before */
	}
	b[6] = (uint8_t)((b[6] & 15) | 0x40);   /* RFC 4122, 4.4 */
	b[8] = (uint8_t)((b[8] & 63) | 0x80);
	snprintf(p->channel, sizeof p->channel, "X-Splunk-Request-Channel: "
		 "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x", b[0], b[1], b[2], b[3], b[4], b[5], b[6],
		 b[7], b[8], b[9], b[10], b[11], b[12], b[13], b[14], b[15]);
	p->waiting = 0;
}

static void splunk_close(struct driver *d)
{
	struct splunk *p = (struct splunk *)d;

	if (!p)
		return;
	sender_fini(&p->s);
	sbuf_fini(&p->ack_url);
	free(p);
}

/* People give the address of the collector itself as well. */
static void set_urls(struct splunk *p)
{
	static const char *const ends[] = { "/event", "/services/collector" };
	struct sbuf *url = &p->s.url;

	sender_url_begin(&p->s, url);
	for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
		size_t n = strlen(ends[i]);

		if (url->len > n && strcmp(url->s + url->len - n, ends[i]) == 0)
			url->s[url->len -= n] = '\0';
	}
	sbuf_mem(&p->ack_url, url->s, url->len);
	sbuf_str(url, "/services/collector/event");
	sbuf_str(&p->ack_url, "/services/collector/ack");
}

static struct driver *open_with(const struct driver_ops *ops, const struct driver_env *env, struct diag *d)
{
	struct splunk *p = calloc(1, sizeof *p);

	if (!p) {
		diag_fail(d, ZT_ENOMEM, "no memory for a connection");
		return NULL;
	}
	sbuf_init(&p->ack_url, 8192);
	if (sender_init(&p->s, ops, env, d) != ZT_OK || sender_authorize(&p->s, "Splunk", &p->s.token, d) != ZT_OK) {
		splunk_close((struct driver *)p);
		return NULL;
	}
	set_urls(p);
	new_channel(p);
	return (struct driver *)p;
}

/* --- events ----------------------------------------------------------------------------------------------------- */

static void add_event(struct sbuf *body, const struct driver_env *env, const struct item *it)
{
	struct json j;

	json_init(&j, body);
	json_obj(&j, NULL);
	sbuf_fmt(body, "\"time\":%" PRIu64 ".%06" PRIu64, it->ts_ns / 1000000000, it->ts_ns % 1000000000 / 1000);
	j.comma = true;
	json_str(&j, "host", env->sensor);
	json_str(&j, "source", env->conf->source ? env->conf->source : "zonetap");
	json_str(&j, "sourcetype", env->conf->sourcetype ? env->conf->sourcetype : "zonetap:alert");
	if (env->conf->index)
		json_str(&j, "index", env->conf->index);
	sbuf_str(body, ",\"event\":");        /* an object: the formats that go over HTTP are JSON */
	sbuf_mem(body, it->text, it->len);
	json_obj_end(&j);
	sbuf_char(body, '\n');
}

/* As many as go into one request, at least one. */
static uint32_t fill(struct splunk *p, const struct batch *b)
{
	struct sbuf *body = &p->s.body;
	uint32_t n = 0;

	sbuf_reset(body);
	while (n < b->count) {
		size_t before = body->len;

		add_event(body, &p->s.base.env, &b->item[n]);
		if (n > 0 && body->len > BODY_MOST) {
			body->s[body->len = before] = '\0';
			break;
		}
		n++;
	}
	return n;
}

/* --- answers ---------------------------------------------------------------------------------------------------- */

/* It stopped at one event: those before it are in, unless what is in must be acknowledged, which they will not be. */
static bool stopped_at(struct splunk *p, struct batch *b, const struct hec_answer *h, enum item_result what, struct reply *r)
{
	struct item *it;

	if (h->invalid < 0 || h->invalid >= b->count)
		return false;
	if (!p->s.base.env.conf->ack)
		sender_sent(b, (uint32_t)h->invalid);
	it = &b->item[h->invalid];
	it->result = what;
	snprintf(it->why, sizeof it->why, "%s", r->text);
	r->what = REPLY_DONE;
	return true;
}

/* What its own code says, beyond the status of HTTP. */
static void refine(struct splunk *p, struct batch *b, const struct hec_answer *h, struct reply *r)
{
	switch (h->code) {
	case HEC_INVALID_DATA:
	case HEC_EVENT_REQUIRED:
	case HEC_EVENT_BLANK:
	case HEC_INDEXED_FIELDS:
		stopped_at(p, b, h, ITEM_NEVER, r);
		break;
	case HEC_SERVER_ERROR:
	case HEC_BUSY:
	case HEC_SHUTTING_DOWN:
	case HEC_QUEUE_FULL:
	case HEC_ACK_FULL:
		r->what = REPLY_LATER;
		if (h->invalid > 0)
			stopped_at(p, b, h, ITEM_AGAIN, r);
		break;
	case HEC_INCORRECT_INDEX:
	case HEC_NO_CHANNEL:
	case HEC_INVALID_CHANNEL:
	case HEC_QUERY_AUTH_DISABLED:
		r->what = REPLY_PAUSE;          /* the same for every event */
		b->item[0].result = ITEM_OPEN;
		b->item[0].why[0] = '\0';
		if (h->code == HEC_NO_CHANNEL && !p->s.base.env.conf->ack)
			words_add_text(r->text, sizeof r->text, "; its token has indexer acknowledgement, which 'ack: true' uses");
		break;
	default:
		break;
	}
}

/* The number that its acknowledgement goes by; -1: there will be none. */
static bool accepted(struct splunk *p, struct batch *b, const struct http_answer *a, int64_t *ack, struct reply *r)
{
	struct hec_answer h;

	if (!answer_hec(a->body, a->len, &h) || h.code != HEC_SUCCESS) {
		sender_nonsense(&p->s, a, "the receiver's answer is not that of an event collector", r);
		return false;
	}
	*ack = h.ack;
	sender_sent(b, b->count);
	if (p->s.base.env.conf->ack && h.ack < 0)
		sender_step(&p->s, false, "ack", "the token has no indexer acknowledgement: what is accepted counts as delivered");
	return true;
}

static void splunk_send(struct driver *d, struct batch *b, struct reply *r)
{
	struct splunk *p = (struct splunk *)d;
	bool wants_ack = p->s.base.env.conf->ack;
	const struct sender_request q = { &p->s.url, "application/json", wants_ack ? p->channel : NULL, 0 };
	struct batch part = { b->number, b->item, fill(p, b) };
	struct http_answer a;
	struct hec_answer h;
	int64_t ack = -1;

	if (wants_ack && p->waiting == ACK_WINDOW) {
		*r = (struct reply){ .what = REPLY_LATER, .text = "too many requests wait for their acknowledgement" };
		return;
	}
	if (!sender_post(&p->s, &q, &part, &a, r)) {
		if (a.status && answer_hec(a.body, a.len, &h))
			refine(p, &part, &h, r);
		return;
	}
	if (!accepted(p, &part, &a, &ack, r) || !wants_ack)
		return;
	p->wait[p->waiting++] = (struct unacked){ b->number, clock_mono(), ack, ack < 0 };
}

/* --- acknowledgement -------------------------------------------------------------------------------------------- */

/* The oldest that are acknowledged, without a hole. */
static void advance(struct splunk *p)
{
	uint32_t n = 0;

	while (n < p->waiting && p->wait[n].acked)
		p->confirmed = p->wait[n++].number;
	memmove(p->wait, p->wait + n, (p->waiting - n) * sizeof p->wait[0]);
	p->waiting -= n;
}

static void ask_body(struct splunk *p)
{
	struct sbuf *body = &p->s.body;
	const char *comma = "";

	sbuf_reset(body);
	sbuf_str(body, "{\"acks\":[");
	for (uint32_t i = 0; i < p->waiting; i++) {
		if (p->wait[i].acked)
			continue;
		sbuf_fmt(body, "%s%" PRId64, comma, p->wait[i].ack);
		comma = ",";
	}
	sbuf_str(body, "]}");
}

/* A question that fails is asked again until the time is up; only what people must look at ends the waiting. */
static void ask(struct splunk *p, struct reply *r)
{
	const struct sender_request q = { &p->ack_url, "application/json", p->channel, 0 };
	struct http_answer a;
	struct reply asked;
	int64_t id[ACK_WINDOW];
	bool acked[ACK_WINDOW] = { false };

	ask_body(p);
	if (!sender_post(&p->s, &q, NULL, &a, &asked)) {
		if (asked.what == REPLY_PAUSE)
			*r = asked;
		return;
	}
	for (uint32_t i = 0; i < p->waiting; i++)
		id[i] = p->wait[i].ack;
	if (!answer_hec_acks(a.body, a.len, id, acked, p->waiting))
		return;
	for (uint32_t i = 0; i < p->waiting; i++)
		p->wait[i].acked = p->wait[i].acked || acked[i];
}

static uint64_t splunk_confirmed(struct driver *d, struct reply *r)
{
	struct splunk *p = (struct splunk *)d;
	uint64_t most = p->s.base.env.conf->max_time * ACK_TIMES;

	*r = (struct reply){ .what = REPLY_DONE };
	advance(p);
	if (p->waiting == 0)
		return p->confirmed;
	ask(p, r);
	advance(p);
	if (r->what == REPLY_DONE && p->waiting && clock_mono() - p->wait[0].sent_ns > most) {
		r->what = REPLY_LATER;
		snprintf(r->text, sizeof r->text, "the receiver has not acknowledged within %.0f s what it accepted: it is sent again",
			 (double)most / 1e9);
		sender_step(&p->s, false, "ack", r->text);
	}
	if (r->what != REPLY_DONE)
		new_channel(p);
	return p->confirmed;
}

static struct driver *splunk_open(const struct driver_env *env, struct diag *d)
{
	return open_with(&driver_splunk, env, d);
}

static struct driver *splunk_ack_open(const struct driver_env *env, struct diag *d)
{
	return open_with(&driver_splunk_ack, env, d);
}

const struct driver_ops driver_splunk = {
	.name = "splunk",
	.open = splunk_open,
	.send = splunk_send,
	.window = 1,
	.close = splunk_close,
};

const struct driver_ops driver_splunk_ack = {
	.name = "splunk",
	.open = splunk_ack_open,
	.send = splunk_send,
	.confirmed = splunk_confirmed,
	.poll_ms = ACK_POLL_MS,
	.window = ACK_WINDOW,
	.close = splunk_close,
};
