/* fuzz_capture.c - a whole capture file, from its magic to its events. */
#include <config.h>

#include "capture/source.h"
#include "engine/worker.h"
#include "net/decode.h"

#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#define PACKETS_MAX 20000       /* of one input */

static void on_event(void *arg, const struct ot_event *ev)
{
	(void)arg, (void)ev;
}

static void on_flow(void *arg, const struct ot_head *first, const struct flow_facts *facts)
{
	(void)arg, (void)first, (void)facts;
}

static void on_count(void *arg, const struct ot_event *like, uint64_t n, uint64_t first_ns, uint64_t last_ns)
{
	(void)arg, (void)like, (void)n, (void)first_ns, (void)last_ns;
}

static void on_no_answer(void *arg, uint64_t req_seq, uint16_t capture, uint32_t frame, uint16_t pdu, uint64_t now_ns,
			 bool other_side_seen)
{
	(void)arg, (void)req_seq, (void)capture, (void)frame, (void)pdu, (void)now_ns, (void)other_side_seen;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct worker_hooks hooks = { .event = on_event, .flow = on_flow, .count = on_count,
						   .no_answer = on_no_answer };
	static const struct worker_config conf = { .every_event = true, .flows = 256 };
	const struct source_options options = { .hash = true, .link_known = decode_link_known };
	static struct worker *worker;
	static struct decoder *decoder;
	struct source *source = NULL;
	struct packet p = { 0 };
	uint64_t now_ns = 0;
	int fd = memfd_create("input", 0);

	if (!worker)
		worker = worker_new(&conf, &hooks);
	if (!decoder)
		decoder = decoder_new(16);
	if (fd < 0 || !worker || !decoder || write(fd, data, size) != (ssize_t)size || lseek(fd, 0, SEEK_SET) != 0)
		abort();
	if (source_open_fd(fd, "input", &options, &source, NULL) != ZT_OK)
		return 0;
	for (unsigned n = 0; n < PACKETS_MAX && source_next(source, &p) == 1; n++) {
		now_ns = p.ts_ns;
		if (packet_decode(decoder, &p))
			worker_packet(worker, &p);
	}
	worker_finish(worker, now_ns);
	source_close(source);
	return 0;
}
