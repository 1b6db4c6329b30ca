/* alert_facts.h - a finished alert as a sink's filter looks at it (EXPR_FORWARD). Text is NULL when it is not known;
 * who fills it keeps it. See zonetap-alerts(5) for what each is. */
#ifndef ZT_EXPR_ALERT_FACTS_H
#define ZT_EXPR_ALERT_FACTS_H

#include "base/addr.h"

#include <stdbool.h>
#include <stdint.h>

struct alert_side {
	const char *zone, *asset, *role, *segment, *country, *country_name, *org;
	struct ip_addr ip;
	uint64_t mac;                   /* its six bytes as a number */
	uint32_t port, level10, asn;    /* level times ten */
	bool has_ip, has_mac, has_port, has_level, has_asn;
};

struct alert_facts {
	struct alert_side client, server;
	const char *rule, *class_word, *title, *text, *sensor, *site;
	const char *proto, *op, *act, *func, *app, *outcome, *status, *target, *health_kind, *health_name;
	const char *const *attack, *const *sr, *const *also;    /* lists; NULL is not in them */
	uint32_t attacks, srs, alsos;
	uint32_t severity;              /* 0 info ... 4 critical */
	uint32_t rev, unit;
	uint64_t count;
	bool ended, has_unit;
};

#endif
