#include "forward/mapping_print.h"

#include "forward/mapping.h"

#include <string.h>

static const char *const words[MAPPING_FORMATS] = { "rfc5424", "cef", "leef", "ecs", "ocsf" };
static const char *const titles[MAPPING_FORMATS] = { "RFC 5424", "CEF", "LEEF", "ECS", "OCSF" };

/* The row is the first of its member; those of one member are told together. */
static bool is_first(unsigned i)
{
	for (unsigned k = 0; k < i; k++) {
		if (strcmp(mapping_row(k)->member, mapping_row(i)->member) == 0)
			return false;
	}
	return true;
}

static bool constant(const struct mapping *m)
{
	return m->fixed || m->number;
}

static void roff(struct sbuf *out, const char *s)
{
	for (; *s; s++) {
		if (*s == '-' || *s == '\'')
			sbuf_str(out, *s == '-' ? "\\-" : "\\(aq");
		else
			sbuf_char(out, *s);
	}
}

static void man_constant(struct sbuf *out, const struct mapping *m)
{
	if (m->fixed)
		roff(out, m->fixed);
	else
		sbuf_uint(out, m->at);
}

static bool man_names(struct sbuf *out, const char *of, enum mapping_format f, bool any)
{
	bool here = false;

	for (unsigned k = 0; k < mapping_rows(); k++) {
		const struct mapping *m = mapping_row(k);

		if (strcmp(m->member, of) != 0 || !m->name[f] || constant(m))
			continue;
		if (here)
			sbuf_str(out, " ,\n");
		else
			sbuf_fmt(out, "%s%s\n", any ? " ;\n" : "", titles[f]);
		sbuf_str(out, ".Cm ");
		roff(out, m->name[f]);
		if (f == MAPPING_CEF && m->label) {
			sbuf_str(out, " Pq Dq ");
			roff(out, m->label);
		}
		here = true;
	}
	return here || any;
}

static void man_member(struct sbuf *out, const struct mapping *m)
{
	bool any = false;

	sbuf_str(out, ".It ");
	roff(out, m->member);
	sbuf_char(out, '\n');
	for (unsigned f = 0; f < MAPPING_FORMATS; f++)
		any = man_names(out, m->member, (enum mapping_format)f, any);
	sbuf_str(out, " .\n");
}

static void man_constants(struct sbuf *out)
{
	sbuf_str(out, ".It the same for every record\n");
	for (unsigned f = 0; f < MAPPING_FORMATS; f++) {
		for (unsigned i = 0; i < mapping_rows(); i++) {
			const struct mapping *m = mapping_row(i);

			if (!m->name[f] || !constant(m))
				continue;
			sbuf_fmt(out, "%s\n.Cm ", titles[f]);
			roff(out, m->name[f]);
			sbuf_str(out, " :\n.Ql ");
			man_constant(out, m);
			sbuf_str(out, " .\n");
		}
	}
}

void mapping_print_man(struct sbuf *out)
{
	for (unsigned i = 0; i < mapping_rows(); i++) {
		const struct mapping *m = mapping_row(i);

		if (is_first(i) && !constant(m))
			man_member(out, m);
	}
	man_constants(out);
}

void mapping_print_table(struct sbuf *out)
{
	for (unsigned i = 0; i < mapping_rows(); i++) {
		const struct mapping *m = mapping_row(i);

		for (unsigned f = 0; f < MAPPING_FORMATS; f++) {
			if (!m->name[f])
				continue;
			sbuf_fmt(out, "%s\t%s\t%s\t", m->member, words[f], m->name[f]);
			if (f == MAPPING_CEF && m->label)
				sbuf_str(out, m->label);
			else if (m->fixed)
				sbuf_str(out, m->fixed);
			else if (m->number)
				sbuf_uint(out, m->at);
			sbuf_char(out, '\n');
		}
	}
}
