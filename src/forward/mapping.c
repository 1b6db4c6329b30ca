#include "forward/mapping.h"

#include "forward/vocabulary.h"

#include <config.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- getters ------------------------------------------------------------------------------- */

static const void *member(const void *from, size_t at)
{
	return (const char *)from + at;
}

static bool has(const struct mapping *m, const struct record *r)
{
	return m->has == 0 || *(const bool *)member(r, m->has);
}

static bool told(struct mapped *v, const char *s)
{
	if (!s || !s[0])
		return false;
	v->kind = MAPPED_TEXT;
	v->text = s;
	return true;
}

static bool counted(struct mapped *v, uint64_t n)
{
	v->kind = MAPPED_UINT;
	v->number = n;
	return true;
}

#define GET(name) \
	static bool get_##name(const struct mapping *m, const struct record *r, const struct format_env *e, unsigned element, \
			       struct mapped *v)
#define UNUSED (void)m, (void)r, (void)e, (void)element

GET(text)
{
	UNUSED;
	return told(v, *(const char *const *)member(r, m->at));
}

GET(mac)
{
	UNUSED;
	if (!told(v, *(const char *const *)member(r, m->at)))
		return false;
	v->kind = MAPPED_MAC;
	return true;
}

/* CEF has two keys for an address, by its family. */
GET(ip4)
{
	UNUSED;
	const char *s = *(const char *const *)member(r, m->at);

	return s && !strchr(s, ':') && told(v, s);
}

GET(ip6)
{
	UNUSED;
	const char *s = *(const char *const *)member(r, m->at);

	return s && strchr(s, ':') && told(v, s);
}

GET(u32)
{
	UNUSED;
	return has(m, r) && counted(v, *(const uint32_t *)member(r, m->at));
}

GET(u64)
{
	UNUSED;
	return has(m, r) && counted(v, *(const uint64_t *)member(r, m->at));
}

GET(u64_if)                             /* 0: none */
{
	UNUSED;
	uint64_t n = *(const uint64_t *)member(r, m->at);

	return n && counted(v, n);
}

GET(id)
{
	UNUSED;
	return r->id > 0 && counted(v, (uint64_t)r->id);
}

GET(tenths)
{
	UNUSED;
	v->kind = MAPPED_TENTHS;
	v->number = *(const uint32_t *)member(r, m->at);
	return has(m, r);
}

GET(bool)
{
	UNUSED;
	v->kind = MAPPED_BOOL;
	v->number = *(const bool *)member(r, m->at);
	return true;
}

GET(time)
{
	UNUSED;
	v->kind = MAPPED_TIME;
	v->number = *(const uint64_t *)member(r, m->at);
	return v->number != 0;
}

GET(now)
{
	UNUSED;
	v->kind = MAPPED_TIME;
	v->number = e->now_ns;
	return v->number != 0;
}

GET(fixed)
{
	UNUSED;
	return told(v, m->fixed);
}

GET(fixed_number)
{
	UNUSED;
	return counted(v, m->at);
}

GET(word)
{
	UNUSED;
	return told(v, m->word(r));
}

GET(figure)
{
	UNUSED;
	return counted(v, m->figure(r));
}

GET(hostname)
{
	UNUSED;
	return told(v, e->hostname);
}

GET(sensor)
{
	UNUSED;
	return told(v, r->sensor ? r->sensor : e->sensor);
}

GET(alert)                              /* whether somebody should look: an end is no new reason */
{
	UNUSED;
	v->kind = MAPPED_BOOL;
	v->number = word_ocsf_activity(r) != 3;
	return true;
}

GET(revision)
{
	UNUSED;
	snprintf(v->buf, sizeof v->buf, "%s-%u", r->uid, r->rev);
	return told(v, v->buf);
}

GET(if_transport)
{
	UNUSED;
	return r->ip_proto != 0 && counted(v, m->at);
}

GET(transport_number)
{
	UNUSED;
	return r->ip_proto != 0 && counted(v, r->ip_proto);
}

GET(transport_digits)                   /* ECS: network.iana_number is a keyword */
{
	UNUSED;
	snprintf(v->buf, sizeof v->buf, "%u", r->ip_proto);
	return r->ip_proto != 0 && told(v, v->buf);
}

GET(operation)                          /* "control stop" */
{
	UNUSED;
	if (!r->op || !r->act)
		return told(v, r->op ? r->op : r->act);
	snprintf(v->buf, sizeof v->buf, "%s %s", r->op, r->act);
	return told(v, v->buf);
}

GET(zones)
{
	UNUSED;
	if (!r->client.zone && !r->server.zone)
		return false;
	snprintf(v->buf, sizeof v->buf, "%s -> %s", r->client.zone ? r->client.zone : "?",
		 r->server.zone ? r->server.zone : "?");
	return told(v, v->buf);
}

GET(status)                             /* "illegal_data_address (0x02)" */
{
	UNUSED;
	if (r->has_status)
		snprintf(v->buf, sizeof v->buf, "%s%s0x%02llx%s", r->status_name ? r->status_name : "",
			 r->status_name ? " (" : "", (unsigned long long)r->status, r->status_name ? ")" : "");
	return r->has_status ? told(v, v->buf) : told(v, r->status_name);
}

