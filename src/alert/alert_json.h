/* alert_json.h - an alert as the JSON object of zonetap-alerts(5). Writer's thread. */
#ifndef ZT_ALERT_ALERT_JSON_H
#define ZT_ALERT_ALERT_JSON_H

#include "alert/alert.h"
#include "base/json.h"

#define ALERT_UID_TEXT 33               /* bytes with the NUL */

struct alert_names {                    /* what an alert does not know of itself */
	const struct policy *policy;
	const char *sensor;
	const char *(*capture)(const void *arg, uint16_t capture);      /* name; never NULL */
	/* JSON text, quotes and all; NULL: not known, the member is left out */
	const char *(*sha256)(const void *arg, uint16_t capture);
	const char *run;                /* the same */
	const void *arg;
	bool live;                      /* from an interface: evidence is its name and when, frames have no numbers */
};

/* Stable: the same packets, site and rules give the same. */
void alert_uid(const struct policy *p, const struct alert *a, char out[ALERT_UID_TEXT]);

/* text: the sentence of alert_text(). */
void alert_json(struct json *j, const struct alert *a, const char *uid, const char *text, const struct alert_names *n);

#endif
