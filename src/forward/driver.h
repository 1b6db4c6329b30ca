/* driver.h - how records reach one kind of receiver.
 *
 * The sink's thread (sink.c) owns a driver and is the only one that calls it. It reads the outbox, formats, makes
 * batches, keeps the cursor, waits after failures and puts aside what can never succeed; a driver connects, sends one
 * batch, and says what the receiver answered, item by item. A driver never waits longer than the configuration's
 * connect_timeout and max_time, and returns early when *stop becomes true. It writes nothing to logs: what it has to say
 * is in the reply, without secrets. */
#ifndef ZT_FORWARD_DRIVER_H
#define ZT_FORWARD_DRIVER_H

#include "base/err.h"
#include "forward/conf.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define REPLY_TEXT 400

enum item_result {
	ITEM_OPEN,              /* the receiver said nothing of it: it is sent again */
	ITEM_SENT,              /* it has it: by its own answer, or handed to the socket where there is none */
	ITEM_AGAIN,             /* refused for now (429, 503) */
	ITEM_NEVER,             /* refused for good: to the dead letters, with `why` */
};

struct item {
	const char *text;               /* the record in the sink's format, without a line end; the core's */
	size_t len;
	const char *uid;                /* of the alert; the id of a document is uid-rev */
	uint32_t rev;
	uint64_t ts_ns;                 /* UTC */
	enum item_result result;        /* in: ITEM_OPEN */
	char why[REPLY_TEXT];           /* the receiver's words, with ITEM_AGAIN and ITEM_NEVER; safe to print */
};

struct batch {
	uint64_t number;                /* of this driver, 1, 2, 3 ... */
	struct item *item;
	uint32_t count;                 /* 1..batch_count; the core keeps their texts below batch_bytes */
};

enum reply_class {
	REPLY_DONE,             /* the items say what became of each */
	REPLY_LATER,            /* nothing of it counts; try again after backoff (or retry_after_ns) */
	REPLY_SMALLER,          /* the request is too large: send half of it. One item alone: ITEM_NEVER is set on it */
	REPLY_PAUSE,            /* the receiver does not know or does not allow us (401, 403, a certificate that was refused):
				 * try again slowly and tell people */
};

struct reply {
	enum reply_class what;
	uint64_t retry_after_ns;        /* as the receiver said; 0: it did not */
	long status;                    /* of HTTP; 0: none */
	char text[REPLY_TEXT];          /* one sentence of what happened, safe to print; "" when all is well */
};

/* For `zonetap forward --test`: each step as it happens. ok: as it should be. */
typedef void step_fn(void *arg, bool ok, const char *step, const char *text);

struct driver_env {
	const struct sink_conf *conf;
	const atomic_bool *stop;
	const char *sensor;             /* name */
	step_fn *step;                  /* NULL: nobody wants to know */
	void *step_arg;
	bool (*meanwhile)(void *arg);   /* a moment's other work while send() waits for the receiver; false: there is none
					 * now. NULL: there never is */
	void *meanwhile_arg;
};

struct driver;                          /* begins with: */
struct driver_base {
	const struct driver_ops *ops;
	struct driver_env env;
};

struct driver_ops {
	const char *name;
	/* Reads secrets and certificates, connects to nothing. NULL: with one sentence in d. */
	struct driver *(*open)(const struct driver_env *env, struct diag *d);
	/* A new connection where the transport has one (syslog over TCP and TLS, files): called before the first send and
	 * after each REPLY_LATER or REPLY_PAUSE. NULL: there is none. After it the core sends the overlap again. */
	void (*connect)(struct driver *d, struct reply *r);
	void (*send)(struct driver *d, struct batch *b, struct reply *r);
	/* Of receivers that confirm later (HEC acknowledgement, a socket that drains): the number of the last batch that
	 * is confirmed together with all before it; asks the receiver, at most once every poll_ms. r: REPLY_LATER when
	 * confirmation has failed or not come in time: everything past it is sent again. NULL: what send() called ITEM_SENT
	 * is confirmed. */
	uint64_t (*confirmed)(struct driver *d, struct reply *r);
	uint32_t poll_ms;
	uint32_t window;                /* batches that may be unconfirmed at a time; 1 when confirmed is NULL */
	void (*close)(struct driver *d);        /* NULL is allowed */
};

static inline bool driver_meanwhile(const struct driver_env *env)
{
	return env->meanwhile && env->meanwhile(env->meanwhile_arg);
}

extern const struct driver_ops driver_syslog_udp, driver_syslog_stream, driver_splunk, driver_splunk_ack, driver_bulk,
	driver_sentinel, driver_webhook, driver_file;      /* driver_splunk_ack: with `ack: true` */
const struct driver_ops *driver_for(const struct sink_conf *c);         /* driver.c: by type and URL; never NULL */

#endif
