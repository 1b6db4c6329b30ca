/* event_json.h - an event as the JSON object of zonetap-events(5), and the parts of it that
 * alerts share. Names of zones, assets, rules and captures come from a resolver. */
#ifndef ZT_OT_EVENT_JSON_H
#define ZT_OT_EVENT_JSON_H

#include "base/json.h"
#include "ot/event.h"

struct event_names {                    /* each may be NULL; NULL returned: no name */
	const void *arg;
	const char *const *captures;    /* names by index; NULL: one capture, its name goes without saying */
	uint32_t ncaptures;
	const char *(*zone)(const void *arg, uint16_t zone);
	const char *(*asset)(const void *arg, uint32_t asset);
	const char *(*rule)(const void *arg, uint16_t rule);
};

/* Members of the object, for leaving some out: bit n of `omit` is the n-th word of event_members(). */
const char *const *event_members(void);                         /* NULL-terminated */

struct event_outcome {                  /* of a merged operation; NULL for a plain event */
	uint8_t outcome;                /* enum ot_outcome, never NONE */
	const struct ot_event *answer;  /* NULL: none came */
};

void event_json(struct json *j, const struct ot_event *e, const struct event_names *names, uint64_t omit,
		const struct event_outcome *merged);

/* Its parts: when and where; the two sides and who of them is the client; then what is said. */
void event_json_place(struct json *j, const struct ot_event *e, const struct event_names *names, uint64_t omit);
void event_json_sides(struct json *j, const struct ot_event *e, const struct event_names *names, uint64_t omit);
void event_json_func(struct json *j, const char *key, const struct ot_event *e);        /* nothing when there is none */
void event_json_target(struct json *j, const char *key, const struct ot_event *e);
void event_json_value(struct json *j, const char *key, const struct ot_event *e);
void event_json_status(struct json *j, const char *key, const struct ot_event *e);
void event_json_identity(struct json *j, const char *key, const struct ot_identity *id);

#endif
