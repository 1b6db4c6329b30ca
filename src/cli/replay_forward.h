/* replay_forward.h - `zonetap replay --forward`: the sinks of a configuration get what a run stores. Main thread. */
#ifndef ZT_CLI_REPLAY_FORWARD_H
#define ZT_CLI_REPLAY_FORWARD_H

#include <stdbool.h>
#include <stdint.h>

struct replay_forward;

/* Before the run is stored and after its database was made: what is stored from now on is theirs. EXIT_DONE, or what to
 * leave with after everything was said on standard error. give_up_s: how long a receiver may take nothing. */
int replay_forward_start(const char *config, const char *database, uint64_t give_up_s, struct replay_forward **out);
/* Until everything is delivered or nothing goes on. say: what became of each sink on standard output. EXIT_DONE, or
 * EXIT_OPERATION after a line for each sink that something is left for. */
int replay_forward_finish(struct replay_forward *f, bool say);
void replay_forward_free(struct replay_forward *f);     /* NULL is allowed */

#endif
