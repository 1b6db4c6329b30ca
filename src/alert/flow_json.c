#include "alert/flow_json.h"

void flow_json(struct json *j, const char *key, const struct flow_facts *f)
{
	json_obj(j, key);
	json_uint(j, "ip_proto", f->ip_proto);
	if (f->server_port)
		json_uint(j, "server_port", f->server_port);
	if (f->expected)
		json_str(j, "expected", ot_proto_word(f->expected));
	if (f->app != APP_NONE) {
		json_str(j, "app", app_word(f->app));
		json_str(j, "category", app_category_word(app_category(f->app)));
	} else if (f->guess != APP_NONE) {
		json_str(j, "guess", app_word(f->guess));
	}
	if (f->risks) {
		json_arr(j, "risk");
		for (unsigned i = 0; i < RISK_COUNT; i++) {
			if (f->risks >> i & 1)
				json_str(j, NULL, app_risk_word(i));
		}
		json_arr_end(j);
	}
	json_obj_end(j);
}

void flow_app_text(struct sbuf *out, const struct flow_facts *f)
{
	unsigned said = 0;

	if (f->app == APP_NONE)
		return;
	sbuf_fmt(out, " (%s", app_word(f->app));
	for (unsigned i = 0; i < RISK_COUNT; i++) {
		if (f->risks >> i & 1)
			sbuf_fmt(out, "%s%s", said++ ? ", " : "; ", app_risk_word(i));
	}
	sbuf_char(out, ')');
}
