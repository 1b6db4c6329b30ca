/* policy.h - a site and its rules, compiled once and then read-only.
 *
 * Any number of threads may use a compiled policy; one thread frees it when nobody does any
 * more. Text that a policy hands out lives as long as the policy. */
#ifndef ZT_POLICY_POLICY_H
#define ZT_POLICY_POLICY_H

#include "base/addr.h"
#include "expr/expr.h"
#include "ot/event.h"
#include "policy/complain.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct policy;

enum severity { SEV_INFO, SEV_LOW, SEV_MEDIUM, SEV_HIGH, SEV_CRITICAL, SEV_COUNT };
const char *severity_word(unsigned severity);
bool severity_parse(const char *word, enum severity *out);

struct attack_ref { const char *id, *id_legacy, *name; };       /* MITRE ATT&CK for ICS */

struct threshold {
	uint32_t count;                 /* 1: every match counts */
	uint64_t within_ns;
	bool distinct;                  /* matches with the same rule_distinct_key() count once, the latest */
};

struct rule {
	const char *id, *title, *class_word, *description, *why, *advice; /* advice: the rule's `do:` */
	const char *file;               /* where it stands, for people */
	uint32_t line;
	enum severity severity;
	enum severity severity_refused; /* when the device refused every attempt; = severity by default */
	enum stage stage;
	bool enabled, needs_site;
	uint16_t base;                  /* its own index, or that of the rule of which an exception with `when:` or
					 * `until:` made this variant: same id, other severity or threshold */
	struct threshold threshold;
	const struct attack_ref *attack; size_t attacks;
	const char *const *iec62443; size_t iec62443s;
};

struct zone {
	const char *name;
	uint8_t level10;                /* Purdue level times ten: 35 is the DMZ */
	int8_t  sl_target;              /* -1: not said */
	bool policed;
};

struct site_asset {
	const char *name, *role;        /* role "" when not said */
	uint16_t zone;                  /* 0: from its address */
	uint16_t segment;
};

/* site_path NULL: no site. rule_paths: files or folders; n 0: the shipped rules. All mistakes go to
 * errs; NULL is returned when there is one. Reads files, main thread. */
struct policy *policy_load(const char *site_path, const char *const *rule_paths, size_t n, struct complaints *errs);
void policy_free(struct policy *p);

/* The same, to follow `before` in a program that goes on: segments of the same name keep their number. */
struct policy *policy_load_next(const struct policy *before, const char *site_path, const char *const *rule_paths,
				size_t n, struct complaints *errs);

/* The same from texts in memory, under the names that complaints give them. `site` may be NULL; of the rules
 * one may be the table of ATT&CK techniques, which comes first. */
struct policy_text { const char *name, *text; size_t n; bool is_attack; };
struct policy *policy_load_texts(const struct policy_text *site, const struct policy_text *rules, size_t n,
				 struct complaints *errs);

struct policy *policy_load_texts_next(const struct policy *before, const struct policy_text *site,
				      const struct policy_text *rules, size_t n, struct complaints *errs);

/* The names of the site for expr_compile(); NULL without a site. */
const struct expr_site *policy_names(const struct policy *p);

bool policy_has_site(const struct policy *p);
const char *policy_site_name(const struct policy *p);           /* "" without a site */
const char *policy_hash(const struct policy *p);                /* hex SHA-256 over all texts read, 64 digits */
const char *policy_attack_version(const struct policy *p);      /* of the ATT&CK table */

/* Where the policy's expressions look up public addresses (inventory/geo.h); before any thread uses it. geo outlives
 * its use and may be NULL. */
struct geo;
void policy_use_geo(struct policy *p, struct geo *geo);
struct geo *policy_geo(const struct policy *p);

/* Names by index; index 0 and unknown ones give NULL. */
const struct zone *policy_zone(const struct policy *p, uint16_t zone);
const struct site_asset *policy_asset(const struct policy *p, uint32_t asset);
const char *policy_segment_name(const struct policy *p, uint16_t segment);
const struct rule *policy_rule(const struct policy *p, uint16_t rule);
size_t policy_rules(const struct policy *p), policy_zones(const struct policy *p), policy_assets(const struct policy *p);

/* The segment of that name; 0: there is none. */
uint16_t policy_segment_find(const struct policy *p, const char *name);

/* The segment of a packet: by the name of its capture or interface, else by its VLAN ids. */
uint16_t policy_segment(const struct policy *p, const char *source, const uint16_t *vlan, unsigned vlans);

/* Zone and asset of one side: an asset by MAC or address in the segment, else the most specific
 * network, else the VLAN. */
void policy_place(const struct policy *p, uint16_t segment, const uint16_t *vlan, unsigned vlans, struct ot_side *side);

/* The verdict of the conduits on ev (client -> server), into ev->verdict, and the enabled rules of the
 * event stage that it meets, into ev->match, most severe first, file order within. Thresholds are not
 * looked at. An answer whose request was seen (DIR_RESPONSE with HAS_REQUEST) keeps its request's verdict, and
 * only rules that look at what answers alone have (status, outcome, latency, identity, dir) are asked: so an
 * operation meets a rule once, on its request. EV_BY_VALUE is set when a rule, conduit or exception was asked that
 * looks at what two events with the same fingerprint may differ in (value, time, latency, txn): then the judgement
 * must not be remembered for the next one. Worker thread; allocates nothing. */
void policy_judge(const struct policy *p, struct ot_event *ev);

/* The same for the later stages (at the flow stage verdict and conduit of j->flow are worked out here);
 * writes up to max rule indexes, returns how many. */
unsigned policy_judge_stage(const struct policy *p, enum stage stage, const struct judged *j, uint16_t *match, unsigned max);

/* What the conduits say of a flow; VERDICT_NONE without a site. */
enum ot_verdict policy_flow_verdict(const struct policy *p, const struct judged *j);

/* 128-bit keys over the fields of the rule's `group:` and of its threshold's `by:` and `distinct:`. */
struct policy_key { uint64_t a, b; };
struct policy_key rule_group_key(const struct policy *p, uint16_t rule, const struct judged *j);
bool rule_group_of_kind(const struct policy *p, uint16_t rule);        /* the same for all messages of one fingerprint */
struct policy_key rule_threshold_key(const struct policy *p, uint16_t rule, const struct judged *j);
struct policy_key rule_distinct_key(const struct policy *p, uint16_t rule, const struct judged *j);

/* One sentence fragment for alerts: why this is wrong, from the verdict and the rule, e.g. "No conduit from
 * scada to cell-1 allows it." Writes at most n bytes with the NUL. */
void policy_reason(const struct policy *p, uint16_t rule, const struct ot_event *ev, char *out, size_t n);

#endif
