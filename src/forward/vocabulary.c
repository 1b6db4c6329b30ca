#include "forward/vocabulary.h"

#include "policy/policy.h"

#include <string.h>

static unsigned level_of(const struct record *r)
{
	return r->severity < SEV_COUNT ? r->severity : SEV_COUNT - 1;
}

uint64_t word_syslog_severity(const struct record *r)
{
	static const uint8_t scale[SEV_COUNT] = { 6, 5, 4, 3, 2 };      /* RFC 5424, table 2 */

	return scale[level_of(r)];
}

uint64_t word_cef_severity(const struct record *r)
{
	static const uint8_t scale[SEV_COUNT] = { 1, 3, 5, 8, 10 };

	return scale[level_of(r)];
}

uint64_t word_ecs_severity(const struct record *r)
{
	static const uint8_t scale[SEV_COUNT] = { 21, 21, 47, 73, 99 };

	return scale[level_of(r)];
}

uint64_t word_ocsf_severity_id(const struct record *r)
{
	static const uint8_t scale[SEV_COUNT] = { 1, 2, 3, 4, 5 };

	return scale[level_of(r)];
}

const char *word_severity(const struct record *r)
{
	return severity_word(level_of(r));
}

const char *word_ocsf_severity(const struct record *r)
{
	static const char *const words[SEV_COUNT] = { "Informational", "Low", "Medium", "High", "Critical" };

	return words[level_of(r)];
}

static bool says(const char *s, const char *word)
{
	return s && strcmp(s, word) == 0;
}

/* ECS and CEF know three words. "pending" was taken; of "mixed" some were. */
const char *word_outcome(const struct record *r)
{
	if (!r->outcome)
		return NULL;
	if (says(r->outcome, "accepted") || says(r->outcome, "pending"))
		return "success";
	return says(r->outcome, "refused") ? "failure" : "unknown";
}

const char *word_ecs_type(const struct record *r)
{
	if (says(r->outcome, "accepted") || says(r->outcome, "pending"))
		return "allowed";
	return says(r->outcome, "refused") ? "denied" : NULL;
}

const char *word_ecs_category(const struct record *r)
{
	return r->has_client || r->has_server ? "intrusion_detection" : "host";
}

const char *word_ecs_network(const struct record *r)
{
	return r->has_client || r->has_server ? "network" : NULL;
}

const char *word_action(const struct record *r)
{
	return r->act ? r->act : r->op ? r->op : r->class_word;
}

const char *word_application(const struct record *r)
{
	return r->proto ? r->proto : r->app;
}

const char *word_transport(const struct record *r)
{
	switch (r->ip_proto) {
	case 1: return "icmp";
	case 6: return "tcp";
	case 17: return "udp";
	case 58: return "ipv6-icmp";
	default: return NULL;
	}
}

const char *word_transport_upper(const struct record *r)
{
	return r->ip_proto == 6 ? "TCP" : r->ip_proto == 17 ? "UDP" : r->ip_proto == 1 || r->ip_proto == 58 ? "ICMP" : NULL;
}

const char *word_framework(const struct record *r)
{
	return r->attacks ? "MITRE ATT&CK" : NULL;
}

uint64_t word_ocsf_activity(const struct record *r)
{
	return r->rev <= 1 ? 1 : r->ended ? 3 : 2;
}

const char *word_ocsf_activity_word(const struct record *r)
{
	static const char *const words[] = { "Create", "Update", "Close" };

	return words[word_ocsf_activity(r) - 1];
}

uint64_t word_ocsf_type(const struct record *r)
{
	return 200400 + word_ocsf_activity(r);
}

const char *word_ocsf_type_word(const struct record *r)
{
	static const char *const words[] = {
		"Detection Finding: Create", "Detection Finding: Update", "Detection Finding: Close"
	};

	return words[word_ocsf_activity(r) - 1];
}

/* That it is quiet again is not that somebody has dealt with it: neither "Resolved" nor "Archived". */
uint64_t word_ocsf_status(const struct record *r)
{
	return r->ended ? 99 : 1;
}

const char *word_ocsf_status_word(const struct record *r)
{
	return r->ended ? "Ended" : "New";
}
