/* alert_out.h - alerts from the store, for people and as JSON lines. Main thread. */
#ifndef ZT_CLI_ALERT_OUT_H
#define ZT_CLI_ALERT_OUT_H

#include "alert/store.h"
#include "cli/term.h"

enum alert_format { ALERTS_TEXT, ALERTS_JSONL };

struct alert_out {
	enum alert_format format;
	struct term term;               /* of standard output */
	uint64_t printed;
};

void alert_out_init(struct alert_out *o, unsigned format);

/* A store_alert_fn: one alert as a block of lines, or as one line of JSON. */
bool alert_out(void *arg, const struct store_alert *a, const char *run);

/* "2026-11-21 03:30:44", UTC; out holds 24 bytes. */
const char *alert_out_time(uint64_t ts_ns, char out[24]);

/* Text at an indent, wrapped at the terminal's width (never in a pipe). */
void alert_out_wrapped(const struct term *t, unsigned indent, const char *s);

/* "  label   value", the value escaped; nothing when it is NULL or empty. */
void alert_out_line(const char *label, const char *value);

/* Flushes; false and one line on stderr when standard output could not be written. */
bool alert_out_fini(const char *command);

#endif
