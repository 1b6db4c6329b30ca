/* attack.c - the table of ATT&CK for ICS techniques: data, because the ids change. */
#include "policy/model.h"

#include "base/names.h"

#include <stdio.h>
#include <string.h>

#define COUNT(a) (sizeof (a) / sizeof (a)[0])
#define TECHNIQUES_MAX 500

struct attack_table {
	struct attack_ref *v;
	uint32_t n;
	struct dict ids;                /* old and new: index + 1 */
};

static bool id_good(const char *s)
{
	size_t n = 1;

	if (s[0] != 'T')
		return false;
	while (s[n] && strchr("0123456789.", s[n]))
		n++;
	return s[n] == '\0' && n >= 5 && n <= 9;
}

static const char *id_read(struct conf *c, const struct conf_node *n)
{
	const char *s = n ? conf_text(c, n, 16) : NULL;

	if (s && !id_good(s)) {
		conf_wrong(c, n, "ids are like T0855 or T1692.001", "not a technique");
		return NULL;
	}
	return s;
}

static void row(struct attack_table *t, struct conf *c, const struct conf_node *n)
{
	const struct conf_node *legacy, *id, *name;
	const struct conf_key keys[] = {
		{ "name", CONF_WORD, true, &name }, { "legacy", CONF_WORD, false, &legacy }, { "id", CONF_WORD, true, &id },
	};
	struct attack_ref a;

	if (!conf_map(c, n, "a technique", keys, COUNT(keys)))
		return;
	a.id = id_read(c, id);
	a.id_legacy = legacy ? id_read(c, legacy) : a.id;
	a.name = conf_name(c, name, "name of a technique");
	if (!a.id || !a.id_legacy || !a.name)
		return;
	t->v[t->n++] = a;
	if (!dict_find(&t->ids, a.id_legacy))
		dict_add(&t->ids, a.id_legacy, t->n);
	if (!dict_find(&t->ids, a.id))
		dict_add(&t->ids, a.id, t->n);
}

struct attack_table *attack_read(struct policy *p, struct conf *c)
{
	const struct conf_node *version, *list;
	const struct conf_key keys[] = {
		{ "techniques", CONF_LIST, true, &list }, { "version", CONF_WORD, true, &version },
	};
	struct attack_table *t = arena_get(p->arena, sizeof *t);
	size_t n;

	if (!t || !conf_root(c) || !conf_map(c, conf_root(c), "the table of techniques", keys, COUNT(keys)))
		return NULL;
	p->attack_version = conf_name(c, version, "version of ATT&CK");
	n = conf_count(c, list) < TECHNIQUES_MAX ? conf_count(c, list) : TECHNIQUES_MAX;
	t->v = arena_array(p->arena, n + 1, sizeof *t->v);
	if (!t->v || !p->attack_version || !dict_init(&t->ids, p->arena, 2 * TECHNIQUES_MAX))
		return NULL;
	for (size_t i = 0; i < n; i++)
		row(t, c, conf_item(c, list, i));
	return t;
}

const struct attack_ref *attack_find(const struct attack_table *t, const char *id)
{
	uint32_t i = t ? dict_find(&t->ids, id) : 0;

	return i ? &t->v[i - 1] : NULL;
}

const char *attack_near(const struct attack_table *t, const char *id)
{
	const char *list[LIST_MAX + 1] = { 0 };
	uint32_t k = 0;

	for (uint32_t i = 0; t && i < t->n && k + 2 < LIST_MAX; i++) {
		list[k++] = t->v[i].id;
		list[k++] = t->v[i].id_legacy;
	}
	return name_nearest(id, list);
}
