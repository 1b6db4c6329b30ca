/* control.h - the Unix socket at which a running sensor is asked, and the asking.
 *
 * A line in, an answer out: any number of lines of text, then a line "status N" (N as an exit status), and the
 * connection is closed. The socket's mode is 0600. The server is one thread (main) that never waits: a client that
 * does not read, or does not ask within CONTROL_PATIENCE_NS, is let go. */
#ifndef ZT_SENSOR_CONTROL_H
#define ZT_SENSOR_CONTROL_H

#include "base/err.h"
#include "base/sbuf.h"

#include <poll.h>
#include <stdbool.h>
#include <stdint.h>

#define CONTROL_CLIENTS 8               /* at a time */
#define CONTROL_LINE 256                /* bytes of a question */
#define CONTROL_ANSWER (4u << 20)       /* bytes of an answer */
#define CONTROL_ANSWER_S 30             /* who asks waits for so long: a large policy takes its time */
#define CONTROL_PATIENCE_NS UINT64_C(10000000000)
#define CONTROL_FDS (CONTROL_CLIENTS + 1)

struct control;

/* ZT_EBUSY: a sensor answers there already. A socket that nobody answers at is replaced. */
int control_open(const char *path, struct control **out, struct diag *d) __attribute__((warn_unused_result));
void control_close(struct control *c);  /* removes the socket; NULL is allowed */

/* What main has to poll for; how many were filled. */
unsigned control_poll(const struct control *c, struct pollfd fds[CONTROL_FDS]);

/* Goes on with every client. `answer` gets a question (without its newline) and writes the answer's lines; what it
 * returns is the status. */
typedef int control_fn(void *arg, const char *question, struct sbuf *answer);
void control_serve(struct control *c, control_fn *answer, void *arg);

/* The other side: asks, and hands the answer's text (without the status line) to fn, line by line without newlines.
 * *status is the sensor's. ZT_ENOENT: nobody listens there. ZT_EBUSY: who does is silent for CONTROL_ANSWER_S. */
int control_ask(const char *path, const char *question, void (*fn)(void *arg, const char *line), void *arg, int *status,
		struct diag *d) __attribute__((warn_unused_result));

#endif