static bool joined(struct mapped *v, const char *const *list, uint32_t n)
{
	size_t len = 0;

	for (uint32_t i = 0; i < n && len < sizeof v->buf - 1; i++) {
		int more = snprintf(v->buf + len, sizeof v->buf - len, "%s%s", i ? "," : "", list[i]);

		len += more > 0 ? (size_t)more : 0;
	}
	return n > 0 && told(v, v->buf);
}

GET(techniques)
{
	UNUSED;
	const char *ids[RECORD_ATTACKS_MAX];

	for (uint32_t i = 0; i < r->attacks; i++)
		ids[i] = r->attack[i].id;
	return joined(v, ids, r->attacks);
}

GET(srs)
{
	UNUSED;
	return joined(v, r->sr, r->srs);
}

GET(alsos)
{
	UNUSED;
	return joined(v, r->also, r->alsos);
}

GET(sr)
{
	UNUSED;
	return told(v, r->sr[element]);
}

GET(also)
{
	UNUSED;
	return told(v, r->also[element]);
}

GET(attack)                             /* a member of struct record_attack */
{
	UNUSED;
	return told(v, *(const char *const *)member(&r->attack[element], m->at));
}

static const char *dot(const struct record_attack *a)
{
	return strchr(a->id, '.');
}

GET(technique)                          /* "T1694" of "T1694.001" */
{
	UNUSED;
	const char *id = r->attack[element].id;
	size_t len = strcspn(id, ".");

	if (!id[len])
		return told(v, id);
	len = len < sizeof v->buf ? len : sizeof v->buf - 1;
	memcpy(v->buf, id, len);
	v->buf[len] = '\0';
	return told(v, v->buf);
}

GET(technique_name)
{
	UNUSED;
	return !dot(&r->attack[element]) && told(v, r->attack[element].name);
}

GET(subtechnique)
{
	UNUSED;
	return dot(&r->attack[element]) && told(v, r->attack[element].id);
}

GET(subtechnique_name)
{
	UNUSED;
	return dot(&r->attack[element]) && told(v, r->attack[element].name);
}

/* --- the table ----------------------------------------------------------------------------- */

#define AT(f) .at = offsetof(struct record, f)
#define OF(kind, f) .get = get_##kind, AT(f)
#define OF_IF(kind, f, flag) OF(kind, f), .has = offsetof(struct record, flag)
#define TEXT(f, n) OF(text, f), .max = (n)
#define WORD(fn) .get = get_word, .word = (fn), .max = 255
#define FIGURE(fn) .get = get_figure, .figure = (fn)
#define FIXED(s) .member = "", .get = get_fixed, .fixed = (s), .max = 255
#define OF_ATTACK(kind, f) .get = get_##kind, .at = offsetof(struct record_attack, f), .max = 255

#define SD(s) .name[MAPPING_SD] = (s)
#define CEF(s) .name[MAPPING_CEF] = (s)
#define LEEF(s) .name[MAPPING_LEEF] = (s)
#define ECS(s) .name[MAPPING_ECS] = (s)
#define OCSF(s) .name[MAPPING_OCSF] = (s)

#define SRC "evidences[].src_endpoint."
#define DST "evidences[].dst_endpoint."

static const struct mapping table[] = {
#include "forward/mapping.def"
};
#define ROWS (sizeof table / sizeof table[0])

unsigned mapping_rows(void)
{
	return ROWS;
}

const struct mapping *mapping_row(unsigned i)
{
	return i < ROWS ? &table[i] : NULL;
}

bool mapping_get(const struct mapping *m, const struct record *r, const struct format_env *e, unsigned element,
		 struct mapped *v)
{
	v->kind = MAPPED_NOTHING;
	return m->get(m, r, e, element, v);
}

unsigned mapping_elements(const struct mapping *m, const struct record *r)
{
	if (m->get == get_sr)
		return r->srs;
	if (m->get == get_also)
		return r->alsos;
	if (m->get == get_attack || m->get == get_technique || m->get == get_technique_name || m->get == get_subtechnique ||
	    m->get == get_subtechnique_name)
		return r->attacks;
	return 1;
}

/* --- orders -------------------------------------------------------------------------------- */

static const struct mapping *order[MAPPING_FORMATS][ROWS];
static unsigned ordered[MAPPING_FORMATS];
static pthread_once_t once = PTHREAD_ONCE_INIT;

static enum mapping_format sorting;     /* under pthread_once() only */

static int by_path(const void *x, const void *y)
{
	const struct mapping *a = *(const struct mapping *const *)x, *b = *(const struct mapping *const *)y;
	int c = strcmp(a->name[sorting], b->name[sorting]);

	return c ? c : (a > b) - (a < b);
}

static void make_orders(void)
{
	for (sorting = 0; sorting < MAPPING_FORMATS; sorting++) {
		for (size_t i = 0; i < ROWS; i++) {
			if (table[i].name[sorting])
				order[sorting][ordered[sorting]++] = &table[i];
		}
		if (sorting == MAPPING_ECS || sorting == MAPPING_OCSF)
			qsort(order[sorting], ordered[sorting], sizeof order[sorting][0], by_path);
	}
}

const struct mapping *const *mapping_order(enum mapping_format f, unsigned *n)
{
	pthread_once(&once, make_orders);
	*n = ordered[f];
	return order[f];
}
