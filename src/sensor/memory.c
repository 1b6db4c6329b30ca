#include "sensor/memory.h"

#include "alert/store.h"
#include "engine/worker.h"

#include <inttypes.h>
#include <malloc.h>
#include <stdio.h>
#include <string.h>
#include <sys/sysinfo.h>
#include <unistd.h>

/* Bytes in use: the address space, in which of malloc()'s heap only counts what is handed out. 0 when /proc does
 * not tell. */
static uint64_t in_use(void)
{
	struct mallinfo2 heap = mallinfo2();
	FILE *f = fopen("/proc/self/statm", "re");
	uint64_t pages = 0;

	if (f) {
		if (fscanf(f, "%" SCNu64, &pages) != 1)
			pages = 0;
		fclose(f);
	}
	return pages * (uint64_t)sysconf(_SC_PAGESIZE) - heap.arena + heap.uordblks;
}

static uint64_t more_than(uint64_t now, uint64_t before)
{
	return now > before ? now - before : 0;
}

static bool weigh_worker(const struct policy *policy, uint32_t flows, uint64_t *bytes)
{
	const struct worker_hooks hooks = { 0 };        /* it gets no packet, so it has nothing to tell */
	const struct worker_config config = { .policy = policy, .flows = flows };
	uint64_t before = in_use();
	struct worker *w = worker_new(&config, &hooks);

	*bytes = more_than(in_use(), before);
	worker_free(w);
	return w != NULL;
}

static bool weigh_writer(const struct policy *policy, struct store *store, const struct writer_limits *limits, uint64_t *bytes)
{
	uint64_t before = in_use();
	struct diag d;
	struct writer *w = writer_new(policy, store, limits, &d);

	*bytes = more_than(in_use(), before);
	writer_free(w);
	return w != NULL;
}

/* Each table of the writer by itself: the writer with it, less the writer with the smallest of everything. */
static bool weigh_tables(const struct sensor_config *c, const struct policy *policy, struct store *store, struct memory *m)
{
	static const struct writer_limits least = { 1, 1, 1, 1, 1, 1, 1 };
	const struct { size_t at; uint64_t *to; } tables[] = {
		{ offsetof(struct writer_limits, assets), &m->assets },
		{ offsetof(struct writer_limits, conversations), &m->conversations },
		{ offsetof(struct writer_limits, pairs), &m->pairs },
		{ offsetof(struct writer_limits, alerts), &m->alerts },
		{ offsetof(struct writer_limits, waiting), &m->waiting },
		{ offsetof(struct writer_limits, thresholds), &m->thresholds },
	};
	uint64_t empty, with;

	if (!weigh_writer(policy, store, &c->limits, &m->writer) || !weigh_writer(policy, store, &least, &empty))
		return false;
	for (size_t i = 0; i < sizeof tables / sizeof tables[0]; i++) {
		struct writer_limits one = least;

		memcpy((char *)&one + tables[i].at, (const char *)&c->limits + tables[i].at, sizeof(uint32_t));
		if (!weigh_writer(policy, store, &one, &with))
			return false;
		*tables[i].to = more_than(with, empty);
	}
	return true;
}

int memory_weigh(const struct sensor_config *c, const struct policy *policy, struct memory *out, struct diag *d)
{
	struct store *store = store_open(NULL, STORE_RUN, d);
	uint64_t small = 0;
	struct sysinfo info;
	bool fits;

	memset(out, 0, sizeof *out);
	if (!store)
		return ZT_EIO;
	fits = weigh_worker(policy, c->flows, &out->worker) && weigh_worker(policy, 1, &small) &&
	       weigh_tables(c, policy, store, out);
	store_close(store);
	if (!fits)
		return diag_fail(d, ZT_ENOMEM, "this machine has not the memory that 'limits' asks for");
	out->flows = more_than(out->worker, small);
	for (uint32_t i = 0; i < c->interface_count; i++) {
		out->rings += c->interfaces[i].ring * c->interfaces[i].workers;
		out->workers += c->interfaces[i].workers;
	}
	out->queue = c->database.queue;
	out->all = out->rings + out->workers * out->worker + out->writer + out->queue;
	if (sysinfo(&info) == 0)
		out->machine = (uint64_t)info.totalram * info.mem_unit;
	return ZT_OK;
}
