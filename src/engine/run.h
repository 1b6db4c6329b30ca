/* run.h - captures in, events out: one thread or many, the same answer in the same order. */
#ifndef ZT_ENGINE_RUN_H
#define ZT_ENGINE_RUN_H

#include "base/err.h"
#include "capture/source.h"
#include "engine/worker.h"
#include "net/decode.h"

#define RUN_WORKERS_MAX 64

struct run_config {
	const char *const *captures;
	uint32_t ncaptures;
	bool hash;                              /* compute the captures' SHA-256 */
	unsigned workers;                       /* 1: everything in the calling thread */
	const struct policy *policy;            /* NULL: nothing is judged */
	bool every_event;                       /* no novelty */
	bool classify;                          /* recognise applications */
	/* Told now and then in the calling thread; total 0: not known. Returning false ends the run early. */
	bool (*progress)(void *arg, uint64_t done, uint64_t total, uint64_t packets);
	void *arg;
};

struct run_result {
	struct worker_counts counts;            /* over all workers */
	struct decode_stats decode;
	uint64_t packets, first_ns, last_ns;
	uint32_t failed;                        /* captures that are not CAPTURE_OK */
	struct source *source;                  /* for names, hashes and reasons; the caller closes it */
};

/* Calls the hooks in the calling thread, in the order of packets. ZT_OK also when captures failed: see
 * source_capture(). */
int run_captures(const struct run_config *c, const struct worker_hooks *hooks, struct run_result *out, struct diag *d)
	__attribute__((warn_unused_result));

#endif
