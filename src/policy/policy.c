/* policy.c - from files to a policy that can judge. */
#include "policy/model.h"

#include "base/sha256.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define TABLE "attack.yaml"

struct load {
	struct policy *p;
	struct complaints *errs;
	struct sha256 *hash;
	struct attack_table *attack;
};

bool policy_keep(struct policy *p, struct expr *e)
{
	if (!e)
		return false;
	if (p->expr_count == p->expr_room) {
		uint32_t room = p->expr_room ? p->expr_room * 2 : 64;
		struct expr **more = realloc(p->exprs, room * sizeof *more);

		if (!more) {
			expr_free(e);
			return false;
		}
		p->exprs = more;
		p->expr_room = room;
	}
	p->exprs[p->expr_count++] = e;
	return true;
}

/* The old tables stay in the arena: doubling, they are no larger together than the new ones. */
bool policy_rule_room(struct policy *p)
{
	uint32_t room = p->rule_room ? p->rule_room * 2 : 64;
	struct rule *r;
	struct rule_more *m;

	if (p->rules < p->rule_room)
		return true;
	r = arena_array(p->arena, room, sizeof *r);
	m = arena_array(p->arena, room, sizeof *m);
	if (!r || !m)
		return false;
	if (p->rule_room) {
		memcpy(r, p->rule, p->rules * sizeof *r);
		memcpy(m, p->rule_more, p->rules * sizeof *m);
	}
	p->rule = r;
	p->rule_more = m;
	p->rule_room = room;
	return true;
}

static void free_edges(struct edges *list, uint32_t n)
{
	for (uint32_t i = 0; list && i < n; i++)
		free(list[i].v);
}

void policy_free(struct policy *p)
{
	if (!p)
		return;
	for (uint32_t i = 0; i < p->expr_count; i++)
		expr_free(p->exprs[i]);
	free(p->exprs);
	free_edges(p->by_zone, p->zones);
	free_edges(p->by_asset, p->assets);
	free_edges(p->by_role, p->roles);
	arena_free(p->arena);
	free(p);
}

/* --- reading -------------------------------------------------------------------------------- */

/* A text counts for the policy's hash with its length, so that no two sets of files look alike. */
static void count_text(struct load *l, size_t n, const char *text)
{
	uint64_t len = n;

	sha256_add(l->hash, &len, sizeof len);
	sha256_add(l->hash, text, n);
}

static void use_text(struct load *l, const struct policy_text *t)
{
	struct conf *c = conf_open(t->name, t->text, t->n, l->p->arena, l->errs);

	count_text(l, t->n, t->text);
	if (c && t->is_attack)
		l->attack = attack_read(l->p, c);
	else if (c)
		rules_read(l->p, c, l->attack);
	conf_free(c);
}

static void use_file(struct load *l, const char *path, bool is_attack)
{
	struct policy_text t = { .name = path, .is_attack = is_attack };
	char *text = conf_read(path, &t.n, l->errs);

	t.text = text;
	if (text)
		use_text(l, &t);
	free(text);
}

