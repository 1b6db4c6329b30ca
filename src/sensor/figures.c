#include "sensor/figures.h"

#include "base/clock.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* "Packets that the adapter or the kernel had no room for": rx_dropped counts other things as well (packets that no
 * protocol wanted), so it is left out. */
static const char *const lost_files[] = { "rx_missed_errors", "rx_fifo_errors", "rx_over_errors", NULL };

static bool read_count(const char *interface, const char *file, uint64_t *out)
{
	char path[128];
	FILE *f;
	bool ok;

	snprintf(path, sizeof path, "/sys/class/net/%s/statistics/%s", interface, file);
	f = fopen(path, "re");
	if (!f)
		return false;
	ok = fscanf(f, "%" SCNu64, out) == 1;
	fclose(f);
	return ok;
}

/* An interface that comes back counts from zero again. */
static uint64_t adapter_lost(const char *interface, struct figures_adapter *a)
{
	uint64_t sum = 0, one;
	bool any = false;

	for (const char *const *f = lost_files; *f; f++) {
		if (read_count(interface, *f, &one)) {
			sum += one;
			any = true;
		}
	}
	if (any && (!a->known || sum < a->base))
		a->base = a->known ? 0 : sum;
	if (any) {
		a->known = true;
		a->lost += sum - a->base;
		a->base = sum;
	}
	return a->lost;
}

static void add_decode(struct decode_stats *to, const struct decode_stats *more)
{
	uint64_t a[sizeof *to / sizeof(uint64_t)], b[sizeof *to / sizeof(uint64_t)];

	memcpy(a, to, sizeof a);
	memcpy(b, more, sizeof b);
	for (size_t i = 0; i < sizeof a / sizeof a[0]; i++)
		a[i] += b[i];
	memcpy(to, a, sizeof a);
}

static void add_listener(struct figures *f, const struct listener_counts *n)
{
	f->packets += n->packets;
	if (n->now_ns && n->now_ns < f->oldest_ns)
		f->oldest_ns = n->now_ns;
	f->bytes += n->bytes;
	f->received += n->received;
	f->ring_full += n->ring_full;
	f->early += n->early;
	f->unread += n->unread;
	f->handoff_full += n->handoff_full;
	f->alerts_lost += n->heavy_dropped;
	for (unsigned k = 0; k <= FINDING_END; k++)
		f->findings_lost += k == FINDING_MARK ? 0 : n->dropped[k];
	add_decode(&f->decode, &n->decode);
	worker_counts_add(&f->worker, &n->worker);
	talkers_merge(&f->talkers, &n->talkers);
}

void figures_take(const struct crew *c, unsigned interface, struct figures_adapter *adapter, struct figures *out)
{
	unsigned n;
	struct listener **v = crew_listeners(c, interface, &n);
	static struct listener_counts counts;

	memset(out, 0, sizeof *out);
	out->at_ns = out->oldest_ns = clock_now();
	for (unsigned i = 0; i < n; i++) {
		listener_counts(v[i], &counts);
		add_listener(out, &counts);
	}
	for (unsigned p = 0; p < PROTO_COUNT; p++) {
		out->pdus += out->worker.talk.pdus[p];
		out->events += out->worker.talk.events[p];
	}
	talkers_sort(&out->talkers);
	port_view(&c->ports[interface], &out->port);
	out->adapter_lost = adapter_lost(c->config->interfaces[interface].name, adapter);
}

uint64_t figures_lost(const struct figures *f)
{
	return f->ring_full + f->unread + f->handoff_full + f->adapter_lost;
}
