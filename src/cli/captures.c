#include "cli/captures.h"

#include "base/sbuf.h"
#include "cli/progress.h"

#include <stdio.h>
#include <string.h>

static bool show(void *arg, uint64_t done, uint64_t total, uint64_t packets)
{
	struct progress *p = arg;

	(void)packets;
	p->total = total;
	progress_at(p, done, NULL);
	return true;
}

int captures_run(struct run_config *conf, const struct worker_hooks *hooks, const char *what, struct run_result *out,
		 struct diag *d)
{
	struct progress p;
	int err;

	progress_start(&p, what, 0);
	conf->progress = show;
	conf->arg = &p;
	err = run_captures(conf, hooks, out, d);
	progress_end(&p);
	return err;
}

uint32_t captures_report(struct run_result *r)
{
	uint32_t n = source_captures(r->source), bad = 0;
	struct sbuf name;

	sbuf_init(&name, 8192);
	for (uint32_t i = 0; i < n; i++) {
		const struct capture_info *c = source_capture(r->source, i);

		if (c->status == CAPTURE_OK)
			continue;
		bad++;
		sbuf_reset(&name);
		sbuf_escape(&name, c->name, strlen(c->name));
		fprintf(stderr, "zonetap: %s: %s\n", sbuf_text(&name), c->reason);
	}
	sbuf_fini(&name);
	source_close(r->source);
	r->source = NULL;
	return bad;
}

void captures_say(void *arg, const char *line)
{
	struct sbuf safe;

	sbuf_init(&safe, 4096);
	sbuf_escape(&safe, line, strlen(line));
	fprintf(stderr, "zonetap: %s: %s\n", (const char *)arg, sbuf_text(&safe));
	sbuf_fini(&safe);
}
