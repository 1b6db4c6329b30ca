/* model.h - a compiled policy from the inside; only src/policy includes it. */
#ifndef ZT_POLICY_MODEL_H
#define ZT_POLICY_MODEL_H

#include "base/arena.h"
#include "expr/expr.h"
#include "policy/conf.h"
#include "policy/policy.h"

#define POLICY_BYTES_MAX (256u << 20)   /* of one policy */
#define ZONES_MAX 1000
#define SEGMENTS_MAX 250
#define SEGMENTS_KEPT_MAX 2000           /* numbers given over all reloads */
#define ASSETS_MAX 50000
#define CONDUITS_MAX 4000
#define RULES_MAX 2000
#define EXCEPTIONS_MAX 2000
#define LIST_MAX 256                    /* members of a list of networks, VLANs, addresses, expressions ... */

/* Names to indexes. */
struct dict {
	const char **name;
	uint32_t *index;
	uint32_t size, n;
};
bool dict_init(struct dict *d, struct arena *a, uint32_t most);
uint32_t dict_find(const struct dict *d, const char *name);             /* 0: not there */
void dict_add(struct dict *d, const char *name, uint32_t index);        /* at most `most` times */

struct segment {
	const char *name;
	const uint16_t *vlans;
	const char *const *captures;    /* names or globs */
	uint32_t vlan_count, capture_count;
	bool gone;                      /* an earlier policy had it: the number stays taken */
};

struct zone_more {                      /* what a zone has besides what others see */
	const struct ip_net *nets;
	const uint16_t *vlans;
	uint32_t net_count, vlan_count, line;
};

struct asset_more {
	const struct ip_addr *ips;
	uint32_t ip_count, line;
	uint16_t role;
	bool has_mac;
	uint8_t mac[6];
};

struct net_slot {                       /* zones of one network, in file order */
	struct ip_net net;
	uint16_t zone;
	struct net_slot *same;
};

struct place_key { struct ip_addr ip; uint32_t segment; };      /* a MAC stands in ip.b[0..5] */
struct place_slot { struct place_key key; uint32_t asset; };
struct place_table { struct place_slot *v; uint32_t mask; };    /* mask 0: empty */

/* Where a packet belongs. */
struct places {
	struct net_slot **nets;         /* hashed by network */
	uint32_t net_mask;
	uint8_t lengths[129];           /* prefix lengths that occur, longest first */
	uint32_t length_count;
	struct place_table by_ip, by_mac;
	const uint16_t *vlan_zone;      /* 4096 entries: the zone without networks that has the VLAN */
};

enum end_kind { END_ZONE, END_ASSET, END_ROLE };
struct end { uint32_t kind, id; };

struct allow {
	struct expr *expr;
	const char *text;
	uint64_t mask;
	bool by_value;                  /* expr_looks_at_value() */
};

struct conduit {
	const char *name;
	const struct end *from, *to;
	const struct allow *allow;
	uint32_t from_count, to_count, allow_count, line;
};

struct edge { struct end to; uint32_t conduit; };
struct edges { struct edge *v; uint32_t n, room; };

struct exception {
	uint16_t rule;                  /* that it speaks of */
	uint16_t variant;               /* the rule as it changes it; 0: off */
	struct expr *when;              /* NULL: always */
	uint64_t until_ns;              /* 0: for ever */
	const char *reason, *when_text; /* NULL: none */
	uint32_t line;
	bool by_value;                  /* looks at the time or at what two messages of one fingerprint may differ in */
	struct exception *next;         /* of the same rule, in file order */
};

struct key_fields {
	const struct field *const *v;
	const char *const *names;
	uint32_t n;
	bool by_value;                  /* some may differ between two messages of one fingerprint */
};

struct rule_more {
	struct expr *when;
	uint64_t mask;
	unsigned answer;                /* enum expr_answer */
	bool by_value;                  /* expr_looks_at_value(when) */
	const char *text;               /* of `when:`, for people */
	uint32_t order;                 /* in the files */
	struct key_fields group, by, distinct;
	struct exception *exceptions;   /* those that apply at times only */
	const char *reason;             /* why an exception changed it, "" none */
	bool changed, variant;          /* by an exception; made by one */
};

struct policy {
	struct arena *arena;
	const struct policy *before;    /* while it is read: that it will follow, or NULL */
	char hash[65];
	const char *attack_version;
	struct geo *geo;                /* NULL: addresses are not looked up */

	bool has_site;
	const char *site_name;
	struct zone *zone;              /* entry 0 unused, as below */
	struct zone_more *zone_more;
	struct site_asset *asset;
	struct asset_more *asset_more;
	struct segment *segment;
	const char **role;
	uint32_t zones, assets, segments, roles, conduits;
	struct dict zone_dict, asset_dict, role_dict, segment_dict;
	struct expr_site names;
	struct places places;
	struct conduit *conduit;
	struct edges *by_zone, *by_asset, *by_role;

	struct rule *rule;              /* entry 0 unused */
	struct rule_more *rule_more;
	uint32_t rules, rule_room;
	uint16_t *order[STAGES];        /* enabled rules of each stage, most severe first */
	uint32_t order_count[STAGES];
	struct dict rule_dict;

	struct expr **exprs;            /* all of them, to be freed */
	uint32_t expr_count, expr_room;
};

/* Keeps e so that policy_free() frees it; false: no memory, e is freed. NULL is passed on as false. */
bool policy_keep(struct policy *p, struct expr *e);

/* Makes room for one more rule: its tables may move. false: no memory. */
bool policy_rule_room(struct policy *p);

/* find.c: the folder of the shipped rules. false: there is none. */
bool find_rules(char *out, size_t n);
/* The files of rules in a folder, sorted; -1 after a complaint. The caller frees the names and the list. */
int find_files(const char *folder, char ***files, struct complaints *errs);

/* site.c: zones, segments, assets; then what may pass between them (conduit.c). */
struct site_nodes { const struct conf_node *conduits, *exceptions; };
bool site_read(struct policy *p, struct conf *c, struct site_nodes *rest);
bool conduits_read(struct policy *p, struct conf *c, const struct conf_node *list);

/* place.c */
bool places_build(struct policy *p, struct conf *c);

/* conduit.c: what the conduits say of the two sides; flow: NULL, or the verdict is about all that a flow
 * may say. */
struct conduit_said {
	bool leads;                     /* some conduit leads from one to the other */
	bool by_value;                  /* the next message with this fingerprint may get another verdict */
};
enum ot_verdict conduit_verdict(const struct policy *p, const struct judged *j, struct conduit_said *said);

/* attack.c */
struct attack_table;
struct attack_table *attack_read(struct policy *p, struct conf *c);    /* NULL after complaints */
const struct attack_ref *attack_find(const struct attack_table *t, const char *id);     /* old or new; NULL */
const char *attack_near(const struct attack_table *t, const char *id);

/* rules.c, exception.c */
bool rules_read(struct policy *p, struct conf *c, const struct attack_table *t);
bool exceptions_read(struct policy *p, struct conf *c, const struct conf_node *list);
bool severity_read(struct conf *c, const struct conf_node *n, enum severity *out);
bool threshold_read(struct policy *p, struct conf *c, const struct conf_node *n, enum stage stage,
		    struct threshold *out, struct key_fields *by, struct key_fields *distinct);

#endif
