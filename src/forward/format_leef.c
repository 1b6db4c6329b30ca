/* format_leef.c - IBM's Log Event Extended Format 2.0, with a tab between its attributes. EventID and cat are the rule
 * and its class: words that never change, so that a QID can be given to them. */
#include "forward/format_inside.h"

#include <config.h>

bool format_leef(const struct record *r, const struct format_env *e, size_t limit, struct sbuf *out)
{
	static const struct pairs pairs = {
		.format = MAPPING_LEEF, .place = CLEAN_PLAIN, .first = "", .before = "\t", .between = "=", .behind = "", .message = true,
	};

	sbuf_str(out, "LEEF:2.0|" PACKAGE_NAME "|" PACKAGE_NAME "|" PACKAGE_VERSION "|");
	clean_text(out, CLEAN_LEEF_HEADER, r->rule, 255, format_third(out, limit));
	sbuf_str(out, "|0x09|");
	return format_pairs_within(&pairs, r, e, limit, out);
}
