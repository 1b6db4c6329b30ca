/* conduit.c - what may pass between zones, assets and roles, and the verdict on what did. */
#include "policy/model.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COUNT(a) (sizeof (a) / sizeof (a)[0])

/* --- reading --------------------------------------------------------------------------------- */

static bool unknown_end(struct policy *p, struct conf *c, const struct conf_node *n, const char *prefix,
			const struct dict *d, const char *what)
{
	char words[LIST_MAX][CONF_NAME_MAX + 8];
	const char *list[LIST_MAX + 1] = { 0 };
	uint32_t k = 0;

	(void)p;
	for (uint32_t i = 0; i < d->size && k < LIST_MAX; i++) {
		if (!d->name[i])
			continue;
		snprintf(words[k], sizeof words[k], "%s%s", prefix, d->name[i]);
		list[k] = words[k];
		k++;
	}
	conf_unknown(c, n, list, what);
	return false;
}

static bool read_end(struct policy *p, struct conf *c, const struct conf_node *n, struct end *out)
{
	static const struct {
		const char *prefix;
		enum end_kind kind;
	} prefixes[] = { { "asset:", END_ASSET }, { "role:", END_ROLE }, { "zone:", END_ZONE } };
	const char *s = conf_text(c, n, CONF_NAME_MAX + 8), *prefix = "", *name = s;
	const struct dict *d;

	if (!s)
		return false;
	out->kind = END_ZONE;
	for (size_t i = 0; i < COUNT(prefixes); i++) {
		size_t len = strlen(prefixes[i].prefix);

		if (strncmp(s, prefixes[i].prefix, len) == 0) {
			out->kind = prefixes[i].kind;
			prefix = prefixes[i].prefix;
			name = s + len;
		}
	}
	d = out->kind == END_ZONE ? &p->zone_dict : out->kind == END_ASSET ? &p->asset_dict : &p->role_dict;
	out->id = dict_find(d, name);
	if (out->id)
		return true;
	return unknown_end(p, c, n, prefix, d, out->kind == END_ZONE ? "unknown zone" : out->kind == END_ASSET ?
			   "unknown asset" : "no asset has this role");
}

static const struct end *read_ends(struct policy *p, struct conf *c, const struct conf_node *n, uint32_t *count)
{
	size_t most = conf_count(c, n);
	struct end *v;

	*count = 0;
	if (!n)
		return NULL;
	if (most > LIST_MAX) {
		conf_wrong(c, n, NULL, "more than %d ends of a conduit", LIST_MAX);
		return NULL;
	}
	if (most == 0)
		conf_wrong(c, n, NULL, "a conduit needs two ends, this list is empty");
	v = arena_array(p->arena, most + 1, sizeof *v);
	for (size_t i = 0; v && i < most; i++)
		*count += read_end(p, c, conf_item(c, n, i), &v[*count]);
	return v;
}

static void read_allows(struct policy *p, struct conf *c, const struct conf_node *n, struct conduit *out)
{
	size_t most = conf_count(c, n);
	struct allow *v;

	if (most > LIST_MAX) {
		conf_wrong(c, n, NULL, "more than %d expressions", LIST_MAX);
		return;
	}
	v = arena_array(p->arena, most + 1, sizeof *v);
	out->allow = v;
	for (size_t i = 0; v && i < most; i++) {
		struct expr *e = conf_expr(c, conf_item(c, n, i), EXPR_ALLOW, &p->names);

		if (!e || !policy_keep(p, e))
			continue;
		v[out->allow_count++] = (struct allow){ e, conf_text(c, conf_item(c, n, i), EXPR_TEXT_MAX), expr_mask(e),
							expr_looks_at_value(e) };
	}
}

static bool edge_add(struct edges *list, struct end to, uint32_t conduit)
{
	if (list->n == list->room) {
		uint32_t room = list->room ? list->room * 2 : 4;
		struct edge *v = realloc(list->v, room * sizeof *v);

		if (!v)
			return false;
		list->v = v;
		list->room = room;
	}
	list->v[list->n++] = (struct edge){ to, conduit };
	return true;
}

static bool connect(struct policy *p, uint32_t i)
{
	const struct conduit *c = &p->conduit[i];

	for (uint32_t f = 0; f < c->from_count; f++) {
		struct edges *list = c->from[f].kind == END_ZONE ? p->by_zone : c->from[f].kind == END_ASSET ?
				     p->by_asset : p->by_role;

		for (uint32_t t = 0; t < c->to_count; t++) {
			if (!edge_add(&list[c->from[f].id], c->to[t], i))
				return false;
		}
	}
	return true;
}

