/* vocabulary.h - what an alert is in the words and numbers of others: the conversions of the mapping. NULL: nothing. Pure. */
#ifndef ZT_FORWARD_VOCABULARY_H
#define ZT_FORWARD_VOCABULARY_H

#include "forward/record.h"

#include <stdint.h>

/* Severity as each counts it; CEF's scale is LEEF's too. */
uint64_t word_syslog_severity(const struct record *r), word_cef_severity(const struct record *r),
	word_ecs_severity(const struct record *r), word_ocsf_severity_id(const struct record *r);
const char *word_severity(const struct record *r), *word_ocsf_severity(const struct record *r);

const char *word_outcome(const struct record *r);               /* success, failure, unknown */
const char *word_ecs_type(const struct record *r);              /* allowed, denied */
const char *word_ecs_category(const struct record *r), *word_ecs_network(const struct record *r);
const char *word_action(const struct record *r), *word_application(const struct record *r);
const char *word_transport(const struct record *r), *word_transport_upper(const struct record *r);
const char *word_framework(const struct record *r);

/* The life of a finding: 1 Create, 2 Update, 3 Close. */
uint64_t word_ocsf_activity(const struct record *r), word_ocsf_type(const struct record *r), word_ocsf_status(const struct record *r);
const char *word_ocsf_activity_word(const struct record *r), *word_ocsf_type_word(const struct record *r),
	*word_ocsf_status_word(const struct record *r);

#endif
