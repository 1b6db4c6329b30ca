#include "sensor/sink_status.h"

#include "base/clock.h"
#include "policy/policy.h"
#include "sensor/metrics.h"
#include "sensor/status.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define SECOND UINT64_C(1000000000)
#define CELL 24
#define COLUMNS 10                      /* those before the last one, which has any width */

static uint64_t dropped(const struct sink_figures *f)
{
	uint64_t n = 0;

	for (unsigned i = 0; i < SEV_COUNT; i++)
		n += f->dropped[i];
	return n;
}

static uint64_t since(uint64_t wall_ns)
{
	uint64_t now_ns = clock_wall();

	return wall_ns && now_ns > wall_ns ? now_ns - wall_ns : 0;
}

/* --- for people ------------------------------------------------------------------------------------------------- */

struct row { char cell[COLUMNS][SINK_NAME_MAX + CELL]; };

static void age_cell(char *out, size_t n, uint64_t ns)
{
	struct sbuf b;

	sbuf_init(&b, CELL);
	status_text_age(&b, ns / SECOND);
	snprintf(out, n, "%s", ns ? sbuf_text(&b) : "-");
	sbuf_fini(&b);
}

static void latency_cell(char *out, size_t n, uint64_t ns)
{
	if (!ns)
		snprintf(out, n, "-");
	else if (ns < 10 * SECOND)
		snprintf(out, n, "%" PRIu64 " ms", ns / 1000000);
	else
		age_cell(out, n, ns);
}

static void fill(struct row *r, const struct sink_figures *f)
{
	const uint64_t numbers[] = { f->depth, f->sent, f->retries, f->dead, dropped(f) };
	static const unsigned columns[] = { 3, 5, 6, 7, 8 };

	snprintf(r->cell[0], sizeof r->cell[0], "%s", f->name);
	snprintf(r->cell[1], sizeof r->cell[1], "%s", sink_state_word(f->state));
	age_cell(r->cell[2], sizeof r->cell[2], since(f->since_ns));
	age_cell(r->cell[4], sizeof r->cell[4], f->oldest_ns);
	latency_cell(r->cell[9], sizeof r->cell[9], f->latency_ns);
	for (unsigned i = 0; i < sizeof columns / sizeof columns[0]; i++)
		snprintf(r->cell[columns[i]], sizeof r->cell[0], "%" PRIu64, numbers[i]);
}

static const struct row head = { { "sink", "state", "for", "waiting", "oldest", "sent", "retries", "dead", "dropped", "latency" } };

static void widen(int width[COLUMNS], const struct row *r)
{
	for (unsigned c = 0; c < COLUMNS; c++) {
		int n = (int)strlen(r->cell[c]);

		width[c] = n > width[c] ? n : width[c];
	}
}

/* The first two columns are words, the others numbers. */
static void line(struct sbuf *out, const int width[COLUMNS], const struct row *r)
{
	sbuf_str(out, "  ");
	for (unsigned c = 0; c < COLUMNS; c++)
		sbuf_fmt(out, c < 2 ? "%-*s  " : "%*s  ", width[c], r->cell[c]);
}

void sink_status_text(const struct sink_view *v, uint32_t n, struct sbuf *out)
{
	int width[COLUMNS] = { 0 };
	struct row r;

	widen(width, &head);
	for (uint32_t i = 0; i < n; i++) {
		fill(&r, &v[i].now);
		widen(width, &r);
	}
	sbuf_str(out, "\nsinks:\n");
	line(out, width, &head);
	sbuf_str(out, "to\n");
	for (uint32_t i = 0; i < n; i++) {
		fill(&r, &v[i].now);
		line(out, width, &r);
		sbuf_escape(out, v[i].now.to, strlen(v[i].now.to));
		if (v[i].now.why[0]) {
			sbuf_fmt(out, "\n  %-*s  ", width[0], "");
			sbuf_escape(out, v[i].now.why, strlen(v[i].now.why));
		}
		sbuf_char(out, '\n');
	}
}

/* --- as JSON ---------------------------------------------------------------------------------------------------- */

static void json_seconds(struct json *j, const char *key, uint64_t ns)
{
	json_real(j, key, (double)ns / (double)SECOND, 3);
}

static void json_sink(struct json *j, const struct sink_figures *f)
{
	json_obj(j, NULL);
	json_str(j, "name", f->name);
	json_str(j, "type", f->type);
	json_str(j, "format", f->format);
	json_str(j, "to", f->to);
	json_str(j, "state", sink_state_word(f->state));
	if (f->why[0])
		json_str(j, "why", f->why);
	json_uint(j, "since_s", since(f->since_ns) / SECOND);
	json_uint(j, "waiting", f->depth);
	json_seconds(j, "oldest_s", f->oldest_ns);
	json_uint(j, "sent", f->sent);
	json_uint(j, "bytes", f->bytes);
	json_uint(j, "filtered", f->filtered);
	json_uint(j, "batches", f->batches);
	json_uint(j, "retries", f->retries);
	json_uint(j, "resent", f->resent);
	json_uint(j, "dead_letters", f->dead);
	json_obj(j, "dropped");
	for (unsigned i = SEV_COUNT; i-- > 0;)
		json_uint(j, severity_word(i), f->dropped[i]);
	json_obj_end(j);
	if (f->last_sent_ns) {
		json_seconds(j, "latency_s", f->latency_ns);
		json_seconds(j, "latency_max_s", f->latency_max_ns);
		json_time(j, "last_sent", f->last_sent_ns);
	}
	json_obj_end(j);
}