static bool read_conduit(struct policy *p, struct conf *c, const struct conf_node *n)
{
	const struct conf_node *name, *from, *to, *allow, *text;
	const struct conf_key keys[] = {
		{ "from", CONF_WORDS, true, &from }, { "to", CONF_WORDS, true, &to },
		{ "allow", CONF_LIST, true, &allow }, { "name", CONF_WORD, false, &name },
		{ "description", CONF_WORD, false, &text },
	};
	struct conduit *out = &p->conduit[p->conduits];

	*out = (struct conduit){ .line = conf_line(c, n) };
	conf_map(c, n, "a conduit", keys, COUNT(keys));
	if (name)
		out->name = conf_name(c, name, "name of a conduit");
	out->from = read_ends(p, c, from, &out->from_count);
	out->to = read_ends(p, c, to, &out->to_count);
	if (allow)
		read_allows(p, c, allow, out);
	return connect(p, p->conduits++);
}

bool conduits_read(struct policy *p, struct conf *c, const struct conf_node *list)
{
	size_t n = list ? conf_count(c, list) : 0;

	if (n > CONDUITS_MAX) {
		conf_wrong(c, list, NULL, "more than %d conduits", CONDUITS_MAX);
		n = CONDUITS_MAX;
	}
	p->conduit = arena_array(p->arena, n + 1, sizeof *p->conduit);
	p->by_zone = arena_array(p->arena, p->zones, sizeof *p->by_zone);
	p->by_asset = arena_array(p->arena, p->assets, sizeof *p->by_asset);
	p->by_role = arena_array(p->arena, p->roles, sizeof *p->by_role);
	if (!p->conduit || !p->by_zone || !p->by_asset || !p->by_role)
		return false;
	for (size_t i = 0; i < n; i++) {
		if (!read_conduit(p, c, conf_item(c, list, i)))
			return false;
	}
	return true;
}

/* --- judging ----------------------------------------------------------------------------------- */

struct place {                  /* of one side */
	uint32_t zone, asset, role;
};

static struct place place_of(const struct policy *p, const struct ot_side *s)
{
	struct place r = { .zone = s->zone < p->zones ? s->zone : 0, .asset = s->asset < p->assets ? s->asset : 0 };

	r.role = p->asset_more[r.asset].role;
	return r;
}

static bool leads_to(const struct edge *e, const struct place *to)
{
	return e->to.id == (e->to.kind == END_ZONE ? to->zone : e->to.kind == END_ASSET ? to->asset : to->role);
}

/* What is not known of a message cannot be held against it: MAYBE passes. */
static bool allows(const struct conduit *c, const struct judged *j, uint64_t sig, struct conduit_said *said)
{
	for (uint32_t i = 0; i < c->allow_count; i++) {
		if (!j->flow && sig & ~c->allow[i].mask)
			continue;
		said->by_value = said->by_value || c->allow[i].by_value;
		if (expr_truth(c->allow[i].expr, j) != EXPR_NO)
			return true;
	}
	return false;
}

static bool try_edges(const struct policy *p, const struct edges *list, const struct place *to,
		      const struct judged *j, uint64_t sig, struct conduit_said *said)
{
	for (uint32_t i = 0; i < list->n; i++) {
		if (!leads_to(&list->v[i], to))
			continue;
		said->leads = said->leads || p->conduit[list->v[i].conduit].allow_count > 0;
		if (allows(&p->conduit[list->v[i].conduit], j, sig, said))
			return true;
	}
	return false;
}

static bool allowed(const struct policy *p, const struct place *from, const struct place *to,
		    const struct judged *j, struct conduit_said *said)
{
	uint64_t sig = expr_signature(j->ev);

	/* The verdict is what is being made: a conduit may not look at it, so its bit must not matter. */
	return (from->zone && try_edges(p, &p->by_zone[from->zone], to, j, sig, said)) ||
	       (from->asset && try_edges(p, &p->by_asset[from->asset], to, j, sig, said)) ||
	       (from->role && try_edges(p, &p->by_role[from->role], to, j, sig, said));
}

/* A broadcast, a multicast group or no address at all is where the other side is. */
static bool everywhere(const struct ot_side *s)
{
	return !s->zone && (addr_is_multicast(&s->ip) || addr_is_zero(&s->ip));
}

enum ot_verdict conduit_verdict(const struct policy *p, const struct judged *j, struct conduit_said *said)
{
	const struct ot_side *client = ot_client(j->ev), *server = ot_server(j->ev);
	struct place from = place_of(p, client), to = place_of(p, server);

	*said = (struct conduit_said){ 0 };
	if (everywhere(server))
		to.zone = from.zone;
	else if (everywhere(client))
		from.zone = to.zone;
	if (from.zone && from.zone == to.zone && !p->zone[from.zone].policed) {
		said->leads = true;
		return VERDICT_ALLOWED;
	}
	if (allowed(p, &from, &to, j, said))
		return VERDICT_ALLOWED;
	if (j->flow && !j->flow->roles_known && allowed(p, &to, &from, j, said))
		return VERDICT_ALLOWED;
	return from.zone && to.zone ? VERDICT_DENIED : VERDICT_UNZONED;
}
