#include "cli/forward_list.h"

#include "alert/store_outbox.h"
#include "base/clock.h"
#include "base/json.h"
#include "cli/alert_out.h"
#include "cli/command.h"
#include "cli/table.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define COLUMNS(c) (c), sizeof (c) / sizeof (c)[0]
#define LINE_MAX_BYTES (4u << 20)
#define SECOND UINT64_C(1000000000)

static int failed(const struct diag *d)
{
	fprintf(stderr, "zonetap: forward: %s\n", d->text);
	return EXIT_OPERATION;
}

/* --- how far each is -------------------------------------------------------------------------------------------- */

struct standing {
	const struct sink_conf *conf;
	char to[SINK_TO_TEXT];
	bool known;                     /* the database has a cursor of it */
	int64_t confirmed, end;
	uint64_t waiting, oldest_ns, dead, dropped;     /* oldest_ns: how long it has waited */
};

static int stand(struct outbox *o, const struct sink_conf *conf, struct standing *s, struct diag *d)
{
	struct outbox_cursor cursor;
	uint64_t stored_ns = 0, now_ns = clock_wall();
	int err = outbox_peek(o, conf->name, &cursor, d);

	*s = (struct standing){ .conf = conf, .known = err == ZT_OK };
	sink_to(conf, s->to);
	if (err == ZT_ENOENT)
		return ZT_OK;
	err = err ? err : outbox_end(o, &s->end, d);
	err = err ? err : outbox_depth(o, cursor.confirmed, &s->waiting, &stored_ns, d);
	err = err ? err : outbox_letter_count(o, conf->name, &s->dead, d);
	s->confirmed = cursor.confirmed;
	s->oldest_ns = stored_ns && stored_ns < now_ns ? now_ns - stored_ns : 0;
	for (unsigned i = 0; i < SEV_COUNT; i++)
		s->dropped += cursor.dropped[i];
	return err;
}

static void age(struct table *t, uint64_t ns)
{
	uint64_t s = ns / SECOND;

	if (!ns)
		table_text(t, "-");
	else if (s >= 2 * 86400)
		table_fmt(t, "%" PRIu64 " d", s / 86400);
	else if (s >= 2 * 3600)
		table_fmt(t, "%" PRIu64 " h", s / 3600);
	else if (s >= 120)
		table_fmt(t, "%" PRIu64 " min", s / 60);
	else
		table_fmt(t, "%" PRIu64 " s", s);
}

static void row(struct table *t, const struct standing *s)
{
	table_painted(t, s->conf->name, PAINT_BOLD);
	table_text(t, sink_type_word(s->conf->type));
	table_text(t, sink_format_word(s->conf->format));
	if (!s->known) {
		for (int i = 0; i < 5; i++)
			table_text(t, "-");
		table_text(t, s->to);
		return;
	}
	table_fmt(t, "%" PRId64 " of %" PRId64, s->confirmed, s->end);
	table_fmt(t, "%" PRIu64, s->waiting);
	age(t, s->oldest_ns);
	table_fmt(t, "%" PRIu64, s->dead);
	table_fmt(t, "%" PRIu64, s->dropped);
	table_text(t, s->to);
}

static void line(const struct standing *s)
{
	struct sbuf b;
	struct json j;

	sbuf_init(&b, 4096);
	json_init(&j, &b);
	json_obj(&j, NULL);
	json_str(&j, "name", s->conf->name);
	json_str(&j, "type", sink_type_word(s->conf->type));
	json_str(&j, "format", sink_format_word(s->conf->format));
	json_str(&j, "to", s->to);
	json_bool(&j, "known", s->known);
	if (s->known) {
		json_int(&j, "confirmed", s->confirmed);
		json_int(&j, "end", s->end);
		json_uint(&j, "waiting", s->waiting);
		json_real(&j, "oldest_s", (double)s->oldest_ns / (double)SECOND, 3);
		json_uint(&j, "dead_letters", s->dead);
		json_uint(&j, "dropped", s->dropped);
	}
	json_obj_end(&j);
	puts(sbuf_text(&b));
	sbuf_fini(&b);
}

