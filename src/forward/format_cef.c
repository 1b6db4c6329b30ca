/* format_cef.c - ArcSight Common Event Format, version 0 (revision 25 of its guide). Keys are those of its dictionary
 * alone, since receivers put others where nobody searches. */
#include "forward/format_inside.h"
#include "forward/vocabulary.h"

#include <config.h>

static void header(struct sbuf *out, const char *s, size_t limit)
{
	clean_text(out, CLEAN_CEF_HEADER, s, 255, format_third(out, limit));
	sbuf_char(out, '|');
}

bool format_cef(const struct record *r, const struct format_env *e, size_t limit, struct sbuf *out)
{
	static const struct pairs pairs = {
		.format = MAPPING_CEF, .place = CLEAN_CEF, .first = "", .before = " ", .between = "=", .behind = "", .message = true,
		.labels = true,
	};

	sbuf_str(out, "CEF:0|" PACKAGE_NAME "|" PACKAGE_NAME "|" PACKAGE_VERSION "|");
	header(out, r->rule, limit);
	header(out, r->title, limit);
	sbuf_fmt(out, "%u|", (unsigned)word_cef_severity(r));
	return format_pairs_within(&pairs, r, e, limit, out);
}
