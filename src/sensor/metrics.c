#include "sensor/metrics.h"

#include "alert/store_live.h"
#include "base/clock.h"
#include "sensor/replace.h"
#include "sensor/sink_status.h"

#include <config.h>
#include <inttypes.h>

#define TEXT_MAX (1u << 20)

void metrics_family(struct sbuf *out, const char *name, const char *type, const char *help)
{
	sbuf_fmt(out, "# HELP zonetap_%s %s\n# TYPE zonetap_%s %s\n", name, help, name, type);
}

/* A label's value, as the text format quotes it. */
static void label(struct sbuf *out, const char *s)
{
	for (; *s; s++) {
		if (*s == '\n')
			sbuf_str(out, "\\n");
		else if (*s == '"' || *s == '\\')
			sbuf_fmt(out, "\\%c", *s);
		else
			sbuf_char(out, *s);
	}
}

static void of_interface(struct sbuf *out, const char *name, const char *interface, const char *more, uint64_t v)
{
	sbuf_fmt(out, "zonetap_%s{interface=\"", name);
	label(out, interface);
	sbuf_fmt(out, "\"%s} %" PRIu64 "\n", more, v);
}

/* One family with a sample of each interface. */
struct counted {
	const char *name, *type, *help;
	uint64_t (*of)(const struct figures *f);
};

static uint64_t packets(const struct figures *f) { return f->packets; }
static uint64_t bytes(const struct figures *f) { return f->bytes; }
static uint64_t is_up(const struct figures *f) { return f->port.state == PORT_UP; }
static uint64_t copies(const struct figures *f) { return f->worker.copies; }
static uint64_t followed(const struct figures *f) { return f->decode.followed; }
static uint64_t findings_lost(const struct figures *f) { return f->findings_lost; }
static uint64_t lost_step(const struct figures *f) { return f->worker.talk.lost_step; }

static const struct counted counted[] = {
	{ "interface_up", "gauge", "Whether the interface is listened to.", is_up },
	{ "packets_total", "counter", "Packets read from the interface.", packets },
	{ "bytes_total", "counter", "Bytes of these packets on the wire.", bytes },
	{ "packet_copies_total", "counter", "Packets that were copies made by the mirror.", copies },
	{ "packets_followed_total", "counter", "Packets that were followed down to their transport.", followed },
	{ "findings_lost_total", "counter", "What was found and could not be recorded.", findings_lost },
	{ "lost_step_total", "counter", "Times that a stream did not follow its protocol.", lost_step },
};

static void traffic(const struct status *s, struct sbuf *out)
{
	for (size_t k = 0; k < sizeof counted / sizeof counted[0]; k++) {
		metrics_family(out, counted[k].name, counted[k].type, counted[k].help);
		for (unsigned i = 0; i < s->config->interface_count; i++)
			of_interface(out, counted[k].name, s->config->interfaces[i].name, "", counted[k].of(&s->now[i]));
	}
}

static void losses(const struct status *s, struct sbuf *out)
{
	metrics_family(out, "packets_lost_total", "counter", "Packets that were not looked at, by where they were lost.");
	for (unsigned i = 0; i < s->config->interface_count; i++) {
		const struct figures *f = &s->now[i];
		const char *name = s->config->interfaces[i].name;

		of_interface(out, "packets_lost_total", name, ",where=\"ring\"", f->ring_full);
		of_interface(out, "packets_lost_total", name, ",where=\"unread\"", f->unread);
		of_interface(out, "packets_lost_total", name, ",where=\"early\"", f->early);
		of_interface(out, "packets_lost_total", name, ",where=\"adapter\"", f->adapter_lost);
		of_interface(out, "packets_lost_total", name, ",where=\"handoff\"", f->handoff_full);
	}
}

static void protocols(const struct status *s, struct sbuf *out)
{
	char more[64];

	metrics_family(out, "messages_total", "counter", "Industrial messages understood.");
	for (unsigned i = 0; i < s->config->interface_count; i++) {
		for (unsigned p = 1; p < PROTO_COUNT; p++) {
			snprintf(more, sizeof more, ",protocol=\"%s\"", ot_proto_word(p));
			of_interface(out, "messages_total", s->config->interfaces[i].name, more, s->now[i].worker.talk.pdus[p]);
		}
	}
}

static void alone(struct sbuf *out, const char *name, const char *type, const char *help, uint64_t v)
{
	metrics_family(out, name, type, help);
	sbuf_fmt(out, "zonetap_%s %" PRIu64 "\n", name, v);
}

static void alerts(const struct status *s, struct sbuf *out)
{
	const struct writer_summary *w = &s->view->summary;

	alone(out, "alerts_total", "counter", "Alerts made since the start.", w->alerts);
	alone(out, "assets", "gauge", "Machines known.", w->assets);
	alone(out, "conversations", "gauge", "Conversations known.", w->conversations);
	alone(out, "learning", "gauge", "Whether the sensor is learning.", s->view->learning);
}

static void database(const struct status *s, struct sbuf *out)
{
	struct store_state d;

	if (!s->store)
		return;
	store_live_state(s->store, &d);
	alone(out, "database_ok", "gauge", "Whether the database takes what is found.", d.health == STORE_OK);
	alone(out, "database_bytes", "gauge", "Size of the database with its log.", d.file_bytes + d.wal_bytes);
	alone(out, "database_queued_rows", "gauge", "Rows that wait to be stored.", d.queued);
	metrics_family(out, "database_lost_alerts_total", "counter", "Alerts that could not be stored.");
	for (unsigned i = 0; i < SEV_COUNT; i++)
		sbuf_fmt(out, "zonetap_database_lost_alerts_total{severity=\"%s\"} %" PRIu64 "\n", severity_word(i), d.lost[i]);
}

void metrics_text(const struct status *s, struct sbuf *out)
{
	metrics_family(out, "build_info", "gauge", "Version of the program; the value is 1.");
	sbuf_fmt(out, "zonetap_build_info{version=\"%s\",sensor=\"", PACKAGE_VERSION);
	label(out, s->config->sensor);
	sbuf_str(out, "\"} 1\n");
	alone(out, "start_time_seconds", "gauge", "When the sensor was started, since 1970.",
	      clock_told(s->started_ns) / 1000000000u);
	alone(out, "policy_load_time_seconds", "gauge", "When site and rules were loaded, since 1970.",
	      clock_told(s->reload->loaded_ns) / 1000000000u);
	traffic(s, out);
	losses(s, out);
	protocols(s, out);
	alerts(s, out);
	database(s, out);
	if (s->sinks)
		sink_status_metrics(s->sinks, s->config->sink_count, out);
}

int metrics_write(const struct status *s, const char *path, struct diag *d)
{
	struct sbuf out;
	int err;

	sbuf_init(&out, TEXT_MAX);
	metrics_text(s, &out);
	err = replace_file(path, sbuf_text(&out), out.len, 0644, d);
	sbuf_fini(&out);
	return err;
}
