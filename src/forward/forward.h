/* forward.h - the forwarder: every sink of the configuration, each with its thread, its connection to the database and
 * its cursor on the outbox. Used by a running sensor, `zonetap replay --forward` and `zonetap forward`. */
#ifndef ZT_FORWARD_FORWARD_H
#define ZT_FORWARD_FORWARD_H

#include "base/err.h"
#include "forward/conf.h"

#include <stdbool.h>
#include <stdint.h>

struct forward;

enum sink_state {
	SINK_STARTING,          /* no database yet, or never connected */
	SINK_IDLE,              /* everything is delivered */
	SINK_SENDING,
	SINK_RETRYING,          /* the last attempt failed; it waits */
	SINK_PAUSED,            /* the receiver does not let us in */
	SINK_ENDED,
	SINK_STATES
};
const char *sink_state_word(unsigned state);

struct sink_figures {                   /* of one sink */
	const char *name;               /* the configuration's */
	const char *type, *format;
	char to[128];                   /* host and port, or path; no credentials */
	enum sink_state state;
	uint64_t since_ns;              /* wall clock at which it became so */
	char why[400];                  /* one sentence; "" when all is well */
	uint64_t depth;                 /* revisions of the outbox behind its cursor, filter not applied */
	uint64_t oldest_ns;             /* how long the oldest of them has waited, 0 none */
	uint64_t sent, bytes;           /* records confirmed since the start, bytes of them */
	uint64_t filtered;              /* revisions that its filter left out */
	uint64_t batches, retries;      /* requests, and those that failed */
	uint64_t resent;                /* records sent once more */
	uint64_t dead;                  /* records in the dead letters since the start */
	uint64_t dropped[5];            /* by severity: let go for the limits of the spool */
	uint64_t latency_ns, latency_max_ns;    /* from the commit of a revision to its confirmation: last, largest */
	uint64_t last_sent_ns;          /* wall clock, 0 never */
};

/* What people must be told; the sensor makes a health event of it, replay a line. Runs in a sink's thread. A record about
 * sinks that is refused for good is no news: an alert about it might be refused in turn, without end. */
enum forward_news { NEWS_DOWN, NEWS_UP, NEWS_PAUSED, NEWS_DEAD, NEWS_DROPPED, NEWS_INSECURE };
typedef void forward_news_fn(void *arg, enum forward_news what, const char *sink, uint64_t value, const char *text);

struct forward_config {
	const struct sink_conf *sink;
	uint32_t sinks;
	bool keep_others;               /* sinks that the database knows and that are not named here keep their say in what is
					 * kept: of a replay, whose configuration need not be the sensor's */
	const char *database;           /* path */
	const char *sensor;
	forward_news_fn *news;          /* may be NULL */
	void (*thread_start)(void *arg);        /* first of all in each sink's thread: name, sandbox; may be NULL */
	void *arg;
};

/* Starts the threads. A sink that the database does not know begins behind what the outbox holds now. NULL with one
 * sentence in d: another process forwards from this database (ZT_EBUSY), a secret or certificate cannot be read
 * (ZT_EIO), no memory. What fails later is a matter of the figures and the news. */
struct forward *forward_start(const struct forward_config *c, int *err, struct diag *d);
/* A sensor without sinks says so at its start: what sinks of an earlier configuration have not got is kept for them no
 * longer. Waits for a database that is busy, a few seconds at most; what fails is left for the next start. */
void forward_to_nobody(const char *database);
/* There may be something new in the outbox. Any thread; never blocks. */
void forward_wake(struct forward *f);
uint32_t forward_figures(struct forward *f, struct sink_figures *out, uint32_t max);    /* any thread; how many there are */
/* Waits until every sink has delivered what was committed before the call. false: not within timeout_ms. */
bool forward_drain(struct forward *f, uint32_t timeout_ms);
/* Ends the threads, after timeout_ms at the latest, wherever they are; what is not delivered stays in the outbox. */
void forward_stop(struct forward *f, uint32_t timeout_ms);

#endif
