/* driver_syslog_stream.c - syslog over TCP and TLS (RFC 6587, RFC 5425): octet counting, or a line feed behind each record
 * for receivers that know nothing else.
 *
 * No receiver answers. A batch is confirmed when the other end's kernel has acknowledged all of it and the connection still
 * stands; what a receiver had acknowledged but not read when it died is the reason for the overlap, which the core sends
 * again on the next connection. */
#include "forward/driver.h"

#include "base/clock.h"
#include "base/sbuf.h"
#include "forward/curl_stream.h"
#include "forward/drain.h"
#include "forward/syslog_url.h"

#include <stdio.h>
#include <stdlib.h>

#define BATCH_MAX (1u << 30)            /* bytes of one batch with its framing; far above what a configuration allows */

struct stream {
	struct driver_base base;
	struct curl_stream *connection;
	struct drain drain;
	struct sbuf frames;             /* of one batch */
};

static void say(struct stream *s, const char *step, const char *text)
{
	if (s->base.env.step)
		s->base.env.step(s->base.env.step_arg, true, step, text);
}

static struct driver *stream_open(const struct driver_env *env, struct diag *d)
{
	struct syslog_url url;

	if (syslog_url_parse(env->conf->url, &url, d) != ZT_OK)
		return NULL;
	struct stream *s = calloc(1, sizeof(*s));

	if (!s) {
		diag_fail(d, ZT_ENOMEM, "no memory");
		return NULL;
	}
	s->base.ops = &driver_syslog_stream;
	s->base.env = *env;
	s->connection = curl_stream_new(env, url.host, url.port, url.transport == SYSLOG_TLS, d);
	if (!s->connection) {
		free(s);
		return NULL;
	}
	sbuf_init(&s->frames, BATCH_MAX);
	return (struct driver *)s;
}

static void stream_close(struct driver *d)
{
	struct stream *s = (struct stream *)d;

	if (s) {
		curl_stream_free(s->connection);
		sbuf_fini(&s->frames);
	}
	free(s);
}

static void stream_connect(struct driver *d, struct reply *r)
{
	struct stream *s = (struct stream *)d;

	*r = (struct reply){ .what = REPLY_DONE };
	drain_reset(&s->drain, clock_mono());
	curl_stream_connect(s->connection, r);
}

/* RFC 6587 section 3.4.1, RFC 5425 section 4.3: MSG-LEN SP SYSLOG-MSG. */
static void frame_counted(struct sbuf *out, const struct item *it)
{
	sbuf_uint(out, it->len);
	sbuf_char(out, ' ');
	sbuf_mem(out, it->text, it->len);
}

/* RFC 6587 section 3.4.2. A record has no line feed by the format's promise; if it had one it would be two. */
static void frame_line(struct sbuf *out, const struct item *it)
{
	size_t at = out->len;

	sbuf_mem(out, it->text, it->len);
	for (; at < out->len; at++)
		if (out->s[at] == '\n' || out->s[at] == '\0')
			out->s[at] = ' ';
	sbuf_char(out, '\n');
}

static void stream_send(struct driver *d, struct batch *b, struct reply *r)
{
	struct stream *s = (struct stream *)d;
	bool lines = s->base.env.conf->framing == FRAMING_LF;

	*r = (struct reply){ .what = REPLY_DONE };
	sbuf_reset(&s->frames);
	for (uint32_t i = 0; i < b->count; i++)
		(lines ? frame_line : frame_counted)(&s->frames, &b->item[i]);
	if (s->frames.cut) {
		curl_stream_shut(s->connection);
		*r = (struct reply){ .what = REPLY_LATER, .text = "no memory for a batch" };
		return;
	}
	if (!curl_stream_send(s->connection, sbuf_text(&s->frames), s->frames.len, r))
		return;
	drain_put(&s->drain, b->number, s->frames.len, clock_mono());
	say(s, "send", "the bytes are on their way");
	for (uint32_t i = 0; i < b->count; i++)
		b->item[i].result = ITEM_SENT;
}

static uint64_t stream_confirmed(struct driver *d, struct reply *r)
{
	struct stream *s = (struct stream *)d;
	uint64_t held = curl_stream_held(s->connection);

	*r = (struct reply){ .what = REPLY_DONE };
	/* Asked after the queue: what it says of a connection that is gone counts for nothing. */
	if (!curl_stream_alive(s->connection, r))
		return s->drain.confirmed;
	uint64_t before = s->drain.confirmed, number = drain_held(&s->drain, held, clock_mono());

	if (number != before)
		say(s, "send", "the receiver's host has acknowledged them; more than that, syslog does not tell");
	if (drain_stuck(&s->drain, s->base.env.conf->max_time, clock_mono())) {
		curl_stream_shut(s->connection);
		r->what = REPLY_LATER;
		snprintf(r->text, sizeof(r->text), "the receiver has taken nothing of %llu bytes for %llu s",
			(unsigned long long)held, (unsigned long long)(s->base.env.conf->max_time / 1000000000u));
	}
	return number;
}

const struct driver_ops driver_syslog_stream = {
	.name = "syslog over TCP and TLS", .open = stream_open, .connect = stream_connect, .send = stream_send,
	.confirmed = stream_confirmed, .poll_ms = 5, .window = DRAIN_WINDOW, .close = stream_close
};
