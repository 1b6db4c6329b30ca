#include "forward/facts.h"

#include <string.h>

static void side(struct alert_side *s, const struct record_end *e)
{
	uint8_t mac[6];

	*s = (struct alert_side){
		.zone = e->zone, .asset = e->asset, .role = e->role, .segment = e->segment, .country = e->country,
		.country_name = e->country_name, .org = e->as_org, .port = e->port, .level10 = e->level10, .asn = e->asn,
		.has_port = e->has_port, .has_level = e->has_level, .has_asn = e->has_asn,
	};
	s->has_ip = e->ip && addr_parse(e->ip, &s->ip);
	s->has_mac = e->mac && mac_parse(e->mac, mac);
	for (unsigned i = 0; s->has_mac && i < sizeof mac; i++)
		s->mac = s->mac << 8 | mac[i];
}

static void add(struct facts *f, const char *id)
{
	if (id && f->a.attacks < FACTS_ATTACK_MAX)
		f->attack[f->a.attacks++] = id;
}

void facts_of(struct facts *f, const struct record *r)
{
	f->a = (struct alert_facts){
		.rule = r->rule, .class_word = r->class_word, .title = r->title, .text = r->text, .sensor = r->sensor, .site = r->site,
		.proto = r->proto, .op = r->op, .act = r->act, .func = r->func_name, .app = r->app, .outcome = r->outcome,
		.status = r->status_name, .target = r->target, .health_kind = r->health_kind, .health_name = r->health_name,
		.attack = f->attack, .sr = r->sr, .srs = r->srs, .also = r->also, .alsos = r->alsos, .severity = r->severity,
		.rev = r->rev, .unit = r->unit, .has_unit = r->has_unit, .count = r->count, .ended = r->ended,
	};
	side(&f->a.client, &r->client);
	side(&f->a.server, &r->server);
	for (uint32_t i = 0; i < r->attacks; i++) {
		add(f, r->attack[i].id);
		if (r->attack[i].id_legacy && (!r->attack[i].id || strcmp(r->attack[i].id, r->attack[i].id_legacy) != 0))
			add(f, r->attack[i].id_legacy);
	}
}
