/* flow_json.h - what is known of a flow, as the `flow` object of alerts and of `events --flows`. Pure. */
#ifndef ZT_ALERT_FLOW_JSON_H
#define ZT_ALERT_FLOW_JSON_H

#include "base/json.h"
#include "base/sbuf.h"
#include "expr/judged.h"

void flow_json(struct json *j, const char *key, const struct flow_facts *f);

/* " (rdp; cleartext_credentials)"; nothing when no application is known. */
void flow_app_text(struct sbuf *out, const struct flow_facts *f);

#endif
