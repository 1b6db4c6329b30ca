/* store_inside.h - the inside of a live store: what its callers (store_live.c) and its thread (store_thread.c) share.
 * Not for others. */
#ifndef ZT_ALERT_STORE_INSIDE_H
#define ZT_ALERT_STORE_INSIDE_H

#include "alert/store_disk.h"
#include "alert/store_live.h"
#include "alert/store_queue.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#define MS UINT64_C(1000000)

struct store_live {
	struct store_live_config c;
	char *path;
	pthread_t thread;
	pthread_mutex_t lock;           /* of all below, but for what is the thread's own */
	pthread_cond_t wake;            /* for the thread */
	pthread_cond_t told;            /* by the thread: something was done */
	struct store_queue queue;
	struct store_row *run;          /* NULL until it is known */
	uint32_t run_put, run_written;  /* versions of it */
	bool stop, flush, ended;
	uint64_t stop_ns;               /* when the thread ends whatever still waits */
	bool tried;                     /* the first opening is over, and how: */
	int open_err;
	enum store_health open_health;
	struct diag open_why;
	bool writing;                   /* rows are with the thread: */
	uint64_t in_hand;               /* so many, and not in the queue meanwhile */
	uint64_t in_hand_ns;            /* when the oldest alert of them was put; 0: there is none */
	uint64_t disk_ns;               /* since when the thread waits for the disk; 0: it does not */
	uint64_t retry_ns;              /* not before, after a failure */
	struct store_state state;
	uint64_t lost_inventory;        /* at the last look */
	_Atomic uint32_t epoch;

	pthread_mutex_t calls;          /* held while a function of the owner's runs; of: */
	bool left;                      /* by an owner who could not wait: nothing of the owner's may be used any more */

	/* the thread's own */
	struct store_disk *disk;
	struct store_row *run_copy;     /* of `run`, */
	uint32_t run_copied;            /* this version */
	uint64_t retry_ms, tidy_ns;
	uint64_t files;                 /* damaged and replaced ones at the last look */
	int64_t outbox_id;
};

/* The thread; arg: its struct store_live, of which it frees the disk. */
void *store_thread(void *arg);
void store_live_fini(struct store_live *l);             /* after the thread has ended, or its last act when it was left behind */

/* With the lock held: */
uint64_t store_rows_due(const struct store_live *l);    /* when the next rows should be written, UINT64_MAX never */
bool store_nothing_left(const struct store_live *l);

#endif