static bool is_folder(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

static void load_folder(struct load *l, const char *folder)
{
	char **files = NULL;
	int n = find_files(folder, &files, l->errs);

	for (int i = 0; i < n; i++) {
		use_file(l, files[i], false);
		free(files[i]);
	}
	free(files);
}

/* The table of techniques: of the first folder that has one, else the shipped one. */
static void load_attack(struct load *l, const char *const *paths, size_t n)
{
	char path[PATH_MAX + 16], shipped[PATH_MAX];

	for (size_t i = 0; i < n; i++) {
		struct stat st;

		if (is_folder(paths[i]) && snprintf(path, sizeof path, "%s/" TABLE, paths[i]) < (int)sizeof path &&
		    stat(path, &st) == 0) {
			use_file(l, path, true);
			return;
		}
	}
	if (find_rules(shipped, sizeof shipped) &&
	    snprintf(path, sizeof path, "%s/" TABLE, shipped) < (int)sizeof path)
		use_file(l, path, true);
}

static void load_rules(struct load *l, const char *const *paths, size_t n)
{
	char shipped[PATH_MAX];
	const char *only = shipped;

	if (n == 0 && !find_rules(shipped, sizeof shipped)) {
		complain(l->errs, ZT_RULES_DIR, 0, 0, "give them with --rules, or name their folder in ZONETAP_RULES",
			 "the shipped rules are not there");
		return;
	}
	if (n == 0) {
		paths = &only;
		n = 1;
	}
	load_attack(l, paths, n);
	for (size_t i = 0; i < n; i++) {
		if (is_folder(paths[i]))
			load_folder(l, paths[i]);
		else
			use_file(l, paths[i], false);
	}
}

/* Without a site everything has its one empty entry. */
static bool no_site(struct policy *p)
{
	p->site_name = "";
	p->zones = p->assets = p->segments = p->roles = 1;
	p->asset_more = arena_array(p->arena, 1, sizeof *p->asset_more);
	return p->asset_more != NULL;
}

/* --- all of it --------------------------------------------------------------------------------- */

/* Where everything comes from: files, or texts in memory. */
struct origin {
	const struct policy *before;            /* that this one will follow; NULL */
	const struct policy_text *site;         /* NULL: none */
	const char *const *paths;
	const struct policy_text *texts;
	size_t n;
	bool in_memory;                         /* the texts count, not the paths */
};

static void load_origin(struct load *l, const struct origin *from)
{
	if (!from->in_memory)
		load_rules(l, from->paths, from->n);
	for (size_t i = 0; from->in_memory && i < from->n; i++)
		use_text(l, &from->texts[i]);
}

/* The site's document stays open until the rules that its exceptions speak of are read. */
static void load_all(struct load *l, const struct origin *from)
{
	const struct policy_text *site = from->site;
	struct policy *p = l->p;
	struct site_nodes rest = { 0 };
	struct conf *c = NULL;
	bool good = true;

	if (site) {
		count_text(l, site->n, site->text);
		c = conf_open(site->name, site->text, site->n, p->arena, l->errs);
		good = c && site_read(p, c, &rest) && conduits_read(p, c, rest.conduits) && places_build(p, c);
	} else {
		good = no_site(p);
	}
	if (good)
		load_origin(l, from);
	if (good && rest.exceptions)
		exceptions_read(p, c, rest.exceptions);
	if (!good && l->errs->n == 0)
		complain(l->errs, site ? site->name : "", 0, 0, NULL, "too little memory to read it");
	conf_free(c);
}

/* --- order ------------------------------------------------------------------------------------- */

/* Enabled rules, and those that an exception may enable, each stage by itself, most severe first. */
static bool order_rules(struct policy *p)
{
	for (int s = 0; s < STAGES; s++) {
		p->order[s] = arena_array(p->arena, p->rules + 1, sizeof *p->order[s]);
		if (!p->order[s])
			return false;
	}
	for (int severity = SEV_COUNT - 1; severity >= 0; severity--) {
		for (uint32_t i = 1; i < p->rules; i++) {
			const struct rule *r = &p->rule[i];
			const struct rule_more *m = &p->rule_more[i];

			if (m->variant || (!r->enabled && !m->exceptions) || (int)r->severity != severity ||
			    (r->needs_site && !p->has_site))
				continue;
			p->order[r->stage][p->order_count[r->stage]++] = (uint16_t)i;
		}
	}
	return true;
}

static struct policy *load(const struct origin *from, struct complaints *errs)
{
	struct load l = { .p = calloc(1, sizeof *l.p), .errs = errs, .hash = sha256_new() };
	char ignored[SHA256_TEXT];

	if (!l.p || !l.hash || !(l.p->arena = arena_new(POLICY_BYTES_MAX)))
		goto memory;
	l.p->attack_version = "";
	l.p->before = from->before;
	l.p->rules = 1;
	if (!policy_rule_room(l.p) || !dict_init(&l.p->rule_dict, l.p->arena, RULES_MAX))
		goto memory;
	load_all(&l, from);
	l.p->before = NULL;
	sha256_end(l.hash, l.p->hash);
	l.hash = NULL;
	if (errs->n == 0 && !order_rules(l.p))
		goto memory;
	if (errs->n == 0)
		return l.p;
	complaints_sort(errs);
	policy_free(l.p);
	return NULL;
memory:
	complain(errs, from->site ? from->site->name : "rules", 0, 0, NULL, "too little memory to read it");
	sha256_end(l.hash, ignored);
	policy_free(l.p);
	return NULL;
}

struct policy *policy_load_texts_next(const struct policy *before, const struct policy_text *site,
				      const struct policy_text *rules, size_t n, struct complaints *errs)
{
	struct origin from = { .before = before, .site = site, .texts = rules, .n = n, .in_memory = true };

	return load(&from, errs);
}

struct policy *policy_load_texts(const struct policy_text *site, const struct policy_text *rules, size_t n,
				 struct complaints *errs)
{
	return policy_load_texts_next(NULL, site, rules, n, errs);
}

struct policy *policy_load_next(const struct policy *before, const char *site_path, const char *const *rule_paths,
				size_t n, struct complaints *errs)
{
	struct policy_text site = { .name = site_path };
	struct origin from = { .before = before, .paths = rule_paths, .n = n };
	char *text = site_path ? conf_read(site_path, &site.n, errs) : NULL;
	struct policy *p;

	if (site_path && !text)
		return NULL;
	site.text = text;
	from.site = site_path ? &site : NULL;
	p = load(&from, errs);
	free(text);
	return p;
}

struct policy *policy_load(const char *site_path, const char *const *rule_paths, size_t n, struct complaints *errs)
{
	return policy_load_next(NULL, site_path, rule_paths, n, errs);
}

/* --- what is in it ------------------------------------------------------------------------------ */

const struct expr_site *policy_names(const struct policy *p)
{
	return p->has_site ? &p->names : NULL;
}

bool policy_has_site(const struct policy *p) { return p->has_site; }
const char *policy_site_name(const struct policy *p) { return p->site_name; }
const char *policy_hash(const struct policy *p) { return p->hash; }
const char *policy_attack_version(const struct policy *p) { return p->attack_version; }
size_t policy_rules(const struct policy *p) { return p->rules - 1; }
size_t policy_zones(const struct policy *p) { return p->zones - 1; }
size_t policy_assets(const struct policy *p) { return p->assets - 1; }

void policy_use_geo(struct policy *p, struct geo *geo)
{
	p->geo = geo;
}

struct geo *policy_geo(const struct policy *p)
{
	return p->geo;
}

const struct zone *policy_zone(const struct policy *p, uint16_t zone)
{
	return zone && zone < p->zones ? &p->zone[zone] : NULL;
}

const struct site_asset *policy_asset(const struct policy *p, uint32_t asset)
{
	return asset && asset < p->assets ? &p->asset[asset] : NULL;
}

const char *policy_segment_name(const struct policy *p, uint16_t segment)
{
	return segment && segment < p->segments ? p->segment[segment].name : NULL;
}

uint16_t policy_segment_find(const struct policy *p, const char *name)
{
	return (uint16_t)dict_find(&p->segment_dict, name);
}

const struct rule *policy_rule(const struct policy *p, uint16_t rule)
{
	return rule && rule < p->rules ? &p->rule[rule] : NULL;
}
