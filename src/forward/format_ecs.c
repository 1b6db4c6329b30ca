/* format_ecs.c - Elastic Common Schema: one document of an alert. What it has no field for stands in `ot`, flat. */
#include "forward/format_inside.h"

bool format_ecs(const struct record *r, const struct format_env *e, size_t limit, struct sbuf *out)
{
	(void)limit;
	format_nested(MAPPING_ECS, false, r, e, out);
	return true;
}
