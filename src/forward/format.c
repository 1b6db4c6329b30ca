#include "forward/format.h"

#include "forward/format_inside.h"

bool format_record(enum sink_format f, const struct record *r, const struct format_env *e, struct sbuf *out)
{
	static format_fn *const formats[FORMATS] = {
		[FORMAT_RFC5424] = format_rfc5424, [FORMAT_CEF] = format_cef, [FORMAT_LEEF] = format_leef,
		[FORMAT_ECS] = format_ecs, [FORMAT_OCSF] = format_ocsf, [FORMAT_JSON] = format_json,
	};
	size_t start = out->len, limit;

	if (!e->max_record || __builtin_add_overflow(start, e->max_record, &limit))
		limit = SIZE_MAX;
	if (e->syslog && f != FORMAT_RFC5424) {
		format_syslog_header(r, e, out);
		sbuf_str(out, "- ");            /* no structured data */
	}
	if (!formats[f](r, e, limit, out) || out->cut || out->len > limit) {
		format_back(out, start);
		return false;
	}
	return true;
}
