/* format_ocsf.c - OCSF, class Detection Finding (2004). It has no object for industrial control yet: what has no
 * attribute stands in `unmapped`. */
#include "forward/format_inside.h"

bool format_ocsf(const struct record *r, const struct format_env *e, size_t limit, struct sbuf *out)
{
	(void)limit;
	format_nested(MAPPING_OCSF, true, r, e, out);
	return true;
}
