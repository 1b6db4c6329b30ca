#include "base/json.h"
#include "forward/format_inside.h"

#include <string.h>

#define PARTS_MAX 8                     /* of a path */
#define NAME_MAX_LEN 48

enum part_kind { PART_OBJECT, PART_LIST, PART_LIST_OF_OBJECTS };

struct part {
	const char *name;
	size_t len;
	enum part_kind kind;
	unsigned element;
};

struct nest {
	struct json j;
	struct part open[PARTS_MAX];    /* what is open, the outermost first */
	unsigned depth;
	bool ms;                        /* times in milliseconds, not as text */
};

/* The parts of a path that are open while its value is written; the last name, of an object's member, is returned, NULL
 * of a list's. */
static const char *split(const char *path, unsigned element, struct part *part, unsigned *n)
{
	for (*n = 0;;) {
		size_t len = strcspn(path, ".[");
		const char *behind = path + len;
		struct part *p = &part[*n];

		if (!*behind)
			return path;
		*p = (struct part){ path, len, PART_OBJECT, 0 };
		if (*behind == '[') {
			p->element = behind[1] == '*' ? element : 0;
			behind += strcspn(behind, "]") + 1;
			p->kind = *behind ? PART_LIST_OF_OBJECTS : PART_LIST;
		}
		++*n;
		if (!*behind)
			return NULL;
		path = behind + 1;
	}
}

static bool same_part(const struct part *a, const struct part *b)
{
	return a->len == b->len && a->kind == b->kind && memcmp(a->name, b->name, a->len) == 0;
}

static void close_to(struct nest *w, unsigned depth)
{
	while (w->depth > depth) {
		const struct part *p = &w->open[--w->depth];

		if (p->kind != PART_LIST)
			json_obj_end(&w->j);
		if (p->kind != PART_OBJECT)
			json_arr_end(&w->j);
	}
}

static void open_part(struct nest *w, const struct part *p)
{
	char name[NAME_MAX_LEN];
	size_t len = p->len < sizeof name ? p->len : sizeof name - 1;

	memcpy(name, p->name, len);
	name[len] = '\0';
	if (p->kind == PART_OBJECT) {
		json_obj(&w->j, name);
	} else {
		json_arr(&w->j, name);
		if (p->kind == PART_LIST_OF_OBJECTS)
			json_obj(&w->j, NULL);
	}
	w->open[w->depth++] = *p;
}

static const char *enter(struct nest *w, const char *path, unsigned element)
{
	struct part part[PARTS_MAX];
	unsigned n, same = 0;
	const char *leaf = split(path, element, part, &n);

	while (same < n && same < w->depth && same_part(&w->open[same], &part[same])) {
		if (w->open[same].element != part[same].element) {      /* the list's next object */
			close_to(w, same + 1);
			json_obj_end(&w->j);
			json_obj(&w->j, NULL);
			w->open[same].element = part[same].element;
		}
		same++;
	}
	close_to(w, same);
	for (unsigned i = same; i < n; i++)
		open_part(w, &part[i]);
	return leaf;
}

static void text_value(struct nest *w, const char *key, const struct mapping *m, const char *s)
{
	json_raw(&w->j, key, "\"");
	clean_text(w->j.out, CLEAN_JSON, s, m->max, SIZE_MAX);
	sbuf_char(w->j.out, '"');
}

/* ECS, *.mac: upper case with hyphens (RFC 7042). */
static void mac_value(struct nest *w, const char *key, const char *s)
{
	char mac[24];
	size_t n = 0;

	for (; s[n] && n < sizeof mac - 1; n++)
		mac[n] = (char)(s[n] == ':' ? '-' : s[n] >= 'a' && s[n] <= 'f' ? s[n] - 'a' + 'A' : s[n]);
	mac[n] = '\0';
	json_str(&w->j, key, mac);
}

static void value(struct nest *w, const struct mapping *m, const char *key, const struct mapped *v)
{
	switch (v->kind) {
	case MAPPED_TEXT: text_value(w, key, m, v->text); break;
	case MAPPED_MAC:
		if (w->ms)
			text_value(w, key, m, v->text);
		else
			mac_value(w, key, v->text);
		break;
	case MAPPED_UINT: json_uint(&w->j, key, v->number); break;
	case MAPPED_TENTHS:
		json_raw(&w->j, key, "");
		format_tenths(w->j.out, v->number);
		break;
	case MAPPED_BOOL: json_bool(&w->j, key, v->number != 0); break;
	case MAPPED_TIME:
		if (w->ms)
			json_uint(&w->j, key, v->number / 1000000);
		else
			json_time(&w->j, key, v->number);
		break;
	case MAPPED_NOTHING: break;
	}
}

static void row(struct nest *w, const struct mapping *m, const char *path, const struct record *r, const struct format_env *e,
		unsigned element)
{
	struct mapped v;

	if (mapping_get(m, r, e, element, &v))
		value(w, m, enter(w, path, element), &v);
}

void format_nested(enum mapping_format f, bool ms, const struct record *r, const struct format_env *e, struct sbuf *out)
{
	unsigned n, i = 0;
	const struct mapping *const *order = mapping_order(f, &n);
	struct nest w = { .ms = ms };

	json_init(&w.j, out);
	json_obj(&w.j, NULL);
	while (i < n) {
		const char *path = order[i]->name[f], *star = strstr(path, "[*]");
		size_t prefix = star ? (size_t)(star - path) + 3 : 0;
		unsigned end = i + 1, elements = mapping_elements(order[i], r);

		while (star && end < n && strncmp(order[end]->name[f], path, prefix) == 0)
			end++;
		for (unsigned el = 0; el < elements; el++) {
			for (unsigned k = i; k < end; k++)
				row(&w, order[k], order[k]->name[f], r, e, el);
		}
		i = end;
	}
	close_to(&w, 0);
	json_obj_end(&w.j);
}
