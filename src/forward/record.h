/* record.h - one revision of an alert as the forwarder knows it: the struct that every format is made from.
 *
 * Read from the alert's own JSON (zonetap-alerts(5)), which is what the outbox holds, so that what is sent is what was
 * stored. Heartbeats, test alerts and the forwarder's word on what it had to let go are records too, made from the same
 * kind of object. Text is well-formed UTF-8 and never empty (a member without text is not there), but otherwise as it was
 * on the wire, with U+FFFD for NUL: making it harmless is the format's business. One owner, one thread. */
#ifndef ZT_FORWARD_RECORD_H
#define ZT_FORWARD_RECORD_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define RECORD_JSON_MAX (1u << 20)      /* bytes of an alert's JSON; a longer one is refused */

struct record_end {                     /* client or server; NULL and has_... false: not known */
	const char *ip, *mac, *segment, *zone, *asset, *role, *country, *country_name, *as_org;
	uint32_t asn, port;
	uint32_t level10;               /* Purdue level times ten */
	bool has_port, has_asn, has_level;
};

struct record_attack { const char *id, *id_legacy, *name, *version; };

#define RECORD_ATTACKS_MAX 16
#define RECORD_SRS_MAX 16
#define RECORD_ALSO_MAX 16

struct record {
	int64_t id;                     /* in the outbox; 0: not from there (heartbeat, test) */
	const char *uid, *rule, *title, *class_word, *text;     /* never NULL */
	uint32_t rev;
	uint32_t severity;              /* enum severity (policy/policy.h) */
	const char *sensor, *site, *run;
	struct record_end client, server;
	bool has_client, has_server;
	const char *proto, *op, *act, *func_name, *app;
	uint64_t func;
	uint32_t unit;
	bool has_func, has_unit;
	const char *target, *value;     /* as one line of text */
	const char *outcome, *status_name;
	uint64_t status;
	bool has_status;
	uint64_t count, first_ns, last_ns;      /* ns since 1970, UTC */
	uint32_t ip_proto;              /* of a flow: 6 TCP, 17 UDP; 0: not known */
	uint64_t ts_ns;                 /* when this revision was made: packet time; last_ns when that is not known */
	bool ended;
	struct record_attack attack[RECORD_ATTACKS_MAX];
	const char *sr[RECORD_SRS_MAX]; /* IEC 62443-3-3 */
	const char *also[RECORD_ALSO_MAX];
	uint32_t attacks, srs, alsos;
	const char *capture, *interface;
	uint64_t first_frame, last_frame;       /* 0: none */
	const char *sha256;             /* of the capture */
	const char *anomalies;          /* words with commas between them */
	const char *health_kind, *health_name;
	uint64_t health_value;
	bool has_health_value;
	const char *json;               /* the object itself, one line, not terminated by '\n' */
	size_t json_len;

	void *inside;                   /* what the text above points into */
};

/* json: one object, kept by the caller until record_fini(). uid, rev, rule, title, severity and text must be there; class
 * is the rule when it is not, count 1, the times ts_ns. Members that are not known here are let be. On failure (not
 * JSON, too long, too deep, a name twice, one of those missing, or a member not as zonetap-alerts(5) has it:
 * ZT_ESYNTAX) nothing needs to be given back. */
int record_read(struct record *r, int64_t id, uint64_t ts_ns, const char *json, size_t n, struct diag *d);
void record_fini(struct record *r);

#endif