void sink_status_json(const struct sink_view *v, uint32_t n, struct json *j)
{
	json_arr(j, "sinks");
	for (uint32_t i = 0; i < n; i++)
		json_sink(j, &v[i].now);
	json_arr_end(j);
}

/* --- for Prometheus --------------------------------------------------------------------------------------------- */

/* One family with a sample of each sink. seconds: what is counted is ns. */
struct counted {
	const char *name, *type, *help;
	uint64_t (*of)(const struct sink_figures *f);
	bool seconds;
};

static uint64_t is_up(const struct sink_figures *f) { return f->state == SINK_IDLE || f->state == SINK_SENDING; }
static uint64_t depth(const struct sink_figures *f) { return f->depth; }
static uint64_t oldest(const struct sink_figures *f) { return f->oldest_ns; }
static uint64_t sent(const struct sink_figures *f) { return f->sent; }
static uint64_t bytes(const struct sink_figures *f) { return f->bytes; }
static uint64_t filtered(const struct sink_figures *f) { return f->filtered; }
static uint64_t batches(const struct sink_figures *f) { return f->batches; }
static uint64_t retries(const struct sink_figures *f) { return f->retries; }
static uint64_t resent(const struct sink_figures *f) { return f->resent; }
static uint64_t dead(const struct sink_figures *f) { return f->dead; }
static uint64_t latency(const struct sink_figures *f) { return f->latency_ns; }
static uint64_t latency_max(const struct sink_figures *f) { return f->latency_max_ns; }
static uint64_t last_sent(const struct sink_figures *f) { return f->last_sent_ns; }

static const struct counted counted[] = {
	{ "sink_up", "gauge", "Whether the sink's receiver takes records.", is_up, false },
	{ "sink_waiting_records", "gauge", "Records that wait to be taken by the sink's receiver.", depth, false },
	{ "sink_oldest_waiting_seconds", "gauge", "How long the oldest of these has waited.", oldest, true },
	{ "sink_sent_records_total", "counter", "Records that the receiver has taken.", sent, false },
	{ "sink_sent_bytes_total", "counter", "Bytes of these records.", bytes, false },
	{ "sink_filtered_records_total", "counter", "Records that the sink's filter left out.", filtered, false },
	{ "sink_requests_total", "counter", "Batches of records sent.", batches, false },
	{ "sink_retries_total", "counter", "Attempts that failed and are tried again.", retries, false },
	{ "sink_resent_records_total", "counter", "Records that were sent once more.", resent, false },
	{ "sink_dead_letters_total", "counter", "Records that the receiver refused for good.", dead, false },
	{ "sink_latency_seconds", "gauge", "From the storing of a record to the receiver's word: the last one.", latency, true },
	{ "sink_latency_max_seconds", "gauge", "The longest of these since the start.", latency_max, true },
	{ "sink_last_sent_time_seconds", "gauge", "When the receiver last took a record, since 1970; 0: never.", last_sent, true },
};

static void sample(struct sbuf *out, const char *name, const struct sink_figures *f)
{
	sbuf_fmt(out, "zonetap_%s{sink=\"%s\"", name, f->name);         /* a name has nothing to be quoted */
}

void sink_status_metrics(const struct sink_view *v, uint32_t n, struct sbuf *out)
{
	for (size_t k = 0; k < sizeof counted / sizeof counted[0]; k++) {
		metrics_family(out, counted[k].name, counted[k].type, counted[k].help);
		for (uint32_t i = 0; i < n; i++) {
			uint64_t value = counted[k].of(&v[i].now);

			sample(out, counted[k].name, &v[i].now);
			if (counted[k].seconds)
				sbuf_fmt(out, "} %" PRIu64 ".%03" PRIu64 "\n", value / SECOND, value / 1000000 % 1000);
			else
				sbuf_fmt(out, "} %" PRIu64 "\n", value);
		}
	}
	metrics_family(out, "sink_state", "gauge", "The state that the sink is in has 1.");
	for (uint32_t i = 0; i < n; i++) {
		for (unsigned state = 0; state < SINK_STATES; state++) {
			sample(out, "sink_state", &v[i].now);
			sbuf_fmt(out, ",state=\"%s\"} %d\n", sink_state_word(state), v[i].now.state == state);
		}
	}
	metrics_family(out, "sink_dropped_records_total", "counter", "Records that the limits of the spool took before they were sent.");
	for (uint32_t i = 0; i < n; i++) {
		for (unsigned s = 0; s < SEV_COUNT; s++) {
			sample(out, "sink_dropped_records_total", &v[i].now);
			sbuf_fmt(out, ",severity=\"%s\"} %" PRIu64 "\n", severity_word(s), v[i].now.dropped[s]);
		}
	}
}
