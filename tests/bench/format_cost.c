/* format_cost.c - how many records a second become lines of each format: `format_cost COUNT <ALERTS`.
 *
 * ALERTS are JSON lines as `zonetap replay --format jsonl` prints them; they are read and written again and again until
 * COUNT of them are through, once for each format. What is measured is the processor's time of reading an alert's JSON
 * into a record and of writing it, together, as a sink does it; `read` is the reading alone. */
#include "forward/format.h"
#include "tests/bench/alerts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* One format, or the reading alone. false: an alert could not be read or written. */
static bool through(unsigned long count, int f, size_t *bytes)
{
	static const struct format_env e = { .hostname = "ot-sensor-1", .sensor = "s", .facility = 16, .enterprise = 32473 };
	struct sbuf out;
	bool good = true;

	*bytes = 0;
	sbuf_init(&out, 1u << 22);
	for (unsigned long i = 0; i < count && good; i++) {
		unsigned k = (unsigned)(i % lines);
		struct record r;

		if (record_read(&r, (int64_t)i + 1, 0, line[k], length[k], NULL) != 0) {
			good = false;
			break;
		}
		sbuf_reset(&out);
		good = f < 0 || format_record((enum sink_format)f, &r, &e, &out);
		*bytes += f < 0 ? length[k] : out.len;
		record_fini(&r);
	}
	sbuf_fini(&out);
	return good;
}

int main(int argc, char **argv)
{
	static const char *const names[] = { "read", "rfc5424", "cef", "leef", "ecs", "ocsf", "json" };
	unsigned long count = argc == 2 ? strtoul(argv[1], NULL, 10) : 0;

	load();
	if (count == 0 || lines == 0) {
		fprintf(stderr, "usage: format_cost COUNT <ALERTS\n");
		return 2;
	}
	printf("%lu records, of %u alerts\n", count, lines);
	for (int f = -1; f < FORMATS; f++) {
		double best = 0;
		size_t bytes = 0;

		for (unsigned times = 0; times < 3; times++) {
			double from = cpu(), took;

			if (!through(count, f, &bytes)) {
				fprintf(stderr, "%s: an alert cannot be made into a record\n", names[f + 1]);
				return 1;
			}
			took = cpu() - from;
			best = times == 0 || took < best ? took : best;
		}
		printf("%-8s %8.0f records a second, %5.0f bytes each\n", names[f + 1], (double)count / best,
		       (double)bytes / (double)count);
	}
	unload();
	return 0;
}
