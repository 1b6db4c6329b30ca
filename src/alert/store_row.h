/* store_row.h - a row of the store with its texts, copied into one piece of memory. */
#ifndef ZT_ALERT_STORE_ROW_H
#define ZT_ALERT_STORE_ROW_H

#include "alert/store.h"

#include <stdint.h>

enum store_row_kind {
	ROW_ALERT, ROW_RULE, ROW_ASSET, ROW_SAYING, ROW_CONVERSATION, ROW_CAPTURE, ROW_RUN,
	ROW_KINDS
};

struct store_row {
	struct store_row *next, *prev;          /* the queue's: all rows of a lane, in the order of puts */
	struct store_row *next_equal, *prev_equal;      /* alerts of one severity */
	uint64_t put_ns;                        /* monotonic clock */
	uint32_t bytes;                         /* of memory, with this struct */
	uint8_t kind, severity;                 /* enum store_row_kind; enum severity, of alerts */
	union {
		struct store_alert alert;
		struct store_rule rule;
		struct store_asset asset;
		struct store_saying saying;
		struct store_conversation conversation;
		struct store_capture capture;
		struct store_run run;           /* without `replace` */
	} as;
	char text[];
};

/* from: the struct of that kind. NULL: no memory, or a row that nothing could hold (over STORE_ROW_MAX). free() ends it. */
#define STORE_ROW_MAX (4u << 20)
struct store_row *store_row_new(enum store_row_kind kind, const void *from);

#endif
