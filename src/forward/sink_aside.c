/* sink_aside.c - what can never be sent goes to the dead letters, with the reason. */
#include "forward/sink_inside.h"

#include <stdlib.h>
#include <string.h>

struct aside {
	struct sink *s;
	int64_t id;
	struct outbox_row row;
	char *uid, *json;
	bool no_memory;
};

/* The row is put aside when it is not read any more. */
static bool take_copy(void *arg, const struct outbox_row *r)
{
	struct aside *a = arg;

	if (r->id != a->id)
		return false;
	a->row = *r;
	a->uid = strdup(r->uid);
	a->json = strndup(r->json, r->json_len);
	a->no_memory = !a->uid || !a->json;
	a->row.uid = a->uid;
	a->row.json = a->json;
	return false;
}

/* What is said of a record that is refused becomes a record itself, for every sink: one that is about sinks must not
 * make the next one. */
static bool is_about_sinks(const char *json, size_t n)
{
	struct record r;
	struct diag d;
	bool is;

	if (record_read(&r, 0, 0, json, n, &d) != ZT_OK)
		return false;
	is = r.health_kind && (strncmp(r.health_kind, "sink_", 5) == 0 || strncmp(r.health_kind, "spool_", 6) == 0);
	record_fini(&r);
	return is;
}

bool sink_aside(struct sink *s, int64_t id, const char *why)
{
	struct aside a = { .s = s, .id = id };
	struct diag d;
	bool there, quiet;
	int err;

	if (!s->outbox)
		return false;
	err = outbox_read(s->outbox, id - 1, 1, take_copy, &a, &d);
	if (!err && a.no_memory)
		err = diag_fail(&d, ZT_ENOMEM, "too little memory to put a record aside");
	there = a.uid;                  /* else the spool's limits took it, and it is told as dropped */
	if (!err && there)
		err = outbox_dead(s->outbox, s->conf->name, &a.row, why, &d);
	quiet = there && a.json && is_about_sinks(a.json, a.row.json_len);
	free(a.uid);
	free(a.json);
	if (err) {
		sink_read_lost(s, err, d.text);
		return false;
	}
	s->now.dead += there;
	if (there && !quiet)
		sink_say(s, NEWS_DEAD, s->now.dead, why);
	return true;
}
