/* captures.h - what every command that reads captures does alike: the progress bar, and one line for
 * each capture that could not be read whole. Main thread. */
#ifndef ZT_CLI_CAPTURES_H
#define ZT_CLI_CAPTURES_H

#include "engine/run.h"

/* run_captures() with a progress bar called `what`; conf->progress is set here. */
int captures_run(struct run_config *conf, const struct worker_hooks *hooks, const char *what, struct run_result *out,
		 struct diag *d);

/* Says on standard error what is wrong with which capture, closes the source; how many were not whole. */
uint32_t captures_report(struct run_result *r);

/* One line on standard error: "zonetap: COMMAND: line". arg: the command's name, a text. */
void captures_say(void *arg, const char *line);

#endif
