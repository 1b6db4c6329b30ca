/* driver_bulk.c - Elasticsearch and OpenSearch: documents created in a data stream with _bulk. The id of a document is
 * that of the alert's revision, so that what is sent again is there already (409), which is as good. */
#include "forward/driver.h"

#include "base/json.h"
#include "forward/answer_bulk.h"
#include "forward/sender.h"

#include <stdio.h>
#include <stdlib.h>

#define ANSWER_BYTES 512u               /* of an item, beside HTTP_STOP; the filter keeps an error below this */

struct bulk {
	struct sender s;
};

static void bulk_close(struct driver *d)
{
	struct bulk *k = (struct bulk *)d;

	if (!k)
		return;
	sender_fini(&k->s);
	free(k);
}

static struct driver *bulk_open(const struct driver_env *env, struct diag *d)
{
	/* Of each item nothing but what is read here: an answer of a tenth of the size. */
	static const char query[] = "/_bulk?filter_path=errors,error,status,items.*._id,items.*.status,"
				    "items.*.error.type,items.*.error.reason";
	struct bulk *k = calloc(1, sizeof *k);
	int err;

	if (!k) {
		diag_fail(d, ZT_ENOMEM, "no memory for a connection");
		return NULL;
	}
	err = sender_init(&k->s, &driver_bulk, env, d);
	if (err == ZT_OK)
		err = k->s.token.text ? sender_authorize(&k->s, "ApiKey", &k->s.token, d) : sender_authorize_basic(&k->s, d);
	if (err != ZT_OK) {
		bulk_close((struct driver *)k);
		return NULL;
	}
	sender_url_begin(&k->s, &k->s.url);
	sender_url_segment(&k->s.url, env->conf->index ? env->conf->index : "");
	sbuf_str(&k->s.url, query);
	return (struct driver *)k;
}

static void fill(struct sbuf *body, const struct batch *b)
{
	sbuf_reset(body);
	for (uint32_t i = 0; i < b->count; i++) {
		char id[BULK_ID_MAX + 1];
		struct json j;

		answer_bulk_id(&b->item[i], id);
		json_init(&j, body);
		json_obj(&j, NULL);
		json_obj(&j, "create");
		json_str(&j, "_id", id);
		json_obj_end(&j);
		json_obj_end(&j);
		sbuf_char(body, '\n');
		sbuf_mem(body, b->item[i].text, b->item[i].len);
		sbuf_char(body, '\n');
	}
}

static void shut(const struct bulk *k, const struct batch *b, const struct http_answer *a, struct reply *r)
{
	*r = (struct reply){ .what = REPLY_PAUSE, .status = a->status };
	snprintf(r->text, sizeof r->text, "the receiver takes no document: %.300s", b->item[0].why);
	sender_step(&k->s, false, "answer", r->text);
}

static void bulk_send(struct driver *d, struct batch *b, struct reply *r)
{
	struct bulk *k = (struct bulk *)d;
	const struct sender_request q = {
		.url = &k->s.url, .content_type = "application/x-ndjson", .keep = HTTP_STOP + (size_t)ANSWER_BYTES * b->count,
	};
	struct http_answer a;
	enum bulk_answer got;
	char why[160];

	fill(&k->s.body, b);
	if (!sender_post(&k->s, &q, b, &a, r))
		return;
	got = answer_bulk(a.body, a.len, b, &k->s.hide, why, sizeof why);
	if (got == BULK_NONSENSE)
		sender_nonsense(&k->s, &a, why, r);
	if (got == BULK_SHUT)
		shut(k, b, &a, r);
	if (got != BULK_ITEMS)
		return;
	for (uint32_t i = 0; k->s.base.env.step && i < b->count; i++)
		sender_step(&k->s, b->item[i].result == ITEM_SENT, "answer",
			    b->item[i].result == ITEM_SENT ? "the document is there" : b->item[i].why);
}

const struct driver_ops driver_bulk = {
	.name = "elasticsearch",
	.open = bulk_open,
	.send = bulk_send,
	.window = 1,
	.close = bulk_close,
};
