/* event_out.h - events on standard output: for people, as JSON lines, as CSV. One owner. */
#ifndef ZT_CLI_EVENT_OUT_H
#define ZT_CLI_EVENT_OUT_H

#include "cli/term.h"
#include "expr/judged.h"
#include "ot/event_json.h"

#include <stdbool.h>

enum event_format { EVENT_TEXT, EVENT_JSONL, EVENT_CSV };

struct event_out {
	unsigned format;                /* enum event_format */
	uint64_t omit;                  /* members left out of the JSON */
	struct event_names names;
	struct term term;
	struct sbuf line;
	bool failed;
};

void event_out_init(struct event_out *o, const char *const *captures, uint32_t n);
void event_out(struct event_out *o, const struct ot_event *e, const struct event_outcome *merged);
/* A flow that no dissector decodes; not as CSV. */
void event_out_flow(struct event_out *o, const struct ot_event *e, const struct flow_facts *f);
bool event_out_fini(struct event_out *o);       /* false: standard output could not be written */

#endif
