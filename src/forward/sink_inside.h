/* sink_inside.h - what the files of a sink share: sink.c (its turns), sink_read.c, sink_keep.c and sink_aside.c (the outbox),
 * sink_send.c (the driver), sink_say.c (figures and news). For src/forward/sink*.c only. */
#ifndef ZT_FORWARD_SINK_INSIDE_H
#define ZT_FORWARD_SINK_INSIDE_H

#include "alert/store_outbox.h"
#include "expr/expr.h"
#include "forward/backoff.h"
#include "forward/format.h"
#include "forward/inflight.h"
#include "forward/load.h"
#include "forward/settle.h"
#include "forward/sink.h"

#include <limits.h>
#include <pthread.h>

#define NEXT_NONE INT64_MIN

struct sink {
	struct sink_options o;
	const struct sink_conf *conf;
	const struct driver_ops *ops;
	struct expr *filter;            /* NULL: all */
	struct format_env env;
	char hostname[HOST_NAME_MAX + 1];
	struct sbuf line;               /* one record in its format */
	struct sbuf object;             /* a notice's JSON */

	/* the outbox; times are monotonic */
	struct outbox *outbox;          /* NULL: not open */
	bool known;                     /* the cursor was read from what is open */
	int64_t start;                  /* see struct sink_options; 0 once the file was not there, or was replaced */
	struct outbox_cursor cursor;    /* confirmed: rises; settled and dropped: as last read or written */
	int64_t kept;                   /* what is written of it: confirmed */
	uint64_t outbox_ns;             /* not tried before */
	uint64_t looked_ns, kept_ns, depth_ns;  /* when the cursor was looked at, written; the depth asked for */
	bool more;                      /* there is more to read, as far as is known */
	bool full;                      /* what is next did not fit into the load */
	bool ended;                     /* the last reading reached the end */

	/* what is on its way */
	struct load load;
	struct load next;               /* made while the driver waits: the rows after next_from, which is where `load` ends */
	int64_t next_from;              /* NEXT_NONE: it holds nothing that counts */
	uint64_t next_filtered;         /* rows in it that the filter did not let through */
	bool next_full;                 /* what is next did not fit into it, or cannot be made a record */
	struct inflight flight;
	struct settle settle;
	int64_t sent_max;               /* the highest id that was ever sent from this file */
	uint64_t number;                /* of the last batch */
	uint32_t size;                  /* records that the receiver takes at a time */
	uint32_t good;                  /* batches since it was made smaller */
	bool alone;                     /* since then a record was refused that was alone in its batch */
	uint64_t telling[SEV_COUNT];    /* what the notice in the load says was dropped */
	uint64_t owed[SEV_COUNT];       /* what a notice that arrived said, and the database does not know yet; all 0: nothing */
	int64_t stuck;                  /* a row that cannot be made a record, 0: none; put aside before anything behind it */
	char stuck_why[REPLY_TEXT];

	/* the connection */
	struct driver *driver;          /* NULL: it could not be opened again */
	bool connected;
	bool reopen;                    /* secrets and certificates are read again before the next try */
	struct backoff backoff;
	uint64_t until_ns;              /* nothing is tried before */
	uint64_t polled_ns;             /* the driver was asked what is confirmed */
	uint64_t beat_ns;               /* the next heartbeat is due */
	uint32_t failures;              /* in a row */
	bool said_down, said_paused, said_insecure;

	/* draining */
	_Atomic uint32_t drain_asked, drain_done;
	uint32_t drain_seen;
	bool draining;

	struct sink_figures now;        /* the thread's */
	atomic_bool stop;
	pthread_mutex_t lock;           /* of: */
	struct sink_figures shown;
};

/* sink_read.c */
bool sink_read_open(struct sink *s, uint64_t now_ns);   /* opens, finds out whether it is still the file; false: there is none */
void sink_read_close(struct sink *s);
void sink_read_lost(struct sink *s, int err, const char *why);  /* after a failure: tried again later */
void sink_read_fill(struct sink *s, uint64_t now_ns);   /* what is next into the load */
bool sink_read_ahead(void *sink);                       /* some rows of what comes after the load; false: there is nothing to do */
void sink_read_forget(struct sink *s);                  /* what was read ahead: it is read again */
void sink_read_rewind(struct sink *s, int64_t to);      /* everything behind `to` is read again */

/* sink_keep.c */
void sink_keep_cursor(struct sink *s, uint64_t now_ns, bool at_once);  /* into the database */
void sink_keep_depth(struct sink *s, uint64_t now_ns);                 /* asks it how much there is to do */
void sink_keep_drain(struct sink *s);                                  /* is what somebody waits for delivered? */
void sink_keep_prune(struct sink *s);                                  /* what the spool's limits took is not sent */

/* sink_aside.c */
bool sink_aside(struct sink *s, int64_t id, const char *why);          /* false: the database does not take it now */

/* sink_send.c */
struct driver *sink_send_driver(struct sink *s, struct diag *d);       /* opens one; NULL: with one sentence in d */
bool sink_send_ready(struct sink *s, uint64_t now_ns);  /* driver and connection; false: not now */
void sink_send_batch(struct sink *s, uint64_t now_ns);
void sink_send_confirm(struct sink *s, uint64_t now_ns);
bool sink_send_owes(struct sink *s);                    /* does it still, after another try? */
void sink_send_idle(struct sink *s);                    /* connected, and nothing to do: that is well */

/* sink_say.c */
void sink_say(struct sink *s, enum forward_news what, uint64_t value, const char *text);
void sink_say_state(struct sink *s, enum sink_state state, const char *why);
void sink_say_show(struct sink *s);                     /* the figures to whoever asks */

#endif
