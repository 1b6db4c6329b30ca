/* http_answer.h - what a receiver answered over HTTP, and what its status means for a batch. Pure. */
#ifndef ZT_FORWARD_HTTP_ANSWER_H
#define ZT_FORWARD_HTTP_ANSWER_H

#include "forward/driver.h"
#include "forward/words.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct http_answer {
	long status;                    /* 0: none */
	const char *body;               /* terminated; what was kept of it */
	size_t len;                     /* bytes of body */
	bool cut;                       /* there was more */
	bool too_long;                  /* so much more that it was not read to its end */
	uint64_t retry_after_ns;        /* 0: not said; at most a day */
	char proxy[SINK_TO_TEXT];       /* the proxy that there may be on the way, for people; "" */
	char location[256];             /* where a 3xx pointed, as it was said */
	char exception[16];             /* X-ClickHouse-Exception-Code; "" */
	bool clickhouse;                /* it has headers of ClickHouse */
};

/* What a status other than success says of the whole request, into r with one sentence and the receiver's own words:
 *   400, 422                       REPLY_SMALLER: something in it is refused; alone, a record is refused for good
 *   413                            REPLY_SMALLER
 *   401, 403, 407 and other 4xx    REPLY_PAUSE: not this sender, not at this address: people must look
 *   408, 425, 429, 5xx, 1xx, 3xx   REPLY_LATER
 *   2xx                            REPLY_DONE */
void http_answer_class(const struct http_answer *a, const struct words_hide *hide, struct reply *r);

/* Appends what the receiver says in its body: the message in an object of JSON that is spelled like those of
 * Elasticsearch, Splunk, Azure or OAuth, else its beginning. */
void http_answer_words(const struct http_answer *a, const struct words_hide *hide, char *out, size_t size);

/* The answer refuses all of a batch of this size as http_answer_class() said: an item alone gets ITEM_NEVER and why. */
void http_answer_refuse(struct batch *b, const struct reply *r);

/* The text of Retry-After: seconds. 0: it is not that. */
uint64_t http_answer_seconds(const char *s, size_t n);

#endif