int forward_list(const struct sensor_config *c, bool as_jsonl)
{
	static const struct table_column columns[] = {
		{ "SINK", TABLE_LEFT, false }, { "TYPE", TABLE_LEFT, false }, { "FORMAT", TABLE_LEFT, false },
		{ "DELIVERED", TABLE_RIGHT, false }, { "WAITING", TABLE_RIGHT, false }, { "OLDEST", TABLE_RIGHT, false },
		{ "DEAD", TABLE_RIGHT, false }, { "DROPPED", TABLE_RIGHT, false }, { "TO", TABLE_LEFT, true },
	};
	const struct term term = term_of(STDOUT_FILENO);
	struct table *t = as_jsonl ? NULL : table_new(COLUMNS(columns));
	struct standing s;
	struct diag d;
	int err;
	struct outbox *o = outbox_open(c->database.path, &err, &d);

	for (uint32_t i = 0; o && !err && i < c->sink_count; i++) {
		err = stand(o, &c->sinks[i], &s, &d);
		if (!err && t)
			row(t, &s);
		else if (!err && as_jsonl)
			line(&s);
	}
	outbox_close(o);
	if (t && !err)
		table_print(t, stdout, &term);
	table_free(t);
	if (err)
		return failed(&d);
	return alert_out_fini("forward") ? EXIT_DONE : EXIT_OPERATION;
}

/* --- dead letters ----------------------------------------------------------------------------------------------- */

struct dead { struct table *t; uint64_t n; };

static bool dead_row(void *arg, const struct outbox_letter *l)
{
	struct dead *x = arg;
	char when[24];

	x->n++;
	table_text(x->t, alert_out_time(l->dead_ns, when));
	table_text(x->t, l->sink);
	table_painted(x->t, severity_word(l->severity), term_severity(l->severity));
	table_fmt(x->t, "%.16s-%" PRIu32, l->uid, l->rev);
	table_text(x->t, l->why);
	return true;
}

static bool dead_line(void *arg, const struct outbox_letter *l)
{
	struct sbuf b;
	struct json j;

	(void)arg;
	sbuf_init(&b, LINE_MAX_BYTES);
	json_init(&j, &b);
	json_obj(&j, NULL);
	json_time(&j, "time", l->dead_ns);
	json_str(&j, "sink", l->sink);
	json_int(&j, "id", l->id);
	json_str(&j, "uid", l->uid);
	json_uint(&j, "rev", l->rev);
	json_str(&j, "severity", severity_word(l->severity));
	json_str(&j, "why", l->why);
	json_raw(&j, "alert", l->json);
	json_obj_end(&j);
	puts(sbuf_text(&b));
	sbuf_fini(&b);
	return true;
}

int forward_list_dead(const struct sensor_config *c, const char *sink, bool as_jsonl)
{
	static const struct table_column columns[] = {
		{ "REFUSED", TABLE_LEFT, false }, { "SINK", TABLE_LEFT, false }, { "SEVERITY", TABLE_LEFT, false },
		{ "ALERT", TABLE_LEFT, false }, { "THE RECEIVER SAID", TABLE_LEFT, true },
	};
	const struct term term = term_of(STDOUT_FILENO);
	struct dead x = { .t = as_jsonl ? NULL : table_new(COLUMNS(columns)) };
	struct diag d;
	int err;
	struct outbox *o = outbox_open(c->database.path, &err, &d);

	if (o && !as_jsonl && !x.t)
		err = diag_fail(&d, ZT_ENOMEM, "out of memory");
	if (o && !err)
		err = outbox_letters(o, sink, as_jsonl ? dead_line : dead_row, &x, &d);
	outbox_close(o);
	if (!err && x.t && x.n)
		table_print(x.t, stdout, &term);
	else if (!err && x.t)
		puts("no dead letters");
	table_free(x.t);
	if (err)
		return failed(&d);
	return alert_out_fini("forward") ? EXIT_DONE : EXIT_OPERATION;
}
